"""The submissions of Kiên Giang, 2021: the largest of the shipped campaigns, with two rounds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from pipeline.demo.forms import Look
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
    _kien_giang_edges(post, units)
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
    """Rounds: named, not named, unknown; early for round 2."""
    code, sent = units.next(), date(2021, 5, 4)
    case = "no round named, received after round 1 was due: taken for round 2; queried, for round 1 is still owed"
    post.lay(sent.isoformat(), post.file_name(code), post.retyped(code, sent), case)
    code, sent = units.next(), date(2021, 5, 5)
    form = post.retyped(code, sent, Look(round_line="(Đợt 1)"))
    post.lay(sent.isoformat(), post.file_name(code), form, "the plan's form, its round typed above; complete, late")
    code, sent = units.next(), date(2021, 4, 26)
    form = post.retyped(code, sent, Look(round_line="Đợt 3"))
    post.lay(sent.isoformat(), post.file_name(code), form, "names a round 3 that the plan does not have; rejected")
    case = "round 2, early: complete there while others are not yet due"
    for at, code in enumerate([*post.below("KG-GR-TH"), *post.below("KG-PQ-DD")][:7]):
        sent = date(2021, 5, 4) + timedelta(days=at % 5)
        name = post.file_name(code).replace(".xlsx", " - dot 2.xlsx")
        post.lay(sent.isoformat(), name, post.form(code, sent, round="2"), case if at == 0 else "")


def _kien_giang_edges(post: PostOffice, units: Units) -> None:
    """At the edge of the day that counts, of what the run knows, of what a form is, of the tree."""
    code, when = units.next(), datetime(2021, 4, 29, 23, 40)
    case = "twenty minutes before midnight of the due day, which still counts; complete, in time"
    post.mailed(code, when, [(post.file_name(code), post.form(code, when.date()))], case=case)
    code, sent = units.next(), date(2021, 5, 11)
    case = "dated after the moment the run stands for (10 May); counted, late, noted"
    post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent), case)
    code, sent = units.next(), date(2021, 4, 20)
    blank = dict.fromkeys([*post.tally(code, sent), "study_date"])
    case = "the form sent back without a single figure; rejected"
    post.lay(sent.isoformat(), post.file_name(code), post.form(code, sent, **blank), case)
    sent = date(2021, 4, 24)
    case = "a district-level unit without units below it files for itself, with the two plans it owes; complete"
    post.lay(sent.isoformat(), "BC Truong Chinh tri tinh.xlsx", post.form("KG-TCT", sent), case)
