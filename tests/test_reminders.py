"""reminders/ of a run: who is reminded and by which address, what a draft says and brings, and when nothing is said."""

from __future__ import annotations

import csv
import os
import shutil
from datetime import datetime
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from pathlib import Path

import openpyxl
import pytest

from pipeline.reminders.chased import Reminder
from pipeline.reminders.letter import Attachment, Occasion, draft
from pipeline.settings import load_campaign
from schemas.campaign import VIETNAM
from tests.reminding import (
    GOOD,
    PLAN,
    attached,
    consolidate,
    drafts,
    form,
    make_campaign,
    remind,
    text_of,
)
from tests.started import SHIPPED, content, rows, start


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The little campaign after a run: its inputs and outputs. For tests that change neither."""
    folder = tmp_path_factory.mktemp("inputs") / "xa-a"
    output = tmp_path_factory.mktemp("outputs")
    consolidate(make_campaign(folder), output)
    return folder, output


@pytest.fixture
def own(ran: tuple[Path, Path], tmp_path: Path) -> tuple[Path, Path]:
    """A copy of the same, to be changed."""
    for name, source in zip(("xa-a", "out"), ran, strict=True):
        shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("reminders"))
    return tmp_path / "xa-a", tmp_path / "out"


def index(output: Path) -> list[str]:
    names = ("unit_code", "flag", "to", "through", "monitor", "draft")
    return [" | ".join(row[name] for name in names) for row in rows(output / "reminders" / "reminders.csv")]


# --- who is reminded, and by which address ----------------------------------------------------------


def test_who_owes_something_is_reminded_by_the_nearest_address_and_nobody_else(ran, capsys):
    folder, output = ran
    assert remind(folder, output) == 0
    assert index(output) == [
        "Z | missing |  |  | Hoa | Z.eml",
        "X1 | missing | x1@example.vn |  | Minh | X/X1.eml",
        "X2 | missing | x@example.vn | Đảng bộ xã A | Lan | X/X2.eml",
        "X4 | rejected | x4@example.vn |  | Lan | X/X4.eml",
        "X5 | queried | x5@example.vn |  | Lan | X/X5.eml",
    ]
    told = {path: (mail["To"], mail["From"], mail["Reply-To"], mail["Cc"]) for path, mail in drafts(output).items()}
    office = "BAN TUYÊN GIÁO TỈNH ỦY <btg@example.vn>"
    assert told == {
        "X/X1.eml": ("Chi bộ ấp 1 <x1@example.vn>", office, "btg@example.vn", None),
        "X/X2.eml": ("Đảng bộ xã A <x@example.vn>", office, "btg@example.vn", None),
        "X/X4.eml": ("Chi bộ ấp 4 <x4@example.vn>", office, "btg@example.vn", None),
        "X/X5.eml": ("Chi bộ ấp 5 <x5@example.vn>", office, "btg@example.vn", None),
        "Z.eml": (None, office, "btg@example.vn", None),
    }
    said = capsys.readouterr().out.splitlines()
    assert said[0].startswith(
        "5 thư nhắc cho Đợt 1 (hạn 29/04/2021): chưa gửi 3, bị trả lại 1, cần xác nhận 1, chưa đến hạn 0; "
        "không có địa chỉ 1"
    )
    assert said[1:] == ["  không có địa chỉ: Z Chi bộ cơ quan B (theo dõi: Hoa)"]


def test_before_the_due_date_only_on_request(own, capsys):
    folder, output = own
    early = ("--as-of", "2021-04-22T08:00")
    consolidate(folder, output, *early)
    assert remind(folder, output, *early) == 0
    assert [line.split(" | ")[:2] for line in index(output)] == [["X4", "rejected"], ["X5", "queried"]]
    assert remind(folder, output, *early, "--before-due") == 0
    assert [line.split(" | ")[:2] for line in index(output)] == [
        ["Z", "not_due"], ["X1", "not_due"], ["X2", "not_due"], ["X4", "rejected"], ["X5", "queried"]
    ]  # fmt: skip
    friendly = drafts(output)["X/X1.eml"]
    assert friendly["Subject"] == "[X1] Sắp đến hạn báo cáo Đợt 1: Chi bộ ấp 1"
    assert "hạn cuối ngày 29/04/2021 (còn 7 ngày)" in text_of(friendly)
    assert "quá hạn" not in text_of(friendly)


def test_the_round_asked_for_is_the_one_reminded_of(ran, tmp_path, capsys):
    folder, _ = ran
    consolidate(folder, tmp_path)
    assert remind(folder, tmp_path, "--round", "2", "--before-due") == 0
    assert [line.split(" | ")[:2] for line in index(tmp_path)] == [
        [code, "not_due"] for code in ("Z", "X1", "X2", "X3", "X4", "X5")
    ]
    assert remind(folder, tmp_path, "--round", "3") == 2
    assert "--round" in capsys.readouterr().err


def test_on_the_shipped_campaign_drafts_are_for_exactly_the_units_whose_flag_asks_for_one(tmp_path):
    folder, output = tmp_path / "kien-giang-2021", tmp_path / "out"
    shutil.copytree(SHIPPED, folder, ignore=shutil.ignore_patterns("decisions.xlsx"))
    assert start("consolidate", folder, "--output", output).returncode == 0
    ended = start("remind", folder, "--output", output)
    assert (ended.returncode, ended.stderr) == (0, "")
    units = rows(output / "units.csv")
    above = {row["parent_code"] for row in units}
    wanted = {
        (row["unit_code"], row["flag"])
        for row in units
        if row["round"] == "1" and row["flag"] in ("missing", "rejected", "queried") and row["unit_code"] not in above
    }
    listed = rows(output / "reminders" / "reminders.csv")
    assert {(row["unit_code"], row["flag"]) for row in listed} == wanted
    assert len(listed) == len(wanted) == len(drafts(output)) == 100
    for row in listed:
        mail = drafts_of(output, row["draft"])
        assert mail["Subject"].startswith(f"[{row['unit_code']}] ")
        assert mail["Subject"].endswith(row["unit_name"])  # however long: folded and read back whole
        assert shown_to(output, row["draft"]) == f"{row['unit_name']} <{row['to']}>"
        assert [address.addr_spec for address in mail["To"].addresses] == [row["to"]]


def drafts_of(output: Path, path: str):
    return message_from_bytes((output / "reminders" / path).read_bytes(), policy=policy.default)


def shown_to(output: Path, path: str) -> str:
    """Return To as RFC 2047 has it; the newer parser (3.11) puts a space between two encoded words of a name."""
    raw = message_from_bytes((output / "reminders" / path).read_bytes())["To"]
    return str(make_header(decode_header(raw)))


# --- what a draft says and brings ---------------------------------------------------------------------


def test_a_missing_unit_reads_what_it_owes_and_gets_its_form(ran, tmp_path):
    folder, output = ran
    assert remind(folder, output) == 0
    mail = drafts(output)["X/X1.eml"]
    assert mail["X-Unsent"] == "1"
    assert mail["Subject"] == "[X1] Đề nghị gửi báo cáo Đợt 1: Chi bộ ấp 1"
    assert mail["Date"] == "Mon, 10 May 2021 08:00:00 +0700"
    assert text_of(mail) == (
        "Kính gửi: Chi bộ ấp 1 (Đảng bộ xã A)\n"
        "\n"
        "- Nội dung: Học tập Nghị quyết\n"
        "- Theo: Kế hoạch số 13-KH/TU\n"
        "- Báo cáo: Đợt 1, hạn cuối ngày 29/04/2021 (đã quá hạn 11 ngày)\n"
        "- Mã đơn vị: X1\n"
        "\n"
        "Đến 08:00 10/05/2021, chưa nhận được báo cáo Đợt 1 của Chi bộ ấp 1. Đề nghị đơn vị khẩn trương gửi báo cáo.\n"
        "\n"
        "Cách gửi: điền vào biểu mẫu đính kèm (X1.xlsx; đã ghi sẵn mã, tên đơn vị và đợt báo cáo), lưu lại, rồi trả "
        "lời thư này kèm tệp đó. Mục nào không có thì ghi 0, không để trống.\n"
        "Nếu đơn vị đã gửi, đề nghị gửi lại và cho biết đã gửi ngày nào, về địa chỉ nào.\n"
        "Địa chỉ nhận báo cáo: btg@example.vn\n"
        "\n"
        "Trân trọng./.\n"
        "BAN TUYÊN GIÁO\n"
        "TỈNH ỦY\n"
    )
    assert start("templates", folder, "--output", tmp_path / "templates", "--round", "1").returncode == 0
    assert attached(mail) == {"X1.xlsx": (tmp_path / "templates" / "X" / "X1.xlsx").read_bytes()}
    through = text_of(drafts(output)["X/X2.eml"])
    assert through.startswith("Kính gửi: Đảng bộ xã A (đề nghị chuyển Chi bộ ấp 2)\n")


def test_a_rejected_unit_reads_its_faults_and_gets_its_own_report_back(ran):
    folder, output = ran
    assert remind(folder, output) == 0
    mail = drafts(output)["X/X4.eml"]
    finding = next(row for row in rows(output / "findings.csv") if row["severity"] == "error")
    assert finding["unit_code"] == "X4"
    assert f"1. {finding['message']}\n   Cách sửa: {finding['fix']}\n" in text_of(mail)
    assert "CHƯA ĐƯỢC TÍNH" in text_of(mail)
    copy = next(row["copy"] for row in rows(output / "returned" / "returned.csv") if row["unit_code"] == "X4")
    assert attached(mail) == {copy.rpartition("/")[2]: (output / "returned" / copy).read_bytes()}


def test_a_queried_unit_is_asked_to_confirm_and_not_called_overdue(ran):
    folder, output = ran
    assert remind(folder, output) == 0
    mail = drafts(output)["X/X5.eml"]
    finding = next(row for row in rows(output / "findings.csv") if row["severity"] == "query")
    assert finding["unit_code"] == "X5"
    assert f"1. {finding['message']}" in text_of(mail)
    assert "ghi “xác nhận”" in text_of(mail)
    assert "quá hạn" not in text_of(mail)
    assert len(attached(mail)) == 1


def test_a_unit_that_its_office_reported_in_a_list_gets_no_copy_of_that_list(tmp_path):
    """Cases of the shipped list: a copy holds the figures of all of an office's units."""
    folder, output = make_campaign(tmp_path / "xa-a"), tmp_path / "out"
    for path in (folder / "submissions" / "2021-04-20").iterdir():
        path.unlink()
    lines = ["Mã đơn vị,Chi bộ,Tổng số đảng viên,Dự học tập,Viết thu hoạch,Miễn viết,Nhận xét"]
    lines += ["X1,Chi bộ ấp 1,10,3,10,0,Tốt", "X2,Chi bộ ấp 2,10,10,10,0,Tốt"]
    book = openpyxl.Workbook()
    for line in ["ĐẢNG BỘ XÃ A", "Đợt 1", *lines]:
        book.active.append([int(cell) if cell.isdigit() else cell for cell in line.split(",")])
    book.save(folder / "submissions" / "2021-04-20" / "danh sach.xlsx")
    consolidate(folder, output)
    flags = {row["unit_code"]: row["flag"] for row in rows(output / "units.csv") if row["round"] == "1"}
    assert (flags["X1"], flags["X2"]) == ("queried", "complete")
    assert remind(folder, output) == 0
    mail = drafts(output)["X/X1.eml"]
    assert list(attached(mail)) == ["X1.xlsx"]
    assert "Nếu số liệu sai: điền lại vào biểu mẫu đính kèm (X1.xlsx" in text_of(mail)
    assert "X/X2.eml" not in drafts(output)


