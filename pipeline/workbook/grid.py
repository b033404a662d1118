"""The overview's grid: a table's columns on the left, a block for charts on the right, and spans across both."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import accumulate
from typing import NamedTuple

from . import look
from .book import Book, Format, Sheet
from .cells import clean
from .tree import Tree

MARGIN = 10  # pixels left of everything
GAP = 16
RIGHT = (55,) * 8
_ROW = 20  # pixels of a row whose height is not set


class Span(NamedTuple):
    """Columns from first to last, both counted from 0."""

    first: int
    last: int


@dataclass(frozen=True)
class Grid:
    """The widths of all columns, in pixels: margin, left block, gap, right block."""

    widths: tuple[int, ...]
    left: Span
    right: Span

    @property
    def gap(self) -> int:
        """The column between the blocks."""
        return self.left.last + 1

    @property
    def across(self) -> Span:
        return Span(self.left.first, self.right.last)

    def width(self, span: Span) -> int:
        return sum(self.widths[span.first : span.last + 1])

    def split(self, span: Span, shares: tuple[float, ...], least: int = 1) -> list[Span]:
        """Part a span at the column edges nearest to the shares, each part at least so many columns wide."""
        edges = [0, *accumulate(self.widths[span.first : span.last + 1])]
        best: dict[int, tuple[float, tuple[int, ...]]] = {0: (0.0, ())}  # stop -> badness, the stops before it
        for share in shares:
            ideal = share * edges[-1] / sum(shares)
            best = {
                stop: min(
                    (bad + (edges[stop] - edges[start] - ideal) ** 2, (*stops, stop))
                    for start, (bad, stops) in best.items()
                    if stop - start >= least
                )
                for stop in range(min(best) + least, len(edges))
            }
        stops = best[len(edges) - 1][1]
        return [Span(span.first + a, span.first + b - 1) for a, b in zip((0, *stops), stops, strict=False)]


def make_grid(left_widths: list[int]) -> Grid:
    left = Span(1, len(left_widths))
    right = Span(left.last + 2, left.last + 1 + len(RIGHT))
    return Grid((MARGIN, *left_widths, GAP, *RIGHT), left, right)


@dataclass(frozen=True)
class Page:
    """The overview under way; `heights` are the rows' in pixels, where set."""

    book: Book
    sheet: Sheet
    grid: Grid
    tree: Tree
    heights: dict[int, int] = field(default_factory=dict)

    def text(self, row: int, span: Span, text: str, cell: Format) -> None:
        """Write text over a span of one row."""
        if span.first == span.last:
            self.sheet.write_string(row, span.first, clean(text), cell)
        else:
            self.sheet.merge_range(row, span.first, row, span.last, "", cell)
            self.sheet.write_string(row, span.first, clean(text), cell)

    def figure(self, row: int, span: Span, cell: Format, unit_code: str, name: str) -> None:
        """Write a figure of the tree over a span, linked to its cell there and with its value kept."""
        if span.first != span.last:
            self.sheet.merge_range(row, span.first, row, span.last, "", cell)
        source = self.tree.cell(unit_code, name)
        value = self.tree.value(unit_code, name)
        self.sheet.write_formula(row, span.first, f'=IF({source}="","",{source})', cell, "" if value is None else value)

    def height(self, row: int, pixels: int) -> None:
        self.heights[row] = pixels
        self.sheet.set_row_pixels(row, pixels)

    def depth(self, first: int, after: int) -> int:
        """Return the pixels from the top of one row to the top of another."""
        return sum(self.heights.get(row, _ROW) for row in range(first, after))

    def row_at(self, first: int, pixels: int) -> int:
        """Return the first row that starts this many pixels or more below the top of `first`."""
        row = first
        while pixels > 0:
            pixels -= self.heights.get(row, _ROW)
            row += 1
        return row

    def heading(self, row: int, span: Span, text: str) -> None:
        """Write a section's heading with the accent's line under it."""
        cell = self.book.format(bold=True, font_size=11, font_color=look.RED, bottom=1, bottom_color=look.RED)
        self.text(row, span, text, cell)
