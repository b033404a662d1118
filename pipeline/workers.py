"""Where per-file work runs: in processes of its own, so that a crash costs the one file that caused it.

Files go out in chunks (one task a file is slower than no pool at all). A chunk that dies, hangs, raises or
runs out of memory is read again file by file, so only the guilty file is reported.
"""

from __future__ import annotations

import errno
import gc
import multiprocessing
import os
import pickle
import resource
import signal
import traceback
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as FutureTimeout
from contextlib import contextmanager
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from pebble import ProcessExpired, ProcessPool

from schemas import limits

if TYPE_CHECKING:
    from multiprocessing.connection import Connection

Item = TypeVar("Item")
Made = TypeVar("Made")

CHUNK: Final = 125
_SMALLEST: Final = 4  # of what is left at the end; a chunk on its way costs as much as reading one file
_GROWN, _FULL = 75, 76  # exit statuses of a worker that makes way for a fresh one
_FULL_DISK: Final = (errno.ENOSPC, errno.EDQUOT)
_OBJECTS: Final = 50_000  # between two looks for unused cycles: what is read has none, and is looked through in vain
_SEVERAL: Final = 5  # items that can hardly all be hostile


def cores() -> int:
    """Return how many processors this process may use."""
    return len(os.sched_getaffinity(0))


class WorkError(Exception):
    """Every item met an exception: the fault is ours and not that of what was sent."""


class _Failure(NamedTuple):
    """Why a chunk came to nothing, in a few words: an exception itself may be one that no other process can rebuild."""

    how: str
    is_raised: bool = False


def _confine(extra: int, niceness: int) -> None:
    """Cap a worker's address space, so that a hostile file exhausts the worker and not the machine; hush it too.

    What raises comes back to the caller; what Rust prints of a panic or an abort would only alarm whoever runs us.
    Nor does a process that aborts leave its memory behind as a file.
    """
    with open(os.devnull, "w", encoding="ascii") as silence:
        os.dup2(silence.fileno(), 2)
    os.nice(niceness)
    gc.set_threshold(_OBJECTS)
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
) -> list[Made] | _Failure | OSError:
    """Do a chunk of work, in the worker; leave it to a fresh one where not the bytes needed are left, or were.

    A file that was large and good may leave caches behind, for which the next one must not pay.

    Returns:
        What was made, or why it came to nothing; the fault itself where the disk is full, which is no item's doing.
    """
    if resource.getrlimit(resource.RLIMIT_AS)[0] - _mapped() < needed:
        os._exit(_GROWN)
    try:
        return work(chunk, _unpacked(shared))
    except MemoryError:
        os._exit(_FULL)
    except BaseException as fault:  # a Rust panic is no Exception, and no file may stop the run
        if isinstance(fault, OSError) and fault.errno in _FULL_DISK:
            return OSError(fault.errno, fault.strerror, fault.filename)
        *_, (frame, line) = traceback.walk_tb(fault.__traceback__)
        place = f"{os.path.basename(frame.f_code.co_filename)}:{line}"
        return _Failure(f"{type(fault).__name__}, {place}", is_raised=True)


class Workers:
    """A pool that stays warm for one run; use as a context manager.

    Args:
        jobs: how many processes.
        preload: the module that they will need.
        niceness: by how much they give way to whatever else this run does meanwhile.
    """

    def __init__(self, jobs: int, preload: str, niceness: int = 0) -> None:
        context = multiprocessing.get_context("forkserver")  # forks from a process without threads
        context.set_forkserver_preload([preload])
        self.jobs = jobs
        self._pool = ProcessPool(
            max_workers=jobs, context=context, initializer=_confine, initargs=(limits.MEMORY_A_WORKER, niceness)
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
        """Begin `work(chunk, shared)` for chunks of items at once, and yield what it gives, in order, when asked.

        Args:
            work: a module-level function from a chunk and the shared data to one result an item.
            items: what to work on; each must pickle.
            shared: reference data sent along with each chunk.
            on_crash: gives the result of an item whose processing died, raised, or ran out of time or memory;
                the second argument says which.

        Raises:
            OSError: the disk is full.
            WorkError: every one of several items raised.
        """
        packed = pickle.dumps(shared)
        futures = deque((chunk, self._scheduled(work, chunk, packed)) for chunk in _chunks(items, self.jobs))
        return self._gathered(work, futures, packed, on_crash)

    def _gathered(
        self,
        work: Callable[[list[Item], Any], list[Made]],
        futures: deque[tuple[list[Item], Any]],
        packed: bytes,
        on_crash: Callable[[Item, str], Made],
    ) -> Iterator[list[Made]]:
        raised: list[str] = []
        items = sum(len(chunk) for chunk, _ in futures)
        while futures:
            chunk, future = futures.popleft()  # and its result is let go with it
            made = self._outcome(future, work, chunk, packed)
            if isinstance(made, _Failure):
                made = [self._alone(work, item, packed, on_crash, raised) for item in chunk]
            yield made
        if _SEVERAL <= items == len(raised):
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
                made: list[Made] | _Failure | OSError = future.result()
            except FutureTimeout:
                return _Failure(f"> {limits.SECONDS_A_FILE} s")
            except ProcessExpired as death:
                if death.exitcode == _FULL:
                    return _Failure(f"> {limits.MEMORY_A_WORKER // limits.MEBI} MiB")
                if death.exitcode != _GROWN:
                    return _Failure(_cause(death.exitcode))
                future = self._scheduled(work, chunk, shared)
            else:
                if isinstance(made, OSError):
                    raise made
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


def _chunks(items: Sequence[Item], jobs: int) -> Iterator[list[Item]]:
    """Cut items into chunks that grow smaller towards the end, so that all workers are done at the same time."""
    start = 0
    while start < len(items):
        size = min(CHUNK, max(_SMALLEST, -(-(len(items) - start) // (jobs * 4))))
        yield list(items[start : start + size])
        start += size


def _cause(exit_code: int) -> str:
    """Return the name of the signal that ended a process, or its exit code."""
    try:
        return signal.Signals(-exit_code).name
    except ValueError:
        return f"exit {exit_code}"


@contextmanager
def beside(do: Callable[[], None]) -> Iterator[None]:
    """Do something in a process of its own while the block runs; it is done, or has raised, when the block ends.

    The process is a fork of this one: it has everything at hand, and this one sees of it only what it writes to disk.
    With one processor it is done here, before the block.
    """
    if cores() == 1:
        do()
        yield
        return
    context = multiprocessing.get_context("fork")
    told, tell = context.Pipe(duplex=False)
    process = context.Process(target=_do_beside, args=(do, tell))
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # a bar on a terminal has a thread; the fork leaves it alone
        process.start()
    tell.close()
    try:
        yield
        fault = told.recv()
    except EOFError:
        process.join()
        raise WorkError(_cause(process.exitcode or 0)) from None
    except BaseException:
        process.terminate()
        raise
    finally:
        process.join()
        told.close()
    if fault is not None:
        raise fault


def _do_beside(do: Callable[[], None], tell: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches this process too; the other one ends it
    try:
        do()
    except OSError as fault:  # it is raised again where it was asked for
        tell.send(fault)
    except Exception as fault:
        traceback.print_exc()
        tell.send(WorkError(f"{type(fault).__name__}: {fault}"))
    else:
        tell.send(None)
