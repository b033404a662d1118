"""All tallies of a run: what is known of each, how two are compared, and what has been decided so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import pandas as pd

from schemas.campaign import VIETNAM, Campaign
from schemas.findings import severity
from schemas.records import Finding, Note, Received, TallyRow
from schemas.returned import file_number
from schemas.tally import TEXTS
from schemas.words import hour_and_day

from .registry import Registry
from .resolve_verdict import WHOSE, Verdict

_SAID: Final = (*TEXTS, "study_date")  # what a report says beside its numbers


class Contest:
    """What is known of every tally; its `verdict` is what has been decided.

    Attributes:
        faulty: tallies with an error: they cannot count.
        doubted: tallies of which it is asked whose they are.
        queries: tally -> (code, field) of what is asked about it.
        overridden: tally -> the counts that a person put in place of what was read.
        expected: round -> unit -> whether it is to report.
        numbers: column -> value by tally, of all that makes two reports differ.
        groups: (unit, round) -> the tallies that compete for it.
        settled: (unit, round) -> those without an error that a correction copy took the place of.
    """

    def __init__(
        self,
        frame: pd.DataFrame,
        rows: Sequence[TallyRow],
        findings: Sequence[Finding],
        received: Sequence[Received],
        registry: Registry,
        campaign: Campaign,
    ) -> None:
        self.rows, self.received, self.registry, self.campaign = rows, received, registry, campaign
        compared = (*campaign.count_fields, *campaign.document_fields)
        self.numbers: dict[str, list[object]] = {name: frame[name].tolist() for name in compared}
        self._said: list[list[object]] = [frame[name].tolist() for name in _SAID]
        self.verdict = Verdict()
        self.faulty = {finding.tally for finding in findings if finding.severity == "error" and finding.tally >= 0}
        self.faulty |= {number for number, row in enumerate(rows) if row.layout == "unread"}
        self.doubted = {finding.tally for finding in findings if finding.note.code in WHOSE}
        self.queries: dict[int, set[tuple[str, str]]] = {}
        for finding in findings:
            if finding.severity == "query" and finding.tally >= 0:
                self.queries.setdefault(finding.tally, set()).add((finding.note.code, finding.note.field))
        self.overridden: dict[int, list[str]] = {}
        for finding in findings:
            if finding.note.code == "value_overridden" and finding.note.field in self.numbers:
                self.overridden.setdefault(finding.tally, []).append(finding.note.field)
        self.expected = {r.id: registry.expectations(r) for r in campaign.rounds}
        self.groups: dict[tuple[str, str], list[int]] = {}
        self.settled: dict[tuple[str, str], list[int]] = {}

    def of_unit(self, unit: str) -> list[int]:
        """Return the tallies of a unit that compete, of all rounds."""
        return [tally for round_ in self.campaign.rounds for tally in self.groups.get((unit, round_.id), ())]

    # --- comparing ------------------------------------------------------------------------------

    def same_numbers(self, tallies: Sequence[int]) -> bool:
        return len({tuple(str(column[tally]) for column in self.numbers.values()) for tally in tallies}) == 1

    def repeats_numbers(self, tally: int, than: int) -> bool:
        """Whether no number of a tally is another than that of another one; a blank is none."""
        said = [(column[tally], column[than]) for column in self.numbers.values()]
        return all(not isinstance(number, int) or str(number) == str(other) for number, other in said)

    def says_nothing_new(self, tally: int, than: int) -> bool:
        """Whether a tally says the same as another one, or less in words; and nothing that is asked of that is mended.

        What a sender mended without changing a number (a row that was hidden, the name beside the code) is new.
        """
        if not self.same_numbers([tally, than]):
            return False
        said = [(column[tally], column[than]) for column in self._said]
        is_less = all(value != value or value is None or value == other for value, other in said)
        return is_less and self.queries.get(than, set()) <= self.queries.get(tally, set())

    def thing(self, tally: int) -> Received:
        return self.received[self.rows[tally].file]

    def order(self, tally: int) -> tuple[str, str, str, int]:
        thing = self.thing(tally)
        return thing.sha256, thing.file, thing.member, self.rows[tally].row

    def place(self, tally: int, beside: TallyRow) -> str:
        """Return the name of a tally's file; within one file, its sheet and line too."""
        row, name = self.rows[tally], name_of(self.thing(tally))
        return name if row.file != beside.file else f"{name} › {row.sheet}" + f" ({row.row})" * bool(row.row)

    # --- deciding -------------------------------------------------------------------------------

    def supersede(self, tallies: Sequence[int], by: int, why: str = "superseded") -> None:
        self.verdict.state |= dict.fromkeys(tallies, "superseded")
        self.verdict.why |= dict.fromkeys(tallies, Note(why, value=name_of(self.thing(by))))
        if by not in self.doubted:  # a report of another unit is not settled by this one's own
            self.verdict.strays |= self.doubted.intersection(tallies)

    def find(self, note: Note, tally: int) -> None:
        how = severity(note.code, self.campaign)
        if how != "off":
            row = self.rows[tally]
            self.verdict.findings.append(Finding(how, note, row.file, tally, row.unit_code, row.round))

    def point_out(self, code: str, other: int, chosen: int, **more: str) -> None:
        """Put a query on the tally that counts, about another one."""
        detail = (("received", self.moment(other)), ("limit", file_number(self.thing(other).sha256)), *more.items())
        self.find(Note(code, value=self.place(other, self.rows[chosen]), detail=detail), chosen)  # a question a content

    def moment(self, tally: int) -> str:
        return hour_and_day(self.thing(tally).received_at.astimezone(VIETNAM))


def name_of(thing: Received) -> str:
    return f"{thing.file} › {thing.member}" if thing.member else thing.file


def by_moment(tallies: Sequence[int], rows: Sequence[TallyRow]) -> dict[object, list[int]]:
    """Return the tallies that came at each moment, the earliest first."""
    found: dict[object, list[int]] = {}
    for tally in sorted(tallies, key=lambda tally: rows[tally].received_at):
        found.setdefault(rows[tally].received_at, []).append(tally)
    return found
