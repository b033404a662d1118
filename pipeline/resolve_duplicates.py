"""The very same bytes received again: known before anything is resolved, and never a report of their own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from schemas.records import Received


def set_duplicates_aside(received: Sequence[Received]) -> tuple[list[Received], dict[int, int]]:
    """Empty every later arrival of the very same bytes, so that an old file forwarded again stays old.

    Args:
        received: in the order of arrival.

    Returns:
        The same things, the later copies without their tallies, and copy -> the first of its kind.
    """
    first: dict[str, int] = {}
    copies: dict[int, int] = {}
    kept: list[Received] = []
    for number, thing in enumerate(received):
        same = first.setdefault(thing.sha256, number) if thing.sha256 else number
        is_nothing = thing.problem is not None and thing.problem.code in ("file_ignored", "file_other_document")
        if same != number and not is_nothing:
            copies[number] = same
            thing = replace(thing, tallies=(), problem=None, notes=())
        kept.append(thing)
    return kept, copies
