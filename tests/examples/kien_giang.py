"""The submissions of Kiên Giang, 2021: the largest of the shipped campaigns, with two rounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from pipeline.demo_forms import Look
from tests.examples import cases
from tests.examples.cases import Days, Units
from tests.examples.offices import declared, lists, usual
from tests.examples.post_office import PostOffice


def kien_giang(post: PostOffice) -> None:
    days = Days(date(2021, 4, 12), date(2021, 4, 28), date(2021, 5, 3))
    offices = [
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
    lists(post, days, offices)
    declared(post, "KG-KHOI-STC", date(2021, 4, 27))
    declared(post, "KG-KH", date(2021, 4, 29), agrees=False)
    units = usual(post, days, avoid=("KG-VT", "KG-UMT", "KG-GT", "KG-AM-TMM"))
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
