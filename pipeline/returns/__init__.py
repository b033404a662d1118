"""Correction copies: of each rejected or queried workbook the sender's own file, its faults marked and explained.

A copy is made from the bytes that came, in processes of their own: a file on which that fails costs its own copy
alone, and returned.csv says so. Nothing a sender wrote becomes a path or a formula.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from schemas.records import UnreadableError
from schemas.returned import file_number
from schemas.words import hour_and_day, word

from ..intake import Arrival, Carried, find_submissions, path_of
from ..per_file import contents
from ..read import WORKBOOKS, decrypted, kind_of, read_workbook
from ..workers import Workers, cores
from .cover import Letter, Remark, plain
from .marks import mark
from .names import Names, safe
from .package import NotPlainError
from .rebuilt import from_values, resaved
from .remarks import findings_by_thing, remarks_of

if TYPE_CHECKING:
    import pandas as pd

    from schemas.result import Result

Progress = Callable[[str, int, int], None]
INDEX: Final = "returned.csv"
_COLUMNS: Final = ("file", "member", "sender", "unit_code", "round", "status", "copy", "made", "reason")
_UNIT_CODES: Final = frozenset({"unit_unknown", "unit_not_found", "unit_not_named"})
# Of what a gate refused or no reader opened there is no copy to be made: it is not opened a second time.
_NOT_AGAIN: Final = frozenset(
    {
        *("file_crashed", "file_too_large", "file_not_regular", "file_suspicious", "file_damaged", "file_empty"),
        *("file_encrypted", "file_other_document", "file_unreadable", "format_unsupported", "extra_missing"),
        *("mail_unreadable", "mail_without_workbook", "archive_empty", "archive_part", "carrier_too_deep"),
        *("inflates_too_far", "cells_too_far", "too_many_members", "too_many_sheets", "too_many_lines"),
    }
)
_COPIES_A_WORKER: Final = 50
_NICENESS: Final = 10  # the workbook is written meanwhile, and nearly always takes longer
_HOW: Final = ("kept", "resaved", "values")
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")


@dataclass(frozen=True, slots=True)
class Copy:
    """One copy to be made: from which bytes, where to, and what it says."""

    path: str
    file: str
    member: str
    sha256: str
    target: str  # below returned/
    letter: Letter
    remarks: tuple[Remark, ...]
    row: tuple[str, ...]  # of returned.csv, but for its last column


@dataclass(frozen=True, slots=True)
class Making:
    """What all copies of a run share."""

    folder: str  # returned/ in the making
    as_of: datetime
    passwords: tuple[str, ...]


def write_returns(result: Result, submissions: Path | str, folder: Path, progress: Progress, jobs: int = 0) -> int:
    """Write returned/ below a folder, and wait for it; see `returning`."""
    with returning(result, submissions, folder, jobs) as finish:
        return finish(progress)


@contextmanager
def returning(
    result: Result, submissions: Path | str, folder: Path, jobs: int = 0
) -> Iterator[Callable[[Progress], int]]:  # fmt: skip
    """Begin returned/ below a folder: a copy of each rejected or queried workbook, and returned.csv, which lists them.

    Args:
        result: what the run found.
        submissions: the folder or URL where what arrived lies.
        folder: the outputs in the making.
        jobs: processes that make the copies; 0 for one a core.

    Yields:
        What to call for the rest of it: told how many copies are made as they are, it returns how many there are in
        the end. A workbook that could not be copied is listed with the reason.
    """
    copies = list(_copies(result, submissions))
    if not copies:
        yield lambda _: 0
        return
    home = folder / "returned"
    making = Making(str(home), result.as_of, result.campaign.passwords)
    most = -(-len(copies) // _COPIES_A_WORKER)  # a worker that makes fewer takes longer to start than to work
    with Workers(min(jobs or cores(), most), "pipeline.returns", _NICENESS) as workers:
        chunks = workers.map_chunks(make_copies, copies, making, _crashed)

        def finish(progress: Progress) -> int:
            outcomes: list[str] = []
            for chunk in chunks:
                outcomes += chunk
                progress("returning", len(outcomes), len(copies))
            if any(outcomes):
                _write_index(home / INDEX, copies, outcomes)
            return sum(outcome in _HOW for outcome in outcomes)

        yield finish


def _crashed(_copy: Any, how: str) -> str:
    return how


def make_copies(copies: list[Copy], making: Making) -> list[str]:
    """Make a chunk of copies.

    Returns:
        Of each how it was made ("kept", "resaved" or "values"), "" where there is no workbook that could be read (the
        finding about it says so), or why it was not made.
    """
    opened = _Opened()
    return [make_copy(copy, making, opened) for copy in copies]


class _Opened:
    """What arrived, opened again; the last carrier is kept, as copies of what it holds follow one another."""

    def __init__(self) -> None:
        self._path, self._things = "", dict[tuple[str, str], Carried]()

    def thing(self, copy: Copy) -> Carried:
        """Return what a copy is to be made of.

        Raises:
            NotPlainError: it lies there no more.
        """
        if copy.path != self._path:
            moment = datetime.min.replace(tzinfo=UTC)  # when it came is known already
            things = contents(Arrival(copy.path, copy.file, moment, "clock", 0))
            self._things = {(thing.received.member, thing.received.sha256): thing for thing in things}
            self._path = copy.path
        if (copy.member, copy.sha256) not in self._things:
            raise NotPlainError("it is no longer what was read")
        return self._things[copy.member, copy.sha256]


def make_copy(copy: Copy, making: Making, opened: _Opened) -> str:
    """Make one copy and write it; see `make_copies`."""
    try:
        thing = opened.thing(copy)
        data, kind = thing.data, thing.kind
        if kind == "encrypted":
            data = decrypted(data, making.passwords)
            kind = kind_of(data)
        if kind not in WORKBOOKS:
            return ""
        made, how = _marked(data, kind, copy, making)
    except UnreadableError:
        return ""
    except NotPlainError as fault:
        return str(fault)
    path = Path(making.folder) / copy.target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made)
    return how


def _marked(data: bytes, kind: str, copy: Copy, making: Making) -> tuple[bytes, str]:
    """Edit the workbook as it is; else saved anew; else its values alone.

    Raises:
        UnreadableError: it could not be read in the first place.
        NotPlainError: nothing of that can be done.
    """
    grids, _ = read_workbook(data, kind, making.passwords)  # first of all: here stand the gates
    if kind == "xlsx":
        try:
            return mark(data, copy.remarks, copy.letter, ()), "kept"
        except NotPlainError:
            pass
        try:
            anew = resaved(data, grids, making.as_of)
            return mark(anew, copy.remarks, copy.letter, ("note_resaved",)), "resaved"
        except NotPlainError:
            pass
    values, names = from_values(grids, making.as_of)
    remarks = [remark._replace(sheet=names.get(remark.sheet, remark.sheet)) for remark in copy.remarks]
    return mark(values, remarks, copy.letter, ("note_values",)), "values"


# --- which copies, and what they say --------------------------------------------------------------


def _copies(result: Result, submissions: Path | str) -> Iterator[Copy]:
    """Yield the copies to be made, in the order of files.csv, each with a path of its own."""
    names, paths = Names(), _paths(result.files["file"], submissions, result.language)
    files = result.files
    is_returned = files["status"].isin(("rejected", "unidentified"))
    is_returned |= (files["status"] == "counted") & (files["query_count"] + files["error_count"] > 0)
    files = files[is_returned]
    found = findings_by_thing(result.findings[result.findings["file"].isin(files["file"])])
    for row in _records(files):
        findings = found.get((row.file, row.member), [])
        if any(finding.code in _NOT_AGAIN for finding in findings):
            continue
        ending = word("return_ending", result.language, round=safe(row.round, 20, "")) if row.round else ""
        name = (row.member or row.file).rpartition("/")[2]
        yield Copy(
            path=paths.get(row.file) or path_of(str(submissions), row.file), file=row.file, member=row.member,
            sha256=row.sha256,
            target=names.copy(row.unit_code, name, ending), letter=_letter(result, row, findings, name),
            remarks=remarks_of(findings, result, is_list=row.is_list),
            row=(row.file, row.member, row.sender, row.unit_code, row.round, row.status),
        )  # fmt: skip


def _paths(files: pd.Series[str], submissions: Path | str, language: str) -> dict[str, str]:
    """Return where the files lie whose names can not be shown as they are: only a walk finds them again."""
    if not files.str.contains(r"\ufffd| \(\d+\)").any():
        return {}
    return {arrival.file: arrival.path for arrival in find_submissions(str(submissions), UTC, language)}


def _records(table: pd.DataFrame) -> Iterator[Any]:
    """Yield the rows of a table, each with its columns as attributes."""
    yield from table.itertuples(index=False)


def _letter(result: Result, row: Any, findings: list[Any], name: str) -> Letter:
    campaign, language = result.campaign, result.language
    codes = [finding.code for finding in findings]
    unit = result.tree.loc[row.unit_code] if row.unit_code in result.tree.index else None
    is_sure = unit is not None and bool(unit["is_filing"])
    about_unit = [finding for finding in findings if finding.code in _UNIT_CODES]
    is_unit_asked = (
        not row.is_list and len(about_unit) == 1 and not (about_unit[0].code == "unit_unknown" and about_unit[0].cell)
    )
    is_round_asked = "round_assumed_earlier_owed" in codes
    is_counted = row.status == "counted" and not any(finding.severity == "error" for finding in findings)
    shown = str(unit["path"]) if unit is not None else ""
    if unit is not None and not is_sure:
        shown = word("return_unit_several", language, unit=shown)
    if is_unit_asked:
        shown = word("return_unit_asked", language)
    source = {"name": plain(name), "moment": _moment(row.received_at, result), "as_of": _moment(result.as_of, result)}
    return Letter(
        language=language, campaign=campaign.title, unit_code=row.unit_code if is_sure else "", unit=shown,
        is_unit_asked=is_unit_asked, round="" if is_round_asked else row.round, is_round_asked=is_round_asked,
        rounds=", ".join(r.id for r in campaign.rounds), due=_due(result, row.round, is_counted=is_counted),
        status=row.status, email=campaign.issuer.email, is_form_wanted="no_form" in codes,
        source=word("return_source", language, **source), number=file_number(row.sha256),
    )  # fmt: skip


def _due(result: Result, round_id: str, *, is_counted: bool) -> str:
    """Return when the round is due; a report that is counted whole waits for an answer, but is not overdue."""
    round_ = next((known for known in result.campaign.rounds if known.id == round_id), None)
    if round_ is None:
        return ""
    key = "return_overdue" if round_.is_due(result.as_of) and not is_counted else "return_due"
    return word(key, result.language, name=round_.name, day=f"{round_.deadline.last_day():%d/%m/%Y}")


def _moment(value: Any, result: Result) -> str:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    return hour_and_day(moment.astimezone(result.as_of.tzinfo))


def _write_index(path: Path, copies: list[Copy], outcomes: list[str]) -> None:
    """Write returned.csv: which copy is of which thing received, and to whom it goes back.

    Its last columns: `copy`, the path below returned/; `made` kept (all formats), resaved (no macros, links, drawings)
    or values; `reason` where there is none.
    """
    path.parent.mkdir(exist_ok=True)  # where no copy could be made, nobody has made it yet
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(_COLUMNS)
        for copy, outcome in zip(copies, outcomes, strict=True):
            if outcome:
                last = (copy.target, outcome, "") if outcome in _HOW else ("", "", outcome)
                table.writerow([f"'{cell}" if cell.startswith(_LIVE) else cell for cell in (*copy.row, *last)])
