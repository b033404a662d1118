"""What an analyst rules in decisions.xlsx is obeyed, accounted for and never lost."""

from __future__ import annotations

from email.message import EmailMessage
from pathlib import Path

import openpyxl
import pytest

from schemas.faults import FaultsError
from schemas.words import word
from tests.deciding import APPLIED, STALE, flag, make_campaign, outcomes, rule, run, status, write_form


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    return make_campaign(tmp_path / "campaign")


def test_a_confirmed_query_makes_its_unit_complete(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    assert flag(run(campaign), "B1") == "queried"
    rule(campaign, "reflections_below_required", decision="confirm")
    result = run(campaign)
    assert flag(result, "B1") == "complete"
    assert outcomes(result) == [APPLIED]


def test_an_error_cannot_be_confirmed_away(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 12, 9, 1))
    run(campaign)
    rule(campaign, "over_members", decision="confirm")
    result = run(campaign)
    assert flag(result, "B1") == "rejected"
    assert outcomes(result) == [word("outcome_refused", "vi")]
    assert "decision_refused" in set(result.findings["code"])


def test_a_placed_file_counts_at_the_unit_named(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", name="CHI BỘ ẤP MỘT", counts=(10, 10, 9, 1))
    assert status(run(campaign), "2021-04-20/a.xlsx") == "unidentified"
    rule(campaign, "unit_not_found", decision="place", place_unit="B1")
    result = run(campaign)
    assert status(result, "2021-04-20/a.xlsx") == "counted"
    assert result.round_units("1").at["B1", "members"] == 10
    assert result.round_units("1").at["T", "members"] == 10


def test_placing_at_a_unit_that_is_not_there_changes_nothing_and_is_said(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", name="CHI BỘ ẤP MỘT", counts=(10, 10, 9, 1))
    run(campaign)
    rule(campaign, "unit_not_found", decision="place", place_unit="B9")
    result = run(campaign)
    assert status(result, "2021-04-20/a.xlsx") == "unidentified"
    assert outcomes(result) == [word("outcome_incomplete", "vi")]


def test_an_overridden_value_counts_and_keeps_the_old_one_on_record(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, "9 hoặc 10", 9, 1))
    assert flag(run(campaign), "B1") == "rejected"
    rule(campaign, "count_unclear", decision="override", new_value=9)
    result = run(campaign)
    assert result.round_units("1").at["B1", "attendees"] == 9
    record = result.findings[result.findings["code"] == "value_overridden"].iloc[0]
    assert (record["cell"], record["value"]) == ("B5", "9 hoặc 10")
    assert "Nguyễn Văn A" in record["message"]


def test_of_two_reports_of_one_moment_the_one_taken_counts(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 9, 1))
    write_form(campaign / "submissions/2021-04-20/b.xlsx", code="B1", counts=(11, 11, 10, 1))
    assert flag(run(campaign), "B1") == "rejected"
    row = rule(campaign, "conflict_same_time", decision="prefer")
    result = run(campaign)
    taken = openpyxl.load_workbook(campaign / "decisions.xlsx").worksheets[0].cell(row, 6).value
    assert result.round_units("1").at["B1", "members"] == (10 if str(taken).endswith("a.xlsx") else 11)
    assert sorted(result.files["status"]) == ["counted", "superseded"]


@pytest.mark.parametrize(("sheet", "members"), [("Đợt 1", 10), ("Bản cũ", 11)])
def test_of_two_reports_of_one_file_the_sheet_taken_counts(campaign: Path, sheet: str, members: int) -> None:
    path = campaign / "submissions/2021-04-20/a.xlsx"
    write_form(path, code="B1", counts=(10, 10, 9, 1))
    book = openpyxl.load_workbook(path)
    book.active.title = "Đợt 1"
    old = book.copy_worksheet(book.active)
    old.title = "Bản cũ"
    old["B4"], old["B5"] = 11, 11
    book.save(path)
    assert flag(run(campaign), "B1") == "rejected"
    rule(campaign, "conflict_same_time", sheet, decision="prefer")
    assert run(campaign).round_units("1").at["B1", "members"] == members


def test_a_report_with_errors_cannot_be_taken_over_a_good_one(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 9, 1))
    write_form(campaign / "submissions/2021-04-21/b.xlsx", code="B1", counts=(10, 12, 9, 1))
    run(campaign)
    rule(campaign, "over_members", decision="prefer")
    result = run(campaign)
    assert (status(result, "2021-04-20/a.xlsx"), status(result, "2021-04-21/b.xlsx")) == ("counted", "rejected")
    assert outcomes(result) == ["Không áp dụng: lỗi phải được sửa"]


def test_an_excluded_file_is_kept_on_the_books_with_the_reason(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 12, 9, 1))
    run(campaign)
    rule(campaign, "over_members", decision="exclude")
    result = run(campaign)
    assert status(result, "2021-04-20/a.xlsx") == "excluded"
    assert "Đã gọi điện" in result.files["reason"].iloc[0]
    assert flag(result, "B1") == "missing"


