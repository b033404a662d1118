"""The bench measures what it says, and its peers do the work that they are compared for. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from bench.campaigns import Arrivals
from bench.contest import Contestant, ContestError, compete
from bench.field import compare, says_more, tallies_of_ours, tallies_of_peer
from bench.measure import measure
from tests.imports_of import ROOT

MIB = 2**20


def run(code: str, folder: Path):
    return measure([sys.executable, "-c", code], folder)


def test_what_a_command_prints_and_how_it_ends_is_kept(tmp_path):
    measured = run("import sys; print('đủ'); print('ouch', file=sys.stderr); sys.exit(3)", tmp_path)
    assert (measured.output, measured.errors, measured.status) == ("đủ\n", "ouch\n", 3)


def test_memory_of_workers_is_added_to_that_of_the_process_that_started_them(tmp_path):
    hold = "import time; held = bytearray(150 * 2**20); time.sleep(0.5)"
    alone = run(hold, tmp_path)
    both = run(
        f"import subprocess, sys; child = subprocess.Popen([sys.executable, '-c', {hold!r}])\n{hold}\nchild.wait()",
        tmp_path,
    )
    assert 150 * MIB < alone.peak_bytes < 250 * MIB
    assert both.peak_bytes > 300 * MIB


def test_processor_time_of_workers_is_counted(tmp_path):
    work = "import time\nwhile time.process_time() < 0.3: pass"
    measured = run(f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])", tmp_path)
    assert measured.cpu_seconds >= 0.3


def test_processor_time_of_what_is_left_behind_is_counted_too(tmp_path):
    work = "import time\nwhile time.process_time() < 0.3: pass"
    measured = run(f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}])", tmp_path)
    assert measured.cpu_seconds >= 0.3


# --- the contest ---------------------------------------------------------------------------------


def contestant(name: str, code: str, output: Path, **more) -> Contestant:
    return Contestant(name, "", (sys.executable, "-c", code), output, **more)


def test_slow_ones_take_part_in_the_first_turns_only_and_do_not_warm_up(tmp_path):
    log = tmp_path / "log"
    say = "import sys; open({!r}, 'a').write({!r}); print('{{}}')"
    both = [
        contestant("quick", say.format(str(log), "q"), tmp_path / "a"),
        contestant("slow", say.format(str(log), "s"), tmp_path / "b", turns=2, has_warm_up=False),
    ]
    compete(both, 3)
    assert log.read_text() == "qqsqsq"
    assert [len(one.runs) for one in both] == [3, 2]


def test_a_contest_in_which_somebody_does_other_work_than_before_is_void(tmp_path):
    """Its output is removed before each turn: what this one leaves elsewhere tells it that it was here before."""
    code = f"""
import json, pathlib
seen = pathlib.Path({str(tmp_path / "seen")!r})
print(json.dumps({{"been_here": seen.exists()}}))
seen.touch()
"""
    with pytest.raises(ContestError, match="other work"):
        compete([contestant("fickle", code, tmp_path / "a")], 1)


def test_a_contest_in_which_somebody_fails_is_void(tmp_path):
    with pytest.raises(ContestError, match=r"(?s)status 3.*ouch"):
        compete([contestant("broken", "import sys; print('ouch', file=sys.stderr); sys.exit(3)", tmp_path / "a")], 1)


def test_who_times_itself_is_taken_at_its_word_and_its_time_is_no_fact(tmp_path):
    code = "import json, time; print(json.dumps(dict(copies=2, seconds=time.time())))"
    one = contestant("own", code, tmp_path / "a", times_itself=True)
    compete([one], 2)
    assert one.facts == {"copies": 2}
    assert all(run.seconds > 1e9 for run in one.runs)


def test_results_that_differ_make_a_contest_void():
    assert compare("a", {"x": ("U", 1), "y": ("U", 2)}, "b", {"y": ("U", 2), "z": ("U", 3)}) == 1
    with pytest.raises(ContestError, match="y: a has"):
        compare("a", {"y": ("U", 2)}, "b", {"y": ("U", 3)})


@pytest.mark.parametrize(("again", "expected"), [("/tmp/2: 3", False), ("nothing new; /tmp/2: 3", True)])
def test_whether_a_second_run_says_that_nothing_changed(again, expected):
    """The folder of outputs is another one in any case."""
    folders = {"ours": "/tmp/1", "ours_again": "/tmp/2"}
    words = {"ours": "/tmp/1: 3", "ours_again": again}
    both = [Contestant(name, "", (), Path(folder), said=words[name]) for name, folder in folders.items()]
    assert says_more(both) is expected
    assert says_more(both[:1]) is None


def test_new_files_are_new_in_each_turn(tmp_path):
    """The run that is imitated notes what it saw in its outputs, in the campaign's folder and in the user's cache."""
    campaign, cache = tmp_path / "campaign", tmp_path / "more" / "cache"
    for number in range(8):
        path = campaign / "submissions" / f"day {number % 2}" / f"{number}.xlsx"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(str(number))
    arrivals = Arrivals(campaign, tmp_path / "more", cache, 3)
    memories = [arrivals.output / "seen", arrivals.campaign / "seen", cache / "seen"]
    look = f"""
