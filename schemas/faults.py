"""Faults of what an analyst writes (campaign.toml, the registry): where, what stands there, what is expected.

All the faults of a file are gathered before anything is refused, so that one pass mends them. The words are
in catalogue/words.toml under `fault_<kind>`; a test holds on to the kind and the place, never to the prose.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from rapidfuzz.distance import OSA

from .words import word

_SHOWN = 80  # characters of what was found: enough to recognise it, and the fault stays one line
DEFAULT_LANGUAGE = "vi"


@dataclass(frozen=True)
class Fault:
    """One fault, in the words of one language.

    Attributes:
        file: the file's name, as the analyst knows it.
        place: "line 12" or "cell C12" in words of the language; "" where it is the file as a whole.
        key: the key or column; "" where it is the file or the line as a whole.
        found: what stands there, verbatim; "" where nothing does.
        expected: what should stand there.
        kind: the code of the fault, which never changes with language or wording.
        language: "vi" or "en".
    """

    file: str
    place: str
    key: str
    found: str
    expected: str
    kind: str = ""
    language: str = DEFAULT_LANGUAGE

    def __str__(self) -> str:
        where = ", ".join(part for part in (self.file, self.place, self.key) if part)
        return word(
            "fault_line" if self.found else "fault_line_nothing",
            self.language,
            where=where,
            found=shown(self.found),
            expected=self.expected,
        )


class FaultsError(Exception):
    """The campaign or its registry cannot be used as it stands; the text is one line a fault."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults: tuple[Fault, ...] = tuple(faults)
        super().__init__("\n".join(str(fault) for fault in self.faults))

    def __reduce__(self) -> tuple[type[FaultsError], tuple[tuple[Fault, ...]]]:
        return type(self), (self.faults,)


class RefusedError(Exception):
    """A run is asked for what cannot be had here; the text is one line, in the language of the run."""


class LostError(Exception):
    """What a run relied on, a cluster or a storage, is there no more; the text is one line."""


@dataclass
class FaultList:
    """The faults of one file, gathered while it is checked."""

    file: str
    language: str
    faults: list[tuple[tuple[int, int], Fault]] = field(default_factory=list)
    closed: set[tuple[int, str]] = field(default_factory=set)

    def add(
        self, kind: str, *, line: int = 0, cell: str = "", key: str = "", found: object = "", **values: object
    ) -> None:
        """Add a fault of a kind at a line, or at a cell of that line.

        `values`, and `key` as {field}, fill the kind's words.
        """
        if (line, "") in self.closed or (line, key) in self.closed:
            return
        place = word("place_cell", self.language, cell=cell) if cell else ""
        if line and not cell:
            place = word("place_line", self.language, line=line)
        expected = word(f"fault_{kind}", self.language, field=key, **values)
        fault = Fault(self.file, place, key, str(found), expected, kind, self.language)
        self.faults.append(((line, len(self.faults)), fault))

    def close(self, line: int, key: str = "") -> None:
        """Take no more faults of a line (or of one key of it): they would only follow from the one just added."""
        self.closed.add((line, key))

    def refuse(self, kind: str, *, line: int = 0, key: str = "", found: object = "", **values: str) -> NoReturn:
        """Raise a fault that leaves nothing to check, with what was gathered before it."""
        self.add(kind, line=line, key=key, found=found, **values)
        raise FaultsError(self.in_order()) from None

    def in_order(self) -> list[Fault]:
        """Return the faults in the order of their lines."""
        return [fault for _, fault in sorted(self.faults, key=lambda placed: placed[0])]

    def raise_any(self) -> None:
        """Raise what was gathered, in the order of the lines.

        Raises:
            FaultsError: there is at least one fault.
        """
        if self.faults:
            raise FaultsError(self.in_order())


def shown(text: str) -> str:
    """Return a text fit for one line: no breaks, and cut where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else f"{line[: _SHOWN - 1]}…"


def nearest(text: str, known: Iterable[str]) -> str:
    """Return the known name that a misspelt one is likeliest to mean, or "" if none is near.

    Near is a third of the letters wrong, swapped or missing; `_`, `-`, spaces and case do not matter.
    """
    best, best_distance = "", 0.34
    letters = _letters(text)
    for name in known:
        distance = OSA.normalized_distance(letters, _letters(name))
        if distance < best_distance:
            best, best_distance = name, distance
    return best


def is_near_miss(text: str, name: str) -> bool:
    """Whether a name was surely meant by another: at most two letters differ, of a short one only one."""
    letters, known = _letters(text), _letters(name)
    return OSA.distance(letters, known) <= min(2, len(known) // 3)


def did_you_mean(text: str, known: Iterable[str], language: str) -> str:
    """Return " (did you mean “x”?)" in a language, or "" if nothing known is near."""
    name = nearest(text, known)
    return word("did_you_mean", language, name=name) if name else ""


def file_name(path: Path) -> str:
    """Return a file as the analyst knows it: its campaign's folder and its name."""
    return f"{path.resolve().parent.name}/{path.name}"


def _letters(text: str) -> str:
    return "".join(letter for letter in text.casefold() if letter.isalnum())
