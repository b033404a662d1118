"""Rulings as they are really written: of a report that another follows, twice, against each other, in any spelling."""

from __future__ import annotations

import re
import unicodedata
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from pipeline.decisions import read_rulings
from schemas.decisions import COLUMNS
from schemas.result import Result
from schemas.words import word
from tests.deciding import APPLIED, flag, make_campaign, outcomes, rule, run, status, write_form
from tests.received_tables import cells, lines

CONTRADICTED, UNFIT = word("outcome_contradicted", "vi"), word("outcome_unfit", "vi")
IDLE = word("outcome_idle", "vi")


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return make_campaign(tmp_path / "campaign")


def members(result: Result) -> object:
    value = result.round_units("1").at["B1", "members"]
    return None if pd.isna(value) else value


def queries(result: Result) -> list[str]:
    found = result.findings
    return sorted(found[(found["severity"] == "query") & (found["unit_code"] == "B1")]["code"])


def in_conflict(campaign: Path) -> None:
    """Two reports of B1 of one moment: of 10 members, and of 11."""
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 9, 1))
    write_form(campaign / "submissions/2021-04-20/b.xlsx", code="B1", counts=(11, 11, 10, 1))
    run(campaign)


# --- the report taken, and one that the ruling did not know of ---------------------------------------------


@pytest.mark.parametrize("day", ["2021-04-20", "2021-04-25"])
def test_a_report_that_came_after_the_ruling_is_asked_about(campaign: Path, day: str) -> None:
    in_conflict(campaign)
    rule(campaign, "conflict_same_time", file="b.xlsx", decision="prefer")
    assert (flag(run(campaign), "B1"), members(run(campaign))) == ("complete", 11)
    write_form(campaign / f"submissions/{day}/c.xlsx", code="B1", counts=(12, 12, 11, 1))
    result = run(campaign)
    assert (flag(result, "B1"), members(result)) == ("queried", 11)
    assert queries(result) == ["newer_than_preferred"]
    assert f"{day}/c.xlsx" in result.findings.set_index("code")["message"]["newer_than_preferred"]
    rule(campaign, "newer_than_preferred", decision="confirm")
    assert (flag(run(campaign), "B1"), members(run(campaign))) == ("complete", 11)
    write_form(campaign / f"submissions/{day}/c.xlsx", code="B1", counts=(13, 13, 12, 1))
    assert queries(run(campaign)) == ["newer_than_preferred"]  # other figures: the question is asked anew


def test_taking_the_file_again_settles_what_the_first_ruling_did_not_know_of(campaign: Path) -> None:
    in_conflict(campaign)
    rule(campaign, "conflict_same_time", file="b.xlsx", decision="prefer")
    write_form(campaign / "submissions/2021-04-25/c.xlsx", code="B1", counts=(12, 12, 11, 1))
    run(campaign)
    rule(campaign, "newer_than_preferred", decision="prefer")
    result = run(campaign)
    assert (flag(result, "B1"), members(result), outcomes(result)) == ("complete", 11, [APPLIED, APPLIED])


def test_the_newer_report_counts_when_the_ruling_is_cleared(campaign: Path) -> None:
    in_conflict(campaign)
    rule(campaign, "conflict_same_time", file="b.xlsx", decision="prefer")
    write_form(campaign / "submissions/2021-04-25/c.xlsx", code="B1", counts=(12, 12, 11, 1))
    run(campaign)
    rule(campaign, "conflict_same_time", file="b.xlsx", decision=None)
    assert (flag(run(campaign), "B1"), members(run(campaign))) == ("complete", 12)


def test_a_newer_report_with_errors_is_asked_about_beside_the_one_taken(campaign: Path) -> None:
    in_conflict(campaign)
    rule(campaign, "conflict_same_time", file="b.xlsx", decision="prefer")
    write_form(campaign / "submissions/2021-04-25/c.xlsx", code="B1", counts=(12, 20, 11, 1))
    result = run(campaign)
    assert (flag(result, "B1"), members(result), queries(result)) == ("queried", 11, ["newer_has_errors"])


