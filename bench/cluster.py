"""The proof that a cluster changes nothing: the same bytes as this machine alone, whatever dies on the way.

    make prove-cluster                               # 20,000 workbooks, 20 that crash the reader
    python bench/cluster.py --branches 300 --crashing 3

One machine, but a real scheduler and two separate worker processes, each with its reading processes. Among made-up
submissions lie files on which the reader aborts its process (SIGABRT): the gates refuse all that are known to make
python-calamine do so, so bench/aborting puts an abort there, on files with a mark. Halfway one worker is killed with
all that belongs to it (SIGKILL). Afterwards every output file must have the same bytes as those of a run without a
cluster, and of the files that were added exactly the crashing ones must be rejected, for having crashed the reader.
Prints figures; exit status 1 if anything differs.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.makers.forms import xlsx  # noqa: E402

ABORTING = ROOT / "bench" / "aborting"
MARK = b"ABORT-THE-READER"  # as in bench/aborting
AS_OF = "2021-06-10T08:00"
START_SECONDS = 60


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--branches", type=int, default=20_000)
    parser.add_argument("--crashing", type=int, default=20)
    parser.add_argument("--folder", type=Path, help="where to work; default: a temporary folder")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="prove-cluster-") as made:
        proof = prove(asked.folder or Path(made), asked.branches, asked.crashing)
    print(json.dumps(proof, indent=2))
    return 0 if proof["faults"] == [] else 1


def prove(folder: Path, branches: int, crashing: int) -> dict[str, Any]:
    """Run a campaign without and with a cluster that loses a worker.

    Returns:
        Figures, and under "faults" a line for each thing that is not as it must be.
    """
    campaign = folder / "campaign"
    if not campaign.exists():
        _command("demo", str(campaign), "--branches", str(branches))
    added = _add_crashing(campaign / "submissions", crashing)
    files = sum(len(names) for _, _, names in os.walk(campaign / "submissions"))
    started = time.perf_counter()
    _consolidate(campaign, folder / "local")
    local = time.perf_counter() - started
    with cluster(folder) as (address, workers):
        killer = _Killer(workers[1], folder / "cluster")
        started = time.perf_counter()
        _consolidate(campaign, folder / "cluster", "--scheduler", address, killer=killer)
        far = time.perf_counter() - started
    faults = [*_differences(folder / "local", folder / "cluster"), *_not_as_meant(folder / "cluster", added)]
    if not killer.is_done:
        faults.append("no worker was killed: the run was over before it was halfway")
    return {
        "files": files, "crashing": len(added), "local_s": round(local, 1), "cluster_s": round(far, 1),
        "killed_after_s": round(killer.after, 1), "faults": faults,
    }  # fmt: skip


def _environment() -> dict[str, str]:
    """Return the environment in which the reader aborts on marked files."""
    return {**os.environ, "PYTHONPATH": str(ABORTING)}


def _add_crashing(submissions: Path, count: int) -> list[str]:
    folder = submissions / "2021-04-15"
    folder.mkdir(parents=True, exist_ok=True)
    names = []
    for number in range(count):
        path = folder / f"crashes-{number}.xlsx"
        with_mark = BytesIO(xlsx())
        with zipfile.ZipFile(with_mark, "a") as package:
            package.comment = MARK + number.to_bytes(4, "big")  # no two alike: a copy of another would be a duplicate
        path.write_bytes(with_mark.getvalue())
        names.append(path.relative_to(submissions).as_posix())
    return names


def _differences(one: Path, other: Path) -> Iterator[str]:
    """Yield a line for each file that is not in both folders with the same bytes."""
    names = {path.relative_to(at).as_posix() for at in (one, other) for path in at.rglob("*") if path.is_file()}
    for name in sorted(name for name in names if not name.startswith((".lock", ".cache/"))):  # what is no output
        if not (one / name).is_file() or not (other / name).is_file():
            yield f"{name}: only in one of both"
        elif (one / name).read_bytes() != (other / name).read_bytes():
            yield f"{name}: other bytes"


def _not_as_meant(output: Path, added: list[str]) -> Iterator[str]:
    """Yield a line for each crashing file that did not crash, and each other one that is said to have."""
    with (output / "findings.csv").open(encoding="utf-8-sig", newline="") as file:
        crashed = {row["file"]: row["value"] for row in csv.DictReader(file) if row["code"] == "file_crashed"}
    with (output / "files.csv").open(encoding="utf-8-sig", newline="") as file:
        status = {row["file"]: row["status"] for row in csv.DictReader(file)}
    for name in added:
        if crashed.get(name) != "SIGABRT" or status[name] != "rejected":
            yield f"{name}: {status[name]}, {crashed.get(name, 'did not crash the reader')}"
    yield from (f"{name}: crashed" for name in sorted(set(crashed) - set(added)))


# --- the machines --------------------------------------------------------------------------------


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Give the address of a scheduler and its two workers, each a process as `dask` starts it for anybody."""
    file = folder / "scheduler.json"
    file.unlink(missing_ok=True)
    dask = [sys.executable, "-m", "dask"]
    own = ["--scheduler-file", str(file), "--no-dashboard"]
    with (folder / "cluster.log").open("w") as log:
        quiet: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": log, "stderr": log}
        # the scheduler stands elsewhere on purpose: it needs nothing of this project
        scheduler = subprocess.Popen(
            [*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", *own], cwd=folder, **quiet
        )
        processes = [scheduler]
        try:
            for number in range(2):
                place = ["--local-directory", str(folder / f"worker-{number}")]
                worker = [*dask, "worker", "--nthreads", "1", *own, *place]
                processes.append(subprocess.Popen(worker, cwd=ROOT, env=_environment(), **quiet))
            yield _address(file, 2), processes[1:]
        finally:
            for process in reversed(processes):
                process.terminate()
            for process in processes:
                process.wait(START_SECONDS)


def _address(file: Path, workers: int) -> str:
    from distributed import Client

    limit = time.monotonic() + START_SECONDS
    while not file.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    with Client(scheduler_file=str(file)) as client:
        client.wait_for_workers(workers, timeout=START_SECONDS)
    address: str = json.loads(file.read_text())["address"]
    return address


class _Killer:
    """Ends a worker with all that belongs to it, at once and without a word, when the run is halfway."""

    def __init__(self, worker: subprocess.Popen[bytes], output: Path) -> None:
        self._worker = worker
        self.output = output
        self.is_done, self.after = False, 0.0

    def told(self, share: float, seconds: float) -> None:
        if share >= 0.5 and not self.is_done:
            self.is_done, self.after = True, seconds
            tree = psutil.Process(self._worker.pid)
            for process in (tree, *tree.children(recursive=True)):
                process.kill()


def _consolidate(campaign: Path, output: Path, *more: str, killer: _Killer | None = None) -> None:
    """Run the campaign in a process of its own; tell the killer how far it is."""
    own = [sys.executable, __file__, "--run", str(campaign), str(output), *more]
    started = time.perf_counter()
    pipes: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(own, cwd=ROOT, env=_environment(), **pipes) as run:
        assert run.stdout is not None
        assert run.stderr is not None
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(run.stderr or ()))
        reader.start()
        for line in run.stdout:
            if killer is not None:
                killer.told(float(line), time.perf_counter() - started)
        reader.join()
    if run.returncode:
        raise SystemExit(f"consolidate ended with {run.returncode}: {''.join(said)}")


def _run(campaign: str, output: str, *more: str) -> None:
    """Consolidate as the command line does, and print the share of files that is read as it grows."""
    from datetime import datetime

    from pipeline.consolidate import Run, consolidate
    from schemas.campaign import VIETNAM

    def told(stage: str, done: int, total: int) -> None:
        if stage == "reading" and total:
            print(done / total, flush=True)

    scheduler = more[1] if more else ""
    as_of = datetime.fromisoformat(AS_OF).replace(tzinfo=VIETNAM)
    consolidate(Run(Path(campaign), Path(output), as_of=as_of, scheduler=scheduler), told, lambda: None)


def _command(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pipeline", *arguments], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--run"]:
        _run(*sys.argv[2:])
    else:
        sys.exit(main())
