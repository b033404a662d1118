"""Several submissions of one unit and round -> the one that counts, and why.

The newest that is valid counts. A newer one with errors does not erase an older valid one, but puts
a query on it. Two of the same time with different numbers: neither counts, both are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import groupby
from types import MappingProxyType
from typing import Final

import pandas as pd

from schemas.campaign import VIETNAM, Campaign
from schemas.findings import severity
from schemas.records import Finding, Note, Received, TallyRow
from schemas.returned import file_number
from schemas.words import hour_and_day

from .registry import Registry
from .resolve_verdict import WHOSE, Verdict

_NONE: Final[Mapping[int, str]] = MappingProxyType({})


def resolve(
    frame: pd.DataFrame,
    rows: Sequence[TallyRow],
    findings: Sequence[Finding],
    received: Sequence[Received],
    registry: Registry,
    campaign: Campaign,
    preferred: Mapping[int, str] = _NONE,
) -> Verdict:
    """Decide for every tally whether it counts.

    Args:
        frame: the values, one row a tally, as `validate.tabulate` made it.
        rows: what is known of each tally.
        findings: those of validation; an error keeps a tally from counting.
        received: the things that carried them.
        registry: who is expected in which round.
        campaign: the rounds, and what counts as a number.
        preferred: tallies that a person took over the others of their unit and round, with the names of the files
            that the person knew of, parted by commas.
    """
    return _Resolution(frame, rows, findings, received, registry, campaign, preferred).verdict


class _Resolution:
    """One pass over all tallies; its `verdict` is the result."""

    def __init__(
        self,
        frame: pd.DataFrame,
        rows: Sequence[TallyRow],
        findings: Sequence[Finding],
        received: Sequence[Received],
        registry: Registry,
        campaign: Campaign,
        preferred: Mapping[int, str],
    ) -> None:
        self.rows, self.received, self.registry, self.campaign = rows, received, registry, campaign
        self.preferred = preferred
        compared = (*campaign.count_fields, *campaign.document_fields)
        self.numbers: dict[str, list[object]] = {name: frame[name].tolist() for name in compared}
        self.verdict = Verdict()
        self.faulty = {finding.tally for finding in findings if finding.severity == "error" and finding.tally >= 0}
        self.faulty |= {number for number, row in enumerate(rows) if row.layout == "unread"}
        self.doubted = {finding.tally for finding in findings if finding.note.code in WHOSE}
        self.expected = {r.id: registry.expectations(r) for r in campaign.rounds}
        groups: dict[tuple[str, str], list[int]] = {}
        corrected = self._corrected()
        for number, row in enumerate(rows):
            if number in corrected and row.layout != "empty":
                self._supersede([number], corrected[number])
                self.verdict.strays.discard(number)  # the copy says whose it was
            elif self._state_without_rivals(number, row):
                groups.setdefault((row.unit_code, row.round), []).append(number)
        for tallies in groups.values():
            self._choose(tallies)
        self._doubt_assumed_rounds()
        self._compare_rounds()
        for finding in self.verdict.findings:  # a campaign may take any doubt for an error, and then nothing counts
            if finding.severity == "error" and self.verdict.state[finding.tally] == "counted":
                self.verdict.state[finding.tally] = "rejected"

    def _state_without_rivals(self, number: int, row: TallyRow) -> bool:
        """Settle what needs no comparing; return whether the tally still competes for its unit and round."""
        state = self.verdict.state
        if row.layout == "empty":
            state[number] = "empty"
        elif row.layout == "part":
            state[number], self.verdict.why[number] = "excluded", Note("part_of_own_total")
        elif not row.unit_code:
            state[number] = "unidentified"
        elif not row.round:
            state[number] = "rejected"
        elif row.is_declared:
            state[number], self.verdict.why[number] = "excluded", Note("declared_total")
        elif not self.expected[row.round][row.unit_code]:
            reason = self.registry.why_not_expected(row.unit_code, self.campaign.round(row.round))
            note = Note("unit_not_expected", value=row.round, detail=(("why_key", reason),))
            state[number], self.verdict.why[number] = "excluded", note
            self._find(note, number)
        else:
            return True
        return False

    def _corrected(self) -> dict[int, int]:
        """Return tally -> the first tally of the correction copy that takes its place, by the number the copy bears.

        So a file is settled by its correction even where what was wrong is its unit or round. A copy in which anything
        is still wrong settles nothing by its number; a copy of a copy settles all that came before it. A copy used
        again as the form of another unit settles nothing either, for nobody doubted whose the earlier one was.
        """
        if not any(thing.corrects for thing in self.received):
            return {}
        tallies: dict[int, list[int]] = {}
        for number, row in enumerate(self.rows):
            if row.layout != "empty":
                tallies.setdefault(row.file, []).append(number)
        by_number = {file_number(self.received[file].sha256): file for file in tallies if self.received[file].sha256}
        found: dict[int, int] = {}
        for copy, own in tallies.items():
            if not all(self._is_sound(tally) for tally in own):
                continue
            places = {self.rows[tally].unit_code: self.rows[tally].round for tally in own}
            followed, file = {copy}, by_number.get(self.received[copy].corrects, copy)
            while file not in followed:
                followed.add(file)
                settled = [tally for tally in tallies[file] if tally in self.doubted or self._is_of(tally, places)]
                found |= dict.fromkeys(settled, own[0])
                file = by_number.get(self.received[file].corrects, file)
        return found

    def _is_of(self, tally: int, places: Mapping[str, str]) -> bool:
        """Whether a tally's unit is one of a copy's, and so is its round, unless no form named it."""
        row = self.rows[tally]
        return row.unit_code in places and (row.is_round_assumed or row.round in ("", places[row.unit_code]))

    def _is_sound(self, tally: int) -> bool:
        row = self.rows[tally]
        is_placed = bool(row.unit_code and row.round)
        return is_placed and tally not in self.faulty and (row.is_declared or self.expected[row.round][row.unit_code])

    def _find(self, note: Note, tally: int) -> None:
        how = severity(note.code, self.campaign)
        if how != "off":
            row = self.rows[tally]
            self.verdict.findings.append(Finding(how, note, row.file, tally, row.unit_code, row.round))

    # --- several of one unit and round ----------------------------------------------------------

    def _choose(self, tallies: list[int]) -> None:
        """Go from the newest moment back to the first at which exactly one set of numbers is valid."""
        if len(tallies) == 1:  # as nearly all are
            self.verdict.state[tallies[0]] = "rejected" if tallies[0] in self.faulty else "counted"
            return
        taken = [tally for tally in tallies if tally in self.preferred]
        if taken:
            self._prefer(taken[-1], tallies)
            return
        tallies = self._without_repeats(tallies)
        chosen = -1
        passed_over: list[int] = []
        for moment in sorted({self.rows[tally].received_at for tally in tallies}, reverse=True):
            here = [tally for tally in tallies if self.rows[tally].received_at == moment]
            valid = [tally for tally in here if tally not in self.faulty]
            self.verdict.state.update(dict.fromkeys(here, "rejected"))
            if chosen >= 0:
                self._supersede(here, chosen)  # what was wrong in an older one is settled too
                continue
            passed_over += [tally for tally in here if tally in self.faulty]
            if self._same_numbers(valid):
                chosen = min(valid, key=self._order)
                self.verdict.state[chosen] = "counted"
                self._supersede([tally for tally in valid if tally != chosen], chosen, "counted_once")
            elif valid:
                passed_over += valid
                self._conflict(valid)
        if chosen >= 0:
            for tally in passed_over:
                self._point_out("newer_has_errors", tally, chosen)

    def _point_out(self, code: str, other: int, chosen: int) -> None:
        """Put a query on the tally that counts, about another one."""
        thing = self._thing(other)
        received = hour_and_day(thing.received_at.astimezone(VIETNAM))
        detail = (("received", received), ("limit", file_number(thing.sha256)))  # other content is another question
        self._find(Note(code, value=self._place(other, self.rows[chosen]), detail=detail), chosen)

    def _without_repeats(self, tallies: list[int]) -> list[int]:
        """A line of an office's list that says nothing else than the unit's own form, the latest before it, leaves it.

        For the form says more: categories, guests, an assessment; and it may have come in time.
        """
        rows = self.rows
        sound = [tally for tally in tallies if tally not in self.faulty]
        repeats: dict[int, int] = {}
        latest = -1
        for _, same_time in groupby(
            sorted(sound, key=lambda tally: rows[tally].received_at), lambda t: rows[t].received_at
        ):
            here = list(same_time)
            latest = next((tally for tally in here if rows[tally].layout == "form"), latest)
            is_form = latest >= 0 and rows[latest].layout == "form"
            lines = [tally for tally in here if rows[tally].layout == "list"]
            again = [tally for tally in lines if is_form and self._says_no_more(tally, latest)]
            repeats |= dict.fromkeys(again, latest)
            latest = next((tally for tally in lines if tally not in again), latest)
        for tally, own in repeats.items():
            self._supersede([tally], own, "repeated_in_list")
        return [tally for tally in tallies if tally not in repeats]

    def _says_no_more(self, tally: int, than: int) -> bool:
        said = [(column[tally], column[than]) for column in self.numbers.values()]
        return all(not isinstance(number, int) or str(number) == str(other) for number, other in said)

    def _prefer(self, chosen: int, tallies: list[int]) -> None:
        """A person took one tally over the others: a query where one of them is not older and came since."""
        others = [tally for tally in tallies if tally != chosen]
        self.verdict.state[chosen] = "counted"
        self._supersede(others, chosen, "preferred_by_decision")
        known = self.preferred[chosen].split(", ")
        for tally in others:
            is_older = self.rows[tally].received_at < self.rows[chosen].received_at
            if is_older or self._place(tally, self.rows[chosen]) in known:
                continue
            if tally in self.faulty:
                self._point_out("newer_has_errors", tally, chosen)
            elif not self._same_numbers([tally, chosen]):
                self._point_out("newer_than_preferred", tally, chosen)

    def _thing(self, tally: int) -> Received:
        return self.received[self.rows[tally].file]

    def _order(self, tally: int) -> tuple[str, str, str, int]:
        thing = self._thing(tally)
        return thing.sha256, thing.file, thing.member, self.rows[tally].row

    def _same_numbers(self, tallies: list[int]) -> bool:
        return len({tuple(str(column[tally]) for column in self.numbers.values()) for tally in tallies}) == 1

    def _supersede(self, tallies: list[int], by: int, why: str = "superseded") -> None:
        self.verdict.state |= dict.fromkeys(tallies, "superseded")
        self.verdict.why |= dict.fromkeys(tallies, Note(why, value=_name(self._thing(by))))
        if by not in self.doubted:  # a report of another unit is not settled by this one's own
            self.verdict.strays |= self.doubted.intersection(tallies)

    def _conflict(self, tallies: list[int]) -> None:
        """Neither counts; where one file holds several of them, it is told which sheet and line each is."""
        files = [self.rows[tally].file for tally in tallies]
        for tally in tallies:
            row = self.rows[tally]
            others = sorted(self._place(other, row) for other in tallies if other != tally)
            sheet, line = (row.sheet, row.row) if files.count(row.file) > 1 else ("", 0)
            self.verdict.why[tally] = Note("conflict_same_time", sheet=sheet, value=", ".join(others), row=line)
            self._find(self.verdict.why[tally], tally)

    def _place(self, tally: int, beside: TallyRow) -> str:
        row, name = self.rows[tally], _name(self._thing(tally))
        return name if row.file != beside.file else f"{name} › {row.sheet}" + f" ({row.row})" * bool(row.row)

    # --- between rounds -------------------------------------------------------------------------

    def _doubt_assumed_rounds(self) -> None:
        """A form that names no round was placed by its day: a query where its unit still owes an earlier one."""
        state = self.verdict.state
        counted = {
            (self.rows[tally].unit_code, self.rows[tally].round) for tally, what in state.items() if what == "counted"
        }
        ids = [r.id for r in self.campaign.rounds]
        for number, row in enumerate(self.rows):
            if row.is_round_assumed and row.layout != "unread" and state[number] in ("counted", "rejected"):
                earlier = ids[: ids.index(row.round)]
                owed = [r for r in earlier if self.expected[r][row.unit_code] and (row.unit_code, r) not in counted]
                code = "round_assumed_earlier_owed" if owed else "round_assumed"
                self._find(Note(code, "round", value=row.round, detail=(("owed", ", ".join(owed)),)), number)

    def _compare_rounds(self) -> None:
        """Where a round is cumulative, attendance and reflections cannot fall below the last round reported."""
        counted = [tally for tally, what in self.verdict.state.items() if what == "counted"]
        of_round: dict[str, list[int]] = {r.id: [] for r in self.campaign.rounds}
        for tally in counted:
            of_round[self.rows[tally].round].append(tally)
        last: dict[str, int] = {}  # unit -> its tally of the last round before
        for round_ in self.campaign.rounds:
            for tally in of_round[round_.id] if round_.cumulative else ():
                before = last.get(self.rows[tally].unit_code)
                if before is not None:
                    self._compare(tally, before)
            last |= {self.rows[tally].unit_code: tally for tally in of_round[round_.id]}

    def _compare(self, later: int, earlier: int) -> None:
        for name in ("attendees", "reflections"):
            if name not in self.numbers:
                continue
            now, before = self.numbers[name][later], self.numbers[name][earlier]
            if isinstance(now, int) and isinstance(before, int) and now < before:
                detail = (("limit", str(before)), ("round", self.rows[earlier].round))
                self._find(Note("below_earlier_round", name, value=str(now), detail=detail), later)


def _name(thing: Received) -> str:
    return f"{thing.file} › {thing.member}" if thing.member else thing.file
