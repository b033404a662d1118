"""The unusual submissions that every shipped campaign has: one of each thing that goes right or wrong."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from pipeline.demo.forms import Look
from pipeline.demo.tallies import spoil
from tests.examples.post_office import PostOffice


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
        (
            Look(sheet="Bieu 1", above=above, columns=2),
            "the plan's form moved down and right, text above, renamed",
        ),
        (Look(is_inline=True, persons="đ/c"), "the plan's form in one column: `1. Tổng số đảng viên: 45 đ/c`"),
        (Look(sheet="THU HOACH", is_merged=True), "the plan's form with merged label cells"),
        (Look(is_decomposed=True), "the plan's form in decomposed Unicode (NFD), names and texts alike"),
    )
    for look, case in looks:
        code = units.next()
        case = f"{case}; no unit code and no round: found by name under its parent; complete"
        post.lay(
            sent.isoformat(), post.file_name(code), post.retyped(code, sent, replace(look, place_date=dated)), case
        )
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


def late(post: PostOffice, codes: list[str], days: Days) -> None:
    """Right but late: counted and flagged."""
    for code in codes:
        post.lay(
            days.late.isoformat(),
            post.file_name(code),
            post.form(code, days.late),
            "after the due date; complete, late",
        )