def test_in_english_on_request(own):
    folder, output = own
    consolidate(folder, output, "--lang", "en")
    assert remind(folder, output, "--lang", "en") == 0
    mail = drafts(output)["X/X4.eml"]
    assert mail["Subject"] == "[X4] Report of Đợt 1 to be mended and sent again: Chi bộ ấp 4"
    assert "NOT COUNTED" in text_of(mail)
    assert "Cách sửa" not in text_of(mail)


def occasion(folder: Path) -> Occasion:
    campaign = load_campaign(folder)
    moment = datetime(2021, 5, 10, 8, tzinfo=VIETNAM)
    return Occasion(campaign, campaign.rounds[0], moment, moment, "vi")


def test_of_many_faults_some_ten_are_told(ran):
    points = tuple((f"Lỗi {number}.", "") for number in range(13))
    who = Reminder("X4", "Chi bộ", "rejected", "x4@example.vn", "", "", "", points, ())
    for is_copy, more in ((True, "… và 3 điểm khác, xem trang đầu của tệp đính kèm."), (False, "… và 3 điểm khác.")):
        data = draft(who, occasion(ran[0]), [Attachment("a.xlsx", b"x", is_copy)])
        lines = text_of(message_from_bytes(data, policy=policy.default)).splitlines()
        assert [line for line in lines if "Lỗi" in line] == [f"{number}. Lỗi {number - 1}." for number in range(1, 11)]
        assert more in lines


