"""Several submissions of one unit and round: the newest that is valid counts, and each of the others says why not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from schemas.campaign import Campaign
from schemas.result import Result
from tests.received_tables import TREE, TWO_ROUNDS, cells, consolidated, lines, plan


def statuses(result: Result) -> list[list[str]]:
    return cells(result.files, "file", "unit_code", "round", "status")


def found(result: Result, *severities: str) -> list[list[str]]:
    findings = result.findings[result.findings["severity"].isin(severities or ("error", "query"))]
    return cells(findings, "severity", "code", "file", "unit_code")


def counted(result: Result, unit: str, round_id: str = "1") -> list[str]:
    units = result.units[(result.units["unit_code"] == unit) & (result.units["round"] == round_id)]
    return cells(units, "flag", "members", "attendees")[0]


def reason(result: Result, file: str) -> str:
    return str(result.files.set_index("file")["reason"][file])


def test_the_newest_valid_one_counts_and_the_older_is_superseded(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file  | day       | code | members | attendees | reflections |
        | first | 20/4 9:00 | B1   | 10      | 10        | 10          |
        | third | 22/4 9:00 | B1   | 12      | 12        | 12          |
        | next  | 21/4 9:00 | B1   | 11      | 11        | 11          |
    """)  # fmt: skip
    assert statuses(result) == lines("""
        | file  | unit | round | status     |
        | first | B1   | 1     | superseded |
        | next  | B1   | 1     | superseded |
        | third | B1   | 1     | counted    |
    """)  # fmt: skip
    assert counted(result, "B1") == ["complete", "12", "12"]
    assert "third" in reason(result, "first")
    assert found(result) == []


def test_a_newer_one_with_errors_leaves_the_older_counted_with_a_query(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections |
        | old  | 20/4 | B1   | 10      | 10        | 10          |
        | new  | 21/4 | B1   | 10      | 11        | 10          |
    """)  # fmt: skip
    assert statuses(result) == lines("""
        | file | unit | round | status   |
        | new  | B1   | 1     | rejected |
        | old  | B1   | 1     | counted  |
    """)  # fmt: skip
    assert counted(result, "B1") == ["queried", "10", "10"]
    assert found(result) == lines("""
        | severity | code             | file | unit |
        | error    | over_members     | new  | B1   |
        | query    | newer_has_errors | old  | B1   |
    """)  # fmt: skip
    assert "new" in result.findings.set_index("code")["message"]["newer_has_errors"]


def test_a_correction_settles_what_was_wrong_before_it(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file  | day  | code | members | attendees | reflections |
        | old   | 20/4 | B1   | 10      | 10        | 10          |
        | wrong | 21/4 | B1   | 10      | 11        | 10          |
        | right | 22/4 | B1   | 11      | 11        | 11          |
    """)  # fmt: skip
    assert statuses(result) == lines("""
        | file  | unit | round | status     |
        | old   | B1   | 1     | superseded |
        | right | B1   | 1     | counted    |
        | wrong | B1   | 1     | superseded |
    """)  # fmt: skip
    assert counted(result, "B1") == ["complete", "11", "11"]
    assert result.questions.empty
    assert reason(result, "wrong") == reason(result, "old") == "Replaced by a newer report: right."


def test_where_all_have_errors_the_unit_is_rejected_and_has_no_numbers(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections |
        | a    | 20/4 | B1   | 10      | 11        | 10          |
        | b    | 21/4 | B1   | 10      |           | 10          |
    """)  # fmt: skip
    assert [row[-1] for row in statuses(result)] == ["rejected", "rejected"]
    assert counted(result, "B1") == ["rejected", "", ""]
    assert counted(result, "T") == ["missing", "", ""]


# --- the same bytes ---------------------------------------------------------------------------------


def test_the_same_bytes_are_a_duplicate_of_the_first_to_arrive(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file  | day  | bytes | code | members | attendees | reflections |
        | again | 22/4 | same  | B1   | 10      | 10        | 10          |
        | first | 20/4 | same  | B1   | 10      | 10        | 10          |
    """)  # fmt: skip
    assert statuses(result) == lines("""
        | file  | unit | round | status    |
        | again | B1   | 1     | duplicate |
        | first | B1   | 1     | counted   |
    """)  # fmt: skip
    assert "first" in reason(result, "again")
    assert counted(result, "B1") == ["complete", "10", "10"]


