"""The CSVs and run.json: safe to open, whole or not there at all, and the same bytes from the same inputs."""

from __future__ import annotations

import csv
import hashlib
import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pandas as pd
import pytest

from pipeline.lock import held
from pipeline.tables import sha256_of, staged, write_manifest, write_tables
from schemas.campaign import VIETNAM
from schemas.result import Result
from schemas.totals import FILES, FINDINGS, TEXTS, unit_columns
from tests.received_tables import consolidated, plan

ROWS = """
    | file       | code | members | attendees | reflections | assessment           |
    | =2+5.xlsx  | B1   | 10      | 9         | 9           | Tốt, "rất tốt".      |
    | b.xlsx     | B2   | 10      | 10        | 10          | =HYPERLINK("x","y")  |
    | c.xlsx     | X2   | 10      | 11        | 10          |                      |
"""
ITEMS = {"guests": "optional", "exemptions": "no", "assessment": "required", "proposals": "no"}


@pytest.fixture
def result(tmp_path: Path) -> Result:
    (tmp_path / "inputs").mkdir()
    return consolidated(tmp_path / "inputs", ROWS, plan(items=ITEMS))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    (tmp_path / "out").mkdir()
    return tmp_path / "out"


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


# --- the tables -------------------------------------------------------------------------------------


def test_the_four_tables_have_the_columns_of_the_contract(result: Result, output: Path) -> None:
    write_tables(result, output)
    heads = {path.name: tuple(rows(path)[0]) for path in output.iterdir()}
    assert heads == {
        "units.csv": unit_columns(result.campaign), "files.csv": FILES, "findings.csv": FINDINGS, "texts.csv": TEXTS,
    }  # fmt: skip


def test_they_are_utf8_with_a_mark_and_hold_vietnamese(result: Result, output: Path) -> None:
    write_tables(result, output)
    for name in ("units", "files", "findings", "texts"):
        data = (output / f"{name}.csv").read_bytes()
        assert data.startswith(b"\xef\xbb\xbf")
        assert b"\r" not in data
    assert rows(output / "units.csv")[0]["unit_name"] == "Tỉnh ủy Kiên Giang"
    assert rows(output / "texts.csv")[0]["text"] == 'Tốt, "rất tốt".'


def test_a_number_nobody_reported_is_empty_and_zero_is_zero(result: Result, output: Path) -> None:
    write_tables(result, output)
    units = {row["unit_code"]: row for row in rows(output / "units.csv")}
    assert (units["H2"]["members"], units["H2"]["missing"], units["H2"]["late"]) == ("", "1", "0")
    assert (units["T"]["members"], units["T"]["guests"], units["T"]["coverage"]) == ("20", "", "0.5")


LIVE = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "=cmd|' /C calc'!A0"]


@pytest.mark.parametrize("text", LIVE)
@pytest.mark.parametrize("column", ["file", "member", "sender", "reason"])
def test_text_that_a_spreadsheet_would_run_is_disarmed(result: Result, output: Path, text: str, column: str) -> None:
    files = result.files.copy()
    files[column] = files[column].astype("object")
    files.loc[0, column] = text
    write_tables(replace(result, files=files), output)
    written = rows(output / "files.csv")[0][column]
    assert written.startswith("'")
    assert written[1:] == text.replace("\r", "\n")


@pytest.mark.parametrize("text", ["a\r=1+1", "a\r\n=1+1", 'a"\r=1', "a\r"])
def test_a_carriage_return_never_begins_a_row(result: Result, output: Path, text: str) -> None:
    texts = result.texts.copy()
    texts.loc[0, "text"] = text
    write_tables(replace(result, texts=texts), output)
    assert b"\r" not in (output / "texts.csv").read_bytes()
    assert len(rows(output / "texts.csv")) == len(texts)


@pytest.mark.parametrize("text", ["Tốt", "10", "a=b", " =1", "'=1", "ấp 1-2", ""])
def test_other_text_is_written_as_it_is(result: Result, output: Path, text: str) -> None:
    texts = result.texts.copy()
    texts.loc[0, "text"] = text
    write_tables(replace(result, texts=texts), output)
    assert rows(output / "texts.csv")[0]["text"] == text


def test_writing_leaves_the_result_as_it_was(result: Result, output: Path) -> None:
    before = result.files.copy()
    write_tables(result, output)
    pd.testing.assert_frame_equal(result.files, before)


def test_the_same_result_gives_the_same_bytes(result: Result, tmp_path: Path) -> None:
    again = consolidated(tmp_path / "inputs", ROWS, plan(items=ITEMS))
    for name, known in (("one", result), ("other", again)):
        (tmp_path / name).mkdir()
        write_tables(known, tmp_path / name)
        write_manifest(known, tmp_path / name, {"b": "2", "a": "1"}, "0")
    assert {path.name for path in (tmp_path / "one").iterdir()} == {
        "units.csv", "files.csv", "findings.csv", "texts.csv", "run.json",
    }  # fmt: skip
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


