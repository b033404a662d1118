"""The head of a form or list: the organisations it names, and the round."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache, lru_cache
from typing import Final, NamedTuple

from schemas.layout import FormSpec
from schemas.records import Grid, Note, cut
from schemas.studies import studied
from schemas.vietnamese import repair

from .keys import Keys, begins, first_word, keys, label_key, repaired
from .sheet import Place, Sheet, a1

_BRANCH: Final = ("chi bộ", "chi ủy", "cb")
_ORG: Final = (
    *_BRANCH, "đảng bộ", "đảng ủy", "huyện ủy", "thành ủy", "thị ủy", "tỉnh ủy", "quận ủy", "ban chấp hành đảng bộ",
    "ban thường vụ", "đb", "đu",
)  # fmt: skip
_FIRST_LETTERS: Final = frozenset("bchqt") | {""}  # of _ORG, but for those with diacritics
_SEPARATE = re.compile(r"\s{3,}|\n|\t")
_FILLER = re.compile(r"[.…_]{2,}|…")
_EDGES: Final = ' .,:;-–—*"“”'
# What stands behind an organisation's name in its own cell: the Party's name, place and date, the form's title.
_BEHIND = re.compile(
    r"\s*đảng cộng sản việt nam.*|(?:,[^,]{0,40})?,?\s*ngày[\s\d.…_]+tháng.*"
    r"|\s+báo cáo (?:kết quả|tổng hợp|như sau|về|tình hình).*",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS_BEHIND: Final = ("cộng", "ngày", "báo cáo")  # without one of these words nothing does
_SENTENCE = re.compile(r"\s(?:yêu cầu|đề nghị|kiến nghị|gửi)\s", re.IGNORECASE)  # no words that names have (Cần Thơ)
# What begins a line below a name and does not continue it: numbers and titles of papers, the Party's and State's names.
_NOT_OF_A_NAME: Final = (
    "báo cáo", "tổng hợp", "danh sách", "biểu", "bảng", "mẫu", "phụ lục", "kết quả", "học tập", "quán triệt",
    "triển khai", "thực hiện", "về", "v v", "đợt", "ngày", "tháng", "năm", "quý", "đảng cộng sản", "cộng hòa xã hội",
    "độc lập", "trực thuộc", "thuộc", "đơn vị", "địa chỉ", "điện thoại", "kính gửi", "nơi nhận",
)  # fmt: skip
_PAPER = re.compile(r"số\s*(?:[:.…_]|\d+\s*[-/])", re.IGNORECASE)  # "Số: …", "Số 12-BC/CB"; not "số 2"
_ADDRESSED: Final = ("kính gửi", "nơi nhận", "đồng kính gửi")
_ROUND = re.compile(
    r"\bđợt\s*(?:báo cáo\s*|học tập\s*)?(?:thứ\s*|số\s*|lần\s*)?[:\s]*0*(\d{1,2}|[ivx]{1,4}|một|hai|ba|nhất)\b"
    r"(?!\s*[/.-]\s*\d{1,2}\b)",
    re.IGNORECASE,
)
_IN_WORDS: Final = {"MỘT": "1", "NHẤT": "1", "HAI": "2", "BA": "3"}
_MAX_LINE: Final = 140
# Without one of these in its key a text names no congress, plenum or document.
STUDY_SIGNS: Final = ("đại hội", "đh", "hội nghị", "trung ương", "tw", "nq", "nghị quyết số", " ct", " kl")


@cache  # made when first asked for: comparing words takes an import that takes long
def _org_keys() -> Keys:
    return keys(_ORG)


@cache
def _branch_keys() -> Keys:
    return keys(_BRANCH)


@cache
def _addressed_keys() -> Keys:
    return keys(_ADDRESSED)


@cache
def _not_of_a_name() -> Keys:
    return keys(_NOT_OF_A_NAME)


class OrgLine(NamedTuple):
    """A line that names an organisation, and where it stands."""

    text: str
    row: int
    column: int

    @property
    def is_branch(self) -> bool:
        return begins(label_key(self.text), _branch_keys())


def first_words() -> frozenset[str]:
    """Return the words with which a name of an organisation begins, or a line that says to whom a form goes."""
    return _org_keys().firsts | _addressed_keys().firsts


@lru_cache(maxsize=4096)
def is_org_word(text: str) -> bool:
    """Whether a cell says "CHI BỘ: …" or "ĐẢNG BỘ …": the name itself, rather than a caption for one."""
    return label_key(text.partition(":")[0]) in _org_keys()


@lru_cache(maxsize=4096)
def is_org_name(text: str) -> bool:
    """Whether a text begins with what an organisation is ("Chi bộ ấp 3", "CB 3") and is short enough for a name."""
    return len(text) <= _MAX_LINE and begins(label_key(text), _org_keys())


@lru_cache(maxsize=4096)
def pieces(text: str) -> tuple[str, ...]:
    """Return the organisations that a cell names; "CHI BỘ:" where the name itself stands beside it."""
    if len(text) > 4 * _MAX_LINE:
        return ()
    found = []
    mended = repaired(text)
    parts = _SEPARATE.split(mended)
    for at, piece in enumerate(parts):
        if _begins_otherwise(piece):
            continue
        line = _name_in(piece)
        if at + 1 < len(parts) and "\n" in mended and _is_broken_off(mended, piece, line, parts[at + 1]):
            line = _name_in(f"{line} {parts[at + 1]}")
        key = label_key(line)
        if not key or len(line) > _MAX_LINE or not begins(key, _org_keys()) or piece.lstrip().startswith(("-", "+")):
            continue
        if key in _org_keys():
            found.append(f"{line}:")
        elif not _SENTENCE.search(line):
            found.append(" ".join(line.replace(":", " ").split()))
    return tuple(found)


def is_broken_name(text: str) -> bool:
    """Whether a cell holds an organisation's name with a line break inside ("ĐẢNG BỘ XÃ / TÂY YÊN")."""
    name, newline, rest = repaired(text).partition("\n")
    return bool(newline) and is_org_name(name) and is_rest_of_name(name, rest.partition("\n")[0])


