"""docs/what-arrives.md links each of its rows to a test that exists, and states the limits that hold."""

from __future__ import annotations

import re
from itertools import pairwise

from schemas import limits
from schemas.findings import CATALOGUE
from tests.imports_of import ROOT

TEXT = (ROOT / "docs" / "what-arrives.md").read_text("utf-8")
LINK = re.compile(r'\]\(\.\./(tests/\w+\.py) "(test_\w+)"\)')
LIMIT = re.compile(r"^\| `([A-Z_]+)` \| (\d+)(?: (MiB|s))? \| .* \| `(\w+)` \|$", re.MULTILINE)


def rows(text: str) -> list[str]:
    """Return the lines of a page's tables, their heads aside."""
    return [line for above, line in pairwise(text.splitlines()) if line.startswith("| ") and above.startswith("|")]


def test_every_row_but_those_of_limits_is_held_by_a_test():
    before_limits = TEXT.partition("## Limits")[0]
    assert [line for line in rows(before_limits) if not LINK.search(line)] == []


def test_every_test_that_is_named_exists():
    missing = [
        f"{path}: {name}" for path, name in LINK.findall(TEXT) if f"def {name}(" not in (ROOT / path).read_text("utf-8")
    ]
    assert missing == []


def test_every_limit_is_stated_as_it_is_and_named_by_a_finding():
    stated = {name: int(value) * (limits.MEBI if unit == "MiB" else 1) for name, value, unit, _ in LIMIT.findall(TEXT)}
    assert {name: getattr(limits, name) for name in stated} == stated
    assert {code for *_, code in LIMIT.findall(TEXT)} <= set(CATALOGUE)
    elsewhere = {"MAX_CELL_CHARACTERS", "MAX_RESAVED_BYTES"}  # of what we write
    assert set(stated) == {name for name in vars(limits) if name.isupper() and name != "MEBI"} - elsewhere


def test_every_finding_that_is_named_exists():
    codes = set(re.findall(r"`((?:file|archive|mail|carrier|format|extra|no)_\w+)`", TEXT))
    assert codes
    assert sorted(codes - set(CATALOGUE)) == []
