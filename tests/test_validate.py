"""What validation makes of tallies beside the table of checks: places, thresholds, unreadable cells, severities."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from pandera.errors import SchemaErrors

from pipeline.validate import file_findings
from schemas import tally as rules
from schemas.campaign import VIETNAM
from schemas.findings import CATALOGUE, severity
from schemas.records import Note, Received
from tests.plan_tallies import FAULTLESS, PLANS, brief, campaign_of, changed, form, found
from tests.received_tables import plan
from tests.registry_tables import table

# --- a finding says where, what stands there and what it was held against --------------------------------

PLACES = """
    | change                      | code                            | cell | value | limit | other |
    | attendees=                  | count_blank                     | C2   |       |       |       |
    | attendees=21                | over_members                    | C2   | 21    | 20    |       |
    | reflections=17              | reflections_below_required      | C4   | 17    | 18    |       |
    | attendees=17                | reflections_over_attendees      | C4   | 18    | 17    |       |
    | reflections=19              | writers_and_exempt_over_members | C4   | 19    | 20    | 2     |
    | exempt_work=1               | exempt_categories_differ        | C5   | 1     | 2     |       |
    | attendees=9                 | attendance_low                  | C2   | 9     | 20    |       |
    | study_date=2021-07-01       | study_after_deadline            | C8   | 01/07/2021 | 31/05/2021 |  |
    | study_date=2021-07-01       | study_after_report              | C8   | 01/07/2021 | 27/04/2021 |  |
    | study_date=2020-04-15       | study_long_before               | C8   | 15/04/2020 | 29/09/2020 |  |
"""


@pytest.mark.parametrize(("change", "code", "cell", "value", "limit", "other"), table(PLACES)[1:])
def test_a_finding_names_its_cell_its_value_and_its_limit(
    tmp_path: Path, change: str, code: str, cell: str, value: str, limit: str, other: str
) -> None:
    findings = found(tmp_path, campaign_of("004"), form(changed("004", change)))
    note = next(finding.note for finding in findings if finding.note.code == code)
    detail = dict(note.detail)
    assert (note.cell, note.value, detail.get("limit", ""), detail.get("other", "")) == (cell, value, limit, other)
    assert note.sheet == "Biểu mẫu"


def test_a_rate_is_shown_beside_its_threshold(tmp_path: Path) -> None:
    (low,) = found(tmp_path, campaign_of("002"), form(changed("002", "attendees=9")))
    assert {name: text for name, text in low.note.detail if name in ("rate", "threshold")} == {
        "rate": "45,0%", "threshold": "50,0%",
    }  # fmt: skip


@pytest.mark.parametrize("threshold", [0.55, 0.7, 0.35, 0.15, 0.29])
def test_who_stands_exactly_on_a_threshold_has_reached_it(tmp_path: Path, threshold: float) -> None:
    campaign = plan(rules={"required_writers": "members", "attendance_rate_below": threshold})
    for members in (20, 100):
        exactly = round(members * threshold)
        here, below = (
            {"members": members, "attendees": count, "reflections": members} for count in (exactly, exactly - 1)
        )
        assert "Q attendance_low" not in brief(found(tmp_path, campaign, form(here)))
        assert "Q attendance_low" in brief(found(tmp_path, campaign, form(below)))


REGISTER = """
    | register | members | found                          |
    |          | 500     |                                |
    | 20       | 20      |                                |
    | 20       | 24      |                                |
    | 20       | 16      |                                |
    | 20       | 25      | Q members_differ_from_register |
    | 20       | 15      | Q members_differ_from_register |
    | 0        | 1       | Q members_differ_from_register |
"""


@pytest.mark.parametrize(("register", "members", "said"), table(REGISTER)[1:])
def test_members_are_held_against_the_register(tmp_path: Path, register: str, members: str, said: str) -> None:
    count = int(members)
    values: dict[str, object] = {"members": count, "attendees": count, "reflections": count}
    assert brief(found(tmp_path, plan(), form(values), register=register)) == ([said] if said else [])


# --- grades and plan documents ----------------------------------------------------------------------

GRADES = """
    | change                                                      | found           |
    | grade_good=12 grade_fair=8 grade_pass=0 grade_fail=0        |                 |
    | grade_good=12 grade_fair=7 grade_pass=0 grade_fail=0        | Q grades_differ |
    | grade_good=12 grade_fair=7 grade_pass= grade_fail=          |                 |
