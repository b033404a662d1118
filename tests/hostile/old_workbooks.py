"""Hostile .xls."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from .binary import (
    BOF,
    DIMENSIONS,
    SST,
    Record,
    compound,
    first_sector_of,
    form_records,
    number_cell,
    workbook_stream,
    xls,
)
from .maker import COUNTED, REFUSED, Hostile, counted, refused

_FORM: Final = form_records("H-NONE")
_CRASH: Final = ("file_crashed", "file_damaged")
_MULRK, _FILEPASS, _NAME = 0x00BD, 0x002F, 0x0018


def _with(*more: Record, code: str = "H-NONE", sheet: str = "Biểu") -> bytes:
    return xls([(sheet, [*form_records(code), *more])])


def _dimensions(rows: int, columns: int) -> Record:
    return DIMENSIONS, struct.pack("<IIHHH", 0, rows, 0, columns, 0)


def _chain(loop: dict[int, int]) -> bytes:
    """A workbook of some sectors, two or one of which follow each other for ever."""
    many = [number_cell(row, 5, row) for row in range(2000)]
    return compound({"Workbook": workbook_stream([("Biểu", [*_FORM, *many])])}, loop)


def _directory_loop() -> bytes:
    streams = {"Workbook": workbook_stream([("Biểu", _FORM)])}
    behind = first_sector_of({**streams, "": b""}, "")
    return compound(streams, {behind: behind})


def _says(start: int) -> bytes:
    return compound({"Workbook": workbook_stream([("Biểu", _FORM)], says={0: start})})


def _sheets(count: int) -> bytes:
    return xls([(f"s{n}", _FORM if not n else []) for n in range(count)])


def _truncated() -> Iterator[Hostile]:
    whole = xls([("Biểu", _FORM)])
    for sectors in range(0, len(whole) // 512, 2):
        size = sectors * 512 + 100
        yield refused(f"cut/{size}-bytes.xls", lambda size=size: whole[:size], "file_damaged")


HOSTILE: Final = (
    refused("old/far.xls", lambda: _with(number_cell(65535, 255, 1)), "cells_too_far"),
    refused(
        "old/far-in-a-row-of-numbers.xls",
        lambda: _with((_MULRK, struct.pack("<HHHIH", 60000, 0, 0, 6, 65535))),
        "cells_too_far",
        *_CRASH,
    ),
    refused("old/row-of-numbers-cut.xls", lambda: _with((_MULRK, b"")), *_CRASH),
    # This one really aborts calamine: 5 KB that ask for 2,000 GB.
    refused(
        "old/dimensions-lie.xls",
        lambda: xls([("Biểu", [_dimensions(0xFFFFFFFF, 0xFFFF), *_FORM])]),
        "cells_too_far",
        *_CRASH,
    ),
    refused("old/directory-loops.xls", _directory_loop, "file_damaged"),
    Hostile(
        "old/chain-loops.xls",
        lambda: _chain({9: 8}),
        frozenset({"no_form", "unit_unknown", *_CRASH}),
        frozenset({"rejected", "unidentified"}),
    ),
    Hostile(
        "old/sector-loops.xls",
        lambda: _chain({3: 3}),
        frozenset({"no_form", "unit_unknown", *_CRASH}),
        frozenset({"rejected", "unidentified"}),
    ),
    refused("old/sheet-is-the-book.xls", lambda: _says(0), "no_form", *_CRASH),
    refused("old/sheet-beyond-the-end.xls", lambda: _says(0xFFFFFFFF), "no_form", *_CRASH),
    refused("old/3000-sheets.xls", lambda: _sheets(3000), "too_many_sheets"),
    refused("old/name-cut.xls", lambda: xls([("Biểu", _FORM)], [(_NAME, b"\0")]), "no_form", *_CRASH),
    refused(
        "old/locked.xls", lambda: xls([("Biểu", _FORM)], [(_FILEPASS, b"\1\0\1\0\1\0" + bytes(48))]), "file_encrypted"
    ),
    refused("old/not-one-byte-of-it.xls", lambda: b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(8000), "file_damaged"),
    *_truncated(),
    counted(
        "old/strings-said.xls",
        lambda code: xls([("Biểu", form_records(code))], [(SST, struct.pack("<II", 0xFFFFFFFF, 0xFFFFFFFF))]),
        "H-SST",
        members=20,
    ),
    counted(
        "old/substreams-without-end.xls",
        lambda code: _with(*[(BOF, struct.pack("<HHHHII", 0x600, 0x20, 0, 0, 0, 6))] * 5000, code=code),
        "H-BOF",
        members=20,
    ),
    counted(
        "old/sheet-name.xls",
        lambda code: _with(code=code, sheet="=\x1b]0;x\x07\x00\u202e\ud800<b>'"),
        "H-SHEET",
        members=20,
    ),
)

__all__ = ["COUNTED", "HOSTILE", "REFUSED"]
