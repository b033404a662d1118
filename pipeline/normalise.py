"""A tally's raw cells become typed values, or notes: this module lists every change it may make.

A value is either what the cell plainly is (a whole number, a text, a day), or it is what one of the
rules below reads from it, and then a note says so. What no rule reads is None and a note, never a guess.
A blank is None without a note: whether it may be blank is for validation to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, cast

from schemas.records import Note, RawCell, RawTally, TypedTally, Value, cut
from schemas.vietnamese import FULL_WIDTH, number_from_words, repair

if TYPE_CHECKING:
    from schemas.layout import FormSpec

Detail = tuple[tuple[str, str], ...]
Typed = tuple[Value, str, Detail]  # the value, the code of a note ("" for none) and its detail

MOST_PERSONS = 10_000_000  # twice the whole Party: more is a telephone number, not a count
CELL_UNITS = 32_767  # UTF-16 units that one cell of a workbook holds
LONGEST_TEXT = 100_000  # characters that are kept of a text: no spreadsheet writes a cell that long
SHOWN = 120  # characters of a raw value that a note repeats

# --- the rules ---------------------------------------------------------------------------------------
# Texts are compared repaired, in small letters, full-width digits as plain ones, white space as one
# space, without the printed line of dots around them. The first pattern that fits all of the text reads it.

_PLAIN = r"[0-9]+"
_GROUPED = r"[1-9][0-9]{0,2}(?:(?:\.[0-9]{3})+|(?: [0-9]{3})+)"  # 1.234 and 1 234: thousands, counts are whole
_DECIMAL = r"[0-9]+[.,][0-9]+"
_PERSONS = r"(?:đ/c|đ\.c|đc|d/c|đồng chí|đảng viên|đv|người|bài)"
_UNIT = rf"(?: ?{_PERSONS})*\.?"
_IN_WORDS = rf"(?: ?\((?P<words>[^()0-9]+?){_UNIT}\){_UNIT})?"  # 45 (bốn mươi lăm) đồng chí

COUNT_RULES: tuple[tuple[str, str], ...] = (
    (rf"(?P<number>{_PLAIN}|{_GROUPED}){_UNIT}{_IN_WORDS}", "number_from_text"),
    (r"(?P<number>[0-9]+)[.,]00?", "number_from_text"),
    (rf"(?:không|ko|không có|ko có)(?: (?:{_PERSONS}|ai|trường hợp)(?: nào)?)?\.?", "zero_from_word"),
    (rf"(?P<whole>[1-9][0-9]{{0,2}}),(?P<part>[0-9]{{3}}){_UNIT}", "count_ambiguous"),
    (_DECIMAL, "count_not_whole"),
    (rf"[-−–](?:{_PLAIN}|{_GROUPED}|{_DECIMAL}){_UNIT}", "count_negative"),
)
_COUNT_RULES = tuple((re.compile(pattern), code) for pattern, code in COUNT_RULES)

_OWN_ANSWERS = {"có": 1, "chưa": 0}
YES = frozenset((
    "1", "có", "đã", "rồi", "đã có", "có rồi", "đã ban hành", "đã xây dựng", "đã gửi", "đã nộp", "đã xong", "xong",
    "x", "v", "×", "✓", "✔", "☑", "true", "yes",
))  # fmt: skip
NO = frozenset((
    "0", "chưa", "không", "chưa có", "không có", "chưa ban hành", "chưa xây dựng", "chưa gửi", "chưa nộp", "chưa xong",
    "false", "no",
))  # fmt: skip
# The number of a Party document (12-KH/ĐU) answers yes, unless the words around it say "not yet".
DOCUMENT_NUMBER = re.compile(r"(?<![0-9])[0-9]{1,5} ?[-–/] ?(?:kh|ctr|cthđ|ctrhđ|nq|qđ|bc|tb|hd|cv|đa)(?![^\W\d_])")
NOT_YET = re.compile(r"\b(?:chưa|không|dự thảo|dự kiến|đang)\b")

DATE_RULES: tuple[tuple[str, str], ...] = (  # applied in turn; what is left must be days as 23/11/2020
    (r"(?:(?:từ|vào|trong) )?(?:các )?ngày ", ""),
    (r" ?tháng ", "/"),
    (r"(?:/| )năm ", "/"),
    (r"\b([0-9]{4})-([0-9]{2})-([0-9]{2})(?:[ t]00:00(?::00)?)?\b", r"\3/\2/\1"),
    (r"(?<![0-9])([0-9]{1,2})-([0-9]{1,2})-([0-9]{4}|[0-9]{2}$)", r"\1/\2/\3"),
    (r"(?<=[0-9]) ?[./] ?(?=[0-9])", "/"),
    (r" ?(?:-|–|—|,|;|đến|và) ?", " "),
)
_DATE_RULES = tuple((re.compile(pattern), instead) for pattern, instead in DATE_RULES)
_DAY = re.compile(r"([0-9]{1,2})(?:/([0-9]{1,2})(?:/([0-9]{4}|[0-9]{2}))?)?")
FIRST_YEAR, LAST_YEAR = 1990, 2100
_SERIAL_ZERO = date(1899, 12, 30)  # day 0 of Excel's serial numbers, beyond its false leap day of 1900

_ERROR_VALUE = re.compile(r"#(?:REF!|N/A|VALUE!|DIV/0!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)", re.IGNORECASE)
_FILLER = re.compile(r"[\s.…_]*")  # a line of dots to write on, where nothing is written
_NOTHING = re.compile(r"[\s.…_\-–—]*")


def type_tally(raw: RawTally, spec: FormSpec) -> TypedTally:
    """Type every cell of a tally by the kind of its field; heads are only repaired.

    Returns:
        values: counts int (persons), texts str, days `date`, plan documents 1 or 0; None for a blank or
        for what could not be read. Notes found earlier stand before those made here.
    """
    values: dict[str, Value] = {}
    cells: dict[str, str] = {}
    notes = list(raw.notes)
    for field, cell in raw.cells.items():
        cells[field] = cell.cell
        kind = spec.kind(field)
        whole = _plain_count(cell) if kind == "count" else None
        if whole is not None:  # nearly every cell: the rest costs more
            values[field] = whole
            continue
        values[field], made = _type_cell(field, cell, kind, raw, spec)
        notes += made
    return TypedTally(
        layout=raw.layout,
        sheet=raw.sheet,
        row=raw.row,
        values=values,
        cells=cells,
        org_names=tuple(_head(name) for name in raw.org_names),
        unit_code=_head(raw.unit_code),
        unit_code_cell=raw.unit_code_cell,
        unit_name=_head(raw.unit_name),
        unit_cell=raw.unit_cell,
        round_text=_head(raw.round_text),
        round_cell=raw.round_cell,
        notes=tuple(notes),
        studied=raw.studied,
        studied_cell=raw.studied_cell,
    )


def _plain_count(cell: RawCell) -> int | None:
    """Return a count that is plainly one, None where the rules must be asked."""
    value = cell.value
    if (value.__class__ is not float and value.__class__ is not int) or cell.problem or cell.hidden:
        return None
    number = cast(float, value)
    return int(number) if 0 <= number <= MOST_PERSONS and number == int(number) else None


def _head(text: str) -> str:
    return cut(repair(text)[0].strip()) if text else ""


def _type_cell(field: str, cell: RawCell, kind: str, raw: RawTally, spec: FormSpec) -> tuple[Value, list[Note]]:
    if cell.value is None and not cell.problem:
        return None, []

    def note(code: str, shown: str = "", detail: Detail = ()) -> Note:
        label = ("label", _titles(spec).get(field, field))
        return Note(code, field, raw.sheet, cell.cell, shown or _shown(cell.value), (label, *detail), raw.row)

    if cell.problem == "formula":
        return None, [note("formula_without_value")]
    if cell.problem or (isinstance(cell.value, str) and _ERROR_VALUE.fullmatch(cell.value.strip())):
        return None, [note("cell_error", cell.problem)]
    value, code, detail = READERS[kind](cell.value)
    notes = [note(code, detail=detail)] if code else []
    if isinstance(value, str) and len(value) > CELL_UNITS // 2:  # a character takes two units at most
        units = len(value.encode("utf-16-le")) // 2
        if len(value) > LONGEST_TEXT:
            notes.append(note("text_cut", str(units), (("limit", str(LONGEST_TEXT)),)))
            value = value[:LONGEST_TEXT]
        elif units > CELL_UNITS:
            notes.append(note("text_too_long", str(units)))
    if cell.hidden and (value is not None or code):
        notes.append(note("hidden_value"))
    return value, notes


@lru_cache(maxsize=4)
def _titles(spec: FormSpec) -> dict[str, str]:
    return dict(spec.titles)


def _shown(value: object) -> str:
    """Return a raw value as a person reading the sheet would see it, on one line and not too long."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        text = str(int(value)) if value.is_integer() else repr(value).replace(".", ",")
    elif isinstance(value, datetime) and value.time() != time():
        text = value.strftime("%d/%m/%Y %H:%M")
    elif isinstance(value, date):
        text = value.strftime("%d/%m/%Y")
    else:
        text = " ".join(repair(str(value))[0].split())
    return text if len(text) <= SHOWN else text[: SHOWN - 1] + "…"


