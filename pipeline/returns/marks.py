"""A plain workbook -> the same workbook with its faults marked, a comment on each, and a first sheet listing them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final
from xml.sax.saxutils import unescape

from schemas.returned import AUTHORS, TITLES, is_title
from schemas.words import word

from .book import Book, Sheet
from .comments import Comment, beside, comments_of, write_comments
from .cover import SPECIMEN, Letter, Remark, plain, write_cover
from .package import NotPlainError, Package, attributes
from .sheet import Area, SheetXml, address_of, place_of
from .styles import Styles

_SHEET_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
_STRINGS: Final = "xl/sharedStrings.xml"
_INLINE = re.compile(rb"<is\b[^>]*>(.*?)</is>", re.DOTALL)
_ENTRY = re.compile(rb"<si\b[^>]*?(?:/>|>(.*?)</si>)", re.DOTALL)
_PIECE = re.compile(rb"<t\b[^>]*>([^<]*)</t>")
_SHARED = re.compile(rb"<c\b[^>]*?\st=\"s\"[^>]*?>\s*<v>(\d{1,9})</v>")
_LINK = re.compile(rb"<hyperlink\b([^>]*?)/?>")
_TOP: Final = 12  # rows in which a first sheet's title stands


def mark(data: bytes, remarks: Sequence[Remark], letter: Letter, notes: Sequence[str]) -> bytes:
    """Return the correction copy of a workbook.

    Marks and first sheet of an earlier copy, if this is one come back, are taken off before.

    Args:
        data: the workbook as a zip.
        remarks: its findings, in the order in which they are listed; infos are listed, not marked.
        letter: what the first sheet says.
        notes: what became of the file itself (words.toml keys behind return_).

    Raises:
        NotPlainError: the workbook is to be rebuilt first.
        UnreadableError: it is damaged or over the limits.
    """
    try:
        return _Copy(data).marked(remarks, letter, notes)
    except (
        ValueError,
        LookupError,
        SyntaxError,
        OverflowError,
    ) as fault:  # XML that others wrote, wrong in its own way
        raise NotPlainError(f"{type(fault).__name__}: {fault}"[:200]) from fault


class _Copy:
    def __init__(self, data: bytes) -> None:
        self.package = Package(data)
        self.book = Book(self.package)
        self.styles = Styles(self.package)
        self.shared: list[bytes] | None = None  # texts that sheets share, taken apart when first asked for
        self.cover = next((sheet.part for sheet in self.book.sheets if self._is_cover(sheet)), "")
        self.sheets: dict[str, SheetXml] = {}
        self.comments: dict[str, dict[str, Comment]] = {}
        if self.cover:
            self._take_marks_off()

    def _open(self, sheet: Sheet) -> SheetXml:
        if sheet.part not in self.sheets:
            self.sheets[sheet.part] = SheetXml(self.package.parts[sheet.part])
            self.comments[sheet.part] = comments_of(self.package, sheet.part, AUTHORS if self.cover else ())
        return self.sheets[sheet.part]

    # --- a copy come back -----------------------------------------------------------------------

    def _is_cover(self, sheet: Sheet) -> bool:
        head = b"</row>".join(self.package.parts[sheet.part].split(b"</row>", _TOP)[:_TOP])
        if any(map(is_title, map(_plain_text, _INLINE.findall(head)))):
            return True
        if not any(title.encode() in self.package.parts.get(_STRINGS, b"") for title in TITLES):
            return False
        if self.shared is None:
            self.shared = _ENTRY.findall(self.package.parts[_STRINGS])
        numbers = [int(number) for number in _SHARED.findall(head)]
        return any(is_title(_plain_text(self.shared[number])) for number in numbers if number < len(self.shared))

    def _take_marks_off(self) -> None:
        """Give cells that an earlier copy marked the look they had, kept on its first sheet."""
        kept = SheetXml(self.package.parts[self.cover])
        by_name = {sheet.name: sheet for sheet in self.book.sheets if sheet.part != self.cover}
        for found in _LINK.findall(self.package.parts[self.cover]):
            known = attributes(found)
            name, _, cell = _unescaped(known.get("location", "")).rpartition("!")
            name = name.removeprefix("'").removesuffix("'").replace("''", "'")
            if name in by_name:
                sheet = self._open(by_name[name])
                look = kept.style((place_of(known.get("ref", ""))[0], SPECIMEN))
                area = sheet.area(cell.replace("$", ""))
                marked = [place for place in area.places() if self.styles.is_marked(sheet.style(place))]
                sheet.restyle(dict.fromkeys(marked, int(look)))
        for entry in by_name.values():
            self._open(entry)  # for the comments that are ours

    # --- a copy to be made ------------------------------------------------------------------------

    def marked(self, remarks: Sequence[Remark], letter: Letter, notes: Sequence[str]) -> bytes:
        author = word("return_author", letter.language)
        targets, specimens, worst, said = self._weigh(remarks, letter.language)
        for (part, area), severity in worst.items():
            sheet = self.sheets[part]
            looks = {place: self.styles.marked(sheet.style(place), severity) for place in area.places()}
            sheet.restyle(looks)
            sheet.unhide(area.first)
            address = address_of(area.first)
            comment = Comment(author, f"{author}:\n" + "\n\n".join(said[part, area]))
            self.comments[part][address] = beside(comment, self.comments[part].get(address))
        for part, sheet in self.sheets.items():
            write_comments(self.package, part, sheet, self.comments[part])
            self.package.parts[part] = sheet.to_bytes()
        self._write_cover(remarks, letter, notes, targets, specimens)
        return self.package.to_bytes()

    def _weigh(
        self, remarks: Sequence[Remark], language: str
    ) -> tuple[
        dict[int, tuple[str, str]], dict[int, str], dict[tuple[str, Area], str], dict[tuple[str, Area], list[str]]
    ]:
        """Find the cell of each remark.

        Returns:
            Number of a remark -> (sheet, cell) and -> look of that cell so far; marked cells -> the gravest severity,
            and -> what their comments say.
        """
        targets: dict[int, tuple[str, str]] = {}
        specimens: dict[int, str] = {}
        worst: dict[tuple[str, Area], str] = {}
        said: dict[tuple[str, Area], list[str]] = {}
        by_name = {sheet.name: sheet for sheet in self.book.sheets if sheet.part != self.cover}
        for number, remark in enumerate(remarks):
            sheet = by_name.get(remark.sheet)
            if sheet is None or not place_of(remark.cell)[0]:
                continue
            xml = self._open(sheet)
            targets[number] = (remark.sheet, remark.cell)
            if remark.severity not in ("error", "query"):
                continue
            key = sheet.part, xml.area(remark.cell)
            if key not in worst:  # one specimen a cell is enough
                specimens[number] = xml.style(key[1].first)
                self.book.unhide(sheet)
            worst[key] = min(worst.get(key, remark.severity), remark.severity)  # "error" before "query"
            how = word(remark.severity, language).upper()
            text = f"{how}: {plain(remark.message)}\n{word('return_fix', language)}: {plain(remark.fix)}"
            said.setdefault(key, []).append(text)
        return targets, specimens, worst, said

    def _write_cover(
        self,
        remarks: Sequence[Remark],
        letter: Letter,
        notes: Sequence[str],
        targets: dict[int, tuple[str, str]],
        specimens: dict[int, str],
    ) -> None:
        part = self.cover or self.package.unused("xl/worksheets/returned{}.xml")
        self.package.parts[part] = write_cover(letter, remarks, notes, targets, specimens, self.styles)
        self.package.parts.pop(f"xl/worksheets/_rels/{part.rpartition('/')[2]}.rels", None)
        self.package.declare(part, _SHEET_TYPE)
        self.styles.write()
        self.book.put_first(word("return_sheet", letter.language), part)
        self.book.write()


def _plain_text(xml: bytes) -> str:
    return _unescaped(b"".join(_PIECE.findall(xml)).decode("utf-8", "replace"))


def _unescaped(text: str) -> str:
    return unescape(text, {"&quot;": '"', "&apos;": "'"})
