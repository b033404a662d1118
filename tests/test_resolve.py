"""Several submissions of one unit and round: the newest that is valid counts, and each of the others says why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.received_tables import cells, consolidated, counted, found, lines, plan, reason, statuses


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


def test_two_of_one_file_are_told_apart_by_their_lines(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | layout | line | code | members | attendees | reflections |
        | a    | list   | 5    | B1   | 10      | 10        | 10          |
        | a    | list   | 6    | B1   | 12      | 12        | 12          |
    """)  # fmt: skip
    assert cells(result.findings, "code", "sheet", "value") == [
        ["conflict_same_time", "Biểu mẫu", "a › Biểu mẫu (6)"],
        ["conflict_same_time", "Biểu mẫu", "a › Biểu mẫu (5)"],
    ]
    assert cells(result.questions, "sheet", "line") == [["Biểu mẫu", "5"], ["Biểu mẫu", "6"]]


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


@pytest.mark.parametrize(("newer", "asked"), [("Chi bộ ấp Mỹ Bình", ["a"]), ("Chi bộ ấp Mỹ Hưng", ["b"])])
def test_a_report_that_may_be_of_another_unit_is_asked_about_though_that_one_s_own_counts(
    tmp_path: Path, newer: str, asked: list[str]
) -> None:
    result = consolidated(tmp_path, f"""
        | file | day  | code | name              | members | attendees | reflections |
        | a    | 20/4 | B1   | Chi bộ ấp Mỹ Hưng | 12      | 12        | 12          |
        | b    | 21/4 | B1   | {newer}           | 10      | 10        | 10          |
    """)  # fmt: skip
    assert [row[-1] for row in statuses(result)] == ["superseded", "counted"]
    assert [row[0] for row in cells(result.questions, "file", "code")] == asked


@pytest.mark.parametrize("day", ["20/4", "30/4"])
@pytest.mark.parametrize(("guests", "wrote"), [("", "10"), ("3", "10"), ("", "9"), ("4", "10")])
def test_a_list_that_repeats_a_form_leaves_it_in_place(tmp_path: Path, day: str, guests: str, wrote: str) -> None:
    items = {"guests": "optional", "exemptions": "no", "assessment": "optional", "proposals": "optional"}
    result = consolidated(tmp_path, f"""
        | file | layout | line | day   | code | members | attendees | reflections | guests   | proposals |
        | own  | form   |      | 20/4  | B1   | 10      | 10        | 10          | 3        | Cấp sách  |
        | list | list   | 8    | {day} | B1   | 10      | 10        | {wrote}     | {guests} |           |
    """, plan(items=items))  # fmt: skip
    is_repeat = wrote == "10" and guests in ("", "3")
    changed = ["counted", "superseded"] if day == "30/4" else ["rejected", "rejected"]
    states = {row[0]: row[-1] for row in cells(result.files, "file", "status")}
    assert [states["list"], states["own"]] == (["superseded", "counted"] if is_repeat else changed)
    assert cells(result.texts, "text") == [["Cấp sách"]] * is_repeat


def test_a_list_that_goes_back_to_what_a_form_said_before_another_list_counts(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file  | layout | line | day  | code | members | attendees | reflections |
        | own   | form   |      | 20/4 | B1   | 10      | 10        | 10          |
        | list1 | list   | 8    | 21/4 | B1   | 10      | 10        | 9           |
        | list2 | list   | 8    | 22/4 | B1   | 10      | 10        | 10          |
    """)  # fmt: skip
    states = {row[0]: row[-1] for row in cells(result.files, "file", "status")}
    assert states == {"own": "superseded", "list1": "superseded", "list2": "counted"}


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


# --- the same figures once more -----------------------------------------------------------------------


AGAIN = """
    | first | day | attendees | proposals | counts | status    | late |
    | 20/4  | 2/5 | 9         |           | a      | duplicate | 0    |
    | 20/4  | 2/5 | 9         | Một       | a      | duplicate | 0    |
    | 20/4  | 2/5 | 9         | Hai       | b      | counted   | 0    |
    | 20/4  | 2/5 | 8         | Một       | b      | counted   | 1    |
    | 1/5   | 2/5 | 9         | Một       | a      | duplicate | 1    |
"""


@pytest.mark.parametrize(("first", "day", "attendees", "proposals", "counts", "status", "late"), lines(AGAIN))
def test_the_same_figures_sent_again_leave_the_unit_on_time(
    tmp_path: Path, first: str, day: str, attendees: str, proposals: str, counts: str, status: str, late: str
) -> None:
    campaign = plan(items={"guests": "no", "exemptions": "no", "assessment": "no", "proposals": "optional"})
    result = consolidated(tmp_path, f"""
        | file | day     | code | members | attendees   | reflections | proposals   | bytes |
        | a    | {first} | B1   | 10      | 9           | 10          | Một         | one   |
        | b    | {day}   | B1   | 10      | {attendees} | 10          | {proposals} | two   |
    """, campaign)  # fmt: skip
    assert cells(result.sources, "file") == [[counts]]
    assert result.files.set_index("file")["status"]["b"] == status
    assert str(result.units.set_index("unit_code")["late"]["B1"]) == late


def test_figures_that_were_corrected_and_come_back_late_are_late(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections | bytes |
        | a    | 20/4 | B1   | 10      | 9         | 10          | one   |
        | b    | 21/4 | B1   | 10      | 8         | 10          | two   |
        | c    | 2/5  | B1   | 10      | 9         | 10          | three |
    """)  # fmt: skip
    assert cells(result.sources, "file", "late") == [["c", "True"]]


def test_a_repeat_settles_what_was_wrong_in_between_and_stays_on_time(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections | bytes |
        | a    | 20/4 | B1   | 10      | 9         | 10          | one   |
        | b    | 1/5  | B1   | 10      | 11        | 10          | two   |
        | c    | 2/5  | B1   | 10      | 9         | 10          | three |
    """)  # fmt: skip
    assert "newer_has_errors" not in set(result.findings["code"])
    assert cells(result.sources, "file", "late") == [["c", "False"]]


# --- a list against a unit's own form -----------------------------------------------------------------


AGAINST = """
    | form | list | attendees | codes                  | flag     | counts |
    | 20/4 | 21/4 | 8         | list_differs_from_form | queried  | 8      |
    | 20/4 | 21/4 | 9         |                        | complete | 9      |
    | 21/4 | 20/4 | 8         |                        | complete | 9      |
"""


@pytest.mark.parametrize(("form", "list_", "attendees", "codes", "flag", "counts"), lines(AGAINST))
def test_a_list_that_contradicts_a_unit_s_own_form_is_asked_about(
    tmp_path: Path, form: str, list_: str, attendees: str, codes: str, flag: str, counts: str
) -> None:
    campaign = plan(severity={"reflections_over_attendees": "off"})
    result = consolidated(tmp_path, f"""
        | file | day     | layout | line | code | members | attendees   | reflections |
        | own  | {form}  | form   |      | B1   | 10      | 9           | 10          |
        | list | {list_} | list   | 7    | B1   | 10      | {attendees} | 10          |
    """, campaign)  # fmt: skip
    assert [row[1] for row in found(result)] == codes.split()
    assert counted(result, "B1") == [flag, "10", counts]
