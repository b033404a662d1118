"""Rows by the thousand: a sheet whose long part is told column by column, and written when the file itself is.

XlsxWriter keeps an object for each cell and makes some ten calls to write it. Of a list or a tree, the cells of one
column are alike: here their XML is put together by one comprehension a column, for as many rows at a time as fit
memory easily (a `Part`). Everything else of a sheet, its head included, is XlsxWriter's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from itertools import repeat
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_range
from xlsxwriter.worksheet import Worksheet

from .texts import Texts, attribute, escaped

PART = 1_000  # rows
MOST_LINKS = 65_530  # Excel takes no more on a sheet
_PLAIN_HEIGHT = 20  # pixels of a row that says nothing of its height
_FIRST_DAY = datetime(1899, 12, 30)
Format = Any  # xlsxwriter ships no types
Formats = Format | Sequence[Format]  # one for all rows of a part, or one a row


class _Styles(dict[Format, str]):
    """Format -> what follows the address of its cells."""

    def __missing__(self, cell: Format) -> str:
        style = self[cell] = f'" s="{cell._get_xf_index()}"'
        return style


@dataclass
class Part:
    """Some rows of a sheet on their way into the file: each method gives the cells of one column.

    Attributes:
        rows: which rows, as a slice of whatever lists hold the values of all rows.
        numbers: the rows' numbers as in addresses, from 1 on.
        values: column -> its values, for charts.
    """

    rows: slice
    numbers: list[str]
    shared: Texts
    styles: _Styles
    links: list[str] = field(default_factory=list)
    values: dict[int, Sequence[Any]] = field(default_factory=dict)
    _cells: dict[int, list[str]] = field(default_factory=dict)
    _attributes: Iterable[str] = ()

    def texts(self, column: int, values: Sequence[str | None], formats: Formats) -> None:
        """Write texts, as they are; no cell where there is none."""
        rows, at, shared = self._rows(values, formats), _begin(column), self.shared
        self.values[column] = values
        if shared.is_full:
            self._cells[column] = [
                f"{at}{row}{style}{shared.cell(text)}</c>" if text else "" for row, style, text in rows
            ]
        else:
            self._cells[column] = [
                f'{at}{row}{style} t="s"><v>{shared[text]}</v></c>' if text else "" for row, style, text in rows
            ]

    def figures(self, column: int, values: Sequence[float | None], formats: Formats) -> None:
        """Write numbers; no cell where there is none, for a blank is not zero."""
        rows, at = self._rows(values, formats), _begin(column)
        self.values[column] = values
        self._cells[column] = [
            f"{at}{row}{style}><v>{value if value.__class__ is int else _number(value)}</v></c>"
            if value is not None
            else ""
            for row, style, value in rows
        ]

    def mixed(self, column: int, values: Sequence[str | float | None], formats: Formats) -> None:
        """Write texts and numbers."""
        rows, at, shared = self._rows(values, formats), _begin(column), self.shared
        self.values[column] = values
        self._cells[column] = [
            "" if value is None or value == ""
            else f"{at}{row}{style}{shared.cell(value)}</c>" if isinstance(value, str)
            else f"{at}{row}{style}><v>{_number(value)}</v></c>"
            for row, style, value in rows
        ]  # fmt: skip

    def moments(self, column: int, values: Sequence[datetime | None], formats: Formats) -> None:
        """Write moments without a zone, as the days since Excel's first."""
        self.figures(column, [None if when is None else _serial(when) for when in values], formats)

    def formulas(
        self, column: int, formulas: Sequence[str | None], values: Sequence[float | None], formats: Formats
    ) -> None:
        """Write formulas with the numbers they come to, "" where that is no number; a number where there is none."""
        rows, at = zip(self._rows(values, formats), formulas, strict=True), _begin(column)
        self.values[column] = values
        self._cells[column] = [
            f"{at}{row}{style}><f>{escaped(formula[1:])}</f><v>{'' if value is None else value}</v></c>" if formula
            else f"{at}{row}{style}><v>{value if value.__class__ is int else _number(value)}</v></c>"
            if value is not None
            else ""
            for (row, style, value), formula in rows
        ]  # fmt: skip

    def blanks(self, column: int, wanted: Iterable[bool], formats: Formats) -> None:
        """Give cells of a column already written their format where they hold nothing."""
        cells, rows, at = self._cells[column], self._rows(wanted, formats), _begin(column)
        self._cells[column] = [
            cell or (f"{at}{row}{style}/>" if is_wanted else "")
            for cell, (row, style, is_wanted) in zip(cells, rows, strict=True)
        ]

    def link(self, place: int, column: int, location: str, tip: str, text: str) -> None:
        """Let the cell of the row at `place` of this part lead to another place of the workbook."""
        self.links.append(
            f'<hyperlink ref="{_letter(column)}{self.numbers[place]}" location="{attribute(location)}"'
            f' tooltip="{_tip(tip)}" display="{attribute(text)}"/>'
        )

    def shape(self, heights: Iterable[int], outline: Iterable[str] = repeat("")) -> None:
        """Give the rows their heights in pixels, and further attributes."""
        self._attributes = [
            further if height == _PLAIN_HEIGHT else f'{further} ht="{height * 0.75:.16g}" customHeight="1"'
            for height, further in zip(heights, outline)  # noqa: B905  # `outline` may be without end
        ]

    def xml(self) -> str:
        cells = map("".join, zip(*(self._cells[column] for column in sorted(self._cells)), strict=True))
        attributes = self._attributes or repeat("")
        rows = zip(self.numbers, attributes, cells)  # noqa: B905  # the same
        return "".join([f'<row r="{number}"{told}>{held}</row>' for number, told, held in rows])

    def _rows(self, values: Iterable[Any], formats: Formats) -> Iterator[tuple[str, str, Any]]:
        """Yield each cell's row, its style and its value."""
        of = self.styles
        styles = map(of.__getitem__, formats) if isinstance(formats, Sequence) else repeat(of[formats])
        return zip(self.numbers, styles, values)  # noqa: B905  # the same


