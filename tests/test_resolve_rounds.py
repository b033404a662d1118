"""Which report counts where rounds, the registry or the campaign's own severities have a say."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from schemas.campaign import Campaign
from schemas.returned import file_number
from tests.received_tables import TREE, TWO_ROUNDS, cells, consolidated, counted, found, lines, plan, received

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


# --- a campaign that takes a doubt for an error ----------------------------------------------------------

AS_ERRORS = """
    | code                       | first | second | attendees |
    | newer_has_errors           | 20/4  | 21/4   | 11        |
    | round_assumed_earlier_owed | 30/4  | 1/5    | 10        |
"""


@pytest.mark.parametrize(("code", "first", "second", "attendees"), lines(AS_ERRORS))
def test_where_a_campaign_takes_a_doubt_for_an_error_the_tally_does_not_count(
    tmp_path: Path, code: str, first: str, second: str, attendees: str
) -> None:
    campaign = plan(rounds=TWO_ROUNDS, severity={code: "error"})
    result = consolidated(tmp_path, f"""
        | file | day      | code | members | attendees   | reflections |
        | a    | {first}  | B1   | 10      | 10          | 10          |
        | b    | {second} | B1   | 10      | {attendees} | 10          |
    """, campaign)  # fmt: skip
    assert result.units["members"].isna().all()
    assert "counted" not in set(result.files["status"])


# --- a form of an earlier round used again -----------------------------------------------------------------


REUSED = """
    | day  | round | second | status   | flag     | members | codes                                  |
    | 20/5 | 1     | 12     | rejected | queried  | 10      | round_doubtful newer_of_doubtful_round |
    | 20/5 | 1     | 10     | duplicate | complete | 10      |                                        |
    | 20/5 | 2     | 12     | counted  | complete | 10      |                                        |
    | 20/5 |       | 12     | counted  | complete | 10      |                                        |
    | 28/4 | 1     | 12     | counted  | complete | 12      |                                        |
"""


@pytest.mark.parametrize(("day", "round_id", "second", "status", "flag", "members", "codes"), lines(REUSED))
def test_a_form_of_the_earlier_round_used_again_replaces_nothing_silently(
    tmp_path: Path, day: str, round_id: str, second: str, status: str, flag: str, members: str, codes: str
) -> None:
    result = consolidated(tmp_path, f"""
        | file | day   | code | round      | members  | attendees | reflections |
        | a    | 20/4  | B1   | 1          | 10       | 10        | 10          |
        | b    | {day} | B1   | {round_id} | {second} | {second}  | {second}    |
    """, plan(rounds=TWO_ROUNDS))  # fmt: skip
    assert result.files.set_index("file")["status"]["b"] == status
    assert counted(result, "B1") == [flag, members, members]
    assert [row[1] for row in found(result)] == codes.split()


SETTLED = """
    | day  | round | members | of_b       | first | second |
    | 21/5 | 2     | 12      | superseded | 10    | 12     |
    | 21/5 | 2     | 13      | rejected   | 10    | 13     |
    | 19/5 | 2     | 13      | counted    | 12    | 13     |
"""


@pytest.mark.parametrize(("day", "round_id", "members", "of_b", "first", "second"), lines(SETTLED))
def test_the_same_figures_sent_again_for_the_right_round_settle_it(
    tmp_path: Path, day: str, round_id: str, members: str, of_b: str, first: str, second: str
) -> None:
    result = consolidated(tmp_path, f"""
        | file | day   | code | round      | members   | attendees | reflections |
        | a    | 20/4  | B1   | 1          | 10        | 10        | 10          |
        | b    | 20/5  | B1   | 1          | 12        | 12        | 12          |
        | c    | {day} | B1   | {round_id} | {members} | {members} | {members}   |
    """, plan(rounds=TWO_ROUNDS))  # fmt: skip
    assert result.files.set_index("file")["status"]["b"] == of_b
    assert (counted(result, "B1", "1")[1], counted(result, "B1", "2")[1]) == (first, second)


def test_a_first_report_that_is_late_is_of_the_round_that_it_names(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 11        | 10          |
        | b    | 20/5 | B1   | 1     | 12      | 12        | 12          |
    """, plan(rounds=TWO_ROUNDS))  # fmt: skip
    assert counted(result, "B1") == ["complete", "12", "12"]
    assert [row[1] for row in found(result)] == ["over_members"]


def test_a_correction_copy_that_keeps_its_round_is_believed(tmp_path: Path) -> None:
    things = received("""
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 10        | 10          |
        | b    | 20/5 | B1   | 1     | 12      | 12        | 12          |
        | copy | 21/5 | B1   | 1     | 12      | 12        | 12          |
    """)
    asked = next(thing for thing in things if thing.file == "b")
    things[-1] = replace(things[-1], sha256="c" * 64, corrects=file_number(asked.sha256))
    result = consolidated(tmp_path, things, plan(rounds=TWO_ROUNDS))
    assert counted(result, "B1") == ["complete", "12", "12"]
    assert found(result) == []


def test_a_correction_copy_of_the_earlier_round_used_again_is_asked_about(tmp_path: Path) -> None:
    things = received("""
        | file | day  | code | round | members | attendees | reflections |
        | a    | 20/4 | B1   | 1     | 10      | 11        | 10          |
        | copy | 21/4 | B1   | 1     | 10      | 10        | 10          |
        | next | 20/5 | B1   | 1     | 12      | 12        | 12          |
    """)
    things[1:] = [
        replace(thing, sha256=name * 64, corrects=file_number(things[0].sha256))
        for thing, name in zip(things[1:], "cd", strict=True)
    ]
    result = consolidated(tmp_path, things, plan(rounds=TWO_ROUNDS))
    assert counted(result, "B1") == ["queried", "10", "10"]
    assert [row[1] for row in found(result) if row[2] != "a"] == ["round_doubtful", "newer_of_doubtful_round"]