def test_an_old_file_forwarded_again_after_a_correction_stays_old(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file       | day  | bytes | code | members | attendees | reflections |
        | original   | 20/4 | old   | B1   | 10      | 10        | 10          |
        | correction | 21/4 | new   | B1   | 12      | 12        | 12          |
        | forwarded  | 22/4 | old   | B1   | 10      | 10        | 10          |
    """)  # fmt: skip
    assert [[row[0], row[-1]] for row in statuses(result)] == [
        ["correction", "counted"], ["forwarded", "duplicate"], ["original", "superseded"],
    ]  # fmt: skip
    assert counted(result, "B1") == ["complete", "12", "12"]


def test_a_copy_of_a_faulty_file_is_no_second_fault(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | bytes | code | members | attendees | reflections |
        | a    | 20/4 | same  | B1   | 10      | 11        | 10          |
        | b    | 21/4 | same  | B1   | 10      | 11        | 10          |
    """)  # fmt: skip
    assert found(result) == [["error", "over_members", "a", "B1"]]
    assert cells(result.files, "file", "status", "error_count") == [["a", "rejected", "1"], ["b", "duplicate", "0"]]


def test_a_picture_that_comes_with_every_mail_is_ignored_each_time(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | bytes | problem      |
        | a    | flag  | file_ignored |
        | b    | flag  | file_ignored |
    """)  # fmt: skip
    assert cells(result.files, "file", "status") == [["a", "ignored"], ["b", "ignored"]]


# --- the same moment --------------------------------------------------------------------------------


def test_two_of_the_same_moment_with_different_numbers_both_do_not_count(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections |
        | a    | 20/4 | B1   | 10      | 10        | 10          |
        | b    | 20/4 | B1   | 12      | 12        | 12          |
    """)  # fmt: skip
    assert [row[-1] for row in statuses(result)] == ["rejected", "rejected"]
    assert counted(result, "B1") == ["rejected", "", ""]
    assert found(result) == lines("""
        | severity | code               | file | unit |
        | error    | conflict_same_time | a    | B1   |
        | error    | conflict_same_time | b    | B1   |
    """)  # fmt: skip
    assert "b" in reason(result, "a")
    assert "a" in reason(result, "b")


def test_two_of_the_same_moment_with_the_same_numbers_count_once(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | bytes | code | members | attendees | reflections |
        | a    | 20/4 | one   | B1   | 10      | 9         | 10          |
        | b    | 20/4 | other | B1   | 10      | 9         | 10          |
    """)  # fmt: skip
    assert sorted(row[-1] for row in statuses(result)) == ["counted", "superseded"]
    assert "same figures at the same time" in "".join(result.files["reason"])
    assert counted(result, "T") == ["partial", "10", "9"]


@pytest.mark.parametrize(("newer", "state"), [("23/4", "superseded"), ("19/4", "rejected")])
def test_a_newer_file_settles_a_conflict_and_an_older_one_counts_in_its_stead_with_a_query(
    tmp_path: Path, newer: str, state: str
) -> None:
    result = consolidated(tmp_path, f"""
        | file | day     | code | members | attendees | reflections |
        | a    | 20/4    | B1   | 10      | 10        | 10          |
        | b    | 20/4    | B1   | 12      | 12        | 12          |
        | c    | {newer} | B1   | 11      | 11        | 11          |
    """)  # fmt: skip
    assert [row[-1] for row in statuses(result)] == [state, state, "counted"]
    assert counted(result, "B1") == ["complete" if state == "superseded" else "queried", "11", "11"]


def test_a_blank_is_another_number_than_zero(tmp_path: Path) -> None:
    campaign = plan(items={"guests": "optional", "exemptions": "no", "assessment": "no", "proposals": "no"})
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections | guests |
        | a    | 20/4 | B1   | 10      | 10        | 10          | 0      |
        | b    | 20/4 | B1   | 10      | 10        | 10          |        |
    """, campaign)  # fmt: skip
    assert [row[-1] for row in statuses(result)] == ["rejected", "rejected"]


