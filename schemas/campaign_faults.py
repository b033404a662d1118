"""Faults of a plan, in an analyst's words: what pydantic finds, and what it would find only one at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .campaign import LEVELS, Campaign, Deadline
from .faults import FaultList, did_you_mean, nearest
from .findings import CATALOGUE
from .toml_lines import KeyPath, key_lines

# pydantic's error types by how they begin; what is not here falls back to pydantic's own words.
_WANTED = (
    ("bool", "want_bool"),
    ("datetime", "want_moment"),
    ("timezone", "want_moment"),
    ("date_", "want_date"),
    ("float", "want_share"),
    ("finite", "want_share"),
    ("greater", "want_share"),
    ("less", "want_share"),
    ("string", "want_text"),
    ("literal", "want_one_of"),
    ("too_short", "want_longer_list"),
    ("tuple", "want_list"),
    ("model", "want_table"),
    ("dict", "want_table"),
)
# What the model itself refuses, beside the contradictions that `check` names.
_REFUSED: dict[KeyPath, str] = {
    ("submissions",): "want_url",
    ("mailbox", "host"): "want_host",
    ("mailbox", "security"): "want_secure",
    ("mailbox", "port"): "want_other_port",
    ("mailbox", "user"): "want_text",
    ("mailbox", "folder"): "want_text",
    ("outbox", "host"): "want_outbox_host",
    ("outbox", "security"): "want_outbox_security",
    ("outbox", "from"): "want_outbox_from",
}
_SAMPLES: dict[object, str] = {date: "2021-04-29", datetime: "2021-05-03T08:00:00", bool: "true", float: "0.5"}


class PlanFaults:
    """Gathers the faults of one campaign.toml, each at the line of its key or table."""

    def __init__(self, text: str, plan: Mapping[str, Any], faults: FaultList) -> None:
        self.text_lines = text.split("\n")
        self.plan = plan
        self.lines = key_lines(text)
        self.faults = faults
        self.said: set[tuple[str, KeyPath]] = set()

    def line(self, path: KeyPath) -> int:
        """Return the line of a key; of one that is not there, that of its table; of the file's own keys, 1."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def add(self, kind: str, path: KeyPath, found: object = "", **values: str) -> None:
        """Add a fault at a key, once."""
        if (kind, path) in self.said:
            return
        self.said.add((kind, path))
        self.faults.add(kind, line=self.line(path), key=_dotted(path), found=self._shown(found, path), **values)

    def _shown(self, found: object, path: KeyPath) -> str:
        """Return a value as it is written in the file; a list or table by the line that it starts on."""
        if isinstance(found, bool):
            return str(found).lower()
        if isinstance(found, (list, dict)):
            return self.text_lines[self.line(path) - 1].strip()
        return found.isoformat() if isinstance(found, date) else str(found)

    # --- what pydantic found --------------------------------------------------------------------

    def add_invalid(self, invalid: ValidationError) -> None:
        """Add every fault of a validation, in plain words."""
        own = bool(self.faults.faults)
        errors = [(tuple(part for part in error["loc"] if part != "[key]"), error) for error in invalid.errors()]
        misspelt = {self._add_unknown(path) for path, error in errors if error["type"] == "extra_forbidden"}
        for path, error in errors:
            if error["type"] == "extra_forbidden" or path in misspelt:
                continue
            if error["type"] == "missing":
                self._add_missing(path)
            elif error["type"] == "value_error":
                # The model names the first thing that does not fit together; `check` has said them all.
                if path == ("tree", "levels"):
                    self.add("want_levels", path, error["input"], levels=", ".join(LEVELS))
                elif path in _REFUSED:
                    self.add(_REFUSED[path], path, error["input"])
                elif path or not own:
                    self.add("want_other", path, error["input"], message=error["msg"])
            else:
                self._add_wrong(path, error)

    def _add_missing(self, path: KeyPath) -> None:
        wanted, key = _annotation(path), str(path[-1])
        if _is_model(wanted):
            example = f"[{_dotted(path)}]"
        elif get_origin(wanted) is tuple:
            example = f"[[{_dotted(path)}]]" if _is_model(get_args(wanted)[0]) else f'{key} = ["…"]'
        else:
            sample = _SAMPLES.get(wanted, '"…"')
            example = f"{key} = {sample}"
        self.add("key_missing", path, example=example)

    def _add_unknown(self, path: KeyPath) -> KeyPath:
        """Add an unknown key; return the path of the known one that it seems to mean, or () if none."""
        model, key = _annotation(path[:-1]), str(path[-1])
        known = [field.alias or name for name, field in model.model_fields.items()] if _is_model(model) else []
        if near := nearest(key, known):
            self.add("key_unknown", path, key, near=near)
            return (*path[:-1], near)
        if len(path) > 1 and key in Campaign.model_fields:
            self.add("key_misplaced", path, key)
        else:
            self.add("key_not_known", path, key, known=", ".join(known))
        return ()

    def _add_wrong(self, path: KeyPath, error: ErrorDetails) -> None:
        kind = next((kind for start, kind in _WANTED if error["type"].startswith(start)), "want_other")
        found, limits = error["input"], error.get("ctx", {})
        values: dict[str, str] = {"message": error["msg"]}
        if kind == "want_one_of":
            allowed = re.findall("'([^']*)'", limits["expected"])
            near = did_you_mean(str(found), allowed, self.faults.language)
            values |= {"values": ", ".join(f'"{value}"' for value in allowed), "near": near}
        elif kind == "want_longer_list":
            if len(found) >= limits["min_length"]:
                return  # pydantic does not count the wrong elements, of which it tells anyway
            values["least"] = str(limits["min_length"])
        elif path == ("outbox", "port"):
            kind = "want_outbox_port"
        elif _annotation(path) is int:
            kind = "want_port"
        elif kind == "want_list" and _is_model(get_args(_annotation(path))[0]):
            kind = "want_tables"
        elif kind == "want_table" and _annotation(path) is Deadline:
            kind, values["name"] = "want_deadline", str(path[-1])
        elif error["type"] == "string_too_long":
            kind, values["limit"] = "want_shorter", str(limits["max_length"])
        elif error["type"] == "string_pattern_mismatch":
            kind = "want_id" if "A-Z" in limits["pattern"] else "want_lower_id"
        self.add(kind, path, found, **values)

    # --- what does not fit together -------------------------------------------------------------

    def check(self) -> None:
        """Add what the parts of the plan say against each other, as far as they can be read.

        The model refuses the same, but only one at a time, and nothing of it while any value is wrong.
        """
        self._check_days()
        self._check_ids()
        self._check_order()
        self._check_levels()
        self._check_exemptions()
        for code in _table(self.plan.get("severity")):
            if code not in CATALOGUE:
                near = did_you_mean(code, CATALOGUE, self.faults.language)
                self.add("code_unknown", ("severity", code), code, near=near)

    def _check_days(self) -> None:
        """A bare number is no day: pydantic would take it for seconds since 1970."""
        for path, value in _leaves(self.plan):
            wanted = _annotation(path)
            if wanted in (date, datetime) and isinstance(value, (int, float)):
                self.add("want_date" if wanted is date else "want_moment", path, value)

    def _check_ids(self) -> None:
        for name in ("rounds", "grades", "documents"):
            first: dict[object, KeyPath] = {}
            for path, part in _parts(self.plan, name):
                part_id = part.get("id")
                if isinstance(part_id, str) and part_id in first:
                    self.add("id_twice", (*path, "id"), part_id, other=str(self.line(first[part_id])))
                elif isinstance(part_id, str):
                    first[part_id] = (*path, "id")

    def _check_order(self) -> None:
        earlier: date | None = None
        for path, part in _parts(self.plan, "rounds"):
            due = _day(part.get("due"))
            if due and earlier and due <= earlier:
                self.add("round_not_after", (*path, "due"), due, earlier=earlier.isoformat())
            earlier = due or earlier

    def _check_levels(self) -> None:
        levels = _table(self.plan.get("tree")).get("levels", LEVELS)
        if not isinstance(levels, (list, tuple)) or not set(levels) <= set(LEVELS):
            return
        named: list[tuple[KeyPath, object]] = [
            (("study_deadlines", level), level) for level in _table(self.plan.get("study_deadlines"))
        ]
        for path, document in _parts(self.plan, "documents"):
            of_document = document.get("levels")
            if isinstance(of_document, list):
                named += [((*path, "levels", at), level) for at, level in enumerate(of_document)]
        for path, level in named:
            if level in LEVELS and level not in levels:
                self.add("level_not_in_tree", path, level, levels=", ".join(map(str, levels)))

    def _check_exemptions(self) -> None:
        items, rules = _table(self.plan.get("items")), _table(self.plan.get("rules"))
        if items.get("exemptions", "required") != "no":
            return
        if categories := self.plan.get("exemption_categories"):
            self.add("no_exemptions", ("exemption_categories",), categories)
        if items.get("reflections", "required") == "no":
            return
        if "required_writers" not in rules:
            self.add("exemptions_needed", ("items", "exemptions"), "no")
        elif rules["required_writers"] == "members_less_exempt":
            self.add("writers_need_exemptions", ("rules", "required_writers"), "members_less_exempt")


