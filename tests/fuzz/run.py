"""Fuzzing for a bounded time: `python -m tests.fuzz.run [SECONDS] [SEED]`, or FUZZ_SECONDS.

Files are made and read in a process of its own, since calamine can abort, hang or eat memory on some: a run of the
pipeline pays for such a file with that file alone, and so does fuzzing, which counts them. What fails it is an
exception, or a result that breaks a promise of tests/fuzz/target.py; each is kept as a file to make a test of.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import multiprocessing
import os
import resource
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Final

from hypothesis import HealthCheck, Phase, given, seed, settings

from schemas import limits

from .mutations import sick_files
from .target import check

FINDS: Final = Path(".fuzz")
_ROOM: Final = 4 << 20  # bytes in which a process shows what it is at
_STANDSTILL: Final = 300  # seconds in which a process that is not stuck reads some file, on any machine
_A_SPELL: Final = 400  # files a process reads before it makes way for the next


def main(seconds: float, first_seed: int) -> int:
    """Fuzz; return 1 if a promise was broken."""
    shown = mmap.mmap(-1, _ROOM)
    context = multiprocessing.get_context("fork")
    end, spell = time.monotonic() + seconds, first_seed
    seen: Counter[str] = Counter()
    while time.monotonic() < end:
        process = context.Process(target=_spell, args=(shown, spell, end))
        process.start()
        _watch(process, shown)
        name, data, count, fault = _look(shown)
        seen["files"] += count
        if fault:
            seen["faults"] += 1
            print(f"seed {spell}: {_kept(name, data)}\n{fault}", flush=True)
        elif process.exitcode:
            how = f"exit code {process.exitcode}"
            seen[how] += 1
            print(f"seed {spell}: {_kept(name, data)}: {how}", flush=True)
        spell += 1
    print(", ".join(f"{what} {count}" for what, count in sorted(seen.items())))
    return 1 if seen["faults"] else 0


def _watch(process: multiprocessing.context.ForkProcess, shown: mmap.mmap) -> None:
    """Wait for a process; end it where one file takes more processor time than a run allows, or stands still."""
    last, since, used = -1, time.monotonic(), 0.0
    while process.is_alive():
        process.join(0.2)
        count = int.from_bytes(shown[:8], "little")
        taken = _processor_seconds(process.pid or 0)
        if count != last:
            last, since, used = count, time.monotonic(), taken
        elif taken - used > limits.SECONDS_A_FILE or time.monotonic() - since > _STANDSTILL:
            process.kill()
    process.join()


def _processor_seconds(pid: int) -> float:
    """Return the processor time of a process: on a busy machine the clock says nothing."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _look(shown: mmap.mmap) -> tuple[str, bytes, int, str]:
    count, name_size, size, fault_size = (int.from_bytes(shown[at : at + 8], "little") for at in (0, 8, 16, 24))
    name = shown[32 : 32 + name_size].decode()
    data = shown[32 + name_size : 32 + name_size + size]
    fault = shown[32 + name_size + size : 32 + name_size + size + fault_size].decode("utf-8", "replace")
    return name, data, count, fault


def _show(shown: mmap.mmap, count: int, name: str, data: bytes, fault: str = "") -> None:
    told = fault.encode("utf-8", "replace")[-20_000:]
    for at, number in ((0, count), (8, len(name)), (16, len(data)), (24, len(told))):
        shown[at : at + 8] = number.to_bytes(8, "little")
    body = name.encode() + data + told
    shown[32 : 32 + len(body)] = body


def _spell(shown: mmap.mmap, number: int, end: float) -> None:
    """Read some hundred files; the last one shown is the smallest that failed, where one did."""
    resource.setrlimit(resource.RLIMIT_AS, (limits.MEMORY_A_WORKER * 2, limits.MEMORY_A_WORKER * 2))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 2)  # what Rust says of its panics
    os.dup2(silence, 1)
    count = 0

    @seed(number)
    @settings(
        max_examples=_A_SPELL, deadline=None, database=None, suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink), report_multiple_bugs=False,
    )  # fmt: skip
    @given(sick_files())
    def read_one(file: tuple[str, bytes]) -> None:
        nonlocal count
        if time.monotonic() > end:
            return
        count += 1
        _show(shown, count, *file)
        check(*file)

    _show(shown, 0, "", b"")
    try:
        read_one()
    except BaseException as found:  # whatever it is, it is what was looked for
        name, data, _, _ = _look(shown)
        _show(shown, count, name, data, _told(found))


def _told(found: BaseException) -> str:
    """Return what happened and where, without the file itself, which Hypothesis would print in full."""
    places = [f"{place.filename}:{place.lineno} {place.name}" for place in traceback.extract_tb(found.__traceback__)]
    ours = [place for place in places if "hypothesis" not in place][-6:]
    return "\n".join([*ours, f"{type(found).__name__}: {str(found)[:300]}"])


def _kept(name: str, data: bytes) -> str:
    FINDS.mkdir(exist_ok=True)
    path = FINDS / f"{hashlib.sha256(data).hexdigest()[:16]}-{name}"
    with contextlib.suppress(OSError):
        path.write_bytes(data)
    return path.as_posix()


if __name__ == "__main__":
    given_seconds = sys.argv[1] if len(sys.argv) > 1 else os.environ.get("FUZZ_SECONDS", "60")
    given_seed = sys.argv[2] if len(sys.argv) > 2 else os.environ.get("FUZZ_SEED", str(time.time_ns() % 1_000_000))
    sys.exit(main(float(given_seconds), int(given_seed)))
