"""The story: what a campaign's units sent becomes the workbook that its leaders read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.campaign import VIETNAM, Campaign
from schemas.faults import LostError
from schemas.layout import load_form_spec
from schemas.records import Arrival, Note, Received
from schemas.words import word

from .cache import Cache, version_of
from .intake import NOT_FETCHED, find_submissions, is_there
from .lock import held
from .per_file import ReadingContext, read_many
from .settings import load_campaign, round_asked_for
from .workers import Workers, beside, cores
from .workers_warm import READERS

if TYPE_CHECKING:
    from schemas.result import Result

    from .cluster import Cluster

Progress = Callable[[str, int, int], None]
_MOST_UNITS_BESIDE = 50_000  # of more, memory counts: no fork writes the workbook, and nothing is kept for later


@dataclass(frozen=True)
class Run:
    """What a run is asked to do.

    Attributes:
        folder: the campaign's inputs.
        output: where its outputs go.
        round: id of the round the workbook shows; "" for the latest that is due.
        as_of: stands in for now; None for the campaign's own, else the clock.
        jobs: processes that read files; 0 for one a core.
        language: "vi", "en", or "" for the campaign's own.
        forms: whether to fill in the official form of each unit directly below the top too.
        is_fresh: whether to read everything anew, whatever is remembered from earlier runs.
        scheduler: of the cluster that reads; "" to read on this machine.
    """

    folder: Path
    output: Path
    round: str = ""
    as_of: datetime | None = None
    jobs: int = 0
    language: str = ""
    forms: bool = False
    is_fresh: bool = False
    scheduler: str = ""


def consolidate(
    run: Run, progress: Progress, waiting: Callable[[], None], begun: Callable[[], None] = lambda: None
) -> Result:
    """Read everything received, work out what is known and how complete it is, and write the outputs.

    Runs of one campaign follow one another: one that is started while another goes on looks at its inputs after that.

    Args:
        run: what is asked.
        progress: told how far it is.
        waiting: called once if another run goes on.
        begun: called before the inputs are looked at.

    Raises:
        FaultsError: campaign.toml or the registry cannot be used, or there is no such round.
    """
    campaign = load_campaign(run.folder, run.language or None)
    if run.round:  # what is asked amiss is told without waiting
        round_asked_for(campaign, run.round, run.language or campaign.language)
    with held(run.output, waiting):
        begun()
        return _consolidate(run, progress)


def _consolidate(run: Run, progress: Progress) -> Result:
    campaign = load_campaign(run.folder, run.language or None)
    as_of = (run.as_of or campaign.as_of or datetime.now(VIETNAM)).astimezone(VIETNAM)
    language = run.language or campaign.language
    focus = _focus(campaign, run.round, as_of, language)
    context = ReadingContext(load_form_spec(campaign), campaign.passwords)
    cache = Cache(run.output, version_of(context), is_fresh=run.is_fresh)
    submissions = campaign.submissions or str((run.folder / "submissions").absolute())
    arrivals = find_submissions(submissions, VIETNAM, language)
    with reading(arrivals, context, cache, run.jobs, run.scheduler, language) as finish:
        from . import returns, tables_earlier, workbook  # noqa: F401  # all of it loads while files are read
        from .registry import load_registry
        from .report import report

        registry = load_registry(run.folder, campaign, language)
        received = finish(progress)
    if len(registry.tree) > _MOST_UNITS_BESIDE:
        cache.save()  # what else a run can do beside the workbook; here it lets go of what nothing needs any more
    del arrivals, finish
    progress("checking", 0, 0)
    result, inputs = report(run.folder, campaign, received, as_of, focus, language, registry)
    del received, registry
    _write(run, submissions, result, inputs, cache, progress)
    return result


def _focus(campaign: Campaign, wanted: str, as_of: datetime, language: str) -> str:
    """Return the round the workbook shows: the one asked for, else the latest that is due, else the first."""
    if wanted:
        return round_asked_for(campaign, wanted, language).id
    due = [round_.id for round_ in campaign.rounds if round_.is_due(as_of)]
    return due[-1] if due else campaign.rounds[0].id


@contextmanager
def reading(
    arrivals: list[Arrival], context: ReadingContext, cache: Cache, jobs: int, scheduler: str = "", language: str = "vi"
) -> Iterator[Callable[[Progress], list[Received]]]:
    """Begin to open everything that arrived, in processes of its own; a crash costs the one file that caused it.

    Yields:
        What to call for everything received, in order of arrival; names play no part in it but to break a tie.
    """
    known, unknown = cache.recall(arrivals)
    with _readers(jobs, scheduler, language) as workers:
        chunks = workers.map_chunks(read_many, unknown, context, _crashed)

        def finish(progress: Progress) -> list[Received]:
            received = [thing for things in known for thing in things]
            read = 0
            for chunk in chunks:
                for arrival, things in zip(unknown[read : read + len(chunk)], chunk, strict=True):
                    cache.learn(arrival, things)
                    received += things
                read += len(chunk)
                progress("reading", len(known) + read, len(arrivals))
            _refuse_gaps(received, language)
            return sorted(received, key=lambda thing: (thing.received_at, thing.sha256, thing.file, thing.member))

        yield finish


def _readers(jobs: int, scheduler: str, language: str) -> Workers | Cluster:
    """Return where files are read: both have the same face, and the same file comes to the same on either."""
    if scheduler:
        from .cluster import Cluster

        return Cluster(scheduler, READERS, language, is_there)
    return Workers(jobs or cores(), READERS)


def _refuse_gaps(received: list[Received], language: str) -> None:
    """What the storage did not give is not the sender's fault: no table may say that it was."""
    gaps = [thing for thing in received if thing.problem and thing.problem.code == NOT_FETCHED]
    if gaps:
        first = gaps[0]
        reason = first.problem.value if first.problem else ""
        raise LostError(word("storage_lost", language, count=len(gaps), file=first.file, reason=reason))


def _crashed(arrival: Arrival, how: str) -> list[Received]:
    return [
        Received(arrival.file, "", "", arrival.size_bytes, arrival.received_at, arrival.received_by,
                 problem=Note("file_crashed", value=how))
    ]  # fmt: skip


def _write(
    run: Run, submissions: str, result: Result, inputs: dict[str, str], cache: Cache, progress: Progress
) -> None:
    from . import VERSION
    from .returns import returning
    from .tables import staged, write_manifest, write_tables
    from .tables_earlier import PREVIOUS, carry_over
    from .workbook import write_forms, write_workbook

    progress("writing", 0, 0)
    with staged(run.output, ("returned", "forms", PREVIOUS)) as folder:
        result = replace(result, earlier=carry_over(run.output, folder, result.campaign.id, inputs))
        make_workbook = partial(write_workbook, result, folder / "consolidated.xlsx")
        is_vast = len(result.tree) > _MOST_UNITS_BESIDE
        with (
            nullcontext() if is_vast else beside(make_workbook),
            returning(result, submissions, folder, run.jobs) as finish_returns,
        ):
            from .questions import write_questions  # openpyxl loads long; here it is the workbook that is waited for

            write_tables(result, folder)
            if run.forms:
                write_forms(result, folder / "forms")
            cache.save()
            write_questions(run.folder, result.questions.to_dict("records"), result.language, result.as_of)
            finish_returns(progress)
        if is_vast:  # alone, for it takes more memory than anything before it
            make_workbook()
        write_manifest(result, folder, inputs, VERSION)
