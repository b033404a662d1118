"""The texts of the official form: a filing unit's own words; of a unit above, what its units say, most often first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from .book import Book
from .cells import clean
from .measure import SERIF, lines
from .opinions import Said

TEXT_WIDTH, TEXT_SIZE = 650, 12  # pixels and points of the form's text boxes
_INDENT = 14  # pixels
_ROOM = round((TEXT_WIDTH - _INDENT) * SERIF)
TEXT_LINES = {"assessment": 8, "proposals": 9}
_SHEETS = {"assessment": "texts", "proposals": "register"}  # where the rest is
_SHORTEST = 40  # characters of a text cut at a word


def compiled_texts(book: Book) -> dict[str, dict[str, str]]:
    """Return {item: {unit_code: text}} of the round shown, for every unit of which something is said.

    A unit's own words come first. Below them, for a unit with units below it, stand theirs: each text once, with
    the number of units that say it, as many as find room; the rest is counted, with where to read it.
    """
    focus, opinions, found = book.result.focus, book.opinions, {}
    for item in book.result.campaign.text_fields:
        own = {row.unit: row.text for row in opinions.texts if row.item == item and row.round == focus}
        said = opinions.proposals if item == "proposals" else opinions.texts
        below = _below(book, [row for row in said if row.item == item and row.round == focus])
        codes = dict.fromkeys((*own, *below))
        of_leaf = {text: _text(book, item, text, {}) for text in set(own.values())}
        found[item] = {
            code: _text(book, item, own.get(code, ""), below[code]) if code in below else of_leaf[own[code]]
            for code in codes
        }
    return found


def _below(book: Book, said: list[Said]) -> dict[str, Counter[str]]:
    """Return for each unit above how many units below it say what: each unit counts once a text."""
    parents = book.parents
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for unit, text in dict.fromkeys((row.unit, row.leader) for row in said):
        above = parents.get(unit, "")
        while above:
            found[above][text] += 1
            above = parents[above]
    return found


def _text(book: Book, item: str, own: str, below: Mapping[str, int]) -> str:
    room = TEXT_LINES[item]
    if not below:
        return _cut(book, clean(own), room)
    told = [_cut(book, clean(own), room - 3)] if own else []
    used = sum(map(_height, told))
    ranked = sorted(below.items(), key=lambda pair: -pair[1])  # stable: then in the order of the texts
    for place, (text, units) in enumerate(ranked):
        flat = " ".join(clean(text).split())
        line = book.say("form_said", text=flat, units=book.number(units)) if units > 1 else f"– {flat}"
        used += _height(line)
        if used > room - (place + 1 < len(ranked)):
            more = book.say("form_more", texts=book.number(len(ranked) - place), sheet=book.sheet_name(_SHEETS[item]))
            return "\n".join((*told, more))
        told.append(line)
    return "\n".join(told)


def _height(text: str) -> int:
    return lines(text, _ROOM, TEXT_SIZE)


def _cut(book: Book, text: str, room: int) -> str:
    """Return a text that stands in so many lines; where it is cut, it says where the whole is."""
    if _height(text) <= room:
        return text
    mark = book.say("form_cut", sheet=book.sheet_name("texts"))
    fits, too_long = 0, len(text)
    while too_long - fits > 1:
        middle = (fits + too_long) // 2
        if _height(text[:middle] + mark) <= room:
            fits = middle
        else:
            too_long = middle
    kept = text[:fits]
    return (kept.rsplit(" ", 1)[0] if " " in kept[_SHORTEST:] else kept).rstrip(" ,;.") + mark