def test_one_unit_twice_in_one_file_with_different_numbers_is_a_conflict(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | layout | line | code | members | attendees | reflections |
        | list | list   | 8    | B1   | 10      | 10        | 10          |
        | list | list   | 9    | B1   | 11      | 11        | 11          |
        | list | list   | 10   | B2   | 5       | 5         | 5           |
    """)  # fmt: skip
    assert counted(result, "B1") == ["rejected", "", ""]
    assert counted(result, "X1") == ["partial", "5", "5"]


# --- rounds -----------------------------------------------------------------------------------------

ASSUMED = """
    | earlier | day  | code                       | severity | flag     |
    |         | 20/4 | round_assumed              | info     | complete |
    | B1      | 30/4 | round_assumed              | info     | complete |
    |         | 30/4 | round_assumed_earlier_owed | query    | queried  |
"""


@pytest.mark.parametrize(("earlier", "day", "code", "severity", "flag"), lines(ASSUMED))
def test_an_assumed_round_is_a_query_while_an_earlier_one_is_owed(
    tmp_path: Path, earlier: str, day: str, code: str, severity: str, flag: str
) -> None:
    first = "| r1 | 19/4 | B1 | 1 | 10 | 10 | 10 |" if earlier else ""
    result = consolidated(tmp_path, f"""
        | file  | day   | code | round | members | attendees | reflections |
        | which | {day} | B1   |       | 11      | 11        | 11          |
        {first}
    """, plan(rounds=TWO_ROUNDS))  # fmt: skip
    assert found(result, "error", "query", "info") == [[severity, code, "which", "B1"]]
    assert counted(result, "B1", "2" if day == "30/4" else "1") == [flag, "11", "11"]


def test_a_unit_that_was_not_expected_earlier_owes_nothing_earlier(tmp_path: Path) -> None:
    units = TREE.replace("parent_code |", "parent_code | valid_from |").replace(
        "| branch     | X1          |", "| branch     | X1          | 2021-05-01 |"
    )
    units = "\n".join(line if line.count("|") != 5 else f"{line} |" for line in units.splitlines())
    result = consolidated(tmp_path, """
        | file  | day | code | members | attendees | reflections |
        | which | 2/5 | B1   | 11      | 11        | 11          |
    """, plan(rounds=TWO_ROUNDS), units)  # fmt: skip
    assert found(result, "info") == [["info", "round_assumed", "which", "B1"]]


def test_rounds_do_not_replace_one_another(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 10        | 10          |
        | b    | 2/5  | B1   | 2     | 11      | 11        | 11          |
    """, plan(rounds=TWO_ROUNDS))  # fmt: skip
    assert (counted(result, "B1", "1")[1], counted(result, "B1", "2")[1]) == ("10", "11")


def cumulative() -> Campaign:
    rounds = [*TWO_ROUNDS, {"id": "3", "name": "Đợt 3", "due": date(2021, 6, 28)}]
    return plan(rounds=[rounds[0], *({**later, "cumulative": True} for later in rounds[1:])])


CUMULATIVE = """
    | round | attendees | reflections | fell                       |
    | 2     | 9         | 10          |                            |
    | 2     | 8         | 10          | attendees                  |
    | 2     | 9         | 9           | reflections                |
    | 2     | 8         | 9           | attendees reflections      |
    | 3     | 8         | 10          | attendees                  |
"""


@pytest.mark.parametrize(("round_id", "attendees", "reflections", "fell"), lines(CUMULATIVE))
def test_where_a_round_includes_the_earlier_ones_counts_cannot_fall(
    tmp_path: Path, round_id: str, attendees: str, reflections: str, fell: str
) -> None:
    text = f"""
        | file | day  | code | round      | members | attendees   | reflections   |
        | a    | 20/4 | B1   | 1          | 10      | 9           | 10            |
        | b    | 2/5  | B1   | {round_id} | 10      | {attendees} | {reflections} |
    """
    result = consolidated(tmp_path, text, cumulative())
    findings = result.findings[result.findings["code"] == "below_earlier_round"]
    limits = {"attendees": "9", "reflections": "10"}
    expected = [["query", "b", name, round_id] for name in fell.split()]
    assert cells(findings, "severity", "file", "field", "round") == expected
    assert all(f"round 1 ({limits[row.field]})" in row.message for row in findings.itertuples())


