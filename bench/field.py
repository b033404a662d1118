"""Who takes part in the contest of `make consolidate`, and whether their results agree."""

from __future__ import annotations

import csv
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from python_calamine import load_workbook

from bench.campaigns import Arrivals
from bench.contest import PEERS, ROOT, Contestant, ContestError, Facts, remove

PIPELINE = (sys.executable, "-m", "pipeline")
COUNTS = ("members", "attendees", "guests", "reflections", "exemptions")
NEW_FILES = 50

# script, what it does, whether it is so slow that it takes part in some turns only
SCRIPTS = (
    ("inflate_only", "reads every file and inflates every member of the archives, and nothing else", False),
    ("calamine_only", "python-calamine opens every workbook, one after another, and nothing else: the floor", False),
    ("polars_read_excel", "polars throughout: read_excel, concat, group_by, write_excel; checks nothing", False),
    ("pandas_calamine", "the plain script with engine=calamine; checks nothing", False),
    ("per_file_crease", "the plain script with crease: answers found and validated by a template", False),
    ("pandas_openpyxl", "the plain script: pandas.read_excel, concat, groupby, to_excel; checks nothing", True),
    ("per_file_pandera", "the plain script with calamine, each file validated by a pandera schema", True),
    ("per_file_frictionless", "the plain script with calamine, each file validated by frictionless", True),
)

Tally = tuple[object, ...]


def field_of(campaign: Path, folder: Path, slow_runs: int) -> list[Contestant]:
    """Return who takes part, ours first; all work and write below `folder`.

    Raises:
        ContestError: a run that only prepares another failed.
    """
    cold = folder / "cold"
    shutil.copytree(campaign, cold, ignore=shutil.ignore_patterns("decisions.xlsx"))
    return [*_ours(campaign, cold, folder), *(_peer(script, cold, folder, slow_runs) for script in SCRIPTS)]


def _ours(campaign: Path, cold: Path, folder: Path) -> list[Contestant]:
    def from_nothing(output: Path) -> None:
        remove(output)
        remove(cold / "decisions.xlsx")

    def run_of_ours(name: str, what: str, *options: str) -> Contestant:
        output = folder / name
        return Contestant(name, what, cold_command(cold, output, *options), output, our_facts,
                          prepare=lambda: from_nothing(output))  # fmt: skip

    again, output = folder / "again", folder / "ours_again"
    shutil.copytree(campaign, again, ignore=shutil.ignore_patterns("decisions.xlsx"))
    arrivals = Arrivals(campaign, folder / "more", folder / "more" / "cache", NEW_FILES)
    more = ("env", f"XDG_CACHE_HOME={folder / 'more' / 'cache'}", *run_command(arrivals.campaign, arrivals.output))
    arrivals.first_run(more)
    return [
        run_of_ours("ours", "everything `make consolidate` does, nothing remembered from before"),
        run_of_ours("ours_one_process", "the same with --jobs 1", "--jobs", "1"),
        Contestant("ours_again", "run again, nothing changed (the warm-up is the run before)",
                   run_command(again, output), output, our_facts, prepare=lambda: None),
        Contestant("ours_new_files", f"run again after {arrivals.count} new files came in; in each turn they are new",
                   more, arrivals.output, our_facts, prepare=arrivals.arrive),
    ]  # fmt: skip


def _peer(script: tuple[str, str, bool], campaign: Path, folder: Path, slow_runs: int) -> Contestant:
    name, what, is_slow = script
    output = folder / f"{name}.xlsx"
    command = (sys.executable, str(PEERS / f"{name}.py"), str(campaign), str(output))
    turns = slow_runs if is_slow else None
    return Contestant(name, what, command, output, turns=turns, has_warm_up=not is_slow)


def run_command(inputs: Path, output: Path, *options: str) -> tuple[str, ...]:
    """Return the command that consolidates."""
    return (*PIPELINE, "consolidate", str(inputs), "--output", str(output), *options)


def cold_command(inputs: Path, output: Path, *options: str) -> tuple[str, ...]:
    """Return the command that consolidates and uses nothing that an earlier run remembered."""
    told = subprocess.run([*PIPELINE, "consolidate", "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    return run_command(inputs, output, *(["--fresh"] if "--fresh" in told else []), *options)


def our_facts(output: Path, _: str) -> Facts:
    """Read the facts of a run of ours from its tables; a mail with a form in it is one file, as for the peers."""
    rows = _rows(output / "files.csv")
    tops = [row for row in _rows(output / "units.csv") if not row["parent_code"]]
    return {
        "found": len({row["file"] for row in rows}),
        "read": len({row["file"] for row in rows if row["status"] in ("counted", "superseded", "duplicate")}),
        "members": sum(int(row["members"] or 0) for row in tops),
    }


# --- results before speeds -----------------------------------------------------------------------


def agree(contestants: Sequence[Contestant]) -> None:
    """Note of each who wrote counts how many files it shares with ours, and how many with the first of the peers.

    Raises:
        ContestError: two that read the same file found other counts in it.
    """
    ours = next((c for c in contestants if c.name == "ours"), None)
    ours_read = tallies_of_ours(ours.output) if ours else {}
    first: tuple[str, dict[str, Tally]] = ("", {})
    for contestant in contestants:
        if contestant.read_facts is our_facts or "members" not in contestant.facts:
            continue
        read = tallies_of_peer(contestant.output)
        contestant.facts["same"] = compare("ours", ours_read, contestant.name, read)
        if first[0]:
            compare(*first, contestant.name, read)
        first = first if first[0] else (contestant.name, read)


def says_more(contestants: Sequence[Contestant]) -> bool | None:
    """Return whether ours, run again, prints other words than the cold run; None where one of them took no part."""
    words = {c.name: c.said.replace(str(c.output), "") for c in contestants if c.name in ("ours", "ours_again")}
    return None if len(words) < 2 else words["ours"] != words["ours_again"]


def compare(name: str, tallies: dict[str, Tally], other_name: str, others: dict[str, Tally]) -> int:
    """Return how many files both read.

    Raises:
        ContestError: they found other counts in one of them.
    """
    shared = tallies.keys() & others.keys()
    for file in sorted(shared):
        if tallies[file] != others[file]:
            raise ContestError(f"{file}: {name} has {tallies[file]}, {other_name} {others[file]}")
    return len(shared)


def tallies_of_ours(output: Path) -> dict[str, Tally]:
    """Return file -> (unit, counts) of each file that was counted and is the report of one unit."""
    units = {(row["unit_code"], row["round"]): row for row in _rows(output / "units.csv")}
    above = {row["parent_code"] for row in units.values()}
    found = {}
    for row in _rows(output / "files.csv"):
        if row["status"] == "counted" and not row["member"] and row["unit_code"] not in above:
            unit = units[row["unit_code"], row["round"]]
            found[row["file"]] = (row["unit_code"], *(int(unit[field] or -1) for field in COUNTS))
    return found


def tallies_of_peer(workbook: Path) -> dict[str, Tally]:
    """Return the same of a peer, as its workbook has them."""
    head, *rows = load_workbook(str(workbook)).get_sheet_by_name("branches").to_python()
    places = [head.index(field) for field in COUNTS]
    unit, file = head.index("unit_code"), head.index("file")
    return {str(row[file]): (row[unit], *(int(row[place]) for place in places)) for row in rows if row[file]}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
