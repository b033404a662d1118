"""The fuzz target of `make fuzz` on what is healthy, and what fuzzing found, each made small."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.fuzz import run, target
from tests.fuzz.corpus import corpus
from tests.hostile.binary import form_records, xls
from tests.hostile.packages import LABELS


@pytest.mark.parametrize("name", sorted(corpus()))
def test_what_fuzzing_starts_from_is_read_and_keeps_every_promise(name: str) -> None:
    target.check(name, corpus()[name])
    assert any(thing.tallies for thing in target.read(name, corpus()[name]))


@pytest.mark.parametrize(
    ("field", "spoilt"),
    [("members", "1.\0\0ổng số đảng viên"), ("reflections", "3. Số đả\0g viên viết thu hoạch")],
)
def test_a_label_with_control_characters_in_it_is_told_without_them(field: str, spoilt: str) -> None:
    written = LABELS[field].encode("utf-16-le")
    put = spoilt.encode("utf-16-le").ljust(len(written), b"\0")[: len(written)]
    records = [(kind, body.replace(written, put)) for kind, body in form_records("KG-RG-VTV-01")]
    assert records != form_records("KG-RG-VTV-01")
    target.check("records.xls", xls([("Biểu", records)]))


@pytest.mark.parametrize(
    "members",
    [(), ("\x1b]0;x",), ("gnp\u202exslx.exe",), ("x" * 5000,), ("a", "a")],
    ids=["no trace", "control", "turned", "endless", "one name for two"],
)
def test_a_broken_promise_is_found(members: tuple[str, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    (thing,) = target.read("plain.xlsx", corpus()["plain.xlsx"])
    monkeypatch.setattr(target, "read", lambda *_: [replace(thing, member=member) for member in members])
    with pytest.raises(AssertionError):
        target.check("a.xlsx", b"")


def test_a_run_finds_keeps_and_tells_what_breaks_and_ends_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def spoilt(name: str, data: bytes) -> None:
        raise ZeroDivisionError(f"{name} {len(data)}")

    monkeypatch.setattr(run, "FINDS", tmp_path / "finds")
    monkeypatch.setattr(run, "check", spoilt)
    assert run.main(1, 1) == 1
    assert "ZeroDivisionError" in capfd.readouterr().out
    assert list((tmp_path / "finds").iterdir())
