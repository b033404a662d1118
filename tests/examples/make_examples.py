"""Writes units.csv and submissions/ of the shipped campaigns, and docs/examples.md: python -m tests.examples.make_examples

Same code, same bytes. What is written is committed; nothing reads this module when a campaign is consolidated.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

from pipeline.demo_forms import Look, total_of
from tests.examples import cases
from tests.examples.cases import Days, Units
from tests.examples.post_office import INPUTS, LIST_FIELDS, PostOffice
from tests.examples.registries import write_units

DOCS = Path(__file__).parents[2] / "docs" / "examples.md"


def _usual(post: PostOffice, days: Days, avoid: tuple[str, ...] = ()) -> Units:
    units = Units(post, avoid)
    cases.counted_with_a_note(post, units, days)
    cases.rejected(post, units, days)
    cases.queried(post, units, days)
    cases.several_of_one(post, units, days)
    cases.whose_is_it(post, units, days)
    cases.not_workbooks(post, units, days)
    return units


def _lists(post: PostOffice, days: Days, offices: list[str]) -> None:
    """Offices' lists: the first two with a sum line, agreeing and differing, the others without one."""
    sums = ("with codes and a sum line that agrees", "with a sum line two members too high: a query on the office")
    for at, office in enumerate(offices):
        sent = days.between((at + 1) / (len(offices) + 1))
        what = sums[at] if at < 2 else "without codes and without a sum line"
        look = Look(sheet="Tổng hợp", round_line=post.campaign.rounds[0].name if at != 3 else "")
        data = post.office_list(office, sent, has_codes=at == 0, is_summed=at < 2, total_off=2 * (at == 1), look=look)
        name = f"Tong hop {post.units[office].name.removeprefix('Đảng bộ ')}.xlsx".replace("/", "-")
        post.lay(
            sent.isoformat(),
            name,
            data,
            f"one sheet listing the {len(post.below(office))} units below the office, {what}",
        )


def _declared(post: PostOffice, office: str, sent: date, off: int) -> None:
    """An office's own report on our template: declared, reconciled, never added."""
    below = [post.tally(code, sent) for code in post.below(office)]
    fields = post.campaign.count_fields
    total = total_of(below, [field for field in fields if field in LIST_FIELDS])
    total["members"] += off
    texts = {"assessment": "Đảng bộ tổng hợp từ các chi bộ trực thuộc; chất lượng bài thu hoạch cơ bản đạt yêu cầu."}
    form = post.form(office, sent, **{**dict.fromkeys(fields), **total, **texts, "proposals": None})
    case = f"the office's own total on the form: declared, {'differs from' if off else 'held against'} the sum of its units, never added"
    post.lay(sent.isoformat(), f"BC {post.units[office].name}.xlsx".replace("/", "-"), form, case)


def kien_giang(post: PostOffice) -> None:
    days = Days(date(2021, 4, 12), date(2021, 4, 28), date(2021, 5, 3))
    lists = [
        "KG-GR-TH",
        "KG-GR-LT",
        "KG-TH-THA",
        "KG-PQ-DD",
        "KG-KH-LS",
        "KG-AB-DY",
        "KG-HD-TS",
        "KG-GQ-DH",
        "KG-KHOI-STC",
        "KG-AM-VK",
        "KG-CT-BA",
    ]
    _lists(post, days, lists)
    _declared(post, "KG-KHOI-STC", date(2021, 4, 27), 0)
    units = _usual(post, days, avoid=("KG-VT", "KG-UMT", "KG-GT", "KG-AM-TMM"))
    late = [units.next() for _ in range(6)]
    cases.late(post, late, days)
    _kien_giang_queries(post, units)
    _kien_giang_rounds(post, units)
    # districts differ: the islands and An Biên are nearly whole, Vĩnh Thuận and U Minh Thượng have hardly begun
    shares = {"KG-KH": 1.0, "KG-AB": 0.9, "KG-PQ": 0.85, "KG-VT": 0.15, "KG-UMT": 0.2, "KG-GT": 0.4}
    left = [code for code in post.leaves() if code not in post.used]
    chosen = [code for code in left if post.rng.random() < shares.get("-".join(code.split("-")[:2]), 0.45)]
    cases.ordinary(post, chosen, days)


