"""What a form asks for: the items of a campaign in the order and with the numbers of plan 004's form."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from schemas.campaign import Campaign
from schemas.words import WORDS, word

COUNTS: Final = ("members", "attendees", "guests", "reflections", "guest_reflections", "exemptions")
TEXTS: Final = frozenset({"assessment", "proposals"})


@dataclass(frozen=True, slots=True)
class Item:
    """One row of the form: the field it asks for, its label as printed, and whether it belongs to the item above."""

    field: str
    label: str
    is_part: bool = False


def form_items(campaign: Campaign, level: str = "") -> tuple[Item, ...]:
    """Return the items that a unit of a level is asked for, in the order and with the numbers of the form.

    Args:
        campaign: the plan; an item that is not asked for has no row.
        level: of the unit, for the plan documents it owes; the lowest level unless given.
    """
    numbered: list[Item] = []
    number = 0
    for field, is_part in asked(campaign, level or campaign.tree.levels[-1]):
        number += not is_part
        label = label_of(campaign, field, "form")
        numbered.append(Item(field, f"- {label}" if is_part else f"{number}. {label}", is_part))
    return tuple(numbered)


def asked(campaign: Campaign, *levels: str) -> Iterator[tuple[str, bool]]:
    """Yield (field, whether it is a part of the item above) of what units of some levels are asked for."""
    counts = campaign.count_fields
    for field in COUNTS:
        if field in counts:
            yield field, field in ("guests", "guest_reflections")
        # the grades are of the reflections; where there are none, of the study
        if field == ("reflections" if "reflections" in counts else "attendees"):
            yield from ((grade.field, True) for grade in campaign.grades)
        if field == "exemptions" and field in counts:
            yield from ((category, True) for category in campaign.exemption_categories)
    yield from ((field, False) for field in campaign.text_fields)
    yield from ((document.field, False) for document in campaign.documents if set(levels) & set(document.levels))


def label_of(campaign: Campaign, field: str, layout: str) -> str:
    """Return the label of a field on a "form" or a "list", without a number."""
    names = {grade.field: grade.name for grade in campaign.grades}
    names |= {document.field: document.name for document in campaign.documents}
    if field in names:
        return names[field]
    return word(next(key for key in (f"{layout}_{field}", field) if key in WORDS), "vi")


def is_limited(campaign: Campaign, field: str) -> bool:
    """Whether a count is of members, and so at most their number."""
    return field in ("attendees", "reflections", "exemptions") or field in campaign.exemption_categories
