"""Run a command once and measure it: wall time, processor time and memory, of it and its worker processes together."""

from __future__ import annotations

import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

SAMPLE_EVERY = 0.025  # seconds; a peak shorter than this may be missed, and sampling costs about 1 % of a core


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        seconds: wall time, from start to exit, the interpreter's start included.
        cpu_seconds: user and system time of the process and of the workers it waited for.
        peak_bytes: the largest sum, over the process and all below it, of resident memory. Pages that processes
            share are counted once for each, so a pool's figure is an upper bound.
        status: exit status; negative for a signal.
        output: what it printed.
        errors: what it printed to standard error.
    """

    seconds: float
    cpu_seconds: float
    peak_bytes: int
    status: int
    output: str
    errors: str


def measure(command: Sequence[str], folder: Path, environment: Mapping[str, str] | None = None) -> Measured:
    """Run a command in a folder, nothing on its standard input, and measure it."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.DEVNULL, stdout=output, stderr=errors,
            env={**os.environ, **(environment or {})},
        )  # fmt: skip
        sampler = _Sampler(process.pid)
        _, wait_status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        peak = sampler.stop()
        return Measured(
            seconds=seconds,
            cpu_seconds=used.ru_utime + used.ru_stime,
            peak_bytes=max(peak, used.ru_maxrss * 1024),
            status=process.returncode,
            output=_text(output),
            errors=_text(errors),
        )


def _text(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


class _Sampler:
    """Adds up the resident memory of a process and all below it, again and again, in a thread."""

    def __init__(self, pid: int) -> None:
        self._root = psutil.Process(pid)
        self._peak = 0
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> int:
        self._is_over.set()
        self._thread.join()
        return self._peak

    def _sample(self) -> None:
        while not self._is_over.wait(SAMPLE_EVERY):
            total = 0
            try:
                for process in (self._root, *self._root.children(recursive=True)):
                    total += _resident(process)
            except psutil.NoSuchProcess:
                return
            self._peak = max(self._peak, total)


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:  # a worker that ended between the listing and the look
        return 0
