"""What a cluster's worker does with a chunk: it hands it to reading processes of its own, as one machine does.

So a file that aborts, hangs or swells costs itself and a process that is soon replaced: the engine never sees it,
loses no worker and runs nothing again. A worker keeps its processes from one chunk to the next.
"""

from __future__ import annotations

import atexit
import multiprocessing
import pickle
import threading
from collections.abc import Callable
from typing import Any, Final, NamedTuple

from .fingerprint import fingerprint
from .workers import WorkError, Workers

_LOCK: Final = threading.Lock()
_KEPT: Final[dict[str, Workers]] = {}


class Chunk(NamedTuple):
    """What one task of the engine carries; the last four are as in `Workers.map_chunks`.

    `is_there` tells whether this machine can reach an item; None not to ask. `preload` is the module that the
    reading processes import before the first chunk.
    """

    is_there: Callable[[Any], bool] | None
    preload: str
    work: Callable[[list[Any], Any], list[Any]]
    items: list[Any]
    shared: Any
    on_crash: Callable[[Any, str], Any]


class Outcome(NamedTuple):
    """What became of a chunk: what was made, or why it was not begun.

    `raised`: what every item of it raised, else "".
    """

    made: list[Any]
    raised: str = ""
    differs: str = ""  # "what: here, there"
    unseen: int = -1  # the item that this machine cannot reach


class Parcel:
    """A chunk packed so that only a worker opens it: opening *is* doing it.

    The engine's own task is `pickle.loads` of these bytes. So the scheduler imports nothing of this project, and a
    worker of another version of it answers with a refusal instead of misunderstanding the chunk.
    """

    def __init__(self, version: dict[str, str], chunk: bytes) -> None:
        self._parts = (version, chunk)

    def __reduce__(self) -> tuple[Any, ...]:
        return do, self._parts


def do(version: dict[str, str], packed: bytes) -> bytes:
    """Do a packed chunk in this worker's own processes; return the `Outcome`, packed."""
    own = fingerprint()
    differs = [f"{name} {version.get(name) or '–'} ≠ {own.get(name) or '–'}" for name in sorted({*version, *own})
               if version.get(name) != own.get(name)]  # fmt: skip
    if differs:
        return pickle.dumps(Outcome([], differs="; ".join(differs)))
    chunk: Chunk = pickle.loads(packed)  # noqa: S301  # who may submit to a cluster may run code on it anyway
    return pickle.dumps(_done(chunk))


def _done(chunk: Chunk) -> Outcome:
    if chunk.is_there is not None:
        for number, item in enumerate(chunk.items):
            if not chunk.is_there(item):
                return Outcome([], unseen=number)
    made: list[Any] = []
    try:
        for part in _workers(chunk.preload).map_chunks(chunk.work, chunk.items, chunk.shared, chunk.on_crash):
            made += part
    except WorkError as fault:  # raised at the very end, when all is made
        return Outcome(made, raised=str(fault))
    except BaseException:
        _forget(chunk.preload)  # whatever is broken is not kept for the next chunk
        raise
    return Outcome(made)


def _workers(preload: str) -> Workers:
    with _LOCK:
        if preload not in _KEPT:
            # An engine's worker is marked as one that may have no children, as it may be ended at any moment: these
            # end by themselves when the pipe to it breaks.
            multiprocessing.current_process()._config.pop("daemon", None)  # type: ignore[attr-defined]
            _KEPT[preload] = Workers(_threads(), preload)
            atexit.register(_forget, preload)
        return _KEPT[preload]


def _threads() -> int:
    from distributed import get_worker

    return int(get_worker().state.nthreads)


def _forget(preload: str) -> None:
    kept = _KEPT.pop(preload, None)
    if kept is not None:
        kept.__exit__(RuntimeError)
