"""The whole program on the shipped campaign of Kiên Giang: outputs, agreement of workbook and tables, same bytes."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import warnings
from pathlib import Path

import openpyxl
import pytest

from pipeline.consolidate import Run, consolidate
from schemas.totals import STATUS_COUNTS
from tests.started import SHIPPED, content, rows, start

TABLES = ("units.csv", "files.csv", "findings.csv", "texts.csv")


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


# --- what a run says and writes -----------------------------------------------------------------------


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


def test_a_vast_campaign_gives_the_same_bytes(
    output: Path, campaign: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of very many units, what is remembered is written before, and the workbook after, what is done beside it."""
    monkeypatch.setattr("pipeline.consolidate._MOST_UNITS_BESIDE", 0)
    consolidate(Run(campaign, tmp_path / "again", jobs=1), lambda *_: None, lambda: None)
    first, second = content(output), content(tmp_path / "again")
    assert [name for name in first if first[name] != second.get(name)] == []
