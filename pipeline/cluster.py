"""Where per-file work runs beyond this machine: the workers of a Dask cluster that somebody else started.

The same face as `Workers`, and the same results: only the place differs. What is on its way at any time is a few chunks
a processor, however many files there are; chunks of a worker that is lost are run again by the others.
"""

from __future__ import annotations

import logging
import pickle
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from schemas.faults import LostError, RefusedError
from schemas.words import word

from .cluster_worker import Chunk, Outcome, Parcel
from .fingerprint import fingerprint
from .workers import WorkError

if TYPE_CHECKING:
    from distributed import Client, Future

Item = TypeVar("Item")
Made = TypeVar("Made")

# Items a task at most: some tenths of a second, beside which the engine's few milliseconds are nothing.
CHUNK: Final = 256
_AHEAD: Final = 3  # tasks on their way for each thread of the cluster
_SMALLEST: Final = 5  # items that can hardly all be hostile: a chunk that raises as a whole is told from ill luck
_INSTALL: Final = ".venv/bin/python -m pip install -c constraints.txt distributed"
CONNECT_SECONDS: Final = 10
ALONE_SECONDS: Final = 60  # without any worker, before the run gives up
_PULSE_SECONDS: Final = 2


class Cluster:
    """The workers of a cluster, for one run. Use as a context manager; it connects at once.

    Args:
        address: of the scheduler, e.g. tcp://10.0.0.5:8786.
        preload: the module that reading processes import before the first chunk.
        language: of what is told.
        is_there: whether a machine can reach an item; asked on the worker's, before a chunk is begun.

    Raises:
        RefusedError: the extra is not installed, nobody answers at the address, or no worker is there.
    """

    def __init__(
        self, address: str, preload: str, language: str, is_there: Callable[[Any], bool] | None = None
    ) -> None:
        self._address, self._preload, self._language = address, preload, language
        self._is_there = is_there
        self._client = self._connected()
        self._threads, self._counted_at = 0, 0.0
        self._last_seen = time.monotonic()

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close(timeout=_PULSE_SECONDS)

    def map_chunks(
        self,
        work: Callable[[list[Item], Any], list[Made]],
        items: Sequence[Item],
        shared: Any,
        on_crash: Callable[[Item, str], Made],
    ) -> Iterator[list[Made]]:
        """Yield `work(chunk, shared)` for chunks of items, in order; arguments as of `Workers.map_chunks`.

        Raises:
            WorkError: every one of several items raised.
            RefusedError: a worker runs another version, or cannot reach what is to be read.
            LostError: the scheduler or all its workers are gone.
        """
        chunks = [
            Chunk(self._is_there, self._preload, work, part, shared, on_crash)
            for part in _parted(items, min(CHUNK, -(-len(items) // (self._threads_there() * 4 or 1) or 1)))
        ]
        early: dict[int, list[Made]] = {}
        position, is_all_raised, raised = 0, True, ""
        for number, outcome in self._outcomes(chunks):
            is_all_raised &= bool(outcome.raised)
            raised = outcome.raised or raised
            early[number] = outcome.made
            while position in early:
                yield early.pop(position)
                position += 1
        if chunks and is_all_raised:
            raise WorkError(raised)

    # --- on their way ---------------------------------------------------------------------------

    def _outcomes(self, chunks: list[Chunk]) -> Iterator[tuple[int, Outcome]]:
        """Yield (number of the chunk, outcome) as they come, with a bounded number on their way."""
        waiting = deque(enumerate(chunks))
        pending: dict[Future, int] = {}
        self._last_seen = time.monotonic()
        try:
            while waiting or pending:
                while waiting and len(pending) < self._room():
                    number, chunk = waiting.popleft()
                    pending[self._submitted(chunk)] = number
                for future in self._finished(pending):
                    number = pending.pop(future)
                    outcome = self._fetched(future)
                    if outcome is None:
                        waiting.appendleft((number, chunks[number]))
                    elif outcome.unseen >= 0:
                        waiting.appendleft((number, self._without_asking(chunks[number], outcome)))
                    else:
                        yield number, outcome
        finally:
            self._give_up(list(pending))

    def _submitted(self, chunk: Chunk) -> Future:
        parcel = pickle.dumps(Parcel(fingerprint(), pickle.dumps(chunk)))
        return self._client.submit(pickle.loads, parcel, pure=False, retries=1)

    def _room(self) -> int:
        """Return how many tasks may be on their way; workers may come and go meanwhile."""
        now = time.monotonic()
        if now - self._counted_at > _PULSE_SECONDS:
            self._counted_at = now
            self._threads = self._threads_there()
        if self._threads:
            self._last_seen = now
        elif now - self._last_seen > ALONE_SECONDS:
            raise LostError(word("cluster_alone", self._language, address=self._address, seconds=ALONE_SECONDS))
        return max(1, self._threads * _AHEAD)

    def _threads_there(self) -> int:
        try:
            return sum(self._client.nthreads().values())
        except Exception as fault:
            raise self._lost(fault) from None

    def _finished(self, pending: dict[Future, int]) -> list[Future]:
        """Wait a moment for any task to end; return those that have."""
        from distributed import CancelledError, wait

        try:
            return list(wait(list(pending), timeout=_PULSE_SECONDS, return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            return []
        except (CancelledError, OSError) as fault:
            raise self._lost(fault) from None

    def _fetched(self, future: Future) -> Outcome | None:
        """Return a task's outcome; None where its worker was lost with it."""
        from distributed import CancelledError, KilledWorker

        try:
            outcome: Outcome = pickle.loads(future.result(timeout=ALONE_SECONDS))  # noqa: S301
        except TimeoutError:
            return None
        except ModuleNotFoundError as fault:
            raise self._other_version(f"{fault.name} ≠ –") from None
        except (CancelledError, KilledWorker, OSError) as fault:
            raise self._lost(fault) from None
        if outcome.differs:
            raise self._other_version(outcome.differs)
        return outcome

    def _without_asking(self, chunk: Chunk, outcome: Outcome) -> Chunk:
        """Refuse to go on where an item is here and not there; what is gone from here too is simply gone."""
        item = chunk.items[outcome.unseen]
        if chunk.is_there is not None and chunk.is_there(item):
            raise RefusedError(word("cluster_unseen", self._language, address=self._address, path=item.path))
        return chunk._replace(is_there=None)

    def _give_up(self, pending: list[Future]) -> None:
        with suppress(Exception):  # the scheduler may be gone, and they with it
            if pending:
                self._client.cancel(pending)

    # --- the connection -------------------------------------------------------------------------

    def _connected(self) -> Client:
        import asyncio

        try:
            from distributed import Client
        except ImportError:
            raise RefusedError(word("cluster_extra_missing", self._language, install=_INSTALL)) from None
        logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what there is to tell, we tell
        warnings.filterwarnings("ignore", module="distributed")
        try:
            asyncio.run(asyncio.wait_for(_greeted(self._address), CONNECT_SECONDS))
            client = Client(self._address, timeout=CONNECT_SECONDS)
        except Exception as fault:
            reason = " ".join(str(fault).split())[:200] or f"> {CONNECT_SECONDS} s"
            raise RefusedError(
                word("cluster_unreachable", self._language, address=self._address, reason=reason)
            ) from None
        try:
            client.wait_for_workers(1, timeout=CONNECT_SECONDS)
        except TimeoutError:
            client.close(timeout=_PULSE_SECONDS)
            raise RefusedError(word("cluster_empty", self._language, address=self._address)) from None
        return client

    def _lost(self, fault: BaseException) -> LostError:
        reason = f"{type(fault).__name__}: {fault}"[:200]
        return LostError(word("cluster_lost", self._language, address=self._address, reason=" ".join(reason.split())))

    def _other_version(self, differs: str) -> RefusedError:
        return RefusedError(word("cluster_other_version", self._language, address=self._address, differs=differs))


async def _greeted(address: str) -> None:
    """Ask who is there: at an address where something listens that is no scheduler, `Client` would wait for ever."""
    from distributed import rpc

    async with rpc(address) as scheduler:
        await scheduler.identity()


def _parted(items: Sequence[Item], most: int) -> Iterator[list[Item]]:
    """Yield parts of nearly the same length: none that is too short to tell its own fault from that of its items."""
    count = max(1, min(-(-len(items) // most), len(items) // _SMALLEST))
    for number in range(count if items else 0):
        yield list(items[len(items) * number // count : len(items) * (number + 1) // count])
