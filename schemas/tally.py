"""pandera model of the tallies: one row a submission, built from the campaign's own rules.

A check's name is `code:field`, so that a failure says which finding it is and of which item. Where a
rule comes from is said beside it: the plans are numbered as in docs/domain.md.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import pandas as pd
import pandera.pandas as pa

from .campaign import EXEMPTION_CATEGORIES, Campaign

COUNTS = ("members", "attendees", "guests", "reflections", "guest_reflections", "exemptions", *EXEMPTION_CATEGORIES)
TEXTS = ("assessment", "proposals")
HEAD = ("unit_code", "round", "level", "study_deadline", "members_on_register", "received_day")


def tally_columns(campaign: Campaign) -> dict[str, str]:
    """Return column -> dtype of a frame of tallies of this campaign.

    Counts are Int64 persons, <NA> where nothing was read; doc_* are Int64, 1 (has it) or 0; days are
    datetime64 without time.
    """
    counts = (*COUNTS, *(grade.field for grade in campaign.grades), *campaign.document_fields)
    return {
        **dict.fromkeys(("unit_code", "round", "level"), "str"),
        **dict.fromkeys(("study_deadline", "received_day", "study_date"), "datetime64[s]"),
        "members_on_register": "Int64",
        **dict.fromkeys(counts, "Int64"),
        **dict.fromkeys(TEXTS, "str"),
    }


def required_writers(tallies: pd.DataFrame, campaign: Campaign) -> pd.Series:
    """Return who must write, persons: T - X (000, 004), T (001), <NA> where no plan asks (002, 003)."""
    if not campaign.has_required_writers:
        return pd.Series(pd.NA, index=tallies.index, dtype="Int64")
    if campaign.rules.required_writers == "members":
        return tallies["members"]
    return (tallies["members"] - tallies["exemptions"]).clip(lower=0)


def is_idle(field: str, campaign: Campaign) -> bool:
    """Whether a plan has no use for a count, so that it is neither added up nor judged.

    Where reflections are asked for, exemptions and what guests wrote are of interest even if the plan names none:
    it then says that there should be none.
    """
    of_writing = ("exemptions", "guest_reflections", *EXEMPTION_CATEGORIES)
    if field in of_writing and campaign.items.reflections != "no":
        return False
    return campaign.items.asked("exemptions" if field in EXEMPTION_CATEGORIES else field) == "no"


def tally_schema(campaign: Campaign, as_of: datetime) -> pa.DataFrameSchema:
    """Build the model that tallies of a campaign are validated against, lazily and all at once.

    Args:
        campaign: whose items and rules hold.
        as_of: decides which plan documents are already due.
    """
    columns: dict[str, pa.Column] = {}
    for name, dtype in tally_columns(campaign).items():
        checks = []
        if dtype == "Int64" and campaign.items.asked(name) == "required":
            checks.append(_check(f"count_blank:{name}", lambda s: s.notna()))
        if name == "members":
            checks.append(_check("members_below_one:members", lambda s: s.ge(1).fillna(True)))
        columns[name] = pa.Column(dtype, checks, nullable=True)
    checks = [_check(name, rule) for name, rule in _rules(campaign, as_of).items()]
    return pa.DataFrameSchema(columns, checks=checks, strict=True)


def _check(name: str, rule: Callable[[pd.DataFrame], pd.Series] | Callable[[pd.Series], pd.Series]) -> pa.Check:
    return pa.Check(rule, name=name, ignore_na=False)


_ROUNDING = 1e-9  # 20 * 0.55 is a little over 11: who stands exactly on a threshold has reached it

Rule = Callable[[pd.DataFrame], pd.Series]


def _holds(condition: pd.Series) -> pd.Series:
    """A rule that meets a blank does not judge it: blanks have a check of their own."""
    return condition.astype("boolean").fillna(True).astype(bool)


def _rules(campaign: Campaign, as_of: datetime) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    for field in ("attendees", "reflections", "exemptions"):
        # Errors wherever the count applies: nobody can attend, write or be exempt who is no member.
        if campaign.items.asked(field) != "no":
            rules[f"over_members:{field}"] = lambda t, f=field: _holds(t[f] <= t["members"])  # type: ignore[misc]
    rules |= _writing_rules(campaign) | _exemption_rules(campaign) | _text_rules(campaign)
    for field in COUNTS[1:]:
        if is_idle(field, campaign):
            rules[f"item_not_asked:{field}"] = lambda t, f=field: _holds(~(t[f] > 0))  # type: ignore[misc]
    if campaign.items.attendees != "no":
        low = campaign.rules.attendance_rate_below
        rules["attendance_low:attendees"] = lambda t: _holds(t["attendees"] + _ROUNDING >= t["members"] * low)
    tolerance = campaign.rules.register_tolerance
    rules["members_differ_from_register:members"] = lambda t: _holds(
        (t["members"] - t["members_on_register"]).abs() <= t["members_on_register"] * tolerance + _ROUNDING
    )
    rules["study_after_deadline:study_date"] = lambda t: ~(t["study_date"] > t["study_deadline"])
    rules["study_after_report:study_date"] = lambda t: ~(t["study_date"] > t["received_day"])
    earliest = pd.Timestamp(campaign.earliest_study)
    rules["study_long_before:study_date"] = lambda t: ~(t["study_date"] < earliest)
    for document in campaign.documents:
        if document.due is not None and as_of >= document.due.ends():
            rules[f"document_missing:{document.field}"] = lambda t, d=document: (  # type: ignore[misc]
                ~t["level"].isin(d.levels) | t[d.field].eq(1).fillna(False).astype(bool)
            )
    return rules


def _writing_rules(campaign: Campaign) -> dict[str, Rule]:
    if campaign.items.reflections == "no":
        return {}
    rules: dict[str, Rule] = {
        "reflections_below_required:reflections": lambda t: _holds(t["reflections"] >= required_writers(t, campaign)),
    }
    if campaign.items.attendees != "no":
        # Turned off in 000 (an absentee must still study and write), a query in 001 and 004.
        rules["reflections_over_attendees:reflections"] = lambda t: _holds(t["reflections"] <= t["attendees"])
    if campaign.items.exemptions != "no":
        # Never an error: an exempt member may contribute (000), or must be explained (004).
        rules["writers_and_exempt_over_members:reflections"] = lambda t: _holds(
            t["reflections"] + t["exemptions"] <= t["members"]
        )
    rules["guests_wrote:guest_reflections"] = lambda t: _holds(~(t["guest_reflections"] > 0))
    grades = [grade.field for grade in campaign.grades]
    if grades:
        rules["grades_differ:reflections"] = lambda t: _holds(
            t[grades].sum(axis=1, min_count=len(grades)).astype("Int64") == t["reflections"]
        )
    return rules


def _exemption_rules(campaign: Campaign) -> dict[str, Rule]:
    rules: dict[str, Rule] = {}
    if is_idle("exemptions", campaign):  # 002, 003: nobody writes, so nobody is exempt
        return rules
    if campaign.items.exemptions == "no":  # 001 names no exemption at all
        rules["exempt_not_in_plan:exemptions"] = lambda t: _holds(~(t["exemptions"] > 0))
    for field in EXEMPTION_CATEGORIES:
        if field not in campaign.exemption_categories:  # 000 names only those exempt from activity
            rules[f"exempt_not_in_plan:{field}"] = lambda t, f=field: _holds(~(t[f] > 0))  # type: ignore[misc]
    categories = list(EXEMPTION_CATEGORIES)
    rules["exempt_categories_differ:exemptions"] = lambda t: _holds(
        t[categories].sum(axis=1, min_count=1).astype("Int64") == t["exemptions"]
    )
    return rules


def _text_rules(campaign: Campaign) -> dict[str, Rule]:
    """An assessment is owed where the plan asks for one (001, 004); proposals may be none (004)."""
    rules: dict[str, Rule] = {}
    if campaign.items.assessment == "required":
        rules["assessment_blank:assessment"] = lambda t: t["assessment"].notna()
    if campaign.items.proposals != "no":
        rules["proposals_blank:proposals"] = lambda t: t["proposals"].notna()
    return rules
