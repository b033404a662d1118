"""The unusual submissions that every shipped campaign has: one of each thing that goes right or wrong."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from pipeline.demo_forms import Formula, Look, signature_image
from pipeline.demo_tallies import spoil
from schemas.vietnamese import name_key
from tests.examples.post_office import PostOffice, ascii_name


@dataclass
class Days:
    """When things came: `first` and `second` in time, `late` after the due date, each later than the one before."""

    first: date
    second: date
    late: date

    def between(self, share: float) -> date:
        return self.first + timedelta(days=round((self.second - self.first).days * share))


class Units:
    """Units to write the cases for: `next` gives one that nothing was written for yet."""

    def __init__(self, post: PostOffice, avoid: tuple[str, ...] = ()) -> None:
        self.post = post
        self._codes = [code for code in post.leaves() if not code.startswith(avoid)] if avoid else post.leaves()
        post.rng.shuffle(self._codes)

    def next(self, at_least: int = 0) -> str:
        """Return the next unit, of at least so many members on the register."""
        for code in self._codes:
            if code not in self.post.used and (self.post.units[code].members or 0) >= at_least:
                self.post.used.add(code)
                return code
        raise LookupError("every unit has sent something")

    def left(self) -> list[str]:
        return [code for code in self._codes if code not in self.post.used]


def ordinary(post: PostOffice, codes: list[str], days: Days) -> None:
    """Faultless submissions: our template seven times in ten, the plan's own form, mails."""
    for code in codes:
        sent = days.between(post.rng.random())
        how = post.rng.random()
        if how < 0.16:
            post.lay(sent.isoformat(), post.file_name(code), post.retyped(code, sent))
        elif how < 0.32:
            when = datetime.combine(sent, time(8 + int(post.rng.random() * 9), int(post.rng.random() * 60)))
            attached = [(post.file_name(code), post.form(code, sent))]
            post.mailed(code, when, attached, has_signature=post.rng.random() < 0.4)
        else:
            post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent))


def counted_with_a_note(post: PostOffice, units: Units, days: Days) -> None:
    """Counts as people write them, forms as they retype them: all read, nothing to confirm."""
    for how, case in (
        ("persons", "counts typed as text: `45 đ/c`, `43 đồng chí`; read, with a note; complete"),
        ("leading_zero", "a count typed `0…` as text; read; complete"),
        ("word_zero", "`không` where 0 is meant; read as 0; complete"),
        ("full_width", "full-width digits; read; complete"),
    ):
        code, sent = units.next(), days.between(0.4)
        tally = spoil(post.rng, post.tally(code, sent), how)
        post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent, **tally), case)
    sent = days.between(0.5)
    dated = f"{post.campaign.issuer.place}, ngày {sent.day} tháng {sent.month} năm {sent.year}"
    above = ("Kính gửi: Ban Tuyên giáo", "Chi bộ gửi báo cáo theo mẫu, đề nghị Ban xác nhận đã nhận.", "")
    looks = (
        (Look(sheet="Bieu 1", above=above, columns=2, place_date=dated), "the plan's form moved three rows down and two columns to the right, text above, sheet renamed"),
        (Look(is_inline=True, persons="đ/c", place_date=dated), "the plan's form typed in one column: `1. Tổng số đảng viên: 45 đ/c`"),
        (Look(sheet="THU HOACH", is_merged=True, place_date=dated), "the plan's form with merged label cells"),
        (Look(is_decomposed=True, place_date=dated), "the plan's form in decomposed Unicode (NFD), names and texts alike"),
    )  # fmt: skip
    for look, case in looks:
        code = units.next()
        case = f"{case}; no unit code and no round: found by name under its parent; complete"
        post.lay(sent.isoformat(), post.file_name(code), post.retyped(code, sent, look), case)
    code = units.next()
    old = {"unit": _old_tones(post.units[code].name), "parent": _old_tones(post.parent_name(code))}
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        post.retyped(code, sent, **old),
        "tone marks in the other style (`hoà`, `uỷ`) and `Đảng uỷ` for `Đảng bộ`; complete",
    )


def _old_tones(text: str) -> str:
    text = text.replace("Đảng bộ", "Đảng uỷ")
    return text.replace("òa", "oà").replace("óa", "oá").replace("ủy", "uỷ").replace("úy", "uý")


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


