"""A finding in words: items by their names in the reader's language, as a sentence has them."""

from __future__ import annotations

import csv
import re

import pytest

from pipeline.wording import in_words, titles
from schemas.records import Finding, Note
from tests.imports_of import ROOT
from tests.received_tables import plan

DOCUMENT = {"id": "plan", "name": "Kế hoạch số 5-KH/TU", "levels": ["district"]}


@pytest.mark.parametrize(
    ("language", "field", "said"),
    [
        ("vi", "attendees", "Ô B13 (số đảng viên dự học tập) để trống."),
        ("en", "attendees", "Cell B13 (attendees) is blank."),
        ("vi", "doc_plan", "Ô B13 (Kế hoạch số 5-KH/TU) để trống."),  # the plan's own name stays as it is
    ],
)
def test_an_item_is_written_small_inside_a_sentence(language: str, field: str, said: str) -> None:
    finding = Finding("error", Note("count_blank", field=field, cell="B13"))
    names = titles(plan(documents=[DOCUMENT]), language)
    assert in_words(finding, names, language)[0] == said


@pytest.mark.parametrize(("language", "shares"), [("vi", ("33,3%", "50,0%")), ("en", ("33.3%", "50.0%"))])
def test_shares_have_the_decimal_sign_of_the_language(language: str, shares: tuple[str, str]) -> None:
    detail = (("limit", "39"), ("rate", "33,3%"), ("threshold", "50,0%"))
    finding = Finding("query", Note("attendance_low", field="attendees", cell="B13", value="13", detail=detail))
    message = in_words(finding, titles(plan(), language), language)[0]
    assert [share in message for share in shares] == [True, True]


def test_no_message_of_the_shipped_campaigns_has_a_hole_where_a_place_should_stand() -> None:
    hole = re.compile(r"[Ôô](  | \(|\)| ,| rồi)|“”")
    found = []
    for table in sorted((ROOT / "tests" / "golden").glob("*/findings.csv")):
        with table.open(encoding="utf-8-sig", newline="") as file:
            found += [row["message"] for row in csv.DictReader(file) if hole.search(row["message"] + " " + row["fix"])]
    assert found == []
    assert hole.search("Ô  (số viết thu hoạch) = 3")
