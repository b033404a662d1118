"""When a run may say that nothing has changed, and in which words."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest

from pipeline.cache import FOLDER
from pipeline.cache_run import stamp_of
from pipeline.cli import main
from pipeline.cli_progress import Progress
from pipeline.consolidate import Run, consolidate
from pipeline.lock import held
from schemas.faults import FaultsError
from schemas.result import Result
from schemas.words import WORDS, word
from tests.deciding import make_campaign, rule, write_form
from tests.started import start

VI, EN = (text.partition(" (")[0] for text in WORDS["cli_unchanged"])


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    folder = make_campaign(tmp_path / "campaign")
    write_form(folder / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    return folder


def run(campaign: Path) -> str:
    ended = start("consolidate", campaign, "--output", campaign.parent / "out", "--as-of", "2021-05-10")
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


@pytest.mark.parametrize("linked", ["submissions", "units.csv", "campaign.toml"])
def test_what_changes_behind_a_link_is_a_change(campaign: Path, linked: str) -> None:
    shared = campaign.parent / "shared" / linked
    shared.parent.mkdir()
    (campaign / linked).rename(shared)
    (campaign / linked).symlink_to(shared)
    run(campaign)
    assert VI in run(campaign)
    if shared.is_dir():
        write_form(shared / "2021-04-21/b.xlsx", code="B2", counts=(5, 5, 5, 0))
    elif linked == "units.csv":
        shared.write_text(shared.read_text(encoding="utf-8") + "B3,Chi bộ ấp 3,branch,X,\n", encoding="utf-8")
    else:
        shared.write_text(shared.read_text(encoding="utf-8").replace("04-29", "04-19"), encoding="utf-8")
    assert VI not in run(campaign)


def test_a_link_that_leads_nowhere_is_no_fault_of_the_stamp(campaign: Path) -> None:
    (campaign / "gone").symlink_to(campaign.parent / "gone")
    (campaign / "round").symlink_to(campaign)
    assert stamp_of(campaign) == stamp_of(campaign)


def test_rulings_behind_a_link_stay_there(campaign: Path) -> None:
    run(campaign)
    shared = campaign.parent / "decisions.xlsx"
    (campaign / "decisions.xlsx").rename(shared)
    (campaign / "decisions.xlsx").symlink_to(shared)
    rule(campaign, "reflections_below_required", decision="confirm")
    run(campaign)  # it writes there that the question is ruled on
    assert (campaign / "decisions.xlsx").is_symlink()
    rule(campaign, "reflections_below_required", decision="exclude")
    assert VI not in run(campaign)


def test_it_is_said_in_the_campaigns_language(campaign: Path) -> None:
    plan = campaign / "campaign.toml"
    plan.write_text('language = "en"\n' + plan.read_text(encoding="utf-8"), encoding="utf-8")
    run(campaign)
    said = run(campaign)
    assert (EN in said, VI in said) == (True, False)


def test_what_a_program_was_missing_for_is_tried_again(campaign: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As for a .rar before `unar` is installed: no stamp of inputs or outputs tells of that."""
    rar = campaign / "submissions/2021-04-20/b.rar"
    shutil.copyfile(Path(__file__).parent / "fixtures/rar5-solid.rar", rar)
    monkeypatch.setenv("PATH", str(campaign))  # without unar
    run(campaign)
    assert "extra_missing" in (campaign.parent / "out/findings.csv").read_text(encoding="utf-8")
    assert VI not in run(campaign)


