"""Exit statuses on a small campaign: bad usage, --strict, an unexpected failure; and what never stops a run."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import pipeline.workbook
from pipeline.cli import main
from pipeline.lock import held
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from schemas.words import word
from tests.small_campaign import PLAN, make_campaign
from tests.started import ROOT, SHIPPED, content, rows, start


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = make_campaign(tmp_path / "small")
    (folder / "submissions" / "2021-04-20").mkdir(parents=True)
    return folder


# --- exit status 2 ----------------------------------------------------------------------------------


def test_a_typo_in_the_plan_stops_the_run_with_its_line_and_leaves_outputs_alone(small: Path, tmp_path: Path) -> None:
    assert start("consolidate", small, "--output", tmp_path / "out").returncode == 0
    before = content(tmp_path / "out")
    (small / "campaign.toml").write_text(PLAN.replace("due =", "dues ="), encoding="utf-8")
    ended = start("consolidate", small, "--output", tmp_path / "out")
    assert (ended.returncode, ended.stdout) == (2, "")
    line = next(line for line in ended.stderr.splitlines() if "dues" in line)
    assert "campaign.toml" in line
    assert str(PLAN.splitlines().index("due = 2021-04-29") + 1) in line
    assert "Traceback" not in ended.stderr
    assert content(tmp_path / "out") == before


BAD_USAGE = {
    "no such folder": ["consolidate", "nowhere"],
    "no such round": ["consolidate", "{small}", "--output", "{out}", "--round", "9"],
    "no such moment": ["consolidate", "{small}", "--as-of", "yesterday"],
    "no such command": ["consolidated", "{small}"],
    "no jobs": ["consolidate", "{small}", "--jobs", "0"],
    "a file for outputs": ["consolidate", "{small}", "--output", "README.md/out"],
    "a file for a demo": ["demo", "README.md", "--branches", "10"],
}


@pytest.mark.parametrize("case", BAD_USAGE)
def test_bad_usage_is_told_in_a_line(small: Path, tmp_path: Path, case: str) -> None:
    ended = start(*(part.format(small=small, out=tmp_path / "out") for part in BAD_USAGE[case]))
    assert ended.returncode == 2
    assert ended.stderr.strip()
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out" / "run.json").exists()


def test_faults_of_the_registry_are_told_all_at_once(small: Path, tmp_path: Path) -> None:
    units = "unit_code,unit_name,level,parent_code\nT,Tỉnh ủy,province,\nB,Chi bộ,branch,Z\nB,Chi bộ,branch,T\n"
    (small / "units.csv").write_text(units, encoding="utf-8")
    ended = start("consolidate", small, "--output", tmp_path / "out")
    assert ended.returncode == 2
    assert len([line for line in ended.stderr.splitlines() if "units.csv" in line]) == 2


# --- exit status 3 ----------------------------------------------------------------------------------


def test_strict_fails_while_something_is_open(small: Path, tmp_path: Path) -> None:
    ended = start("consolidate", small, "--output", tmp_path / "out", "--strict")
    assert ended.returncode == 3
    assert (tmp_path / "out" / "consolidated.xlsx").exists()


@pytest.mark.parametrize(("declared", "status"), [(10, 0), (11, 3)])
def test_strict_minds_a_query_on_a_unit_above_and_not_that_its_total_is_not_added(
    small: Path, tmp_path: Path, declared: int, status: int
) -> None:
    for unit, members in (("B", 10), ("T", declared)):
        values = {"members": members, "attendees": 10, "reflections": 10, "exemptions": 0, "assessment": "Tốt"}
        write_template(
            small / "submissions" / "2021-04-20" / f"{unit}.xlsx", campaign=load_campaign(small), unit_code=unit,
            unit_name="", parent_name="", round="1", values=values,
        )  # fmt: skip
    assert start("consolidate", small, "--output", tmp_path / "out", "--strict").returncode == status
    assert [row["status"] for row in rows(tmp_path / "out" / "files.csv")] == ["counted", "excluded"]


def test_strict_is_content_before_anything_is_due(small: Path, tmp_path: Path) -> None:
    early = ("--as-of", "2021-04-01T08:00")
    assert start("consolidate", small, "--output", tmp_path / "out", "--strict", *early).returncode == 0


# --- exit status 1, and what never stops a run -----------------------------------------------------------


def test_an_unexpected_failure_leaves_earlier_outputs_untouched(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    output = tmp_path / "out"
    assert main(["consolidate", str(small), "--output", str(output)]) == 0
    before = content(output)

    def fail(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(pipeline.workbook, "write_workbook", fail)
    with pytest.raises(Exception, match="ZeroDivisionError"):
        main(["consolidate", str(small), "--output", str(output), "--as-of", "2021-04-01"])
    assert content(output) == before


DISKS = {
    "full": (OSError(errno.ENOSPC, "No space left on device"), "{out}: ổ đĩa đã đầy; "),
    "read-only": (OSError(errno.EROFS, "Read-only file system", "/x"), "/x: ổ đĩa chỉ cho đọc; "),
    "denied": (PermissionError(errno.EACCES, "Permission denied", "/x"), "/x: không có quyền đọc hoặc ghi; "),
    "broken": (OSError(errno.EIO, "Input/output error", "/x"), "/x: không đọc hoặc ghi được (Input/output error); "),
}


@pytest.mark.parametrize("case", DISKS)
def test_a_disk_that_fails_is_told_in_a_line_and_earlier_outputs_stand(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], case: str
) -> None:
    fault, told = DISKS[case]
    output = tmp_path / "out"
    assert main(["consolidate", str(small), "--output", str(output)]) == 0
    before = content(output)

    def fail(*_: object) -> None:
        raise fault

    monkeypatch.setattr(pipeline.workbook, "write_workbook", fail)
    assert main(["consolidate", str(small), "--output", str(output), "--as-of", "2021-04-01"]) == 1
    (line,) = capfd.readouterr().err.splitlines()
    assert line.startswith(told.format(out=output.as_posix()))
    assert line.endswith("Kết quả của lần chạy trước còn nguyên.")
    assert content(output) == before


def _hear_ctrl_c() -> None:
    """A shell has what it starts in the background, the tests perhaps, ignore it."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_ctrl_c_is_told_in_a_line_and_ends_the_program_as_a_signal_does(small: Path, tmp_path: Path) -> None:
    """A second run waits for the outputs for as long as we hold them, so the moment of the signal is no matter."""
    output = tmp_path / "out"
    with held(output, lambda: None):
        command = [sys.executable, "-m", "pipeline", "consolidate", str(small), "--output", str(output)]
        run = subprocess.Popen(
            command, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True, preexec_fn=_hear_ctrl_c
        )
        assert run.stderr
        waits = run.stderr.readline()
        os.killpg(run.pid, signal.SIGINT)
        _, told = run.communicate(timeout=60)
    assert waits.strip() == word("cli_waiting", "vi")
    assert told.strip() == "Đã dừng theo yêu cầu. Kết quả của lần chạy trước còn nguyên."
    assert run.returncode == -signal.SIGINT


