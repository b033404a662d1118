"""What happens to files between being found and being read, and on clocks and in folders that are not to be trusted."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.intake import Arrival, arrivals, find_arrivals
from pipeline.per_file import ReadingContext, read_arrival
from schemas import limits
from schemas.campaign import VIETNAM
from schemas.layout import load_form_spec
from tests.hostile.packages import form


def found(folder: Path) -> list[Arrival]:
    return find_arrivals(folder, VIETNAM)


def code(arrival: Arrival) -> str:
    """Read one arrival; return why it was refused."""
    (thing,) = read_arrival(arrival, ReadingContext(load_form_spec()))
    assert thing.problem is not None
    return thing.problem.code


def vanish(path: Path) -> None:
    path.unlink()


def become_a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def become_a_link(path: Path) -> None:
    path.rename(path.with_name("target"))
    path.symlink_to(path.with_name("target"))


def become_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def become_empty(path: Path) -> None:
    path.write_bytes(b"")


@pytest.mark.parametrize("happens", [vanish, become_a_pipe, become_a_link, become_a_folder, become_empty])
def test_a_file_that_is_another_by_the_time_it_is_read_is_refused(
    tmp_path: Path, happens: Callable[[Path], None]
) -> None:
    (tmp_path / "a.xlsx").write_bytes(form("B1"))
    (arrival,) = found(tmp_path)
    happens(tmp_path / "a.xlsx")
    assert code(arrival) in ("file_unreadable", "file_empty", "file_not_regular")


def test_a_file_that_grew_over_the_limit_is_too_large_and_not_damaged(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(form("B1"))
    (arrival,) = found(tmp_path)
    with (tmp_path / "a.xlsx").open("ab") as file:
        file.truncate(limits.MAX_FILE_BYTES + 1)
    assert code(arrival) == "file_too_large"


def test_a_file_that_vanishes_while_its_folder_is_listed_takes_no_other_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a.xlsx", "gone.xlsx", "z.xlsx"):
        (tmp_path / name).write_bytes(form("B1"))
    scandir = os.scandir

    @contextmanager
    def listed(folder: str) -> Iterator[list[Any]]:
        with scandir(folder) as scan:
            entries = list(scan)
        (tmp_path / "gone.xlsx").unlink(missing_ok=True)
        yield entries

    monkeypatch.setattr(arrivals.os, "scandir", listed)
    names = {arrival.file for arrival in found(tmp_path)}
    assert {"a.xlsx", "z.xlsx"} <= names <= {"a.xlsx", "gone.xlsx", "z.xlsx"}


def test_folders_nested_beyond_the_longest_path_end_in_one_row(tmp_path: Path) -> None:
    here = os.open(tmp_path, os.O_RDONLY)
    try:
        for _ in range(500):  # a path of 5,000 bytes, made step by step; the longest has 4,096
            os.mkdir("deep-down", dir_fd=here)
            inner = os.open("deep-down", os.O_RDONLY, dir_fd=here)
            os.close(here)
            here = inner
    finally:
        os.close(here)
    (arrival,) = found(tmp_path)
    assert arrival.problem is not None
    assert arrival.problem.code == "file_unreadable"


@pytest.mark.parametrize("moment", [-(2**31), 0, 2**33, 2**62])
def test_no_clock_stops_a_run(tmp_path: Path, moment: int) -> None:
    status = list(os.stat(tmp_path))
    status[8] = moment  # st_mtime, beyond what this file system may keep
    arrival = arrivals._arrival("a", "a", os.stat_result(status), None, VIETNAM)
    assert 1970 <= arrival.received_at.year < 9999
