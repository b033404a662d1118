"""campaign.toml: every fault at the line of its key, all at once, in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest

from pipeline.settings import load_campaign
from schemas.campaign import VIETNAM
from schemas.faults import Fault, FaultsError

PLAN = """\
title = "Học tập Nghị quyết"
resolution = "Nghị quyết Đại hội XIII"

[issuer]
superior = "TỈNH ỦY"
name = "BAN THƯỜNG VỤ"
place = "Rạch Giá"

[[rounds]]
id = "1"
name = "Đợt 1"
due = 2021-04-29

[[rounds]]
id = "2"
name = "Đợt 2"
due = 2021-05-28
"""


def campaign_folder(folder: Path, text: str | bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "campaign.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def faults_of(folder: Path, text: str | bytes, language: str | None = "en") -> tuple[Fault, ...]:
    with pytest.raises(FaultsError) as refused:
        load_campaign(campaign_folder(folder, text), language)
    return refused.value.faults


def brief(faults: tuple[Fault, ...]) -> list[tuple[str, str, str]]:
    return [(fault.place, fault.key, fault.kind) for fault in faults]


def with_line(number: int, line: str) -> str:
    """Return the plan with one line replaced, or with lines added below its end."""
    lines = PLAN.splitlines()
    if number <= len(lines):
        lines[number - 1] = line
    else:
        lines += [""] * (number - len(lines) - 1) + [line]
    return "\n".join(lines) + "\n"


def test_a_plan_without_faults_is_loaded_and_named_after_its_folder(tmp_path: Path) -> None:
    campaign = load_campaign(campaign_folder(tmp_path / "kien-giang-2021", PLAN))
    assert campaign.id == "kien-giang-2021"
    assert [(r.id, r.due) for r in campaign.rounds] == [("1", date(2021, 4, 29)), ("2", date(2021, 5, 28))]


def test_a_plan_may_name_itself_and_fix_its_moment(tmp_path: Path) -> None:
    campaign = load_campaign(campaign_folder(tmp_path, 'id = "kg"\nas_of = 2021-05-03T08:00:00\n' + PLAN))
    assert (campaign.id, campaign.as_of) == ("kg", datetime(2021, 5, 3, 8, tzinfo=VIETNAM))


def test_byte_order_mark_line_ends_and_decomposed_letters_do_not_matter(tmp_path: Path) -> None:
    decomposed = PLAN.replace("Đợt", "Đo\u031b\u0323t").replace("\n", "\r\n")
    campaign = load_campaign(campaign_folder(tmp_path, b"\xef\xbb\xbf" + decomposed.encode()))
    assert campaign.rounds[0].name == "Đợt 1"


# A line of the plan replaced (or one below its end added): where the fault is, and which.
ONE_FAULT = """
    | line | text                                    | place   | key                    | kind                    |
    | 1    | titel = "x"                             | line 1  | titel                  | key_unknown             |
    | 1    |                                         | line 1  | title                  | key_missing             |
    | 1    | title = 5                               | line 1  | title                  | want_text               |
    | 2    | resolution = "  "                       | line 2  | resolution             | want_text               |
    | 3    | language = "fr"                         | line 3  | language               | want_one_of             |
    | 3    | as_of = 20210503                        | line 3  | as_of                  | want_moment             |
    | 3    | as_of = "3/5/2021"                      | line 3  | as_of                  | want_moment             |
    | 3    | passwords = "tuyengiao"                 | line 3  | passwords              | want_list               |
    | 3    | severity = "query"                      | line 3  | severity               | want_table              |
    | 3    | tree = { levels = ["province"] }        | line 3  | tree.levels            | want_longer_list        |
    | 3    | tree.levels = ["branch", "province"]    | line 3  | tree.levels            | want_levels             |
    | 3    | tree.levels = ["province", "brunch"]    | line 3  | tree.levels            | want_one_of             |
    | 3    | tree = { lvls = [] }                    | line 3  | tree.lvls              | key_unknown             |
    | 3    | items.exemptions = "maybe"              | line 3  | items.exemptions       | want_one_of             |
    | 3    | items.members = "no"                    | line 3  | items.members          | key_not_known           |
    | 3    | rules.attendance_rate_below = 80        | line 3  | rules.attendance_rate_below | want_share         |
    | 3    | rules.exempt_may_write = "có"           | line 3  | rules.exempt_may_write | want_bool               |
    | 3    | exemption_categories = ["exempt_job"]   | line 3  | exemption_categories   | want_one_of             |
    | 3    | severity.count_blnk = "off"             | line 3  | severity.count_blnk    | code_unknown            |
    | 3    | severity.count_blank = "fatal"          | line 3  | severity.count_blank   | want_one_of             |
    | 3    | study_deadlines.branch = 2021-05-01     | line 3  | study_deadlines.branch | want_deadline           |
    | 3    | study_deadlines.comune.date = 2021-05-01 | line 3 | study_deadlines.comune | want_one_of             |
    | 3    | study_deadlines.branch.date = 15        | line 3  | study_deadlines.branch.date | want_date          |
    | 3    | grades = [{ id = "Tốt", name = "Tốt" }] | line 3  | grades.id              | want_lower_id           |
    | 3    | grades = { id = "good", name = "Tốt" }  | line 3  | grades                 | want_tables             |
    | 3    | documents = [{ id = "plan", name = "KH", levels = [] }] | line 3 | documents.levels | want_longer_list |
    | 4    | [[issuer]]                              | line 4  | issuer                 | want_table              |
    | 5    | language = "en"                         | line 5  | issuer.language        | key_misplaced           |
    | 7    |                                         | line 4  | issuer.place           | key_missing             |
    | 10   | id = "đợt 1"                            | line 10 | rounds.id              | want_id                 |
    | 10   | id = "a-round-with-a-long-id"           | line 10 | rounds.id              | want_shorter            |
    | 12   |                                         | line 9  | rounds.due             | key_missing             |
    | 12   | dua = 2021-04-29                        | line 12 | rounds.dua             | key_unknown             |
    | 12   | due = "29/4/2021"                       | line 12 | rounds.due             | want_date               |
    | 12   | due = 2021-04-29T17:00:00               | line 12 | rounds.due             | want_date               |
    | 12   | due = 20210429                          | line 12 | rounds.due             | want_date               |
    | 12   | due = 0                                 | line 12 | rounds.due             | want_date               |
    | 15   | id = "1"                                | line 15 | rounds.id              | id_twice                |
    | 17   | due = 2021-04-29                        | line 17 | rounds.due             | round_not_after         |
    | 17   |                                         | line 14 | rounds.due             | key_missing             |
