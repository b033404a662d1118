"""The plain lists: findings, texts, files received, decisions applied. One function a sheet."""

from __future__ import annotations

from typing import Any

import pandas as pd

from schemas.words import WORDS, word

from .book import Book, Sheet
from .cells import moments_of, plain, text_of, texts_of, values_of
from .links import ordered_findings
from .listing import HEADER_ROW, Column, Rows, write_list
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
    above, found = above_each(book), ordered_findings(book)

    def values(part: slice) -> list[list[Any]]:
        rows = found.iloc[part]
        told = {name: texts_of(rows[name]) for name in rows.columns}
        units, sheets = told["unit_code"], zip(told["sheet"], told["cell"], strict=True)
        terms = {name: book.term(name) for name in set(told["field"])}
        return [
            told["severity"], [above.get(code, "") for code in units], [book.unit_name(code) for code in units], units,
            told["round"], told["message"], told["fix"], [terms[name] for name in told["field"]], told["value"],
            _carried(told), ["!".join(filter(None, place)) for place in sheets], told["code"],
        ]  # fmt: skip

    write_list(book, sheet, "findings", columns, Rows(len(found), values))


def write_texts(book: Book) -> None:
    """Write assessments and proposals verbatim, as they came, each with how many units sent the same.

    No sheet where the campaign asks for none and nobody wrote any.
    """
    if book.result.texts.empty and not book.result.campaign.text_fields:
        return
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
    above, same, texts = above_each(book), copied(book.opinions), book.result.texts

    def values(part: slice) -> list[list[Any]]:
        rows, said = texts.iloc[part], book.opinions.texts[part]
        units, terms = values_of(rows["unit_code"]), {item: book.term(item) for item in {row.item for row in said}}
        groups = [same.get((row.item, row.leader), (None, None)) for row in said]
        return [
            [above.get(code, "") for code in units], [book.unit_name(code) for code in units], units,
            values_of(rows["round"]), [terms[row.item] for row in said], [row.text for row in said],
            [number for number, _ in groups], [units for _, units in groups],
            texts_of(rows["file"]), texts_of(rows["cell"]),
        ]  # fmt: skip

    write_list(book, sheet, "texts", columns, Rows(len(texts), values))


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
    files = book.result.files

    def values(part: slice) -> list[list[Any]]:
        rows = files.iloc[part]
        of = ("file", "member", "reason", "unit_code", "round", "sender", "message_id")
        told = {name: texts_of(rows[name]) for name in of}
        errors, queries, sizes = (_counts(rows[name]) for name in ("error_count", "query_count", "size_bytes"))
        return [
            moments_of(rows["received_at"]), _carried(told), values_of(rows["status"]),
            told["reason"], [book.unit_name(code) for code in told["unit_code"]], told["unit_code"], told["round"],
            errors, queries, told["sender"], [by.get(name, "") for name in values_of(rows["received_by"])],
            told["message_id"], sizes,
        ]  # fmt: skip

    write_list(book, sheet, "files", columns, Rows(len(files), values))


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
    write_list(book, sheet, "decisions", columns, Rows(len(decisions), lambda part: [told[part] for told in values]))


def carried(file: Any, member: Any) -> str:
    """Return where a workbook stood: the file, and the path inside the mail or archive that carried it."""
    return f"{text_of(file)} › {text_of(member)}" if text_of(member) else text_of(file)


def _carried(told: dict[str, list[str]]) -> list[str]:
    return [
        carried(file, member) if member else file for file, member in zip(told["file"], told["member"], strict=True)
    ]


def _sheet(book: Book, key: str) -> Sheet:
    sheet = book.add_sheet(key, header_row=HEADER_ROW)
    book.head(sheet, key, every_round=True)
    return sheet


def above_each(book: Book) -> dict[Any, str]:
    """Return the names of the units above each unit but for the top: communes of different districts share names."""
    return dict(zip(book.codes, map(above_top, values_of(book.result.tree["path"])), strict=True))


def above_top(path: str) -> str:
    """Return a path without the top and the unit itself; the top alone where nothing else stands above."""
    units = path.split(" / ")
    return " / ".join(units[1:-1] or units[:-1])


def _counts(values: pd.Series) -> list[int | None]:
    return [None if value is None else int(value) for value in plain(values)]


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
