"""Where per-file work runs: in processes of its own, so that a crash costs the one file that caused it.

Files go out in chunks (one task a file is slower than no pool at all). A chunk that dies, hangs, raises or
runs out of memory is read again file by file, so only the guilty file is reported.
"""

from __future__ import annotations

import multiprocessing
import os
import pickle
import resource
import signal
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from functools import lru_cache
from typing import Any, Final, NamedTuple, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas import limits

Item = TypeVar("Item")
Made = TypeVar("Made")

CHUNK: Final = 64
_GROWN, _FULL = 75, 76  # exit statuses of a worker that makes way for a fresh one
_SEVERAL: Final = 5  # items that can hardly all be hostile
Crash = Callable[[Any, str], Any]


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


class WorkError(Exception):
    """Every item met an exception: the fault is ours and not that of what was sent."""


class _Failure(NamedTuple):
    """Why a chunk came to nothing, in a few words: an exception itself may be one that no other process can rebuild."""

    how: str
    is_raised: bool = False


def _confine(extra: int) -> None:
    """Cap a worker's address space, so that a hostile file exhausts the worker and not the machine; hush it too.

    What raises comes back to the caller; what Rust prints of a panic or an abort would only alarm whoever runs us.
    Nor does a process that aborts leave its memory behind as a file.
    """
    with open(os.devnull, "w", encoding="ascii") as silence:
        os.dup2(silence.fileno(), 2)
    most = _mapped() + extra
    resource.setrlimit(resource.RLIMIT_AS, (most, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _mapped() -> int:
    """Return how much address space this process has, in bytes."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[0]) * resource.getpagesize()


@lru_cache(maxsize=1)
def _unpacked(shared: bytes) -> Any:
    """Return the reference data, the very same object for every chunk: what is cached by it is found at once."""
    return pickle.loads(shared)  # noqa: S301  # this run packed it itself


def _run(
    work: Callable[[list[Item], Any], list[Made]], chunk: list[Item], shared: bytes, needed: int
) -> list[Made] | _Failure:
    """Do a chunk of work, in the worker; leave it to a fresh one where not the bytes needed are left, or were.

    A file that was large and good may leave caches behind, for which the next one must not pay.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] - _mapped() < needed:
        os._exit(_GROWN)
    try:
        return work(chunk, _unpacked(shared))
    except MemoryError:
        os._exit(_FULL)
    except BaseException as fault:  # a Rust panic is no Exception, and no file may stop the run
        *_, (frame, line) = traceback.walk_tb(fault.__traceback__)
        place = f"{os.path.basename(frame.f_code.co_filename)}:{line}"
        return _Failure(f"{type(fault).__name__}, {place}", is_raised=True)


class Workers:
    """A pool that stays warm for one run.

    Use as a context manager. It starts at once and in the background, so that the caller can import
    and prepare while the first processes come up.
    """

    def __init__(self, jobs: int, preload: str) -> None:
        context = multiprocessing.get_context("forkserver")  # forks from a process without threads
        context.set_forkserver_preload([preload])
        self.jobs = jobs
        self._pool = ProcessPool(
            max_workers=jobs, context=context, initializer=_confine, initargs=(limits.MEMORY_A_WORKER,)
        )

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, kind: object, *_: object) -> None:
        if kind is None:
            self._pool.close()  # type: ignore[no-untyped-call]  # pebble has no types
        else:
            self._pool.stop()  # type: ignore[no-untyped-call]
        self._pool.join()

    def map_chunks(
        self,
        work: Callable[[list[Item], Any], list[Made]],
        items: Sequence[Item],
        shared: Any,
        on_crash: Callable[[Item, str], Made],
    ) -> Iterator[list[Made]]:
        """Yield `work(chunk, shared)` for chunks of items, in order.

        Args:
            work: a module-level function from a chunk and the shared data to one result an item.
            items: what to work on; each must pickle.
            shared: reference data sent along with each chunk.
            on_crash: gives the result of an item whose processing died, raised, or ran out of time or memory;
                the second argument says which.

        Raises:
            WorkError: every one of several items raised.
        """
        size = max(1, min(CHUNK, -(-len(items) // (self.jobs * 4))))
        chunks = [list(items[start : start + size]) for start in range(0, len(items), size)]
        packed = pickle.dumps(shared)
        futures = [self._scheduled(work, chunk, packed) for chunk in chunks]
        raised: list[str] = []
        for chunk, future in zip(chunks, futures, strict=True):
            made = self._outcome(future, work, chunk, packed)
            if isinstance(made, _Failure):
                made = [self._alone(work, item, packed, on_crash, raised) for item in chunk]
            yield made
        if _SEVERAL <= len(items) == len(raised):
            raise WorkError(raised[-1])

    def _scheduled(self, work: Callable[[list[Item], Any], list[Made]], chunk: list[Item], shared: bytes) -> Any:
        task = (work, chunk, shared, limits.MEMORY_A_WORKER * 2 // 3)
        return self._pool.schedule(_run, args=task, timeout=limits.SECONDS_A_FILE)

    def _outcome(
        self, future: Any, work: Callable[[list[Item], Any], list[Made]], chunk: list[Item], shared: bytes
    ) -> list[Made] | _Failure:
        """Wait for a chunk; give it to another worker as often as one had grown too large to begin it."""
        while True:
            try:
                made: list[Made] | _Failure = future.result()
            except FutureTimeout:
                return _Failure(f"> {limits.SECONDS_A_FILE} s")
            except ProcessExpired as death:
                if death.exitcode == _FULL:
                    return _Failure(f"> {limits.MEMORY_A_WORKER // limits.MEBI} MiB")
                if death.exitcode != _GROWN:
                    return _Failure(_cause(death.exitcode))
                future = self._scheduled(work, chunk, shared)
            else:
                return made

    def _alone(
        self,
        work: Callable[[list[Item], Any], list[Made]],
        item: Item,
        shared: bytes,
        on_crash: Callable[[Item, str], Made],
        raised: list[str],
    ) -> Made:
        made = self._outcome(self._scheduled(work, [item], shared), work, [item], shared)
        if not isinstance(made, _Failure):
            return made[0]
        raised += [made.how] if made.is_raised else []
        return on_crash(item, made.how)


def _cause(exit_code: int) -> str:
    """Return the name of the signal that ended a process, or its exit code."""
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"exit {exit_code}"
