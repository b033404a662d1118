"""Run a command once and measure it: wall time, processor time and memory, of it and its worker processes together."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil

PR_SET_CHILD_SUBREAPER = 36  # of linux/prctl.h
ORPHANS_END_WITHIN = 10.0  # seconds
SAMPLE_EVERY = 0.025  # seconds; a peak shorter than this may be missed, and sampling costs about 1 % of a core


@dataclass(frozen=True)
class Measured:
    """One run.

    Attributes:
        seconds: wall time, from start to exit, the interpreter's start included.
        cpu_seconds: user and system time of the process and of all that it started, waited for or not.
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


def measure(command: Sequence[str], folder: Path) -> Measured:
    """Run a command in a folder, nothing on its standard input, and measure it.

    This is done by a process of its own, which can adopt what the command leaves behind without taking anybody
    else's children.

    Raises:
        CalledProcessError: something that the command left behind did not end.
    """
    own = [sys.executable, __file__, *command]
    ended = subprocess.run(own, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=True)
    return Measured(**json.loads(ended.stdout))


def _measure(command: Sequence[str]) -> Measured:
    _adopt_orphans()
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=errors)
        sampler = _Sampler(process.pid)
        _, wait_status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(wait_status)
        peak = sampler.stop()
        return Measured(
            seconds=seconds,
            cpu_seconds=used.ru_utime + used.ru_stime + _left_behind(),
            peak_bytes=max(peak, used.ru_maxrss * 1024),
            status=process.returncode,
            output=_text(output),
            errors=_text(errors),
        )


def _adopt_orphans() -> None:
    """Become the parent of what a command leaves behind (a fork server and its workers), to see what it used."""
    if ctypes.CDLL(None, use_errno=True).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "prctl")


def _left_behind() -> float:
    """Return the processor seconds of what was left behind, once it has ended."""
    seconds, limit = 0.0, time.monotonic() + ORPHANS_END_WITHIN
    while time.monotonic() < limit:
        try:
            pid, _, used = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            return seconds
        seconds += used.ru_utime + used.ru_stime
        if not pid:
            time.sleep(0.005)
    raise TimeoutError("something that the command left behind still runs")


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


if __name__ == "__main__":
    print(json.dumps(asdict(_measure(sys.argv[1:]))))