"""


def rows(table: str) -> Iterator[list[str]]:
    for line in table.strip().splitlines()[1:]:
        yield [cell.strip() for cell in line.strip().strip("|").split(" |")]


@pytest.mark.parametrize(("number", "text", "place", "key", "kind"), list(rows(ONE_FAULT)))
def test_one_fault(tmp_path: Path, number: str, text: str, place: str, key: str, kind: str) -> None:
    found = brief(faults_of(tmp_path, with_line(int(number), text)))
    gone = [("line 4", "issuer.superior", "key_missing")] if number == "5" else []  # what stood on that line
    assert found == [*gone, (place, key, kind)]


# Text that is no TOML: it is read as far as its first fault, and that line is named.
NO_TOML = """
    | line | text                          | kind              |
    | 1    | title = “Học tập”             | toml_curly_quotes |
    | 1    | title = "Học tập              | toml_text         |
    | 1    | title = "C:\\họp"             | toml_text         |
    | 1    | title = Học tập               | toml_value        |
    | 1    | tiêu đề = "Học tập"           | toml_statement    |
    | 1    | title                         | toml_statement    |
    | 2    | title = "Học tập"             | toml_twice        |
    | 4    | [issuer                       | toml_bracket      |
    | 5    | superior = "TỈNH ỦY" UBND     | toml_line_end     |
    | 3    | passwords = ["a", "b"         | toml_bracket      |
    | 12   | due = 29/4/2021               | toml_date_form    |
    | 12   | due = 29-4-2021               | toml_date_form    |
    | 12   | due = 2021-02-30              | toml_date         |
"""


@pytest.mark.parametrize(("number", "text", "kind"), list(rows(NO_TOML)))
def test_text_that_is_no_toml(tmp_path: Path, number: str, text: str, kind: str) -> None:
    (fault,) = faults_of(tmp_path, with_line(int(number), text))
    assert (fault.place, fault.kind) == (f"line {number}", kind)
    assert fault.found == text


def test_a_day_in_another_order_is_shown_as_it_should_be(tmp_path: Path) -> None:
    (fault,) = faults_of(tmp_path, with_line(12, "due = 5/4/2021"))
    assert "2021-04-05" in fault.expected


@pytest.mark.parametrize(
    ("text", "near"),
    [
        ('titel = "x"', "title"),
        ('severity.count_blnk = "off"', "count_blank"),
        ('items.reflections = "requierd"', "required"),
        ("study_deadlines.grasroots.date = 2021-05-01", "grassroots"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest_known_one(tmp_path: Path, text: str, near: str) -> None:
    (fault,) = faults_of(tmp_path, with_line(1 if text.startswith("titel") else 3, text))
    assert f"“{near}”" in fault.expected


def test_every_fault_is_told_at_once_in_the_order_of_the_lines(tmp_path: Path) -> None:
    text = PLAN.replace('title = "Học tập Nghị quyết"', 'titel = "x"').replace("due = 2021-05-28", "due = 2021-01-01")
    text += '\n[items]\nexemptions = "no"\nattendees = "requird"\n\n[severity]\ncount_blnk = "query"\n'
    assert brief(faults_of(tmp_path, text)) == [
        ("line 1", "titel", "key_unknown"),
        ("line 17", "rounds.due", "round_not_after"),
        ("line 20", "items.exemptions", "exemptions_needed"),
        ("line 21", "items.attendees", "want_one_of"),
        ("line 24", "severity.count_blnk", "code_unknown"),
    ]


CONTRADICTIONS = {
    'documents = [{ id = "a", name = "A", levels = ["branch"] }, { id = "a", name = "B", levels = ["branch"] }]': (
        "documents.id",
        "id_twice",
    ),
    'grades = [{ id = "a", name = "A" }, { id = "a", name = "B" }]': ("grades.id", "id_twice"),
    'tree.levels = ["province", "branch"]\nstudy_deadlines.district.date = 2021-05-01': (
        "study_deadlines.district",
        "level_not_in_tree",
    ),
    'tree.levels = ["province", "branch"]\ndocuments = [{ id = "a", name = "A", levels = ["district"] }]': (
        "documents.levels",
        "level_not_in_tree",
    ),
    'rules.required_writers = "members"\nitems.exemptions = "no"\nexemption_categories = ["exempt_work"]': (
        "exemption_categories",
        "no_exemptions",
    ),
    'rules.exempt_may_write = false\nitems.exemptions = "no"': ("items.exemptions", "exemptions_needed"),
    'items.exemptions = "no"\nrules.required_writers = "members_less_exempt"': (
        "rules.required_writers",
        "writers_need_exemptions",
    ),
}


@pytest.mark.parametrize("text", CONTRADICTIONS)
def test_parts_that_contradict_each_other_are_told_at_the_last_of_them(tmp_path: Path, text: str) -> None:
    head, tail = PLAN.split("\n[issuer]")
    (fault,) = faults_of(tmp_path, f"{head}{text}\n[issuer]{tail}")
    assert (fault.key, fault.kind) == CONTRADICTIONS[text]
    assert fault.place == f"line {2 + len(text.splitlines())}"


def test_no_file_and_a_file_that_is_not_utf8(tmp_path: Path) -> None:
    with pytest.raises(FaultsError) as refused:
        load_campaign(tmp_path / "nowhere", "en")
    (fault,) = refused.value.faults
    assert (fault.file, fault.place, fault.kind) == ("nowhere/campaign.toml", "", "campaign_missing")
    (fault,) = faults_of(tmp_path, PLAN.encode("utf-16"))
    assert (fault.place, fault.kind) == ("line 1", "not_utf8")
    (fault,) = faults_of(tmp_path, PLAN.replace("TỈNH ỦY", "T\udcc8NH").encode(errors="surrogateescape"))
    assert (fault.place, fault.kind) == ("line 5", "not_utf8")


def test_faults_speak_the_language_asked_for_else_the_plans_own_else_vietnamese(tmp_path: Path) -> None:
    def places(text: str, language: str | None) -> set[str]:
        return {fault.place for fault in faults_of(tmp_path, text, language)}

    wrong = PLAN.replace("2021-04-29", '"x"')
    assert places(wrong, None) == {"dòng 12"}
    assert places('language = "en"\n' + wrong, None) == {"line 13"}
    assert places('language = "en"\n' + wrong, "vi") == {"dòng 13"}
    assert places('language = "en"\n' + wrong.replace('"x"', "x"), None) == {"line 13"}


def test_the_text_of_the_error_is_one_line_a_fault_with_all_of_its_parts(tmp_path: Path) -> None:
    faults = faults_of(tmp_path / "kg", with_line(12, 'due = "mai"\nnote = """a\nb"""'))
    lines = str(FaultsError(faults)).splitlines()
    assert len(lines) == len(faults) == 2
    for line, fault in zip(lines, faults, strict=True):
        assert line.startswith(f"kg/campaign.toml, {fault.place}, {fault.key}: ")
        assert fault.found in line
        assert fault.expected in line
