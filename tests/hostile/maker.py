"""Every hostile file there is, by name: what it is, and how it must end.

`HOSTILE` is the list; `send_all` writes it below a folder of submissions. To add a file, add a line to one of the
modules that this one gathers.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SENT: Final = 1618880400  # 20 April 2021, 8:00 in Vietnam
REFUSED: Final = frozenset({"rejected"})
COUNTED: Final = frozenset({"counted"})
SET_ASIDE: Final = frozenset({"rejected", "ignored"})


@dataclass(frozen=True)
class Hostile:
    """One thing that is sent, and what may become of it.

    Attributes:
        name: below submissions/.
        make: makes its bytes.
        codes: findings of which at least one must tell why; none where it counts in silence.
        status: what files.csv may say of it, and of each of its members.
        members: what it must be found to hold, besides nothing: () for the thing itself.
        is_slow: takes its whole time limit, so is not sent in short runs.
    """

    name: str
    make: Callable[[], bytes]
    codes: frozenset[str] = frozenset()
    status: frozenset[str] = REFUSED
    members: tuple[str, ...] = ()
    is_slow: bool = False
    unit: str = ""  # whose it is, where it counts
    values: Mapping[str, int] = field(default_factory=dict)  # what must be counted of it


def refused(name: str, make: Callable[[], bytes], *codes: str, is_slow: bool = False) -> Hostile:
    """A file that must be refused as a whole, for one of these reasons."""
    return Hostile(name, make, frozenset(codes), is_slow=is_slow)


def counted(name: str, make: Callable[[str], bytes], unit: str, *codes: str, **values: int) -> Hostile:
    """A form that looks bad and is good: it must count, with these figures; `make` is given its unit's code."""
    return Hostile(name, lambda: make(unit), frozenset(codes), COUNTED, unit=unit, values=values)


def gathered() -> Iterator[Hostile]:
    """Yield everything, family by family."""
    from . import archives, calculated, mails, names, old_workbooks, texts, workbooks

    for family in (workbooks, old_workbooks, calculated, archives, mails, names, texts):
        yield from family.HOSTILE


def send(hostile: Iterable[Hostile], submissions: Path) -> None:
    """Write things below a folder."""
    for thing in hostile:
        path = submissions / thing.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(thing.make())
        os.utime(path, (SENT, SENT))
