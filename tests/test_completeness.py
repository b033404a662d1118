"""Expected v received v counted: the flag of every unit at every level, and how whole each sum is."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from schemas.campaign import VIETNAM
from schemas.result import Result
from schemas.totals import STATUS_COUNTS
from tests.received_tables import TWO_ROUNDS, cells, consolidated, lines, plan

# Two districts and one that files for itself; a commune without branches; one branch gone, one to come.
UNITS = """
    | unit_code | unit_name              | level      | parent_code | valid_from | valid_to   |
    | T         | Tỉnh ủy Kiên Giang     | province   |             |            |            |
    | H1        | Huyện ủy An Biên       | district   | T           |            |            |
    | X1        | Đảng ủy xã Đông Yên    | grassroots | H1          |            |            |
    | B1        | Chi bộ ấp 1            | branch     | X1          |            |            |
    | B2        | Chi bộ ấp 2            | branch     | X1          |            |            |
    | B3        | Chi bộ ấp 3            | branch     | X1          |            | 2021-04-01 |
    | X2        | Chi bộ cơ sở Bưu điện  | grassroots | H1          |            |            |
    | H2        | Huyện ủy Hòn Đất       | district   | T           |            |            |
    | X3        | Đảng ủy xã Mỹ Lâm      | grassroots | H2          |            |            |
    | B4        | Chi bộ ấp 4            | branch     | X3          |            |            |
    | B5        | Chi bộ ấp 5            | branch     | X3          |            |            |
    | X4        | Đảng ủy xã Bình Sơn    | grassroots | H2          | 2021-05-01 |            |
    | B6        | Chi bộ ấp 6            | branch     | X4          | 2021-05-01 |            |
    | H3        | Đảng ủy Quân sự tỉnh   | district   | T           |            |            |