def test_no_line_of_a_mail_is_longer_than_a_server_takes(ran):
    long = "Đảng bộ " * 200
    who = Reminder("X4", long, "rejected", "x4@example.vn", long, long, "", ((long, long),), ())
    data = draft(who, occasion(ran[0]), [Attachment(f"{long}.xlsx", b"x" * 5000, is_copy=True)])
    lines = data.split(b"\r\n")
    assert max(map(len, lines)) <= 998
    assert b"\n" not in b"".join(lines)
    (name,) = attached(message_from_bytes(data, policy=policy.default))
    assert name.startswith("Đảng bộ Đảng bộ")
    assert name.endswith(".xlsx")


HOSTILE = [
    "A\r\nBcc: spy@example.vn",
    "A\nX: y\n\nbody",
    "A\x00\x0b\x85\u2028Bcc: spy@example.vn",
    '"A" <b@c.d>, e@f.g',
]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_name_becomes_a_header_or_another_recipient(ran, name):
    who = Reminder(name, name, "rejected", "x4@example.vn", name, name, name, ((name, name),), ())
    data = draft(who, occasion(ran[0]), [Attachment(name, b"x", is_copy=True)])
    plain = Reminder("A", "A", "rejected", "x4@example.vn", "A", "A", "A", (("A", "A"),), ())
    usual = draft(plain, occasion(ran[0]), [Attachment("A", b"x", is_copy=True)])
    mail, same = (message_from_bytes(each, policy=policy.default) for each in (data, usual))
    assert mail.keys() == same.keys()
    assert [address.addr_spec for address in mail["To"].addresses] == ["x4@example.vn"]
    assert len(text_of(mail).splitlines()) == len(text_of(same).splitlines())
    assert len(attached(mail)) == 1


