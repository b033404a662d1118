"""Hostile .ods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .maker import Hostile, refused
from .packages import form_lines, zipped
from .sheets import MIMETYPE, ods, ods_cell, ods_form, ods_lines, ods_row, ods_table

_CRASH: Final = ("file_crashed", "file_damaged")
_ANY: Final = frozenset({"rejected", "unidentified"})
_EMPTY_ROWS: Final = ods_row("<table:table-cell/>", 'table:number-rows-repeated="1048000"')
_EMPTY_CELLS: Final = '<table:table-cell table:number-columns-repeated="16383"/>'
_LAUGHS: Final = '<!DOCTYPE a [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


def _repeated(value: str | int, what: str, times: int) -> str:
    more = f'table:number-{what}-repeated="{times}"'
    return ods_row(ods_cell(value, more)) if what == "columns" else ods_row(ods_cell(value), more)


def _said_encoding(encoding: str) -> bytes:
    form = ods_lines(form_lines("H-NONE"))
    return ods(ods_table(form)).replace(b'encoding="UTF-8"', f'encoding="{encoding}"'.encode())


def _spaces(count: int) -> str:
    return ods_row(f'<table:table-cell><text:p>a<text:s text:c="{count}"/>b</text:p></table:table-cell>')


def _locked() -> bytes:
    manifest = "<manifest:manifest><manifest:encryption-data/></manifest:manifest>"
    return zipped([("mimetype", MIMETYPE), ("META-INF/manifest.xml", manifest), ("content.xml", b"\x80" * 3000)])


def _truncated() -> Iterator[Hostile]:
    whole = ods_form("H-NONE")
    for fifth in range(1, 5):
        size = len(whole) * fifth // 5
        yield refused(f"cut/{fifth}-fifths.ods", lambda size=size: whole[:size], "file_damaged")


HOSTILE: Final = (
    refused(
        "ods/far.ods", lambda: ods_form("H-NONE", _EMPTY_ROWS + ods_row(_EMPTY_CELLS + ods_cell(1))), "cells_too_far"
    ),
    refused("ods/value-repeated.ods", lambda: ods_form("H-NONE", _repeated(1, "columns", 2**31 - 1)), "cells_too_far"),
    refused(
        "ods/value-repeated-beyond-64-bits.ods",
        lambda: ods_form("H-NONE", _repeated(1, "columns", 10**20)),
        "cells_too_far",
        *_CRASH,
    ),
    refused(
        "ods/value-repeated-5000-digits.ods",
        lambda: ods_form("H-NONE", _repeated(1, "columns", 10**4000)),
        "cells_too_far",
        *_CRASH,
    ),
    refused("ods/row-repeated.ods", lambda: ods_form("H-NONE", _repeated("x", "rows", 4 * 10**9)), "cells_too_far"),
    Hostile(
        "ods/spaces-repeated.ods",
        lambda: ods_form("H-NONE", _spaces(2 * 10**9)),
        frozenset({"unit_unknown", "file_suspicious", *_CRASH}),
        _ANY,
    ),
    refused("ods/laughs.ods", lambda: ods(ods_table(ods_lines(form_lines("H-NONE"))), _LAUGHS), "file_suspicious"),
    Hostile("ods/unknown-encoding.ods", lambda: _said_encoding("true"), frozenset({"unit_unknown", *_CRASH}), _ANY),
    refused("ods/locked.ods", _locked, "file_encrypted"),
    refused("ods/no-content.ods", lambda: zipped([("mimetype", MIMETYPE)]), "file_damaged"),
    Hostile(
        "ods/other-namespace.ods",
        lambda: ods(
            ods_table(ods_lines(form_lines("H-NONE")) + _repeated(1, "columns", 2**31 - 1)),
            spaces={"table": "urn:other"},
        ),
        frozenset({"unit_unknown", "cells_too_far", "file_suspicious", "no_form", *_CRASH}),
        _ANY,
    ),
    *_truncated(),
)
