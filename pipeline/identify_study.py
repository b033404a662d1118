"""Received form -> whether it is of this campaign at all: what its head says is studied, held against the plan."""

from __future__ import annotations

from functools import lru_cache

from schemas.campaign import Campaign
from schemas.records import Note, TypedTally
from schemas.studies import differ, studied
from schemas.vietnamese import repair


def doubt_study(tally: TypedTally, campaign: Campaign) -> list[Note]:
    """Doubt a form whose head names another resolution than the plan: it may be the form of an earlier campaign."""
    if not tally.studied or not _is_other(tally.studied, f"{campaign.title}; {campaign.resolution}; {campaign.plan}"):
        return []
    detail = (("limit", campaign.resolution),)
    return [Note("other_resolution", "", tally.sheet, tally.studied_cell, tally.studied, detail, tally.row)]


@lru_cache(maxsize=1 << 10)
def _is_other(written: str, planned: str) -> bool:
    one, other = studied(written), studied(repair(planned)[0])
    return one is not None and other is not None and differ(one, other)
