"""Things received -> the result: whole tables from here on, one validation of all tallies, one sum a level."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from itertools import compress
from pathlib import Path

import pandas as pd

from schemas.campaign import VIETNAM, Campaign
from schemas.decisions import FILE
from schemas.records import Finding, Received, TallyRow, TypedTally
from schemas.result import Result
from schemas.totals import STATUS_COUNTS
from schemas.vietnamese import typed_key

from .accounts import decisions_table, files_table, sources_table, texts_table
from .completeness import filing_status, reported, units_of_round
from .decisions import Rulings, read_rulings
from .decisions_obeyed import confirm, exclude_and_override, placements, preferred, say_idle, unanswered
from .identify import place
from .merge import merge_to_top
from .reconcile import lines_waiting, newest_declared, reconcile
from .registry import Registry, load_registry
from .resolve import resolve
from .resolve_bytes import set_duplicates_aside
from .resolve_verdict import WHOSE, Verdict
from .tables import sha256_of
from .validate import file_findings, rows_of, tabulate, validate
from .wording import findings_table, in_words, questions_table, titles


def report(
    folder: Path,
    campaign: Campaign,
    things: list[Received],
    as_of: datetime,
    focus: str,
    language: str,
    registry: Registry | None = None,
) -> tuple[Result, dict[str, str]]:
    """Work out from everything received what is known, of whom, and how complete it is.

    Args:
        folder: the campaign's inputs, for its registry.
        campaign: the plan.
        things: everything received, in order of arrival.
        as_of: the moment the run stands for.
        focus: the round the workbook shows.
        language: of every message.
        registry: the campaign's, where it has been loaded already.

    Returns:
        The result, and the sha256 of every input by its path in the campaign's folder.

    Raises:
        FaultsError: the registry cannot be used.
    """
    registry = registry or load_registry(folder, campaign, language)
    rulings = read_rulings(folder, language)
    received, copies = set_duplicates_aside(things)
    received = exclude_and_override(received, rulings, _rounds_by_key(campaign))
    placed = place(received, registry, campaign, placements(received, rulings, registry.by_code))
    rows = rows_of(placed, received, registry, campaign)
    frame = tabulate(placed, rows, registry, campaign)
    tallies = [entry.tally for entry in placed]
    findings = validate(frame, placed, rows, campaign, as_of) + file_findings(received, campaign, as_of)
    taken = preferred(rows, received, tallies, findings, rulings)
    verdict = resolve(frame, rows, findings, received, registry, campaign, taken)
    rows = [row._replace(is_late=False) if number in verdict.in_time else row for number, row in enumerate(rows)]
    say_idle(rows, [t for t, note in verdict.why.items() if note.code == "preferred_by_decision"], rulings)
    findings = confirm(findings + verdict.findings, received, rulings)
    case = _Case(campaign, registry, received, copies, tallies, rows, frame, rulings, as_of, language)
    units, worded, doubts = _add_up(case, verdict, findings)
    findings += doubts + unanswered(rulings)
    return _result(case, verdict, findings, units, worded, focus), _inputs(folder, things, rulings)


def _rounds_by_key(campaign: Campaign) -> dict[str, str]:
    """Return what a person may call each round -> its name."""
    return {typed_key(said): round_.name for round_ in campaign.rounds for said in (round_.name, round_.id)}


@dataclass(frozen=True)
class _Case:
    """What was received, placed and laid out, before anything is decided."""

    campaign: Campaign
    registry: Registry
    received: list[Received]
    copies: dict[int, int]
    tallies: list[TypedTally]
    rows: list[TallyRow]
    frame: pd.DataFrame
    rulings: Rulings
    as_of: datetime
    language: str


def _add_up(case: _Case, verdict: Verdict, findings: list[Finding]) -> tuple[pd.DataFrame, list[int], list[Finding]]:
    """Merge every round to the top, reconcile what parents declare, and flag every unit.

    Returns:
        units.csv of every round, the declared tallies whose words are compiled, and what comparing totals found.
    """
    campaign, registry, rows, state = case.campaign, case.registry, case.rows, verdict.state
    parents, depth = registry.parents, registry.tree["depth"]
    status = {r.id: filing_status(rows, state, findings, registry, r, case.as_of) for r in campaign.rounds}
    counts = {id_: merge_to_top(flags[list(STATUS_COUNTS)], parents, depth) for id_, flags in status.items()}
    sums = {r.id: merge_to_top(reported(case.frame, state, r.id, campaign), parents, depth) for r in campaign.rounds}
    declared = newest_declared(rows, state, case.tallies, campaign.count_fields)
    worded = newest_declared(rows, state, case.tallies, campaign.text_fields)
    waiting = lines_waiting(declared, rows, state, registry)
    doubts = confirm(reconcile(waiting, rows, case.tallies, sums, counts, campaign), case.received, case.rulings)
    spoken = {*declared, *worded, *newest_declared(rows, state, case.tallies)}
    own = [*doubts, *(finding for finding in findings if finding.tally in spoken)]
    doubted = {(doubt.unit_code, doubt.round) for doubt in own if doubt.severity == "query"}
    units = []
    for round_ in campaign.rounds:
        id_ = round_.id
        here = {unit for unit, of_round in doubted if of_round == id_}
        units.append(units_of_round(sums[id_], status[id_], counts[id_], here, registry, round_, campaign))
    return pd.concat(units, ignore_index=True), worded, doubts


def _result(
    case: _Case, verdict: Verdict, findings: list[Finding], units: pd.DataFrame, worded: list[int], focus: str
) -> Result:
    rows, received, registry, language = case.rows, case.received, case.registry, case.language
    reasons, of_files = _reasons(case, verdict, findings)
    again = {tally: "duplicate" for tally, note in verdict.why.items() if note.code == "sent_again"}
    spoken = [tally for tally, state in verdict.state.items() if state == "counted"] + worded
    is_open = [
        verdict.state.get(finding.tally) != "superseded"
        or (finding.tally in verdict.strays and finding.note.code in WHOSE)
        for finding in findings
    ]
    return Result(
        campaign=case.campaign,
        as_of=case.as_of,
        language=language,
        focus=focus,
        tree=registry.tree,
        units=units,
        files=files_table(
            received, case.copies, rows, verdict.state | again, reasons, of_files, findings, registry, VIETNAM, language
        ),
        findings=findings_table(findings, received, registry.order, case.campaign, language),
        texts=texts_table(spoken, rows, case.tallies, received, registry, case.campaign),
        sources=sources_table(rows, verdict.state, case.tallies, received),
        decisions=decisions_table(case.rulings, language),
        questions=questions_table(
            list(compress(findings, is_open)), received, registry, titles(case.campaign, language), language
        ),
    )


def _reasons(
    case: _Case, verdict: Verdict, findings: list[Finding]
) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Put into words why each tally, and each file as a whole, became what it did."""
    names = titles(case.campaign, case.language)
    of_tally: dict[int, list[str]] = {}
    of_file: dict[int, list[str]] = {}
    for finding in findings:
        if finding.tally < 0 <= finding.file and case.received[finding.file].problem is finding.note:
            of_file.setdefault(finding.file, []).append(" ".join(in_words(finding, names, case.language)))
        elif finding.severity == "error" and verdict.state.get(finding.tally, "superseded") != "superseded":
            of_tally.setdefault(finding.tally, []).append(in_words(finding, names, case.language)[0])
    for tally, note in verdict.why.items():
        if tally not in of_tally:
            finding = Finding("info", note, case.rows[tally].file, tally)
            of_tally[tally] = [in_words(finding, names, case.language)[0]]
    for tally, row in enumerate(case.rows):
        if row.is_late and verdict.state[tally] == "counted":
            of_tally.setdefault(tally, []).append(names["reason_late"])
    return of_tally, of_file


def _inputs(folder: Path, things: list[Received], rulings: Rulings) -> dict[str, str]:
    """Of decisions.xlsx only what persons ruled is an input: its open questions are written by the run itself."""
    own = {path.name: sha256_of(path) for path in sorted(folder.iterdir()) if path.is_file() and path.name != FILE}
    if rulings.digest():
        own[FILE] = rulings.digest()
    return own | {f"submissions/{thing.file}": thing.file_sha256 for thing in things if thing.file_sha256}
