"""Where per-file work runs: in processes of its own, so that a crash costs the one file that caused it.

Files go out in chunks (one task a file is slower than no pool at all). A chunk that dies, hangs or
runs out of memory is read again file by file, so only the guilty file is reported.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from typing import Any, Final, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas import limits

Item = TypeVar("Item")
Made = TypeVar("Made")

CHUNK: Final = 64
Crash = Callable[[Any, str], Any]


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


def _confine(extra: int) -> None:
    """Cap a worker's address space, so that a hostile file exhausts the worker and not the machine; hush it too.

    What raises comes back to the caller; what Rust prints of a panic or an abort would only alarm whoever runs us.
    """
    with open(os.devnull, "w", encoding="ascii") as silence:
        os.dup2(silence.fileno(), 2)
    with open("/proc/self/statm", encoding="ascii") as statm:
        mapped = int(statm.read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (mapped + extra, mapped + extra))


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
            on_crash: gives the result of an item whose processing died or ran out of time or memory;
                the second argument says which.

        Raises:
            Exception: whatever `work` itself raises is our own bug and passes through.
        """
        size = max(1, min(CHUNK, -(-len(items) // (self.jobs * 4))))
        chunks = [list(items[start : start + size]) for start in range(0, len(items), size)]
        futures = [self._pool.schedule(work, args=(chunk, shared), timeout=limits.SECONDS_A_FILE) for chunk in chunks]
        for chunk, future in zip(chunks, futures, strict=True):
            try:
                yield future.result()
            except (ProcessExpired, FutureTimeout, MemoryError):
                yield [self._alone(work, item, shared, on_crash) for item in chunk]

    def _alone(
        self,
        work: Callable[[list[Item], Any], list[Made]],
        item: Item,
        shared: Any,
        on_crash: Callable[[Item, str], Made],
    ) -> Made:
        future = self._pool.schedule(work, args=([item], shared), timeout=limits.SECONDS_A_FILE)
        try:
            made: Made = future.result()[0]
        except FutureTimeout:
            return on_crash(item, f"> {limits.SECONDS_A_FILE} s")
        except MemoryError:
            return on_crash(item, f"> {limits.MEMORY_A_WORKER // limits.MEBI} MiB")
        except ProcessExpired as death:
            return on_crash(item, _cause(death.exitcode))
        return made


def _cause(exit_code: int) -> str:
    """Return the name of the signal that ended a process, or its exit code."""
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"exit {exit_code}"