def _compared(text: str) -> str:
    """Return a text as the rules compare it."""
    text = " ".join(repair(text)[0].translate(FULL_WIDTH).casefold().split())
    return re.sub(r"^(?:[._…]{2,}|…|_)\s*|\s*(?:[._…]{2,}|…|_)$", "", text)


# --- one reader a kind -------------------------------------------------------------------------------


def _count(value: object) -> Typed:
    """Persons. Accepted as it is: an integer, a float that is whole."""
    if value is None or (isinstance(value, str) and _FILLER.fullmatch(repair(value)[0])):
        return None, "", ()
    if isinstance(value, str):
        return _count_text(_compared(value))
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, "count_unclear", ()
    if value < 0:
        return None, "count_negative", ()
    if not value <= MOST_PERSONS:
        return None, "count_unclear", ()
    whole = int(value)
    return (whole, "", ()) if whole == value else (None, "count_not_whole", ())


def _count_text(text: str) -> Typed:
    for pattern, code in _COUNT_RULES:
        found = pattern.fullmatch(text)
        if not found:
            continue
        if code == "zero_from_word":
            return 0, code, ()
        if code == "count_ambiguous":
            whole, part = found["whole"], found["part"]
            return None, code, (("readings", f"{whole}{part} / {whole},{part}"),)
        return _whole(found) if code == "number_from_text" else (None, code, ())
    return None, "count_unclear", ()


