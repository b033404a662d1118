"""The registry's file, units.csv or units.xlsx, as rows of cleaned text that know their line or cell."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from schemas.faults import FaultList, file_name, is_near_miss
from schemas.units import COLUMNS, REQUIRED, UnitRows, cleaned
from schemas.words import word

_DELIMITERS = ",;\t"


def read_units(folder: Path, language: str) -> UnitRows:
    """Read the registry of a campaign's folder.

    units.csv is UTF-8, with or without a byte order mark, its values separated by "," or ";" (or tabs).
    Of units.xlsx the first sheet is read, its first row being the header.

    Raises:
        FaultsError: no registry or two, a file that cannot be read, a header or lines that do not fit.
    """
    text_file, workbook = folder / "units.csv", folder / "units.xlsx"
    if text_file.exists() and workbook.exists():
        FaultList(file_name(workbook), language).refuse("registry_twice", found=f"{text_file.name}, {workbook.name}")
    if workbook.exists():
        return _rows(workbook, language, *_workbook_lines(workbook, language), is_workbook=True)
    if not text_file.exists():
        FaultList(file_name(text_file), language).refuse("registry_missing")
    return _rows(text_file, language, *_text_lines(text_file, language), is_workbook=False)


Lines = tuple[list[int], list[list[str]]]  # the line on which each starts, and its values; the header first


def _text_lines(path: Path, language: str) -> Lines:
    faults = FaultList(file_name(path), language)
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        faults.refuse("not_utf8", line=line, found=f"byte 0x{raw[wrong.start]:02X}")
    header = text.split("\n", 1)[0]
    delimiter = max(_DELIMITERS, key=header.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    numbers: list[int] = []
    lines: list[list[str]] = []
    start = 1
    try:
        for values in reader:
            if any(map(str.strip, values)):
                numbers.append(start)
                lines.append(values)
                if len(values) > len(lines[0]) and any(map(str.strip, values[len(lines[0]) :])):
                    found = delimiter.join(values)
                    faults.add("row_too_long", line=start, found=found, columns=len(lines[0]), delimiter=delimiter)
            start = reader.line_num + 1
    except csv.Error:
        faults.add("csv_quotes", line=start, found=_line_text(text, start))
    faults.raise_any()
    return numbers, lines


def _line_text(text: str, number: int) -> str:
    return next(islice(io.StringIO(text, newline=""), number - 1, None), "")


def _workbook_lines(path: Path, language: str) -> Lines:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            grid = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as wrong:
        FaultList(file_name(path), language).refuse("registry_unreadable", found=wrong)
    lines = [(number, [_text(value) for value in values]) for number, values in enumerate(grid, start=1)]
    filled = [(number, values) for number, values in lines if any(map(str.strip, values))]
    return [number for number, _ in filled], [values for _, values in filled]


def _text(value: object) -> str:
    """Return a cell's value as the text that units.csv would hold for it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    return value.isoformat() if isinstance(value, date) else str(value)


def _rows(path: Path, language: str, numbers: list[int], lines: list[list[str]], *, is_workbook: bool) -> UnitRows:
    """Match the header and cut the lines into columns."""
    faults = FaultList(file_name(path), language)
    if not lines:
        faults.add("registry_empty")
        faults.raise_any()
    header = [name.casefold() for name in cleaned(lines[0])]
    _check_header(header, numbers[0], faults, is_workbook=is_workbook)
    if len(lines) == 1:
        faults.add("registry_empty", line=numbers[0])
    faults.raise_any()
    width = len(header)
    whole = [values if len(values) == width else [*values, *[""] * width][:width] for values in lines[1:]]
    columns = dict(zip(header, zip(*whole, strict=True), strict=True))
    blank = [""] * len(whole)
    frame = pd.DataFrame(
        {name: cleaned(columns[name]) if name in columns else blank for name in COLUMNS},
        index=pd.Index(numbers[1:], name="line"),
        dtype="str",
    )
    letters = {name: _letter(at) for at, name in enumerate(header) if name in COLUMNS} if is_workbook else {}
    return UnitRows(faults.file, frame, letters)


def _check_header(header: Sequence[str], line: int, faults: FaultList, *, is_workbook: bool) -> None:
    def place(at: int) -> str:
        return f"{_letter(at)}{line}" if is_workbook else ""

    known: dict[str, int] = {}
    for at, name in enumerate(header):
        meant = next((column for column in COLUMNS if is_near_miss(name, column)), "")
        if name in known:
            where = word("place_cell", faults.language, cell=place(known[name])) if is_workbook else known[name] + 1
            faults.add("column_twice", line=line, cell=place(at), key=name, found=name, where=where)
        elif name in COLUMNS:
            known[name] = at
        elif meant:
            faults.add("column_near_miss", line=line, cell=place(at), key=name, found=name, name=meant)
            known.setdefault(meant, at)
    for column in REQUIRED:
        if column not in known:
            found, required = ", ".join(filter(None, header)), ", ".join(REQUIRED)
            faults.add("column_missing", line=line, key=column, found=found, required=required)


def _letter(at: int) -> str:
    """Return the letters of a workbook's column; 0 is A."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
