"""A person's rulings are obeyed: each is applied, or the reason why not stands beside it.

Two rulings that contradict each other are both left aside and reported: which of them is meant is not ours to guess.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Final

from schemas.layout import TEXT_FIELDS
from schemas.records import Finding, Note, Received, TallyRow, TypedTally, Value, question_id
from schemas.units import code_key
from schemas.vietnamese import typed_key

from .decisions import Ruling, Rulings

_SAID: Final = {  # outcome -> what is said of it
    "stale": "decision_stale",
    "incomplete": "decision_incomplete",
    "refused": "decision_refused",
    "unfit": "decision_unfit",
    "contradicted": "decision_contradicted",
    "idle": "decision_idle",
}
_HOW: Final = {"idle": "info"}  # nothing is left undone; a query else
_NOBODY: Final = "–"  # stands where a ruling gives no name


class _Arrivals:
    """Where each content and each path stands among what was received: a long campaign has thousands of rulings."""

    def __init__(self, received: Sequence[Received]) -> None:
        self._received = received

    @cached_property
    def _by_content(self) -> dict[str, list[int]]:
        found: dict[str, list[int]] = {}
        for number, thing in enumerate(self._received):
            found.setdefault(thing.sha256, []).append(number)
        return found

    @cached_property
    def _by_path(self) -> dict[tuple[str, str], list[int]]:
        found: dict[tuple[str, str], list[int]] = {}
        for number, thing in enumerate(self._received):
            found.setdefault((thing.file, thing.member), []).append(number)
        return found

    def about(self, ruling: Ruling) -> list[int]:
        """Return what a ruling is about: by content where the question gave it, else by the path a person wrote."""
        if ruling.sha256:
            return self._by_content.get(ruling.sha256, [])
        return self._by_path.get((ruling.file, ruling.member), []) if ruling.file else []


def exclude_and_override(received: Sequence[Received], rulings: Rulings, rounds: Mapping[str, str]) -> list[Received]:
    """Set excluded files aside, and put overriding values in place of what was read.

    The old value must be what the ruling says it was: a ruling made about other figures is stale. The round that a form
    names, or does not name, is overridden by one of `rounds`: id or name as typed -> its name.
    """
    arrivals, kept = _Arrivals(received), list(received)
    for ruling in rulings.of("exclude"):
        for number in arrivals.about(ruling):
            rulings.apply(ruling)
            note = Note("excluded_by_decision", value=ruling.reason, detail=(("who", ruling.who or _NOBODY),))
            kept[number] = replace(kept[number], tallies=(), notes=(), problem=note)
    overriding: dict[int, list[Ruling]] = {}
    for ruling in rulings.of("override"):
        for number in arrivals.about(ruling):
            overriding.setdefault(number, []).append(ruling)
    for number, about in overriding.items():
        tallies = tuple(_overridden(tally, about, rulings, rounds) for tally in kept[number].tallies)
        kept[number] = replace(kept[number], tallies=tallies)
    return kept


def _overridden(tally: TypedTally, about: list[Ruling], rulings: Rulings, rounds: Mapping[str, str]) -> TypedTally:
    of_field: dict[str, list[Ruling]] = {}
    for ruling in about:
        if (ruling.sheet or tally.sheet, ruling.line) == (tally.sheet, tally.row):
            of_field.setdefault(ruling.field, []).append(ruling)
    for field, asked in of_field.items():
        if field == "round":
            tally = _at_round(tally, asked, rulings, rounds)
            continue
        if field not in tally.cells:  # no item of the form, as its unit
            _say_unfit(asked, rulings)
            continue
        old = tally.values.get(field)
        shown = next((note.value for note in tally.notes if note.field == field and note.value), _shown(old))
        found = {shown, _shown(old)}
        while here := [ruling for ruling in asked if ruling.value in found]:
            asked = [ruling for ruling in asked if ruling not in here]  # what follows is about the value put in
            value = _agreed(field, here, old, rulings)
            if value is None:
                _say_unfit(here, rulings)
                break
            rulings.set_aside(here, "applied")
            tally, found = _with(tally, here[-1], value, shown), {_shown(value)}
    return tally


def _at_round(tally: TypedTally, asked: list[Ruling], rulings: Rulings, rounds: Mapping[str, str]) -> TypedTally:
    """Put a tally at the round that a person says it is of, whatever its form says."""
    meant = {rounds.get(typed_key(ruling.new_value), "") for ruling in asked}
    if len(meant) > 1:
        rulings.set_aside(asked, "contradicted")
    elif meant == {""}:
        rulings.set_aside(asked, "unfit")
    else:
        rulings.set_aside(asked, "applied")
        detail = _by(asked[-1])
        note = Note("value_overridden", "round", tally.sheet, tally.round_cell, tally.round_text, detail, tally.row)
        return replace(tally, round_text=meant.pop(), notes=(*tally.notes, note))
    return tally


def _by(ruling: Ruling) -> tuple[tuple[str, str], ...]:
    return (("read", ruling.new_value), ("reason", ruling.reason), ("who", ruling.who or _NOBODY))


def _agreed(field: str, asked: list[Ruling], old: Value, rulings: Rulings) -> Value:
    """Return the value that all of some rulings put in place of the same one; None where there is none."""
    values = {_typed(field, ruling.new_value, old) for ruling in asked}
    if len(values) > 1:
        rulings.set_aside(asked, "contradicted")
        return None
    return values.pop()


def _say_unfit(asked: list[Ruling], rulings: Rulings) -> None:
    """Say that new values cannot stand there, unless more is known of their rulings already."""
    rulings.set_aside([ruling for ruling in asked if rulings.outcome[ruling.row] == "stale"], "unfit")


def _with(tally: TypedTally, ruling: Ruling, value: Value, shown: str) -> TypedTally:
    cell = tally.cells[ruling.field]
    note = Note("value_overridden", ruling.field, tally.sheet, cell, shown, _by(ruling), tally.row)
    notes = (*(known for known in tally.notes if known.field != ruling.field), note)
    return replace(tally, values={**tally.values, ruling.field: value}, notes=notes)


def _shown(value: Value) -> str:
    return "" if value is None else str(value)


def _typed(field: str, text: str, old: Value) -> Value:
    """Return a new value as what its item holds, None where it is none."""
    if field in TEXT_FIELDS:
        return text
    if isinstance(old, date) or field == "study_date":
        try:
            return date.fromisoformat(text)
        except ValueError:
            return None
    return int(text) if text.isascii() and text.isdigit() else None


def placements(
    received: Sequence[Received], rulings: Rulings, known: Mapping[str, str]
) -> dict[tuple[int, str, int], str]:
    """Return (thing received, sheet, line) -> the unit at which a person placed it.

    A ruling without a sheet places every form of the file. `known` maps code keys to the registry's codes.
    """
    found: dict[tuple[int, str, int], list[tuple[Ruling, str]]] = {}
    arrivals = _Arrivals(received)
    for ruling in rulings.of("place"):
        unit = known.get(code_key(ruling.place_unit.split()[0]))
        if unit is None:
            rulings.outcome[ruling.row] = "incomplete"
            continue
        for number in arrivals.about(ruling):
            for tally in received[number].tallies:
                if ruling.sheet in ("", tally.sheet) and ruling.line in (0, tally.row):
                    found.setdefault((number, tally.sheet, tally.row), []).append((ruling, unit))
                    rulings.apply(ruling)
    placed = {}
    for tally_at, meant in found.items():
        if len({unit for _, unit in meant}) == 1:
            placed[tally_at] = meant[0][1]
        else:
            rulings.set_aside((ruling for ruling, _ in meant), "contradicted")
    return placed


def preferred(
    rows: Sequence[TallyRow],
    received: Sequence[Received],
    tallies: Sequence[TypedTally],
    findings: Sequence[Finding],
    rulings: Rulings,
) -> dict[int, str]:
    """Return the tallies that a person took over others of the same unit and round; one with errors cannot be taken.

    Returns:
        Tally -> what stood beside it when it was taken: the names of the files it was taken over, as its question
        gave them.
    """
    faulty = {finding.tally for finding in findings if finding.severity == "error"}
    faulty |= {number for number, row in enumerate(rows) if row.layout == "unread"}
    taken: dict[tuple[str, str], dict[int, list[Ruling]]] = {}
    arrivals = _Arrivals(received)
    of_file: dict[int, list[int]] = {}
    for number, row in enumerate(rows):
        of_file.setdefault(row.file, []).append(number)
    for ruling in rulings.of("prefer"):
        for number in (tally for file in arrivals.about(ruling) for tally in of_file.get(file, ())):
            row = rows[number]
            here = ruling.sheet in ("", tallies[number].sheet) and ruling.line in (0, row.row)
            if row.unit_code and here and number in faulty:
                rulings.outcome[ruling.row] = "refused"
            elif row.unit_code and here:
                taken.setdefault((row.unit_code, row.round), {}).setdefault(number, []).append(ruling)
                rulings.apply(ruling)
    chosen: dict[int, str] = {}
    for rivals in taken.values():
        if len(rivals) > 1:
            rulings.set_aside((ruling for of_one in rivals.values() for ruling in of_one), "contradicted")
        else:
            rulings.taken |= rivals
            chosen |= {number: ", ".join(ruling.value for ruling in of_one) for number, of_one in rivals.items()}
    return chosen


def say_idle(rows: Sequence[TallyRow], passed_over: Collection[int], rulings: Rulings) -> None:
    """Say of a report that was taken over others that there are none; `passed_over` are the others so replaced."""
    disputed = {(rows[tally].unit_code, rows[tally].round) for tally in passed_over}
    for tally, asked in rulings.taken.items():
        if (rows[tally].unit_code, rows[tally].round) not in disputed:
            rulings.set_aside((ruling for ruling in asked if rulings.outcome[ruling.row] == "applied"), "idle")


def confirm(findings: Sequence[Finding], received: Sequence[Received], rulings: Rulings) -> list[Finding]:
    """Turn every query that a person confirmed into a record; an error cannot be confirmed away, only mended."""
    confirming: dict[str, list[Ruling]] = {}
    for ruling in rulings.of("confirm"):
        if ruling.id:
            confirming.setdefault(ruling.id, []).append(ruling)
    if not confirming:
        return list(findings)
    settled = []
    for finding in findings:
        asked = confirming.get(_id_of(finding, received), [])
        if asked and finding.severity in ("query", "error"):
            rulings.set_aside(asked, "applied" if finding.severity == "query" else "refused")
            finding = replace(finding, severity="info") if finding.severity == "query" else finding
        settled.append(finding)
    return settled


def _id_of(finding: Finding, received: Sequence[Received]) -> str:
    return question_id(finding, received[finding.file].sha256 if finding.file >= 0 else "")


def unanswered(rulings: Rulings) -> list[Finding]:
    """Return a finding for each ruling that could not be obeyed."""
    return [
        Finding(
            _HOW.get(outcome, "query"),
            Note(_SAID[outcome], value=str(ruling.row), detail=(("kind_key", f"ruling_{ruling.kind}"),)),
        )
        for ruling in rulings.all
        if (outcome := rulings.outcome[ruling.row]) in _SAID
    ]