def _is_broken_off(text: str, piece: str, line: str, below: str) -> bool:
    """Whether a name goes on behind a line break ("CHI BỘ KHU PHỐ / SỐ 2"): it would be another unit's without."""
    is_whole = label_key(piece) == label_key(line)  # nothing else stands behind the name
    return is_whole and f"{piece}\n{below}" in text and is_rest_of_name(piece, below)


def is_rest_of_name(name: str, below: str) -> bool:
    """Whether a line below one that begins with a name may be the rest of it."""
    key, rest = label_key(below), below.strip()
    if not key or not rest[:1].isalnum() or len(rest) > _MAX_LINE // 2 or ":" in rest or _PAPER.match(rest):
        return False
    if begins(key, _org_keys()) or begins(key, _not_of_a_name()) or rounds(rest) or "ngày" in key.split():
        return False
    return rest.isnumeric() or name.isupper() == rest.isupper()


def _begins_otherwise(text: str) -> bool:
    """Whether a text cannot begin with what an organisation is; quick, for nearly every text does not."""
    letter = first_word(text)[:1]
    return letter.isascii() and letter not in _FIRST_LETTERS


def _name_in(text: str) -> str:
    """Return a text without what is printed around a name, and without what stands behind it."""
    plain = text.casefold()
    if any(sign in plain for sign in _SIGNS_BEHIND):
        text = _BEHIND.sub("", text)
    return " ".join(_FILLER.sub(" ", text).strip(_EDGES).split())


def org_lines(sheet: Sheet, first: int, end: int, captions: Collection[Place] = ()) -> list[OrgLine]:
    """Return the organisations named in rows first..end in reading order, each name once.

    `captions` are cells that only announce a name ("Tên chi bộ"); the name stands beside them.
    """
    found: dict[str, OrgLine] = {}
    for r, c in org_cells(sheet, first, end, captions):
        for piece in pieces(str(sheet.rows[r][c])):
            line = _beside(sheet, r, c, piece[:-1]) if piece.endswith(":") else piece
            if line:
                found.setdefault(label_key(line), OrgLine(line, r, c))
    return list(found.values())


def lines_at(rows: list[list[object]], places: Collection[Place]) -> list[OrgLine]:
    """Return the organisations that some cells name, each once; none of the cells only announces a name."""
    found: dict[str, OrgLine] = {}
    for r, c in places:
        for line in pieces(str(rows[r][c])):
            found.setdefault(label_key(line), OrgLine(line, r, c))
    return list(found.values())


