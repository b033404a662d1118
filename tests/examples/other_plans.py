"""The submissions of the other five shipped campaigns."""

from __future__ import annotations

from datetime import date, datetime

from pipeline.demo.lists import branch_list
from tests.examples import cases
from tests.examples.cases import Days
from tests.examples.offices import declared, lists, usual
from tests.examples.post_office import PostOffice


def hai_duong(post: PostOffice) -> None:
    days = Days(date(2020, 12, 28), date(2021, 1, 14), date(2021, 1, 16))
    lists(post, days, ["HD-TP-BH", "HD-NS-AL", "HD-GL-YK", "HD-CG-LC", "HD-TM-HP"])
    declared(post, "HD-CG-LC", date(2021, 1, 12))
    units = usual(post, days, avoid=("HD-TK", "HD-NG"))
    cases.late(post, [units.next() for _ in range(3)], days)
    sent = date(2021, 1, 11)
    code = units.next(20)
    members = int(str(post.tally(code, sent)["members"]))
    counts = {"attendees": members - 8, "reflections": members - 2, "exemptions": 2, "exempt_activity": 2}
    case = "more reflections than attendees: normal here, absentees write too; complete"
    post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent, **counts), case)
    code = units.next()
    case = "two non-members wrote: a column of their own, noted; complete"
    post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent, guest_reflections=2), case)
    code = units.next(20)
    case = "gives retired members as exempt, which this plan does not; queried"
    post.lay(sent.isoformat(), post.file_name(code), _with_retired(post, code, sent), case)
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


def _with_retired(post: PostOffice, code: str, sent: date) -> bytes:
    """Return a list of one branch with a column that the campaign's own forms do not have."""
    tally = post.tally(code, sent)
    members = int(str(tally["members"]))
    exempt = {"exemptions": 4, "exempt_activity": 1, "exempt_retired": 3}
    parent = post.units[code].parent
    return branch_list(
        office=post.units[parent].name,
        above=post.parent_name(parent),
        fields=["members", "attendees", "reflections", "exemptions", "exempt_activity", "exempt_retired"],
        lines=[(code, post.units[code].name, tally | {"reflections": members - 4} | exempt)],
        labels={"exempt_activity": "Miễn sinh hoạt", "exempt_retired": "Hưu trí"},
    )


def hai_duong_khoi(post: PostOffice) -> None:
    days = Days(date(2021, 6, 21), date(2021, 7, 13), date(2021, 7, 16))
    lists(post, days, ["DUK-STC", "DUK-SYT", "DUK-CDHD"])
    declared(post, "DUK-CDHD", date(2021, 7, 9), agrees=False)
    units = usual(post, days)
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
    lists(post, days, ["HT-LH", "HT-HL", "HT-VQ"])
    declared(post, "HT-VQ", date(2021, 1, 15))
    units = usual(post, days, avoid=("HT-CA",))
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
    units = usual(post, days)
    cases.late(post, [units.next() for _ in range(2)], days)
    code = units.next()
    post.lay(
        "2024-09-24",
        post.file_name(code),
        post.form(code, date(2024, 9, 24), doc_own_plan=False),
        "its own plan is not there; queried",
    )
    code = units.next()
    wrote = post.retyped(code, date(2024, 9, 24), reflections=4, doc_own_plan=None)
    post.lay(
        "2024-09-24",
        post.file_name(code),
        wrote,
        "the form of another plan: reflections are not asked for here (noted), the own plan is not on it (queried)",
    )
    cases.ordinary(post, [code for code in units.left() if post.rng.random() < 0.6], days)


def an_giang(post: PostOffice) -> None:
    days = Days(date(2026, 4, 6), date(2026, 4, 28), date(2026, 5, 4))
    lists(post, days, ["AG-LX", "AG-PQ", "AG-CM", "AG-RG", "AG-KH"])
    declared(post, "AG-CM", date(2026, 4, 27))
    units = usual(post, days, avoid=("AG-UMT", "AG-CA"))
    big = {"members": "2.310", "attendees": "2.298", "reflections": "2.290", "exemptions": "020"}
    big |= {"exempt_activity": "012", "exempt_work": "không", "exempt_retired": 8, "doc_action_programme": False}
    case = "`2.310` is two thousand and more, `020` is twenty; its action programme is not due yet; complete"
    post.lay("2026-04-22", "BC Cong an tinh.xlsx", post.form("AG-CA", date(2026, 4, 22), **big), case)
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