def _kien_giang_queries(post: PostOffice, units: Units) -> None:
    sent = date(2021, 4, 26)

    def lay(case: str, change: Callable[[int], dict[str, object]]) -> None:
        code = units.next(20)
        members = int(str(post.tally(code, sent)["members"]))
        exempt = {"exemptions": 4, "exempt_activity": 1, "exempt_work": 1, "exempt_retired": 2}
        form = post.form(code, sent, **{**exempt, "reflections": members - 4, **change(members)})
        post.lay(sent.isoformat(), post.file_name(code), form, case)

    case = "more reflections than attendees: somebody wrote who had been absent; queried"
    lay(case, lambda t: {"attendees": t - 5, "reflections": t - 4})
    case = "an exempt member wrote all the same, so writing + exempt > members; queried"
    lay(case, lambda t: {"attendees": t - 1, "reflections": t - 2})
    lay(
        "guests wrote, which the plan does not ask of them; queried", lambda t: {"attendees": t, "guest_reflections": 3}
    )
    lay("proposals left blank; complete, with a note", lambda t: {"attendees": t, "proposals": None})
    same = "Đảng viên viết thu hoạch nghiêm túc, đúng yêu cầu, có liên hệ thực tế."
    for code in post.below("KG-AM-DH"):
        if code not in post.used:
            post.lay(
                "2021-04-23",
                post.file_name(code),
                post.form(code, date(2021, 4, 23), assessment=same),
                "assessment copied word for word among the branches of one commune; complete",
            )
    code = units.next()
    other = next(c for c in post.leaves() if post.units[c].parent == post.units[code].parent and c != code)
    post.lay(
        sent.isoformat(),
        f"Nham ma {code}.xlsx",
        post.form(other, sent, unit_code=code),
        "the code of one branch and the name of another; queried",
    )


def _kien_giang_rounds(post: PostOffice, units: Units) -> None:
    """Rounds: named, not named, unknown; early for round 2; after the day the run stands for."""
    code = units.next()
    post.lay(
        "2021-05-04",
        post.file_name(code),
        post.retyped(code, date(2021, 5, 4)),
        "no round named, received after round 1 was due: taken for round 2, and queried because round 1 is still owed",
    )
    code = units.next()
    look = Look(round_line="(Đợt 1)")
    post.lay(
        "2021-05-05",
        post.file_name(code),
        post.retyped(code, date(2021, 5, 5), look),
        "the plan's form with the round typed above it; complete, late",
    )
    code = units.next()
    look = Look(round_line="Đợt 3")
    post.lay(
        "2021-04-26",
        post.file_name(code),
        post.retyped(code, date(2021, 4, 26), look),
        "names a round 3 that the plan does not have; rejected",
    )
    done = [*post.below("KG-GR-TH"), *post.below("KG-PQ-DD")][:7]
    for at, code in enumerate(done):
        sent = date(2021, 5, 4) + timedelta(days=at % 5)
        name = post.file_name(code).replace(".xlsx", " - dot 2.xlsx")
        post.lay(
            sent.isoformat(),
            name,
            post.form(code, sent, round="2"),
            "round 2, early: complete there while others are not yet due" if at == 0 else "",
        )
    code = units.next()
    post.lay(
        "2021-05-11",
        post.file_name(code),
        post.form(code, date(2021, 5, 11)),
        "dated after the moment the run stands for (10 May); counted, late, noted",
    )
    blank = dict.fromkeys(
        (
            "members",
            "attendees",
            "guests",
            "reflections",
            "guest_reflections",
            "exemptions",
            "exempt_activity",
            "exempt_work",
            "exempt_retired",
            "study_date",
            "assessment",
            "proposals",
        )
    )
    code = units.next()
    post.lay(
        "2021-04-20",
        post.file_name(code),
        post.form(code, date(2021, 4, 20), **blank),
        "the form sent back without a single figure; rejected",
    )
    when = datetime.combine(date(2021, 4, 29), time(23, 40))
    code = units.next()
    post.mailed(
        code,
        when,
        [(post.file_name(code), post.form(code, when.date()))],
        case="twenty minutes before midnight of the due day, which still counts; complete, in time",
    )
    post.lay(
        "2021-04-24",
        "BC Truong Chinh tri tinh.xlsx",
        post.form("KG-TCT", date(2021, 4, 24)),
        "a district-level unit without units below it files for itself, with the two plans it owes; complete",
    )