def test_hostile_units_stay_in_their_folder_and_run_as_nothing(tmp_path):
    units = (
        "unit_code,unit_name,level,parent_code,email\nT,Tỉnh ủy,province,,\n"
        "../../B,\"=cmd|'/c calc'!A1\r\nBcc: spy@example.vn\",branch,T,b@example.vn\n"
        'CON,@SUM(A1),branch,T,"o\'b""@example.vn"\n'
    )
    folder, output = tmp_path / "small", tmp_path / "out"
    folder.mkdir()
    (folder / "campaign.toml").write_text(PLAN.replace('"grassroots", ', ""), encoding="utf-8")
    (folder / "units.csv").write_bytes(units.encode())
    consolidate(folder, output)
    assert remind(folder, output) == 0
    assert list(drafts(output)) == ["B.eml", "unit CON.eml"]
    for row in rows(output / "reminders" / "reminders.csv"):
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in row.values())
    assert all(mail["Bcc"] is None for mail in drafts(output).values())
    assert drafts(output)["unit CON.eml"]["To"] is None  # what is no address of one mailbox is none


# --- the same bytes, and the set as a whole -------------------------------------------------------------


def test_the_same_inputs_give_the_same_bytes(own):
    folder, output = own
    assert remind(folder, output) == 0
    first = {name: data for name, data in content(output).items() if name.startswith("reminders/")}
    shutil.rmtree(output / "reminders")
    assert remind(folder, output) == 0
    assert {name: data for name, data in content(output).items() if name.startswith("reminders/")} == first
    assert len(first) == 6


