"""Kinds of arguments: what a text on the command line stands for, or a line that says what is wrong with it."""

from __future__ import annotations

from argparse import ArgumentTypeError
from datetime import datetime
from pathlib import Path

from schemas.faults import did_you_mean


def campaign_folder(text: str) -> Path:
    """Return the folder of a campaign."""
    path = Path(text)
    if not path.is_dir():
        beside = (plan.parent.name for plan in path.parent.glob("*/campaign.toml"))
        near = did_you_mean(path.name, beside, "en")
        raise ArgumentTypeError(f"{text}: no such folder; expected a campaign's folder, with campaign.toml in it{near}")
    return path


def output_folder(text: str) -> Path:
    """Return a folder to write into, which need not be there yet."""
    path = Path(text)
    there = next(place for place in (path, *path.absolute().parents) if place.exists())
    if not there.is_dir():
        raise ArgumentTypeError(f"{text}: {there} is a file; expected a folder, or a name not taken yet")
    return path


def file_there(text: str) -> Path:
    """Return a file, or a folder of files, that is there."""
    path = Path(text)
    if not path.exists():
        raise ArgumentTypeError(f"{text}: no such file")
    return path


def moment(text: str) -> datetime:
    """Return a moment; without a zone it is Vietnam's."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"{text}: expected a moment such as 2021-05-10T08:00") from None
    from schemas.campaign import VIETNAM  # pydantic loads long, and an unchanged campaign is told without it

    return found if found.tzinfo else found.replace(tzinfo=VIETNAM)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text}: expected a whole number from 1")
    return int(text)