def org_cells(sheet: Sheet, first: int, end: int, captions: Collection[Place] = ()) -> list[Place]:
    """Return the places of the cells that name organisations in rows first..end."""
    found = []
    for r in range(first, min(end, len(sheet.rows))):
        for c, text in sheet.texts(r):
            if is_addressed(text):
                break
            if (r, c) not in captions and pieces(text):
                found.append((r, c))
    return found


def repairs(grid: Grid, spec: FormSpec, field: str, cell: str, text: object) -> list[Note]:
    """Return a note where the encoding of a name or code had to be mended, as for any other text."""
    changed = repair(text)[1] if isinstance(text, str) else ()
    if not changed:
        return []
    title = dict(spec.titles).get(field, field)
    return [Note("text_repaired", field, grid.name, cell, detail=(("label", title), ("what", ",".join(changed))))]


@lru_cache(maxsize=4096)
def is_addressed(text: str) -> bool:
    """Whether a row says to whom the form goes: the organisations behind are not those it is from."""
    return begins(label_key(text[:40]), _addressed_keys())


def _beside(sheet: Sheet, row: int, column: int, word: str) -> str:
    """Return the organisation whose kind stands in one cell ("CHI BỘ:") and whose name in the next."""
    value = next((text for c, text in sheet.texts(row) if c > column), "")
    name = _name_in(repaired(value)) or _below(sheet, row, column, word)
    if not name or len(name) > _MAX_LINE or sheet.index.phrases.is_signature(value):
        return ""
    return name if is_org_name(name) else f"{word} {name}"


def _below(sheet: Sheet, row: int, column: int, word: str) -> str:
    """Return the name that stands below the word for its kind, where it cannot be anything else."""
    texts = sheet.texts(row + 1) if row + 1 < len(sheet.rows) else []
    value = next((text for c, text in texts if c == column), "")
    is_other = (row + 1, column) in sheet.labels or sheet.index.phrases.is_signature(value)
    return "" if is_other or not is_rest_of_name(word, repaired(value)) else _name_in(repaired(value))


@lru_cache(maxsize=4096)
def rounds(text: str) -> tuple[str, ...]:
    if len(text) > 400:
        return ()
    found = (match[1].upper() for match in _ROUND.finditer(repaired(text)))
    return tuple(_IN_WORDS.get(name, name) for name in found)


def round_in_text(sheet: Sheet, first: int, end: int) -> tuple[str, str]:
    """Return (round, cell) where rows first..end name exactly one round, else ("", "")."""
    named: dict[str, str] = {}
    for r in range(first, min(end, len(sheet.rows))):
        for c, text in sheet.texts(r):
            for name in rounds(text):
                named.setdefault(name, a1(r, c))
    return next(iter(named.items())) if len(named) == 1 else ("", "")


def study_cells(sheet: Sheet, first: int, end: int) -> list[Place]:
    """Return the places of the cells that say in rows first..end which resolution is studied."""
    return [(r, c) for r in range(first, min(end, len(sheet.rows))) for c, text in sheet.texts(r) if names_study(text)]


def names_study(text: str) -> bool:
    """Whether a text names a resolution by what tells it from others."""
    key = label_key(text)
    for sign in STUDY_SIGNS:  # which few texts have; a loop, as every text is asked
        if sign in key:
            return studied(repaired(text)) is not None
    return False


def study_at(rows: list[list[object]], places: Collection[Place]) -> tuple[str, str]:
    """Return (text, cell) of what some cells say is studied, ("", "") of none."""
    said, cell = "", ""
    for r, c in places:
        text = _line(str(rows[r][c]))
        said, cell = (f"{said}; {text}", cell) if said else (text, a1(r, c))
    return said, cell


@lru_cache(maxsize=1 << 10)
def _line(text: str) -> str:
    return cut(" ".join(repaired(text).split()))


def unit_of(lines: list[OrgLine]) -> tuple[str, str, list[str]]:
    """Return (unit, its cell, the organisations above it, outermost first) that a form's head names.

    The unit is the branch where one is named, else the last organisation. Several branches side by side are the
    columns of a table: which of them is meant is not known, so all are returned as one name that is nobody's.
    """
    if not lines:
        return "", "", []
    branches = [line for line in lines if line.is_branch]
    unit = (branches or lines)[-1]
    above = [line.text for line in lines if line is not unit and not line.is_branch]
    side_by_side = [line.text for line in branches if line.row == unit.row]
    return " / ".join(side_by_side) or unit.text, a1(unit.row, unit.column), above