@pytest.mark.parametrize("what", ["submissions", "rulings"])
def test_a_run_whose_inputs_change_meanwhile_says_so_and_leaves_no_note(
    campaign: Path, what: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run(campaign)

    def changing(asked: Run, *others: Any) -> Result:
        result = consolidate(asked, *others)
        if what == "rulings":
            rule(campaign, "reflections_below_required", decision="confirm")
        else:
            write_form(campaign / "submissions/2021-04-21/b.xlsx", code="B2", counts=(5, 5, 5, 0))
        return result

    monkeypatch.setattr("gc.disable", lambda: None)  # of this process, which goes on
    monkeypatch.setattr("pipeline.consolidate.consolidate", changing)
    arguments = [str(campaign), "--output", str(campaign.parent / "out"), "--as-of", "2021-05-10"]
    assert main(["consolidate", *arguments, "--jobs", "1", "--fresh"]) == 0
    assert capsys.readouterr().err.strip() in WORDS["cli_changed_meanwhile"]
    assert VI not in run(campaign)


@pytest.mark.parametrize("name", [FOLDER, f"{FOLDER}/readings", f"{FOLDER}/run.json"])
def test_a_memory_that_cannot_be_written_costs_no_run(campaign: Path, name: str) -> None:
    out = campaign.parent / "out"
    if name == FOLDER:
        out.mkdir()
        (out / FOLDER).write_text("no folder")
    else:
        (out / name).mkdir(parents=True)
    run(campaign)
    assert (out / "consolidated.xlsx").is_file()
    assert {path.name for path in out.glob(f"{FOLDER}/*")} <= {"readings", "run.json"}


@pytest.mark.parametrize("text", ['{"outputs": []}', '{"outputs": null, "inputs": 3}', "[]", ""])
def test_a_manifest_of_another_shape_vouches_for_nothing(campaign: Path, text: str) -> None:
    run(campaign)
    (campaign.parent / "out/run.json").write_text(text)
    run(campaign)
    assert not (campaign.parent / "out/previous").exists()


# --- two runs at once -----------------------------------------------------------------------------------


def test_a_run_started_while_another_goes_on_reads_after_it(campaign: Path) -> None:
    """Else the one that started first could write last, and what had come meanwhile were gone again."""
    out, told = campaign.parent / "out", []
    out.mkdir()
    with ExitStack() as other_run:
        other_run.enter_context(held(out, lambda: told.append("never")))

        def waiting() -> None:
            told.append("waiting")
            write_form(campaign / "submissions/2021-04-22/b.xlsx", code="B2", counts=(5, 5, 5, 0))
            other_run.close()

        consolidate(Run(campaign, out, jobs=1), lambda *_: None, waiting, lambda: told.append("begun"))
    assert told == ["waiting", "begun"]
    seen = json.loads((out / "run.json").read_text("utf-8"))["seen"]
    assert seen == {"files": 2, "last_received": "2021-04-22T00:00:00+07:00"}


def test_a_run_that_fails_before_it_writes_leaves_no_folder(tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(OSError, match="no space"), held(out, lambda: None):
        raise OSError("no space left")
    assert not out.exists()
    out.mkdir()
    with pytest.raises(OSError, match="no space"), held(out, lambda: None):
        raise OSError("no space left")
    assert out.exists()


def test_a_lock_that_went_away_while_it_was_waited_for_is_made_anew(tmp_path: Path) -> None:
    """As when the first run of all fails, and takes its empty folder with it."""
    out = tmp_path / "out"
    with ExitStack() as other_run:
        other_run.enter_context(held(out, lambda: None))

        def waiting() -> None:
            (out / ".lock").unlink()
            other_run.close()

        with held(out, waiting):
            assert (out / ".lock").exists()
            told: list[str] = []
            with pytest.raises(TimeoutError), held(out, lambda: _give_up(told)):
                pass
    assert told == ["waiting"]


def _give_up(told: list[str]) -> None:
    told.append("waiting")
    raise TimeoutError


def test_a_plan_that_cannot_be_used_is_told_without_waiting(campaign: Path) -> None:
    out = campaign.parent / "out"
    with pytest.raises(FaultsError):
        consolidate(Run(campaign, out, round="9"), lambda *_: None, lambda: None)
    assert not out.exists()


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("lang", ["", "vi", "en"])
def test_how_far_it_is_is_said_in_the_language_asked_for_else_the_campaigns(
    campaign: Path, language: str, lang: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    plan = campaign / "campaign.toml"
    plan.write_text(f'language = "{language}"\n' + plan.read_text(encoding="utf-8"), encoding="utf-8")
    bars: list[str] = []

    class Bar(Progress):
        def __init__(self, language: str) -> None:
            bars.append(language)
            super().__init__(language)

    @contextmanager
    def held_by_another(_: Path, waiting: Callable[[], None]) -> Iterator[None]:
        waiting()
        yield

    monkeypatch.setattr("gc.disable", lambda: None)  # of this process, which goes on
    monkeypatch.setattr("pipeline.cli.Progress", Bar)
    monkeypatch.setattr("pipeline.consolidate.held", held_by_another)
    arguments = [str(campaign), "--output", str(campaign.parent / "out"), *(["--lang", lang] if lang else [])]
    assert main(["consolidate", *arguments, "--jobs", "1"]) == 0
    assert bars == [lang or language]
    assert capsys.readouterr().err.strip() == word("cli_waiting", lang or language)