@pytest.mark.parametrize(
    ("day", "counts"),
    [("2021-04-15", (12, 12, 11, 1)), ("2021-04-25", (11, 11, 10, 1))],
    ids=["older", "the same figures"],
)
def test_a_report_that_would_change_nothing_is_not_asked_about(
    campaign: Path, day: str, counts: tuple[int, ...]
) -> None:
    in_conflict(campaign)
    rule(campaign, "conflict_same_time", file="b.xlsx", decision="prefer")
    write_form(campaign / f"submissions/{day}/c.xlsx", code="B1", counts=counts, assessment="Khá")
    assert (flag(run(campaign), "B1"), members(run(campaign))) == ("complete", 11)


def test_one_of_two_lines_of_a_list_can_be_taken(campaign: Path) -> None:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    heads = ("Mã đơn vị", "Tên chi bộ", "Tổng số đảng viên", "Số đảng viên dự học tập")
    sheet.append((*heads, "Số đảng viên viết thu hoạch", "Số đảng viên miễn viết thu hoạch"))
    sheet.append(("B1", "Chi bộ ấp 1", 10, 10, 9, 1))
    sheet.append(("B1", "Chi bộ ấp 1", 11, 11, 10, 1))
    sheet.append(("B2", "Chi bộ ấp 2", 5, 5, 5, 0))
    (campaign / "submissions/2021-04-20").mkdir(parents=True)
    book.save(campaign / "submissions/2021-04-20/list.xlsx")
    assert flag(run(campaign), "B1") == "rejected"
    row = rule(campaign, "conflict_same_time", decision="prefer")
    line = openpyxl.load_workbook(campaign / "decisions.xlsx").worksheets[0].cell(row, 18).value
    assert members(run(campaign)) == {2: 10, 3: 11}[line]


def test_whose_the_other_report_is_stays_a_question(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", name="CHI BỘ ẤP 1", counts=(10, 10, 9, 1))
    write_form(campaign / "submissions/2021-04-20/b.xlsx", code="B1", name="CHI BỘ ẤP 2", counts=(11, 11, 10, 1))
    run(campaign)
    rule(campaign, "conflict_same_time", file="a.xlsx", decision="prefer")
    result = run(campaign)
    assert (flag(result, "B1"), status(result, "2021-04-20/b.xlsx")) == ("complete", "superseded")
    asked = result.questions.set_index("code")["file"]
    assert asked["name_differs_from_code"] == "2021-04-20/b.xlsx"


# --- two rulings about one thing ---------------------------------------------------------------------------


def test_taking_both_of_two_reports_takes_neither_and_is_said(campaign: Path) -> None:
    in_conflict(campaign)
    rule(campaign, "conflict_same_time", file="a.xlsx", decision="prefer")
    rule(campaign, "conflict_same_time", file="b.xlsx", decision="prefer")
    result = run(campaign)
    assert (flag(result, "B1"), members(result)) == ("rejected", None)
    assert outcomes(result) == [CONTRADICTED, CONTRADICTED]
    assert (result.findings["code"] == "decision_contradicted").sum() == 2


def doubled(campaign: Path, row: int, **filled: object) -> None:
    """Write a ruling's row once more at the end, as a person who copies it does, with other words in some columns."""
    path = campaign / "decisions.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    end = sheet.max_row + 1
    for head in sheet[1]:
        sheet.cell(end, head.column, sheet.cell(row, head.column).value)
        for key, value in filled.items():
            if head.value == word(f"decision_{key}", "vi"):
                sheet.cell(end, head.column, value)
    book.save(path)


def test_placing_a_file_at_two_units_places_it_at_neither_and_is_said(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", name="CHI BỘ ẤP MỘT", counts=(10, 10, 9, 1))
    run(campaign)
    row = rule(campaign, "unit_not_found", decision="place", place_unit="B1")
    doubled(campaign, row, place_unit="B2")
    result = run(campaign)
    assert status(result, "2021-04-20/a.xlsx") == "unidentified"
    assert outcomes(result) == [CONTRADICTED, CONTRADICTED]


def test_two_new_values_for_one_cell_change_nothing_and_are_said(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 17, 9, 1))
    run(campaign)
    doubled(campaign, rule(campaign, "over_members", decision="override", new_value=9), new_value=8)
    result = run(campaign)
    assert flag(result, "B1") == "rejected"
    assert outcomes(result) == [CONTRADICTED, CONTRADICTED]


def test_a_value_put_in_can_be_replaced_in_its_turn(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 17, 9, 1))
    run(campaign)
    rule(campaign, "over_members", decision="override", new_value=4)
    assert "attendance_low" in queries(run(campaign))
    rule(campaign, "attendance_low", decision="override", new_value=9)
    result = run(campaign)
    assert (flag(result, "B1"), result.round_units("1").at["B1", "attendees"]) == ("complete", 9)
    assert outcomes(result) == [APPLIED, APPLIED]