def queried(post: PostOffice, units: Units, days: Days) -> None:
    """Tallies that count, but that a person has to confirm."""
    sent, items = days.between(0.7), post.campaign.items

    def lay(case: str, at_least: int, change: Callable[[int], dict[str, object]]) -> None:
        code = units.next(at_least)
        members = int(str(post.tally(code, sent)["members"]))
        form = post.form(code, sent, **change(members))
        post.lay(sent.isoformat(), post.file_name(code), form, case + "; queried")

    lay("twice the members that the register has", 10, lambda t: _all_of(post, 2 * t + 1))
    lay("fewer than half of the members attended", 10, lambda t: _all_of(post, t) | {"attendees": t // 3})
    late = max(deadline.last_day() for deadline in post.campaign.study_deadlines.values()) + timedelta(days=3)
    if late < days.late:
        code = units.next()
        form = post.form(code, days.late, study_date=late)
        case = "studied after the deadline of its level; queried, and late as well"
        post.lay(days.late.isoformat(), post.file_name(code), form, case)
    if items.reflections != "no":
        exempt = _exempt(post, 0)
        lay("three reflections are still owed", 10, lambda t: _all_of(post, t) | exempt | _wrote(post, t - 3))
    if items.assessment == "required":
        lay("assessment left blank", 1, lambda _: {"assessment": None})
    if "exempt_retired" in post.campaign.exemption_categories:
        case = "exemptions of 5, but the categories add up to 3"
        parts = {"exempt_activity": 1, "exempt_work": 0, "exempt_retired": 2}
        lay(case, 20, lambda t: _all_of(post, t) | _wrote(post, t - 5) | {"exemptions": 5} | parts)


def _all_of(post: PostOffice, members: int) -> dict[str, object]:
    """Everybody attended, nobody is exempt, everybody wrote, as far as the campaign asks."""
    counts = {"members": members, "attendees": members} | _exempt(post, 0) | _wrote(post, members)
    if post.campaign.items.reflections == "no":
        counts |= _regraded(post, members)
    return {field: count for field, count in counts.items() if field in post.campaign.count_fields}


def _exempt(post: PostOffice, each: int) -> dict[str, object]:
    categories = post.campaign.exemption_categories
    return {"exemptions": each * len(categories)} | dict.fromkeys(categories, each)


def _wrote(post: PostOffice, count: int) -> dict[str, object]:
    return {"reflections": count} | _regraded(post, count)


def _regraded(post: PostOffice, wrote: int) -> dict[str, object]:
    fields = [grade.field for grade in post.campaign.grades]
    return {field: wrote if field == fields[0] else 0 for field in fields}


def several_of_one(post: PostOffice, units: Units, days: Days) -> None:
    """Corrections, copies, conflicts."""
    first, second, third = days.between(0.3), days.between(0.8), days.between(0.9)
    code = units.next()
    over = post.tally(code, first)
    over["attendees"] = int(str(over["members"])) + 4
    wrong = post.form(code, first, **over)
    name = post.file_name(code)
    post.lay(
        first.isoformat(),
        name,
        wrong,
        "attendees more than the members: rejected, and replaced by the corrected file below",
    )
    post.lay(
        second.isoformat(),
        name.replace(".xlsx", " (sua lai).xlsx"),
        post.form(code, second),
        "correction of the file above; complete",
    )
    again = datetime.combine(third, time(16, 20))
    post.mailed(
        code,
        again,
        [(name, wrong)],
        subject="Fwd: " + name,
        case="the wrong file forwarded again, after the correction: a duplicate, and the correction stays",
    )

    code = units.next()
    old = post.tally(code, first)
    old["guests"] = 1
    name = post.file_name(code)
    post.lay(first.isoformat(), name, post.form(code, first, **old), "an older valid report; superseded")
    post.lay(
        second.isoformat(),
        name.replace(".xlsx", " (moi).xlsx"),
        post.form(code, second, guests=9),
        "the newer report of the same branch; complete",
    )

    code = units.next()
    name = post.file_name(code)
    post.lay(
        first.isoformat(),
        name,
        post.form(code, first),
        "valid; a newer one with an error does not erase it: counted, queried",
    )
    post.lay(
        second.isoformat(),
        name.replace(".xlsx", " bo sung.xlsx"),
        post.form(code, second, attendees=None),
        "newer than the one above but its attendees are blank; rejected",
    )

    code = units.next()
    same = post.form(code, second)
    post.lay(second.isoformat(), post.file_name(code), same, "complete")
    post.lay(third.isoformat(), "Copy of " + post.file_name(code), same, "the very same bytes again; duplicate")

    code = units.next()
    members = int(str(post.tally(code, second)["members"]))
    name = post.file_name(code)
    post.lay(
        second.isoformat(),
        name,
        post.form(code, second),
        "two reports of one unit, same day, different numbers: neither counts",
    )
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
    post.lay(sent.isoformat(), "IMG_20210427_anh chup bieu mau.png", signature_image(), "a picture; ignored")
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
    import xlsxwriter

    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, {"in_memory": True}) as book:
        book.set_properties({"created": datetime(2020, 11, 1)})
        sheet = book.add_worksheet("DS")
        for row, line in enumerate((("Họ tên", "Năm sinh", "Ngày vào Đảng"), ("Nguyễn Văn A", 1970, "03/02/1998"))):
            sheet.write_row(row, 0, line)
    return buffer.getvalue()


def late(post: PostOffice, codes: list[str], days: Days) -> None:
    """Right but late: counted and flagged."""
    for code in codes:
        post.lay(
            days.late.isoformat(),
            post.file_name(code),
            post.form(code, days.late),
            "after the due date; complete, late",
        )
