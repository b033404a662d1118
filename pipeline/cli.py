"""Arguments, exit codes, printing; nothing else.

Exit status: 0 the run finished; 1 an unexpected failure, earlier outputs untouched; 2 bad usage, campaign.toml
or registry; 3 with --strict when something is missing, rejected or queried. Ctrl-C ends it as a signal does (130).
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.faults import FaultsError, LostError, RefusedError
from schemas.words import word

from . import VERSION, cli_remind
from .cache import PASSING
from .cache_run import Inputs, Said, remember, stamp_of, unchanged
from .cli_arguments import campaign_folder, file_there, moment, output_folder, positive
from .cli_faults import told
from .cli_progress import Progress
from .workers_warm import READERS, warm

if TYPE_CHECKING:  # what takes long to import waits until it is known to be needed
    from schemas.result import Result

OK, FAILED, BAD_USAGE, INCOMPLETE = 0, 1, 2, 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit status."""
    asked = _parser().parse_args(arguments)
    language = getattr(asked, "lang", "") or "vi"
    has_outputs = "output" in asked  # written beside the earlier ones, and put in their place when all are there
    try:
        status: int = asked.command(asked)
    except (FaultsError, RefusedError) as fault:
        print(fault, file=sys.stderr)
        return BAD_USAGE
    except LostError as fault:
        print(fault, file=sys.stderr)
        return FAILED
    except BrokenPipeError:  # of whoever reads along
        raise
    except OSError as fault:
        print(told(fault, _place(asked), language, is_whole=has_outputs), file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        print(word("cli_stopped", language), word("cli_outputs_stand", language) * has_outputs, file=sys.stderr)
        raise
    return status


def _place(asked: argparse.Namespace) -> Path:
    """Return the folder that a command works in."""
    folder: Path = asked.campaign or Path()
    if "output" not in asked:
        return folder
    given: Path | None = asked.output
    return given or Path("outputs") / folder.resolve().name


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m pipeline", description="Consolidate the tallies of a study campaign into one workbook."
    )
    parser.add_argument("--version", action="version", version=VERSION)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    run = _command(commands, "consolidate", _consolidate, "read every submission and write the outputs")
    run.add_argument("campaign", type=campaign_folder, metavar="CAMPAIGN_DIR")
    run.add_argument("--output", type=output_folder, metavar="DIR", help="default: outputs/<campaign>")
    run.add_argument("--round", default="", metavar="ID", help="the round the workbook shows; default: the latest due")
    run.add_argument("--as-of", type=moment, metavar="ISO", help="stands in for now, e.g. 2021-05-10T08:00")
    run.add_argument("--jobs", type=positive, default=0, metavar="N", help="processes that read; default: one a core")
    run.add_argument("--fresh", action="store_true", help="read everything anew, remembering nothing of earlier runs")
    run.add_argument(
        "--scheduler", default="", metavar="ADDR", help="of a Dask cluster that reads, e.g. tcp://10.0.0.5:8786"
    )
    run.add_argument("--forms", action="store_true", help="fill in the official form of each unit below the top too")
    run.add_argument("--strict", action="store_true", help="exit 3 if anything is missing, rejected or queried")
    run.add_argument("--lang", choices=("vi", "en"), default="", help="default: the campaign's language")

    forms = _command(commands, "templates", _templates, "one pre-filled workbook a filing unit")
    forms.add_argument("campaign", type=campaign_folder, metavar="CAMPAIGN_DIR")
    forms.add_argument("--output", type=output_folder, metavar="DIR", help="default: outputs/<campaign>/templates")
    forms.add_argument("--round", default="", metavar="ID", help="default: the first round that is not due yet")
    forms.add_argument("--as-of", type=moment, metavar="ISO", help="stands in for now, e.g. 2021-05-10T08:00")
    forms.add_argument("--lang", choices=("vi", "en"), default="", help="default: the campaign's language")

    check = _command(commands, "check", _check, "findings for these files, written nowhere")
    check.add_argument("files", nargs="+", type=file_there, metavar="FILE")
    check.add_argument("--campaign", type=campaign_folder, metavar="DIR", help="whose rules and registry hold")
    check.add_argument("--lang", choices=("vi", "en"), default="")

    fetch = _command(commands, "fetch", _fetch, "the mails of the campaign's mailbox, into its submissions")
    fetch.add_argument("campaign", type=campaign_folder, metavar="CAMPAIGN_DIR")
    fetch.add_argument("--lang", choices=("vi", "en"), default="", help="default: the campaign's language")

    demo = _command(commands, "demo", _demo, "a lifelike made-up campaign")
    demo.add_argument("campaign", type=output_folder, metavar="CAMPAIGN_DIR")
    demo.add_argument("--branches", type=positive, required=True, metavar="N")
    demo.add_argument("--seed", type=int, default=1, metavar="S")
    demo.add_argument("--messy", type=float, default=0.03, metavar="SHARE", help="share of faulty files, 0 to 1")

    reminders = _command(commands, "remind", cli_remind.run, "a draft for each unit to be chased; --send sends them")
    cli_remind.add_options(reminders)
    return parser


