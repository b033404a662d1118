"""The registry of units, row by row: its columns, what each may hold, and the pandera model that checks them.

Every cell arrives as cleaned text, whatever file it came from, with its line; so the same rules and the same
faults hold for units.csv and units.xlsx. What is true of the units together is in schemas/tree.py.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pandas as pd
import pandera.pandas as pa

from .days import day
from .faults import FaultList, did_you_mean

REQUIRED = ("unit_code", "unit_name", "level", "parent_code")
OPTIONAL = ("email", "monitor", "valid_from", "valid_to", "aliases", "members_on_register", "reports")
COLUMNS = (*REQUIRED, *OPTIONAL)

YES = frozenset({"true", "1", "có", "yes"})
NO = frozenset({"false", "0", "không", "no"})
_ANSWERS = YES | NO | {""}

_EMAIL = re.compile(r"[^@\s,;<>()\[\]]+@[^@\s,;<>()\[\].]+(\.[^@\s,;<>()\[\].]+)+")
_PLAIN_CODE = re.compile(r"[0-9A-Z.-]+")
_WHOLE = re.compile(r"[0-9]{1,9}")
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff\x00-\x08\x0e-\x1f\x7f]")
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"}


@dataclass(frozen=True)
class UnitRows:
    """The registry as it stands in its file.

    Attributes:
        frame: one row a unit in the file's order, index its line; every one of COLUMNS as cleaned text, "" where
            blank or where the file has no such column.
        letters: column -> letter in a workbook, so that a fault names its cell; empty for units.csv.
    """

    frame: pd.DataFrame
    letters: dict[str, str]

    def texts(self, column: str) -> list[str]:
        """Return a column's texts, in the file's order."""
        texts: list[str] = self.frame[column].tolist()
        return texts

    def place(self, line: int, column: str) -> tuple[int, str]:
        """Return (line, cell) of a value; the cell is "" in a text file."""
        return line, f"{self.letters[column]}{line}" if column in self.letters else ""


def cleaned(column: Sequence[str]) -> list[str]:
    """Return a column's texts in NFC, without invisible characters and needless spaces; of equal ones the same object.

    A country has 300,000 units, and a few levels, monitors and codes of units above.
    """
    if not any(column):
        return list(column)
    whole = "\n".join(column)
    is_plain = unicodedata.is_normalized("NFC", whole) and not _INVISIBLE.search(whole)
    if not is_plain:
        column = [unicodedata.normalize("NFC", _INVISIBLE.sub("", text)) for text in column]
    known: dict[str, str] = {}
    return [known.setdefault(text, text) for text in (" ".join(text.split()) for text in column)]


def code_key(code: str) -> str:
    """Return what makes two codes the same: case, spaces and the kind of dash do not."""
    if _PLAIN_CODE.fullmatch(code):
        return code
    return "".join(code.split()).upper().translate(_DASHES)


def days(column: pd.Series[str]) -> pd.Series[date]:
    """Return a column's days, None where blank or unclear; a registry has few different ones."""
    texts = column.tolist()
    known = {text: day(text) for text in set(texts)}
    return pd.Series([known[text] for text in texts], index=column.index, dtype="object")


def units_schema(levels: Sequence[str]) -> pa.DataFrameSchema:
    """Return the pandera model of the registry's text; each check's name is the kind of the fault."""

    def each(kind: str, holds: Callable[[str], bool]) -> pa.Check:
        def over(column: pd.Series[str]) -> pd.Series[bool]:
            texts = column.tolist()
            answers = {text: holds(text) for text in set(texts)}
            return pd.Series([answers[text] for text in texts], index=column.index, dtype=bool)

        return pa.Check(over, name=kind, error=kind)

    def filled(kind: str) -> pa.Check:
        return each(kind, bool)

    is_day = each("date_unclear", lambda text: not text or day(text) is not None)
    checks = {
        "unit_code": filled("unit_code_blank"),
        "unit_name": filled("unit_name_blank"),
        "level": each("level_unknown", frozenset(levels).__contains__),
        "email": each("email_shape", lambda text: not text or _EMAIL.fullmatch(text) is not None),
        "valid_from": is_day,
        "valid_to": is_day,
        "members_on_register": each("members_not_whole", lambda text: not text or _WHOLE.fullmatch(text) is not None),
        "reports": each("reports_unclear", lambda text: text.casefold() in _ANSWERS),
        "is_in_order": pa.Check(lambda mask: mask, name="valid_to_before_from", error="valid_to_before_from"),
    }
    return pa.DataFrameSchema({name: pa.Column(None, check) for name, check in checks.items()})


def check_units(rows: UnitRows, levels: Sequence[str], faults: FaultList) -> None:
    """Add every fault of a single row to `faults`, at its line or cell.

    Raises:
        pandera.errors.SchemaErrors: a check itself crashed, which is our fault and not the analyst's.
    """
    starts, ends = days(rows.frame["valid_from"]), days(rows.frame["valid_to"])
    in_order = [not (start and end) or start <= end for start, end in zip(starts, ends, strict=True)]
    try:
        units_schema(levels).validate(rows.frame.assign(is_in_order=in_order), lazy=True)
    except pa.errors.SchemaErrors as failed:
        cases = failed.failure_cases
        if cases["index"].isna().any():
            raise
        for column, kind, line in zip(cases["column"], cases["check"], cases["index"], strict=True):
            key = "valid_to" if column == "is_in_order" else column
            found = str(rows.frame.at[line, key])
            place, cell = rows.place(int(line), key)
            near = did_you_mean(found, levels, faults.language) if kind == "level_unknown" else ""
            start = rows.frame.at[line, "valid_from"]
            faults.add(
                kind, line=place, cell=cell, key=key, found=found, levels=", ".join(levels), near=near, start=start
            )


def typed(frame: pd.DataFrame) -> pd.DataFrame:
    """Return checked text as typed columns; same rows and order.

    valid_from and valid_to become datetime.date or None, aliases a tuple of names, members_on_register Int64
    persons, reports a bool that is true where blank.
    """
    aliases = [tuple(name for part in text.split(";") if (name := part.strip())) for text in frame["aliases"].tolist()]
    members = pd.to_numeric(frame["members_on_register"].where(frame["members_on_register"] != ""))
    return frame.assign(
        valid_from=days(frame["valid_from"]),
        valid_to=days(frame["valid_to"]),
        aliases=pd.Series(aliases, index=frame.index, dtype="object"),
        members_on_register=members.astype("Int64"),
        reports=[text.casefold() not in NO for text in frame["reports"].tolist()],
    )