def hai_duong(post: PostOffice) -> None:
    days = Days(date(2020, 12, 28), date(2021, 1, 14), date(2021, 1, 16))
    _lists(post, days, ["HD-TP-BH", "HD-NS-AL", "HD-GL-YK", "HD-CG-LC", "HD-TM-HP"])
    _declared(post, "HD-KHOI-SYT", date(2021, 1, 12), 0)
    units = _usual(post, days, avoid=("HD-TK", "HD-NG"))
    cases.late(post, [units.next() for _ in range(3)], days)
    sent = date(2021, 1, 11)
    code = units.next()
    counts = {"members": 30, "attendees": 22, "reflections": 28, "exemptions": 2, "exempt_activity": 2}
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        post.form(code, sent, **counts),
        "more reflections than attendees: normal here, absentees write too; complete",
    )
    code = units.next()
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        post.form(code, sent, guest_reflections=2),
        "two non-members wrote: a column of their own, noted; complete",
    )
    code = units.next()
    retired = {"members": 30, "attendees": 29, "reflections": 26, "exemptions": 4}
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        _with_retired(post, code, sent, retired),
        "gives retired members as exempt, which this plan does not; queried",
    )
    code = units.next()
    due = datetime(2021, 1, 15, 7, 45)
    post.mailed(
        code,
        due,
        [(post.file_name(code), post.form(code, due.date()))],
        case="on the 15th; the plan says before the 15th: complete, late",
    )
    post.lay(
        "2021-01-13",
        "BC Truong Chinh tri tinh.xlsx",
        post.form("HD-TCT", date(2021, 1, 13), doc_action_plan=True, doc_projects=False),
        "files for itself at district level; its projects are not due before 31 January; complete",
    )
    cases.ordinary(post, [code for code in units.left() if post.rng.random() < 0.3], days)


def _with_retired(post: PostOffice, code: str, sent: date, counts: dict[str, object]) -> bytes:
    """Return the list of one branch with a column that the campaign's own forms do not have."""
    from pipeline.demo_forms import branch_list

    values = {**post.tally(code, sent), **counts, "exempt_retired": 3, "exempt_activity": 1}
    post.used.add(code)
    parent = post.units[code].parent
    fields = ["members", "attendees", "reflections", "exemptions", "exempt_activity", "exempt_retired"]
    labels = {"exempt_activity": "Miễn sinh hoạt", "exempt_retired": "Hưu trí"}
    return branch_list(
        office=post.units[parent].name, above=post.parent_name(parent), fields=fields,
        lines=[(code, post.units[code].name, values)], labels=labels,
    )  # fmt: skip


def hai_duong_khoi(post: PostOffice) -> None:
    days = Days(date(2021, 6, 21), date(2021, 7, 13), date(2021, 7, 16))
    _lists(post, days, ["DUK-STC", "DUK-SYT", "DUK-CDHD"])
    _declared(post, "DUK-VPUB", date(2021, 7, 9), 2)
    units = _usual(post, days)
    cases.late(post, [units.next() for _ in range(2)], days)
    sent = date(2021, 7, 8)
    code = units.next()
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        post.retyped(code, sent, exemptions=3),
        "the form of another plan, with three exemptions; this plan names none: queried",
    )
    code = next(c for c in units.left() if post.units[c].level == "grassroots")
    post.lay(
        sent.isoformat(),
        post.file_name(code),
        post.form(code, sent, doc_action_programme=False),
        "its action programme, due in the second quarter, is not there; queried",
    )
    cases.ordinary(post, [code for code in units.left() if post.rng.random() < 0.45], days)


