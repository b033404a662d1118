"""What offices send for the units below them, and the cases that every campaign has."""

from __future__ import annotations

from datetime import date

from pipeline.demo.forms import Look
from pipeline.demo.lists import total_of
from tests.examples import cases, faults
from tests.examples.cases import Days, Units
from tests.examples.post_office import LIST_FIELDS, PostOffice


def usual(post: PostOffice, days: Days, avoid: tuple[str, ...] = ()) -> Units:
    units = Units(post, avoid)
    cases.counted_with_a_note(post, units, days)
    faults.rejected(post, units, days)
    cases.queried(post, units, days)
    faults.corrections(post, units, days)
    faults.rivals(post, units, days)
    faults.whose_is_it(post, units, days)
    faults.not_workbooks(post, units, days)
    return units


def lists(post: PostOffice, days: Days, offices: list[str]) -> None:
    """Offices' lists: the first two with a sum line, agreeing and differing, the others without one."""
    sums = ("with codes and a sum line that agrees", "with a sum line two members too high: a query on the office")
    for at, office in enumerate(offices):
        sent = days.between((at + 1) / (len(offices) + 1))
        what = sums[at] if at < 2 else "without codes and without a sum line"
        look = Look(sheet="Tổng hợp", round_line=post.campaign.rounds[0].name if at != 3 else "")
        data = post.office_list(office, sent, has_codes=at == 0, is_summed=at < 2, total_off=2 * (at == 1), look=look)
        name = f"Tong hop {post.units[office].name.removeprefix('Đảng bộ ')}.xlsx".replace("/", "-")
        case = f"one sheet listing the {len(post.below(office))} units below the office, {what}"
        post.lay(sent.isoformat(), name, data, case)


def declared(post: PostOffice, office: str, sent: date, *, agrees: bool = True) -> None:
    """An office's own report on our template: declared, reconciled, never added."""
    fields = post.campaign.count_fields
    below = [post.tally(code, sent) for code in post.leaves(office)]
    total = total_of(below, [field for field in fields if field in LIST_FIELDS])
    total["members"] += 0 if agrees else 3
    texts = {"assessment": "Tổng hợp từ các chi bộ trực thuộc; chất lượng cơ bản đạt yêu cầu.", "proposals": None}
    form = post.form(office, sent, **{**dict.fromkeys(fields), **total, **texts})
    how = "agrees with" if agrees else "differs from"
    case = f"an office's own total on the form, which {how} the sum of the units below it; never added"
    post.lay(sent.isoformat(), f"BC {post.units[office].name}.xlsx".replace("/", "-"), form, case)
