"""The registries of the shipped campaigns, written out in full from tests/examples/registries/*.txt.

A line is `dots code | name | attribute=value | … | > branch; branch{to=2021-04-15}; …`: the dots are the depth,
a code is prefixed with its parent's. Branches are shorthand: `THCS`, `YT` and their like (see BODIES), `=…`
for a name given whole, otherwise a hamlet. Registers of members are drawn with a fixed seed.
"""

from __future__ import annotations

import csv
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

SPECS = Path(__file__).parent / "registries"
COLUMNS = (
    "unit_code", "unit_name", "level", "parent_code", "email", "monitor", "valid_from", "valid_to", "aliases",
    "members_on_register", "reports",
)  # fmt: skip
BODIES = {
    "TH": ("Chi bộ Trường Tiểu học {place}", (9, 26)),
    "THCS": ("Chi bộ Trường THCS {place}", (9, 28)),
    "THPT": ("Chi bộ Trường THPT {place}", (18, 44)),
    "MN": ("Chi bộ Trường Mầm non {place}", (6, 17)),
    "YT": ("Chi bộ Trạm Y tế {commune}", (3, 8)),
    "CA": ("Chi bộ Công an {commune}", (6, 19)),
    "QS": ("Chi bộ Quân sự {commune}", (3, 7)),
}
_BRANCH = re.compile(r"(?P<name>[^{]+)(?:\{(?P<options>.*)\})?")


@dataclass
class Unit:
    """One line of units.csv in the making."""

    code: str
    name: str
    level: str
    parent: str
    depth: int
    options: dict[str, str] = field(default_factory=dict)
    members: int | None = None
    has_children: bool = False


def read_spec(campaign: str) -> list[Unit]:
    """Read a campaign's units in reading order, registers drawn."""
    rng = random.Random(campaign)
    units: list[Unit] = []
    above: list[Unit] = []
    for line in (SPECS / f"{campaign}.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        for unit in _units(line, above):
            above = [*above[: unit.depth], unit]
            if unit.depth:
                above[unit.depth - 1].has_children = True
            units.append(unit)
    for unit in units:
        _draw_members(unit, rng)
    return units


def _units(line: str, above: list[Unit]) -> Iterator[Unit]:
    head, *attributes = (part.strip() for part in line.split("|"))
    depth = len(head) - len(head.lstrip("."))
    options = dict(part.split("=", 1) for part in attributes[1:] if not part.startswith(">"))
    parent = above[depth - 1] if depth else None
    if parent and "monitor" in parent.options:
        options.setdefault("monitor", parent.options["monitor"])
    level = options.pop("level", "") or _level_below(attributes[0], parent)
    own = head.lstrip(".")
    unit = Unit(
        f"{parent.code}-{own}" if parent else own, attributes[0], level, parent.code if parent else "", depth, options
    )
    yield unit
    for part in attributes[1:]:
        if part.startswith(">"):
            for number, text in enumerate(part[1:].split(";"), 1):
                yield _branch(text.strip(), number, unit)


def _level_below(name: str, parent: Unit | None) -> str:
    is_branch = name.startswith("Chi bộ") and not name.startswith("Chi bộ cơ sở")
    return "branch" if is_branch else "grassroots"


def _branch(text: str, number: int, parent: Unit) -> Unit:
    match = _BRANCH.fullmatch(text)
    assert match, text
    name = match["name"].strip()
    commune = parent.name.removeprefix("Đảng bộ ")
    place = commune.split(" ", 2)[-1] if commune.startswith(("thị trấn", "Đặc khu")) else commune.split(" ", 1)[-1]
    if name.startswith("="):
        name = name[1:]
    elif name in BODIES:
        name = BODIES[name][0].format(place=place, commune=commune)
    else:
        name = f"Chi bộ {name}"
    options = {key: parent.options[key] for key in ("monitor",) if key in parent.options}
    options |= dict(part.split("=", 1) for part in (match["options"] or "").split(",") if part)
    return Unit(f"{parent.code}-{number:02d}", name, "branch", parent.code, parent.depth + 1, options)


def _draw_members(unit: Unit, rng: random.Random) -> None:
    low, high = (12, 52)
    for pattern, span in BODIES.values():
        if unit.name.startswith(pattern.split("{")[0]):
            low, high = span
    if unit.level == "grassroots":
        low, high = (8, 30) if unit.name.startswith("Chi bộ") else (90, 420)
    if unit.level == "district":
        low, high = (20, 48) if unit.name.startswith(("Chi bộ", "Trường")) else (300, 600)
    members = rng.randint(low, high)
    is_known = rng.random() > 0.07
    if "reg" in unit.options:
        unit.members = int(unit.options["reg"])
    elif not unit.has_children and is_known:
        unit.members = members


def rows(campaign: str) -> list[dict[str, str]]:
    """Return units.csv of a campaign, one dict a line."""
    return [
        {
            "unit_code": unit.code,
            "unit_name": unit.name,
            "level": unit.level,
            "parent_code": unit.parent,
            "email": f"{unit.code.lower()}@example.vn" if unit.depth else "",
            "monitor": unit.options.get("monitor", ""),
            "valid_from": unit.options.get("from", ""),
            "valid_to": unit.options.get("to", ""),
            "aliases": unit.options.get("alias", ""),
            "members_on_register": "" if unit.members is None else str(unit.members),
            "reports": unit.options.get("reports", ""),
        }
        for unit in read_spec(campaign)
    ]


def write_units(campaign: str, path: Path) -> None:
    """Write units.csv, UTF-8 with a byte order mark so that Excel shows Vietnamese."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows(campaign))


CAMPAIGNS = tuple(sorted(path.stem for path in SPECS.glob("*.txt")))

if __name__ == "__main__":
    for name in CAMPAIGNS:
        write_units(name, Path(__file__).parents[2] / "inputs" / name / "units.csv")
