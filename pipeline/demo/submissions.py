"""What each unit of a made-up campaign sends, and how it goes wrong: first decided, then written in processes."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final, NamedTuple

from schemas.campaign import VIETNAM, Campaign

from .filled import filled_in
from .forms import Formula, Look, official_form
from .lists import branch_list, total_of
from .mails import mail, signature_image
from .names import MAILS, chance, person
from .tallies import SPOILERS, Tally, draw_tally, spoil
from .units import DemoUnit

_MISSING: Final = 0.04
_LATE: Final = 0.04
_LISTS: Final = 0.03  # of the communes send one list for all their branches
_OFFICIAL: Final = 0.17
_MAILED: Final = 0.10
_FIRST_DAY: Final = 18  # days before the due date on which the first reports come
_MAIL_FOLDER: Final = "thu-den"
_ABOVE: Final[tuple[tuple[str, ...], ...]] = ((), (), ("Kính gửi: Ban Tuyên giáo",), ("Mẫu kèm theo Kế hoạch", ""))
_LIST_FIELDS: Final = ("members", "attendees", "guests", "reflections", "exemptions", "assessment", "proposals")
# What goes wrong with a file rather than with its figures, and how often against the SPOILERS.
_ACCIDENTS: Final = {
    "truncated": 3, "empty": 2, "unknown_code": 3, "misspelt": 3, "decomposed": 4, "formula": 3, "duplicate": 5,
    "correction": 8, "conflict": 2, "stray_picture": 2,
}  # fmt: skip
FAULTS: Final = SPOILERS | _ACCIDENTS


class Delivery(NamedTuple):
    """One sending: of one unit, or of an office for all the units below it."""

    units: tuple[DemoUnit, ...]
    kind: str  # "template", "official", "mail" or "list"
    sent: datetime
    fault: str  # "" or one of FAULTS
    seed: int


def deliveries(units: Sequence[DemoUnit], campaign: Campaign, seed: int, messy: float) -> Iterator[Delivery]:
    """Decide what is sent in the first round; some units send nothing."""
    faults = _dealt(chance(seed, "faults"))
    by_parent: dict[str, list[DemoUnit]] = {}
    for unit in units:
        if unit.members:
            by_parent.setdefault(unit.parent, []).append(unit)
    for parent, below in by_parent.items():
        rng = chance(seed, parent, "office")
        if below[0].level == "branch" and rng.random() < _LISTS:
            yield Delivery(tuple(below), "list", _moment(rng, campaign), "", seed)
            continue
        for unit in below:
            rng = chance(seed, unit.code, "sends")
            if rng.random() >= _MISSING:
                kind = rng.choices(("official", "mail", "template"), (_OFFICIAL, _MAILED, 1 - _OFFICIAL - _MAILED))[0]
                fault = next(faults) if rng.random() < messy else ""
                yield Delivery((unit,), kind, _moment(rng, campaign), fault, seed)


def _dealt(rng: random.Random) -> Iterator[str]:
    """Deal faults like cards, so that none is long in coming."""
    deck = [fault for fault, weight in FAULTS.items() for _ in range(weight)]
    while True:
        rng.shuffle(deck)
        yield from deck


def _moment(rng: random.Random, campaign: Campaign) -> datetime:
    due = campaign.rounds[0].due
    days = -rng.randint(0, _FIRST_DAY) if rng.random() >= _LATE else rng.randint(1, 9)
    return datetime.combine(due + timedelta(days=days), datetime.min.time(), VIETNAM) + timedelta(
        hours=rng.randint(7, 17), minutes=rng.randint(0, 59)
    )


def write_chunk(folder: Path, campaign: Campaign, chunk: Sequence[Delivery]) -> int:
    """Write the files of some deliveries; return how many deliveries those were."""
    for delivery in chunk:
        for path, data in files_of(delivery, campaign):
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(data)
    return len(chunk)


def files_of(delivery: Delivery, campaign: Campaign) -> Iterator[tuple[str, bytes]]:
    """Yield (path below submissions/, bytes) of a delivery; the same for the same delivery."""
    unit, sent = delivery.units[0], delivery.sent
    rng = chance(delivery.seed, unit.code, "files")
    if delivery.kind == "list":
        yield f"{sent:%Y-%m-%d}/Tong hop {unit.parent}.xlsx", _list(delivery, campaign, rng)
        return
    tally = _tally(unit, campaign, sent.date(), rng)
    name = _file_name(unit, rng)
    if delivery.fault in _ACCIDENTS:
        yield from _accident(delivery, campaign, tally, name, rng)
        return
    if delivery.fault:
        tally = spoil(rng, tally, delivery.fault)
    yield _carried(delivery, campaign, _form(delivery, campaign, tally, rng), name)


def _carried(delivery: Delivery, campaign: Campaign, form: bytes, name: str) -> tuple[str, bytes]:
    """Lay a form into the folder of its day, or send it by mail."""
    unit, sent = delivery.units[0], delivery.sent
    if delivery.kind != "mail":
        return f"{sent:%Y-%m-%d}/{name}", form
    rng = chance(delivery.seed, unit.code, "mail")
    signer = person(rng)
    message = mail(
        sender=(signer, f"{unit.code.lower()}@example.vn"),
        to=campaign.issuer.email,
        sent=sent,
        subject=rng.choice(MAILS["subjects"]).format(unit=unit.name),
        body=MAILS["body"].format(unit=unit.name, signer=signer),
        attachments=[(name, form), *([("image001.png", signature_image())] if rng.random() < 0.3 else [])],
    )
    return f"{_MAIL_FOLDER}/{unit.code}.eml", message.as_bytes()


def _tally(unit: DemoUnit, campaign: Campaign, sent: date, rng: random.Random) -> Tally:
    return draw_tally(rng, campaign, name=unit.name, level=unit.level, members=unit.members, sent=sent)


def _form(
    delivery: Delivery, campaign: Campaign, tally: Tally, rng: random.Random, *, code: str = "", round: str = "1"
) -> bytes:
    unit = delivery.units[0]
    if delivery.kind == "official":
        return _official(unit, campaign, tally, delivery.sent, rng)
    values = tally | {"signer": person(rng)}
    return filled_in(campaign, unit._replace(code=code or unit.code), round, values)


def _official(
    unit: DemoUnit,
    campaign: Campaign,
    tally: Tally,
    sent: datetime,
    rng: random.Random,
    *,
    name: str = "",
    nfd: bool = False,
) -> bytes:
    """Return the plan's form as somebody retyped it; one sent late names its round, or nobody could tell."""
    is_late = campaign.rounds[0].is_late(sent)
    is_plain = not any(isinstance(tally.get(field), str | Formula) for field in ("members", "attendees"))
    is_inline = is_plain and rng.random() < 0.25
    look = Look(
        sheet=rng.choice(("Sheet1", "Sheet1", "Báo cáo", "Bieu mau", "THU HOACH")),
        above=(unit.above_name.upper(),) if unit.is_namesake else rng.choice(_ABOVE),
        columns=rng.choice((0, 0, 0, 1, 2)),
        is_inline=is_inline,
        persons=rng.choice(("đ/c", "đồng chí", "")) if is_inline else "",
        is_merged=not is_inline and rng.random() < 0.2,
        is_decomposed=nfd,
        round_line=f"({campaign.rounds[0].name})" if is_late or rng.random() < 0.3 else "",
        place_date=f"{campaign.issuer.place}, ngày {sent.day} tháng {sent.month} năm {sent.year}",
        signer=person(rng),
    )
    values = {field: value for field, value in tally.items() if field in _LIST_FIELDS and field != "guests"}
    return official_form(campaign, unit_name=name or unit.name, parent_name=unit.parent_name, values=values, look=look)


