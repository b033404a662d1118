"""A file's placed tallies -> the same, its lists' sums settled: whose they are, and what the lines are that they sum.

A unit without units below it may send a list: then the sum, or a form that stands above the list, is its report, and
the lines, which the registry has no units for, are parts of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from schemas.organisations import org_key
from schemas.records import Note, TypedTally

from .identify_names import Names

if TYPE_CHECKING:
    from .identify import Placed


def with_sums(here: list[Placed], names: Names, ruled: Mapping[tuple[int, str, int], str]) -> list[Placed]:
    """Settle the sums of one file's lists; `ruled` are the tallies that a person placed."""
    found = [
        _sum_line(entry, here, names)
        if entry.tally.layout == "total" and (entry.file, entry.tally.sheet, entry.tally.row) not in ruled
        else entry
        for entry in here
    ]
    for place in range(len(found)):
        entry = found[place]
        if _is_own(entry, found, names):
            found = [_as_part(other, entry, names) for other in found]
            found[place] = _of_parts(entry, [other.tally for other in found if _is_part_of(other, entry)])
    return found


def _sum_line(entry: Placed, here: list[Placed], names: Names) -> Placed:
    """A list's sum line belongs to the unit whose branches the lines above it are, whatever office sends it.

    Of branches of several units it belongs to the office above them all that it names. The sum of a section whose own
    lines are not known stays with its section.
    """
    sheet = entry.tally.sheet
    lines = [e.unit_code for e in here if e.tally.layout == "list" and e.tally.sheet == sheet and e.unit_code]
    parents = {names.parents[code] for code in lines} - {""}
    own, is_under = entry.unit_code, names.registry.is_under
    unit = own
    if len(parents) == 1:
        (parent,) = parents
        is_of_it = not own or is_under(parent, own) or names.parents[own] == parent
        unit = parent if is_of_it else own
    elif parents and not own:
        named = names.by_key.get(org_key(entry.tally.unit_name), ())
        above = [code for code in named if all(parent == code or is_under(parent, code) for parent in parents)]
        unit = above[0] if len(above) == 1 else own
    if unit == own:
        return entry
    return entry._replace(unit_code=unit, notes=tuple(note for note in entry.notes if note.field == "round"))


def _is_own(entry: Placed, here: list[Placed], names: Names) -> bool:
    """Whether an entry is what a unit without units below it reports: its list's sum, or a form above that."""
    if not entry.unit_code or names.registry.children[entry.unit_code]:
        return False
    has_form = any(other.tally.layout == "form" for other in here if other.tally.sheet == entry.tally.sheet)
    return entry.tally.layout == ("form" if has_form else "total")


def _as_part(entry: Placed, own: Placed, names: Names) -> Placed:
    """Take a line that is nobody's, below a unit that the registry does not part, for a part of that unit's report.

    A sum below a form says the same once more.
    """
    tally = entry.tally
    if entry is own or (tally.sheet, entry.round) != (own.tally.sheet, own.round):
        return entry
    if tally.layout == "total" and own.tally.layout == "form" and entry.unit_code == own.unit_code:
        return entry._replace(tally=replace(tally, layout="part", values={}, notes=()), notes=())
    is_nobodys = tally.layout == "list" and not entry.unit_code and not tally.unit_code
    if not is_nobodys or names.scope(tally.org_names) != {own.unit_code}:
        return entry
    return entry._replace(tally=replace(tally, layout="part", notes=()), unit_code=own.unit_code, notes=())


def _is_part_of(entry: Placed, own: Placed) -> bool:
    of = (entry.tally.layout, entry.tally.sheet, entry.unit_code, entry.round)
    return of == ("part", own.tally.sheet, own.unit_code, own.round)


def _of_parts(own: Placed, parts: list[TypedTally]) -> Placed:
    """Hold a unit's own figures against the lines that are their parts; what these say in words is the unit's."""
    tally, notes = own.tally, list(own.notes)
    values, cells = dict(tally.values), dict(tally.cells)
    for field, said in tally.values.items():
        known = [(part, value) for part in parts if (value := part.values.get(field)) is not None]
        numbers = [value for _, value in known if isinstance(value, int)]
        if isinstance(said, int) and numbers and sum(numbers) != said:
            detail = (("limit", str(sum(numbers))),)
            notes.append(Note("own_total_differs", field, tally.sheet, cells[field], str(said), detail, tally.row))
        elif said is None and known and all(isinstance(value, str) for _, value in known):
            values[field] = "\n".join(f"{part.unit_name}: {value}" for part, value in known)
            cells[field] = known[0][0].cells[field]
    return own._replace(tally=replace(tally, values=values, cells=cells), notes=tuple(notes))
