"""Who takes part in the contest of correction copies, and the step of ours that makes them, in a process of its own.

    python -m bench.copies prepare CAMPAIGN FOLDER COUNT    run the campaign, keep its result for COUNT faulty files
    python -m bench.copies make FOLDER OUTPUT JOBS          make their copies; prints how many, and the seconds it took

What a run has done by then is not counted on either side: its start, imports, and the result. The step's own worker
processes are.
"""

from __future__ import annotations

import csv
import json
import pickle
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

from bench.contest import PEERS, ROOT, Contestant, ContestError

BRANCHES = 700  # all of them faulty; about half are workbooks that are returned, the rest mails or read all the same
COPIES = 300
STEP = (sys.executable, "-m", "bench.copies")


def field_of(campaign: Path, folder: Path, cores: int, count: int = COPIES) -> list[Contestant]:
    """Return who takes part, openpyxl first; all work and write below `folder`.

    Raises:
        ContestError: the campaign could not be run.
    """
    folder.mkdir(parents=True)
    command = (*STEP, "prepare", str(campaign), str(folder), str(count))
    ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if ended.returncode:
        raise ContestError(ended.stderr[-2000:])

    def ours(name: str, what: str, jobs: int) -> Contestant:
        output = folder / name
        command = (*STEP, "make", str(folder), str(output), str(jobs))
        return Contestant(name, what, command, output, times_itself=True)

    peer, output = PEERS / "openpyxl_load_save.py", folder / "openpyxl_load_save"
    return [
        Contestant("openpyxl_load_save", "openpyxl loads and saves the same files, one process, and marks nothing",
                   (sys.executable, str(peer), str(folder / "files.txt"), str(output)), output, times_itself=True),
        ours("copies", "the step that makes correction copies, one worker process", 1),
        ours(f"copies_{cores}", f"the same on {cores}, as it is by default", cores),
    ]  # fmt: skip


def prepare(campaign: Path, folder: Path, count: int) -> None:
    """Run a campaign, choose so many .xlsx files with a copy, and keep the result that has no other files."""
    from pipeline.consolidate import Run, consolidate

    campaign = Path(shutil.copytree(campaign, folder / "campaign"))
    result = consolidate(Run(campaign, folder / "run"), lambda *_: None, lambda: None)
    with (folder / "run" / "returned" / "returned.csv").open(encoding="utf-8-sig", newline="") as file:
        copied = [row["file"] for row in csv.DictReader(file) if row["copy"] and not row["member"]]
    chosen = sorted(file for file in copied if file.endswith(".xlsx"))[:count]
    if len(chosen) < count:
        raise ContestError(f"expected {count} workbooks to return, found {len(chosen)}")
    result = replace(result, files=result.files[result.files["file"].isin(chosen)])
    (folder / "result.pickle").write_bytes(pickle.dumps((result, campaign / "submissions")))
    lines = [str(campaign / "submissions" / file) for file in chosen]
    (folder / "files.txt").write_text("\n".join(lines), encoding="utf-8")


def make(folder: Path, output: Path, jobs: int) -> None:
    """Make the copies; prints facts in JSON."""
    from pipeline.returns import write_returns

    result, submissions = pickle.loads((folder / "result.pickle").read_bytes())
    output.mkdir()
    started = time.perf_counter()
    made = write_returns(result, submissions, output, lambda *_: None, jobs)
    print(json.dumps({"copies": made, "seconds": time.perf_counter() - started}))


if __name__ == "__main__":
    what, first, second, number = sys.argv[1:]
    (prepare if what == "prepare" else make)(Path(first), Path(second), int(number))
