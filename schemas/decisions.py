"""The sheet on which an analyst rules: decisions.xlsx, its columns and the kinds of ruling."""

from __future__ import annotations

from typing import Final

from .vietnamese import typed_key
from .words import WORDS

FILE: Final = "decisions.xlsx"
KINDS: Final = ("place", "exclude", "confirm", "prefer", "override")

# Column -> width; a person reads those up to "ruled_on", the rest say what a row is about.
COLUMNS: Final = {
    "state": 12, "question": 60, "unit_code": 16, "unit_name": 30, "round": 7, "file": 40, "cell": 8, "item": 22,
    "value": 14, "decision": 20, "place_unit": 16, "new_value": 12, "reason": 36, "who": 20, "ruled_on": 12,
    "member": 20, "sheet": 14, "line": 6, "field": 14, "code": 20, "sha256": 20, "id": 14,
}  # fmt: skip
PERSON: Final = ("decision", "place_unit", "new_value", "reason", "who", "ruled_on")
MACHINE: Final = ("member", "sheet", "line", "field", "code", "sha256", "id")


def heads() -> dict[str, str]:
    """Return heading -> column, in either language; a heading as `typed_key` makes it."""
    return {typed_key(text): key for key in COLUMNS for text in WORDS[f"decision_{key}"]}