def _command(
    commands: argparse._SubParsersAction[argparse.ArgumentParser], name: str, run: object, text: str
) -> argparse.ArgumentParser:
    parser = commands.add_parser(name, help=text, description=text)
    parser.set_defaults(command=run)
    return parser


# --- consolidate ------------------------------------------------------------------------------


def _consolidate(asked: argparse.Namespace) -> int:
    folder, output = asked.campaign, asked.output or Path("outputs") / asked.campaign.resolve().name
    options = {"round": asked.round, "as_of": asked.as_of, "language": asked.lang, "forms": asked.forms}
    said = None if asked.fresh else unchanged(folder, output, options)
    if said is not None:
        print(said.summary)
        print(word("cli_unchanged", said.language, as_of=f"{said.as_of:%H:%M %d/%m/%Y}"))
    else:
        said = _consolidated(asked, folder, output, options)
    return INCOMPLETE if asked.strict and said.is_incomplete else OK


def _consolidated(asked: argparse.Namespace, folder: Path, output: Path, options: Mapping[str, object]) -> Said:
    if not asked.scheduler:
        warm(READERS)
    gc.disable()  # a run keeps all that it makes to its end, and a fifth of its time would go into looking through it
    from .consolidate import Run, consolidate
    from .settings import language_of

    before: list[Inputs] = []
    run = Run(
        folder, output, round=asked.round, as_of=asked.as_of, jobs=asked.jobs, language=asked.lang, forms=asked.forms,
        is_fresh=asked.fresh, scheduler=asked.scheduler,
    )  # fmt: skip
    language = asked.lang or language_of(folder)
    with Progress(language) as progress:
        waiting = partial(print, word("cli_waiting", language), file=sys.stderr)
        result = consolidate(run, progress.step, waiting, lambda: before.append(stamp_of(folder)))
    said = Said(_summary(result, output), result.as_of, _is_incomplete(result), result.language)
    print(said.summary)
    if result.campaign.submissions:  # on object storage: what is there now, no stamp of ours can tell
        return said
    after = stamp_of(folder)  # before the rulings are looked at, or one saved in between would never be seen
    is_ruled = after.decisions == before[0].decisions or _are_rulings_obeyed(folder, output, result.language)
    if after.others != before[0].others or not is_ruled:
        print(word("cli_changed_meanwhile", result.language), file=sys.stderr)
    elif not result.findings["code"].isin(PASSING).any():  # of which the next run may read more
        is_fixed = run.as_of is not None or result.campaign.as_of is not None
        remember(output, options, said, after, is_fixed=is_fixed)
    return said


def _are_rulings_obeyed(folder: Path, output: Path, language: str) -> bool:
    """Whether decisions.xlsx, which this run added to, holds the rulings that the outputs obey, and no later ones."""
    from schemas.decisions import FILE

    from .decisions import read_rulings

    obeyed: str = json.loads((output / "run.json").read_text(encoding="utf-8"))["inputs"].get(FILE, "")
    return read_rulings(folder, language).digest() == obeyed


