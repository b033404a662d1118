"""The header of a list: up to four rows of column heads, heads of groups above them -> the column of each item."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from schemas.layout import HEAD_FIELDS, PASSED_FIELDS
from schemas.records import Note
from schemas.vietnamese import repair

from .heads import is_org_name, rounds
from .keys import label_key
from .labels import Label
from .near import REQUIRED, notes_of
from .phrases import without_bullet
from .sheet import Place, Sheet, a1, hidden_label

_MAX_ROWS: Final = 4
_MIN_ITEMS: Final = 2
_MIN_ITEMS_WITHOUT_NAMES: Final = 3
_MAX_HEAD: Final = 200  # characters of a column's head
_OF_GUESTS: Final = {"attendees": "guests", "guests": "guests", "reflections": "guest_reflections"}
_NOT_OF_THE_EXEMPT: Final = frozenset({"members", "attendees", "guests"})
_OF_A_LINE: Final = frozenset({"serial", "unit_name", "unit_code"})
_LONGEST_MARK: Final = 4  # of a section: "III."
_MOST_WORDS_OF_A_ROUND: Final = 8
_BEFORE_A_ROUND: Final = ("đợt ", "kết quả ", "số liệu ", "báo cáo ", "tổng hợp ")
_COLUMN_NUMBER = re.compile(r"[(\[]?\s*\w{1,2}\s*[)\]]?\s*(?:=.*)?")


class Header(NamedTuple):
    """The header of a list.

    Attributes:
        first: its first row.
        last: its last row.
        columns: field -> column; "unit_name" is missing where the list names no units.
        notes: what is doubtful about it.
        is_round: whether it is but the heading of a round ("ĐỢT 2") inside the list whose columns these are.
    """

    first: int
    last: int
    columns: dict[str, int]
    notes: list[Note]
    is_round: bool = False


def find_headers(sheet: Sheet) -> list[Header]:
    """Return the headers of the lists on a sheet, from the top down."""
    heads: dict[int, int] = {}
    for (row, _), label in sheet.labels.items():
        if not label.inline:
            heads[row] = heads.get(row, 0) + 1
    found: list[Header] = []
    for row, count in heads.items():
        if count < _MIN_ITEMS or (found and row <= found[-1].last) or sheet.has_number(row):
            continue
        header = _header(sheet, row)
        if header is not None:
            found.append(header)
    ends = [header.first for header in found[1:]] + [len(sheet.rows)] * bool(found)
    return [part for header, end in zip(found, ends, strict=True) for part in (header, *_rounds(sheet, header, end))]


def _rounds(sheet: Sheet, header: Header, end: int) -> list[Header]:
    """Return the headings of rounds inside a list: below each of them the list begins anew."""
    rows = [row for row in range(header.last + 1, end) if _names_round(sheet, header, row)]
    return [header._replace(first=row, last=row, notes=[], is_round=True) for row in rows]


def _names_round(sheet: Sheet, header: Header, row: int) -> bool:
    """Whether a row only says of which round the lines below it are: "ĐỢT 1", "II | Kết quả đợt 2 | 50 | 48"."""
    columns, phrases = header.columns, sheet.index.phrases
    first_item = min(c for field, c in columns.items() if field not in HEAD_FIELDS)
    texts = [(c, text) for c, text in sheet.texts(row) if len(label_key(text)) > _LONGEST_MARK]
    if len(texts) != 1 or texts[0][0] == columns.get("round") or len(texts[0][1]) > _MAX_HEAD:
        return False
    ((c, text),) = texts
    words = label_key(without_bullet(text)).split()
    is_heading = len(words) <= _MOST_WORDS_OF_A_ROUND and " ".join(words).startswith(_BEFORE_A_ROUND)
    is_line = sheet.has_number(row) and (c >= first_item or _has_serial(sheet, header, row))
    return is_heading and len(set(rounds(text))) == 1 and not is_line and not phrases.total_rank(text)


def _has_serial(sheet: Sheet, header: Header, row: int) -> bool:
    column = header.columns.get("serial")
    return column is not None and sheet.index.phrases.number(sheet.cell(row, column).value) is not None


def is_numbering(sheet: Sheet, row: int) -> bool:
    """Whether a row only numbers the columns: (1) (2) (3), or A B 1 2."""
    values = [sheet.rows[row][c] for c in sheet.filled[row] if c < len(sheet.rows[row])]
    if any(isinstance(value, str) and not _COLUMN_NUMBER.fullmatch(value) for value in values):
        return False
    numbers = [int(value) for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    return not numbers or (numbers == list(range(numbers[0], numbers[0] + len(numbers))) and numbers[0] <= 3)


def _header(sheet: Sheet, first: int) -> Header | None:
    last = _last_row(sheet, first)
    places: dict[str, list[Place]] = {}
    for c in sorted({c for row in range(first, last + 1) for c in sheet.filled[row]}):
        path = _path(sheet, first, last, c)
        field = _field(sheet, [text for _, text in path])
        if field == "serial" or (field and field not in PASSED_FIELDS):
            places.setdefault(field, []).append((path[-1][0], c))
    _name_columns(sheet, places)
    notes = []
    for field, twice in [(f, p) for f, p in places.items() if len(p) > 1 and f != "serial"]:
        (row, c), other = twice[0], twice[1]
        detail = (("label", dict(sheet.index.spec.titles).get(field, field)), ("other_cell", a1(*other)))
        written = repair(str(sheet.rows[row][c]))[0]
        notes.append(Note("label_twice", field, sheet.grid.name, a1(row, c), written, detail))
        del places[field]
    shown = [(field, place) for field, (place, *_) in places.items() if place[1] not in sheet.grid.hidden_columns]
    notes += [n for field, place in shown if field not in HEAD_FIELDS for n in hidden_label(sheet, field, place)]
    columns = {field: known[0][1] for field, known in places.items()}
    counts = [c for field, c in columns.items() if sheet.index.kinds[field] == "count"]
    items = set(columns) - HEAD_FIELDS
    has_names = "unit_name" in columns or "unit_code" in columns
    if not counts or len(items) < _MIN_ITEMS:
        return None
    if not has_names:
        unnamed = _column_of_names(sheet, last, min(counts))
        if unnamed is not None:
            columns["unit_name"] = unnamed
        elif len(items) < _MIN_ITEMS_WITHOUT_NAMES or not _has_numbers_below(sheet, last, counts):
            return None
    return Header(first, last, columns, notes + _near(sheet, first, last, items))


def _last_row(sheet: Sheet, first: int) -> int:
    """Return the last row of the header that begins in a row: no line of the list, no numbering of the columns."""
    named = {c for (row, c), label in sheet.labels.items() if row == first and label.field in _OF_A_LINE}
    last = first
    for row in range(first + 1, min(first + _MAX_ROWS, len(sheet.rows))):
        texts = sheet.texts(row)
        if not texts or sheet.has_number(row) or is_numbering(sheet, row):
            break
        number = sheet.index.phrases.number
        is_line = any(
            c in named or len(text) > _MAX_HEAD or is_org_name(text) or number(text) is not None for c, text in texts
        )
        is_line = is_line or (len(texts) == 1 and bool(rounds(texts[0][1])))
        if is_line or any(sheet.index.phrases.is_signature(text) for _, text in texts):
            break
        last = row
    return last


def _path(sheet: Sheet, first: int, last: int, column: int) -> list[tuple[int, str]]:
    """Return the heads of a column from the top down, those of the groups it belongs to included, with their rows."""
    own = {row: text for row in range(first, last + 1) for c, text in sheet.texts(row) if c == column}
    path = []
    for row in range(first, last + 1):
        if row in own:
            path.append((row, own[row]))
        elif any(below > row for below in own):
            group = [(c, text) for c, text in sheet.texts(row) if c < column]
            if group and _spans(sheet, (row, group[-1][0]), column):
                path.append((row, group[-1][1]))
    return path


def _spans(sheet: Sheet, place: Place, column: int) -> bool:
    """Whether a head is that of a group which a column belongs to; a head that is not merged may be of any width."""
    row, end = sheet.merged_to(place)
    return end >= column if (row, end) != place else True


def _field(sheet: Sheet, path: list[str]) -> str:
    """Return the item that a column holds, "" where its heads do not say so plainly."""
    if not path:
        return ""
    kinds, phrases = sheet.index.kinds, sheet.index.phrases
    *groups, head = path
    above: list[tuple[str, Label | None]] = [(text, sheet.index.match(text)) for text in groups]
    known = [label for _, label in above if label is not None and kinds[label.field] == "count"]
    label = known[-1] if known and phrases.is_counted(head) else sheet.index.match(head)
    if groups and (label is None or label.field == "reflections"):
        label = _of_two_levels(sheet, groups[-1], head, label)
    if label is None or label.inline:
        return ""
    field = label.field
    if kinds[field] != "count":
        return field
    if any(phrases.speaks_of_others(text) for text in groups):
        return _OF_GUESTS.get(field, "")
    is_narrowed = any(of is None and phrases.leaves_some_out(text) for text, of in above)
    is_not_exempt = field.startswith("exempt_") and known and known[-1].field in _NOT_OF_THE_EXEMPT
    return "" if is_narrowed or is_not_exempt else field


def _of_two_levels(sheet: Sheet, group: str, head: str, alone: Label | None) -> Label | None:
    """Return the label that a head makes with that of its group: "Tổng số" below "Đảng viên".

    One that is a label by itself stays that one, but for "Viết thu hoạch" below "Miễn": these did not write.
    """
    match, kinds = sheet.index.match, sheet.index.kinds
    both = [match(f"{group} {head}"), match(f"{head} {group}")]
    if alone is not None:
        return next((label for label in both if label is not None and label.field == "exemptions"), alone)
    return next((label for label in both if label is not None and kinds[label.field] == "count"), None)


def _name_columns(sheet: Sheet, places: dict[str, list[Place]]) -> None:
    """Of two columns of names the one that says "chi bộ" is the unit's, the other its parent's."""
    named = places.get("unit_name", [])
    if len(named) < 2:
        return
    branches = [(r, c) for r, c in named if "chi bộ" in label_key(str(sheet.rows[r][c]))] or named
    rest = [place for place in named if place != branches[0]]
    places["unit_name"] = branches[:1]
    places.setdefault("parent_name", rest[:1])


def _column_of_names(sheet: Sheet, last: int, first_count: int) -> int | None:
    """Return the column without a head in which branches are named."""
    for row in range(last + 1, len(sheet.rows)):
        for c, text in sheet.texts(row):
            if c < first_count and is_org_name(text) and sheet.has_number(row):
                return c
    return None


def _has_numbers_below(sheet: Sheet, last: int, columns: list[int]) -> bool:
    """Whether a row below fills every column of a count, and most of them with numbers: "không" may be one."""
    number = sheet.index.phrases.number
    for row in range(last + 1, min(last + _MAX_ROWS, len(sheet.rows))):
        if not is_numbering(sheet, row) and set(columns) <= set(sheet.filled[row]):
            counted = [c for c in columns if number(sheet.cell(row, c).value) is not None]
            if 2 * len(counted) > len(columns):
                return True
    return False


def _near(sheet: Sheet, first: int, last: int, found: set[str]) -> list[Note]:
    missing = tuple(field for field in REQUIRED if field not in found)
    if not missing:
        return []
    heads = [(r, c) for r in range(first, last + 1) for c, _ in sheet.texts(r) if (r, c) not in sheet.labels]
    return notes_of(sheet, heads, missing)
