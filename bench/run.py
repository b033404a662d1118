"""Speed and memory of ours beside what a user would pick instead, all in one run over the same made-up campaign.

    make bench                                  6,000 branches, 5 turns, 3 of the slow ones
    make bench BRANCHES=300 RUNS=1              prints, writes nothing
    make bench ARGS="--only ours,pandas_calamine"   the same, of some contestants or contests

Three contests: of `consolidate` and plain scripts, of `templates` and XlsxWriter, of correction copies and openpyxl. In
each everybody takes turns (A B C A B C ...), so that whatever else the machine does falls on all alike. Written to
bench/results/latest.json and latest.md, and into docs/performance.md between its markers. Times of different runs of
this script are not comparable; ratios nearly are.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import copies, field, templates
from bench.campaigns import branches, made_up
from bench.contest import ROOT, Contestant, ContestError, compete
from bench.machine import machine
from bench.measure import Measured
from bench.report import contest_table, figures_table, machine_line, write_results
from bench.targets import OFFICIAL, TARGETS, judge

TITLES = {"consolidate": "Consolidating", "templates": "Templates", "copies": "Correction copies"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the contests, print and write what was measured; exit status 1 if a contestant fails."""
    asked = _asked(arguments)
    about: dict[str, Any] = {**machine(ROOT), "runs": asked.runs, "slow_runs": min(asked.slow_runs, asked.runs),
                             "seed": asked.seed}  # fmt: skip
    try:
        with tempfile.TemporaryDirectory(prefix="study-campaign-bench-") as folder:
            campaign = asked.campaign.resolve() if asked.campaign else made_up(asked.branches, asked.seed)
            about["branches"] = branches(campaign)
            contests = {name: _hold(name, campaign, Path(folder), about, asked) for name in TITLES}
    except ContestError as fault:
        print(fault, file=sys.stderr)
        return 1
    tables = {name: rows for name, rows in contests.items() if rows}
    sections = _sections(about, tables)
    print("\n".join(sections.values()))
    if asked.write or (about["branches"] >= OFFICIAL and not (asked.only or asked.campaign)):
        stored = {"about": about, "figures": _figures(about, tables), "contests": tables}
        write_results(ROOT, "latest", stored, sections)
    return 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Speed and memory beside what a user would pick instead.")
    parser.add_argument("--branches", type=int, default=OFFICIAL)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--slow-runs", type=int, default=3, help="turns that slow contestants take part in")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--campaign", type=Path, help="a folder to run on, instead of a made-up one; prints only")
    parser.add_argument("--only", default="", help="names of contestants or contests, comma-separated; prints only")
    parser.add_argument("--write", action="store_true", help=f"store the results even below {OFFICIAL:,} branches")
    return parser.parse_args(arguments)


def _hold(
    name: str, campaign: Path, folder: Path, about: dict[str, Any], asked: argparse.Namespace
) -> list[dict[str, Any]]:
    """Hold one contest; return its rows, none where nobody of it was asked for."""
    wanted = set(asked.only.split(",")) if asked.only else {name}
    slow = about["slow_runs"]
    home = folder / name
    if name == "consolidate":
        found = field.field_of(campaign, home, slow)
    elif name == "templates":
        found = templates.field_of(home, asked.branches, asked.seed, about["cores"], slow)
    else:
        found = copies.field_of(made_up(copies.BRANCHES, asked.seed, messy=1), home, about["cores"])
    contestants = [one for one in found if name in wanted or one.name in wanted]
    if not contestants:
        return []
    compete(contestants, asked.runs)
    if name == "consolidate":
        field.agree(contestants)
        about["says_so"] = field.says_more(contestants)
    else:
        _have_done_the_same(contestants)
    return [as_row(one) for one in contestants]


def _have_done_the_same(contestants: Sequence[Contestant]) -> None:
    for one in contestants[1:]:
        if one.facts != contestants[0].facts:
            raise ContestError(f"{one.name}: {one.facts}, {contestants[0].name}: {contestants[0].facts}")


def as_row(contestant: Contestant) -> dict[str, Any]:
    """Return what the report needs of a contestant."""
    runs = [_measured(run) for run in contestant.runs]
    return {"name": contestant.name, "what": contestant.what, "facts": contestant.facts, "runs": runs}


def _measured(run: Measured) -> dict[str, float | int]:
    return {key: value for key, value in asdict(run).items() if key in ("seconds", "cpu_seconds", "peak_bytes")}


def _figures(about: dict[str, Any], contests: dict[str, list[dict[str, Any]]]) -> list[dict[str, object]]:
    rows = [row for contest in contests.values() for row in contest]
    figures = judge(TARGETS, {row["name"]: [run["seconds"] for run in row["runs"]] for row in rows})
    verdict = {True: "met", False: "missed"}.get(about.get("says_so"), "not measured")
    return [*figures, {"what": "re-run, nothing changed: it says so", "target": "yes", "verdict": verdict}]


def _sections(about: dict[str, Any], contests: dict[str, list[dict[str, Any]]]) -> dict[str, str]:
    """Return the text of each section of the page that was measured."""
    head = (
        f"{about['branches']:,} branches; {about['runs']} turns after one to warm up, {about['slow_runs']} of the slow "
        f"ones (a ratio is of turns that both took part in). {machine_line(about)}"
    )
    figures = "\n".join([head, "", *figures_table(_figures(about, contests), about["branches"])]) + "\n"
    return {
        "figures": figures,
        **{name: "\n".join(contest_table(rows)) + "\n" for name, rows in contests.items()},
    }


if __name__ == "__main__":
    sys.exit(main())
