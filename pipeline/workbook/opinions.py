"""What units say in words: each text, and each proposal in it, beside all others that say the same."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from schemas.likeness import leaders, points
from schemas.result import Result

from .cells import texts_of

ITEMS = {"assessment": "assessment", "proposal": "proposals", "proposals": "proposals"}  # in texts.csv -> the catalogue


class Said(NamedTuple):
    """One text of a unit, or one point of it; `leader` is the text that stands for all that say the same."""

    unit: str
    round: str
    item: str
    text: str
    leader: str


@dataclass(frozen=True)
class Opinions:
    """Everything said: `texts` are the rows of texts.csv in its order, `proposals` the single points proposed."""

    texts: tuple[Said, ...]
    proposals: tuple[Said, ...]


class Group(NamedTuple):
    """Who says the same: the text that stands for all, the units and the rounds in which they say it."""

    leader: str
    units: tuple[str, ...]
    rounds: tuple[str, ...]


def opinions_of(result: Result) -> Opinions:
    """Return all that was said, each text with the one that leads its group; an item's texts are compared apart."""
    names = ("unit_code", "round", "item", "text")
    rows = zip(*(texts_of(result.texts[name]) for name in names), strict=True)
    said = _led([Said(unit, round_, ITEMS.get(item, item), text, "") for unit, round_, item, text in rows])
    proposals = [row for row in said if row.item == "proposals"]
    parted = {text: points(text) for text in {row.text for row in proposals}}
    proposed = [Said(*row[:3], point, "") for row in proposals for point in parted[row.text]]
    return Opinions(said, _led(proposed))


def _led(rows: Sequence[Said]) -> tuple[Said, ...]:
    of_item: dict[str, list[str]] = {}
    for row in rows:
        of_item.setdefault(row.item, []).append(row.text)
    found = {item: dict(zip(texts, leaders(texts), strict=True)) for item, texts in of_item.items()}
    return tuple(Said(*row[:4], found[row.item][row.text]) for row in rows)


def copied(opinions: Opinions) -> dict[tuple[str, str], tuple[int, int]]:
    """Return for each text that several units sent its group's number, from 1 on, and how many units sent it.

    Texts are named by (item, leader); the group of most units is the first.
    """
    units: dict[tuple[str, str], set[str]] = {}
    for row in opinions.texts:
        units.setdefault((row.item, row.leader), set()).add(row.unit)
    several = sorted(((key, len(of)) for key, of in units.items() if len(of) > 1), key=lambda pair: -pair[1])
    return {key: (number, count) for number, (key, count) in enumerate(several, 1)}


def groups(said: Iterable[Said]) -> list[Group]:
    """Return the groups of texts that say the same: those of most units first, then in the order of their texts."""
    units: dict[str, dict[str, None]] = {}
    rounds: dict[str, dict[str, None]] = {}
    for row in said:
        units.setdefault(row.leader, {})[row.unit] = None
        rounds.setdefault(row.leader, {})[row.round] = None
    found = [Group(leader, tuple(of), tuple(rounds[leader])) for leader, of in units.items()]
    return sorted(found, key=lambda group: -len(group.units))
