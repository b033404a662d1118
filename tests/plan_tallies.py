"""A faultless tally of each shipped plan, changes to it in a few letters, and what validation finds in it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

from pipeline.identify import Placed
from pipeline.registry import load_registry
from pipeline.settings import load_campaign
from pipeline.validate import rows_of, tabulate, validate
from schemas.campaign import VIETNAM, Campaign
from schemas.records import Finding, Note, Received, TypedTally
from tests.registry_tables import write_csv

INPUTS = Path(__file__).parents[1] / "inputs"
# The plans by their numbers, and the sixth on today's tree, which follows 004.
PLANS = {
    "000": "hai-duong-2020",
    "001": "hai-duong-khoi-2021",
    "002": "ha-tinh-2020",
    "003": "thanh-hoa-khoi-2024",
    "004": "kien-giang-2021",
    "2026": "an-giang-2026",
}

# A tally with which no plan finds anything wrong: 20 members, of whom 2 need not write where somebody need not.
_COMMON = {"members": 20, "attendees": 20, "guests": 3}
FAULTLESS: dict[str, dict[str, object]] = {
    "000": _COMMON | {"reflections": 18, "exemptions": 2, "exempt_activity": 2, "proposals": "Thêm tài liệu."},
    "001": _COMMON | {"reflections": 20, "assessment": "Tốt.", "proposals": "Không có."},
    "002": _COMMON,
    "003": _COMMON,
    "004": _COMMON | {"reflections": 18, "exemptions": 2, "assessment": "Tốt.", "proposals": "Thêm tài liệu."},
}
FAULTLESS["2026"] = FAULTLESS["004"]


@cache
def campaign_of(number: str) -> Campaign:
    return load_campaign(INPUTS / PLANS[number])


def received_on(campaign: Campaign) -> datetime:
    """A day before the first round is due and before every study deadline has passed."""
    return datetime.combine(campaign.rounds[0].due - timedelta(days=2), datetime.min.time(), VIETNAM)


def form(values: Mapping[str, object], *notes: Note, layout: str = "form") -> TypedTally:
    """Return a tally whose items stand in column C in the order given."""
    cells = {name: f"C{number}" for number, name in enumerate(values, 1)}
    return TypedTally(layout, "Biểu mẫu", 0, dict(values), cells, (), "", "", "", "", "", "", notes)  # type: ignore[arg-type]


def found(
    folder: Path,
    campaign: Campaign,
    *tallies: TypedTally,
    unit: str = "LEAF",
    when: datetime | None = None,
    as_of: datetime | None = None,
    register: str = "",
) -> list[Finding]:
    """Validate tallies of one unit, which stands at the lowest level of the campaign's tree."""
    levels = campaign.tree.levels
    units: list[list[object]] = [["unit_code", "unit_name", "level", "parent_code", "members_on_register"]]
    units += [[level, f"Đơn vị {level}", level, levels[n - 1] if n else "", ""] for n, level in enumerate(levels[:-1])]
    units.append(["LEAF", "Chi bộ ấp Mỹ Bình", levels[-1], levels[-2], register])
    registry = load_registry(write_csv(folder, units), campaign)
    moment = when or received_on(campaign)
    things = [Received("a.xlsx", "", "00", 1, moment, "folder", tallies=tallies)]
    placed = [Placed(0, tally, unit, campaign.rounds[0].id, False, ()) for tally in tallies]
    rows = rows_of(placed, things, registry, campaign)
    frame = tabulate(placed, rows, registry, campaign)
    return validate(frame, placed, rows, campaign, as_of or moment)


def brief(findings: list[Finding]) -> list[str]:
    """Return findings as "E over_members", in the order found."""
    return [f"{finding.severity[0].upper()} {finding.note.code}" for finding in findings]


def changed(number: str, change: str) -> dict[str, object]:
    """Return a plan's faultless tally with changes: "field=3", "field=" for a blank cell, "-field" for no such item."""
    values: dict[str, object] = dict(FAULTLESS[number])
    for part in change.split():
        name, _, text = part.partition("=")
        if name.startswith("-"):
            values.pop(name[1:], None)
        else:
            values[name] = date.fromisoformat(text) if name == "study_date" else int(text) if text.isdigit() else None
    return values