@pytest.mark.parametrize(
    ("code", "counts", "filled"),
    [
        ("reflections_below_required", (10, 10, 8, 1), {"decision": "confirm"}),
        ("over_members", (10, 17, 9, 1), {"decision": "override", "new_value": 10}),
        ("over_members", (10, 17, 9, 1), {"decision": "exclude"}),
    ],
)
def test_the_same_ruling_twice_is_one(
    campaign: Path, code: str, counts: tuple[int, ...], filled: dict[str, object]
) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=counts)
    run(campaign)
    doubled(campaign, rule(campaign, code, **filled))
    assert outcomes(run(campaign)) == [APPLIED, APPLIED]


# --- as it is typed ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [unicodedata.normalize("NFD", "Xác nhận đúng"), " xác  nhận\u00a0ĐÚNG "],
    ids=["parted letters and marks", "spaces and capitals"],
)
def test_a_decision_is_known_however_it_is_typed(campaign: Path, typed: str) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    rule(campaign, "reflections_below_required", decision=typed)
    assert flag(run(campaign), "B1") == "complete"


def test_headings_are_known_however_they_are_typed(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    rule(campaign, "reflections_below_required", decision="confirm")
    path = campaign / "decisions.xlsx"
    book = openpyxl.load_workbook(path)
    for head in book.worksheets[0][1]:
        head.value = unicodedata.normalize("NFD", str(head.value).upper())
    book.save(path)
    write_form(campaign / "submissions/2021-04-20/b.xlsx", code="B2", counts=(10, 10, 8, 1))
    assert (flag(run(campaign), "B1"), flag(run(campaign), "B2")) == ("complete", "queried")
    assert openpyxl.load_workbook(path).worksheets[0].max_row == 3


@pytest.mark.parametrize("new", ["9 đ/c", "1.2", -3])
def test_a_new_value_that_is_no_number_is_said_to_be_none(campaign: Path, new: object) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 17, 9, 1))
    run(campaign)
    rule(campaign, "over_members", decision="override", new_value=new)
    result = run(campaign)
    assert (flag(result, "B1"), outcomes(result)) == ("rejected", [UNFIT])
    assert "decision_unfit" in set(result.findings["code"])


def test_a_round_cannot_be_overridden_and_that_is_said(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B9", counts=(10, 10, 9, 1))
    run(campaign)
    rule(campaign, "unit_unknown", decision="override", new_value="B1")
    assert outcomes(run(campaign)) == [UNFIT]


def test_a_text_told_by_telephone_stands_where_none_was(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 9, 1), assessment="")
    assert queries(run(campaign)) == ["assessment_blank"]
    rule(campaign, "assessment_blank", decision="override", new_value="Viết nghiêm túc")
    result = run(campaign)
    assert (flag(result, "B1"), outcomes(result)) == ("complete", [APPLIED])
    assert result.texts["text"].tolist() == ["Viết nghiêm túc"]


def test_a_ruling_without_a_name_reads_as_one(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 17, 9, 1))
    run(campaign)
    rule(campaign, "over_members", decision="override", new_value=10, who=None)
    assert "quyết định của –:" in run(campaign).findings.set_index("code")["message"]["value_overridden"]


def test_a_ruling_by_a_formula_outlives_a_run_that_adds_questions(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 17, 9, 1))
    run(campaign)
    row = rule(campaign, "over_members", decision="override", new_value="=4+5")
    calculated(campaign / "decisions.xlsx", "4+5", "9")
    assert flag(run(campaign), "B1") == "complete"
    write_form(campaign / "submissions/2021-04-20/b.xlsx", code="B2", counts=(10, 17, 9, 1))
    run(campaign)  # writes decisions.xlsx
    assert openpyxl.load_workbook(campaign / "decisions.xlsx").worksheets[0].cell(row, 12).value == 9
    assert flag(run(campaign), "B1") == "complete"


