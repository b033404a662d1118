"""Two engines side by side: what a cluster of two worker processes takes to start, to read, and to lose a worker.

    PYTHONPATH=. a-venv/bin/python bench/engines.py dask inputs/demo
    PYTHONPATH=. a-venv/bin/python bench/engines.py ray inputs/demo

The environment holds the engine (`dask` with distributed, or `ray`), the runtime packages and psutil: only the engine
that was chosen is a dependency of the project, so the module is imported by the name asked for. Prints one JSON line.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench import engine_tasks
from pipeline.intake import Arrival, find_arrivals
from pipeline.per_file import ReadingContext, read_many
from pipeline.settings import load_campaign
from pipeline.workers import Workers
from schemas.campaign import VIETNAM
from schemas.layout import load_form_spec

ROOT = Path(__file__).resolve().parent.parent
CHUNK = 64
PORT = 46379
MODULES = {"dask": "distributed", "ray": "ray"}
TIMES = 3
JOBS = 41  # one of them aborts the process it runs in
LOST = object()
Submit = Callable[[Callable[..., Any], list[Any]], list[Any]]  # (function, one argument a task) -> result or None each


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("engine", choices=("dask", "ray"))
    parser.add_argument("campaign", type=Path)
    asked = parser.parse_args()
    campaign = load_campaign(asked.campaign)
    context = ReadingContext(load_form_spec(campaign), campaign.passwords)
    arrivals = find_arrivals(asked.campaign.resolve() / "submissions", VIETNAM)
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        found = {"dask": _with_dask, "ray": _with_ray}[asked.engine](Path(folder), arrivals, context)
    found["local_s"] = median(_timed(lambda: _locally(arrivals, context)) for _ in range(TIMES))
    print(json.dumps({name: round(value, 3) if isinstance(value, float) else value for name, value in found.items()}))


def _with_dask(folder: Path, arrivals: list[Arrival], context: ReadingContext) -> dict[str, Any]:
    started = time.perf_counter()
    file = folder / "scheduler.json"
    python = [sys.executable, "-m", "dask"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": (folder / "log").open("w"), "cwd": folder, "env": _environment()}
    own = ["--host", "127.0.0.1", "--scheduler-file", str(file), "--no-dashboard"]
    scheduler = subprocess.Popen([*python, "scheduler", "--port", "0", *own], **quiet)
    worker = [*python, "worker", "--scheduler-file", str(file), "--nthreads", "1", "--no-dashboard"]
    started_here = [scheduler, *(subprocess.Popen(worker, **quiet) for _ in range(2))]
    processes = [psutil.Process(one.pid) for one in started_here]
    distributed = importlib.import_module(MODULES["dask"])
    while not file.exists():
        time.sleep(0.01)
    connecting = time.perf_counter()
    client = distributed.Client(scheduler_file=str(file))
    client.wait_for_workers(2)
    client.submit(len, "1").result()
    found: dict[str, Any] = {"start_s": time.perf_counter() - started, "connect_s": time.perf_counter() - connecting}

    def submit(work: Callable[..., Any], arguments: list[Any]) -> list[Any]:
        futures = [client.submit(work, argument, pure=False) for argument in arguments]
        return [_result(future.result, distributed.KilledWorker) for future in futures]

    try:
        return found | _measured(submit, processes, arrivals, context)
    finally:
        client.close()
        _end(processes)


def _with_ray(folder: Path, arrivals: list[Arrival], context: ReadingContext) -> dict[str, Any]:
    started = time.perf_counter()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": (folder / "log").open("w"), "cwd": folder, "env": _environment()}
    head = [str(Path(sys.executable).with_name("ray")), "start", "--head", "--port", str(PORT), "--num-cpus", "2"]
    own = ["--include-dashboard=false", "--disable-usage-stats", "--node-ip-address=127.0.0.1", f"--temp-dir={folder}"]
    subprocess.run([*head, *own], **quiet, check=True)  # it leaves its processes behind
    processes = [one for one in psutil.process_iter() if _mentions(one, str(folder))]
    ray = importlib.import_module(MODULES["ray"])
    connecting = time.perf_counter()
    ray.init(address=f"127.0.0.1:{PORT}", log_to_driver=False, logging_level="ERROR")
    ray.get(ray.remote(engine_tasks.nothing).remote("1"))
    found: dict[str, Any] = {"start_s": time.perf_counter() - started, "connect_s": time.perf_counter() - connecting}

    def submit(work: Callable[..., Any], arguments: list[Any]) -> list[Any]:
        remote = ray.remote(work)
        references = [remote.remote(argument) for argument in arguments]
        return [_result(partial(ray.get, reference), ray.exceptions.RayError) for reference in references]

    try:
        return found | _measured(submit, processes, arrivals, context)
    finally:
        ray.shutdown()
        _end(processes)


def _result(get: Callable[[], Any], lost: type[Exception]) -> Any:
    try:
        return get()
    except lost:
        return LOST


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(ROOT)}


def _mentions(process: psutil.Process, text: str) -> bool:
    try:
        return any(text in argument for argument in process.cmdline())
    except psutil.Error:
        return False


def _end(processes: list[psutil.Process]) -> None:
    """End each process that was started here, and what it started itself."""
    below = [child for process in processes for child in process.children(recursive=True)]
    for process in processes:
        process.terminate()
    _, left = psutil.wait_procs([*processes, *below], timeout=10)
    for process in left:
        process.kill()


def _measured(
    submit: Submit, processes: list[psutil.Process], arrivals: list[Arrival], context: ReadingContext
) -> dict[str, Any]:
    chunks = [(arrivals[start : start + CHUNK], context) for start in range(0, len(arrivals), CHUNK)]
    found: dict[str, Any] = {"memory_mib": _resident(processes)}
    submit(engine_tasks.read, chunks)
    found["files"] = len(arrivals)
    print(found, file=sys.stderr, flush=True)
    found["chunks_s"] = median(_timed(lambda: submit(engine_tasks.read, chunks)) for _ in range(TIMES))
    found["empty_task_ms"] = _timed(lambda: submit(engine_tasks.nothing, ["x"] * 1000))
    print(found, file=sys.stderr, flush=True)
    for name, work in (("crash", engine_tasks.perhaps), ("isolated", engine_tasks.perhaps_apart)):
        started = time.perf_counter()
        made = submit(work, list(range(JOBS)))
        found[f"{name}_s"] = time.perf_counter() - started
        found[f"{name}_lost"] = sum(result is LOST for number, result in enumerate(made) if number != engine_tasks.BAD)
        found[f"{name}_after_s"] = _timed(lambda: submit(engine_tasks.nothing, ["x"] * 2))
        print(found, file=sys.stderr, flush=True)
    return found


def _resident(processes: list[psutil.Process]) -> int:
    every = {one for process in processes for one in (process, *process.children(recursive=True))}
    return round(sum(one.memory_info().rss for one in every) / 2**20)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _locally(arrivals: list[Arrival], context: ReadingContext) -> int:
    with Workers(2, "pipeline.per_file") as workers:
        return sum(map(len, workers.map_chunks(read_many, arrivals, context, lambda *_: [])))


if __name__ == "__main__":
    main()