"""
GOOD = "10 | 10 | 10"
BEFORE, AFTER = (datetime(2021, month, 1, 8, tzinfo=VIETNAM) for month in (4, 5))


def status(result: Result, round_id: str = "1") -> list[list[str]]:
    """Return a line a unit: code, flag, then the counts of units, coverage and members."""
    units = result.units[result.units["round"] == round_id]
    return cells(units, "unit_code", "flag", *STATUS_COUNTS, "coverage", "members")


def sent(*rows: str) -> str:
    return "\n".join(("| file | code | day | round | members | attendees | reflections |", *rows))


def test_every_flag_at_every_level_once_the_round_is_due(tmp_path: Path) -> None:
    result = consolidated(tmp_path, sent(
        "| a | B1 | 20/4 | 1 | 10 | 10 | 10 |",
        "| b | B2 | 20/4 | 1 | 10 | 10 | 9  |",
        "| c | X2 | 30/4 | 1 | 10 | 10 | 10 |",
        "| d | B4 | 20/4 | 1 | 10 | 11 | 10 |",
        "| e | H3 | 20/4 | 1 | 7  | 7  | 7  |",
    ), plan(), UNITS)  # fmt: skip
    assert status(result) == lines("""
    | unit | flag         | expected | complete | queried | rejected | missing | not_due | late | coverage | members |
    | T    | partial      | 6        | 3        | 1       | 1        | 1       | 0       | 1    | 0.666667 | 37      |
    | H3   | complete     | 1        | 1        | 0       | 0        | 0       | 0       | 0    | 1.0      | 7       |
    | H1   | partial      | 3        | 2        | 1       | 0        | 0       | 0       | 1    | 1.0      | 30      |
    | X2   | complete     | 1        | 1        | 0       | 0        | 0       | 0       | 1    | 1.0      | 10      |
    | X1   | partial      | 2        | 1        | 1       | 0        | 0       | 0       | 0    | 1.0      | 20      |
    | B1   | complete     | 1        | 1        | 0       | 0        | 0       | 0       | 0    | 1.0      | 10      |
    | B2   | queried      | 1        | 0        | 1       | 0        | 0       | 0       | 0    | 1.0      | 10      |
    | B3   | not_expected | 0        | 0        | 0       | 0        | 0       | 0       | 0    |          |         |
    | H2   | missing      | 2        | 0        | 0       | 1        | 1       | 0       | 0    | 0.0      |         |
    | X4   | not_expected | 0        | 0        | 0       | 0        | 0       | 0       | 0    |          |         |
    | B6   | not_expected | 0        | 0        | 0       | 0        | 0       | 0       | 0    |          |         |
    | X3   | missing      | 2        | 0        | 0       | 1        | 1       | 0       | 0    | 0.0      |         |
    | B4   | rejected     | 1        | 0        | 0       | 1        | 0       | 0       | 0    | 0.0      |         |
    | B5   | missing      | 1        | 0        | 0       | 0        | 1       | 0       | 0    | 0.0      |         |
    """)  # fmt: skip


def test_before_the_round_is_due_silence_is_neither_missing_nor_late(tmp_path: Path) -> None:
    result = consolidated(tmp_path, sent(
        "| a | B1 | 20/3 | 1 | 10 | 10 | 10 |",
        "| d | B4 | 20/3 | 1 | 10 | 11 | 10 |",
    ), plan(), UNITS, BEFORE)  # fmt: skip
    flags = {row[0]: row[1] for row in status(result)}
    assert flags == {
        "T": "partial", "H1": "partial", "X1": "partial", "B1": "complete", "B2": "not_due", "B3": "not_expected",
        "X2": "not_due", "H2": "not_due", "X3": "not_due", "B4": "rejected", "B5": "not_due", "X4": "not_expected",
        "B6": "not_expected", "H3": "not_due",
    }  # fmt: skip
    assert status(result)[0] == ["T", "partial", "6", "1", "0", "1", "0", "4", "0", "0.166667", "10"]


def test_all_that_is_expected_makes_every_level_complete(tmp_path: Path) -> None:
    codes = ("B1", "B2", "X2", "B4", "B5", "H3")
    result = consolidated(
        tmp_path, sent(*(f"| {code} | {code} | 20/4 | 1 | {GOOD} |" for code in codes)), plan(), UNITS
    )
    assert {row[1] for row in status(result)} == {"complete", "not_expected"}
    assert status(result)[0] == ["T", "complete", "6", "6", "0", "0", "0", "0", "0", "1.0", "60"]


def test_a_round_that_is_due_stands_beside_one_that_is_not(tmp_path: Path) -> None:
    result = consolidated(tmp_path, [], plan(rounds=TWO_ROUNDS), UNITS, AFTER)
    assert status(result, "1")[0] == ["T", "missing", "6", "0", "0", "0", "6", "0", "0", "0.0", ""]
    assert status(result, "2")[0] == ["T", "not_due", "7", "0", "0", "0", "0", "7", "0", "0.0", ""]
    assert {row[0]: row[1] for row in status(result, "2")}["B6"] == "not_due"


@pytest.mark.parametrize(("day_counts", "day", "late"), [(True, "29/4 23:59", "0"), (True, "30/4", "1"),
                                                         (False, "28/4 23:59", "0"), (False, "29/4", "1")])  # fmt: skip
def test_late_is_counted_and_flagged_from_the_moment_the_plan_says(
    tmp_path: Path, day_counts: bool, day: str, late: str
) -> None:
    campaign = plan(rounds=[{**TWO_ROUNDS[0], "due_day_counts": day_counts}])
    result = consolidated(tmp_path, sent(f"| a | H3 | {day} | 1 | {GOOD} |"), campaign, UNITS)
    row = next(row for row in status(result) if row[0] == "H3")
    assert row == ["H3", "complete", "1", "1", "0", "0", "0", "0", late, "1.0", "10"]


def test_a_commune_whose_branches_are_all_gone_files_for_itself(tmp_path: Path) -> None:
    units = UNITS.replace("| branch     | X1          |            |            |",
                          "| branch     | X1          |            | 2021-04-01 |")  # fmt: skip
    result = consolidated(tmp_path, sent(f"| a | X1 | 20/4 | 1 | {GOOD} |"), plan(), units)
    flags = {row[0]: row[1] for row in status(result)}
    assert (flags["X1"], flags["B1"], flags["B2"]) == ("complete", "not_expected", "not_expected")
    assert [row[-1] for row in status(result) if row[0] in ("H1", "X1")] == ["10", "10"]


# --- what parents declare ---------------------------------------------------------------------------

ALL = [f"| {code} | {code} | 20/4 | 1 | {GOOD} |" for code in ("B1", "B2", "X2", "B4", "B5", "H3")]

DECLARED = """
    | members | attendees | reflections | fields              | flag     |
    | 20      | 20        | 20          | agrees              | complete |
    | 21      | 20        | 20          | members             | partial  |
    | 21      | 20        | 0           | members reflections | partial  |
    |         | 20        |             | agrees              | complete |
    |         |           |             |                     | complete |