def _is_incomplete(result: Result) -> bool:
    counts = result.units.groupby("round").first()
    return (
        bool(counts[["missing", "rejected", "queried"]].to_numpy().sum())
        or bool(result.files["status"].isin(["rejected", "unidentified"]).any())
        or not result.questions.empty  # a query on a unit above, or on a file that was set aside
    )


def _summary(result: Result, output: Path) -> str:
    """Return what a person can act on: what counts, what is doubted, what is missing, and where to look."""
    language = result.language
    lines = [word("cli_title", language, title=result.campaign.title, as_of=f"{result.as_of:%H:%M %d/%m/%Y}")]
    for round_ in result.campaign.rounds:
        top = result.round_units(round_.id).iloc[0]
        counts = {
            key: int(top[key]) for key in ("expected", "complete", "queried", "rejected", "missing", "not_due", "late")
        }
        received = counts["complete"] + counts["queried"]
        lines.append(
            word(
                "cli_round",
                language,
                name=round_.name,
                due=f"{round_.deadline.last_day():%d/%m/%Y}",
                received=received,
                **counts,
            )
        )
    statuses = result.files["status"].value_counts()
    shown = ", ".join(f"{word(str(status), language).lower()} {count}" for status, count in statuses.items())
    lines.append(word("cli_files", language, total=len(result.files)) + (f": {shown}" if shown else ""))
    found = result.findings["severity"].value_counts()
    lines.append(word("cli_findings", language, errors=int(found.get("error", 0)), queries=int(found.get("query", 0))))
    lines.append(word("cli_workbook", language, path=(output / "consolidated.xlsx").as_posix()))
    return "\n".join(lines)


# --- templates, check, fetch, demo ------------------------------------------------------------


def _templates(asked: argparse.Namespace) -> int:
    from .settings import language_of
    from .templates.issue import issue_templates

    output = asked.output or Path("outputs") / asked.campaign.resolve().name / "templates"
    with Progress(asked.lang or language_of(asked.campaign)) as progress:
        made = issue_templates(
            asked.campaign, output, round=asked.round, as_of=asked.as_of, language=asked.lang,
            progress=lambda done, total: progress.step("templates", done, total),
        )  # fmt: skip
    shown = {
        "round": made.round.name,
        "due": f"{made.round.deadline.last_day():%d/%m/%Y}",
        "path": made.folder.as_posix(),
    }
    print(word("templates_made", made.language, forms=made.forms, lists=made.lists, **shown))
    return OK


def _check(asked: argparse.Namespace) -> int:
    from .check import check_files

    for line in check_files(asked.files, asked.campaign, asked.lang):
        print(line)
    return OK


def _fetch(asked: argparse.Namespace) -> int:
    from .mailbox import fetch_mails
    from .settings import language_of

    language = asked.lang or language_of(asked.campaign)
    with Progress(language) as progress:
        waiting = partial(print, word("fetch_waiting", language), file=sys.stderr)
        fetched = fetch_mails(asked.campaign, asked.lang, partial(progress.step, "fetching"), waiting)
    for line in fetched.said:
        print(line, file=sys.stderr)
    print(fetched.summary)
    if fetched.lost:
        raise LostError(fetched.lost)
    return OK


def _demo(asked: argparse.Namespace) -> int:
    if not 0 <= asked.messy <= 1:
        print(f"--messy {asked.messy}: expected a share from 0 to 1", file=sys.stderr)
        return BAD_USAGE
    from .demo import make_demo

    with Progress("en") as progress:
        step: Callable[[int, int], None] = lambda done, total: progress.step("demo", done, total)  # noqa: E731
        make_demo(asked.campaign, asked.branches, seed=asked.seed, messy=asked.messy, progress=step)
    print(f"{asked.campaign.as_posix()}: {asked.branches} branches")
    return OK
