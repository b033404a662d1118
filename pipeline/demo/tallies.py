"""Made-up figures of one unit: such as a campaign's rules find nothing wrong with, and ways of spoiling them."""

from __future__ import annotations

import random
from datetime import date, timedelta
from typing import Final

from schemas.campaign import Campaign

from .names import free_text

Tally = dict[str, object]

_OFFICES: Final = ("Trường", "Công an", "Quân sự", "Trạm", "Phòng", "Sở", "Ban ", "Văn phòng", "Khoa")
_GRADE_WEIGHTS: Final = (5, 4, 2, 0)

# How a sender gets it wrong, and how often against the others. The first ones are read right, with a note;
# those from "below" on are queried; those from "blank" on are rejected.
SPOILERS: Final = {
    "persons": 4, "leading_zero": 2, "word_zero": 3, "full_width": 1,
    "below": 4, "exempt_wrote": 2, "far_from_register": 2, "no_assessment": 3, "late_study": 1, "guests_wrote": 1,
    "blank": 4, "over": 5, "negative": 1, "fraction": 1, "unclear": 2,
}  # fmt: skip


def draw_tally(rng: random.Random, campaign: Campaign, *, name: str, level: str, members: int, sent: date) -> Tally:
    """Return figures that the campaign's rules find nothing wrong with.

    Args:
        rng: decides.
        campaign: what is asked for.
        name: the unit's; an office has fewer retired members than a hamlet.
        level: the unit's, for its study deadline and the documents it owes.
        members: on the register; the figure reported differs from it by little.
        sent: the day the report is sent.
    """
    total = max(3, members + rng.choice((0, 0, 0, 0, -1, 1, 1, 2)) if members > 10 else members)
    tally: Tally = {"members": total}
    exempt = _exempt(rng, campaign, total, is_office=any(word in name for word in _OFFICES))
    writers = total - sum(exempt.values()) if campaign.rules.required_writers == "members_less_exempt" else total
    absent = rng.choice((0, 0, 0, 1, 1, 2)) if total > 12 else rng.choice((0, 0, 1))
    if campaign.items.reflections != "no":
        tally["reflections"] = writers
        absent = min(absent, total - writers)
        tally["guest_reflections"] = 0
    else:
        absent += total // 25
    tally["attendees"] = total - absent
    if campaign.items.exemptions != "no":
        tally["exemptions"] = sum(exempt.values())
        tally |= exempt
    tally["guests"] = rng.choice((0, 0, 2, 3, 5, 6, 8, 10, 12)) + total // 40
    _grade(rng, campaign, tally)
    _describe(rng, campaign, tally, level, sent)
    asked = {*campaign.count_fields, *campaign.document_fields, *campaign.text_fields, "study_date"}
    return {field: value for field, value in tally.items() if field in asked}


def _exempt(rng: random.Random, campaign: Campaign, total: int, *, is_office: bool) -> dict[str, int]:
    shares = {"exempt_activity": 0.05, "exempt_work": 0.04, "exempt_retired": 0.02 if is_office else 0.14}
    exempt: dict[str, int] = {}
    for category in campaign.exemption_categories:
        most = total * shares[category] * 1.8
        exempt[category] = min(int(rng.uniform(0, most + 0.9)), max(0, total - 2 - sum(exempt.values())))
    return exempt


def _grade(rng: random.Random, campaign: Campaign, tally: Tally) -> None:
    left = tally.get("reflections", tally["attendees"])
    assert isinstance(left, int)
    for grade, weight in zip(campaign.grades[1:], _GRADE_WEIGHTS[1:], strict=False):
        share = int(left * weight / 12 * rng.random())
        tally[grade.field] = share
        left -= share
    if campaign.grades:
        tally[campaign.grades[0].field] = left


def _describe(rng: random.Random, campaign: Campaign, tally: Tally, level: str, sent: date) -> None:
    """Add the study day, the texts and the documents."""
    deadline = campaign.study_deadline(level)
    studied = sent - timedelta(days=rng.randint(1, 12))
    tally["study_date"] = min(studied, deadline.last_day()) if deadline else studied
    tally["assessment"] = free_text(rng, "assessment")
    tally["proposals"] = free_text(rng, "proposals") if rng.random() < 0.8 else None
    for document in campaign.documents:
        if level in document.levels:
            tally[document.field] = True


def spoil(rng: random.Random, tally: Tally, how: str) -> Tally:
    """Return the figures with one of SPOILERS; unchanged where the campaign does not ask for what would be spoilt."""
    members = tally["members"]
    assert isinstance(members, int)
    spoilt: dict[str, Tally] = {
        "persons": {"members": f"{members} đ/c", "attendees": f"{tally['attendees']} đồng chí"},
        "leading_zero": {"members": f"0{members}"},
        "word_zero": {"exempt_work": "không", "guests": "không"}
        if not tally.get("exempt_work")
        else {"guests": "không"},
        "full_width": {"members": "".join(chr(0xFF10 + int(digit)) for digit in str(members))},
        "below": {"reflections": max(0, members - _int(tally, "exemptions") - rng.randint(1, 4))},
        "exempt_wrote": {"reflections": members, "attendees": members, "exemptions": max(1, _int(tally, "exemptions"))},
        "far_from_register": {"members": members * 2},
        "no_assessment": {"assessment": None},
        "late_study": {"study_date": date(2031, 1, 15)},
        "guests_wrote": {"guest_reflections": rng.randint(1, 4)},
        "blank": {rng.choice(("members", "attendees", "reflections", "exemptions")): None},
        "over": {"attendees": members + rng.randint(1, 9)},
        "negative": {"attendees": -members},
        "fraction": {"attendees": f"{members - 1},5"},
        "unclear": {"attendees": rng.choice(("đủ", "100%", f"{members - 1} hoặc {members}", "vắng 2 đ/c"))},
    }
    return tally | {field: value for field, value in spoilt[how].items() if field in tally}


def _int(tally: Tally, field: str) -> int:
    value = tally.get(field)
    return value if isinstance(value, int) else 0
