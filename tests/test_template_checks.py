"""The verdicts beside the answers: what a form shows is what validation finds, and LibreOffice comes to the same."""

from __future__ import annotations

import io
import random
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pandera.pandas as pa
import pytest
import xlsxwriter
from python_calamine import CalamineWorkbook

from pipeline.settings import load_campaign
from pipeline.templates import form_items, put
from pipeline.templates.checks import BAD, DOUBT, FREE, GOOD, OPEN, formula_of, rules_for, verdict_of
from schemas.campaign import Campaign
from schemas.findings import severity
from schemas.tally import tally_columns, tally_schema
from tests.libreoffice import convert

INPUTS = Path(__file__).parents[1] / "inputs"
SHIPPED = sorted(path.parent.name for path in INPUTS.glob("*/campaign.toml") if path.parent.name != "demo")
ODD: tuple[object, ...] = (None, -3, "12 đ/c", "7", " ", 0)


def campaign_of(name: str) -> Campaign:
    return load_campaign(INPUTS / name)


def fields_of(campaign: Campaign) -> list[str]:
    """Return every answer of the lowest level's form."""
    dated = ["study_date"] if campaign.items.asked("study_date") != "no" else []
    return [*dated, *(item.field for item in form_items(campaign))]


def verdicts(campaign: Campaign, answers: Mapping[str, object]) -> dict[str, str]:
    level = campaign.tree.levels[-1]
    return {field: verdict_of(rules_for(field, campaign, level), answers) for field in fields_of(campaign)}


def drawn(rng: random.Random, campaign: Campaign, odd: Sequence[object] = (None,)) -> dict[str, object]:
    """Return counts such that every rule between them holds for some draws and not for others."""
    members = rng.randint(0, 9)
    answers: dict[str, object] = {"members": members}
    for field in campaign.count_fields[1:]:
        most = 2 if field in campaign.exemption_categories or field.startswith("grade_") else members + 2
        answers[field] = rng.randint(0, min(most, members or 1))
        if field in ("attendees", "reflections", "exemptions") and rng.random() < 0.5:
            answers[field] = rng.randint(0, most)
    return {field: rng.choice(odd) if rng.random() < 0.1 else value for field, value in answers.items()}


@pytest.mark.parametrize("name", SHIPPED)
def test_what_a_form_shows_is_what_validation_finds(name: str):
    campaign, rng = campaign_of(name), random.Random(5)
    rows = [drawn(rng, campaign) for _ in range(400)]
    failed = findings_of(campaign, rows)
    seen = set()
    for row, answers in enumerate(rows):
        shown = verdicts(campaign, answers)
        for field in campaign.count_fields:
            if field in campaign.exemption_categories and (answers[field] or 0) > (answers["members"] or 0):
                continue  # told at once on the form; validation tells it by what the categories add up to
            assert shown[field][0] == mark_of(campaign, field, answers[field], failed[row]), (answers, field)
            seen.add(shown[field][0])
    assert seen >= {GOOD, BAD, OPEN}
    assert DOUBT in seen or campaign.items.reflections == "no"


def findings_of(campaign: Campaign, rows: Sequence[Mapping[str, object]]) -> list[set[str]]:
    """Return the checks of schemas/tally.py that each row fails, as code:field."""
    columns = tally_columns(campaign)
    frame = pd.DataFrame({column: pd.Series([row.get(column) for row in rows], dtype=dtype)
                          for column, dtype in columns.items()})  # fmt: skip
    frame["level"] = campaign.tree.levels[-1]
    failed: list[set[str]] = [set() for _ in rows]
    try:
        tally_schema(campaign, datetime(2000, 1, 1).astimezone()).validate(frame, lazy=True)
    except pa.errors.SchemaErrors as found:
        for check, index in zip(found.failure_cases["check"], found.failure_cases["index"], strict=True):
            failed[int(index)].add(str(check))
    return failed


def mark_of(campaign: Campaign, field: str, value: object, failed: set[str]) -> str:
    codes = {check.partition(":")[0] for check in failed if check.endswith(f":{field}")}
    severities = {severity(code, campaign) for code in codes}
    if value is None:
        return OPEN if "count_blank" in codes else FREE
    return BAD if "error" in severities else DOUBT if "query" in severities else GOOD


