"""What stands on the official form: its items as a campaign asks for them, and each unit's answers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from schemas.campaign import EXEMPTION_CATEGORIES
from schemas.organisations import signed_for
from schemas.words import word

from .book import Book
from .cells import clean, plain
from .look import mark
from .tree import Tree

_NUMBERED = ("members", "attendees", "reflections", "exemptions", "assessment", "proposals")  # items 1-6 of plan 004


@dataclass(frozen=True, slots=True)
class Item:
    """One line of the form: its field, its label as printed, and whether it is a part of the item above."""

    field: str
    label: str
    is_part: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What stands in a place of the form: a value, or a formula with the value it has for the unit shown first."""

    value: Any = None
    formula: str = ""

    @property
    def cached(self) -> Any:
        return "" if self.value is None else self.value


def items(book: Book) -> list[Item]:
    """Return the form's items in its order and numbered; those that the campaign does not ask for are left out."""
    campaign = book.result.campaign
    asked = (*campaign.count_fields, *campaign.text_fields)
    found: list[Item] = []
    numbered = [field for field in _NUMBERED if field in asked]
    for number, field in enumerate(numbered, 1):
        found.append(Item(field, f"{number}. {_label(book, field)}"))
        found += [Item(part, f"– {book.term(part)}", is_part=True) for part in _parts(book, field)]
    documents = enumerate(campaign.documents, len(numbered) + 1)
    return found + [
        Item(document.field, f"{number}. {book.say('form_document', name=document.name)}")
        for number, document in documents
    ]


def _label(book: Book, field: str) -> str:
    if field in ("assessment", "exemptions", "proposals"):
        return book.say(f"form_{field}")
    return word("members" if field == "members" else f"form_{field}", book.language)


def _parts(book: Book, field: str) -> Iterator[str]:
    """Yield what belongs to an item: guests to those present, grades to what is graded, categories to the exempt."""
    campaign = book.result.campaign
    asked = campaign.count_fields
    if field == "attendees":
        yield from (name for name in ("guests",) if name in asked)
    if field == ("reflections" if "reflections" in asked else "attendees"):
        yield from (grade.field for grade in campaign.grades)
    if field == "reflections":
        yield from (name for name in ("guest_reflections",) if name in asked)
    if field == "exemptions":
        yield from (name for name in EXEMPTION_CATEGORIES if name in asked)


def filled_answers(book: Book, unit_code: str, texts: Mapping[str, Mapping[str, str]]) -> dict[str, Answer]:
    """Return a unit's answers as fixed values.

    Args:
        texts: of `compiled_texts`.
    """
    result, issuer = book.result, book.result.campaign.issuer
    unit = result.round_units().loc[unit_code]
    values = dict(zip(unit.index, plain(unit), strict=True))
    answers = {item.field: Answer(values.get(item.field)) for item in items(book)}
    answers |= {item: Answer(told.get(unit_code)) for item, told in texts.items()}
    parent = str(result.tree.at[unit_code, "parent_code"])
    is_top = unit_code == book.top
    flag = f"{mark(values['flag']).symbol} {book.term(values['flag'])}"
    counted, expected = values["complete"] + values["queried"], values["expected"]
    return answers | {
        "parent": Answer(issuer.superior if is_top else book.unit_name(parent).upper()),
        "unit": Answer(issuer.name if is_top else book.unit_name(unit_code).upper()),
        "covers": Answer(_covers(book, str(counted), str(expected), flag)),
        "signed_for": Answer(_signed(book, unit_code)[0]),
        "signer": Answer(_signed(book, unit_code)[1]),
    }


def live_answers(book: Book, tree: Tree, texts: Mapping[str, Mapping[str, str]]) -> dict[str, Answer]:
    """Return formulas that look up the unit picked on the form, with the top's values."""
    top = filled_answers(book, book.top, texts)
    answers = {}
    for field, answer in top.items():
        if field in tree.values:
            answers[field] = Answer(answer.value, _blank_or(f"{field}_by_unit"))
        elif field in texts:
            answers[field] = Answer(answer.value, _blank_or(f"unit_{field}"))
    issuer = book.result.campaign.issuer
    spoken = {
        "parent": f'IF(form_row=1,"{_quoted(issuer.superior)}",UPPER({_at("unit_parents")}))',
        "unit": f'IF(form_row=1,"{_quoted(issuer.name)}",UPPER({_at("unit_names")}))',
        "covers": _covers_formula(book),
        "signed_for": _signed_formula(book, 0),
        "signer": _signed_formula(book, 1),
    }
    return answers | {
        field: Answer(top[field].value, f'=IF(form_row="","",{formula})') for field, formula in spoken.items()
    }


def _at(name: str) -> str:
    return f"INDEX({name},form_row)"


def _blank_or(name: str) -> str:
    """Return what the unit has in a column: an empty text where it is blank, for a blank is no zero."""
    return f'=IF(form_row="","",IF({_at(name)}="","",{_at(name)}))'


def _quoted(text: str) -> str:
    return clean(text).replace('"', '""')


def _covers(book: Book, counted: str, expected: str, flag: str) -> str:
    return book.say("form_covers", counted=counted, expected=expected, flag=flag, as_of=book.as_of_line())


def _covers_formula(book: Book) -> str:
    """Return the same sentence with its three values put in by formula."""
    counted = f"({_at('complete_by_unit')}+{_at('queried_by_unit')})"
    values = {"\x01": counted, "\x02": _at("expected_by_unit"), "\x03": _at("unit_flags")}
    sentence = f'"{_covers_quoted(book)}"'
    for place, value in values.items():
        sentence = sentence.replace(place, f'"&{value}&"')
    return sentence


def _covers_quoted(book: Book) -> str:
    return _covers(book, "\x01", "\x02", "\x03").replace('"', '""')


def _signed(book: Book, unit_code: str) -> tuple[str, str]:
    """Return for whom and by whom a unit's form is signed: the top's as its campaign says."""
    issuer = book.result.campaign.issuer
    if unit_code == book.top:
        return issuer.signed_for, issuer.signer
    signed = word(signed_for(book.unit_name(unit_code)), book.language)
    return signed, word("form_secretary", book.language)


def _signed_formula(book: Book, place: int) -> str:
    issuer = book.result.campaign.issuer
    top = _quoted((issuer.signed_for, issuer.signer)[place])
    if place:
        other = f'"{_quoted(word("form_secretary", book.language))}"'
    else:
        kinds = ("branch", "committee", "standing")
        *told, other = (f'"{_quoted(word(f"form_signed_{kind}", book.language))}"' for kind in kinds)
        begin = (book.say("form_branch"), book.say("form_committee"))
        for begins, signed in zip(reversed(begin), reversed(told), strict=True):
            other = f'IF(LEFT({_at("unit_names")},{len(begins)})="{begins}",{signed},{other})'
    return f'IF(form_row=1,"{top}",{other})'