def _whole(found: re.Match[str]) -> Typed:
    """Read the digits, unless the words in brackets behind them say another number or something else."""
    digits = re.sub(r"[ .]", "", found["number"]).lstrip("0") or "0"
    if len(digits) > len(str(MOST_PERSONS)) or int(digits) > MOST_PERSONS:
        return None, "count_unclear", ()
    words = found.groupdict().get("words")
    if words and (said := number_from_words(words)) != int(digits):
        if said is None:
            return None, "count_unclear", ()
        return None, "count_ambiguous", (("readings", f"{digits} / {said}"),)
    return int(digits), "number_from_text", (("read", digits),)


def _text(value: object) -> Typed:
    """A text as it was typed, but for encoding faults and white space around it."""
    if value is None:
        return None, "", ()
    if not isinstance(value, str):
        # An integer reads the same as a text; of anything else the cell's look is lost, so say so.
        is_plain = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
        return _shown(value), "" if is_plain else "text_repaired", () if is_plain else (("what", "cell_type"),)
    text, repaired = repair(value)
    text = text.strip()
    if _NOTHING.fullmatch(text):
        return None, "", ()
    return text, "text_repaired" if repaired else "", (("what", ",".join(repaired)),) if repaired else ()


def _date(value: object) -> Typed:
    """A day; of several days the last."""
    if isinstance(value, datetime):
        code = "date_from_text" if value.time() != time() else ""
        return _day(value.date(), code)
    if isinstance(value, date):
        return _day(value, "")
    if isinstance(value, str):
        text = _compared(value)
        if _NOTHING.fullmatch(text):
            return None, "", ()
        return _day(_last_day(text), "date_from_text")
    if value is None:
        return None, "", ()
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 100_000:
        return _day(_SERIAL_ZERO + timedelta(days=int(value)), "date_from_text")
    return None, "date_unclear", ()


def _day(day: date | None, code: str) -> Typed:
    if day is None or not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None, "date_unclear", ()
    return day, code, (("read", f"{day.day}/{day.month}/{day.year}"),) if code else ()


def _last_day(text: str) -> date | None:
    """Return the last of the days in a text, None unless all are real days in ascending order.

    Day before month, always; a day without month or year takes those of the next one.
    """
    for pattern, instead in _DATE_RULES:
        text = pattern.sub(instead, text)
    days: list[date] = []
    month = year = 0
    for part in reversed(text.strip(" .").split()):
        found = _DAY.fullmatch(part)
        if not found:
            return None
        year = int(found[3]) + (2000 if len(found[3]) == 2 else 0) if found[3] else year
        month = int(found[2]) if found[2] else month
        try:
            days.append(date(year, month, int(found[1])))
        except ValueError:
            return None
    is_ascending = all(later > earlier for later, earlier in pairwise(days))
    return days[0] if days and is_ascending else None


def _document(value: object) -> Typed:
    """Whether a plan document is there: 1, 0, or None."""
    if value is None:
        return None, "", ()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return (int(value), "", ()) if value in (0, 1) else (None, "answer_unclear", ())
    text = _compared(str(value)).rstrip(".")
    if _NOTHING.fullmatch(text):
        return None, "", ()
    if text in _OWN_ANSWERS:  # the choices of our own template are plainly what they say
        return _OWN_ANSWERS[text], "", ()
    if text in NO:
        return 0, "answer_read", (("read_key", "answer_no"),)
    if text in YES or (DOCUMENT_NUMBER.search(text) and not NOT_YET.search(text)):
        return 1, "answer_read", (("read_key", "answer_yes"),)
    return None, "answer_unclear", ()


READERS: dict[str, Callable[[object], Typed]] = {
    "count": _count,
    "text": _text,
    "head": _text,
    "date": _date,
    "document": _document,
}
