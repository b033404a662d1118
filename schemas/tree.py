"""The tree that the registry's units make: who stands below whom, what makes it no tree, its reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from rapidfuzz import process
from rapidfuzz.distance import OSA

from .faults import FaultList
from .units import UnitRows, code_key
from .vietnamese import sort_key
from .words import word

NO_PARENT = -1
UNKNOWN_PARENT = -2
_SUGGESTED = 50  # each suggestion looks through every code; past so many a person sees the pattern


@dataclass(frozen=True)
class Links:
    """Who stands below whom, by position in the file's rows.

    Attributes:
        parents: position of each unit's parent; NO_PARENT where none is given, UNKNOWN_PARENT where it is not there.
        firsts: position at which each unit's code first stands; another than its own is a duplicate.
    """

    parents: list[int]
    firsts: list[int]


def link(rows: UnitRows) -> Links:
    """Find each unit's parent by its code, whatever its case, spaces and dashes."""
    keys = [code_key(code) for code in rows.texts("unit_code")]
    first: dict[str, int] = {}
    for position, key in enumerate(keys):
        first.setdefault(key, position)
    first.pop("", None)
    by_code = {"": NO_PARENT}
    for code in set(rows.texts("parent_code")) - {""}:
        by_code[code] = first.get(code_key(code), UNKNOWN_PARENT)
    parents = [by_code[code] for code in rows.texts("parent_code")]
    return Links(parents, [first.get(key, position) for position, key in enumerate(keys)])


def check_tree(rows: UnitRows, links: Links, levels: Sequence[str], faults: FaultList) -> None:
    """Add every fault of the units together: duplicates, orphans, cycles, tops, levels out of order."""
    _check_codes(rows, links, faults)
    _check_parents(rows, links, faults)
    _check_tops(rows, links, levels, faults)
    _check_levels(rows, links, levels, faults)
    _check_cycles(rows, links, faults)


def _add(faults: FaultList, rows: UnitRows, kind: str, position: int, column: str, **values: object) -> None:
    line, cell = rows.place(int(rows.frame.index[position]), column)
    found = values.pop("found", rows.frame.at[line, column])
    faults.add(kind, line=line, cell=cell, key=column, found=found, **values)


def _where(faults: FaultList, rows: UnitRows, position: int, column: str) -> str:
    line, cell = rows.place(int(rows.frame.index[position]), column)
    return word("place_cell", faults.language, cell=cell) if cell else word("place_line", faults.language, line=line)


def _check_codes(rows: UnitRows, links: Links, faults: FaultList) -> None:
    codes = rows.texts("unit_code")
    for position, first in enumerate(links.firsts):
        if position != first:
            other = codes[first]
            where = _where(faults, rows, first, "unit_code")
            _add(faults, rows, "unit_code_twice", position, "unit_code", other=other, where=where)


def _check_parents(rows: UnitRows, links: Links, faults: FaultList) -> None:
    codes, wanted_codes = rows.texts("unit_code"), rows.texts("parent_code")
    keys = [code_key(code) for code in codes]
    near: dict[str, str] = {}
    for position, parent in enumerate(links.parents):
        if parent != UNKNOWN_PARENT:
            continue
        wanted = wanted_codes[position]
        if wanted not in near and len(near) < _SUGGESTED:
            best = process.extractOne(code_key(wanted), keys, scorer=OSA.normalized_similarity, score_cutoff=0.66)
            near[wanted] = word("did_you_mean", faults.language, name=codes[best[2]]) if best else ""
        _add(faults, rows, "parent_unknown", position, "parent_code", near=near.get(wanted, ""))


def _check_tops(rows: UnitRows, links: Links, levels: Sequence[str], faults: FaultList) -> None:
    tops = [position for position, parent in enumerate(links.parents) if parent == NO_PARENT]
    if not tops:
        faults.add("top_none", key="parent_code", level=levels[0])
        return
    codes, unit_levels = rows.texts("unit_code"), rows.texts("level")
    top = next((position for position in tops if unit_levels[position] == levels[0]), tops[0])
    for position in tops:
        if position != top:
            where = _where(faults, rows, top, "parent_code")
            _add(faults, rows, "top_twice", position, "parent_code", top=codes[top], where=where)
    if unit_levels[top] in levels[1:]:
        _add(faults, rows, "top_level", top, "level", level=levels[0])


def _check_levels(rows: UnitRows, links: Links, levels: Sequence[str], faults: FaultList) -> None:
    rank = {level: position for position, level in enumerate(levels)}
    codes, unit_levels = rows.texts("unit_code"), rows.texts("level")
    ranks = [rank.get(level, -1) for level in unit_levels]
    for position, parent in enumerate(links.parents):
        if parent < 0 or parent == position or min(ranks[position], ranks[parent]) < 0:
            continue
        if ranks[position] <= ranks[parent]:
            above, below = unit_levels[parent], ", ".join(levels[ranks[parent] + 1 :]) or "–"
            _add(
                faults, rows, "level_not_below", position, "level",
                parent=codes[parent], parent_level=above, below=below,
            )  # fmt: skip


def _check_cycles(rows: UnitRows, links: Links, faults: FaultList) -> None:
    codes = rows.texts("unit_code")
    for cycle in cycles(links.parents):
        start = cycle.index(min(cycle))
        names = [codes[position] for position in (*cycle[start:], *cycle[: start + 1])]
        _add(faults, rows, "cycle", min(cycle), "parent_code", cycle=" → ".join(names))


def cycles(parents: Sequence[int]) -> list[list[int]]:
    """Return every ring of units each of which stands below the next, as positions."""
    seen = [0] * len(parents)  # the walk on which a unit was first met
    rings: list[list[int]] = []
    for walk, start in enumerate(range(len(parents)), start=1):
        position, steps = start, []
        while position >= 0 and not seen[position]:
            seen[position] = walk
            steps.append(position)
            position = parents[position]
        if position >= 0 and seen[position] == walk:
            rings.append(steps[steps.index(position) :])
    return rings


def in_reading_order(units: pd.DataFrame, links: Links) -> pd.DataFrame:
    """Return the typed units of a faultless tree, parents before children, siblings as Vietnamese sorts their names.

    Units of one name follow their codes. Columns depth (0 at the top) and path (names from the top, joined by
    " / ") are added; parent_code becomes the parent's code as the parent itself writes it.
    """
    names, codes = units["unit_name"].tolist(), units["unit_code"].tolist()
    keys: dict[str, str] = {name: sort_key(name) for name in set(names)}
    below: dict[int, list[int]] = {}
    for position in sorted(range(len(names)), key=lambda at: (keys[names[at]], codes[at]), reverse=True):
        below.setdefault(links.parents[position], []).append(position)
    order: list[int] = []
    depths, paths = [0] * len(names), list(names)
    waiting = below[NO_PARENT][:]
    while waiting:
        position = waiting.pop()
        order.append(position)
        for child in below.get(position, ()):
            depths[child] = depths[position] + 1
            paths[child] = f"{paths[position]} / {names[child]}"
            waiting.append(child)
    parents = [codes[parent] if parent >= 0 else "" for parent in links.parents]
    return units.assign(parent_code=parents, depth=depths, path=paths).iloc[order]