def _list(delivery: Delivery, campaign: Campaign, rng: random.Random) -> bytes:
    units, sent = delivery.units, delivery.sent
    tallies = [_tally(unit, campaign, sent.date(), chance(delivery.seed, unit.code, "files")) for unit in units]
    has_codes, is_summed = rng.random() < 0.5, rng.random() < 0.7
    total: dict[str, object] = dict(total_of(tallies, _LIST_FIELDS))
    return branch_list(
        office=units[0].parent_name,
        above=units[0].above_name,
        fields=_LIST_FIELDS,
        lines=[(unit.code if has_codes else "", unit.name, tally) for unit, tally in zip(units, tallies, strict=True)],
        total=total if is_summed else None,
        look=Look(sheet="Tổng hợp", round_line=campaign.rounds[0].name),
    )


def _accident(
    delivery: Delivery, campaign: Campaign, tally: Tally, name: str, rng: random.Random
) -> Iterator[tuple[str, bytes]]:
    """What becomes of a form on its way."""
    unit, sent, fault = delivery.units[0], delivery.sent, delivery.fault
    day, next_day = f"{sent:%Y-%m-%d}", f"{sent + timedelta(days=2):%Y-%m-%d}"
    form = _form(delivery, campaign, tally, rng)
    if fault == "truncated":
        yield f"{day}/{name}", form[: len(form) * rng.randint(2, 8) // 10]
    elif fault == "empty":
        yield f"{day}/{name}", b""
    elif fault == "unknown_code":
        yield f"{day}/{name}", _form(delivery._replace(kind="template"), campaign, tally, rng, code=f"{unit.code}X")
    elif fault == "misspelt":
        yield f"{day}/{name}", _official(unit, campaign, tally, sent, rng, name=unit.name[:-1] + "h")
    elif fault == "decomposed":
        yield f"{day}/{name}", _official(unit, campaign, tally, sent, rng, nfd=True)
    elif fault == "formula":
        yield f"{day}/{name}", _official(unit, campaign, tally | {"members": Formula("=SUM(C3:C9)")}, sent, rng)
    elif fault == "stray_picture":
        yield f"{day}/anh chup {unit.code}.png", signature_image()
        yield f"{day}/{name}", form
    elif fault == "duplicate":
        yield _carried(delivery, campaign, form, name)
        yield f"{next_day}/Copy of {name}", form
    else:
        wrong = spoil(rng, tally, "over") if fault == "correction" else tally | {"guests": 99}
        yield f"{day}/{name}", _form(delivery, campaign, wrong, rng)
        again = next_day if fault == "correction" else day
        yield f"{again}/Sua lai {name}", form


def _file_name(unit: DemoUnit, rng: random.Random) -> str:
    """Return a name such as branches give their files; the code in it keeps each apart."""
    shape = rng.choice(("{code}", "BC thu hoach {code}", "{name} ({code})", "Bao cao tong hop {code} dot 1"))
    return shape.format(code=unit.code, name=unit.name.replace("/", "-")) + ".xlsx"
