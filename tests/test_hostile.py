"""Everything hostile at once, sent beside fifty good files to one run: what each thing ends as, and what comes out.

The things themselves stand in tests/hostile/. The run is a process of its own with a time limit and a memory limit,
so that a run which hangs or swells fails this test and not the machine.
"""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any, Final

import openpyxl
import pytest

from pipeline.decisions import read_rulings
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from schemas.decisions import FILE as DECISIONS
from tests.hostile.maker import Hostile, gathered, send
from tests.hostile.names import NAMES, SPECIAL, send_special
from tests.hostile.packages import zipped
from tests.hostile.texts import LIVE

# openpyxl knows no data bars of 2010 and says so
pytestmark = pytest.mark.filterwarnings("ignore:.*xtension is not supported.*:UserWarning", "ignore:Duplicate name.*")

ROOT: Final = Path(__file__).parents[1]
SECONDS_A_FILE: Final = 8  # of this run; files that hang take all of it, twice
SECONDS: Final = 900  # of the whole run, on any machine
MEMORY: Final = 6 << 30  # address space of the run's own process
RUN: Final = f"""
import sys
from schemas import limits
limits.SECONDS_A_FILE = {SECONDS_A_FILE}
from pipeline.cli import main
sys.exit(main(sys.argv[1:]))
"""
PLAN: Final = """
title = "Học tập <b>&</b> 'quán triệt' =1+1"
resolution = "Nghị quyết"
as_of = 2021-05-10T08:00:00
tree.levels = ["province", "district", "grassroots", "branch"]

[issuer]
superior = "TỈNH ỦY"
name = "BAN TUYÊN GIÁO"
place = "Kiên Giang"

[[rounds]]
id = "1"
name = "Đợt 1"
due = 2021-04-29
"""
GOOD: Final = 50
FORMULA_WORDS: Final = re.compile(r"cmd|evil|HYPERLINK|IMPORTXML|WEBSERVICE|DDE|1\+1|\bfile:|https?:", re.IGNORECASE)
UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
TURNING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
MARKUP: Final = ("<b>&amp;\"'</b>", "=1+1", "@SUM(1)", "-1+1", "+1", "{0} %s", "]]>", "'x", "x" * 300)


