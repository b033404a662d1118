"""The sheet on which an analyst rules: decisions.xlsx, its columns and the kinds of ruling."""

from __future__ import annotations

from typing import Final

from .vietnamese import typed_key
from .words import WORDS

FILE: Final = "decisions.xlsx"
KINDS: Final = ("place", "exclude", "confirm", "prefer", "override")

# Column -> width; a person reads those up to "ruled_on", the rest say what a row is about. So narrow that the decision
# stands on the first screen beside its question, and that a page of A4 is printed at two thirds of its size.
COLUMNS: Final = {
    "state": 10, "question": 44, "unit_code": 13, "unit_name": 21, "round": 6, "file": 26, "cell": 7, "item": 14,
    "value": 12, "decision": 17, "place_unit": 14, "new_value": 10, "reason": 24, "who": 14, "ruled_on": 11,
    "member": 20, "sheet": 14, "line": 6, "field": 14, "code": 20, "sha256": 20, "id": 14,
}  # fmt: skip
PERSON: Final = ("decision", "place_unit", "new_value", "reason", "who", "ruled_on")
MACHINE: Final = ("member", "sheet", "line", "field", "code", "sha256", "id")


def heads() -> dict[str, str]:
    """Return heading -> column, in either language; a heading as `typed_key` makes it."""
    return {typed_key(text): key for key in COLUMNS for text in WORDS[f"decision_{key}"]}
