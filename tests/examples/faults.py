"""Submissions that do not count, or not by themselves: faults, corrections, copies, strays."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time

import xlsxwriter

from pipeline.demo.forms import Formula
from pipeline.demo.mails import signature_image
from pipeline.demo.tallies import spoil
from schemas.vietnamese import name_key
from tests.examples.cases import Days, Units
from tests.examples.post_office import PostOffice, ascii_name


def rejected(post: PostOffice, units: Units, days: Days) -> None:
    """Tallies that cannot be counted."""
    sent = days.between(0.6)
    for how, case in (
        ("over", "attendees more than the members; rejected"),
        ("fraction", "attendees `…,5`: not a whole number; rejected"),
        ("unclear", "attendees in words that are no number; rejected"),
    ):
        code = units.next()
        tally = spoil(post.rng, post.tally(code, sent), how)
        post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent, **tally), case)
    code = units.next()
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        post.form(code, sent, attendees=None),
        "attendees left blank (not 0); rejected",
    )
    code = units.next()
    formula = post.retyped(code, sent, members=Formula("=SUM(C3:C9)"))
    post.lay(sent.isoformat(), post.file_name(code), formula, "members as a formula without a stored value; rejected")
    code = units.next()
    broken = post.retyped(code, sent, attendees=Formula("='Tổng hợp'!B4", "#REF!"))
    post.lay(sent.isoformat(), post.file_name(code), broken, "attendees show `#REF!`; rejected")


def corrections(post: PostOffice, units: Units, days: Days) -> None:
    """A newer report in the place of an older one."""
    first, second, third = days.between(0.3), days.between(0.8), days.between(0.9)
    code = units.next()
    name, over = post.file_name(code), post.tally(code, first)
    over["attendees"] = int(str(over["members"])) + 4
    wrong = post.form(code, first, **over)
    post.lay(
        first.isoformat(), name, wrong, "attendees more than the members: superseded by the correction that follows"
    )
    case = "correction of the one before; complete"
    post.lay(second.isoformat(), name.replace(".xlsx", " (sua lai).xlsx"), post.form(code, second), case)
    case = "the wrong file forwarded again, after the correction: a duplicate, and the correction stays"
    post.mailed(code, datetime.combine(third, time(16, 20)), [(name, wrong)], subject="Fwd: " + name, case=case)

    code = units.next()
    name, old = post.file_name(code), post.tally(code, first)
    old["guests"] = 1
    post.lay(first.isoformat(), name, post.form(code, first, **old), "an older valid report; superseded")
    new = post.form(code, second, guests=9)
    case = "the newer report of the same unit; complete"
    post.lay(second.isoformat(), name.replace(".xlsx", " (moi).xlsx"), new, case)


def rivals(post: PostOffice, units: Units, days: Days) -> None:
    """A newer report that is wrong, the same one twice, two that contradict each other."""
    first, second, third = days.between(0.3), days.between(0.8), days.between(0.9)
    code = units.next()
    name = post.file_name(code)
    case = "valid; a newer one with an error does not erase it: counted, queried"
    post.lay(first.isoformat(), name, post.form(code, first), case)
    new = post.form(code, second, attendees=None)
    case = "newer than the one before but its attendees are blank; rejected"
    post.lay(second.isoformat(), name.replace(".xlsx", " bo sung.xlsx"), new, case)

    code = units.next()
    same = post.form(code, second)
    post.lay(second.isoformat(), post.file_name(code), same, "complete")
    post.lay(third.isoformat(), "Copy of " + post.file_name(code), same, "the very same bytes again; duplicate")

    code = units.next()
    name, members = post.file_name(code), int(str(post.tally(code, second)["members"]))
    case = "two reports of one unit, same day, different numbers: neither counts"
    post.lay(second.isoformat(), name, post.form(code, second), case)
    other = post.form(code, second, members=members + 2, attendees=members - 1)
    post.lay(second.isoformat(), name.replace(".xlsx", " - ban 2.xlsx"), other, "the other of the two; neither counts")


def whose_is_it(post: PostOffice, units: Units, days: Days) -> None:
    """Units that cannot be told, or that are not expected."""
    sent = days.between(0.75)
    code = units.next()
    unit = post.units[code]
    misspelt = unit.name[:-1] + ("n" if unit.name[-1] != "n" else "m")
    assert name_key(misspelt) != name_key(unit.name)
    post.lay(
        sent.isoformat(),
        "Bao cao thu hoach (khong ghi ma).xlsx",
        post.retyped(code, sent, unit=misspelt),
        f"no code, and the name misspelt as “{misspelt}”; unidentified, with candidates",
    )
    code = units.next()
    wrong_code = code + "9"
    post.lay(
        sent.isoformat(),
        "BC " + ascii_name(post.units[code].name) + ".xlsx",
        post.form(code, sent, unit_code=wrong_code),
        f"the code {wrong_code} is not in the registry; unidentified, with candidates",
    )
    gone = next(
        u
        for u in post.units.values()
        if "to" in u.options and date.fromisoformat(u.options["to"]) < post.campaign.rounds[0].due
    )
    form = post.form(gone.code, sent)
    post.lay(
        sent.isoformat(),
        post.file_name(gone.code),
        form,
        f"dissolved on {gone.options['to']} and so not expected, but it files; excluded",
    )


def not_workbooks(post: PostOffice, units: Units, days: Days) -> None:
    """What else lies in a mailbox."""
    sent = days.between(0.85)
    code = units.next()
    whole = post.form(code, sent)
    post.lay(
        sent.isoformat(),
        "BC " + post.file_name(code),
        whole[: len(whole) * 6 // 10],
        "a workbook cut off in transfer; rejected as damaged",
    )
    post.lay(sent.isoformat(), "Bao cao.xlsx", b"", "an empty file; rejected")
    post.lay(sent.isoformat(), f"IMG_{sent:%Y%m%d}_anh chup bieu mau.png", signature_image(), "a picture; ignored")
    post.lay(sent.isoformat(), "Cong van gui kem.docx", _document(), "a text document; not read")
    post.lay(sent.isoformat(), "Danh sach dang vien.xlsx", _members_list(), "a workbook without the form; rejected")
    code = units.next()
    when = datetime.combine(sent, time(10, 5))
    post.mailed(code, when, [], case="a mail that announces a report and carries none; a person has to read it")
    code = units.next()
    attached = [(post.file_name(code), post.form(code, sent))]
    post.mailed(
        code,
        when.replace(hour=14),
        attached,
        has_signature=True,
        case="a mail with the form and a signature picture: the form complete, the picture ignored",
    )
    code = units.next()
    inner = post.letter(
        code, datetime.combine(days.first, time(9, 30)), [(post.file_name(code), post.form(code, days.first))]
    )
    post.mailed(
        code,
        when.replace(hour=15),
        [("", inner)],
        subject="Fwd: báo cáo chi bộ",
        case="a mail forwarded inside a mail; the form is complete",
    )


def _document() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in (
            ("[Content_Types].xml", "<Types xmlns='http://schemas.openxmlformats.org/package/2006/content-types'/>"),
            (
                "word/document.xml",
                "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main'/>",
            ),
        ):
            archive.writestr(zipfile.ZipInfo(name), text)
    return buffer.getvalue()


def _members_list() -> bytes:
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2020, 11, 1)})
        sheet = book.add_worksheet("DS")
        for row, line in enumerate((("Họ tên", "Năm sinh", "Ngày vào Đảng"), ("Nguyễn Văn A", 1970, "03/02/1998"))):
            sheet.write_row(row, 0, line)
    return buffer.getvalue()
