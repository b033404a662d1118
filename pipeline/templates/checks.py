"""What stands beside an answer while it is typed: a formula whose verdict is told by mark, word and colour.

The rules are those of schemas/tally.py, at the severities of the campaign, so that what a form shows in red comes back
and what it shows in amber is asked about; only counts such as "12 đ/c" are read later on and yet red here. Each rule is
written twice, as a formula and in Python, because a workbook stores the result beside the formula; a test lets
LibreOffice hold one against the other.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from schemas.campaign import Campaign
from schemas.findings import severity
from schemas.words import word

from .items import TEXTS, is_limited
from .look import day_text

FIRST_DAY: Final = date(2000, 1, 1)  # a study before it is a slip of the pen
BAD, DOUBT, GOOD, OPEN, FREE = "✗", "▲", "✓", "○", "–"
_MARKS: Final = {"error": BAD, "query": DOUBT}
_ROUNDING: Final = 1e-9  # as in schemas/tally.py

Answers = Mapping[str, object]
Holds = Callable[[Answers], bool]


@dataclass(frozen=True, slots=True)
class Rule:
    """A verdict and when it is given.

    Attributes:
        text: the verdict; what stands in {braces} is worked out.
        formula: its condition, the answers' cells as {field}.
        holds: the same in Python.
        parts: name in {braces} -> its formula, and the same in Python.
    """

    text: str
    formula: str
    holds: Holds
    parts: Mapping[str, tuple[str, Callable[[Answers], object]]] = field(default_factory=dict)


def verdict_of(rules: Sequence[Rule], answers: Answers) -> str:
    """Return the verdict on some answers: of the first rule that holds; the last one always does."""
    found = next(rule for rule in rules if rule.holds(answers))
    return found.text.format(**{name: value(answers) for name, (_, value) in found.parts.items()})


def formula_of(rules: Sequence[Rule], cells: Mapping[str, str]) -> str:
    """Return the formula that gives the same verdict, given the cell of each answer."""
    *conditions, last = rules
    formula = _text_formula(last, cells)
    for rule in reversed(conditions):
        formula = f"IF({rule.formula.format(**cells)},{_text_formula(rule, cells)},{formula})"
    return f"={formula}"


def _text_formula(rule: Rule, cells: Mapping[str, str]) -> str:
    marked = {name: f'"&{formula.format(**cells)}&"' for name, (formula, _) in rule.parts.items()}
    text = rule.text.replace('"', '""')
    return f'"{text.format(**marked) if marked else text}"'.removesuffix('&""')


def overall_formula(cells: str) -> str:
    """Return the formula that says of a range of verdicts whether the form can be sent."""
    texts = [(BAD, "tpl_some_bad"), (OPEN, "tpl_some_open"), (DOUBT, "tpl_some_doubt")]
    formula = f'"{overall_good()}"'
    for mark, key in reversed(texts):
        count = f'COUNTIF({cells},"{mark}*")'
        spliced = f'"&{count}&"'
        text = f"{mark} {word(key, 'vi', count=spliced)}"
        formula = f'IF({count}>0,"{text}",{formula})'
    return f"={formula}"


def overall_of(verdicts: Sequence[str]) -> str:
    """Return what `overall_formula` gives for some verdicts."""
    for mark, key in ((BAD, "tpl_some_bad"), (OPEN, "tpl_some_open"), (DOUBT, "tpl_some_doubt")):
        count = sum(verdict.startswith(mark) for verdict in verdicts)
        if count:
            return f"{mark} {word(key, 'vi', count=count)}"
    return overall_good()


def overall_good() -> str:
    return f"{GOOD} {word('tpl_all_good', 'vi')}"


# --- the rules of one answer -------------------------------------------------------------------------


def rules_for(name: str, campaign: Campaign, level: str) -> tuple[Rule, ...]:
    """Return the rules of one answer, the first that holds deciding; the last always holds."""
    if name == "study_date":
        return _date_rules(campaign, level)
    if name in TEXTS:
        good = Rule(f"{GOOD} {word('tpl_written', 'vi')}", "", _always)
        return (_blank(name, campaign), good)
    if name in campaign.document_fields:
        return _document_rules(name, campaign)
    return (*_count_rules(name, campaign), *_query_rules(name, campaign), _good())


def _always(_: Answers) -> bool:
    return True


def _good() -> Rule:
    return Rule(f"{GOOD} {word('tpl_good', 'vi')}", "", _always)


def _cell(name: str) -> str:
    return f"{{{name}}}"


def _blank(name: str, campaign: Campaign) -> Rule:
    """An answer that is not there: owed, or left to the unit."""
    is_owed = campaign.items.asked(name) == "required"
    if name in TEXTS:
        is_owed = is_owed and severity(f"{name}_blank", campaign) in _MARKS
    text = f"{OPEN} {word('tpl_open', 'vi')}" if is_owed else f"{FREE} {word('tpl_free', 'vi')}"
    return Rule(text, f'{_cell(name)}=""', lambda answers: answers.get(name) in (None, ""))


def _is_whole(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 and value == int(value)


def _count_rules(name: str, campaign: Campaign) -> list[Rule]:
    """The errors of a count (docs/domain.md): blank, not whole, members below one, over the members."""
    cell = _cell(name)
    rules = [
        _blank(name, campaign),
        Rule(f"{BAD} {word('tpl_not_whole', 'vi')}", f"IFERROR({cell}<>ABS(INT({cell})),TRUE)",
             lambda answers: not _is_whole(answers[name])),
    ]  # fmt: skip
    if name == "members":
        rules.append(Rule(f"{BAD} {word('tpl_below_one', 'vi')}", f"{cell}<1", lambda answers: answers[name] == 0))
    if is_limited(campaign, name):
        rules.append(_among(BAD, word("tpl_over_members", "vi"), (name, "members"), f"{cell}>{{members}}",
                            lambda own, members: own > members))  # fmt: skip
    return rules


def _among(
    mark: str,
    text: str,
    names: tuple[str, ...],
    formula: str,
    holds: Callable[..., bool],
    parts: Mapping[str, tuple[str, Callable[..., int]]] | None = None,
) -> Rule:
    """A rule between several counts, which says nothing until all are numbers; functions take them in their order."""

    def numbers(answers: Answers) -> list[int] | None:
        found = [value for name in names if isinstance(value := answers.get(name), int | float)]
        return found if len(found) == len(names) else None  # type: ignore[return-value]  # counts, whole or not

    def over(function: Callable[..., int]) -> Callable[[Answers], object]:
        return lambda answers: function(*(numbers(answers) or ()))

    cells = ",".join(map(_cell, names))
    return Rule(
        f"{mark} {text}",
        f"IF(COUNT({cells})={len(names)},{formula},FALSE)",
        lambda answers: (given := numbers(answers)) is not None and holds(*given),
        {part: (shown, over(function)) for part, (shown, function) in (parts or {}).items()},
    )


def _query_rules(name: str, campaign: Campaign) -> list[Rule]:
    """What is asked about later, so that the branch looks at it now."""
    made = {"attendees": _of_attendees, "reflections": _of_reflections, "exemptions": _of_exemptions}.get(name)
    if made is not None:
        return made(campaign)
    mark = _MARKS.get(severity("guests_wrote", campaign))
    if name == "guest_reflections" and mark:
        text = word("tpl_guests_wrote", "vi")
        return [_among(mark, text, (name,), f"{_cell(name)}>0", lambda own: own > 0)]
    return []


def _of_attendees(campaign: Campaign) -> list[Rule]:
    mark, low = _MARKS.get(severity("attendance_low", campaign)), campaign.rules.attendance_rate_below
    if not mark or not low:
        return []
    text = word("tpl_attendance_low", "vi", share=f"{low:.0%}")
    formula = f"{{attendees}}+{_ROUNDING}<{{members}}*{low}"
    return [_among(mark, text, ("attendees", "members"), formula, lambda own, all_: own + _ROUNDING < all_ * low)]


def _of_reflections(campaign: Campaign) -> list[Rule]:
    counts, rules = campaign.count_fields, []
    mark = _MARKS.get(severity("reflections_over_attendees", campaign))
    if mark and "attendees" in counts:
        text = word("tpl_over_attendees", "vi")
        rules.append(_among(mark, text, ("reflections", "attendees"), "{reflections}>{attendees}",
                            lambda own, attendees: own > attendees))  # fmt: skip
    mark = _MARKS.get(severity("writers_and_exempt_over_members", campaign))
    if mark and "exemptions" in counts:
        rules.append(_among(mark, word("tpl_written_and_exempt", "vi"), ("reflections", "exemptions", "members"),
                            "{reflections}+{exemptions}>{members}", lambda own, x, all_: own + x > all_))  # fmt: skip
    mark = _MARKS.get(severity("reflections_below_required", campaign))
    if mark and campaign.has_required_writers:
        rules.append(_below_required(mark, campaign))
    grades = tuple(grade.field for grade in campaign.grades)
    mark = _MARKS.get(severity("grades_differ", campaign))
    if mark and grades:
        shown = "+".join(map(_cell, grades))
        text, parts = word("tpl_parts_differ", "vi", sum="{sum}"), {"sum": (f"({shown})", lambda _, *given: sum(given))}
        rules.append(_among(mark, text, ("reflections", *grades), f"{{reflections}}<>{shown}",
                            lambda own, *given: own != sum(given), parts))  # fmt: skip
    return rules


def _below_required(mark: str, campaign: Campaign) -> Rule:
    """Fewer reflections than must be written: T - X (000, 004) or T (001)."""
    text = word("tpl_below_required", "vi", missing="{missing}")
    names: tuple[str, ...] = ("members", "exemptions", "reflections")
    if campaign.rules.required_writers == "members":
        names = ("members", "reflections")
    missing = "-".join(map(_cell, names))

    def count(members: int, *others: int) -> int:
        return members - sum(others)

    parts = {"missing": (f"({missing})", count)}
    return _among(mark, text, names, f"{missing}>0", lambda *given: count(*given) > 0, parts)


def _of_exemptions(campaign: Campaign) -> list[Rule]:
    """Categories that do not add up: judged as soon as one of them is given."""
    mark, names = _MARKS.get(severity("exempt_categories_differ", campaign)), campaign.exemption_categories
    if not mark or not names:
        return []
    cells = ",".join(map(_cell, names))

    def given(answers: Answers) -> list[int | float]:
        return [value for name in names if isinstance(value := answers.get(name), int | float)]

    text = f"{mark} {word('tpl_parts_differ', 'vi', sum='{sum}')}"
    formula = f"AND(COUNT({cells})>0,SUM({cells})<>{{exemptions}})"
    parts = {"sum": (f"SUM({cells})", lambda answers: sum(given(answers)))}
    return [Rule(text, formula, lambda a: bool(given(a)) and sum(given(a)) != a["exemptions"], parts)]


# --- days and documents ------------------------------------------------------------------------------


def _date_rules(campaign: Campaign, level: str) -> tuple[Rule, ...]:
    """The day as it was understood, in words: 4/5 typed where months stand first shows as what it became."""
    cell, start = _cell("study_date"), f"DATE({FIRST_DAY.year},{FIRST_DAY.month},{FIRST_DAY.day})"
    example = day_text(campaign.rounds[0].due)
    parts: dict[str, tuple[str, Callable[[Answers], object]]] = {
        "day": (f"DAY({cell})", lambda answers: _day(answers).day),
        "month": (f"MONTH({cell})", lambda answers: _day(answers).month),
        "year": (f"YEAR({cell})", lambda answers: _day(answers).year),
    }
    rules = [
        _blank("study_date", campaign),
        Rule(f"{BAD} {word('tpl_not_a_day', 'vi', example=example)}", f"IFERROR(INT({cell})<{start},TRUE)",
             lambda answers: not isinstance(answers["study_date"], date) or _day(answers) < FIRST_DAY),
    ]  # fmt: skip
    deadline = campaign.study_deadline(level or campaign.tree.levels[-1])
    mark = _MARKS.get(severity("study_after_deadline", campaign))
    if deadline is not None and mark:
        last = deadline.last_day()
        text = f"{mark} {word('tpl_study_late', 'vi', last=day_text(last))}"
        rules.append(Rule(text, f"INT({cell})>DATE({last.year},{last.month},{last.day})", lambda a: _day(a) > last))
    shown = word("tpl_day", "vi", **{name: f"{{{name}}}" for name in parts})
    return (*rules, Rule(f"{GOOD} {shown}", "", _always, parts))


def _day(answers: Answers) -> date:
    day = answers["study_date"]
    assert isinstance(day, date)
    return day.date() if isinstance(day, datetime) else day


def _document_rules(name: str, campaign: Campaign) -> tuple[Rule, ...]:
    yes, no, cell = word("form_yes", "vi"), word("form_no", "vi"), _cell(name)
    due = next(document.due for document in campaign.documents if document.field == name)
    rules = [
        Rule(f"{OPEN} {word('tpl_choose', 'vi')}", f'{cell}=""', lambda answers: answers.get(name) in (None, "")),
        Rule(f"{BAD} {word('tpl_choose', 'vi')}", f'AND({cell}<>"{yes}",{cell}<>"{no}")',
             lambda answers: answers[name] not in (True, False, yes, no)),
    ]  # fmt: skip
    mark = _MARKS.get(severity("document_missing", campaign))
    if due is not None and mark:
        text = f"{mark} {word('tpl_document_missing', 'vi', last=day_text(due.last_day()))}"
        rules.append(Rule(text, f'{cell}="{no}"', lambda answers: answers[name] in (False, no)))
    return (*rules, _good())