def test_a_ruling_does_not_follow_a_file_with_other_figures(campaign: Path) -> None:
    file = campaign / "submissions/2021-04-20/a.xlsx"
    write_form(file, code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    rule(campaign, "reflections_below_required", decision="confirm")
    write_form(file, code="B1", counts=(10, 10, 5, 1))
    result = run(campaign)
    assert flag(result, "B1") == "queried"
    assert outcomes(result) == [STALE]
    assert "decision_stale" in set(result.findings["code"])


def test_a_ruling_without_a_reason_is_not_obeyed(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    rule(campaign, "reflections_below_required", decision="confirm", reason=None)
    assert flag(run(campaign), "B1") == "queried"


def test_a_persons_rows_keep_their_place_and_words_when_questions_come_and_go(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    row = rule(campaign, "reflections_below_required", decision="confirm", reason="=lý do của tôi")
    write_form(campaign / "submissions/2021-04-21/b.xlsx", code="B2", counts=(10, 10, 8, 1), assessment="")
    run(campaign)
    (campaign / "submissions/2021-04-20/a.xlsx").unlink()
    run(campaign)
    sheet = openpyxl.load_workbook(campaign / "decisions.xlsx").worksheets[0]
    texts = [[cell.value for cell in line] for line in sheet.iter_rows(min_row=2)]
    assert "=lý do của tôi" in texts[row - 2]
    assert texts[row - 2][2] == "B1"
    assert {line[2] for line in texts} == {"B1", "B2"}


def test_asking_twice_changes_nothing(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    asked = (campaign / "decisions.xlsx").read_bytes()
    manifest = (campaign.parent / "out/run.json").read_bytes()
    run(campaign)
    assert (campaign / "decisions.xlsx").read_bytes() == asked
    assert (campaign.parent / "out/run.json").read_bytes() == manifest


def test_a_senders_formula_stays_text_in_the_questions(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, "=cmd|' /C calc'!A0", 9, 1))
    run(campaign)
    sheet = openpyxl.load_workbook(campaign / "decisions.xlsx").worksheets[0]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)


def test_a_decision_that_is_none_of_the_list_is_a_fault_with_its_line(campaign: Path) -> None:
    write_form(campaign / "submissions/2021-04-20/a.xlsx", code="B1", counts=(10, 10, 8, 1))
    run(campaign)
    path = campaign / "decisions.xlsx"
    book = openpyxl.load_workbook(path)
    book.worksheets[0].cell(2, 10, "Đồng ý")
    book.save(path)
    with pytest.raises(FaultsError) as caught:
        run(campaign)
    (fault,) = caught.value.faults
    assert (fault.file, fault.kind, fault.found) == ("decisions.xlsx", "fault_decisions_kind", "Đồng ý")
    assert fault.place == word("place_line", "vi", line=2)


def receive_mail(campaign: Path, sender: str, attachment: bytes) -> None:
    mail = EmailMessage()
    mail["From"], mail["Date"] = sender, "Tue, 20 Apr 2021 09:00:00 +0700"
    mail.set_content("Kính gửi")
    mail.add_attachment(attachment, maintype="application", subtype="octet-stream", filename="bao cao.xlsx")
    (campaign / "submissions").mkdir()
    (campaign / "submissions/thu.eml").write_bytes(mail.as_bytes())


@pytest.mark.parametrize(
    ("sender", "code", "name", "unit", "finding"),
    [
        ("ap2@example.vn", "B1", "", "B1", "sender_differs"),
        ("ap1@example.vn", "B1", "", "B1", ""),
        ("xa.tayyen@example.vn", "B1", "", "B1", ""),  # an office above may send for its branches
        ("ap1@example.vn", "", "", "B1", "placed_by_sender"),
        ("ap2@example.vn", "", "CHI BỘ ẤP 1", "B1", "sender_differs"),
        ("ap1@example.vn", "", "CHI BỘ TRƯỜNG THPT", "B1", "sender_differs"),
        ("ai.do@example.vn", "", "CHI BỘ ẤP MỘT", "", "unit_not_found"),
    ],
)
def test_the_senders_address_is_evidence(
    campaign: Path, sender: str, code: str, name: str, unit: str, finding: str
) -> None:
    form = campaign.parent / "form.xlsx"
    write_form(form, code=code, name=name, counts=(10, 10, 9, 1))
    receive_mail(campaign, sender, form.read_bytes())
    result = run(campaign)
    assert result.files["unit_code"].tolist() == [unit]
    about = {"sender_differs", "placed_by_sender", "unit_not_found"}
    assert [code for code in result.findings["code"] if code in about] == ([finding] if finding else [])


def test_a_file_that_cannot_be_read_is_charged_to_the_unit_whose_address_sent_it(campaign: Path) -> None:
    receive_mail(campaign, "ap1@example.vn", b"PK\x03\x04 cut short")
    result = run(campaign)
    assert flag(result, "B1") == "rejected"
    assert result.files[["unit_code", "status"]].to_numpy().tolist() == [["B1", "rejected"]]
