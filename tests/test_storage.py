"""On object storage: the same tables as from a folder, and no mistake of the storage's becomes a sender's."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import datetime
from multiprocessing import forkserver
from pathlib import Path
from typing import Any

import pytest

from pipeline.cache import Cache
from pipeline.cli import main
from pipeline.consolidate import Run, consolidate
from pipeline.intake import NOT_FETCHED, find_arrivals, find_submissions
from pipeline.per_file import contents
from schemas.campaign import VIETNAM
from schemas.faults import LostError, RefusedError
from schemas.records import Arrival, Received
from tests.imports_of import ROOT

CAMPAIGN = ROOT / "inputs" / "an-giang-2026"
BUCKET = "rounds"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    from moto.server import ThreadedMotoServer

    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    yield f"http://{host}:{port}"
    running.stop()


@pytest.fixture
def bucket(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A new bucket, and the environment in which s3fs finds it, as an office would set it."""
    import boto3
    import s3fs

    for name, value in (("ENDPOINT_URL", server), ("ACCESS_KEY_ID", "k"), ("SECRET_ACCESS_KEY", "s"), ("REGION", "x")):
        monkeypatch.setenv(f"AWS_{name}", value)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    s3fs.S3FileSystem.clear_instance_cache()
    forkserver._forkserver._stop()  # it started with another environment, which its workers would have
    made = boto3.resource("s3").Bucket(BUCKET)
    made.create()
    yield made
    made.objects.delete()
    made.delete()
    forkserver._forkserver._stop()
    s3fs.S3FileSystem.clear_instance_cache()


def upload(bucket: Any, folder: Path, prefix: str) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            bucket.put_object(Key=f"{prefix}/{path.relative_to(folder).as_posix()}", Body=path.read_bytes())


def moved(folder: Path, url: str) -> Path:
    """Copy a campaign but for its submissions, which lie at a URL now."""
    shutil.copytree(CAMPAIGN, folder, ignore=shutil.ignore_patterns("submissions"))
    plan = folder / "campaign.toml"
    plan.write_text(f'submissions = "{url}"\n' + plan.read_text("utf-8"), "utf-8")
    return folder


def run(folder: Path, output: Path) -> None:
    as_of = datetime(2026, 10, 1, tzinfo=VIETNAM)
    consolidate(Run(folder, output, as_of=as_of), lambda *_: None, lambda: None)


def written(output: Path) -> dict[str, bytes]:
    """Return what a run wrote but for run.json, which has the hash of the plan that names the URL."""
    passing = ("run.json", ".lock", "readings")  # the last is what is remembered
    paths = [path for path in output.rglob("*") if path.is_file() and path.name not in passing]
    return {path.relative_to(output).as_posix(): path.read_bytes() for path in paths}


def test_the_same_tables_workbook_and_copies_as_from_a_folder(bucket: Any, tmp_path: Path):
    upload(bucket, CAMPAIGN / "submissions", "vong-1/bai-gui")
    shutil.copytree(CAMPAIGN, tmp_path / "here" / "campaign")
    far = moved(tmp_path / "far" / "campaign", f"s3://{BUCKET}/vong-1/bai-gui")
    run(tmp_path / "here" / "campaign", tmp_path / "local")
    run(far, tmp_path / "remote")
    local, remote = written(tmp_path / "local"), written(tmp_path / "remote")
    assert sorted(remote) == sorted(local)
    assert [name for name in local if local[name] != remote[name]] == []
    assert any(name.startswith("returned/") for name in local)


