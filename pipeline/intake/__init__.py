"""submissions/** -> things received: found without following links, taken out of what carries them, hashed.

Nothing is dropped: whatever lies there, and whatever lies inside it, becomes at least one `Received`, with the
reason where it cannot be read. What a mail carries came when and from whom the mail came; what an archive in a
folder carries came when the archive did.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from schemas.records import Arrival

from ..containers import Budget
from .archives import unpack_archive
from .arrivals import arrival_of, find_arrivals, is_there, load
from .carriers import Carried, came_by_mail, unused
from .mail import unpack_mail

NOT_FETCHED: Final = "object_not_fetched"  # of an object whose storage did not answer
CARRIERS: Final = frozenset({"eml", "msg", "tnef", "zip", "7z", "rar"})

__all__ = [
    "CARRIERS",
    "NOT_FETCHED",
    "Arrival",
    "Budget",
    "Carried",
    "arrival_of",
    "came_by_mail",
    "fetched",
    "find_arrivals",
    "find_submissions",
    "is_there",
    "load",
    "path_of",
    "unpack",
    "unpack_mail",
    "unused",
]


def find_submissions(place: str, zone: object, language: str) -> list[Arrival]:
    """List everything under a folder, or under a URL of object storage.

    Raises:
        RefusedError: the storage cannot be used.
    """
    if "://" not in place:
        return find_arrivals(Path(place), zone)
    from .storage import find_objects  # a library that only such a campaign needs

    return find_objects(place, zone, language)


def fetched(arrivals: Sequence[Arrival]) -> Iterable[Arrival]:
    """Return arrivals ready to be loaded: of those on object storage the bytes are there, fetched many at a time."""
    if not any("://" in arrival.path for arrival in arrivals):
        return arrivals
    from .storage import fetched as with_bytes

    return with_bytes(arrivals)


def path_of(place: str, file: str) -> str:
    """Return the path or URL of something found under a place by its name there."""
    return f"{place.rstrip('/')}/{file}"


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
