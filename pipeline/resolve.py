"""Several submissions of one unit and round -> the one that counts, and why.

The newest that is valid counts. A newer one with errors does not erase an older valid one, but puts
a query on it. Two of the same time with different numbers: neither counts, both are shown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

import pandas as pd

from schemas.campaign import Campaign
from schemas.records import Finding, Note, Received, TallyRow
from schemas.returned import file_number

from .registry import Registry
from .resolve_contest import Contest, by_moment
from .resolve_rounds import compare_rounds, doubt_assumed_rounds, of_doubtful_round, set_doubtful_aside
from .resolve_verdict import Verdict

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


class _Resolution(Contest):
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
        super().__init__(frame, rows, findings, received, registry, campaign)
        self.preferred = preferred
        corrected = self._corrected()
        for number, row in enumerate(rows):
            if number in corrected and row.layout != "empty":
                if number not in self.faulty:
                    self.settled.setdefault((row.unit_code, row.round), []).append(number)
                self.supersede([number], corrected[number])
                self.verdict.strays.discard(number)  # the copy says whose it was
            elif self._state_without_rivals(number, row):
                self.groups.setdefault((row.unit_code, row.round), []).append(number)
        for tallies in self.groups.values():
            self._choose(tallies)
        doubt_assumed_rounds(self)
        compare_rounds(self)
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
            self.find(note, number)
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
        doubtful = of_doubtful_round(tallies, self)
        tallies = self._without_said_again([tally for tally in tallies if tally not in doubtful])
        chosen = self._newest_valid(tallies)
        set_doubtful_aside(doubtful, chosen, self)

    def _newest_valid(self, tallies: list[int]) -> int:
        """Return the tally that counts, -1 for none; what became of the others is in the verdict."""
        chosen = -1
        passed_over: list[int] = []
        for here in reversed(list(by_moment(tallies, self.rows).values())):
            valid = [tally for tally in here if tally not in self.faulty]
            self.verdict.state.update(dict.fromkeys(here, "rejected"))
            if chosen >= 0:
                self.supersede(here, chosen)  # what was wrong in an older one is settled too
                continue
            passed_over += [tally for tally in here if tally in self.faulty]
            if self.same_numbers(valid):
                chosen = min(valid, key=self.order)
                self.verdict.state[chosen] = "counted"
                self.supersede([tally for tally in valid if tally != chosen], chosen, "counted_once")
            elif valid:
                passed_over += valid
                self._conflict(valid)
        if chosen >= 0:
            self._see_whether_in_time(chosen, tallies)
            self._see_what_gives_way(chosen, tallies)
            for tally in passed_over:
                self.point_out("newer_has_errors", tally, chosen)
        return chosen

    def _see_what_gives_way(self, chosen: int, tallies: list[int]) -> None:
        """Ask where a newer report undoes what a person ruled, or an office's list what a unit itself had said."""
        row = self.rows[chosen]
        settled = self.settled.get((row.unit_code, row.round), [])
        older = [t for t in tallies if t not in self.faulty and self.rows[t].received_at < row.received_at]
        for tally in [*older, *settled]:
            for name in self.overridden.get(tally, ()):
                now, before = str(self.numbers[name][chosen]), str(self.numbers[name][tally])
                if now != before:
                    detail = (("other", before), ("limit", self.place(tally, row)), ("received", self.moment(tally)))
                    self.find(Note("newer_than_overridden", name, row.sheet, "", now, detail, row.row), chosen)
        last = list(by_moment(older, self.rows).values())[-1:] if row.layout == "list" else []
        for form in sorted((t for here in last for t in here if self.rows[t].layout == "form"), key=self.order)[:1]:
            if not self.repeats_numbers(chosen, form):
                self.point_out("list_differs_from_form", form, chosen)

    def _see_whether_in_time(self, chosen: int, tallies: list[int]) -> None:
        """Numbers that had come in time and are only sent again, with other words, are not late."""
        rows = self.rows
        older = [tally for tally in tallies if rows[tally].received_at < rows[chosen].received_at]
        settled = self.settled.get((rows[chosen].unit_code, rows[chosen].round), [])
        for here in reversed(list(by_moment([*older, *settled], rows).values())):
            valid = [tally for tally in here if tally not in self.faulty]
            if not all(self.repeats_numbers(tally, chosen) for tally in valid):
                return
            if any(not rows[tally].is_late for tally in valid):
                self.verdict.in_time.add(chosen)

    def _without_said_again(self, tallies: list[int]) -> list[int]:
        """A report that says nothing new leaves the one before it in place, which may have come in time.

        Unless one with errors stands between them: that is settled by the later one.
        """
        kept: list[int] = []
        latest = -1
        for here in by_moment(tallies, self.rows).values():
            again = latest >= 0 and all(
                tally not in self.faulty and self.says_nothing_new(tally, latest) for tally in here
            )
            if again:
                self.supersede(here, latest, "sent_again")
                continue
            kept += here
            is_sound = not self.faulty.intersection(here) and self.same_numbers(here)
            latest = min(here, key=self.order) if is_sound else -1
        return kept

    def _without_repeats(self, tallies: list[int]) -> list[int]:
        """A line of an office's list that says nothing else than the unit's own form, the latest before it, leaves it.

        For the form says more: categories, guests, an assessment; and it may have come in time.
        """
        rows = self.rows
        sound = [tally for tally in tallies if tally not in self.faulty]
        repeats: dict[int, int] = {}
        latest = -1
        for here in by_moment(sound, rows).values():
            latest = next((tally for tally in here if rows[tally].layout == "form"), latest)
            is_form = latest >= 0 and rows[latest].layout == "form"
            lines = [tally for tally in here if rows[tally].layout == "list"]
            again = [tally for tally in lines if is_form and self.repeats_numbers(tally, latest)]
            repeats |= dict.fromkeys(again, latest)
            latest = next((tally for tally in lines if tally not in again), latest)
        for tally, own in repeats.items():
            self.supersede([tally], own, "repeated_in_list")
        return [tally for tally in tallies if tally not in repeats]

    def _prefer(self, chosen: int, tallies: list[int]) -> None:
        """A person took one tally over the others: a query where one of them is not older and came since."""
        others = [tally for tally in tallies if tally != chosen]
        self.verdict.state[chosen] = "counted"
        self.supersede(others, chosen, "preferred_by_decision")
        known = self.preferred[chosen].split(", ")
        for tally in others:
            is_older = self.rows[tally].received_at < self.rows[chosen].received_at
            if is_older or self.place(tally, self.rows[chosen]) in known:
                continue
            if tally in self.faulty:
                self.point_out("newer_has_errors", tally, chosen)
            elif not self.same_numbers([tally, chosen]):
                self.point_out("newer_than_preferred", tally, chosen)

    def _conflict(self, tallies: list[int]) -> None:
        """Neither counts; where one file holds several of them, it is told which sheet and line each is."""
        files = [self.rows[tally].file for tally in tallies]
        for tally in tallies:
            row = self.rows[tally]
            others = sorted(self.place(other, row) for other in tallies if other != tally)
            sheet, line = (row.sheet, row.row) if files.count(row.file) > 1 else ("", 0)
            self.verdict.why[tally] = Note("conflict_same_time", sheet=sheet, value=", ".join(others), row=line)
            self.find(self.verdict.why[tally], tally)