@dataclass(frozen=True)
class Outcome:
    """What a run left behind."""

    folder: Path
    output: Path
    before: set[Path]
    ended: subprocess.CompletedProcess[str]
    hostile: list[Hostile]

    def table(self, name: str) -> list[dict[str, str]]:
        with (self.output / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
            return list(csv.DictReader(file))


def _units(hostile: list[Hostile]) -> Iterator[tuple[str, ...]]:
    yield "unit_code", "unit_name", "level", "parent_code"
    yield "P", "Tỉnh ủy <script>alert(1)</script>", "province", ""
    yield "D", '=HYPERLINK("http://evil.example")', "district", "P"
    yield "C", "Đảng bộ xã Tốt", "grassroots", "D"
    yield "H", "Đảng bộ xã '; DROP TABLE <units>", "grassroots", "D"
    for n in range(GOOD):
        yield f"G-{n:02}", f"Chi bộ ấp {n}", "branch", "C"
    known = [thing.unit for thing in hostile if thing.unit]
    for n, unit in enumerate([*known, "H-TWO", "H-ROUND"]):
        yield unit, f"Chi bộ {unit} {MARKUP[n % len(MARKUP)]}", "branch", "H"


def _good_forms(folder: Path) -> list[bytes]:
    campaign = load_campaign(folder)
    forms = []
    for n in range(GOOD):
        values = {"members": 20 + n, "attendees": 19 + n, "guests": 1, "reflections": 18, "exemptions": n + 2,
                  "assessment": "Tốt", "proposals": "Không"}  # fmt: skip
        made = BytesIO()
        names = {"unit_code": f"G-{n:02}", "unit_name": f"Chi bộ ấp {n}", "parent_name": "Đảng bộ xã Tốt"}
        write_template(made, campaign=campaign, round="1", values=values, **names)
        forms.append(made.getvalue())
    return forms


def _send_good(folder: Path) -> None:
    """Most as files, some in one archive, some as attachments."""
    submissions = folder / "submissions"
    (submissions / "2021-04-20").mkdir(parents=True)
    forms = _good_forms(folder)
    for n, form in enumerate(forms[:38]):
        (submissions / "2021-04-20" / f"good {n}.xlsx").write_bytes(form)
    (submissions / "2021-04-20" / "good.zip").write_bytes(
        zipped([(f"{n}.xlsx", form) for n, form in enumerate(forms[38:44])])
    )
    for n, form in enumerate(forms[44:]):
        (submissions / f"good {n}.eml").write_bytes(_mailed(form))


def _mailed(form: bytes) -> bytes:
    from email.message import EmailMessage

    message = EmailMessage()
    message["From"], message["Date"] = "good@example.vn", "Tue, 20 Apr 2021 08:00:00 +0700"
    message.set_content("Kính gửi")
    message.add_attachment(form, maintype="application", subtype="octet-stream", filename="Biểu.xlsx")
    return message.as_bytes()


def _limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    top = tmp_path_factory.mktemp("hostile")
    folder, output, outside = top / "campaign", top / "output", top / "outside"
    folder.mkdir()
    outside.mkdir()
    hostile = list(gathered())
    (folder / "campaign.toml").write_text(PLAN, encoding="utf-8")
    with (folder / "units.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(_units(hostile))
    _send_good(folder)
    send(hostile, folder / "submissions")
    send_special(folder / "submissions", outside)
    before = _everything(top)
    ended = subprocess.run(
        [sys.executable, "-c", RUN, "consolidate", str(folder), "--output", str(output)],
        cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, preexec_fn=_limited, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr[-4000:]
    return Outcome(folder, output, before, ended, hostile)


def _everything(top: Path) -> set[Path]:
    found: set[Path] = set()
    for folder, folders, files in os.walk(top):
        found |= {Path(folder, name) for name in (*folders, *files)}
    return found


# --- what each thing ends as ----------------------------------------------------------------------------


def test_each_hostile_thing_ends_as_it_must(outcome: Outcome) -> None:
    rows: dict[str, list[dict[str, str]]] = {}
    for row in outcome.table("files"):
        rows.setdefault(_named(row["file"]), []).append(row)
    codes: dict[str, set[str]] = {}
    for finding in outcome.table("findings"):
        codes.setdefault(_named(finding["file"]), set()).add(finding["code"])
    faults = [
        f"{thing.name[:80]!r}: {fault}"
        for thing in outcome.hostile
        for fault in _faults(thing, rows.get(_shown(thing.name), []), codes.get(_shown(thing.name), set()))
    ]
    assert not faults, "\n".join(faults)


def _named(written: str) -> str:
    """A name as it was before it was put into a CSV: text that a spreadsheet would run bears an apostrophe there."""
    return written[1:] if written[:1] == "'" and written[1:2] in tuple("=+-@\t\r") else written


def _shown(name: str) -> str:
    """A file's name as it is shown: what would break a line or turn its direction is replaced, one for one."""
    return re.sub(f"[\n\t\r]|{UNWRITABLE.pattern}|{TURNING.pattern}", "\ufffd", name)


def _faults(thing: Hostile, rows: list[dict[str, str]], codes: set[str]) -> Iterator[str]:
    if not rows:
        yield "no row in files.csv"
    for row in rows:
        if row["status"] not in thing.status:
            yield f"{row['status']} ({row['reason'][:200]}), not {', '.join(sorted(thing.status))}; {sorted(codes)}"
        elif row["status"] != "counted" and not row["reason"].strip():
            yield f"{row['status']} without a reason"
    if thing.codes and not codes & thing.codes:
        yield f"none of {', '.join(sorted(thing.codes))} but {', '.join(sorted(codes)) or 'nothing'}"
    held = Counter(row["member"] for row in rows)
    if thing.members and set(held) != set(thing.members):
        yield f"holds {sorted(held)}, not {sorted(thing.members)}"
    if any(count > 1 for count in held.values()):
        yield f"two rows of one name: {held.most_common(1)}"


def test_what_is_no_file_is_reported_and_not_followed(outcome: Outcome) -> None:
    codes = {
        finding["file"]: finding["code"]
        for finding in outcome.table("findings")
        if finding["file"].startswith("special/")
    }
    assert codes == SPECIAL


def test_all_good_files_count_with_their_figures(outcome: Outcome) -> None:
    units = {row["unit_code"]: row for row in outcome.table("units")}
    found = {
        code: (row["flag"], row["members"], row["reflections"]) for code, row in units.items() if code.startswith("G-")
    }
    assert found == {f"G-{n:02}": ("complete", str(20 + n), "18") for n in range(GOOD)}
    assert (units["C"]["members"], units["C"]["complete"]) == (str(sum(range(20, 20 + GOOD))), str(GOOD))


def test_a_good_form_counts_however_bad_it_looks(outcome: Outcome) -> None:
    units = {row["unit_code"]: row for row in outcome.table("units")}
    expected = {(thing.unit, name): str(value) for thing in outcome.hostile for name, value in thing.values.items()}
    assert {(unit, name): units[unit][name] for unit, name in expected} == expected


def test_the_run_says_nothing_frightening(outcome: Outcome) -> None:
    assert not re.search(r"Traceback|panicked|Aborted|Exception|Warning", outcome.ended.stdout + outcome.ended.stderr)


def test_what_is_asked_about_goes_back_whatever_it_is_called(outcome: Outcome) -> None:
    asked = {row["file"] for row in outcome.table("files") if row["status"] == "counted" and row["query_count"] != "0"}
    made = {row["file"] for row in outcome.table("returned/returned") if row["copy"]}
    assert {_named(file) for file in asked} >= {f"names/{_shown(name)}" for name in NAMES.values()}
    assert asked <= made


def test_nothing_is_written_beside_the_outputs(outcome: Outcome) -> None:
    top = outcome.folder.parent
    new = {path for path in _everything(top) - outcome.before if outcome.output not in (path, *path.parents)}
    assert new <= {outcome.folder / DECISIONS}
    escaped = [path for base in (top, ROOT, Path.cwd()) for path in base.glob("*escaped*")]
    assert not escaped
    assert not [*ROOT.glob("core*"), *top.rglob("core.*")]


# --- what comes out -------------------------------------------------------------------------------------


def _books(outcome: Outcome) -> Iterator[Path]:
    yield outcome.output / "consolidated.xlsx"
    yield outcome.folder / DECISIONS
    yield from sorted((outcome.output / "returned").rglob("*.xlsx"))


def test_nothing_a_sender_wrote_becomes_a_formula(outcome: Outcome) -> None:
    for path in _books(outcome):
        for sheet in openpyxl.load_workbook(path).worksheets:
            for row in sheet.iter_rows():
                live = [cell.value for cell in row if cell.data_type == "f" and FORMULA_WORDS.search(str(cell.value))]
                assert not live, (path.name, sheet.title, live)


def test_no_workbook_links_anywhere_or_runs_anything(outcome: Outcome) -> None:
    for path in _books(outcome):
        with zipfile.ZipFile(path) as book:
            assert book.testzip() is None
            for name in book.namelist():
                content = book.read(name)
                assert not re.search(r"vbaProject|externalLink|activeX|embeddings|connections", name), (path, name)
                assert b"<!DOCTYPE" not in content, (path, name)
                assert b'TargetMode="External"' not in content, (path, name)
                for link in re.findall(rb"<hyperlink [^>]*>", content):
                    assert b" r:id=" not in link, (path, link)
                    is_ours = re.search(rb" location=\"'[^'=]+'![A-Z]+[0-9]+\"", link)
                    assert is_ours or "returned" in path.parts, (path, link)  # a sender's own copy may hold its own


def test_every_cell_holds_no_more_than_excel_opens(outcome: Outcome) -> None:
    for path in (outcome.output / "consolidated.xlsx", outcome.folder / DECISIONS):
        for sheet in openpyxl.load_workbook(path).worksheets:
            for row in sheet.iter_rows(values_only=True):
                for value in row:
                    if isinstance(value, str):
                        assert len(value.encode("utf-16-le")) <= 2 * 32_767, (path.name, sheet.title, value[:50])
                        assert not UNWRITABLE.search(value), (path.name, sheet.title, value[:200])


@pytest.mark.parametrize("name", ["files", "findings", "units", "texts"])
def test_no_field_of_a_csv_is_live(outcome: Outcome, name: str) -> None:
    for row in outcome.table(name):
        for column, field in row.items():
            assert not field.startswith(("=", "+", "-", "@", "\t", "\r")), (column, field[:100])
            assert not UNWRITABLE.search(field), (column, field[:200])
            assert not TURNING.search(field), (column, field[:200])


def test_texts_stay_as_they_were_typed(outcome: Outcome) -> None:
    texts = {(row["unit_code"], row["item"]): row["text"] for row in outcome.table("texts")}
    for number, text in enumerate(LIVE):
        if text.isprintable() and text.strip() == text and text[0] not in "=+-@" and "_x" not in text:
            assert texts[f"H-T{number:02}", "assessment"] == text
    assert texts["H-T00", "assessment"] == "'" + LIVE[0]


def test_members_are_labels_and_never_paths(outcome: Outcome) -> None:
    for row in outcome.table("files"):
        member = _named(row["member"])
        assert not member.startswith(("/", "\\")), member[:80]
        assert ".." not in member.split("/"), member[:80]
        assert "\\" not in member, member[:80]
        assert len(member) <= 300, member[:80]


def test_the_manifest_and_the_questions_can_be_read_again(outcome: Outcome) -> None:
    manifest: dict[str, Any] = json.loads((outcome.output / "run.json").read_text(encoding="utf-8"))
    assert manifest["counts"]["files"]["counted"] >= GOOD
    assert read_rulings(outcome.folder, "vi").all == []  # nobody has ruled, and nothing reads as if