"""


@pytest.mark.parametrize(("members", "attendees", "reflections", "fields", "flag"), lines(DECLARED))
def test_a_parents_own_total_is_compared_and_never_added(
    tmp_path: Path, members: str, attendees: str, reflections: str, fields: str, flag: str
) -> None:
    own = f"| x1 | X1 | 21/4 | 1 | {members} | {attendees} | {reflections} |"
    result = consolidated(tmp_path, sent(*ALL, own), plan(), UNITS)
    findings = result.findings[result.findings["code"].str.startswith("declared_total_")]
    agrees = [["declared_total_agrees", "info", ""]] if fields == "agrees" else []
    differs = [["declared_total_differs", "query", name] for name in fields.split() if name != "agrees"]
    assert cells(findings, "code", "severity", "field") == agrees + differs
    rows = {row[0]: row for row in status(result)}
    assert (rows["X1"][1], rows["X1"][-1], rows["T"][-1]) == (flag, "20", "60")
    assert rows["H1"][1] == "complete"  # all that is expected of it is


def test_a_difference_is_told_with_how_many_units_the_sum_is_of(tmp_path: Path) -> None:
    result = consolidated(tmp_path, sent(ALL[0], "| x1 | X1 | 21/4 | 1 | 20 | 20 | 20 |"), plan(), UNITS)
    message = result.findings[result.findings["code"] == "declared_total_differs"]["message"].iloc[0]
    assert "20" in message
    assert "10 (1 of 2 reported)" in message


def test_only_the_newest_declared_total_is_compared(tmp_path: Path) -> None:
    older = "| old | X1 | 21/4 | 1 | 99 | 99 | 99 |"
    newer = "| new | X1 | 22/4 | 1 | 20 | 20 | 20 |"
    result = consolidated(tmp_path, sent(*ALL, older, newer), plan(), UNITS)
    assert cells(result.findings, "code", "file") == [["declared_total_agrees", "new"]]


@pytest.mark.parametrize("days", [("21/4", "22/4"), ("22/4", "21/4")])
def test_words_without_figures_take_no_declared_figures_away(tmp_path: Path, days: tuple[str, str]) -> None:
    text = f"""
        | file  | code | day       | round | members | attendees | proposals |
        | b1    | B1   | 20/4      | 1     | 10      | 10        |           |
        | b2    | B2   | 20/4      | 1     | 10      | 10        |           |
        | total | X1   | {days[0]} | 1     | 21      | 20        |           |
        | words | X1   | {days[1]} | 1     |         |           | Thêm sách |
    """
    items = {"guests": "no", "reflections": "no", "exemptions": "no", "assessment": "no", "proposals": "optional"}
    result = consolidated(tmp_path, text, plan(items=items, rules={"required_writers": "none"}), UNITS)
    findings = result.findings[result.findings["code"].str.startswith("declared_total_")]
    assert cells(findings, "code", "file", "field") == [["declared_total_differs", "total", "members"]]
    assert cells(result.texts, "unit_code", "text") == [["X1", "Thêm sách"]]


WAITING = """
    | name        | members | attendees | sum | differs |
    | Chi bộ ấp 2 | 10      | 11        | 20  |         |
    | Chi bộ ấp 2 |         | 10        | 20  |         |
    | Ấp hai      | 10      | 10        | 20  |         |
    | Chi bộ ấp 2 | 10      | 11        | 23  | members |
    | Chi bộ ấp 2 |         | 10        | 9   | members |
    | Chi bộ ấp 2 | 10      | 10        | 20  |         |
    | Chi bộ ấp 2 | 10      | 10        | 21  | members |
