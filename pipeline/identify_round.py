"""Received form -> round: as it names it, else by the day on which it came; of a campaign with one round, that."""

from __future__ import annotations

import re
from datetime import datetime
from functools import lru_cache
from typing import Final

from schemas.campaign import Campaign
from schemas.organisations import org_key
from schemas.records import Note, TypedTally
from schemas.vietnamese import number_from_words

_ROMAN: Final = {"I": "1", "II": "2", "III": "3", "IV": "4", "V": "5", "VI": "6"}
_ROUND_WORDS = re.compile(r"^(?:đợt|round)\s*(?:báo cáo\s*)?(?:thứ|số)?\s*|\([^()]*\)$", re.IGNORECASE)


def round_of(tally: TypedTally, received_at: datetime, campaign: Campaign) -> tuple[str, bool, list[Note]]:
    """Return (round, whether it was assumed, notes)."""
    if tally.round_text:
        found = _named_round(tally.round_text, tuple((known.id, known.name) for known in campaign.rounds))
        if found:
            return found, False, []
        known = ", ".join(r.id for r in campaign.rounds)
        note = Note(
            "round_unknown", "round", tally.sheet, tally.round_cell, tally.round_text, (("known", known),), tally.row
        )
        return "", False, [note]
    if len(campaign.rounds) == 1:
        return campaign.rounds[0].id, False, []
    open_rounds = [r for r in campaign.rounds if not r.is_late(received_at)]
    return (open_rounds[0] if open_rounds else campaign.rounds[-1]).id, True, []


@lru_cache(maxsize=1 << 10)
def _named_round(text: str, rounds: tuple[tuple[str, str], ...]) -> str:
    bare = _ROUND_WORDS.sub("", text.strip()).strip(" .:()").upper()
    said = {bare, _ROMAN.get(bare, bare).lstrip("0"), str(number_from_words(bare) or "")} - {""}
    for id_, name in rounds:
        if {id_.upper(), id_.upper().lstrip("0")} & said or org_key(text) == org_key(name):
            return id_
    return ""
