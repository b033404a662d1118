"""Who is reminded of what, and by which address: one reminder a unit that files, in the order of the chase list."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from schemas.campaign import Round
from schemas.outbox import is_address
from schemas.words import WORDS, word

from ..registry import Registry
from .account import Account, Row

CHASED: Final = ("missing", "rejected", "queried")
_LAPSED: Final = frozenset({"superseded", "duplicate", "excluded", "ignored"})  # what they say is settled
_MOST_COPIES: Final = 5
_ORDER: Final = {"error": 0, "query": 1}


@dataclass(frozen=True, slots=True)
class Reminder:
    """One unit to be reminded.

    Attributes:
        to: the address, "" where neither the unit nor any above it has one.
        through: name of the unit above whose address it is, "" where it is the unit's own.
        above: name of the unit above, "" for the top.
        points: (what is wrong, what to do) of each open finding, errors first.
        copies: the unit's correction copies, by their path below returned/.
    """

    unit_code: str
    unit_name: str
    flag: str
    to: str
    through: str
    above: str
    monitor: str
    points: tuple[tuple[str, str], ...]
    copies: tuple[str, ...]


def reminders(account: Account, registry: Registry, round: Round, language: str, before_due: bool) -> list[Reminder]:
    """Return whom to remind in a round: who owes a report, a correction or an answer, and nobody else.

    Args:
        account: what the last run found.
        registry: who files, and their addresses.
        round: the round.
        language: of what is to be done.
        before_due: whether also those who have not sent yet what is not due yet.
    """
    flags = {*CHASED, "not_due"} if before_due else {*CHASED}
    filing, found, copies = registry.expectations(round), _points(account, round, language), _copies(account, round)
    names, monitors, directory = registry.of("unit_name"), registry.of("monitor"), _Directory(registry)
    made = []
    for row in account.units:
        code = row["unit_code"]
        if row["round"] != round.id or row["flag"] not in flags or not filing.get(code):
            continue
        to, through = directory.address(code)
        of_unit = found.get(code, [])
        made.append(
            Reminder(
                code, names[code], row["flag"], to, names[through] if through != code else "",
                names.get(directory.parents[code], ""), monitors[code], _texts(of_unit),
                tuple(dict.fromkeys(c for p in of_unit if (c := copies.get((code, *p.source)))))[:_MOST_COPIES],
            )
        )  # fmt: skip
    places = {name: place for place, name in enumerate(dict.fromkeys(reminder.monitor for reminder in made))}
    return sorted(made, key=lambda reminder: (reminder.monitor == "", places[reminder.monitor]))


@dataclass(frozen=True, slots=True)
class _Point:
    message: str
    fix: str
    source: tuple[str, str]


def _points(account: Account, round: Round, language: str) -> dict[str, list[_Point]]:
    """Return what is open of each unit, errors first; some advice of the catalogue speaks to an analyst instead."""
    lapsed = {(row["file"], row["member"]) for row in account.files if row["status"] in _LAPSED}
    found: dict[str, list[tuple[int, _Point]]] = defaultdict(list)
    for row in account.findings:
        source = (row["file"], row["member"])
        if row["round"] == round.id and row["severity"] in _ORDER and source not in lapsed:
            found[row["unit_code"]].append(
                (_ORDER[row["severity"]], _Point(row["message"], _advice(row, language), source))
            )
    return {code: [point for _, point in sorted(points, key=lambda entry: entry[0])] for code, points in found.items()}


def _texts(points: list[_Point]) -> tuple[tuple[str, str], ...]:
    """Return (what is wrong, what to do) of each; where several files are meant, with the name of the file."""
    is_clear = len({point.source for point in points}) < 2
    names = [(point.source[1] or point.source[0]).rpartition("/")[2] for point in points]
    return tuple(
        (point.message if is_clear or not name else f"{point.message} ({name})", point.fix)
        for point, name in zip(points, names, strict=True)
    )


def _advice(row: Row, language: str) -> str:
    key = f"return_advice_{row['code']}"
    return word(key, language) if key in WORDS else row["fix"]


def _copies(account: Account, round: Round) -> dict[tuple[str, str, str], str]:
    """Return the correction copies by unit and file: that of a list is the office's which sent it, nobody else's."""
    return {
        (row["unit_code"], row["file"], row["member"]): row["copy"]
        for row in account.returned
        if row["round"] == round.id and row["copy"] and account.copy(row["copy"])
    }


class _Directory:
    """Addresses of units; where one has none, that of the nearest above."""

    def __init__(self, registry: Registry) -> None:
        self.parents: dict[str, str] = dict(zip(registry.tree.index.tolist(), registry.parents.tolist(), strict=True))
        self._own = {code: email for code, email in registry.of("email").items() if email and is_address(email)}

    def address(self, code: str) -> tuple[str, str]:
        """Return the address and the unit that has it; ("", the unit itself) where nobody has one."""
        holder = code
        while holder and holder not in self._own:
            holder = self.parents[holder]
        return (self._own[holder], holder) if holder else ("", code)