@pytest.mark.parametrize(
    ("answers", "field", "shown"),
    [
        ({}, "members", "○ Chưa điền"),
        ({"members": 0}, "members", "✗ Phải từ 1 trở lên"),
        ({"members": "45 đ/c"}, "members", "✗ Chỉ ghi một số nguyên, từ 0 trở lên"),
        ({"members": 45}, "members", "✓ Hợp lệ"),
        ({"members": 45, "attendees": 47}, "attendees", "✗ Lớn hơn tổng số đảng viên (mục 1)"),
        ({"attendees": 47}, "attendees", "✓ Hợp lệ"),
        ({"members": 45, "attendees": 22}, "attendees", "▲ Dưới 50% đảng viên: xem lại"),
        ({"members": 45, "exemptions": 5, "reflections": 37}, "reflections", "▲ Còn thiếu 3 bài so với số phải viết"),
        ({"exemptions": 5, "exempt_retired": 4}, "exemptions", "▲ Các dòng dưới cộng lại là 4: xem lại"),
        ({"guest_reflections": 1}, "guest_reflections", "▲ Quần chúng không phải viết: xem lại"),
        ({}, "guests", "– Không bắt buộc"),
        ({"study_date": date(2021, 4, 20)}, "study_date", "✓ Ngày 20 tháng 4 năm 2021"),
        ({"study_date": date(2021, 6, 1)}, "study_date", "▲ Sau hạn học tập 31/5/2021: xem lại"),
        ({"study_date": date(1921, 6, 1)}, "study_date", "✗ Ghi một ngày, ví dụ 29/4/2021"),
        ({}, "assessment", "○ Chưa điền"),
        ({}, "proposals", "– Không bắt buộc"),
        ({"proposals": "Không"}, "proposals", "✓ Đã ghi"),
    ],
)
def test_a_verdict_says_what_is_wrong(answers: dict[str, object], field: str, shown: str):
    assert verdicts(campaign_of("kien-giang-2021"), answers)[field] == shown


def test_a_plan_document_that_is_not_there_is_asked_about_only_where_it_has_a_date():
    block, province = campaign_of("thanh-hoa-khoi-2024"), campaign_of("kien-giang-2021")
    rules = rules_for("doc_own_plan", block, "grassroots")
    assert verdict_of(rules, {"doc_own_plan": False}) == "▲ Hạn ban hành là 29/9/2024"
    assert verdict_of(rules, {"doc_own_plan": True}) == "✓ Hợp lệ"
    assert verdict_of(rules, {}) == "○ Chọn Có hoặc Chưa"
    assert verdict_of(rules, {"doc_own_plan": "x"}) == "✗ Chọn Có hoặc Chưa"
    assert verdict_of(rules_for("doc_study_plan", province, "district"), {"doc_study_plan": False}) == "✓ Hợp lệ"


def all_answers(rng: random.Random, campaign: Campaign) -> dict[str, object]:
    answers = drawn(rng, campaign, ODD)
    answers["study_date"] = rng.choice((None, "x", 5, date(1999, 12, 31), date(2000, 1, 1), date(2024, 12, 31)))
    answers["assessment"] = rng.choice((None, "Tốt", "=1+1"))
    for document in campaign.document_fields:
        answers[document] = rng.choice((None, True, False, "x"))
    return answers


def test_libreoffice_comes_to_the_verdicts_that_are_stored(tmp_path: Path):
    """One sheet a campaign and one line a set of answers: the answers, then the formula of each verdict."""
    rng = random.Random(8)
    stored: dict[str, list[list[str]]] = {}
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"strings_to_formulas": False}) as book:
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for name in SHIPPED:
            campaign, sheet = campaign_of(name), book.add_worksheet(name)
            fields, lines = fields_of(campaign), stored.setdefault(name, [])
            for row in range(80):
                answers = all_answers(rng, campaign)
                for column, field in enumerate(fields):
                    put(sheet, row, column, answers.get(field), day if isinstance(answers.get(field), date) else None)
                cells = {field: f"{chr(65 + column)}{row + 1}" for column, field in enumerate(fields)}
                lines.append(list(verdicts(campaign, answers).values()))
                for column, field in enumerate(fields):
                    rules = rules_for(field, campaign, campaign.tree.levels[-1])
                    sheet.write_formula(row, 26 + column, formula_of(rules, cells), None, "not worked out")
    (tmp_path / "verdicts.xlsx").write_bytes(buffer.getvalue())
    book = CalamineWorkbook.from_path(convert(tmp_path / "verdicts.xlsx", tmp_path))
    for name in SHIPPED:
        shown = [row[26:] for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
        assert shown == stored[name]