def calculated(path: Path, formula: str, value: str) -> None:
    """Put a formula's value beside it, as Excel and LibreOffice do when they save and openpyxl does not."""
    with zipfile.ZipFile(path) as book:
        parts = {name: book.read(name) for name in book.namelist()}
    for name, part in parts.items():
        parts[name] = re.sub(
            rf"<f>{re.escape(formula)}</f><v ?/?>(</v>)?".encode(), f"<f>{formula}</f><v>{value}</v>".encode(), part
        )
    with zipfile.ZipFile(path, "w") as book:
        for name, part in parts.items():
            book.writestr(name, part)


def test_a_code_typed_with_leading_zeros_stays_one(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", name="CHI BỘ ẤP MỘT", counts=(10, 10, 9, 1))
    run(campaign)
    sheet = openpyxl.load_workbook(campaign / "decisions.xlsx").worksheets[0]
    assert {sheet.cell(row, 11).number_format for row in range(2, sheet.max_row + 1)} == {"@"}


# --- of which round -------------------------------------------------------------------------------------


def in_doubt(campaign: Path) -> None:
    """B1's report of round 1, and one on the same form a month later, in the days of round 2."""
    plan = campaign / "campaign.toml"
    second = ', { id = "2", name = "Đợt 2", due = 2021-05-28 }]'
    plan.write_text(plan.read_text("utf-8").replace("}]", "}" + second, 1), "utf-8")
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 9, 1), head="Đợt 1")
    write_form(campaign / "submissions/2021-05-20/b.xlsx", code="B1", counts=(12, 12, 11, 1), head="Đợt 1")
    run(campaign)


ROUNDS = """
    | code                    | decision | new_value | first    | members | second | outcome |
    | round_doubtful          | override | 2         | complete | 10      | 12     | applied |
    | round_doubtful          | override | Đợt 2     | complete | 10      | 12     | applied |
    | round_doubtful          | override | 7         | queried  | 10      |        | unfit   |
    | round_doubtful          | prefer   |           | complete | 12      |        | applied |
    | round_doubtful          | exclude  |           | complete | 10      |        | applied |
    | newer_of_doubtful_round | confirm  |           | complete | 10      |        | applied |
    | newer_of_doubtful_round | prefer   |           | complete | 10      |        | applied |
"""


@pytest.mark.parametrize(("code", "decision", "new_value", "first", "members", "second", "outcome"), lines(ROUNDS))
def test_a_person_rules_of_which_round_a_report_is(
    campaign: Path, code: str, decision: str, new_value: str, first: str, members: str, second: str, outcome: str
) -> None:
    in_doubt(campaign)
    rule(campaign, code, decision=decision, **({"new_value": new_value} if new_value else {}))
    result = run(campaign)
    units = result.units.set_index(["unit_code", "round"])
    assert units["flag"]["B1", "1"] == first
    assert cells(units.loc[[("B1", "1"), ("B1", "2")]], "members") == [[members], [second]]
    assert outcomes(result) == [word(f"outcome_{outcome}", "vi")]


def test_of_which_round_a_report_is_cannot_be_two_things(campaign: Path) -> None:
    in_doubt(campaign)
    row = rule(campaign, "round_doubtful", decision="override", new_value="2")
    path = campaign / "decisions.xlsx"
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    sheet.append([cell.value if cell.value != "2" else "1" for cell in sheet[row]])
    book.save(path)
    assert outcomes(run(campaign)) == [CONTRADICTED, CONTRADICTED]


# --- a ruling that changes nothing, and rulings in another order --------------------------------------------


def test_taking_a_report_that_has_no_other_beside_it_changes_nothing_and_says_so(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 5, 1))
    run(campaign)
    rule(campaign, "reflections_below_required", decision="prefer")
    result = run(campaign)
    assert outcomes(result) == [IDLE]
    assert flag(result, "B1") == "queried"
    assert result.findings.set_index("code")["severity"]["decision_idle"] == "info"


def test_rulings_in_another_order_are_the_same_rulings(campaign: Path) -> None:
    for unit in ("B1", "B2"):
        write_form(campaign / f"submissions/2021-04-20/{unit}.xlsx", code=unit, counts=(10, 10, 5, 1))
    run(campaign)
    for unit in ("B1", "B2"):
        rule(campaign, "reflections_below_required", file=f"{unit}.xlsx", decision="confirm", who=unit)
    run(campaign)
    path = campaign / "decisions.xlsx"
    before = read_rulings(campaign, "vi")
    book = openpyxl.load_workbook(path)
    sheet = book.worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2)]
    for number, values in enumerate(reversed(rows), 2):
        for column, value in enumerate(values, 1):
            sheet.cell(number, column).value = value
    book.save(path)
    after = read_rulings(campaign, "vi")
    assert [ruling.who for ruling in after.all] == [ruling.who for ruling in reversed(before.all)]
    assert after.digest() == before.digest()
    sheet.cell(2, 1 + list(COLUMNS).index("reason")).value = "Vì lý do khác"
    book.save(path)
    assert read_rulings(campaign, "vi").digest() != before.digest()


