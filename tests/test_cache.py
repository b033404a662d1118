"""What is remembered from run to run: used where nothing changed, never trusted, of no effect on what is written."""

from __future__ import annotations

import csv
import os
import pickle
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.cache import FOLDER, Cache, version_of
from pipeline.intake import find_arrivals
from pipeline.per_file import ReadingContext, read_arrival
from schemas.campaign import VIETNAM
from schemas.layout import load_form_spec
from schemas.records import Arrival, Received
from tests.makers.forms import xlsx
from tests.started import start

SHIPPED = Path(__file__).parents[1] / "inputs" / "thanh-hoa-khoi-2024"
UNCHANGED = "Không có gì thay đổi"


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    copy = tmp_path / "campaign"
    shutil.copytree(SHIPPED, copy)
    for path in [copy, *copy.rglob("*")]:
        os.utime(path, (time.time() - 3600,) * 2)
    return copy


def run(campaign: Path, *options: str) -> str:
    ended = start("consolidate", campaign, "--output", campaign.parent / "out", *options)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def outputs(campaign: Path) -> dict[str, bytes]:
    out = campaign.parent / "out"
    return {
        path.relative_to(out).as_posix(): path.read_bytes()
        for path in sorted(out.rglob("*"))
        if path.is_file() and FOLDER not in path.parts and path.name != ".lock" and "previous" not in path.parts
    }


