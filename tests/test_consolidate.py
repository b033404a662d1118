"""The whole program as a user starts it, on the shipped campaign of Kiên Giang: exit statuses, outputs, agreement."""

from __future__ import annotations

import csv
import hashlib
import json
import os
import shutil
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest

import pipeline.workbook
from pipeline.cli import main
from schemas.totals import STATUS_COUNTS

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "inputs" / "kien-giang-2021"
TABLES = ("units.csv", "files.csv", "findings.csv", "texts.csv")


def start(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pipeline", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="module")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped campaign, its files as old as the originals: a run writes open questions beside it."""
    folder = tmp_path_factory.mktemp("inputs") / "kien-giang-2021"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("decisions.xlsx"))
    return folder


@pytest.fixture(scope="module")
def run(campaign: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    output = tmp_path_factory.mktemp("outputs")
    return output, start("consolidate", campaign, "--output", output)


@pytest.fixture(scope="module")
def output(run: tuple[Path, subprocess.CompletedProcess[str]]) -> Path:
    assert run[1].returncode == 0, run[1].stderr
    return run[0]


# --- a small campaign, for what needs no large one ------------------------------------------------------

PLAN = """
title = "Học tập"
resolution = "Nghị quyết"
as_of = 2021-05-10T08:00:00
[issuer]
superior = "TỈNH ỦY"
name = "BAN TUYÊN GIÁO"
place = "Rạch Giá"
[tree]
levels = ["province", "branch"]
[[rounds]]
id = "1"
name = "Đợt 1"
due = 2021-04-29
"""


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "submissions" / "2021-04-20").mkdir(parents=True)
    (folder / "campaign.toml").write_text(PLAN, encoding="utf-8")
    units = "unit_code,unit_name,level,parent_code\nT,Tỉnh ủy,province,\nB,Chi bộ ấp 1,branch,T\n"
    (folder / "units.csv").write_text(units, encoding="utf-8")
    return folder


# --- exit status 0 ----------------------------------------------------------------------------------


def test_the_shipped_campaign_runs_and_says_what_came_of_it(
    run: tuple[Path, subprocess.CompletedProcess[str]],
) -> None:
    folder, ended = run
    assert (ended.returncode, ended.stderr) == (0, "")
    top = next(row for row in rows(folder / "units.csv") if row["parent_code"] == "")
    said = ended.stdout
    assert f"{int(top['complete']) + int(top['queried'])}/{top['expected']}" in said
    assert (folder / "consolidated.xlsx").as_posix() in said


def test_all_outputs_of_the_contract_are_there_and_vouched_for(output: Path) -> None:
    manifest = json.loads((output / "run.json").read_text(encoding="utf-8"))
    assert set(manifest["outputs"]) >= {"consolidated.xlsx", *TABLES}
    written = {name: data for name, data in content(output).items() if name not in ("run.json", ".lock")}
    written = {name: data for name, data in content(output).items() if name not in ("run.json", ".lock")}
    assert manifest["outputs"] == {name: hashlib.sha256(data).hexdigest() for name, data in written.items()}


def test_every_input_is_vouched_for(output: Path, campaign: Path) -> None:
    manifest = json.loads((output / "run.json").read_text(encoding="utf-8"))
    arrived = [path for path in (campaign / "submissions").rglob("*") if path.is_file() and path.stat().st_size]
    received = {path.relative_to(campaign).as_posix(): path for path in arrived}
    own = {name: campaign / name for name in ("campaign.toml", "units.csv")}
    assert manifest["inputs"] == {
        name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in sorted((own | received).items())
    }


def test_nothing_received_is_dropped(output: Path, campaign: Path) -> None:
    told = {row["file"] for row in rows(output / "files.csv")}
    there = {path.relative_to(campaign / "submissions").as_posix()
             for path in (campaign / "submissions").rglob("*") if path.is_file()}  # fmt: skip
    assert told == there
    places = [(row["file"], row["member"]) for row in rows(output / "files.csv")]
    assert len(set(places)) == len(places)


def test_every_level_is_the_sum_of_the_one_below(output: Path) -> None:
    units = rows(output / "units.csv")
    below: dict[tuple[str, str], list[dict[str, str]]] = {}
    for row in units:
        below.setdefault((row["parent_code"], row["round"]), []).append(row)
    rates = {"coverage", "attendance_rate", "reflection_rate"}
    named = {"unit_code", "unit_name", "level", "parent_code", "round", "flag"}
    summed = [name for name in units[0] if name not in rates | named]
    checked = 0
    for row in units:
        children = below.get((row["unit_code"], row["round"]), [])
        if any(int(child["expected"]) for child in children):
            for name in summed:
                told = [int(child[name]) for child in children if child[name]]
                assert row[name] == (str(sum(told)) if told else ""), (row["unit_code"], name)
                checked += 1
        parts = sum(int(row[name]) for name in STATUS_COUNTS[1:-1])
        assert int(row["expected"]) == parts
    assert checked > 1000


def test_the_workbook_and_the_tables_agree_to_the_last_number(output: Path) -> None:
    manifest = json.loads((output / "run.json").read_text(encoding="utf-8"))
    top = next(
        row for row in rows(output / "units.csv") if not row["parent_code"] and row["round"] == manifest["round"]
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # openpyxl knows no data bars; only values are read here
        book = openpyxl.load_workbook(output / "consolidated.xlsx", data_only=True)
    compared = 0
    for name, value in top.items():
        if f"{name}_total" not in book.defined_names:
            continue
        ((sheet, cell),) = book.defined_names[f"{name}_total"].destinations
        shown = book[sheet][cell].value
        assert (shown in (None, "")) == (value == ""), name
        assert not value or shown == pytest.approx(float(value), abs=1e-6), name
        compared += 1
    assert compared >= 12


# --- the same bytes ---------------------------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes_whatever_the_jobs(output: Path, campaign: Path, tmp_path: Path) -> None:
    ended = start("consolidate", campaign, "--output", tmp_path / "again", "--jobs", "1")
    assert ended.returncode == 0
    first, second = content(output), content(tmp_path / "again")
    assert [name for name in first if first[name] != second.get(name)] == []
    assert first.keys() == second.keys()


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
        raise OSError("no space left on device")

    monkeypatch.setattr(pipeline.workbook, "write_workbook", fail)
    with pytest.raises(OSError, match="no space left"):
        main(["consolidate", str(small), "--output", str(output), "--as-of", "2021-04-01"])
    assert content(output) == before


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