# --- of which campaign ------------------------------------------------------------------------------------

STUDIES = """
    | head                                                  | flag     | codes            |
    | học tập Nghị quyết Đại hội XI Đảng bộ tỉnh            | complete |                  |
    | NQ ĐH Đảng bộ tỉnh lần thứ 11                         | complete |                  |
    | kết quả học tập Nghị quyết                            | complete |                  |
    | học tập, quán triệt Nghị quyết Trung ương 4 khóa XIII | queried  | other_resolution |
    | học tập Nghị quyết Đại hội X Đảng bộ tỉnh             | queried  | other_resolution |
"""


@pytest.mark.parametrize(("head", "state", "codes"), lines(STUDIES))
def test_a_form_that_names_another_resolution_is_asked_about(campaign: Path, head: str, state: str, codes: str) -> None:
    plan = campaign / "campaign.toml"
    named = 'resolution = "Nghị quyết Đại hội XI Đảng bộ tỉnh"'
    plan.write_text(plan.read_text("utf-8").replace('resolution = "Nghị quyết"', named), "utf-8")
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 9, 1), head=head)
    result = run(campaign)
    assert (flag(result, "B1"), members(result), queries(result)) == (state, 10, codes.split())
    if codes:
        assert result.findings.set_index("code")["cell"][codes] == "A3"
        rule(campaign, codes, decision="confirm")
        assert flag(run(campaign), "B1") == "complete"


def test_each_line_of_a_list_that_names_another_resolution_is_asked_about(campaign: Path) -> None:
    plan = campaign / "campaign.toml"
    named = 'resolution = "Nghị quyết Đại hội XI Đảng bộ tỉnh"'
    plan.write_text(plan.read_text("utf-8").replace('resolution = "Nghị quyết"', named), "utf-8")
    book = openpyxl.Workbook()
    for row in (
        ("ĐẢNG BỘ XÃ TÂY YÊN",),
        ("TỔNG HỢP KẾT QUẢ HỌC TẬP NGHỊ QUYẾT ĐẠI HỘI XIII CỦA ĐẢNG",),
        ("STT", "Chi bộ", "Tổng số đảng viên", "Số đảng viên dự học tập", "Số viết thu hoạch", "Miễn viết thu hoạch"),
        (1, "Chi bộ ấp 1", 10, 10, 9, 1),
        (2, "Chi bộ ấp 2", 12, 12, 11, 1),
    ):  # fmt: skip
        book.worksheets[0].append(row)
    path = campaign / "submissions/2021-04-20/list.xlsx"
    path.parent.mkdir(parents=True)
    book.save(path)
    found = run(campaign).findings
    assert cells(found[found["code"] == "other_resolution"], "unit_code", "cell") == [["B1", "A2"], ["B2", "A2"]]


# --- a ruling whose report has been replaced ----------------------------------------------------------------


@pytest.mark.parametrize(("members_now", "code"), [(12, "newer_than_overridden"), (11, "")])
def test_a_newer_report_that_undoes_an_overriding_is_asked_about(campaign: Path, members_now: int, code: str) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=("12?", 10, 9, 1))
    run(campaign)
    rule(campaign, "count_unclear", decision="override", new_value=11)
    assert (flag(run(campaign), "B1"), members(run(campaign))) == ("queried", 11)  # 9 reflections, 10 owed
    rule(campaign, "reflections_below_required", decision="confirm")
    assert flag(run(campaign), "B1") == "complete"
    write_form(campaign / "submissions/2021-04-22/b.xlsx", code="B1", counts=(members_now, 10, members_now - 1, 1))
    result = run(campaign)
    assert members(result) == members_now
    assert [found for found in queries(result) if found.startswith("newer")] == [code] * bool(code)
    if code:
        rule(campaign, code, decision="override", new_value=11)
        result = run(campaign)
        assert members(result) == 11
        assert code not in queries(result)
