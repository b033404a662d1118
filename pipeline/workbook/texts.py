"""The texts of a workbook, each kept once, and how they are written: escaped exactly as XlsxWriter escapes them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice

from xlsxwriter.utility import _preserve_whitespace
from xlsxwriter.xmlwriter import XMLwriter

MOST_SHARED = 1 << 18  # a campaign of 6,000 branches has some 40,000; a country's would take gigabytes
_BATCH = 50  # texts looked at together
_QUOTED = re.compile('[&<>"\n]')
_SPECIAL = re.compile(r"[&<>\x00-\x1f\ufffe\uffff]|_x|^\s|\s$")  # all else stands as it is


class Texts(dict[str, int]):
    """XlsxWriter's table of shared strings: text -> its number, given when a text is first asked for.

    Once `is_full`, texts that are not in it should stand in their cells instead, so that memory is bounded. A text
    is never taken for markup, as XlsxWriter takes what begins with "<r>" and ends with "</r>".
    """

    def __missing__(self, text: str) -> int:
        number = self[text] = len(self)
        return number

    @property
    def is_full(self) -> bool:
        return len(self) >= MOST_SHARED

    def cell(self, text: str) -> str:
        """Return what a cell with this text holds: its number while there is room for it, else the text itself."""
        if (
            text in self or not self.is_full or "_x" in (told := element(text))
        ):  # not every reader decodes _x000D_ there
            return f' t="s"><v>{self[text]}</v>'
        return f' t="inlineStr"><is>{told}</is>'

    def written(self) -> Iterator[str]:
        """Yield the XML of the table, in batches."""
        yield '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
        yield f'<sst xmlns="{space}" uniqueCount="{len(self)}">'
        texts = iter(self)
        while batch := list(islice(texts, _BATCH)):
            if _are_plain(batch):
                yield f"<si><t>{'</t></si><si><t>'.join(batch)}</t></si>"
            else:
                yield "".join([f"<si>{element(text)}</si>" for text in batch])
        yield "</sst>"

    # What XlsxWriter asks of its own table.

    count = 1  # there is always a table: texts are added while the sheets are written

    def _get_shared_string_index(self, text: str) -> int:
        return self[text]

    def _sort_string_data(self) -> None:
        self._numbered = list(self)

    def _get_shared_string(self, number: int) -> str:
        return self._numbered[number]


def _are_plain(texts: list[str]) -> bool:
    """Whether none of these texts needs any escaping, as is quick to tell of many at once."""
    joined = "¦".join(("", *texts, "")).replace("\n", " ")
    return joined.isprintable() and not any(mark in joined for mark in ("&", "<", ">", "_x", "¦ ", " ¦"))


def element(text: str) -> str:
    """Return a text as the <t> element of a string."""
    if not _SPECIAL.search(text):
        return f"<t>{text}</t>"
    text = XMLwriter._escape_control_characters(text)
    space = ' xml:space="preserve"' if _preserve_whitespace(text) else ""
    return f"<t{space}>{escaped(text)}</t>"


def escaped(text: str) -> str:
    """Return a text as the content of an XML element."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def attribute(text: str) -> str:
    """Return a text as the value of an XML attribute."""
    if _QUOTED.search(text):
        return escaped(text).replace('"', "&quot;").replace("\n", "&#xA;")
    return text
