"""submissions/** -> things received: found without following links, taken out of what carries them, hashed.

Nothing is dropped: whatever lies there, and whatever lies inside it, becomes at least one `Received`, with the
reason where it cannot be read. What a mail carries came when and from whom the mail came; what an archive in a
folder carries came when the archive did.
"""

from __future__ import annotations

from typing import Final

from schemas.records import Arrival

from ..containers import Budget
from .archives import unpack_archive
from .arrivals import arrival_of, find_arrivals, load
from .carriers import Carried, came_by_mail, unused
from .mail import unpack_mail

CARRIERS: Final = frozenset({"eml", "msg", "tnef", "zip", "7z", "rar"})

__all__ = [
    "CARRIERS",
    "Arrival",
    "Budget",
    "Carried",
    "arrival_of",
    "came_by_mail",
    "find_arrivals",
    "load",
    "unpack",
    "unpack_mail",
    "unused",
]


def unpack(carrier: Carried, kind: str, budget: Budget) -> list[Carried]:
    """Return what a carrier holds, each as a thing received of its own; carriers in it are left for a next call.

    Args:
        carrier: its bytes and how they came.
        kind: one of `CARRIERS`.
        budget: what the whole arrival may still unfold to.

    Raises:
        UnreadableError: with the finding for the carrier as a whole.
    """
    if kind == "eml":
        return unpack_mail(carrier, budget)
    if kind in ("msg", "tnef"):
        from .outlook import unpack_outlook

        return unpack_outlook(carrier, kind, budget)
    return unpack_archive(carrier, kind, budget)
