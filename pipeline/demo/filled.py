"""Our template as branches fill it in: the first of each shape is written by XlsxWriter, those alike are stamped.

A filled-in form of the same shape differs in names, texts, counts and the study day, all of which are gaps of a stamp.
Whatever else may differ (a blank, a verdict other than "all right", a text too long for its room) makes another shape,
or is left to XlsxWriter. So a province takes seconds to make and a country minutes, and the bytes of every part are
what XlsxWriter would have written.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Final

from schemas.campaign import Campaign

from ..templates.checks import Rule, rules_for, verdict_of
from ..templates.form import Head, form_bytes, head_of, text_height
from ..templates.items import TEXTS, form_items
from ..templates.stamp import Stamp, gap
from .units import DemoUnit

Values = Mapping[str, object]

_NAMED: Final = re.compile(r'<definedName name="tally_(\w+)">[^<]*\$B\$(\d+)</definedName>')
_DAY_0: Final = date(1899, 12, 30)  # of Excel's calendar
_FREE: Final = (*sorted(TEXTS), "signer")
_MOST_STAMPS: Final = 500  # kept; a messy campaign has shapes without end


def filled_in(campaign: Campaign, unit: DemoUnit, round: str, values: Values) -> bytes:
    """Return a unit's form with its answers, `values` as `write_template` takes them."""
    key = campaign.model_dump_json()
    if key not in _FORMS:
        _FORMS.clear()
        _FORMS[key] = _Forms(campaign)
    return _FORMS[key].filled_in(unit, round, values)


class _Forms:
    """The forms of one campaign, and the stamps they are made with."""

    def __init__(self, campaign: Campaign) -> None:
        self.campaign = campaign
        self._stamps: dict[object, Stamp] = {}
        self._rules: dict[str, dict[str, tuple[Rule, ...]]] = {}

    def filled_in(self, unit: DemoUnit, round: str, values: Values) -> bytes:
        head = head_of(unit.code, unit.name, unit.parent_name)
        if not _is_plain(values):
            return form_bytes(self.campaign, head, round, values, unit.level)
        verdicts = self._verdicts(unit.level, values)
        day = verdicts.pop("study_date", "")
        shape = replace(head, unit_code=gap("unit_code"), unit=gap("UNIT"), parent=gap("PARENT"))
        given = frozenset(field for field, value in values.items() if value is not None and value != "")
        key = (shape, round, unit.level, given, tuple(verdicts.items()), day[:1])
        if key not in self._stamps:
            if len(self._stamps) >= _MOST_STAMPS:
                return form_bytes(self.campaign, head, round, values, unit.level)
            self._stamps[key] = self._stamp(shape, round, unit.level, values, bool(day))
        texts = {"unit_code": unit.code, "unit": unit.name, "parent": unit.parent_name, "verdict_of_day": day}
        return self._stamps[key].filled(texts | {field: _as_text(value) for field, value in values.items()})

    def _verdicts(self, level: str, values: Values) -> dict[str, str]:
        if level not in self._rules:
            fields = ("study_date", *(item.field for item in form_items(self.campaign, level)))
            asked = [field for field in fields if field != "study_date" or self.campaign.items.asked(field) != "no"]
            self._rules[level] = {field: rules_for(field, self.campaign, level) for field in asked}
        answers = {field: values.get(field) for field in self._rules[level]}
        return {field: verdict_of(rules, answers) for field, rules in self._rules[level].items()}

    def _stamp(self, head: Head, round: str, level: str, values: Values, has_day: bool) -> Stamp:
        texts = {field: gap(field) for field in _FREE if values.get(field)}
        data = form_bytes(self.campaign, head, round, dict(values) | texts, level)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            rows = dict(_NAMED.findall(archive.read("xl/workbook.xml").decode()))
        cells = {field: f"B{row}" for field, row in rows.items() if isinstance(values.get(field), int | date)}
        return Stamp(data, cells | ({"verdict_of_day": f"C{rows['study_date']}"} if has_day else {}))


_FORMS: Final[dict[str, _Forms]] = {}  # of the campaign worked on, in each process


def _is_plain(values: Values) -> bool:
    """Whether all answers are such as a stamp has gaps for."""
    texts = [str(values[field] or "") for field in _FREE if field in values]
    return (
        all(text == text.strip() for text in texts)
        and all(text_height(field, str(values.get(field) or "")) == text_height(field, "") for field in TEXTS)
        and all(value is None or type(value) in (int, date) for field, value in values.items() if field not in _FREE)
    )


def _as_text(value: object) -> str:
    return str((value - _DAY_0).days) if isinstance(value, date) else str(value)
