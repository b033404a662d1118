"""The registry of a made-up campaign: a province of real districts and communes with as many branches as asked for."""

from __future__ import annotations

import csv
import random
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from schemas.units import COLUMNS

from .names import DISTRICTS, UNITS, chance

_BRANCHES_A_COMMUNE: Final = 6  # at least, before a further commune is taken in
_NAMES: Final = [commune for district in DISTRICTS for commune in district["communes"]]
_REGISTER_KNOWN: Final = 0.92
_SIZES: Final = {"Trạm": (3, 9), "Quân sự": (3, 8), "Công an": (6, 20), "Trường": (6, 28), "Phòng": (8, 24)}


class DemoUnit(NamedTuple):
    """One unit of the registry.

    Attributes:
        above_name: the unit above its parent.
        members: on the register; 0 for a unit that does not file.
        is_namesake: another district has a commune of its commune's name, so a careful sender names the district.
    """

    code: str
    name: str
    level: str
    parent: str
    parent_name: str
    monitor: str
    members: int
    above_name: str = ""
    is_namesake: bool = False


def demo_units(branches: int, seed: int) -> list[DemoUnit]:
    """Return a province in reading order with exactly so many units that file.

    Each district has one grassroots office that files for itself; the rest are branches of communes, spread evenly.

    Raises:
        ValueError: fewer than one branch.
    """
    if branches < 1:
        raise ValueError(f"branches: expected at least 1, found {branches}")
    rng = chance(seed, "units")
    communes = _communes(branches)
    offices = list(dict.fromkeys(district for district, _ in communes))
    offices = offices[: max(0, branches - len(communes))]
    share, rest = divmod(branches - len(offices), len(communes))
    top = DemoUnit(UNITS["province_code"], UNITS["province"], "province", "", "", "", 0)
    units = [top]
    above, taken, current = top, {""}, -1
    for at, (district, commune) in enumerate(communes):
        if district != current:
            above, current, taken = _district(district, top), district, {""}
            units.append(above)
            if district in offices:
                units.append(_office(above, rng))
        code = short_code(_place(commune), taken)
        units += _commune(commune, f"{above.code}-{code}", above, share + (at < rest), rng)
    return units


def _communes(branches: int) -> list[tuple[int, str]]:
    """Choose (position of the district, commune), taken from every district in turn, in reading order."""
    wanted = max(1, branches // _BRANCHES_A_COMMUNE)
    deepest = max(len(district["communes"]) for district in DISTRICTS)
    turns = [
        (turn, at)
        for turn in range(deepest)
        for at, district in enumerate(DISTRICTS)
        if turn < len(district["communes"])
    ]
    return [(at, DISTRICTS[at]["communes"][turn]) for turn, at in sorted(turns[:wanted], key=lambda pair: pair[::-1])]


def _district(at: int, top: DemoUnit) -> DemoUnit:
    named = DISTRICTS[at]
    monitor = UNITS["monitors"][at % len(UNITS["monitors"])]
    return DemoUnit(f"{top.code}-{named['code']}", named["name"], "district", top.code, top.name, monitor, 0)


def _office(above: DemoUnit, rng: random.Random) -> DemoUnit:
    place = above.name.replace("Thành ủy", "thành phố").replace("Huyện ủy", "huyện")
    name = UNITS["office"].format(district=place)
    code, members = f"{above.code}-PGD", _members(name, rng)
    return DemoUnit(code, name, "grassroots", above.code, above.name, above.monitor, members, above.parent_name)


def _commune(commune: str, code: str, above: DemoUnit, branches: int, rng: random.Random) -> Iterator[DemoUnit]:
    name, is_namesake = f"Đảng bộ {commune}", _NAMES.count(commune) > 1
    yield DemoUnit(code, name, "grassroots", above.code, above.name, above.monitor, 0)
    for number, branch in enumerate(_branch_names(commune, _place(commune), branches), 1):
        own, members = f"{code}-{number:02d}", _members(branch, rng)
        yield DemoUnit(own, branch, "branch", code, name, above.monitor, members, above.name, is_namesake)


def _place(commune: str) -> str:
    """Return a commune's name without its kind: "thị trấn Kiên Lương" -> "Kiên Lương"."""
    return commune.removeprefix("thị trấn ").removeprefix("phường ").removeprefix("xã ")


def _branch_names(commune: str, place: str, count: int) -> list[str]:
    """Schools and offices first where there are enough branches, then hamlets; each name once."""
    bodies = [body.format(commune=commune, place=place) for body in UNITS["bodies"]]
    names = bodies[: min(len(bodies), count // 3)]
    turn = 0
    while len(names) < count:
        turn += 1
        group = f" - tổ {turn}" if turn > 1 else ""
        names += [f"Chi bộ {hamlet}{group}" for hamlet in UNITS["hamlets"]]
    is_town = not commune.startswith("xã ")
    return [name.replace("Chi bộ ấp", "Chi bộ khu phố") if is_town else name for name in names[:count]]


def _members(name: str, rng: random.Random) -> int:
    low, high = next((span for part, span in _SIZES.items() if part in name), (12, 60))
    return rng.randint(low, high)


def short_code(name: str, taken: set[str]) -> str:
    """Return the first letters of a name's words, "Tây Yên A" -> "TYA", with a number where that is taken; take it."""
    bare = unicodedata.normalize("NFD", name.replace("đ", "d").replace("Đ", "D"))
    letters = "".join(word[0] for word in bare.split() if word[0].isalnum()).upper()
    numbered = (f"{letters}{number or ''}" for number in (0, *range(2, 1000)))
    code = next(code for code in numbered if code not in taken)
    taken.add(code)
    return code


def write_units(units: Sequence[DemoUnit], path: Path, seed: int) -> None:
    """Write units.csv, UTF-8 with a byte order mark."""
    rng = chance(seed, "register")
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, restval="", lineterminator="\n")
        writer.writeheader()
        for unit in units:
            is_known = unit.members and rng.random() < _REGISTER_KNOWN
            writer.writerow(
                {
                    "unit_code": unit.code,
                    "unit_name": unit.name,
                    "level": unit.level,
                    "parent_code": unit.parent,
                    "email": f"{unit.code.lower()}@example.vn" if unit.parent else "",
                    "monitor": unit.monitor,
                    "members_on_register": unit.members if is_known else "",
                }
            )
