"""The registry's names, indexed once a run so that a form finds its unit among 300,000 at once."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from itertools import chain
from typing import Final

from schemas.organisations import org_key

from .registry import Registry

_SEATS: Final = {"tỉnh ủy": "tỉnh", "huyện ủy": "huyện", "thành ủy": "thành phố", "thị ủy": "thị xã"}
_KINDS: Final = ("xã", "phường", "thị trấn", "đặc khu", "huyện", "thành phố", "thị xã", "tỉnh")


def bare(key: str) -> str:
    """Return what tells a name from others: likeness is judged without the words that nearly all of them share."""
    for kind in ("chi bộ cơ sở ", "chi bộ ", "đảng bộ "):
        if key.startswith(kind):
            return key.removeprefix(kind)
    return key


def _place(office: str) -> tuple[str, ...]:
    """Return how an office's place ends the names of units below it ("xã tân hiệp", "xã"), given the office's key."""
    place = office.removeprefix("đảng bộ ")
    for committee, kind in _SEATS.items():
        if office.startswith(f"{committee} "):
            place = f"{kind} {office.removeprefix(f'{committee} ')}"
    kind = next((kind for kind in _KINDS if place.startswith(f"{kind} ")), "")
    return (place, kind) if kind else (place,)


def _without(key: str, place: tuple[str, ...]) -> str:
    for end in place:
        short = key.removesuffix(f" {end}")
        if short not in (key, "chi bộ", "chi bộ cơ sở", "đảng bộ"):
            return short
    return key


class Names:
    """Units by the keys under which their names are the same, and who stands below whom."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.names: dict[str, str] = registry.of("unit_name")
        self.parents: dict[str, str] = registry.of("parent_code")
        self.order: list[str] = list(self.names)
        self.position = registry.order
        known = zip(self.names.values(), registry.tree["aliases"].tolist(), strict=True)
        self._keys = [tuple(map(org_key, (name, *aliases))) for name, aliases in known]
        self.by_key = self._keyed(range(len(self.order)), self._keys)
        self._bare = [tuple(map(bare, keys)) for keys in self._keys]
        self._pools: dict[tuple[str, ...], dict[str, tuple[str, ...]]] = {}

    def _keyed(self, places: Iterable[int], keys: list[tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        codes: dict[str, dict[str, None]] = {}
        for place in places:
            for key in keys[place]:
                codes.setdefault(key, {})[self.order[place]] = None
        return {key: tuple(held) for key, held in codes.items()}

    def _below(self, code: str) -> range:
        """Return the places in the registry's order of all that stands below a unit."""
        last = code
        while below := self.registry.children[last]:
            last = below[-1]
        return range(self.position[code] + 1, self.position[last] + 1)

    def under(self, codes: tuple[str, ...], ancestors: Iterable[str]) -> list[str]:
        """Return which of some units, given in the registry's order, stand below others.

        Found by halving: a name such as "Chi bộ ấp 1" is borne by thousands of units of the country.
        """
        found: dict[str, None] = {}
        for below in map(self._below, sorted(ancestors, key=self.position.__getitem__)):
            first = bisect_left(codes, below.start, key=self.position.__getitem__)
            end = bisect_left(codes, below.stop, key=self.position.__getitem__)
            found |= dict.fromkeys(codes[first:end])
        return list(found)

    def scope(self, org_names: tuple[str, ...]) -> set[str]:
        """Return the units that the nearest parent named on a form can be, agreeing with those above it."""
        if not org_names:
            return set()
        *above, nearest = org_names
        scope = set(self.by_key.get(org_key(nearest), ()))
        for line in above:
            upper = set(self.by_key.get(org_key(line), ()))
            if upper and upper != scope:
                scope = {code for code in scope if any(code == u or self.registry.is_under(code, u) for u in upper)}
        return scope

    def is_branch(self, code: str) -> bool:
        """Whether a unit is a branch of an office, which has no units below it."""
        key = org_key(self.names[code])
        is_one = key.startswith("chi bộ ") and not key.startswith("chi bộ cơ sở ")
        return is_one and not self.registry.children[code] and bool(self.parents[code])

    def beside(self, code: str, keys: Iterable[str]) -> list[str]:
        """Return the units of some names beside a branch that a list's head names: the list may be its office's."""
        beside = set(self.registry.children[self.parents[code]])
        return [other for key in keys for other in self.by_key.get(key, ()) if other in beside]

    def beside_place(self, office: str, keys: Iterable[str]) -> list[str]:
        """Return the units directly below an office whose names are some but for the office's own place at their end.

        So "Chi bộ Quân sự", "… xã" and "… xã Tân Hiệp" are one below Đảng bộ xã Tân Hiệp.
        """
        place = _place(org_key(self.names[office]))
        wanted = {_without(key, place) for key in keys}
        return [
            code
            for code in self.registry.children[office]
            if any(_without(key, place) in wanted for key in self._keys[self.position[code]])
        ]

    def pool(self, scope: Iterable[str]) -> dict[str, tuple[str, ...]]:
        """Return units by bare name: those below some units, or of the whole registry where none are given."""
        ancestors = tuple(sorted(scope, key=self.position.__getitem__))
        if ancestors not in self._pools:
            below = dict.fromkeys(chain.from_iterable(map(self._below, ancestors)))
            self._pools[ancestors] = self._keyed(below if ancestors else range(len(self.order)), self._bare)
        return self._pools[ancestors]
