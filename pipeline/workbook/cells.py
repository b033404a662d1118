"""What may stand in a cell: text made safe, values made plain."""

from __future__ import annotations

import re
from collections import namedtuple
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, TypeVar

import pandas as pd

from schemas.campaign import VIETNAM

CELL_LIMIT = 32_767  # UTF-16 units: XlsxWriter drops a longer string, and an emoji counts double
# XML 1.0 has no place for control characters, lone surrogates and the two non-characters
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_VIETNAMS = "+07:00"  # the offset of its zone since 1975
_BREAKS = re.compile("\r\n?")
Value = TypeVar("Value")


def clean(text: str) -> str:
    """Return text without what a workbook cannot hold; line breaks stay."""
    if text.isprintable():  # as nearly all are, and quick to tell
        return text
    return _UNWRITABLE.sub("", _BREAKS.sub("\n", text))


def fit(text: str, cut_mark: str) -> str:
    """Return text that a cell can hold; where it is cut, `cut_mark` stands at its end."""
    text = clean(text)
    if 2 * len(text) <= CELL_LIMIT or _units(text) <= CELL_LIMIT:
        return text
    room = CELL_LIMIT - _units(cut_mark)
    encoded = text.encode("utf-16-le")[: 2 * room]
    return encoded.decode("utf-16-le", errors="ignore") + cut_mark  # half of a pair at the cut is let go


def _units(text: str) -> int:
    return len(text.encode("utf-16-le")) // 2


def fit_all(texts: Sequence[str | None], cut_mark: str) -> Sequence[str | None]:
    """Return texts that cells can hold; looked at together, as nearly all are plain and short."""
    told = [text for text in texts if text]
    if max(map(len, told), default=0) <= CELL_LIMIT // 2 and "".join(told).isprintable():
        return texts
    return [fit(text, cut_mark) if text else "" for text in texts]


def values_of(table: pd.Series | pd.Index) -> list[Any]:
    """Return a column's values as Python's own; pandas's `tolist` looks at each text in turn."""
    listed: list[Any] = table.to_numpy(dtype=object).tolist()
    return listed


def alike(values: Iterable[Value]) -> list[Value]:
    """Return values that are told row by row, and of which few differ, as a list of the few."""
    known: dict[Value, Value] = {}
    return [known.setdefault(value, value) for value in values]


def records(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table, each with its columns as attributes; a column at a time, as that is quicker."""
    row = namedtuple("row", table.columns.tolist())  # type: ignore[misc]  # the columns are known only now
    yield from map(row._make, zip(*(values_of(table[name]) for name in table.columns), strict=True))


def plain(values: Iterable[Any]) -> list[Any]:
    """Return a column's values as Python's own, None where blank."""
    listed = values_of(values) if isinstance(values, pd.Series) else values
    return [None if value is None or value is pd.NA or value != value else value for value in listed]


def text_of(value: Any) -> str:
    """Return a value as text, "" where blank."""
    return "" if value is None or value is pd.NA or value != value else str(value)


def texts_of(values: pd.Series) -> list[str]:
    """Return a column's values as texts, "" where blank."""
    return [value if value.__class__ is str else text_of(value) for value in values_of(values)]


def moments_of(values: pd.Series) -> list[datetime | None]:
    """Return a column's received times as `moment` does."""
    if isinstance(values.dtype, pd.DatetimeTZDtype) and not values.hasnans:
        local = values.dt.tz_convert(VIETNAM).dt.tz_localize(None).dt.floor("s")
        return list(local.dt.to_pydatetime())
    listed = values_of(values)
    known = {value: moment(value) for value in set(listed)}  # many came on the same day
    return [known[value] for value in listed]


def moment(value: Any) -> datetime | None:
    """Return a received time (or its ISO text) as Vietnam's wall clock, for Excel knows no zones; None if blank."""
    if not text_of(value):
        return None
    if value.__class__ is str and value.endswith(_VIETNAMS):  # as all are in the tables of a run
        return datetime.fromisoformat(value[: -len(_VIETNAMS)]).replace(microsecond=0)
    when: datetime = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if when.tzinfo is not None:
        when = when.astimezone(VIETNAM)
    return datetime(when.year, when.month, when.day, when.hour, when.minute, when.second)


def has_hour(when: datetime) -> bool:
    """Whether a moment names an hour: midnight stands for a day of which no more is known."""
    return bool(when.hour or when.minute or when.second)