def rows(campaign: Path) -> list[dict[str, str]]:
    with (campaign.parent / "out" / "files.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- a whole run -----------------------------------------------------------------------------------------


def test_a_second_run_on_the_same_inputs_says_that_nothing_changed_and_leaves_all_as_it_is(campaign: Path):
    first = run(campaign)
    before = outputs(campaign)
    second = run(campaign)
    assert UNCHANGED not in first
    assert second.splitlines()[:-1] == first.splitlines()
    assert second.splitlines()[-1].startswith(UNCHANGED)
    assert outputs(campaign) == before


@pytest.mark.parametrize("what", ["plan", "registry", "submission", "gone", "output", "option", "code"])
def test_whatever_changes_the_run_is_a_whole_one_again(campaign: Path, what: str):
    run(campaign)
    options: tuple[str, ...] = ()
    if what == "plan":
        os.utime(campaign / "campaign.toml")
    elif what == "registry":
        os.utime(campaign / "units.csv")
    elif what == "submission":
        (campaign / "submissions" / "new.xlsx").write_bytes(xlsx())
    elif what == "gone":
        next((campaign / "submissions").rglob("*.xlsx")).unlink()
    elif what == "output":
        (campaign.parent / "out" / "units.csv").unlink()
    elif what == "option":
        options = ("--as-of", "2024-12-01")
    elif what == "code":
        note = campaign.parent / "out" / FOLDER / "run.json"
        note.write_text(note.read_text(encoding="utf-8").replace('"version": "', '"version": "0'), encoding="utf-8")
    assert UNCHANGED not in run(campaign, *options)
    assert (campaign.parent / "out" / "units.csv").is_file()


def test_fresh_is_a_whole_run_and_writes_the_same_bytes(campaign: Path):
    run(campaign)
    before = outputs(campaign)
    assert UNCHANGED not in run(campaign, "--fresh")
    assert outputs(campaign) == before


def test_a_run_for_now_holds_for_its_day_only(campaign: Path):
    plan = campaign / "campaign.toml"
    lines = plan.read_text(encoding="utf-8").splitlines(keepends=True)
    plan.write_text("".join(line for line in lines if not line.startswith("as_of")), encoding="utf-8")
    run(campaign)
    assert UNCHANGED in run(campaign)
    note = campaign.parent / "out" / FOLDER / "run.json"
    text = note.read_text(encoding="utf-8")
    start = text.index('"as_of": "') + len('"as_of": "')
    note.write_text(text[:start] + "2024-10-01" + text[start + 10 :], encoding="utf-8")
    assert UNCHANGED not in run(campaign)


def test_strict_says_the_same_of_a_run_that_did_nothing(campaign: Path):
    out = campaign.parent / "out"
    assert start("consolidate", campaign, "--output", out, "--strict").returncode == 3
    again = start("consolidate", campaign, "--output", out, "--strict")
    assert (UNCHANGED in again.stdout, again.returncode) == (True, 3)


def test_with_what_is_remembered_the_outputs_are_the_bytes_of_a_fresh_run(campaign: Path):
    """A file changed, one gone, one moved to another day, one new: the rest is recalled."""
    run(campaign)
    files = sorted((campaign / "submissions").rglob("*.xlsx"))
    files[0].write_bytes(files[1].read_bytes())
    files[2].unlink()
    later = campaign / "submissions" / "2024-09-29"
    later.mkdir(exist_ok=True)
    files[3].rename(later / files[3].name)
    (later / "new.xlsx").write_bytes(xlsx())
    run(campaign)
    with_memory = outputs(campaign)
    shutil.rmtree(campaign.parent / "out")
    run(campaign, "--fresh")
    fresh = outputs(campaign)
    apart = {"consolidated.xlsx", "run.json"}  # they also tell what has changed since the run before
    assert {name: data for name, data in with_memory.items() if name not in apart} == {
        name: data for name, data in fresh.items() if name not in apart
    }


def test_a_spoiled_memory_is_made_anew(campaign: Path):
    run(campaign)
    before = outputs(campaign)
    for spoiled in (b"", b"\x80\x05", os.urandom(400)):
        for name in ("readings", "run.json"):
            (campaign.parent / "out" / FOLDER / name).write_bytes(spoiled)
        assert UNCHANGED not in run(campaign)
        assert outputs(campaign) == before
    assert UNCHANGED in run(campaign)


# --- readings --------------------------------------------------------------------------------------------


def context() -> ReadingContext:
    return ReadingContext(load_form_spec())


def arrivals(folder: Path) -> list[Arrival]:
    return find_arrivals(folder / "submissions", VIETNAM)


def read_all(folder: Path, cache: Cache) -> tuple[int, list[list[Received]]]:
    """Return how many files had to be read, and what is known of each."""
    known, unknown = cache.recall(arrivals(folder))
    for arrival in unknown:
        things = read_arrival(arrival, context())
        cache.learn(arrival, things)
        known.append(things)
    cache.save()
    return len(unknown), sorted(known, key=lambda things: things[0].file)


def sent(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = folder / "submissions" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        os.utime(path, (1_600_000_000,) * 2)


def form_of(members: int) -> list[list[object]]:
    return [["Tổng số đảng viên", members], ["Số dự học tập", 0]]


def test_the_bytes_decide_and_not_the_name_or_the_time(tmp_path: Path):
    sent(tmp_path, {"2021-04-01/a.xlsx": xlsx(), "b.xlsx": xlsx([["Tổng số đảng viên", 7], ["Số dự học tập", 7]])})
    read, before = read_all(tmp_path, Cache(tmp_path, "1"))
    (tmp_path / "submissions" / "2021-04-01" / "a.xlsx").rename(tmp_path / "submissions" / "c.xlsx")
    again, after = read_all(tmp_path, Cache(tmp_path, "1"))
    assert (read, again) == (2, 0)
    (moved,) = after[1]
    assert (moved.file, moved.received_by, moved.tallies) == ("c.xlsx", "clock", before[0][0].tallies)


def test_what_is_remembered_in_several_parts_is_recalled_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("pipeline.cache._PART", 2)
    sent(
        tmp_path, {f"{number}.xlsx": xlsx([["Tổng số đảng viên", number], ["Số dự học tập", 0]]) for number in range(5)}
    )
    read, before = read_all(tmp_path, Cache(tmp_path, "1"))
    again, after = read_all(tmp_path, Cache(tmp_path, "1"))
    assert (read, again) == (5, 0)
    assert [things[0].tallies[0].values["members"] for things in after] == [0, 1, 2, 3, 4]
    assert after == before


def test_what_tallies_have_alike_is_in_memory_once(tmp_path: Path):
    sent(
        tmp_path, {f"{number}.xlsx": xlsx([["Tổng số đảng viên", number], ["Số dự học tập", 0]]) for number in range(2)}
    )
    _, ((one,), (other,)) = read_all(tmp_path, Cache(tmp_path, "1"))
    recalled = pickle.loads(pickle.dumps(other.tallies[0]))  # as it comes from another process
    assert one.tallies[0].values != recalled.values == other.tallies[0].values
    assert recalled.cells == {"members": "B1", "attendees": "B2"}
    assert one.tallies[0].cells is recalled.cells
    assert one.tallies[0].unit_cell is recalled.unit_cell


def test_a_file_of_the_same_size_with_other_bytes_is_read(tmp_path: Path):
    sent(tmp_path, {"a.xlsx": xlsx()})
    read_all(tmp_path, Cache(tmp_path, "1"))
    data = bytearray((tmp_path / "submissions" / "a.xlsx").read_bytes())
    data[-1] ^= 1
    sent(tmp_path, {"a.xlsx": bytes(data)})
    assert read_all(tmp_path, Cache(tmp_path, "1"))[0] == 1


def test_what_another_version_read_is_read_anew(tmp_path: Path):
    sent(tmp_path, {"a.xlsx": xlsx()})
    read_all(tmp_path, Cache(tmp_path, "1"))
    assert read_all(tmp_path, Cache(tmp_path, "2"))[0] == 1
    assert version_of(context()) != version_of(ReadingContext(load_form_spec(), ("secret",)))


def test_no_code_of_a_foreign_memory_runs(tmp_path: Path):
    import hashlib

    trace = tmp_path / "trace"

    class Foreign:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return os.mkdir, (str(trace),)

    packed = pickle.dumps(({}, {"a": Foreign()}))
    head = Cache(tmp_path, "1")._head
    (tmp_path / FOLDER).mkdir()
    (tmp_path / FOLDER / "readings").write_bytes(head + hashlib.sha256(packed).digest() + packed)
    sent(tmp_path, {"a.xlsx": xlsx()})
    assert read_all(tmp_path, Cache(tmp_path, "1"))[0] == 1
    assert not trace.exists()


def test_what_says_more_of_the_moment_than_of_the_bytes_is_not_kept(tmp_path: Path):
    sent(tmp_path, {"a.xlsx": xlsx()})
    cache = Cache(tmp_path, "1")
    (arrival,) = arrivals(tmp_path)
    from dataclasses import replace

    from schemas.records import Note

    (thing,) = read_arrival(arrival, context())
    cache.recall([arrival])
    cache.learn(arrival, [replace(thing, problem=Note("file_crashed"))])
    cache.save()
    assert read_all(tmp_path, Cache(tmp_path, "1"))[0] == 1