def test_a_terminal_without_our_letters_stops_nothing(small: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pipeline", "consolidate", str(small), "--output", str(tmp_path / "out")]
    terminal = os.environ | {"PYTHONIOENCODING": "ascii"}
    ended = subprocess.run(command, cwd=ROOT, env=terminal, capture_output=True, text=True, timeout=120)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_campaign_misspelt_is_asked_about() -> None:
    ended = start("consolidate", "inputs/kien-giang-2012")
    assert ended.returncode == 2
    assert "kien-giang-2021" in ended.stderr


def junk(folder: Path) -> Iterator[tuple[bytes, bytes]]:
    """Yield (name, content) of files that are no workbook; names are bytes, as a disk has them."""
    whole = next(path for path in sorted((SHIPPED / "submissions").rglob("*.xlsx")) if path.stat().st_size > 5_000)
    yield b"empty.xlsx", b""
    yield b"truncated.xlsx", whole.read_bytes()[:2_000]
    yield b"text.xlsx", "Kính gửi Ban Tuyên giáo".encode()
    yield b"noise.xls", bytes(range(256)) * 20
    yield b"picture.png", b"\x89PNG\r\n\x1a\n" + b"\0" * 64
    yield b"bao\xe1cao.xlsx", b"a name that is no UTF-8"
    yield b"a\r=1+1,b.xlsx", b"a name with a carriage return"
    yield b"=cmd.xlsx", b"a name that a spreadsheet would run"


def test_files_that_are_no_workbook_each_have_a_row_and_a_reason(small: Path, tmp_path: Path) -> None:
    folder = small / "submissions" / "2021-04-20"
    sent = list(junk(folder))
    for name, data in sent:
        with open(os.path.join(os.fsencode(folder), name), "wb") as file:
            file.write(data)
    ended = start("consolidate", small, "--output", tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    told = rows(tmp_path / "out" / "files.csv")
    assert len(told) == len(sent)
    assert {row["status"] for row in told} <= {"rejected", "ignored"}
    assert all(row["reason"] for row in told)


def test_nothing_received_yet_is_a_run_like_any_other(small: Path, tmp_path: Path) -> None:
    shutil.rmtree(small / "submissions")
    ended = start("consolidate", small, "--output", tmp_path / "out")
    assert ended.returncode == 0, ended.stderr
    assert rows(tmp_path / "out" / "files.csv") == []
    assert [row["flag"] for row in rows(tmp_path / "out" / "units.csv")] == ["missing", "missing"]


def test_whoever_reads_along_may_go_before_the_end() -> None:
    command = f"{sys.executable} -m pipeline check inputs/kien-giang-2021/submissions/2021-04-20/*.xlsx | head -1"
    ended = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (ended.returncode, ended.stderr) == (0, "")
