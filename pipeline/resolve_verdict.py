"""What became of every tally, and why."""

from __future__ import annotations

from dataclasses import dataclass, field

from schemas.records import Finding, Note

WHOSE = frozenset(  # findings that doubt whose a tally is
    {"unit_unknown", "unit_not_found", "unit_not_named", "name_differs_from_code", "sender_differs"}
)


@dataclass
class Verdict:
    """What became of every tally.

    Attributes:
        state: tally -> "counted", "superseded", "rejected", "unidentified", "excluded" or "empty".
        why: tally -> the note that gives the reason, where it is not one of its errors.
        findings: what resolving found, to be added to the rest.
        strays: superseded tallies of which it is still asked whose they are.
        in_time: tallies that came late and count, but only repeat the numbers of one that came in time.
    """

    state: dict[int, str] = field(default_factory=dict)
    why: dict[int, Note] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    strays: set[int] = field(default_factory=set)
    in_time: set[int] = field(default_factory=set)