"""


@pytest.mark.parametrize(("name", "members", "attendees", "total", "differs"), lines(WAITING))
def test_a_sum_that_differs_by_lines_not_counted_yet_is_not_doubted_as_well(
    tmp_path: Path, name: str, members: str, attendees: str, total: str, differs: str
) -> None:
    above = "Huyện ủy An Biên > Đảng ủy xã Đông Yên"
    result = consolidated(tmp_path, f"""
        | file | layout | line | above            | name                | members   | attendees   | reflections |
        | a    | list   | 5    | {above}          | Chi bộ ấp 1         | 10        | 10          | 10          |
        | a    | list   | 6    | {above}          | {name}              | {members} | {attendees} | 10          |
        | a    | total  | 7    | Huyện ủy An Biên | Đảng ủy xã Đông Yên | {total}   |             | 20          |
    """, plan(), UNITS)  # fmt: skip
    findings = result.findings[result.findings["code"] == "declared_total_differs"]
    assert cells(findings, "field") == [[field] for field in differs.split()]
    agrees = (result.findings["code"] == "declared_total_agrees").any()
    assert agrees == (name == "Chi bộ ấp 2" and attendees == "10" and members == "10" and not differs)


def test_a_parent_with_an_open_query_of_its_own_is_partial(tmp_path: Path) -> None:
    text = "\n".join((
        "| file | code | name | day | round | members | attendees | reflections |",
        *(f"| {code} | {code} | | 20/4 | 1 | {GOOD} |" for code in ("B1", "B2")),
        "| x1 | X1 | Đảng ủy xã Mỹ Lâm | 21/4 | 1 | 20 | 20 | 20 |",
    ))  # fmt: skip
    result = consolidated(tmp_path, text, plan(), UNITS)
    assert cells(result.findings[result.findings["severity"] == "query"], "code", "unit_code") == [
        ["name_differs_from_code", "X1"]
    ]
    assert next(row[1] for row in status(result) if row[0] == "X1") == "partial"


# --- numbers of a unit ------------------------------------------------------------------------------


def figures(result: Result, unit: str) -> list[str]:
    names = ("required", "reflections", "outstanding", "reflection_rate", "attendees", "attendance_rate")
    return cells(result.units[result.units["unit_code"] == unit], *names)[0]


def test_one_units_surplus_does_not_settle_what_another_owes(tmp_path: Path) -> None:
    campaign = plan(
        items={"guests": "no", "assessment": "no", "proposals": "no"},
        exemption_categories=[],
        rules={"required_writers": "members_less_exempt"},
    )
    result = consolidated(tmp_path, """
        | file | code | members | attendees | reflections | exemptions |
        | a    | B1   | 10      | 10        | 10          | 4          |
        | b    | B2   | 10      | 8         | 7           | 0          |
    """, campaign, UNITS)  # fmt: skip
    assert figures(result, "B1") == ["6", "10", "0", "1.666667", "10", "1.0"]
    assert figures(result, "B2") == ["10", "7", "3", "0.7", "8", "0.8"]
    assert figures(result, "X1") == ["16", "17", "3", "1.0625", "18", "0.9"]
    assert figures(result, "B4") == ["", "", "", "", "", ""]


def test_a_rate_is_blank_where_its_two_counts_are_not_of_the_same_units(tmp_path: Path) -> None:
    items = dict.fromkeys(("guests", "assessment", "proposals"), "no")
    campaign = plan(
        items={**items, "attendees": "optional", "exemptions": "optional"},
        rules={"required_writers": "members_less_exempt"},
    )
    result = consolidated(tmp_path, """
        | file | code | members | attendees | reflections | exemptions |
        | a    | B1   | 10      | 10        | 10          |            |
        | b    | B2   | 10      |           | 10          | 0          |
        | c    | B4   | 10      | 9         | 10          | 0          |
    """, campaign, UNITS)  # fmt: skip
    assert figures(result, "B1") == ["", "10", "", "", "10", "1.0"]
    assert figures(result, "B2") == ["10", "10", "0", "1.0", "", ""]
    assert figures(result, "X1") == ["10", "20", "0", "", "10", ""]
    assert figures(result, "H2") == ["10", "10", "0", "1.0", "9", "0.9"]


def test_where_no_plan_asks_for_reflections_nothing_is_owed(tmp_path: Path) -> None:
    items = dict.fromkeys(("guests", "reflections", "exemptions", "assessment", "proposals"), "no")
    campaign = plan(items=items, rules={"required_writers": "none"})
    result = consolidated(tmp_path, """
        | file | code | members | attendees |
        | a    | B1   | 10      | 9         |
    """, campaign, UNITS)  # fmt: skip
    assert figures(result, "B1") == ["", "", "", "", "9", "0.9"]


def test_grades_and_documents_have_columns_of_their_own(tmp_path: Path) -> None:
    campaign = plan(
        grades=[{"id": "good", "name": "Tốt"}, {"id": "fair", "name": "Khá"}],
        documents=[{"id": "programme", "name": "Chương trình", "levels": ["branch"]}],
    )
    result = consolidated(tmp_path, """
        | file | code | members | attendees | reflections | grade_good | grade_fair | doc_programme |
        | a    | B1   | 10      | 10        | 10          | 7          | 3          | 1             |
        | b    | B2   | 10      | 10        | 10          | 10         |            | 0             |
    """, campaign, UNITS)  # fmt: skip
    units = result.units[result.units["unit_code"].isin(["X1", "B1", "B2", "T"])]
    assert list(units.columns[-3:]) == ["grade_good", "grade_fair", "doc_programme"]
    assert cells(units, "unit_code", "grade_good", "grade_fair", "doc_programme") == [
        ["T", "17", "3", "1"], ["X1", "17", "3", "1"], ["B1", "7", "3", "1"], ["B2", "10", "", "0"],
    ]  # fmt: skip


# --- a list of what the registry does not part any further -------------------------------------------


def own_list(total: int) -> str:
    """Return a list that a unit without units below it sends: two lines of its own, and their sum."""
    return f"""
        | file | layout | line | above                                     | name                 | day  | members | attendees | reflections |
        | a    | list   | 5    | Tỉnh ủy Kiên Giang > Đảng ủy Quân sự tỉnh | Chi bộ Tham mưu      | 20/4 | 12      | 11        | 11          |
        | a    | list   | 6    | Tỉnh ủy Kiên Giang > Đảng ủy Quân sự tỉnh | Phòng Hậu cần        | 20/4 | 8       | 8         | 8           |
        | a    | total  | 7    | Tỉnh ủy Kiên Giang                        | Đảng ủy Quân sự tỉnh | 20/4 | {total} | 19        | 19          |
    """  # noqa: E501


def test_the_sum_of_a_units_own_list_is_its_report_and_its_lines_are_nobodys(tmp_path: Path) -> None:
    result = consolidated(tmp_path, own_list(20), plan(), UNITS)
    row = next(row for row in status(result) if row[0] == "H3")
    assert (row[1], row[-1]) == ("queried", "20")  # 19 of 20 wrote
    assert cells(result.files, "unit_code", "status", "error_count") == [["H3", "counted", "0"]]
    assert cells(result.findings, "code", "field") == [["reflections_below_required", "reflections"]]


def test_a_sum_that_is_not_the_sum_of_its_lines_is_a_query(tmp_path: Path) -> None:
    result = consolidated(tmp_path, own_list(21), plan(), UNITS)
    found = result.findings[result.findings["code"] == "own_total_differs"]
    assert cells(found, "severity", "field", "value", "unit_code") == [["query", "members", "21", "H3"]]
    assert "20" in found["message"].iloc[0]


def test_a_sum_that_cannot_be_right_is_rejected_as_any_report(tmp_path: Path) -> None:
    result = consolidated(tmp_path, own_list(18), plan(), UNITS)
    assert cells(result.files, "status") == [["rejected"]]
    assert set(result.findings["code"]) >= {"over_members", "own_total_differs"}


def test_what_the_lines_of_a_units_own_list_say_in_words_is_the_units(tmp_path: Path) -> None:
    text = "\n".join((
        "| file | layout | line | above | name | day | round | members | attendees | proposals |",
        "| a | list | 5 | Tỉnh ủy Kiên Giang > Đảng ủy Quân sự tỉnh | Ban A | 20/4 | 1 | 8 | 8 | Cấp thêm sách |",
        "| a | list | 6 | Tỉnh ủy Kiên Giang > Đảng ủy Quân sự tỉnh | Ban B | 20/4 | 1 | 2 | 2 | |",
        "| a | total | 7 | Tỉnh ủy Kiên Giang | Đảng ủy Quân sự tỉnh | 20/4 | 1 | 10 | 10 | |",
    ))  # fmt: skip
    items = {"guests": "no", "reflections": "no", "exemptions": "no", "assessment": "no", "proposals": "optional"}
    result = consolidated(tmp_path, text, plan(items=items, rules={"required_writers": "none"}), UNITS)
    assert cells(result.texts, "unit_code", "text") == [["H3", "Ban A: Cấp thêm sách"]]


def test_the_lines_below_a_unit_s_own_form_are_its_parts_and_count_for_nothing(tmp_path: Path) -> None:
    above = "Đảng ủy xã Đông Yên > Chi bộ ấp 1"
    result = consolidated(tmp_path, f"""
        | file | layout | line | code | above               | name        | members | attendees | reflections |
        | a    | form   |      | B1   | Đảng ủy xã Đông Yên | Chi bộ ấp 1 | 10      | 10        | 10          |
        | a    | list   | 15   |      | {above}             | Tổ 1        | 4       | 4         |             |
        | a    | list   | 16   |      | {above}             | Tổ 2        | 5       | 6         |             |
        | a    | total  | 17   |      | Đảng ủy xã Đông Yên | Chi bộ ấp 1 | 9       | 10        |             |
    """, plan(), UNITS)  # fmt: skip
    assert {row[0]: row[-1] for row in status(result)}["B1"] == "10"
    assert cells(result.files, "status", "error_count") == [["counted", "0"]]
    found = result.findings[result.findings["severity"] == "query"]
    assert cells(found, "code", "field", "value") == [["own_total_differs", "members", "10"]]


@pytest.mark.parametrize(
    ("first", "second", "members"), [("Tổ 1", "Tổ 2", ["9", ""]), ("ấp 1", "Chi bộ ấp 2", ["4", "5"])]
)
def test_a_list_headed_by_a_branch_is_of_its_parts_or_of_the_branches_beside_it(
    tmp_path: Path, first: str, second: str, members: list[str]
) -> None:
    above = "Đảng ủy xã Đông Yên > Chi bộ ấp 1"
    result = consolidated(tmp_path, f"""
        | file | layout | line | above               | name        | members | attendees | reflections |
        | a    | list   | 15   | {above}             | {first}     | 4       | 4         | 4           |
        | a    | list   | 16   | {above}             | {second}    | 5       | 5         | 5           |
        | a    | total  | 17   | Đảng ủy xã Đông Yên | Chi bộ ấp 1 | 9       | 9         | 9           |
    """, plan(), UNITS)  # fmt: skip
    known = {row[0]: row[-1] for row in status(result)}
    assert [known["B1"], known["B2"]] == members
    assert cells(result.files, "error_count") == [["0"]]