def test_a_set_takes_the_place_of_the_earlier_one_and_the_log_stays(own):
    folder, output = own
    assert remind(folder, output) == 0
    (output / "reminders" / "sent.csv").write_text("sent_at\n", encoding="utf-8")
    form(folder, folder / "submissions" / "2021-04-20" / "X1.xlsx", "X1", GOOD)
    consolidate(folder, output)
    assert remind(folder, output) == 0
    assert list(drafts(output)) == ["X/X2.eml", "X/X4.eml", "X/X5.eml", "Z.eml"]
    assert (output / "reminders" / "sent.csv").read_text(encoding="utf-8") == "sent_at\n"
    assert not [path for path in output.iterdir() if path.name.startswith(".reminders")]


def test_a_log_is_found_again_where_a_run_was_killed_between_two_steps(own):
    folder, output = own
    assert remind(folder, output) == 0
    (output / "reminders" / "sent.csv").write_text("sent_at\n", encoding="utf-8")
    os.replace(output / "reminders", output / ".reminders-old")
    (output / ".reminders-new").mkdir()
    assert remind(folder, output) == 0
    assert (output / "reminders" / "sent.csv").read_text(encoding="utf-8") == "sent_at\n"


# --- what no longer holds -------------------------------------------------------------------------------


def refused(folder: Path, output: Path, capsys: pytest.CaptureFixture[str], *more: str) -> str:
    """Return the one line in which reminding is refused, nothing written."""
    capsys.readouterr()
    assert remind(folder, output, *more) == 2
    assert not (output / "reminders").exists()
    (line,) = capsys.readouterr().err.splitlines()
    assert f"make consolidate CAMPAIGN={folder.name}" in line
    return line


def test_without_outputs_nothing_is_said(own, tmp_path, capsys):
    assert (tmp_path / "none").as_posix() in refused(own[0], tmp_path / "none", capsys)


@pytest.mark.parametrize("name", ["units.csv", "findings.csv", "run.json", "returned/returned.csv"])
def test_outputs_that_no_run_vouches_for_are_refused(own, capsys, name):
    with (own[1] / name).open("ab") as file:
        file.write(b"X1,x\n")
    assert name in refused(*own, capsys)


CHANGES = {
    "the plan": "campaign.toml",
    "the registry": "units.csv",
    "a submission": "submissions/2021-04-20/X4.xlsx",
}


@pytest.mark.parametrize("case", CHANGES)
def test_inputs_that_changed_are_refused(own, capsys, case):
    with (own[0] / CHANGES[case]).open("ab") as file:
        file.write(b"\n")
    assert CHANGES[case] in refused(*own, capsys)


def test_a_submission_that_is_gone_is_a_change(own, capsys):
    (own[0] / "submissions/2021-04-20/X4.xlsx").unlink()
    assert "submissions/2021-04-20/X4.xlsx" in refused(*own, capsys)


def test_a_due_date_that_has_passed_since_is_a_change(own, capsys):
    assert "Đợt 2" in refused(*own, capsys, "--as-of", "2021-06-01T08:00")


def test_of_inputs_that_only_grew_a_warning_and_sending_is_refused(own, capsys):
    folder, output = own
    form(folder, folder / "submissions" / "2021-04-20" / "moi.xlsx", "X1", GOOD)
    assert "submissions/2021-04-20/moi.xlsx" in refused(folder, output, capsys, "--send")
    assert remind(folder, output) == 0
    (line,) = capsys.readouterr().err.splitlines()
    assert "submissions/2021-04-20/moi.xlsx" in line
    assert len(drafts(output)) == 5


def test_what_is_left_aside_by_a_run_is_no_change(own, capsys):
    folder, output = own
    (folder / "submissions" / "2021-04-20" / "rong.xlsx").write_bytes(b"")
    os.symlink("X1.xlsx", folder / "submissions" / "lien-ket.xlsx")
    consolidate(folder, output)
    capsys.readouterr()
    assert remind(folder, output) == 0
    assert capsys.readouterr().err == ""


def test_the_tables_can_be_read_by_any_program(ran):
    folder, output = ran
    assert remind(folder, output) == 0
    data = (output / "reminders" / "reminders.csv").read_bytes()
    assert data.startswith(b"\xef\xbb\xbf")
    header = next(csv.reader(data.decode("utf-8-sig").splitlines()))
    assert " ".join(header) == "unit_code unit_name round flag to through monitor draft sent_at reason"
