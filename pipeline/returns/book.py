"""xl/workbook.xml: which sheet stands where, which comes first, and what may not travel in a name or a formula."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

from defusedxml.ElementTree import fromstring

from .package import MAIN, OFFICE, NotPlainError, Package, attributes, with_attribute, without_attribute

_BOOK: Final = "xl/workbook.xml"
_TYPE: Final = b"application/vnd.openxmlformats-officedocument.spreadsheetml."
_SHEETS = re.compile(rb"(<sheets\b[^>]*>)(.*?)(</sheets>)", re.DOTALL)
_SHEET = re.compile(rb"<sheet\b([^>]*?)(?:/>|>\s*</sheet>)")
_VIEW = re.compile(rb"<workbookView\b([^>]*?)(/?>)")
_LOCAL = re.compile(rb"(\slocalSheetId\s*=\s*[\"'])(\d+)")
_SELECTED = re.compile(rb"<sheetView\b[^>]*?\stabSelected\s*=[^>]*>")
_NAME = re.compile(rb"<definedName\b([^>]*)>([^<]*)<")
_FORMULA = re.compile(rb"<(?:\w+:)?(?:f|formula|formula1|formula2)(?:\s[^>]*)?>([^<]*)<")
# What reaches out of the file when it is calculated: other workbooks, DDE, the web, programs.
REACHES_OUT: Final = re.compile(
    r"\[[^\[\]]*\.(?:xl|od|csv)\w*\]|(?<![\w\])])\[\d+\]|\||\b(?:WEBSERVICE|HYPERLINK|RTD|CALL|REGISTER(?:\.ID)?|EXEC|DDE|IMAGE)\s*\(",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Sheet:
    """One sheet: its name as readers see it, and its part."""

    name: str
    part: str


class Book:
    """The workbook part of a plain package.

    Raises:
        NotPlainError: macros, links out of the file, or a part that does not say what it should.
    """

    def __init__(self, package: Package) -> None:
        self.package = package
        try:
            self.xml = package.parts[_BOOK]
            tree = fromstring(self.xml)
            targets = {relation.id: relation.target for relation in package.relations(_BOOK)}
        except (KeyError, SyntaxError, ValueError) as fault:
            raise NotPlainError(f"workbook: {fault}") from fault
        self.sheets = [
            Sheet(element.get("name", ""), targets.get(element.get(f"{{{OFFICE}}}id", ""), ""))
            for element in tree.iter(f"{{{MAIN}}}sheet")
        ]
        listed = _SHEETS.search(self.xml)
        self._listed: list[bytes] = [found[1] for found in _SHEET.finditer(listed[2])] if listed else []
        if not self.sheets or len(self._listed) != len(self.sheets):
            raise NotPlainError("sheets are not listed plainly")
        if any(sheet.part not in package.parts for sheet in self.sheets):
            raise NotPlainError("a sheet has no part")
        self._refuse_ways_out()

    def _refuse_ways_out(self) -> None:
        if _TYPE + b"sheet.main+xml" not in self.package.parts["[Content_Types].xml"]:
            raise NotPlainError("a template, or with macros")
        for found in _NAME.finditer(self.xml):
            known = attributes(found[1])
            is_macro = any(known.get(kind) in ("1", "true") for kind in ("xlm", "function", "vbProcedure"))
            if is_macro or known.get("name", "").lower().startswith("auto_") or REACHES_OUT.search(found[2].decode()):
                raise NotPlainError("a name that reaches out of the file")
        for sheet in self.sheets:
            xml = self.package.parts[sheet.part]
            if any(REACHES_OUT.search(found.decode("utf-8", "replace")) for found in _FORMULA.findall(xml)):
                raise NotPlainError("a formula that reaches out of the file")

    def put_first(self, name: str, part: str) -> None:
        """Add a sheet before all others, or move it there, and let the workbook open with it."""
        place = next((number for number, sheet in enumerate(self.sheets) if sheet.part == part), None)
        if place is None:
            ids = [int(attributes(tag).get("sheetId", "0")) for tag in self._listed]
            relation = self.package.relate(_BOOK, "worksheet", part)
            plain = f' xmlns:r="{OFFICE}" name={quoteattr(self._free(name))} sheetId="{max(ids) + 1}" r:id="{relation}"'
            self._listed.insert(0, plain.encode())
            self.sheets.insert(0, Sheet(self._free(name), part))
            moved = {number: number + 1 for number in range(len(self.sheets))}
        else:
            self._listed.insert(0, without_attribute(self._listed.pop(place), "state"))
            self.sheets.insert(0, self.sheets.pop(place))
            moved = {number: number + (number < place) for number in range(len(self.sheets))} | {place: 0}
        self.xml = _LOCAL.sub(lambda found: found[1] + str(moved.get(int(found[2]), 0)).encode(), self.xml)

    def _free(self, name: str) -> str:
        taken = {sheet.name.casefold() for sheet in self.sheets}
        return next(free for n in range(1, len(taken) + 2) if (free := f"{name} ({n})" if n > 1 else name) not in taken)

    def unhide(self, sheet: Sheet) -> None:
        """Show a sheet, hidden or not."""
        number = self.sheets.index(sheet)
        self._listed[number] = without_attribute(self._listed[number], "state")

    def write(self) -> None:
        """Put the workbook part back, the first sheet alone being selected."""
        entries = b"".join(b"<sheet" + tag.rstrip() + b"/>" for tag in self._listed)
        xml = _SHEETS.sub(lambda found: found[1] + entries + found[3], self.xml, count=1)
        xml = _VIEW.sub(_opened_first, xml)
        self.package.parts[_BOOK] = xml
        for sheet in self.sheets[1:]:  # two selected sheets would be typed into at once
            content = self.package.parts[sheet.part]
            self.package.parts[sheet.part] = _SELECTED.sub(_unselected, content)


def _opened_first(found: re.Match[bytes]) -> bytes:
    tag = with_attribute(with_attribute(found[1], "activeTab", "0"), "firstSheet", "0")
    return b"<workbookView" + tag + found[2]


def _unselected(found: re.Match[bytes]) -> bytes:
    return without_attribute(found[0], "tabSelected")
