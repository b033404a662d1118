"""The workbook that leaders read: consolidated.xlsx, one module a sheet."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from schemas.result import Result

from .arrival import write_arrival
from .attention import Told
from .book import open_book
from .change_list import write_changes
from .changes import changes_of
from .chase import write_chase
from .compiled import compiled_texts
from .form import write_form
from .forms import write_forms
from .legend import write_legend
from .lists import write_decisions, write_files, write_findings, write_texts
from .lookup import write_lookup
from .overview import write_overview
from .register import entries, write_register
from .tree import write_tree

__all__ = ["write_forms", "write_workbook"]


def write_workbook(result: Result, path: Path) -> None:
    """Write the workbook of a run to exactly `path`; the same result gives the same bytes.

    Raises:
        OSError: the file cannot be written.
    """
    with _uncollected():
        book = open_book(result, path)
        overview = book.add_sheet("overview", header_row=None)
        tree = write_tree(book)  # before the overview, whose figures are linked to it, as its charts are to the days
        texts = compiled_texts(book)
        write_lookup(book, tree, texts)
        write_form(book, tree, texts)
        told = Told(entries(book), changes_of(book))
        write_overview(book, overview, tree, write_arrival(book, tree), told)
        write_changes(book, told.changes)
        write_chase(book)
        write_findings(book)
        write_texts(book)
        write_register(book, told.proposals)
        write_files(book)
        write_decisions(book)
        write_legend(book)
        book.workbook.close()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Hold the garbage collector off: walking half a million living cells takes it a fifth of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
