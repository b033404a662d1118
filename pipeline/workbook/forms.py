"""The filled forms on request: one small workbook for each unit directly below the top."""

from __future__ import annotations

import re
from pathlib import Path

from schemas.result import Result

from .book import open_book
from .compiled import compiled_texts
from .form import write_filled_form
from .form_answers import filled_answers

_UNSAFE = re.compile(r'[<>:"/\\|?*\x00-\x1f]')


def write_forms(result: Result, folder: Path) -> list[Path]:
    """Write folder/<unit_code>.xlsx for each unit directly below the top that the round expects anything of.

    Characters that no file system takes stand as "_" in a name; names that would be alike get a number.

    Returns:
        The files, in the tree's order.

    Raises:
        OSError: a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    units = result.round_units()
    paths: dict[str, Path] = {}
    texts = None
    for code in result.tree.index[result.tree["depth"] == 1]:
        if not units.at[code, "expected"]:
            continue
        path = _free(folder, str(code), paths)
        book = open_book(result, path)
        texts = texts or compiled_texts(book)
        write_filled_form(book, book.add_sheet("form", header_row=None), filled_answers(book, code, texts))
        book.workbook.close()
    return list(paths.values())


def _free(folder: Path, code: str, taken: dict[str, Path]) -> Path:
    name = _UNSAFE.sub("_", code).strip(" .") or "_"
    number, free = 1, name
    while free.casefold() in taken:
        number += 1
        free = f"{name} ({number})"
    taken[free.casefold()] = folder / f"{free}.xlsx"
    return taken[free.casefold()]