def test_where_a_round_stands_for_itself_counts_may_fall(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 10        | 10          |
        | b    | 2/5  | B1   | 2     | 10      | 5         | 10          |
    """, plan(rounds=TWO_ROUNDS))  # fmt: skip
    assert "below_earlier_round" not in set(result.findings["code"])


# --- who is not to report ------------------------------------------------------------------------------

EXPECTED = """
    | unit_code | unit_name          | level      | parent_code | valid_from | valid_to   | reports |
    | T         | Tỉnh ủy Kiên Giang | province   |             |            |            |         |
    | X         | Đảng ủy xã Mỹ Lâm  | grassroots | T           |            |            |         |
    | OLD       | Chi bộ ấp Cũ       | branch     | X           |            | 2021-04-01 |         |
    | NEW       | Chi bộ ấp Mới      | branch     | X           | 2021-05-01 |            |         |
    | QUIET     | Chi bộ Lâm thời    | branch     | X           |            |            | không   |
    | B         | Chi bộ ấp Mỹ Bình  | branch     | X           |            |            |         |
"""


@pytest.mark.parametrize("unit", ["OLD", "NEW", "QUIET"])
def test_figures_of_a_unit_that_is_not_expected_are_left_out_with_a_query(tmp_path: Path, unit: str) -> None:
    result = consolidated(tmp_path, f"""
        | file | code   | members | attendees | reflections |
        | a    | {unit} | 10      | 10        | 10          |
        | b    | B      | 3       | 3         | 3           |
    """, plan(), EXPECTED)  # fmt: skip
    assert cells(result.files, "file", "status") == [["a", "excluded"], ["b", "counted"]]
    assert found(result) == [["query", "unit_not_expected", "a", unit]]
    assert counted(result, unit) == ["not_expected", "", ""]
    assert counted(result, "T") == ["complete", "3", "3"]


def test_a_unit_above_that_reports_is_declared_and_never_added(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | code | members | attendees | reflections |
        | a    | X    | 900     | 10        | 10          |
        | b    | B    | 3       | 3         | 3           |
    """, plan(), EXPECTED)  # fmt: skip
    assert cells(result.files, "file", "status") == [["a", "excluded"], ["b", "counted"]]
    assert counted(result, "X")[1:] == ["3", "3"]


# --- a file that could not be read -----------------------------------------------------------------------


def test_an_unreadable_file_from_a_units_address_is_its_rejected_report(tmp_path: Path) -> None:
    units = TREE.replace("parent_code |", "parent_code | email         |")
    units = "\n".join(
        f"{line} b1@example.vn |" if "| B1 " in line else line if line.count("|") != 5 else f"{line} |"
        for line in units.splitlines()
    )
    campaign = plan(rounds=TWO_ROUNDS)
    first = consolidated(tmp_path, """
        | file | day  | sender        | problem      |
        | a    | 30/4 | b1@example.vn | file_damaged |
    """, campaign, units)  # fmt: skip
    assert cells(first.files, "unit_code", "round", "status") == [["B1", "2", "rejected"]]
    assert found(first) == [["error", "file_damaged", "a", ""]]
    assert counted(first, "B1", "2") == ["rejected", "", ""]
    both = consolidated(tmp_path, """
        | file | day  | sender        | problem      | code | round | members | attendees | reflections |
        | a    | 30/4 | b1@example.vn | file_damaged |      |       |         |           |             |
        | b    | 29/4 | b1@example.vn |              | B1   | 2     | 10      | 10        | 10          |
    """, campaign, units)  # fmt: skip
    assert found(both)[-1] == ["query", "newer_has_errors", "b", "B1"]
    assert counted(both, "B1", "2") == ["queried", "10", "10"]
