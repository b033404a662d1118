"""The plain lists: findings, texts, files received, decisions applied. One function a sheet."""

from __future__ import annotations

from typing import Any

from schemas.words import WORDS, word

from .book import Book, Sheet
from .cells import moment, plain, records, text_of
from .links import ordered_findings
from .listing import HEADER_ROW, Column, write_list
from .opinions import copied

_DECISION_WIDTHS = {"row": 50, "outcome": 160, "file": 260, "reason": 300, "who": 160, "ruled_on": 90}  # pixels


def write_findings(book: Book) -> None:
    """Write every finding: errors, then queries, then notes, each in the tree's order."""
    sheet = _sheet(book, "findings")
    columns = [
        Column(book.say("col_severity"), 108, "mark"),
        Column(book.say("col_parent"), 190),
        Column(book.say("col_unit"), 160),
        Column(book.say("col_unit_code"), book.code_width, "code"),
        Column(book.say("col_round"), 48),
        Column(book.say("col_message"), 310),
        Column(book.say("col_fix"), 240),
        Column(book.say("col_field"), 110),
        Column(book.say("col_value"), 100),
        Column(book.say("col_file"), 190),
        Column(book.say("col_sheet_cell"), 96),
        Column(book.say("col_code"), 190, "code", is_printed=False),
    ]
    above = _above(book)
    rows = (
        (
            row.severity, above.get(row.unit_code), book.unit_name(row.unit_code), row.unit_code, row.round,
            row.message, row.fix,
            book.term(text_of(row.field)), text_of(row.value), carried(row.file, row.member),
            _sheet_cell(row.sheet, row.cell), row.code,
        )
        for row in records(ordered_findings(book))
    )  # fmt: skip
    write_list(book, sheet, "findings", columns, ([text_of(value) for value in row] for row in rows))


def write_texts(book: Book) -> None:
    """Write assessments and proposals verbatim, as they came, each with how many units sent the same."""
    sheet = _sheet(book, "texts")
    columns = [
        Column(book.say("col_parent"), 210),
        Column(book.say("col_unit"), 170),
        Column(book.say("col_unit_code"), book.code_width, "code"),
        Column(book.say("col_round"), 48),
        Column(book.say("col_item"), 124),
        Column(book.say("col_text"), 520),
        Column(book.say("col_group"), 48, "count"),
        Column(book.say("col_same"), 84, "count"),
        Column(book.say("col_file"), 200),
        Column(book.say("col_cell"), 56, "code"),
    ]
    above = _above(book)
    same = copied(book.opinions)
    rows = (
        (
            above.get(row.unit_code, ""), book.unit_name(row.unit_code), row.unit_code, row.round,
            book.term(said.item), said.text, *same.get((said.item, said.leader), (None, None)),
            text_of(row.file), text_of(row.cell),
        )
        for row, said in zip(records(book.result.texts), book.opinions.texts, strict=True)
    )  # fmt: skip
    write_list(book, sheet, "texts", columns, rows)


def write_files(book: Book) -> None:
    """Write everything that was received, with what became of it; nothing is left out."""
    sheet = _sheet(book, "files")
    columns = [
        Column(book.say("col_received_at"), 112, "time"),
        Column(book.say("col_file"), 280),
        Column(book.say("col_status"), 124, "mark"),
        Column(book.say("col_reason"), 270),
        Column(book.say("col_unit"), 180),
        Column(book.say("col_unit_code"), book.code_width, "code"),
        Column(book.say("col_round"), 48),
        Column(book.say("col_error_count"), 52, "count"),
        Column(book.say("col_query_count"), 64, "count"),
        Column(book.say("col_sender"), 190),
        Column(book.say("col_received_by"), 110, is_printed=False),
        Column(book.say("col_message_id"), 260, is_printed=False),
        Column(book.say("col_size_bytes"), 80, "count", is_printed=False),
    ]
    by = {name: book.say(f"received_{name}") for name in ("mail", "folder", "clock")}
    rows = (
        (
            moment(row.received_at), carried(row.file, row.member), row.status, text_of(row.reason),
            book.unit_name(text_of(row.unit_code)), text_of(row.unit_code), text_of(row.round), _count(row.error_count),
            _count(row.query_count), text_of(row.sender), by.get(row.received_by, ""), text_of(row.message_id),
            _count(row.size_bytes),
        )
        for row in records(book.result.files)
    )  # fmt: skip
    write_list(book, sheet, "files", columns, rows)


def write_decisions(book: Book) -> None:
    """Write a person's rulings and what became of each; no sheet where there are none."""
    decisions = book.result.decisions
    if decisions.empty:
        return
    sheet = _sheet(book, "decisions")
    titles = [_title(book, str(name)) for name in decisions.columns]
    widths = [_DECISION_WIDTHS.get(str(name), 130) for name in decisions.columns]
    columns = [Column(title, width) for title, width in zip(_distinct(titles), widths, strict=True)]
    values = [[text_of(value) for value in plain(decisions[name])] for name in decisions.columns]
    if "field" in decisions.columns:
        values[list(decisions.columns).index("field")] = [book.term(text_of(name)) for name in decisions["field"]]
    rows = zip(*values, strict=True)
    write_list(book, sheet, "decisions", columns, rows)


def carried(file: Any, member: Any) -> str:
    """Return where a workbook stood: the file, and the path inside the mail or archive that carried it."""
    return f"{text_of(file)} › {text_of(member)}" if text_of(member) else text_of(file)


def _sheet(book: Book, key: str) -> Sheet:
    sheet = book.add_sheet(key, header_row=HEADER_ROW)
    book.head(sheet, key, every_round=True)
    return sheet


def _above(book: Book) -> dict[Any, str]:
    """Return the names of the units above each unit but for the top: communes of different districts share names."""
    return {code: above_top(path) for code, path in book.result.tree["path"].items()}


def above_top(path: str) -> str:
    """Return a path without the top and the unit itself; the top alone where nothing else stands above."""
    units = path.split(" / ")
    return " / ".join(units[1:-1] or units[:-1])


def _sheet_cell(sheet: Any, cell: Any) -> str:
    return "!".join(part for part in (text_of(sheet), text_of(cell)) if part)


def _count(value: Any) -> int | None:
    return int(value) if text_of(value) else None


def _title(book: Book, name: str) -> str:
    known = next((key for key in (f"wb_col_{name}", f"decision_{name}") if key in WORDS), "")
    return word(known, book.language) if known else name


def _distinct(titles: list[str]) -> list[str]:
    """Excel refuses a table with the same title twice."""
    seen: dict[str, int] = {}
    distinct = []
    for title in titles:
        times = seen[title.casefold()] = seen.get(title.casefold(), 0) + 1
        distinct.append(title if times == 1 else f"{title} ({times})")
    return distinct
