"""The table of checks, row by row, as each of the shipped plans takes them (their numbers: docs/domain.md)."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.plan_tallies import PLANS, brief, campaign_of, changed, form, found
from tests.registry_tables import table

# What is changed in the faultless tally, in which plans, and what is found: E error, Q query, I info. "field=" is a
# blank cell, "-field" an item that is not on the form. Every change stands for all six plans.

CHECKS = """
    | change                              | plans            | found                                                  |
    | members=20                          | all              |                                                        |
    | members=0                           | 000 004 2026     | E members_below_one, E over_members x3, Q writers_and_exempt_over_members |
    | members=0                           | 001              | E members_below_one, E over_members x2                 |
    | members=0                           | 002 003          | E members_below_one, E over_members                    |
    | members=                            | all              | E count_blank                                          |
    | -members                            | all              | E item_not_found                                       |
    | attendees=                          | all              | E count_blank                                          |
    | -attendees                          | all              | E item_not_found                                       |
    | reflections=                        | 000 001 004 2026 | E count_blank                                          |
    | reflections=                        | 002 003          |                                                        |
    | exemptions=                         | 000 004 2026     | E count_blank                                          |
    | exemptions=                         | 001 002 003      |                                                        |
    | guests=                             | all              |                                                        |
    | -guests                             | all              |                                                        |
    | guests=99                           | all              |                                                        |
    | attendees=21                        | all              | E over_members                                         |
    | reflections=21                      | 000              | E over_members, Q writers_and_exempt_over_members      |
    | reflections=21                      | 001              | E over_members, Q reflections_over_attendees           |
    | reflections=21                      | 002 003          | I item_not_asked                                       |
    | reflections=21                      | 004 2026         | E over_members, Q reflections_over_attendees, Q writers_and_exempt_over_members |
    | exemptions=21                       | 000              | E over_members, Q writers_and_exempt_over_members, Q exempt_categories_differ |
    | exemptions=21                       | 001              | Q exempt_not_in_plan                                   |
    | exemptions=21                       | 002 003          | I item_not_asked                                       |
    | exemptions=21                       | 004 2026         | E over_members, Q writers_and_exempt_over_members      |
    | reflections=17                      | 000 001 004 2026 | Q reflections_below_required                           |
    | reflections=17                      | 002 003          | I item_not_asked                                       |
    | reflections=18 attendees=17         | 000              |                                                        |
    | reflections=18 attendees=17         | 001              | Q reflections_below_required, Q reflections_over_attendees |
    | reflections=18 attendees=17         | 002 003          | I item_not_asked                                       |
    | reflections=18 attendees=17         | 004 2026         | Q reflections_over_attendees                           |
    | reflections=19                      | 000 004 2026     | Q writers_and_exempt_over_members                      |
    | reflections=19                      | 001              | Q reflections_below_required                           |
    | reflections=19                      | 002 003          | I item_not_asked                                       |
    | reflections=0                       | 000 001 004 2026 | Q reflections_below_required                           |
    | reflections=0                       | 002 003          |                                                        |
    | exempt_retired=2                    | 000              | Q exempt_not_in_plan, Q exempt_categories_differ       |
    | exempt_retired=2                    | 001              | Q exempt_not_in_plan                                   |
    | exempt_retired=2                    | 002 003          | I item_not_asked                                       |
    | exempt_retired=2                    | 004 2026         |                                                        |
    | exempt_activity=1                   | 000 004 2026     | Q exempt_categories_differ                             |
    | exempt_activity=1                   | 001              | Q exempt_not_in_plan                                   |
    | exempt_activity=1                   | 002 003          | I item_not_asked                                       |
    | exempt_activity=2 exempt_retired=1  | 000              | Q exempt_not_in_plan, Q exempt_categories_differ       |
    | exempt_activity=2 exempt_retired=1  | 001              | Q exempt_not_in_plan x2                                |
    | exempt_activity=2 exempt_retired=1  | 002 003          | I item_not_asked x2                                    |
    | exempt_activity=2 exempt_retired=1  | 004 2026         | Q exempt_categories_differ                             |
    | attendees=14                        | 000 002 003      |                                                        |
    | attendees=14                        | 001 004 2026     | Q reflections_over_attendees                           |
    | attendees=13                        | 000 002 003      |                                                        |
    | attendees=13                        | 001              | Q reflections_over_attendees, Q attendance_low         |
    | attendees=13                        | 004 2026         | Q reflections_over_attendees                           |
    | attendees=11                        | 000 002          |                                                        |
    | attendees=11                        | 001 2026         | Q reflections_over_attendees, Q attendance_low         |
    | attendees=11                        | 003              | Q attendance_low                                       |
    | attendees=11                        | 004              | Q reflections_over_attendees                           |
    | attendees=9                         | 000 002 003      | Q attendance_low                                       |
    | attendees=9                         | 001 004 2026     | Q reflections_over_attendees, Q attendance_low         |
    | guest_reflections=1                 | 000 001          | I guests_wrote                                         |
    | guest_reflections=1                 | 002 003          | I item_not_asked                                       |
    | guest_reflections=1                 | 004 2026         | Q guests_wrote                                         |
    | guest_reflections=0                 | all              |                                                        |
    | assessment=                         | 000 002 003      |                                                        |
    | assessment=                         | 001 004 2026     | Q assessment_blank                                     |
    | -assessment                         | 000 002 003      |                                                        |
    | -assessment                         | 001 004 2026     | Q assessment_blank                                     |
    | proposals=                          | 000 001 002 003  |                                                        |
    | proposals=                          | 004 2026         | I proposals_blank                                      |
    | study_date=2035-01-01               | all              | Q study_after_deadline, Q study_after_report           |
    | study_date=2020-04-15               | all              | Q study_long_before                                    |
"""  # noqa: E501  # one line a case, however long


def cases() -> list[tuple[str, str, str]]:
    """Return (plan, change, found) of every line, a plan at a time."""
    return [
        (number, str(change), str(said))
        for change, plans, said in table(CHECKS)[1:]
        for number in (PLANS if plans == "all" else str(plans).split())
    ]


def test_the_table_says_of_every_change_what_each_plan_finds() -> None:
    said = Counter((number, change) for number, change, _ in cases())
    assert set(said) == {(number, change) for number in PLANS for _, change in said}
    assert set(said.values()) == {1}


@pytest.mark.parametrize(("number", "change", "said"), cases())
def test_each_plan_takes_each_check_as_the_table_says(tmp_path: Path, number: str, change: str, said: str) -> None:
    campaign = campaign_of(number)
    expected: Counter[str] = Counter()
    for part in said.split(", ") if said else []:
        code, _, times = part.partition(" x")
        expected[code] += int(times or 1)
    assert Counter(brief(found(tmp_path, campaign, form(changed(number, change))))) == expected
