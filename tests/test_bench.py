"""The bench measures what it says, and its peers do the work that they are compared for. Nothing here is timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.measure import measure
from bench.report import BEGIN, END, as_markdown, between_markers
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


def test_results_stand_between_the_markers_and_nothing_else_changes():
    page = f"# Title\n{BEGIN}\nold\n{END}\nfoot\n"
    assert between_markers(page, "new") == f"# Title\n{BEGIN}\n\nnew\n{END}\nfoot\n"
    assert between_markers(between_markers(page, "new"), "new") == between_markers(page, "new")


@pytest.mark.parametrize("page", ["no markers", f"{END} {BEGIN}", f"{BEGIN} {END} {BEGIN} {END}"])
def test_a_page_without_both_markers_is_refused(page):
    with pytest.raises(ValueError, match="once each"):
        between_markers(page, "new")


def test_the_page_of_the_project_has_its_markers():
    assert "new" in between_markers((ROOT / "docs" / "performance.md").read_text("utf-8"), "new")


def test_ratios_are_taken_turn_by_turn():
    """One slow turn of the machine falls on both: the ratio stays 2, though the medians of seconds are 2 and 3."""
    about = {"branches": 1, "runs": 3, "processor": "p", "cores": 1, "memory_gib": 1, "load": 0, "system": "s",
             "python": "3", "packages": {}, "commit": "c"}  # fmt: skip
    seconds = {"ours": (1.0, 2.0, 9.0), "peer": (2.0, 4.0, 18.0)}
    rows = [
        {"name": name, "what": "", "facts": {"read": 1}, "runs": [
            {"seconds": second, "cpu_seconds": 1.0, "peak_bytes": MIB} for second in own]}
        for name, own in seconds.items()
    ]  # fmt: skip
    lines = as_markdown(about, rows).splitlines()
    assert "| `peer` | 4.00 | 2.00–18.00 | 2.00 | 2.00–2.00 | 4000.00 | 1.00 | 1 | 1 | – | – |" in lines


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


def test_peers_read_the_template_where_they_expect_its_cells(demo, tmp_path):
    """Else a faster peer would be one that gave up."""
    by_openpyxl = facts("pandas_openpyxl", demo, tmp_path / "a.xlsx")
    by_calamine = facts("pandas_calamine", demo, tmp_path / "b.xlsx")
    floor = facts("calamine_only", demo, tmp_path / "c.xlsx")
    assert by_openpyxl == by_calamine
    assert by_openpyxl["members"] > 0
    assert by_openpyxl["read"] >= by_openpyxl["found"] / 2
    assert floor["read"] >= by_openpyxl["read"]
    assert (tmp_path / "a.xlsx").stat().st_size > 0
