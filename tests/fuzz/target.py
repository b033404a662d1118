"""What must hold of reading any bytes at all."""

from __future__ import annotations

import pickle
import re
import tempfile
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Final

from pipeline.intake import arrival_of
from pipeline.normalise import MOST_PERSONS
from pipeline.per_file import ReadingContext, read_arrival
from schemas.campaign import VIETNAM
from schemas.findings import CATALOGUE
from schemas.layout import load_form_spec
from schemas.records import Note, Received, TypedTally

from .corpus import campaign

LONGEST_TEXT: Final = 1 << 20  # of an assessment or a proposal, characters
LONGEST_NAME: Final = 2000  # of a unit, sheet, member, shown value ...
_UNSAFE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@cache
def _context() -> ReadingContext:
    return ReadingContext(load_form_spec(campaign()), ("dang2021",))


def read(name: str, data: bytes) -> list[Received]:
    """Read bytes as a run would read a file of that name."""
    with tempfile.TemporaryDirectory(prefix="fuzz-") as folder:
        path = Path(folder) / name
        path.write_bytes(data)
        return read_arrival(arrival_of(path, VIETNAM), _context())


def check(name: str, data: bytes) -> None:
    """Read bytes and hold the result to what is promised of any file.

    Raises:
        AssertionError: a promise is broken. Any other exception is a fault of the reader itself.
    """
    things = read(name, data)
    assert things, "a file that left no trace"
    assert len({thing.member for thing in things}) == len(things), "two things received of one name"
    for thing in things:
        assert thing.problem is not None or thing.tallies, f"neither read nor refused: {thing.member!r}"
        for text in (thing.member, thing.sender, thing.message_id):
            _check_text(text, LONGEST_NAME)
        for note in (*([thing.problem] if thing.problem else []), *thing.notes):
            _check_note(note)
        for tally in thing.tallies:
            _check_tally(tally)
    pickle.dumps(things)


def _check_tally(tally: TypedTally) -> None:
    for value in tally.values.values():
        if isinstance(value, int):
            assert 0 <= value <= MOST_PERSONS, value
        elif isinstance(value, str):
            _check_text(value, LONGEST_TEXT)
    for field in fields(tally):
        held = getattr(tally, field.name)
        for text in held if field.name == "org_names" else [held]:
            if isinstance(text, str):
                _check_text(text, LONGEST_NAME)
    for note in tally.notes:
        _check_note(note)


def _check_note(note: Note) -> None:
    assert note.code in CATALOGUE, note.code
    for text in (note.sheet, note.cell, note.value, *(text for _, text in note.detail)):
        _check_text(text, LONGEST_NAME)


def _check_text(text: str, longest: int) -> None:
    assert len(text) <= longest, f"{len(text)} characters: {text[:60]!r}"
    assert not _UNSAFE.search(text), f"control characters kept: {text[:200]!r}"
