"""Work in processes of its own: whatever one item does there, the others are done, and the pool goes on."""

from __future__ import annotations

import errno
import os
import signal
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.workers import CHUNK, WorkError, Workers, _chunks, beside
from schemas import limits

HOARD: list[bytes] = []  # what a worker holds on to


class UnlikeOthersError(Exception):
    """An exception that no other process can rebuild."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__()


def treat(chunk: list[str], shared: str) -> list[str]:
    """Do to this process what each item says."""
    return [_treat(item, shared) for item in chunk]


def _treat(item: str, shared: str) -> str:
    what = item.partition(" ")[0]
    if what == "abort":
        os.abort()
    elif what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "exit":
        os._exit(3)
    elif what == "hang":
        time.sleep(600)
    elif what == "allocate":
        return str(len([bytes(1 << 24) for _ in range(1 << 16)]))
    elif what == "hoard":
        HOARD.append(bytes(limits.MEBI * 200))
    elif what == "raise":
        raise LookupError(item)
    elif what == "raise-alien":
        raise UnlikeOthersError("a", "b")
    elif what == "raise-base":
        raise KeyboardInterrupt
    elif what == "fill":
        raise OSError(errno.ENOSPC, "No space left on device")
    elif what == "pid":
        return f"{shared}{item} {os.getpid()}"
    return shared + item


def lost(item: str, how: str) -> str:
    return f"{item}: {how}"


@pytest.fixture(autouse=True)
def _small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MEMORY_A_WORKER", 512 * limits.MEBI)


def treated(items: list[str], jobs: int = 2) -> list[str]:
    with Workers(jobs, "tests.test_workers") as workers:
        return [made for chunk in workers.map_chunks(treat, items, "done ", lost) for made in chunk]


@pytest.mark.parametrize(
    ("item", "how"),
    [
        ("abort", "SIGABRT"),
        ("kill", "SIGKILL"),
        ("exit", "exit 3"),
        ("allocate", "> 512 MiB"),
        ("raise", "LookupError, test_workers.py:"),
        ("raise-alien", "UnlikeOthersError, test_workers.py:"),
        ("raise-base", "KeyboardInterrupt, test_workers.py:"),
    ],
)
def test_what_one_item_does_costs_that_item_only(item: str, how: str) -> None:
    items = [f"item {n}" for n in range(40)]
    items.insert(17, item)
    made = treated(items)
    assert made[17].startswith(f"{item}: {how}")
    del made[17], items[17]
    assert made == [f"done {name}" for name in items]


def test_what_hangs_costs_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "SECONDS_A_FILE", 5)  # more than a loaded machine takes for the others
    made = treated(["item 1", "item 2", "hang", "item 3"])
    assert made == ["done item 1", "done item 2", "hang: > 5 s", "done item 3"]


def test_the_pool_outlives_one_crash_after_another() -> None:
    items = ["abort 1", "item 1", "kill 1", "abort 2", "raise 1", "item 2", "allocate 1", "exit 1", "abort 3", "item 3"]
    assert [made for made in treated(items) if made.startswith("done")] == ["done item 1", "done item 2", "done item 3"]


def test_a_worker_that_has_grown_makes_way_and_nothing_is_lost() -> None:
    items = ["hoard", *(f"pid {n}" for n in range(11))]  # chunks of 4: what stands behind the first one is done anew
    made = treated(items, jobs=1)
    assert [" ".join(line.split()[:3]) for line in made] == [f"done {item}" for item in items]
    processes = [line.split()[-1] for line in made[1:]]
    assert set(processes[:3]).isdisjoint(processes[3:])


def test_what_every_item_meets_is_our_own_fault_and_stops_the_run() -> None:
    with pytest.raises(WorkError, match=r"LookupError, test_workers\.py"):
        treated([f"raise {n}" for n in range(6)])


def test_a_full_disk_stops_the_run_and_is_no_fault_of_the_item_that_met_it() -> None:
    with pytest.raises(OSError, match="No space left on device") as fault:
        treated([*(f"item {n}" for n in range(9)), "fill 1"])
    assert fault.value.errno == errno.ENOSPC


def test_nothing_to_do_is_done() -> None:
    assert treated([]) == []


# --- beside ----------------------------------------------------------------------------------------------


@pytest.fixture
def _two_cores(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.workers.cores", lambda: 2)


def test_with_one_core_it_is_done_before_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.workers.cores", lambda: 1)
    done: list[int] = []
    with beside(lambda: done.append(os.getpid())):
        assert done == [os.getpid()]


@pytest.mark.usefixtures("_two_cores")
def test_what_is_done_beside_is_done_when_the_block_ends(tmp_path: Path) -> None:
    with beside(lambda: (tmp_path / "done").write_text("beside") and None):
        (tmp_path / "here").write_text("here")
    assert (tmp_path / "done").read_text() == "beside"


def _full() -> None:
    raise OSError(28, "No space left on device")


def _wrong() -> None:
    raise LookupError("a fault of ours")


@pytest.mark.usefixtures("_two_cores")
def test_what_raises_beside_raises_here(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(OSError, match="No space left"), beside(_full):
        pass
    assert capfd.readouterr().err == ""
    with pytest.raises(WorkError, match="LookupError: a fault of ours"), beside(_wrong):
        pass
    assert "Traceback" in capfd.readouterr().err  # where, which the error that crosses over cannot tell


@pytest.mark.usefixtures("_two_cores")
def test_what_dies_beside_is_told() -> None:
    with pytest.raises(WorkError, match="SIGKILL"), beside(lambda: os.kill(os.getpid(), signal.SIGKILL)):
        pass


@pytest.mark.usefixtures("_two_cores")
def test_what_raises_in_the_block_ends_what_is_beside(tmp_path: Path) -> None:
    def late() -> None:
        time.sleep(60)
        (tmp_path / "done").touch()

    started = time.monotonic()
    with pytest.raises(ValueError, match="here"), beside(late):
        raise ValueError("here")
    assert time.monotonic() - started < 30
    assert not (tmp_path / "done").exists()


# --- chunks ----------------------------------------------------------------------------------------------


@given(st.integers(0, 3000), st.integers(1, 8))
def test_chunks_hold_every_item_once_and_never_grow(count: int, jobs: int) -> None:
    chunks = list(_chunks(range(count), jobs))
    sizes = [len(chunk) for chunk in chunks]
    assert [item for chunk in chunks for item in chunk] == list(range(count))
    assert sizes == sorted(sizes, reverse=True)
    assert not sizes or (sizes[0] <= CHUNK and sizes[-1] <= 4)