def _dotted(path: KeyPath) -> str:
    return ".".join(part for part in path if isinstance(part, str))


def _annotation(path: KeyPath) -> Any:
    """Return the type that the model gives to a place, without `| None` and constraints."""
    wanted: Any = Campaign
    for part in path:
        if _is_model(wanted):
            field = wanted.model_fields.get(part)
            wanted = field.annotation if field else None
        else:
            wanted = get_args(wanted)[-1 if get_origin(wanted) is dict else 0] if get_args(wanted) else None
        while get_origin(wanted) in (Annotated, Union, UnionType):
            wanted = get_args(wanted)[0]
    return wanted


def _is_model(wanted: object) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, BaseModel)


def _table(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _parts(plan: Mapping[str, Any], name: str) -> Iterator[tuple[KeyPath, Mapping[str, Any]]]:
    """Yield (path, table) of each table of an array of tables."""
    parts = plan.get(name)
    for at, part in enumerate(parts if isinstance(parts, list) else ()):
        if isinstance(part, dict):
            yield (name, at), part


def _leaves(value: object, path: KeyPath = ()) -> Iterator[tuple[KeyPath, object]]:
    """Yield (path, value) of everything that is neither a table nor a list."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _leaves(part, (*path, key))
    elif isinstance(value, list):
        for at, part in enumerate(value):
            yield from _leaves(part, (*path, at))
    else:
        yield path, value


def _day(value: object) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, str):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return None
    return value if isinstance(value, date) else None