def test_what_was_fetched_once_is_remembered_until_the_object_changes(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    key = sorted(path for path in (CAMPAIGN / "submissions").rglob("*.xlsx"))[0]
    bucket.put_object(Key="s/a.xlsx", Body=key.read_bytes())
    far = moved(tmp_path / "campaign", f"s3://{BUCKET}/s")
    time.sleep(3)  # what has only just changed may change again within the same tick, and is not trusted
    run(far, tmp_path / "out")
    asked: list[int] = []
    recall = Cache.recall

    def recalled(self: Cache, arrivals: list[Arrival]) -> tuple[list[list[Received]], list[Arrival]]:
        known, unknown = recall(self, arrivals)
        asked.append(len(unknown))
        return known, unknown

    monkeypatch.setattr(Cache, "recall", recalled)
    run(far, tmp_path / "out")
    bucket.put_object(Key="s/a.xlsx", Body=key.read_bytes() + b"\0")
    run(far, tmp_path / "out")
    assert asked == [0, 1]


def test_keys_are_listed_dated_and_odd_ones_are_not_fetched(bucket: Any):
    for key in ("s/2021-04-27T0930/a.xlsx", "s/b.xlsx", "s/c/../d.xlsx", "s/Thumbs.db", "s/folder/", "other/e.xlsx"):
        bucket.put_object(Key=key, Body=b"x")
    bucket.put_object(Key="s/empty.xlsx", Body=b"")
    found = {arrival.file: arrival for arrival in find_submissions(f"s3://{BUCKET}/s", VIETNAM, "en")}
    problems = {name: arrival.problem.code if arrival.problem else "" for name, arrival in found.items()}
    assert problems == {
        "2021-04-27T0930/a.xlsx": "", "b.xlsx": "", "c/../d.xlsx": "file_not_regular", "empty.xlsx": "file_empty"
    }  # fmt: skip
    assert found["2021-04-27T0930/a.xlsx"].received_at == datetime(2021, 4, 27, 9, 30, tzinfo=VIETNAM)
    assert abs((found["b.xlsx"].received_at - datetime.now(VIETNAM)).total_seconds()) < 120
    assert found["b.xlsx"].received_by == "clock"


def test_what_was_taken_away_since_it_was_listed_is_told_of_that_object(bucket: Any):
    moment = datetime(2021, 4, 27, tzinfo=VIETNAM)
    (gone,) = contents(Arrival(f"s3://{BUCKET}/s/gone.xlsx", "gone.xlsx", moment, "clock", 5))
    assert gone.received.problem is not None
    assert (gone.received.problem.code, gone.received.problem.value) == ("file_damaged", "no longer there")


def test_an_empty_prefix_is_nothing_yet_and_a_missing_bucket_is_refused(bucket: Any):
    assert find_submissions(f"s3://{BUCKET}/nothing", VIETNAM, "en") == []
    with pytest.raises(RefusedError, match="s3://no-such-bucket-here/x"):
        find_submissions("s3://no-such-bucket-here/x", VIETNAM, "en")


def test_what_the_storage_does_not_give_stops_the_run_and_blames_no_branch(
    bucket: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    upload(bucket, CAMPAIGN / "submissions", "s")
    far = moved(tmp_path / "campaign", f"s3://{BUCKET}/s")
    listed = find_submissions(f"s3://{BUCKET}/s", VIETNAM, "en")
    monkeypatch.setattr("pipeline.consolidate.find_submissions", lambda *_: listed)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    forkserver._forkserver._stop()  # it keeps the environment of the first run
    with pytest.raises(LostError, match=re.escape(listed[0].file)):
        run(far, tmp_path / "out")
    assert not (tmp_path / "out" / "units.csv").exists()
    assert main(["consolidate", str(far), "--output", str(tmp_path / "out")]) == 1


def test_without_the_extra_one_line_says_how_to_install_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
):
    monkeypatch.setitem(sys.modules, "fsspec", None)
    far = moved(tmp_path / "campaign", "s3://bucket/s")
    assert main(["consolidate", str(far), "--output", str(tmp_path / "out"), "--lang", "en"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "storage" in line
    assert "pip install -c constraints.txt fsspec s3fs" in line


@pytest.mark.parametrize("place", ["bucket/prefix", "file:///etc", "s3://", "simplecache::s3://b/p"])
def test_what_is_no_url_of_object_storage_is_a_fault_of_the_plan(place: str, tmp_path: Path, capsys: Any):
    far = moved(tmp_path / "campaign", place)
    assert main(["consolidate", str(far), "--output", str(tmp_path / "out"), "--lang", "en"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "line 1, submissions" in line
    assert NOT_FETCHED not in line


def test_a_folder_needs_nothing_of_all_that(tmp_path: Path):
    (tmp_path / "a.xlsx").write_bytes(b"x")
    code = (
        "import sys; from pathlib import Path; from pipeline.consolidate import find_submissions; "
        "from pipeline.per_file import contents; from schemas.campaign import VIETNAM; "
        f"[list(contents(a)) for a in find_submissions({str(tmp_path)!r}, VIETNAM, 'en')]; "
        "print(*({'fsspec', 's3fs', 'distributed'} & set(sys.modules)))"
    )
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == []
    assert len(find_arrivals(tmp_path, VIETNAM)) == 1