# --- the manifest -----------------------------------------------------------------------------------


def test_the_manifest_vouches_for_every_output(result: Result, output: Path) -> None:
    write_tables(result, output)
    (output / "returned").mkdir()
    (output / "returned" / "a.xlsx").write_bytes(b"PK")
    write_manifest(result, output, {"units.csv": "00"}, "1.2.3")
    manifest = json.loads((output / "run.json").read_text(encoding="utf-8"))
    assert set(manifest["outputs"]) == {"units.csv", "files.csv", "findings.csv", "texts.csv", "returned/a.xlsx"}
    for name, digest in manifest["outputs"].items():
        assert digest == hashlib.sha256((output / name).read_bytes()).hexdigest() == sha256_of(output / name)
    assert (manifest["version"], manifest["inputs"]) == ("1.2.3", {"units.csv": "00"})


def test_the_manifest_tells_what_the_run_stands_for_and_what_it_counted(result: Result, output: Path) -> None:
    result = replace(result, as_of=datetime(2021, 5, 10, 8, tzinfo=VIETNAM))
    write_manifest(result, output, {}, "0")
    manifest = json.loads((output / "run.json").read_text(encoding="utf-8"))
    assert (manifest["campaign"], manifest["round"], manifest["as_of"]) == ("made-up", "1", "2021-05-10T08:00:00+07:00")
    assert manifest["counts"]["files"] == {"counted": 2, "rejected": 1}
    assert manifest["counts"]["rounds"] == {
        "1": {"expected": 4, "complete": 1, "queried": 1, "rejected": 1, "missing": 1, "not_due": 0, "late": 0}
    }
    assert set(manifest["libraries"]) >= {"pandas", "pandera", "xlsxwriter"}


# --- whole or not at all ----------------------------------------------------------------------------


def test_outputs_take_the_place_of_earlier_ones_only_together(output: Path) -> None:
    (output / "units.csv").write_text("old")
    (output / "notes.txt").write_text("a person's own")
    with staged(output, ()) as folder:
        (folder / "units.csv").write_text("new")
        assert (output / "units.csv").read_text() == "old"
    assert (output / "units.csv").read_text() == "new"
    assert (output / "notes.txt").read_text() == "a person's own"
    assert sorted(path.name for path in output.iterdir()) == ["notes.txt", "units.csv"]


def test_a_failure_while_writing_leaves_earlier_outputs_whole(output: Path) -> None:
    for name in ("units.csv", "run.json"):
        (output / name).write_text("old")
    (output / "returned").mkdir()
    (output / "returned" / "a.xlsx").write_text("old")

    def half_written() -> Iterator[None]:
        with staged(output, ("returned",)) as folder:
            (folder / "units.csv").write_text("half of")
            (folder / "returned").mkdir()
            yield
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space left"):
        list(half_written())
    assert {path.name: path.read_text() for path in output.rglob("*.*") if path.is_file()} == {
        "units.csv": "old", "run.json": "old", "a.xlsx": "old",
    }  # fmt: skip
    assert not list(output.glob(".writing-*"))


def test_a_folder_of_outputs_is_replaced_as_a_whole(output: Path) -> None:
    (output / "returned").mkdir()
    (output / "returned" / "stale.xlsx").write_text("old")
    with staged(output, ("returned",)) as folder:
        (folder / "returned").mkdir()
        (folder / "returned" / "new.xlsx").write_text("new")
    assert [path.name for path in (output / "returned").iterdir()] == ["new.xlsx"]
    with staged(output, ("returned",)):
        pass
    assert not (output / "returned").exists()


def test_the_manifest_is_put_in_place_last(output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[str] = []
    real = Path.open
    monkeypatch.setattr(Path, "open", lambda path, *mode: (placed.append(path.name), real(path, *mode))[1])
    with staged(output, ()) as folder:
        for name in ("units.csv", "run.json", "zeta.csv", "consolidated.xlsx"):
            (folder / name).touch()
    assert placed[-4:] == ["consolidated.xlsx", "units.csv", "zeta.csv", "run.json"]


def test_what_a_killed_run_left_is_cleared(output: Path) -> None:
    stale = output / ".writing-abc"
    stale.mkdir()
    (stale / "units.csv").write_text("half of")
    with staged(output, ()) as folder:
        assert not stale.exists()
        (folder / "units.csv").write_text("new")
    assert (output / "units.csv").read_text() == "new"


def test_a_second_run_waits_for_the_first_and_says_so(output: Path) -> None:
    told, order = threading.Event(), []

    def second() -> None:
        with held(output, told.set), staged(output, ()) as folder:
            order.append("second")
            (folder / "units.csv").write_text("second")

    with held(output, lambda: None), staged(output, ()) as folder:
        other = threading.Thread(target=second)
        other.start()
        assert told.wait(10)
        order.append("first")
        (folder / "units.csv").write_text("first")
    other.join(10)
    assert order == ["first", "second"]
    assert (output / "units.csv").read_text() == "second"
