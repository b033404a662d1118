"""What has changed, by unit: since the run before, and since the first round."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import pandas as pd

from schemas.totals import UNIT_FLAGS, further_counts

from .book import Book
from .cells import plain

_COUNTED = ("complete", "queried")
_SINCE_ROUND = ("members", "attendees", "reflections")  # what is told of a unit that reported in both rounds
_ABOVE = ("members", "attendees", "reflections")  # what is told of the top and the units directly below it
_COUNTS = ("members", "attendees", "guests", "reflections", "exemptions")
Values = Mapping[str, Any]  # a unit's row of units.csv: flag, late, counts; None where blank


class Change(NamedTuple):
    """One change of a unit in a round; `since` is "run" or "round", `kind` a key of the catalogue: change_<kind>."""

    since: str
    unit: str
    name: str
    round: str
    kind: str
    field: str
    before: Any
    after: Any


def changes_of(book: Book) -> list[Change]:
    """Return every change: since the run before in the order of rounds and units, then since the first round."""
    result = book.result
    found: list[Change] = []
    if not result.earlier.units.empty:
        before = _earlier(result.earlier.units, tuple(dict.fromkeys((*_fields(book), *_ABOVE))))
        for plan in result.campaign.rounds:
            found += _since_run(book, plan.id, before.get(plan.id, {}))
    first = result.campaign.rounds[0].id
    if result.focus != first:
        found += _since_round(book, first)
    return found


def _earlier(units: pd.DataFrame, fields: tuple[str, ...]) -> dict[str, dict[str, Values]]:
    """Return {round: {unit_code: its row}} of an earlier table, its counts as numbers, None where blank.

    Columns that it lacks stay absent; those of which nothing is told are left out.
    """
    texts = [name for name in ("unit_code", "unit_name", "round", "flag") if name in units.columns]
    counts = [name for name in ("late", *fields) if name in units.columns]
    columns = [units[name].tolist() for name in texts]
    columns += [[int(text) if text.isdecimal() else None for text in units[name].tolist()] for name in counts]
    return _by_round([*texts, *counts], columns)


def _by_round(names: list[str], columns: list[list[Any]]) -> dict[str, dict[str, Values]]:
    found: dict[str, dict[str, Values]] = {}
    for values in zip(*columns, strict=True):
        row = dict(zip(names, values, strict=True))
        found.setdefault(row["round"], {})[row["unit_code"]] = row
    return found


def _now(book: Book, round_id: str) -> dict[str, Values]:
    units = book.result.round_units(round_id).reset_index()
    names = [n for n in units.columns if n in ("unit_code", "round", "flag", "late", "expected", *_fields(book))]
    return _by_round(names, [plain(units[name]) for name in names]).get(round_id, {})


def _fields(book: Book) -> tuple[str, ...]:
    asked = book.result.campaign.count_fields
    return tuple(dict.fromkeys((*(n for n in _COUNTS if n in asked), *further_counts(book.result.campaign))))


def _since_run(book: Book, round_id: str, before: Mapping[str, Values]) -> Iterator[Change]:
    tree, filing = book.result.tree, book.result.filing(round_id)
    depths = dict(zip(tree.index.tolist(), tree["depth"].tolist(), strict=True))
    now, fields = _now(book, round_id), _fields(book)
    for code, values in now.items():
        earlier = before.get(code)
        told: list[tuple[str, str, Any, Any]] = []
        if code in filing:
            told = list(_of_filing(earlier, values, fields))
        elif earlier is not None and depths[code] <= 1:
            told = list(_moved(earlier, values, _ABOVE))
        yield from (Change("run", code, book.unit_name(code), round_id, *change) for change in told)
    for code, values in before.items():
        if code not in now and values.get("flag") in UNIT_FLAGS[:-1]:
            name = values.get("unit_name") or code
            yield Change("run", code, name, round_id, "left", "flag", values["flag"], "not_expected")


def _of_filing(earlier: Values | None, now: Values, fields: tuple[str, ...]) -> Iterator[tuple[str, str, Any, Any]]:
    """Yield (kind, field, before, after) of each change of a unit that files."""
    old = earlier.get("flag") if earlier else "not_expected"
    kind = _kind(str(old), now["flag"])
    if kind:
        yield kind, "flag", old, now["flag"]
    if not earlier or "late" not in earlier:
        return
    if now["late"] and not earlier["late"]:
        yield "late", "", None, None
    if old in _COUNTED and now["flag"] in _COUNTED:
        yield from _moved(earlier, now, fields)


def _kind(old: str, new: str) -> str:
    """Return what the step from one flag to another is called, "" where nothing has changed."""
    if old == new or old not in UNIT_FLAGS:
        return ""
    if new in _COUNTED:
        steps = {"rejected": "corrected", "queried": "confirmed", "complete": "queried"}
        return steps.get(old, "arrived")
    if new in ("rejected", "not_expected"):
        return "rejected" if new == "rejected" else "left"
    if old in _COUNTED or old == "rejected":
        return "uncounted"
    return "joined" if old == "not_expected" else "missing" if new == "missing" else ""


def _moved(earlier: Values, now: Values, fields: tuple[str, ...]) -> Iterator[tuple[str, str, Any, Any]]:
    for field in fields:
        if field in earlier and field in now and earlier[field] != now[field]:
            yield "moved", field, earlier[field], now[field]


def _since_round(book: Book, first: str) -> Iterator[Change]:
    """Yield what moved between two rounds in units that reported in both: sums of other units are not comparable."""
    filing, before = book.result.filing(), _now(book, first)
    for code, values in _now(book, book.result.focus).items():
        if code in filing and values["flag"] in _COUNTED and before[code]["flag"] in _COUNTED:
            for change in _moved(before[code], values, _SINCE_ROUND):
                yield Change("round", code, book.unit_name(code), book.result.focus, *change)