"""


@pytest.mark.parametrize(("change", "said"), table(GRADES)[1:])
def test_grades_add_up_to_the_reflections_once_all_are_given(tmp_path: Path, change: str, said: str) -> None:
    assert brief(found(tmp_path, campaign_of("001"), form(changed("001", change)))) == ([said] if said else [])


DOCUMENTS = """
    | level      | has it | as of      | found              |
    | grassroots |        | 2021-06-30 |                    |
    | grassroots |        | 2021-07-01 | Q document_missing |
    | grassroots | 0      | 2021-07-01 | Q document_missing |
    | grassroots | 1      | 2021-07-01 |                    |
    | branch     |        | 2021-07-01 |                    |
"""


@pytest.mark.parametrize(("level", "has_it", "as_of", "said"), table(DOCUMENTS)[1:])
def test_a_document_is_missed_only_of_the_levels_that_owe_it_and_once_it_is_due(
    tmp_path: Path, level: str, has_it: str, as_of: str, said: str
) -> None:
    document = {
        "id": "programme", "name": "Chương trình", "levels": ["grassroots"], "due": {"date": date(2021, 6, 30)},
    }  # fmt: skip
    campaign = plan(documents=[document], tree={"levels": ["province", level]})
    values = {"members": 5, "attendees": 5, "reflections": 5, "doc_programme": int(has_it) if has_it else None}
    moment = datetime.fromisoformat(as_of).replace(tzinfo=VIETNAM)
    assert brief(found(tmp_path, campaign, form(values), as_of=moment)) == ([said] if said else [])


# --- what could not be read ------------------------------------------------------------------------


def unreadable(code: str, name: str) -> Note:
    return Note(code, name, "Biểu mẫu", "C2", "#REF!")


UNREAD = """
    | plan | code          | item             | found             |
    | 004  | count_unclear | attendees        | E count_unclear   |
    | 004  | cell_error    | exemptions       | E cell_error      |
    | 004  | two_values    | members          | E two_values      |
    | 004  | count_unclear | guests           | Q count_unclear   |
    | 004  | count_unclear | exempt_work      | Q count_unclear   |
    | 004  | cell_error    | assessment       | Q cell_error      |
    | 004  | cell_error    | study_date       | Q cell_error      |
    | 004  | hidden_value  | attendees        | Q hidden_value, E count_blank |
    | 001  | count_unclear | exemptions       | Q count_unclear   |
    | 001  | cell_error    | proposals        | Q cell_error      |
    | 000  | cell_error    | assessment       | I cell_error      |
    | 002  | count_unclear | exemptions       | I count_unclear   |
    | 002  | count_unclear | exempt_retired   | I count_unclear   |
    | 002  | cell_error    | reflections      | I cell_error      |
    | 002  | hidden_value  | reflections      | I hidden_value    |
    | 003  | cell_error    | assessment       | I cell_error      |
