"""The verdict on one line of a list: what is wrong with it first, then what will be asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from schemas.campaign import Campaign
from schemas.findings import severity
from schemas.words import word

from .checks import BAD, DOUBT, GOOD, OPEN, Answers, Rule, rules_for
from .items import is_limited

_FIXED: Final = 2  # rules of a count that a list words differently: blank, not whole


def line_rules(campaign: Campaign, fields: Sequence[str], level: str) -> tuple[Rule, ...]:
    """Return the rules of one line, the first that holds deciding; the first is that of a line left blank.

    Args:
        campaign: the plan.
        fields: the columns in order; the counts stand side by side.
        level: of the units listed, for their study deadline.
    """
    counts = [field for field in fields if field in campaign.count_fields]
    span = f"{{{counts[0]}}}:{{{counts[-1]}}}"
    whole = f"IFERROR(SUMPRODUCT(--({span}<>ABS(INT({span}))))>0,TRUE)"
    rules = [
        Rule(f"{OPEN} {word('list_line_open', 'vi')}", f"COUNTA({{{fields[0]}}}:{{{fields[-1]}}})=0", _is_blank),
        Rule(f"{BAD} {word('tpl_not_whole', 'vi')}", whole, _never),
        Rule(f"{BAD} {word('list_line_members', 'vi')}", 'IF({members}="",FALSE,{members}<1)', _never),
    ]
    limited = [field for field in counts if is_limited(campaign, field)]
    if limited:
        most = ",".join(f"{{{field}}}" for field in limited)
        over = f'IF({{members}}="",FALSE,MAX({most})>{{members}})'
        rules.append(Rule(f"{BAD} {word('list_line_over', 'vi')}", over, _never))
    owed = [field for field in counts if campaign.items.asked(field) == "required"]
    given = f"COUNT({','.join(f'{{{field}}}' for field in owed)})"
    text = f"{BAD} {word('list_line_missing', 'vi', missing='{missing}')}"
    missing = {"missing": (f"({len(owed)}-{given})", lambda _: len(owed))}
    rules.append(Rule(text, f"{given}<{len(owed)}", _never, missing))
    for field in fields:
        rules += _doubts(field, campaign, level)
    return (*rules, Rule(f"{GOOD} {word('tpl_good', 'vi')}", "", _never))


def _is_blank(answers: Answers) -> bool:
    return not any(answers.values())


def _never(_: Answers) -> bool:
    return False


def _doubts(field: str, campaign: Campaign, level: str) -> list[Rule]:
    """Return what one column adds to the verdict, its title put before it."""
    title = word(field, "vi") if field in ("study_date", "assessment") else ""
    if field == "study_date":
        is_given = f'{{{field}}}<>""'
        return [
            replace(_titled(rule, title), formula=f"IF({is_given},{rule.formula},FALSE)")
            for rule in rules_for(field, campaign, level)[1:-1]
        ]
    if field == "assessment":
        is_asked_about = severity("assessment_blank", campaign) in ("error", "query")
        is_owed = campaign.items.assessment == "required" and is_asked_about
        return [Rule(f"{DOUBT} {title}: {word('list_line_blank', 'vi')}", f'{{{field}}}=""', _never)] if is_owed else []
    if field not in ("attendees", "reflections", "guest_reflections", "exemptions"):
        return []
    kept = rules_for(field, campaign, level)[_FIXED + is_limited(campaign, field) : -1]
    return [_titled(rule, word(field, "vi")) for rule in kept]


def _titled(rule: Rule, title: str) -> Rule:
    mark, _, text = rule.text.partition(" ")
    return replace(rule, text=f"{mark} {title}: {text[:1].lower()}{text[1:]}")
