"""Sheets as tables in text, for the tests of reading forms by their labels.

A number is a number and '12 is the text 12; ¶ is a line break in a cell, ◂ a cell merged with the one to its left, ▴
one merged with the one above it, # a broken cell (#REF!) and ƒ a formula without a stored value.
"""

from __future__ import annotations

from pipeline.form import find_tallies
from pipeline.normalise import type_tally
from schemas.layout import FormSpec, load_form_spec
from schemas.records import Grid, TypedTally

SPEC = load_form_spec()
# The official form's instruction for item 5, word for word.
HINT = (
    "Nhận xét đánh giá đúng thực chất việc viết thu hoạch của cán bộ, đảng viên "
    "(nghiêm túc, thiết thực, đúng yêu cầu... hay không; những mặt được, hạn chế)"
)


def grid(text: str, **looks: frozenset[int]) -> Grid:
    rows = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in text.strip().splitlines()]
    width = max(map(len, rows))
    places: dict[tuple[int, int], tuple[int, int]] = {}
    sheet = Grid("S", [], hidden_rows=looks.get("hidden_rows", frozenset()))
    for r, row in enumerate(rows):
        sheet.rows.append([""] * width)
        for c, cell in enumerate(row):
            if cell in ("◂", "▴"):
                origin = places.get(
                    (r, c - 1) if cell == "◂" else (r - 1, c), (r, c - 1) if cell == "◂" else (r - 1, c)
                )
                places[r, c] = origin
                sheet.merged = [span for span in sheet.merged if span[0] != origin] + [(origin, (r, c))]
            elif cell in ("#", "ƒ"):
                sheet.problems[r, c] = "#REF!" if cell == "#" else "formula"
            else:
                sheet.rows[r][c] = typed(cell)
    return sheet


def typed(cell: str) -> object:
    if cell.replace(".", "", 1).isdigit():
        return float(cell)
    return cell.removeprefix("'").replace("¶", "\n")


def tallies(text: str, spec: FormSpec = SPEC, **looks: frozenset[int]) -> list[TypedTally]:
    return [type_tally(raw, spec) for raw in find_tallies(grid(text, **looks), spec)[0]]


def tally(text: str, spec: FormSpec = SPEC, **looks: frozenset[int]) -> TypedTally:
    found = tallies(text, spec, **looks)
    assert len(found) == 1, found
    return found[0]


def values(text: str, spec: FormSpec = SPEC, **looks: frozenset[int]) -> dict[str, object]:
    """Return what the only tally of a table answers; what is None is left out."""
    return {field: value for field, value in tally(text, spec, **looks).values.items() if value is not None}


def codes(found: TypedTally) -> list[str]:
    return [note.code for note in found.notes]


def short(found: list[TypedTally]) -> list[tuple[object, ...]]:
    """Return (layout, row, unit, members) of each tally."""
    return [(t.layout, t.row, t.unit_code or t.unit_name, t.values.get("members")) for t in found]
