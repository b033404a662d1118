"""The workbook being written: its language, its formats, and the page set-up that every sheet shares."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd

from schemas.campaign import VIETNAM
from schemas.result import Result
from schemas.words import WORDS, word

from . import look
from .cells import clean, values_of
from .opinions import Opinions, opinions_of
from .package import Workbook
from .pending import chased, open_findings

Sheet = Any  # xlsxwriter ships no types; its worksheet, format and chart are Any here
Format = Any

_A4 = 9
_FOOTER_LIMIT = 100  # Excel allows 255 characters in the whole footer
_FONT = {"font_name": look.SANS, "font_size": 9, "font_color": look.INK, "valign": "vcenter"}


@dataclass
class Book:
    """A workbook under way. Formats are made once for each set of properties.

    Attributes:
        workbook: the xlsxwriter workbook.
        result: what the run knows.
        sheets: sheet key -> worksheet, in the order written.
        codes: of all units, in the tree's order.
    """

    workbook: Any
    result: Result
    sheets: dict[str, Sheet] = field(default_factory=dict)
    codes: list[str] = field(init=False)
    _names: dict[str, str] = field(init=False)
    _formats: dict[tuple[tuple[str, Any], ...], Format] = field(default_factory=dict)
    _sheet_names: dict[tuple[str, int], str] = field(default_factory=dict)
    _of_every_round: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        tree = self.result.tree
        self.codes = values_of(tree.index)
        self._names = dict(zip(self.codes, values_of(tree["unit_name"]), strict=True))

    @cached_property
    def opinions(self) -> Opinions:
        """All that the units say in words."""
        return opinions_of(self.result)

    @cached_property
    def parents(self) -> dict[str, str]:
        """Unit -> the unit above it, "" for the top."""
        return dict(zip(self.codes, values_of(self.result.tree["parent_code"]), strict=True))

    @cached_property
    def filing(self) -> set[str]:
        """The units that file themselves in the round shown."""
        return self.result.filing()

    @cached_property
    def chased(self) -> pd.DataFrame:
        """The units to be chased, indexed by unit_code, in the tree's order."""
        return chased(self.result, self.filing)

    @cached_property
    def open_findings(self) -> pd.DataFrame:
        """The errors and queries of the round that still want an answer."""
        return open_findings(self.result)

    @property
    def language(self) -> str:
        return self.result.language

    def say(self, key: str, **values: object) -> str:
        """Return the workbook's own words (catalogue keys that start with wb_)."""
        return word(f"wb_{key}", self.language, **values)

    def term(self, key: str) -> str:
        """Return the common word of a field, flag, level, status or severity; a grade's or document's own name."""
        own = {part.field: part.name for part in self.result.campaign.grades}
        own |= {part.field: part.name for part in self.result.campaign.documents}
        if key in own:
            return own[key]
        return word(key, self.language) if key in WORDS else key

    def short(self, field: str) -> str:
        """Return the short title of a field where a column is narrow, its common word where there is no shorter one."""
        key = f"wb_col_{field}"
        return word(key, self.language) if key in WORDS else self.term(field)

    def sheet_name(self, key: str, number: int = 1) -> str:
        """Return a sheet's name; `number` counts the sheets of a list that is too long for one."""
        place = (key, number)
        if place not in self._sheet_names:  # asked for by each link
            name = self.say(f"sheet_{key}")
            self._sheet_names[place] = name if number == 1 else f"{name} ({number})"
        return self._sheet_names[place]

    def format(self, **properties: Any) -> Format:
        """Return the format with these properties on top of the plain one."""
        key = tuple(sorted(properties.items()))
        if key not in self._formats:
            self._formats[key] = self.workbook.add_format(_FONT | properties)
        return self._formats[key]

    def marked(self, key: str, **properties: Any) -> tuple[str, Format]:
        """Return a flag, status or severity as symbol and word, and the format in its colours."""
        mark = look.mark(key)
        cell = self.format(font_color=mark.colour, bg_color=mark.fill, align="left", **properties)
        return f"{mark.symbol} {self.term(key)}".strip(), cell

    def rule(self, sheet: Sheet, area: tuple[int, int, int, int], groups: Iterable[tuple[str, str]] = ()) -> None:
        """Draw a hairline under each row of an area; as one rule, for formats of every cell would cost more.

        Args:
            groups: formulas that are true where a group of rows begins, and the colour of the line above it.
        """
        line = {"bottom": 4, "bottom_color": look.LINE}
        starts = [(criteria, {"top": 1, "top_color": colour}) for criteria, colour in groups]
        for criteria, top in (*starts, ("=TRUE", {})):  # each rule draws all of its lines: some programs apply one only
            shown = self.workbook.add_format(line | top)
            sheet.conditional_format(*area, {"type": "formula", "criteria": criteria, "format": shown})

    def add_sheet(self, key: str, *, header_row: int | None, number: int = 1) -> Sheet:
        """Add a sheet: A4 landscape, one page wide, its header row repeated and kept in view."""
        sheet = self.workbook.add_worksheet(self.sheet_name(key, number))
        self.sheets[key if number == 1 else f"{key} {number}"] = sheet
        sheet.set_landscape()
        sheet.set_paper(_A4)
        sheet.fit_to_pages(1, 0)
        sheet.set_margins(left=0.4, right=0.4, top=0.45, bottom=0.6)
        sheet.hide_gridlines(2)
        self._footer(sheet, key)
        if header_row is not None:
            sheet.repeat_rows(header_row)
        return sheet

    def go_on(self, key: str, number: int, *, header_row: int) -> Sheet:
        """Add a further sheet of a list, with the same head."""
        sheet = self.add_sheet(key, header_row=header_row, number=number)
        self.head(sheet, key, every_round=key in self._of_every_round)
        return sheet

    def head(self, sheet: Sheet, key: str, *, every_round: bool = False) -> None:
        """Write the three lines at the head of a list: title, what and when it is of, how to read it."""
        if every_round:
            self._of_every_round.add(key)
        sheet.set_row_pixels(0, 30)
        sheet.write_string(0, 0, self.say(f"title_{key}"), self.format(font_size=15, bold=True, font_color=look.RED))
        campaign = self.result.campaign
        of = self.say("every_round") if every_round and len(campaign.rounds) > 1 else self.round_name()
        line = f"{campaign.title} · {of} · {self.as_of_line()}"
        sheet.write_string(1, 0, clean(line), self.format(font_size=9, font_color=look.GREY))
        sheet.write_string(2, 0, self.say(f"note_{key}"), self.format(font_size=9, italic=True, font_color=look.GREY))
        sheet.set_row_pixels(3, 8)

    @property
    def top(self) -> str:
        """The code of the unit at the top of the tree."""
        return str(self.codes[0])

    @cached_property
    def code_width(self) -> int:
        """The pixels that the longest unit code takes, as codes are not wrapped."""
        longest = max(map(len, self.codes))
        return max(84, min(220, 16 + 7 * longest))

    @property
    def below_top(self) -> list[str]:
        """The codes of the units directly below the top, in the tree's order."""
        top = self.top
        return [code for code, parent in self.parents.items() if parent == top]

    def unit_name(self, code: str) -> str:
        """Return a unit's name, its code where the registry has no such unit."""
        return self._names.get(code, code)

    def round_name(self, round_id: str | None = None) -> str:
        return self.result.campaign.round(round_id or self.result.focus).name

    def as_of_line(self) -> str:
        moment = self.result.as_of.astimezone(VIETNAM)
        day = f"{moment.day}/{moment.month}/{moment.year}"
        return self.say("as_of", hour=f"{moment:%H}", minute=f"{moment:%M}", day=day)

    def number(self, value: int) -> str:
        """A count in words, its thousands parted as the language parts them."""
        parted = f"{value:,}"
        return parted.replace(",", ".") if self.language == "vi" else parted

    @property
    def whole(self) -> str:
        """The number format of counts: the thousands separator of the reader's machine, Vietnamese in LibreOffice."""
        return "[$-42A]#,##0" if self.language == "vi" else "#,##0"

    @property
    def change(self) -> str:
        """The number format of differences: always with their sign."""
        return "[$-42A]+#,##0;[$-42A]-#,##0;0" if self.language == "vi" else "+#,##0;-#,##0;0"

    @property
    def rate(self) -> str:
        """The number format of shares; one just under the whole is ">99.9%", for 100 % would say nothing is owed."""
        plain, point = ("[$-42A]0.0%", ",") if self.language == "vi" else ("0.0%", ".")
        return f'[<0.9995]{plain};[<1]">99{point}9%";{plain}'

    def _footer(self, sheet: Sheet, key: str) -> None:
        title = self.say(f"title_{key}")
        campaign = self.result.campaign.title
        if len(campaign) > _FOOTER_LIMIT:
            campaign = campaign[:_FOOTER_LIMIT].rsplit(" ", 1)[0].rstrip(" ,;") + "…"
        page = self.say("page", page="&P", pages="&N")
        left, centre = (text.replace("&", "&&") for text in (title, campaign))
        sheet.set_footer(f'&L&"{look.SANS}"&8{left}&C&"{look.SANS}"&8{centre}&R&"{look.SANS}"&8{page}', {"margin": 0.3})


def open_book(result: Result, path: Path) -> Book:
    """Open the workbook; the caller closes `book.workbook`. Nothing in it comes from a clock."""
    kept_as_typed = ("strings_to_formulas", "strings_to_urls", "strings_to_numbers", "nan_inf_to_errors")
    options = dict.fromkeys(kept_as_typed, False)
    workbook = Workbook(path, options)
    created: datetime = result.as_of.astimezone(UTC).replace(tzinfo=None)
    campaign = result.campaign
    workbook.set_properties(
        {
            "title": clean(campaign.title),
            "subject": clean(campaign.resolution),
            "author": clean(campaign.issuer.name),
            "company": clean(campaign.issuer.superior),
            "created": created,
        }
    )
    workbook.formats[0].set_font_name(look.SANS)
    workbook.formats[0].set_font_size(9)
    return Book(workbook, result)
