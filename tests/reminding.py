"""A little campaign in text, with one unit of every kind that is reminded, and some that are not."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from pipeline.cli import main
from pipeline.settings import load_campaign
from pipeline.templates import write_template

PLAN = """
title = "Học tập Nghị quyết"
plan = "Kế hoạch số 13-KH/TU"
resolution = "Nghị quyết"
as_of = 2021-05-10T08:00:00
[issuer]
superior = "TỈNH ỦY"
name = "BAN TUYÊN GIÁO"
place = "Rạch Giá"
email = "btg@example.vn"
[tree]
levels = ["province", "grassroots", "branch"]
[[rounds]]
id = "1"
name = "Đợt 1"
due = 2021-04-29
[[rounds]]
id = "2"
name = "Đợt 2"
due = 2021-05-28
"""
UNITS = """\
unit_code,unit_name,level,parent_code,email,monitor
T,Tỉnh ủy,province,,,
X,Đảng bộ xã A,grassroots,T,x@example.vn,Lan
X1,Chi bộ ấp 1,branch,X,x1@example.vn,Minh
X2,Chi bộ ấp 2,branch,X,,Lan
X3,Chi bộ ấp 3,branch,X,x3@example.vn,Lan
X4,Chi bộ ấp 4,branch,X,x4@example.vn,Lan
X5,Chi bộ ấp 5,branch,X,x5@example.vn,Lan
Z,Chi bộ cơ quan B,grassroots,T,,Hoa
"""
GOOD = {"members": 10, "attendees": 10, "reflections": 10, "exemptions": 0, "assessment": "Tốt", "proposals": "Không"}
SENT = {"X3": GOOD, "X4": GOOD | {"attendees": 12}, "X5": GOOD | {"attendees": 3}}  # complete, rejected, queried


def make_campaign(folder: Path, more: str = "", units: str = UNITS) -> Path:
    """Make the campaign's inputs; `more` is put at the end of its plan."""
    (folder / "submissions" / "2021-04-20").mkdir(parents=True)
    (folder / "campaign.toml").write_text(PLAN + more, encoding="utf-8")
    (folder / "units.csv").write_text(units, encoding="utf-8")
    for unit, values in SENT.items():
        form(folder, folder / "submissions" / "2021-04-20" / f"{unit}.xlsx", unit, values)
    return folder


def form(folder: Path, path: Path, unit: str, values: dict[str, object]) -> Path:
    """Write a filled-in form of round 1."""
    write_template(
        path, campaign=load_campaign(folder), unit_code=unit, unit_name="", parent_name="", round="1", values=values
    )  # fmt: skip
    return path


def consolidate(folder: Path, output: Path, *more: str) -> None:
    assert main(["consolidate", str(folder), "--output", str(output), "--jobs", "1", *more]) == 0


def remind(folder: Path, output: Path, *more: str) -> int:
    return main(["remind", str(folder), "--output", str(output), *more])


def drafts(output: Path) -> dict[str, EmailMessage]:
    """Return the drafts by their path below reminders/."""
    home = output / "reminders"
    return {
        path.relative_to(home).as_posix(): message_from_bytes(path.read_bytes(), policy=policy.default)  # type: ignore[misc]
        for path in sorted(home.rglob("*.eml"))
    }


def text_of(mail: EmailMessage) -> str:
    body = mail.get_body()
    assert body is not None
    text: str = body.get_content()  # type: ignore[attr-defined]
    return text.replace("\r\n", "\n")


def attached(mail: EmailMessage) -> dict[str, bytes]:
    return {str(part.get_filename()): part.get_payload(decode=True) for part in mail.iter_attachments()}  # type: ignore[misc]