def _number(value: float) -> str:
    return f"{value:.16G}"


def _begin(column: int) -> str:
    return f'<c r="{_letter(column)}'


_letter = lru_cache(xl_col_to_name)
_tip = lru_cache(attribute)


def _serial(when: datetime) -> float:
    since = when - _FIRST_DAY
    return since.days + (since.seconds + since.microseconds / 1e6) / 86_400


Writer = Callable[[Part], None]


@dataclass
class _Block:
    """The rows of a sheet that are written in parts."""

    first_row: int
    count: int
    writers: list[Writer] = field(default_factory=list)


class Sheet(Worksheet):  # type: ignore[misc]  # xlsxwriter ships no types
    """A worksheet with a block of rows that are written in parts.

    Places are always given as row and column, so nothing looks for "A1" in them. Formulas are taken as they are:
    looking each one up for functions newer than 2010 costs more than writing it, and none of ours is.
    """

    dim_rowmin: Any
    dim_rowmax: Any
    write_string = Worksheet._write_string
    write_number = Worksheet._write_number
    write_formula = Worksheet._write_formula

    def __init__(self) -> None:
        super().__init__()
        self.block: _Block | None = None
        self._links: list[str] = []
        self._styles = _Styles()

    def in_parts(self, first_row: int, count: int) -> None:
        """Leave `count` rows to the writers of `add_columns`: none of these rows may be written otherwise."""
        self.block = _Block(first_row, count)
        self._check_dimensions(first_row, 0)
        self._check_dimensions(first_row + max(count, 1) - 1, 0)

    def add_columns(self, last_column: int, writer: Writer) -> None:
        """Add what writes some columns of the rows left to parts: called when the file is written, a part at a time."""
        assert self.block, "no rows were left to parts"
        self.block.writers.append(writer)
        self._check_dimensions(self.block.first_row, last_column)

    def add_long_table(self, first_row: int, first_column: int, last_row: int, last_column: int, options: Any) -> None:
        """Add a table; XlsxWriter notes each cell of it, to tell tables that overlap."""
        self.add_table(first_row, first_column, first_row + 1, last_column, options)
        area = xl_range(first_row, first_column, last_row, last_column)
        self.tables[-1] |= {"range": area, "a_range": area, "autofilter": area}

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:  # noqa: ARG002
        return formula.removeprefix("=")

    def _part(self, start: int, stop: int) -> Part:
        block = self.block
        assert block
        numbers = [str(number) for number in range(block.first_row + start + 1, block.first_row + stop + 1)]
        part = Part(slice(start, stop), numbers, self.str_table, self._styles)
        for write in block.writers:
            write(part)
        return part

    def _write_rows(self) -> None:
        if not self.block:
            super()._write_rows()
            return
        first, last = self.dim_rowmin, self.dim_rowmax
        begin, count = self.block.first_row, self.block.count
        self.dim_rowmax = begin - 1
        super()._write_rows()
        for start in range(0, count, PART):
            part = self._part(start, min(count, start + PART))
            self.fh.write(part.xml())
            self._links += part.links[: max(0, MOST_LINKS - len(self._links))]
        self.block = None  # XlsxWriter's objects go in circles: what its writers hold would stay as long as they do
        self.dim_rowmin, self.dim_rowmax = begin + count, last
        super()._write_rows()
        self.dim_rowmin = first

    def _write_hyperlinks(self) -> None:
        if not self._links:
            super()._write_hyperlinks()
            return
        assert not self.hyperlinks, "links of the block and of the rest of a sheet are not written together"
        self.fh.write(f"<hyperlinks>{''.join(self._links)}</hyperlinks>")

    def _get_range_data(self, first_row: int, first_column: int, last_row: int, last_column: int) -> list[Any]:
        """Return what charts keep of the cells they show."""
        block = self.block
        if not block or not block.first_row <= first_row <= last_row < block.first_row + block.count:
            return list(super()._get_range_data(first_row, first_column, last_row, last_column))
        values = self._part(first_row - block.first_row, last_row + 1 - block.first_row).values
        rows = zip(*(values[column] for column in range(first_column, last_column + 1)), strict=True)
        return [f"{value:.16g}" if isinstance(value, int | float) else value for row in rows for value in row]
