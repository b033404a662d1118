"""A cluster changes only the place: same bytes, a crash costs one file, a lost worker nothing; the rest is told."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bench.cluster import cluster, prove
from pipeline import cluster as far
from pipeline import cluster_worker, fingerprint
from pipeline.cli import main
from pipeline.cluster import Cluster
from pipeline.workers import WorkError
from schemas.faults import LostError, RefusedError
from tests.cluster_tasks import everywhere, lost, nowhere, on_path, treat
from tests.imports_of import ROOT

TASKS = "tests.cluster_tasks"


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with cluster(tmp_path_factory.mktemp("cluster")) as (address, _):
        yield address


def treated(address: str, items: list[str], is_there: Any = None) -> list[str]:
    with Cluster(address, TASKS, "en", is_there) as workers:
        return [made for chunk in workers.map_chunks(treat, items, "done ", lost) for made in chunk]


def test_what_one_item_does_costs_that_item_only_and_the_order_stays(address: str):
    bad = {3: "abort", 40: "kill", 41: "raise", 99: "abort"}
    items = [f"{bad.get(number, 'slow' if number < 5 else 'item')} {number}" for number in range(120)]
    made = treated(address, items)
    hows = {3: "SIGABRT", 40: "SIGKILL", 41: "LookupError, cluster_tasks.py:", 99: "SIGABRT"}
    for number, how in hows.items():
        assert made[number].startswith(f"{items[number]}: {how}")
    others = [number for number in range(120) if number not in hows]
    assert [made[number] for number in others] == [f"done {items[number]}" for number in others]


def test_nothing_to_do_is_done(address: str):
    assert treated(address, []) == []


def test_what_every_item_meets_is_our_own_fault_and_stops_the_run(address: str):
    with pytest.raises(WorkError, match=r"LookupError, cluster_tasks\.py"):
        treated(address, [f"raise {number}" for number in range(30)])


def test_a_whole_chunk_of_raising_items_among_others_is_no_fault_of_ours(address: str):
    items = [f"raise {number}" if number < 200 else f"item {number}" for number in range(400)]
    assert [line for line in treated(address, items) if line.startswith("done")] == [f"done {x}" for x in items[200:]]


def test_what_is_on_its_way_is_bounded(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(far, "CHUNK", 5)
    most = 0
    with Cluster(address, TASKS, "en") as workers:
        submit = workers._client.submit

        def counted(*args: Any, **more: Any) -> Any:
            nonlocal most
            future = submit(*args, **more)
            most = max(most, sum(not known.done() for known in list(workers._client.futures.values())))
            return future

        monkeypatch.setattr(workers._client, "submit", counted)
        items = [f"item {number}" for number in range(500)]
        assert sum(map(len, workers.map_chunks(treat, items, "", lost))) == 500
    assert 1 <= most <= 2 * far._AHEAD  # of 100 chunks


def test_a_worker_that_runs_other_code_refuses(address: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(far, "fingerprint", lambda: {**fingerprint.fingerprint(), "python-calamine": "0.0.1"})
    with pytest.raises(RefusedError, match=r"another version .*\(python-calamine 0\.0\.1 ≠ "):
        treated(address, ["item 1"])


def test_a_worker_that_cannot_see_a_file_refuses_and_what_is_gone_from_everywhere_is_read_as_such(address: str):
    with pytest.raises(RefusedError, match="cannot see only-here"):
        treated(address, [on_path("only-here 1")], everywhere)
    assert treated(address, ["gone 1"], nowhere) == ["done gone 1"]


def test_a_cluster_without_workers_for_too_long_ends_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    with cluster(tmp_path) as (address, workers), Cluster(address, TASKS, "en") as ours:
        made = ours.map_chunks(treat, [f"slow {number}" for number in range(300)], "", lost)
        next(made)
        monkeypatch.setattr(far, "ALONE_SECONDS", 1)
        for worker in workers:
            worker.terminate()
        with pytest.raises(LostError, match=r"no worker for 1 seconds|lost on the way"):
            list(made)


# --- what a user is told --------------------------------------------------------------------------


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = tmp_path / "kien-giang-2021"
    shutil.copytree(ROOT / "inputs" / "kien-giang-2021", folder)
    return folder


def refused(campaign: Path, address: str, capsys: pytest.CaptureFixture[str]) -> str:
    started = time.monotonic()
    output = campaign.parent / "out"
    assert main(["consolidate", str(campaign), "--output", str(output), "--lang", "en", "--scheduler", address]) == 2
    assert time.monotonic() - started < 30
    assert not output.exists()
    (line,) = capsys.readouterr().err.splitlines()
    return line


def test_where_nobody_answers_is_told_in_one_line(campaign: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(far, "CONNECT_SECONDS", 2)
    assert "no Dask scheduler answers" in refused(campaign, "tcp://127.0.0.1:9", capsys)
    assert "no Dask scheduler answers" in refused(campaign, "nonsense", capsys)
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        assert "no Dask scheduler answers" in refused(campaign, f"tcp://127.0.0.1:{silent.getsockname()[1]}", capsys)


def test_without_the_extra_one_line_says_how_to_install_it(campaign: Path, capsys: Any, monkeypatch: Any):
    monkeypatch.setitem(sys.modules, "distributed", None)
    line = refused(campaign, "tcp://127.0.0.1:9", capsys)
    assert "“cluster”" in line
    assert "pip install -c constraints.txt distributed" in line


# --- the fingerprint -------------------------------------------------------------------------------


def test_any_change_of_code_or_words_changes_the_fingerprint(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for part in ("schemas", "pipeline"):
        shutil.copytree(ROOT / part, tmp_path / part, ignore=shutil.ignore_patterns("__pycache__"))
    own = fingerprint._code()
    monkeypatch.setattr(fingerprint, "_ROOT", tmp_path)
    assert fingerprint._code() == own
    (tmp_path / "pipeline" / "merge.py").write_text("# other\n", "utf-8")
    changed = fingerprint._code()
    (tmp_path / "schemas" / "forms" / "more.toml").write_text("", "utf-8")
    assert len({own, changed, fingerprint._code()}) == 3


def test_a_parcel_is_not_opened_where_the_version_is_another():
    other = {**fingerprint.fingerprint(), "code": "x"}
    outcome = cluster_worker.pickle.loads(cluster_worker.do(other, b"no pickle at all"))
    assert outcome.differs.startswith("code x ≠ ")


# --- the proof, small ------------------------------------------------------------------------------


def test_the_same_bytes_with_files_that_crash_the_reader_and_a_worker_killed_halfway(tmp_path: Path):
    proof = prove(tmp_path, branches=300, crashing=3)
    assert proof["faults"] == []


def test_the_proof_can_fail(tmp_path: Path):
    from bench.cluster import _differences

    for name, text in (("one", "a"), ("other", "b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "units.csv").write_text(text)
        (tmp_path / name / name).write_text(text)
    found = list(_differences(tmp_path / "one", tmp_path / "other"))
    assert found == ["one: only in one of both", "other: only in one of both", "units.csv: other bytes"]


def test_an_engine_is_not_even_imported_without_the_option():
    code = "import pipeline.cli, pipeline.consolidate, sys; print('distributed' in sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"
