"""The tables that machines and leaders receive: their columns, in order, as the contract fixes them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .campaign import Campaign

FILE_STATUSES = ("counted", "superseded", "duplicate", "rejected", "unidentified", "excluded", "ignored")
UNIT_FLAGS = ("complete", "queried", "rejected", "missing", "not_due", "not_expected")
PARENT_FLAGS = ("complete", "partial", "missing", "not_due", "not_expected")

FILES = (
    "file", "member", "sha256", "size_bytes", "received_at", "sender", "unit_code", "round",
    "status", "reason", "error_count", "query_count",
)  # fmt: skip
FINDINGS = (
    "severity", "code", "file", "member", "sheet", "cell", "unit_code", "round", "field", "value", "message", "fix",
)  # fmt: skip
TEXTS = ("unit_code", "unit_path", "round", "item", "text", "file", "cell")
STATUS_COUNTS = ("expected", "complete", "queried", "rejected", "missing", "not_due", "late")
CORE_COUNTS = ("members", "attendees", "guests", "reflections", "exemptions")
DERIVED_COUNTS = ("required", "outstanding")
RATES = ("attendance_rate", "reflection_rate")
UNITS = (
    "unit_code", "unit_name", "level", "parent_code", "round", "flag", *STATUS_COUNTS, "coverage",
    *CORE_COUNTS, *DERIVED_COUNTS, *RATES,
)  # fmt: skip


def further_counts(campaign: Campaign) -> tuple[str, ...]:
    """Return the columns that a campaign adds to units.csv: persons, or units for plan documents."""
    further = (f for f in campaign.count_fields if f not in CORE_COUNTS)
    return (*further, *campaign.document_fields)


def unit_columns(campaign: Campaign) -> tuple[str, ...]:
    """Return the columns of units.csv of a campaign, in order."""
    return (*UNITS, *further_counts(campaign))


def summed_columns(campaign: Campaign) -> tuple[str, ...]:
    """Return the columns of which a parent's value is the sum of its children's."""
    return (*CORE_COUNTS, *DERIVED_COUNTS, *further_counts(campaign))