import pathlib
seen = sorted(path.name for path in pathlib.Path({str(arrivals.campaign)!r}).rglob("*.xlsx"))
for memory in {[str(memory) for memory in memories]!r}:
    memory = pathlib.Path(memory)
    memory.parent.mkdir(exist_ok=True)
    memory.write_text("\\n".join(seen))
"""
    arrivals.first_run((sys.executable, "-c", look))
    first = [memory.read_text() for memory in memories]
    assert [len(text.split()) for text in first] == [5, 5, 5]
    for _ in range(2):
        arrivals.arrive()
        assert [memory.read_text() for memory in memories] == first
        subprocess.run([sys.executable, "-c", look], check=True)
        assert len(memories[0].read_text().split()) == 8
    assert len(list((campaign / "submissions").rglob("*.xlsx"))) == 8


# --- the peers -----------------------------------------------------------------------------------

BROUGHT_BY_BENCH = {"polars_read_excel": "polars", "per_file_crease": "crease", "per_file_frictionless": "frictionless"}


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Path:
    """A made-up campaign of 40 branches without faulty files."""
    folder = tmp_path_factory.mktemp("bench") / "demo"
    command = [sys.executable, "-m", "pipeline", "demo", str(folder), "--branches", "40", "--messy", "0"]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return folder


def facts(peer: str, campaign: Path, output: Path) -> dict[str, int]:
    command = [sys.executable, str(ROOT / "bench" / "peers" / f"{peer}.py"), str(campaign), str(output)]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(ended.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def plain(demo, tmp_path_factory) -> tuple[dict[str, int], Path]:
    """What the plain script with the fast engine finds in it."""
    output = tmp_path_factory.mktemp("bench") / "plain.xlsx"
    return facts("pandas_calamine", demo, output), output


@pytest.mark.parametrize(
    "peer",
    ["pandas_openpyxl", "polars_read_excel", "per_file_pandera", "per_file_crease", "per_file_frictionless"],
)
def test_peers_find_the_same_in_the_same_files(peer, demo, plain, tmp_path):
    """Else a faster peer would be one that gave up; the made-up campaign is one without faults."""
    pytest.importorskip(BROUGHT_BY_BENCH.get(peer, "pandas"))
    expected, workbook = plain
    assert facts(peer, demo, tmp_path / "a.xlsx") == expected
    assert tallies_of_peer(tmp_path / "a.xlsx") == tallies_of_peer(workbook)
    assert len(tallies_of_peer(workbook)) == expected["read"]


def test_floors_open_all_workbooks_and_peers_at_least_half(demo, plain, tmp_path):
    expected, _ = plain
    workbooks = len(list(demo.rglob("*.xlsx")))
    assert facts("calamine_only", demo, tmp_path / "a")["read"] == workbooks
    assert facts("inflate_only", demo, tmp_path / "b")["read"] == workbooks
    assert expected["read"] >= workbooks / 2
    assert expected["members"] > 0


def test_ours_finds_in_those_files_what_the_plain_script_finds(demo, plain, tmp_path):
    command = [sys.executable, "-m", "pipeline", "consolidate", str(demo), "--output", str(tmp_path / "out")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    expected, workbook = plain
    shared = compare("ours", tallies_of_ours(tmp_path / "out"), "plain", tallies_of_peer(workbook))
    assert shared == expected["read"]


def test_inflating_leaves_out_what_is_cut_off(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    with zipfile.ZipFile(folder / "whole.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a", "a" * 1000)
        archive.writestr("b", b"")
    whole = (folder / "whole.xlsx").read_bytes()
    (folder / "cut.xlsx").write_bytes(whole[: len(whole) // 2])
    (folder / "no.xlsx").write_bytes(b"")
    (folder / "bent.xlsx").write_bytes(whole[:40] + b"\xff" * 4 + whole[44:])
    assert facts("inflate_only", tmp_path, tmp_path / "a") == {"found": 4, "read": 1}
