"""The registry's file, units.csv or units.xlsx, as rows of cleaned text that know their line or cell."""

from __future__ import annotations

import csv
import io
import re
from contextlib import closing
from datetime import date, datetime, time
from itertools import islice
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from schemas.faults import FaultList, file_name, is_near_miss
from schemas.units import COLUMNS, REQUIRED, UnitRows, cleaned

_DELIMITERS = ",;\t"
_FORMULA = re.compile(rb"<(?:\w+:)?f[ >/]")

Lines = tuple[list[int], list[list[str]]]  # the line on which each starts, and its values; the header first


def read_units(folder: Path, language: str) -> tuple[UnitRows, FaultList]:
    """Read the registry of a campaign's folder.

    units.csv is UTF-8, with or without a byte order mark, its values separated by "," or ";" (or tabs).
    Of units.xlsx the first sheet is read, its first filled row being the header.

    Returns:
        The rows, and the faults seen so far that leave the rest readable.

    Raises:
        FaultsError: no registry or two, or one that cannot be read as a table with the required columns.
    """
    text_file, workbook = folder / "units.csv", folder / "units.xlsx"
    path = workbook if workbook.exists() else text_file
    faults = FaultList(file_name(path), language)
    if text_file.exists() and workbook.exists():
        faults.refuse("registry_twice", found=f"{text_file.name}, {workbook.name}")
    if not path.exists():
        faults.refuse("registry_missing")
    is_workbook = path == workbook
    numbers, lines = _workbook_lines(path, faults) if is_workbook else _text_lines(path, faults)
    if not lines:
        faults.refuse("registry_empty")
    at = _columns(lines[0], numbers[0], faults, is_workbook=is_workbook)
    if len(lines) == 1:
        faults.refuse("registry_empty", line=numbers[0])
    rows = _rows(numbers, lines, at, is_workbook=is_workbook)
    if is_workbook:
        _look_at_formulas(path, rows, faults)
    return rows, faults


def _text_lines(path: Path, faults: FaultList) -> Lines:
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        faults.refuse("not_utf8", line=line, found=f"byte 0x{raw[wrong.start]:02X}")
    header = text.lstrip().split("\n", 1)[0]
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
            start = reader.line_num + 1
    except csv.Error:
        whole = next(islice(io.StringIO(text, newline=""), start - 1, None), "")
        faults.refuse("csv_quotes", line=start, found=whole)
    _check_widths(numbers, lines, delimiter, faults)
    return numbers, lines


def _check_widths(numbers: list[int], lines: list[list[str]], delimiter: str, faults: FaultList) -> None:
    """Add a fault for each line with more values than the header: a name has the delimiter in it, unquoted.

    A blank value too many shifts a line as well, unless most lines have one: then they only end in a delimiter.
    """
    width = len(lines[0]) if lines else 0
    longer = [(number, values) for number, values in zip(numbers, lines, strict=True) if len(values) > width]
    is_habit = 2 * len(longer) > len(lines)
    for number, values in longer:
        if not is_habit or any(map(str.strip, values[width:])):
            found = delimiter.join(values)
            faults.add("row_too_long", line=number, found=found, columns=width, delimiter=delimiter)
            faults.close(number)


def _workbook_lines(path: Path, faults: FaultList) -> Lines:
    try:
        with CalamineWorkbook.from_path(path) as workbook:
            grid = workbook.get_sheet_by_index(0).to_python(skip_empty_area=False)
    except (CalamineError, OSError) as wrong:
        faults.refuse("registry_unreadable", found=wrong)
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


def _columns(names: list[str], line: int, faults: FaultList, *, is_workbook: bool) -> dict[str, int]:
    """Return where each known column stands; a misspelt one is a fault, but stands for what it surely means.

    Raises:
        FaultsError: a required column is missing.
    """
    header = [name.casefold() for name in cleaned(names)]
    at: dict[str, int] = {}
    for position, name in enumerate(header):
        cell = f"{_letter(position)}{line}" if is_workbook else ""
        meant = next((column for column in COLUMNS if is_near_miss(name, column)), "")
        if name in COLUMNS and name in at:
            where = f"{_letter(at[name])}{line}" if is_workbook else str(at[name] + 1)
            faults.add("column_twice", line=line, cell=cell, key=name, found=name, where=where)
        elif name in COLUMNS:
            at[name] = position
        elif meant:
            faults.add("column_near_miss", line=line, cell=cell, key=name, found=name, name=meant)
            if meant not in header:
                at.setdefault(meant, position)
    missing = [column for column in REQUIRED if column not in at]
    for column in missing:
        found, required = ", ".join(filter(None, header)), ", ".join(REQUIRED)
        faults.add("column_missing", line=line, key=column, found=found, required=required)
    if missing:
        faults.raise_any()
    return at


def _rows(numbers: list[int], lines: list[list[str]], at: dict[str, int], *, is_workbook: bool) -> UnitRows:
    """Cut the lines below the header into columns; a line that ends early is blank from there on."""
    width = len(lines[0])
    whole = (values if len(values) == width else (values + [""] * width)[:width] for values in lines[1:])
    columns = list(zip(*whole, strict=True))
    blank = [""] * (len(lines) - 1)
    frame = pd.DataFrame(
        {name: cleaned(columns[at[name]]) if name in at else blank for name in COLUMNS},
        index=pd.Index(numbers[1:], name="line"),
        dtype="str",
    )
    return UnitRows(frame, {name: _letter(position) for name, position in at.items()} if is_workbook else {})


def _look_at_formulas(path: Path, rows: UnitRows, faults: FaultList) -> None:
    """Add a fault for each cell that shows an error or is a formula without a result.

    The quick reader gives both as blank, which would be taken for what was meant; so where a workbook
    has any, a slower reader looks at them again.
    """
    with ZipFile(path) as parts:
        sheets = [parts.read(name) for name in parts.namelist() if name.startswith("xl/worksheets/")]
    if not any(b't="e"' in sheet or _FORMULA.search(sheet) for sheet in sheets):
        return
    from openpyxl import load_workbook  # most registries are units.csv

    with closing(load_workbook(path, data_only=True)) as shown, closing(load_workbook(path)) as written:
        values, formulas = shown.worksheets[0], written.worksheets[0]
        for column, letter in rows.letters.items():
            for line in rows.frame.index:
                cell, formula = values[f"{letter}{line}"], formulas[f"{letter}{line}"]
                if cell.data_type == "e":
                    kind, found = "cell_error", cell.value
                elif cell.value is None and formula.data_type == "f":
                    kind, found = "formula_without_value", getattr(formula.value, "text", formula.value)
                else:
                    continue
                faults.add(kind, line=int(line), cell=cell.coordinate, key=column, found=found)
                faults.close(int(line), column)


def _letter(at: int) -> str:
    """Return the letters of a workbook's column; 0 is A."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
