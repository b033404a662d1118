"""The first sheet of a correction copy: what is wrong, where, what to do, and how to send the file back.

It is written without formulas and without shared strings, so that nothing a sender typed can become more than text.
How it is recognised when the copy comes back stands in schemas/returned.py.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from schemas.vietnamese import repair
from schemas.words import word

from .package import MAIN
from .sheet import address_of
from .styles import FILLS, Styles

SPECIMEN: Final = 8  # column, hidden: an empty cell that keeps the look which a marked cell had before
_LAST: Final = "F"
_WIDTHS: Final = (5.5, 17.0, 18.0, 9.0, 58.0, 47.0, 2.0, 2.0)
_ACROSS: Final = sum(_WIDTHS[:6])
_LINE: Final = 16.5  # points, at 12 pt
_DENSITY: Final = 1.1  # letters of the font in the room of one digit
_LONGEST: Final = 1500  # characters shown of one text
_SYMBOLS: Final = {"error": "✖", "query": "▲", "info": "ℹ"}
_COLOURS: Final = {"error": "FFA31F1B", "query": "FF8A5A00", "info": "FF5B6570"}
_SIDES: Final = ("left", "right", "top", "bottom")
_GRID: Final = "".join(f'<{side} style="thin"><color rgb="FFBFBFBF"/></{side}>' for side in _SIDES)
_NO_GRID: Final = "".join(f"<{side}/>" for side in _SIDES)
_INDENTED: Final = ' indent="1"'


class Remark(NamedTuple):
    """One finding as its sender reads it."""

    severity: str
    sheet: str
    cell: str
    message: str
    fix: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What the first sheet says beside the findings.

    Attributes:
        language: "vi" or "en".
        campaign: its title.
        unit_code: of the filing unit, "" where it is not sure or where a list reports for several.
        unit: its name and path, to be read.
        is_unit_asked: whether the sender is to write the code on this sheet, the form naming no unit.
        round: its id, "" where it is not sure.
        is_round_asked: whether the sender is to write the round on this sheet, the form naming none.
        rounds: ids to choose from.
        due: of the round, in words; "" where the round is not sure.
        status: of the file: "rejected", "unidentified" or "counted".
        email: where to send the file; "" for wherever it came from.
        source: what the file was called, and when it came.
        number: of the file, by which the copy is known as its correction.
        is_form_wanted: whether the file holds no form at all: then another is to be filled in and sent, not this one.
    """

    language: str
    campaign: str
    unit_code: str
    unit: str
    is_unit_asked: bool
    round: str
    is_round_asked: bool
    rounds: str
    due: str
    status: str
    email: str
    source: str
    number: str = ""
    is_form_wanted: bool = False


def plain(text: str) -> str:
    """Return a text as it may be shown: no control or turning characters, not too long."""
    clean = repair(text)[0]
    return clean if len(clean) <= _LONGEST else clean[: _LONGEST - 1] + "…"


def write_cover(
    letter: Letter,
    remarks: Sequence[Remark],
    notes: Sequence[str],
    targets: Mapping[int, tuple[str, str]],
    specimens: Mapping[int, str],
    styles: Styles,
) -> bytes:
    """Return the XML of the sheet.

    Args:
        letter: what it says at its head.
        remarks: the findings, in order.
        notes: what became of the file itself (words.toml keys).
        targets: number of a remark -> (sheet, cell) to link to.
        specimens: number of a remark -> the look that its cell had before it was marked.
        styles: of the workbook, to which the sheet's own are added.
    """
    sheet = _Cover(letter, styles)
    sheet.head(remarks)
    sheet.table(remarks, targets, specimens)
    sheet.foot(notes)
    return sheet.to_bytes()


