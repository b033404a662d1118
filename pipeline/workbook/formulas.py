"""Formulas of the tree: a parent's figure out of its direct children, blank where nobody reported."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple


class Span(NamedTuple):
    """The rows below a unit, counted from 0; `children_depth` is None where all of them are its direct children."""

    first: int
    last: int
    children_depth: int | None


def spans(depths: list[int], first_row: int) -> list[Span | None]:
    """Return each unit's rows below it, None for a unit without children.

    Args:
        depths: depth of each unit in the tree's order (a parent before its children), 0 at the top.
        first_row: the row of the first unit, counted from 0.
    """
    found: list[Span | None] = [None] * len(depths)
    open_units: list[int] = []
    for place, depth in enumerate([*depths, -1]):
        while open_units and depths[open_units[-1]] >= depth:
            unit = open_units.pop()
            if place - 1 > unit:
                found[unit] = _span(depths, unit, place - 1, first_row)
        open_units.append(place)
    return found


def _span(depths: list[int], unit: int, last: int, first_row: int) -> Span:
    below = depths[unit] + 1
    is_flat = all(depth == below for depth in depths[unit + 1 : last + 1])
    return Span(first_row + unit + 1, first_row + last, None if is_flat else below)


def total_formula(letter: str, depth_letter: str, below: Span, *, may_be_blank: bool) -> str:
    """Return the sum of a unit's direct children in a column.

    Where grandchildren stand between them, the children are told by the depth in their rows: as short for
    3,000 children as for three, and the same with rows folded or filtered. With `may_be_blank` the sum is an
    empty text where no child has a number, for a blank is not zero.
    """
    cells = f"{letter}{below.first + 1}:{letter}{below.last + 1}"
    if below.children_depth is None:
        total, known = f"SUM({cells})", f"COUNT({cells})"
    else:
        depths = f"${depth_letter}{below.first + 1}:${depth_letter}{below.last + 1}"
        total = f"SUMIFS({cells},{depths},{below.children_depth})"
        known = f'COUNTIFS({depths},{below.children_depth},{cells},">=0")'
    return f'=IF({known}=0,"",{total})' if may_be_blank else f"={total}"


def rate_formula(row: int, part: tuple[str, ...], whole: str) -> str:
    """Return a rate in one row: the sum of `part` over `whole`, an empty text where either is blank or `whole` is 0."""
    return _rate(part, whole).replace("#", str(row + 1))


@lru_cache
def _rate(part: tuple[str, ...], whole: str) -> str:
    parts, cells = (mark.join(f"{letter}#" for letter in of) for mark, of in (("+", part), (",", (*part, whole))))
    return f'=IF(COUNT({cells})<{len(part) + 1},"",IF({whole}#=0,"",({parts})/{whole}#))'