"""


@pytest.mark.parametrize(("number", "code", "item", "said"), table(UNREAD)[1:])
def test_an_unreadable_cell_is_an_error_only_where_a_count_is_required_and_is_said_once(
    tmp_path: Path, number: str, code: str, item: str, said: str
) -> None:
    values = {**FAULTLESS[number], item: None}
    findings = found(tmp_path, campaign_of(number), form(values, unreadable(code, item)))
    assert ", ".join(brief(findings)) == said


def test_an_unreadable_document_answer_is_not_also_a_missing_document(tmp_path: Path) -> None:
    document = {"id": "p", "name": "Kế hoạch", "levels": ["branch"], "due": {"date": date(2021, 4, 1)}}
    values: dict[str, object] = {"members": 5, "attendees": 5, "reflections": 5, "doc_p": None}
    findings = found(tmp_path, plan(documents=[document]), form(values, unreadable("answer_unclear", "doc_p")))
    assert brief(findings) == ["Q answer_unclear"]


def test_a_declared_total_is_not_judged_and_what_is_unreadable_in_it_is_a_query(tmp_path: Path) -> None:
    values: dict[str, object] = {"members": 3, "attendees": 90, "reflections": None}
    total = form(values, unreadable("formula_without_value", "reflections"), layout="total")
    assert brief(found(tmp_path, plan(), total, unit="grassroots")) == ["Q formula_without_value"]


@pytest.mark.parametrize("unit", ["", "LEAF"])
def test_figures_are_judged_only_where_the_unit_is_known(tmp_path: Path, unit: str) -> None:
    findings = found(tmp_path, plan(), form({"members": 3, "attendees": 9, "reflections": 3}), unit=unit)
    assert brief(findings) == (["E over_members", "Q reflections_below_required"][:1] if unit else [])


# --- severities are the campaign's ------------------------------------------------------------------


@pytest.mark.parametrize(("how", "said"), [("error", "E"), ("query", "Q"), ("info", "I"), ("off", "")])
def test_a_campaign_takes_a_finding_as_it_says(tmp_path: Path, how: str, said: str) -> None:
    campaign = plan(severity={"over_members": how})
    findings = found(tmp_path, campaign, form({"members": 3, "attendees": 4, "reflections": 3}))
    assert brief(findings) == ([f"{said} over_members"] if said else [])


@pytest.mark.parametrize("number", PLANS)
def test_the_shipped_plans_name_only_findings_that_there_are(number: str) -> None:
    campaign = campaign_of(number)
    assert set(campaign.severity) <= set(CATALOGUE)
    assert severity("members_below_one", campaign) == "error"


# --- our own faults are nobody else's ------------------------------------------------------------------


def test_a_check_that_crashes_is_raised_and_never_blamed_on_a_branch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(tallies: pd.DataFrame) -> pd.Series:
        raise ZeroDivisionError("our own fault")

    monkeypatch.setattr(rules, "_text_rules", lambda campaign: {"assessment_blank:assessment": crash})
    with pytest.raises(SchemaErrors, match="our own fault"):
        found(tmp_path, plan(), form({"members": 3, "attendees": 4, "reflections": 3}))


def test_one_frame_holds_all_tallies_and_each_finding_stays_with_its_own(tmp_path: Path) -> None:
    good: dict[str, object] = {"members": 3, "attendees": 3, "reflections": 3}
    tallies = [form(good), form(good | {"attendees": 4}), form(good), form(good | {"reflections": 2})]
    findings = found(tmp_path, plan(), *tallies)
    assert [(finding.tally, finding.note.code) for finding in findings] == [
        (1, "over_members"),
        (3, "reflections_below_required"),
    ]


# --- what is said of a whole file ------------------------------------------------------------------------


def test_a_file_that_cannot_be_read_and_one_from_the_future_are_told() -> None:
    moment = datetime(2021, 5, 10, 8, tzinfo=VIETNAM)
    things = [
        Received("a.xlsx", "", "", 0, moment, "folder", problem=Note("file_empty")),
        Received("b.xlsx", "", "00", 1, moment + timedelta(minutes=1), "folder"),
        Received("c.png", "", "01", 1, moment, "folder", problem=Note("file_ignored", value="png")),
    ]
    findings = file_findings(things, plan(), moment)
    assert [(finding.file, finding.tally, finding.severity, finding.note.code) for finding in findings] == [
        (0, -1, "error", "file_empty"),
        (1, -1, "info", "received_after_as_of"),
        (2, -1, "info", "file_ignored"),
    ]


def test_the_day_of_arrival_is_that_of_vietnam(tmp_path: Path) -> None:
    just_before_midnight_in_london = datetime(2021, 4, 26, 22, 30, tzinfo=UTC)  # the 27th in Vietnam
    values: dict[str, object] = {"members": 3, "attendees": 3, "reflections": 3, "study_date": date(2021, 4, 27)}
    assert brief(found(tmp_path, plan(), form(values), when=just_before_midnight_in_london)) == []