class _Cover:
    """The sheet in the making; `row` is the next free row, 1-based."""

    def __init__(self, letter: Letter, styles: Styles) -> None:
        self.letter, self.language, self.styles = letter, letter.language, styles
        self.row = 1
        self._rows: list[str] = []
        self._merged: list[str] = []
        self._links: list[str] = []

    def look(
        self, size: float = 12, colour: str = "FF222222", fill: str = "", align: str = "left", *, bold: bool = False,
        underlined: bool = False, grid: bool = False, is_open: bool = False,
    ) -> int:  # fmt: skip
        """Return the number of a look."""
        font = self.styles.add(
            "fonts",
            f'<font>{"<b/>" * bold}{"<u/>" * underlined}<sz val="{size}"/><color rgb="{colour}"/>'
            '<name val="Times New Roman"/><family val="1"/></font>',
        )
        shade = f'<fgColor rgb="{fill}"/><bgColor indexed="64"/>'
        shaded = f'<fill><patternFill patternType="solid">{shade}</patternFill></fill>'
        filled = self.styles.add("fills", shaded) if fill else 0
        border = self.styles.add("borders", f"<border>{_GRID if grid else _NO_GRID}<diagonal/></border>")
        return self.styles.add(
            "cellXfs",
            f'<xf numFmtId="49" fontId="{font}" fillId="{filled}" borderId="{border}" xfId="0" quotePrefix="1" '
            'applyNumberFormat="1" applyFont="1" applyFill="1" applyBorder="1" applyAlignment="1" applyProtection="1">'
            f'<alignment horizontal="{align}" vertical="center" wrapText="1"{_INDENTED * (grid and align == "left")}/>'
            f'<protection locked="{int(not is_open)}"/></xf>',
        )

    def line(self, cells: Sequence[tuple[int, str, int]], height: float, *, across_from: int = 0) -> None:
        """Write texts (column, text, look) on the next row; from one column on, merged to the last."""
        written = "".join(_text(address_of((self.row, column)), text, look) for column, text, look in cells)
        self._rows.append(f'<row r="{self.row}" ht="{height:g}" customHeight="1">{written}</row>')
        if across_from:
            self._merged.append(f"{address_of((self.row, across_from))}:{_LAST}{self.row}")
        self.row += 1

    def across(self, text: str, look: int, size: float = 12) -> None:
        self.line([(1, text, look)], _height(text, _ACROSS * 12 / size, size), across_from=1)

    def told(self, key: str, **values: object) -> str:
        return word(f"return_{key}", self.language, **values)

    def head(self, remarks: Sequence[Remark]) -> None:
        letter = self.letter
        self.across(self.told("title"), self.look(16, "FFA31F1B", bold=True), 16)
        self.across(letter.campaign, self.look(12, "FF5B6570"))
        self.line([], 6)
        self._identity("unit_code", letter.unit_code, letter.unit, is_asked=letter.is_unit_asked)
        due = self.told("round_asked", rounds=letter.rounds) if letter.is_round_asked else letter.due
        self._identity("round", letter.round, due, is_asked=letter.is_round_asked)
        self._identity("number", letter.number, self.told("number_kept") if letter.number else "", is_asked=False)
        self.line([], 6)
        errors, queries = (sum(remark.severity == kind for remark in remarks) for kind in ("error", "query"))
        self._verdict(errors, queries)
        self._steps(remarks)
        self.line([], 8)

    def _verdict(self, errors: int, queries: int) -> None:
        status = self.letter.status
        if status == "counted" and errors:
            status = "counted_partly"
        worst = "query" if status == "counted" else "error"
        verdict = self.told(status, errors=errors, queries=queries)
        if queries and worst == "error":
            verdict += " " + self.told("and_queries", queries=queries)
        look = self.look(13, _COLOURS[worst], FILLS[worst], bold=True)
        self.across(f"{_SYMBOLS[worst]}  {verdict}", look, 13)
        self.line([], 6)

    def _steps(self, remarks: Sequence[Remark]) -> None:
        asked = [remark for remark in remarks if remark.severity != "info"]
        keys = ["step_find", "step_mend"] if any(remark.cell for remark in asked) else ["step_table"]
        keys += ["step_confirm"] if any(remark.severity == "query" for remark in asked) else []
        email, sent = self.letter.email, "step_send_form" if self.letter.is_form_wanted else "step_send"
        texts = [*map(self.told, keys), self.told(sent, email=email) if email else self.told(f"{sent}_back")]
        self.across(self.told("how"), self.look(bold=True))
        for number, text in enumerate(texts, 1):
            self.across(f"{number}. {text}", self.look())

    def _identity(self, key: str, value: str, beside: str, *, is_asked: bool) -> None:
        """Write unit or round: sure, or asked for in an open cell; a remark about it, or no line at all, otherwise."""
        if not (value or is_asked or beside):
            return
        box = FILLS["query"] if is_asked else "FFF2F2F2"
        look = self.look(align="center", bold=True, grid=True, fill=box, is_open=is_asked)
        cells = [(1, self.told(key), self.look(bold=True)), (4, f"  {beside}", self.look())]
        if value or is_asked:  # else column C stays empty: what stands there is read when the copy comes back
            cells.insert(1, (3, value, look))
        self._merged.append(f"A{self.row}:B{self.row}")
        height = max(20.0, _height(beside, sum(_WIDTHS[3:6])))
        self.line(cells, height, across_from=4)

    def table(
        self, remarks: Sequence[Remark], targets: Mapping[int, tuple[str, str]], specimens: Mapping[int, str]
    ) -> None:
        head = self.look(12, "FFFFFFFF", "FF7A2A26", "center", bold=True, grid=True)
        names = ("column_number", "column_severity", "column_sheet", "column_cell", "column_message", "column_fix")
        self.line([(number, self.told(name), head) for number, name in enumerate(names, 1)], 22)
        for number, remark in enumerate(remarks):
            self._remark(number, remark, targets.get(number), specimens.get(number, ""))

    def _remark(self, number: int, remark: Remark, target: tuple[str, str] | None, specimen: str) -> None:
        colour = _COLOURS[remark.severity]
        fill = FILLS.get(remark.severity, "")
        body = self.look(colour="FF5B6570" if remark.severity == "info" else "FF222222", grid=True)
        linked = self.look(colour="FF0B5394", align="center", bold=True, underlined=True, grid=True)
        centred = self.look(align="center", grid=True)
        severity = f"{_SYMBOLS[remark.severity]} {word(remark.severity, self.language)}"
        message, fix = plain(remark.message), plain(remark.fix)
        cells = [
            (1, str(number + 1), centred),
            (2, severity, self.look(12, colour, fill, "center", bold=True, grid=True)),
            (3, remark.sheet or "–", centred),
            (4, remark.cell or "–", linked if target else centred),
            (5, message, body),
            (6, fix, body),
        ]
        if target:
            name, cell = target
            location = "'" + name.replace("'", "''") + "'!" + cell
            ref = address_of((self.row, 4))
            self._links.append(f'<hyperlink ref="{ref}" location={quoteattr(location)} display={quoteattr(cell)}/>')
        if specimen:
            cells.append((SPECIMEN, "", int(specimen)))
        heights = (_height(message, _WIDTHS[4]), _height(fix, _WIDTHS[5]), _height(remark.sheet, _WIDTHS[2]))
        self.line(cells, max(heights) + 4)

    def foot(self, notes: Sequence[str]) -> None:
        self.line([], 8)
        small = self.look(10, "FF5B6570")
        for text in (*(self.told(note) for note in notes), self.letter.source):
            self.across(text, small, 10)

    def to_bytes(self) -> bytes:
        hidden = {SPECIMEN: ' hidden="1"'}
        columns = "".join(
            f'<col min="{n}" max="{n}" width="{width}" customWidth="1"{hidden.get(n, "")}/>'
            for n, width in enumerate(_WIDTHS, 1)
        )
        merged = "".join(f'<mergeCell ref="{ref}"/>' for ref in self._merged)
        links = f"<hyperlinks>{''.join(self._links)}</hyperlinks>" if self._links else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<worksheet xmlns="{MAIN}">'
            '<sheetPr><tabColor rgb="FFA31F1B"/><pageSetUpPr fitToPage="1"/></sheetPr>'
            '<sheetViews><sheetView showGridLines="0" tabSelected="1" workbookViewId="0"/></sheetViews>'
            f'<sheetFormatPr defaultRowHeight="15"/><cols>{columns}</cols><sheetData>{"".join(self._rows)}</sheetData>'
            '<sheetProtection sheet="1" objects="1" scenarios="1" formatColumns="0" formatRows="0"/>'
            f'<mergeCells count="{len(self._merged)}">{merged}</mergeCells>{links}'
            '<pageMargins left="0.5" right="0.5" top="0.5" bottom="0.5" header="0.3" footer="0.3"/>'
            '<pageSetup paperSize="9" orientation="landscape" fitToHeight="0"/></worksheet>'
        ).encode()


def _text(address: str, text: str, look: int) -> str:
    if not text:
        return f'<c r="{address}" s="{look}"/>'
    return f'<c r="{address}" s="{look}" t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'


def _height(text: str, width: float, size: float = 12) -> float:
    """Return the height in points of a row that shows a text in so many characters a line."""
    lines = sum(max(1, -(-len(line) // int(width * _DENSITY))) for line in text.split("\n"))
    return max(lines, 1) * _LINE * size / 12 + 2