def ha_tinh(post: PostOffice) -> None:
    days = Days(date(2020, 12, 21), date(2021, 1, 18), date(2021, 1, 21))
    _lists(post, days, ["HT-LH", "HT-HL", "HT-VQ"])
    _declared(post, "HT-HL", date(2021, 1, 15), 0)
    units = _usual(post, days)
    cases.late(post, [units.next() for _ in range(2)], days)
    big = {"members": "1.234", "attendees": "1.180", "guests": "012"}
    post.lay(
        "2021-01-14",
        "BC Cong an tinh.xlsx",
        post.form("HT-CA", date(2021, 1, 14), **big),
        "`1.234` is a thousand and more, `012` is twelve; files for itself at district level; complete",
    )
    cases.ordinary(post, [code for code in units.left() if post.rng.random() < 0.4], days)


def thanh_hoa_khoi(post: PostOffice) -> None:
    days = Days(date(2024, 9, 9), date(2024, 9, 27), date(2024, 10, 2))
    cluster = [code for code in post.leaves() if post.units[code].options.get("monitor", "").startswith("Cụm 5")]
    data = post.office_list("THK", date(2024, 9, 25), codes=cluster[:6], has_codes=True)
    post.lay(
        "2024-09-25",
        "Cum 5 tong hop.xlsx",
        data,
        "a cluster's list with a sum line: held against the whole block's total, which it is not; a query on the block",
    )
    data = post.office_list(
        "THK", date(2024, 9, 20), codes=[c for c in post.leaves() if "Hội" in post.units[c].name][:4], is_summed=False
    )
    post.lay(
        "2024-09-20",
        "Lop hoc tap trung 19-9.xlsx",
        data,
        "the joint class: a list of small units, each credited with its own members, once",
    )
    units = _usual(post, days)
    cases.late(post, [units.next() for _ in range(2)], days)
    code = units.next()
    post.lay(
        "2024-09-24",
        post.file_name(code),
        post.form(code, date(2024, 9, 24), doc_own_plan=False),
        "its own plan is not there; queried",
    )
    code = units.next()
    wrote = post.retyped(code, date(2024, 9, 24), reflections=20, doc_own_plan=None)
    post.lay(
        "2024-09-24",
        post.file_name(code),
        wrote,
        "the form of another plan: reflections are not asked for here (noted), the own plan is not on it (queried)",
    )
    cases.ordinary(post, [code for code in units.left() if post.rng.random() < 0.6], days)


def an_giang(post: PostOffice) -> None:
    days = Days(date(2026, 4, 6), date(2026, 4, 28), date(2026, 5, 4))
    _lists(post, days, ["AG-LX", "AG-PQ", "AG-CM", "AG-RG", "AG-KH"])
    _declared(post, "AG-LX", date(2026, 4, 27), 0)
    units = _usual(post, days, avoid=("AG-UMT",))
    cases.late(post, [units.next() for _ in range(2)], days)
    done = post.below("AG-LX")[:3]
    for at, code in enumerate(done):
        now = post.tally(code, date(2026, 4, 10))
        less = {"members": int(str(now["members"])), "attendees": int(str(now["attendees"])) - 2} if at == 0 else {}
        again = {**now, **less, "study_date": date(2026, 5, 6)}
        case = (
            "round 2 adds up to round 1, so fewer attendees than then is a query"
            if at == 0
            else "round 2, early; complete"
        )
        name = post.file_name(code).replace(".xlsx", " dot 2.xlsx")
        post.lay("2026-05-08", name, post.form(code, date(2026, 5, 8), round="2", **again), case)
    cases.ordinary(post, [code for code in units.left() if post.rng.random() < 0.35], days)


CAMPAIGNS: dict[str, Callable[[PostOffice], None]] = {
    "kien-giang-2021": kien_giang,
    "hai-duong-2020": hai_duong,
    "hai-duong-khoi-2021": hai_duong_khoi,
    "ha-tinh-2020": ha_tinh,
    "thanh-hoa-khoi-2024": thanh_hoa_khoi,
    "an-giang-2026": an_giang,
}


def main(names: list[str]) -> None:
    posts = []
    for name in names or list(CAMPAIGNS):
        write_units(name, INPUTS / name / "units.csv")
        post = PostOffice(name)
        CAMPAIGNS[name](post)
        posts.append(post)
        sizes = [path.stat().st_size for path in post.folder.rglob("*") if path.is_file()]
        print(f"{name}: {len(sizes)} files, {sum(sizes) // 1024} KB, {len(post.cases)} cases")


if __name__ == "__main__":
    main(sys.argv[1:])
