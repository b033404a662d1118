"""What it costs to read where a crash costs one file only: the same healthy files read in this process and apart.

    python bench/isolation.py --branches 2000 --runs 5

Everybody runs in turns, A B C A B C ..., each as a process of its own that reads every file once, its start included.
The table goes into docs/performance.md between its markers.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path
from statistics import median

from machine import machine
from measure import Measured, measure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BEGIN, END = "<!-- isolation:begin -->", "<!-- isolation:end -->"
READ = """
import sys
from pathlib import Path
from pipeline.intake import find_arrivals
from pipeline.per_file import ReadingContext, read_many
from pipeline.settings import load_campaign
from pipeline.workers import Workers
from schemas.campaign import VIETNAM
from schemas.layout import load_form_spec

folder, jobs = Path(sys.argv[1]), int(sys.argv[2])
campaign = load_campaign(folder)
arrivals = find_arrivals(folder / "submissions", VIETNAM)
context = ReadingContext(load_form_spec(campaign), campaign.passwords)
if jobs:
    with Workers(jobs, "pipeline.per_file") as workers:
        read = [one for chunk in workers.map_chunks(read_many, arrivals, context, lambda *_: []) for one in chunk]
else:
    read = read_many(arrivals, context)
print(len(arrivals), sum(len(thing.tallies) for one in read for thing in one))
"""


def main() -> int:
    parser = argparse.ArgumentParser(description="What reading in processes of its own costs on healthy files.")
    parser.add_argument("--branches", type=int, default=2000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="study-campaign-isolation-") as temporary:
        from pipeline.demo import make_demo

        make_demo(Path(temporary), asked.branches, messy=0.0)
        about = machine(ROOT)
        text = as_markdown(about, *compete(temporary, about["cores"], asked.runs))
    print(text)
    if asked.write:
        page = ROOT / "docs" / "performance.md"
        before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
        after = rest.partition(END)[2]
        page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")
    return 0


def compete(folder: str, cores: int, runs: int) -> tuple[str, dict[str, list[Measured]]]:
    """Run everybody in turns.

    Returns:
        What each of them read, and name -> its runs.

    Raises:
        RuntimeError: somebody failed, or read other than the others.
    """
    field = {"in this process": 0, "in one process apart": 1, f"in {cores} processes apart": cores}
    found: dict[str, list[Measured]] = {name: [] for name in field}
    facts = set()
    for turn in range(runs + 1):
        for name, jobs in field.items():
            run = measure((sys.executable, "-c", READ, folder, str(jobs)), ROOT)
            facts.add(run.output.strip())
            if run.status or len(facts) != 1:
                raise RuntimeError(f"{name}: status {run.status}, read {facts}\n{run.errors[-2000:]}")
            if turn:  # the first is to warm the file cache
                found[name].append(run)
                print(f"run {turn} of {runs}: {name} {run.seconds:.2f} s", file=sys.stderr, flush=True)
    return facts.pop(), found


def as_markdown(about: dict, facts: str, found: dict[str, list[Measured]]) -> str:
    """Return the results as one line about the machine and one table."""
    files, tallies = map(int, facts.split())
    first = next(iter(found.values()))
    lines = [
        f"{files:,} healthy files with {tallies:,} tallies; {len(first)} runs of each in turns. {about['processor']}, "
        f"{about['cores']} cores; load {about['load']} before; Python {about['python']}; commit {about['commit']}.",
        "",
        "| read | seconds, median | min–max | times the first | processor s | times the first | peak MiB |",
        "|---|--:|--:|--:|--:|--:|--:|",
    ]
    for name, runs in found.items():
        seconds = [run.seconds for run in runs]
        pairs = list(zip(runs, first, strict=True))
        cells = [
            name, f"{median(seconds):.2f}", f"{min(seconds):.2f}–{max(seconds):.2f}",
            f"{median(run.seconds / own.seconds for run, own in pairs):.2f}",
            f"{median(run.cpu_seconds for run in runs):.2f}",
            f"{median(run.cpu_seconds / own.cpu_seconds for run, own in pairs):.2f}",
            f"{max(run.peak_bytes for run in runs) / 2**20:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
