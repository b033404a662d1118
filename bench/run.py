"""Speed and memory of `make consolidate` beside plain scripts, all in one run over the same made-up campaign.

    make bench BRANCHES=2000 RUNS=5

Every contestant runs once to warm the file cache and then RUNS times, in turns (A B C A B C ...), so that whatever
else the machine does falls on all alike. Written to bench/results/latest.json and latest.md, and into
docs/performance.md between its markers. Times of different runs of this script are not comparable; ratios nearly are.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from machine import machine
from measure import Measured, measure
from report import as_markdown, write_results

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers"
CACHE = Path(tempfile.gettempdir()) / "study-campaign-bench"
PIPELINE = (sys.executable, "-m", "pipeline")

Facts = dict[str, int]


@dataclass
class Contestant:
    """Something that turns the campaign into a workbook, with what was measured of it.

    `facts` (files found, files read, members in the total ...) are the same after each run, or the run is void.
    """

    name: str
    command: tuple[str, ...]
    what: str
    output: Path
    read_facts: Callable[[Path, str], Facts]
    keeps_output: bool = False
    facts: Facts = field(default_factory=dict)
    runs: list[Measured] = field(default_factory=list)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the contest and write what was measured; exit status 1 if a contestant fails."""
    parser = argparse.ArgumentParser(description="Speed and memory beside plain scripts.")
    parser.add_argument("--branches", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--campaign", type=Path, help="a folder to run on, instead of a made-up one; prints only")
    parser.add_argument("--only", default="", help="names of contestants, comma-separated; prints only")
    asked = parser.parse_args(arguments)
    campaign = asked.campaign.resolve() if asked.campaign else made_up(asked.branches, asked.seed)
    about = {"branches": branches(campaign), "runs": asked.runs, "seed": asked.seed, **machine(ROOT)}
    with tempfile.TemporaryDirectory(prefix="study-campaign-bench-") as folder:
        contestants = [c for c in field_of(campaign, Path(folder)) if not asked.only or c.name in asked.only.split(",")]
        try:
            compete(contestants, asked.runs)
        except ContestError as fault:
            print(fault, file=sys.stderr)
            return 1
    rows = [
        {"name": c.name, "what": c.what, "facts": c.facts, "runs": [_figures(run) for run in c.runs]}
        for c in contestants
    ]
    text = as_markdown(about, rows)
    if not asked.only and not asked.campaign:
        write_results(ROOT, about, rows, text)
    print(text)
    return 0


def _figures(run: Measured) -> dict[str, float | int]:
    return {key: value for key, value in asdict(run).items() if key in ("seconds", "cpu_seconds", "peak_bytes")}


# --- the field ---------------------------------------------------------------------------------


def field_of(campaign: Path, folder: Path) -> list[Contestant]:
    """Return who takes part, ours first; each writes below `folder`."""
    ours = (*PIPELINE, "consolidate", str(campaign))
    can_be_fresh = "--fresh" in subprocess.run([*ours, "--help"], cwd=ROOT, capture_output=True, text=True).stdout
    fresh = ("--fresh",) if can_be_fresh else ()

    def run_of_ours(name: str, what: str, *options: str, keeps_output: bool = False) -> Contestant:
        output = folder / name
        return Contestant(name, (*ours, "--output", str(output), *options), what, output, our_facts, keeps_output)

    def peer(name: str, what: str) -> Contestant:
        output = folder / f"{name}.xlsx"
        return Contestant(
            name, (sys.executable, str(PEERS / f"{name}.py"), str(campaign), str(output)), what, output, told
        )

    found = [
        run_of_ours("ours", "everything `make consolidate` does, nothing remembered from before", *fresh),
        run_of_ours("ours_one_process", "the same with --jobs 1", *fresh, "--jobs", "1"),
    ]
    if can_be_fresh:
        found.append(run_of_ours("ours_again", "run again, nothing changed", keeps_output=True))
    return [
        *found,
        peer("pandas_openpyxl", "the plain script: pandas.read_excel with openpyxl, concat, groupby, to_excel"),
        peer("pandas_calamine", "the same with engine=calamine"),
        peer("calamine_only", "python-calamine opens every workbook, and nothing else: the floor"),
    ]


def our_facts(output: Path, _: str) -> Facts:
    """Read the facts of a run of ours from its tables; a mail with a form in it is one file, as for the peers."""
    with (output / "files.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with (output / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        tops = [row for row in csv.DictReader(file) if not row["parent_code"]]
    return {
        "found": len({row["file"] for row in rows}),
        "read": len({row["file"] for row in rows if row["status"] in ("counted", "superseded", "duplicate")}),
        "members": sum(int(row["members"] or 0) for row in tops),
    }


def told(_: Path, output: str) -> Facts:
    """Read the facts that a peer prints as its last line, in JSON."""
    facts: Facts = json.loads(output.splitlines()[-1])
    return facts


# --- the contest -------------------------------------------------------------------------------


class ContestError(Exception):
    """A contestant failed, or did not do the same work each time."""


def compete(contestants: Sequence[Contestant], runs: int) -> None:
    """Run everybody in turns, once to warm up and then `runs` times.

    Raises:
        ContestError: somebody failed, or its facts changed from run to run.
    """
    for turn in range(runs + 1):
        for contestant in contestants:
            if not contestant.keeps_output:
                _remove(contestant.output)
            run = measure(contestant.command, ROOT)
            if run.status:
                raise ContestError(f"{contestant.name} ended with status {run.status}:\n{run.errors[-2000:]}")
            facts = contestant.read_facts(contestant.output, run.output)
            if turn and facts != contestant.facts:
                raise ContestError(f"{contestant.name} did other work than before: {facts}, was {contestant.facts}")
            contestant.facts = facts
            if turn:
                contestant.runs.append(run)
            label = f"run {turn} of {runs}" if turn else "warm-up"
            peak = run.peak_bytes / 2**20
            print(f"{label}: {contestant.name} {run.seconds:.2f} s, {peak:.0f} MiB", file=sys.stderr, flush=True)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


# --- the campaign ------------------------------------------------------------------------------


def made_up(wanted: int, seed: int) -> Path:
    """Return a made-up campaign of so many branches; kept outside the repository until the code changes."""
    code = hashlib.sha256()
    for path in sorted([*(ROOT / "pipeline").rglob("*.py"), *(ROOT / "schemas").rglob("*.*")]):
        if path.suffix in (".py", ".toml"):
            code.update(path.read_bytes())
    campaign = CACHE / f"{wanted}-{seed}-{code.hexdigest()[:12]}" / "demo"
    if not campaign.is_dir():
        for old in CACHE.glob(f"{wanted}-{seed}-*"):
            shutil.rmtree(old)
        unfinished = campaign.with_name("unfinished")
        command = [*PIPELINE, "demo", str(unfinished), "--branches", str(wanted), "--seed", str(seed)]
        subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
        unfinished.rename(campaign)
    return campaign


def branches(campaign: Path) -> int:
    """Return how many units of the registry have no children, and so file."""
    with (campaign / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    parents = {row["parent_code"] for row in rows}
    return sum(row["unit_code"] not in parents for row in rows)


if __name__ == "__main__":
    sys.exit(main())
