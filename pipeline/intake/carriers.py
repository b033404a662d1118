"""What carries files inside: what each yields is a thing received of its own, named by the sender's labels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from schemas.records import Note, Received, UnreadableError
from schemas.vietnamese import repair

FIRST_YEAR, LAST_YEAR = 1990, 2100  # within which a thing can have been received
_LONGEST_PART = 120  # characters of one step of a member's path
_LONGEST = 300  # of the whole
_INSTALL = ".venv/bin/python -m pip install -c constraints.txt {packages}"
EXTRAS = {"archives": "py7zr rarfile", "msg": "python-oxmsg", "tnef": "tnefparse"}  # as in pyproject.toml


@dataclass(frozen=True, slots=True)
class Carried:
    """Bytes with what is known of how they came.

    `kind` where the carrier itself says what they are; `levels` of carriers that were opened at once to get at them.
    """

    received: Received
    data: bytes
    kind: str = ""
    levels: int = 1


@dataclass(frozen=True, slots=True)
class Member:
    """One thing inside a carrier: the sender's name for it, its bytes, or why there are none."""

    name: str
    data: bytes
    problem: Note | None = None
    kind: str = ""
    levels: int = 1


def label(name: str) -> str:
    """Return a sender's name for a file as a label: never a path of ours, whatever it says.

    Control characters and marks that turn the reading direction are dropped, and so are steps that lead
    upward or to a root; backslashes are steps too.
    """
    plain = repair(name)[0].replace("\\", "/")
    steps = (" ".join(step.split())[:_LONGEST_PART] for step in plain.split("/"))
    return "/".join(step for step in steps if step.strip(". ~") and step[1:] != ":")[-_LONGEST:]


def carried_by(carrier: Received, members: Iterable[Member]) -> Iterator[Carried]:
    """Yield a carrier's members as things received: they came when and from whom it came.

    Two with the same name are numbered, so that file and member together name one thing.
    """
    taken: set[str] = set()
    for number, member in enumerate(members, 1):
        name = unused(label(member.name) or f"#{number}", taken)
        problem = member.problem or (None if member.data else Note("file_empty"))
        received = replace(
            carrier,
            member=f"{carrier.member}/{name}" if carrier.member else name,
            sha256=hashlib.sha256(member.data).hexdigest() if member.data else "",
            size_bytes=len(member.data),
            problem=problem,
        )
        yield Carried(received, member.data, member.kind, member.levels)


def unused(name: str, taken: set[str]) -> str:
    """Return a name, numbered where it is taken already, and take it."""
    head, dot, ending = name.rpartition(".")
    number, free = 1, name
    while free in taken:
        number += 1
        free = f"{head} ({number}){dot}{ending}" if head else f"{name} ({number})"
    taken.add(free)
    return free


def plausible(moment: datetime | None) -> datetime | None:
    """Return a moment that something can have come at; None for one that is only a wrong clock's or a joke's."""
    return moment if moment is not None and FIRST_YEAR <= moment.year <= LAST_YEAR else None


def came_by_mail(received: Received) -> bool:
    """Whether an outer mail already says when and from whom a thing came."""
    return received.received_by == "mail" or bool(received.sender or received.message_id)


def extra_missing(what: str, extra: str, install: str = "") -> UnreadableError:
    """Return the refusal of a file for which an extra of pyproject.toml, or a program, is not installed."""
    return UnreadableError(
        "extra_missing", what, extra=extra, install=install or _INSTALL.format(packages=EXTRAS[extra])
    )
