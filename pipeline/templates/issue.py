"""The command: which units get which workbook, in one folder a parent, for the round that is to be reported next."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Final

from schemas.campaign import VIETNAM, Campaign, Round
from schemas.words import word

from ..registry import Registry, load_registry
from ..settings import load_campaign, round_asked_for
from .form import form_bytes, head_of
from .list_form import Office, list_bytes, office_of
from .paths import INDEX, Paths, replacing
from .stamp import Stamp, gap

Progress = Callable[[int, int], None]
_COLUMNS: Final = ("path", "kind", "unit_code", "unit_name", "parent_code", "round", "due", "email")
_LIVE: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would take for a formula when it opens a CSV
_TOLD_EVERY: Final = 50  # workbooks


@dataclass(frozen=True, slots=True)
class Issued:
    """What was written: how many forms and lists, for which round, where, in which language to say so."""

    forms: int
    lists: int
    round: Round
    folder: Path
    language: str


@dataclass(frozen=True, slots=True)
class _Order:
    """One workbook to be made: where it lies, the stamp it is made with, and the texts that fill its gaps."""

    path: str
    stamp: object
    texts: Mapping[str, str]
    unit_code: str
    is_list: bool


def issue_templates(
    folder: Path,
    output: Path,
    *,
    round: str = "",
    as_of: datetime | None = None,
    language: str = "",
    progress: Progress | None = None,
) -> Issued:
    """Write a pre-filled form for each unit that files, and a list for each unit above such.

    Args:
        folder: the campaign's inputs.
        output: the folder of the set, which takes the place of an earlier one.
        round: id of the round; "" for the first that is not due yet, or the last where all are.
        as_of: stands in for now; None for the campaign's own, else the clock.
        language: of what is said about it; the campaign's own unless given. Forms are Vietnamese in any case.
        progress: told (workbooks written, of how many).

    Raises:
        FaultsError: campaign.toml or the registry cannot be used, there is no such round, or the output folder
            holds something else.
    """
    campaign = load_campaign(folder, language or None)
    language = language or campaign.language
    now = (as_of or campaign.as_of or datetime.now(VIETNAM)).astimezone(VIETNAM)
    wanted = round_asked_for(campaign, round, language) if round else _next_round(campaign, now)
    plan = _Plan(campaign, load_registry(folder, campaign, language), wanted)
    orders = list(plan.orders())
    with replacing(output, language) as stage:
        plan.write(orders, stage, progress)
    lists = sum(order.is_list for order in orders)
    return Issued(len(orders) - lists, lists, wanted, output, language)


def forms_of(campaign: Campaign, registry: Registry, round: Round) -> Callable[[str], tuple[str, bytes]]:
    """Return what gives the form of a unit that files in a round: its path in the set, and the bytes it has there."""
    plan = _Plan(campaign, registry, round)
    orders = {order.unit_code: order for order in plan.orders() if not order.is_list}

    def form(unit_code: str) -> tuple[str, bytes]:
        order = orders[unit_code]
        return order.path, plan.stamp(order.stamp).filled(order.texts)

    return form


def _next_round(campaign: Campaign, now: datetime) -> Round:
    return next((round_ for round_ in campaign.rounds if not round_.is_due(now)), campaign.rounds[-1])


class _Plan:
    """Who gets what; stamps are made when first needed, one for each shape."""

    def __init__(self, campaign: Campaign, registry: Registry, round: Round) -> None:
        self.campaign, self.registry, self.round = campaign, registry, round
        tree = registry.tree
        self.names: dict[str, str] = dict(zip(tree.index, tree["unit_name"], strict=True))
        self.levels: dict[str, str] = dict(zip(tree.index, tree["level"], strict=True))
        self.parents: dict[str, str] = dict(zip(tree.index, registry.parents, strict=True))
        self._stamps: dict[object, Stamp] = {}

    @cached_property
    def filing(self) -> frozenset[str]:
        expected = self.registry.expected(self.round)
        return frozenset(expected.index[expected])

    def orders(self) -> Iterator[_Order]:
        """Yield every workbook of the set, in the registry's order."""
        paths = Paths(self.parents)
        ending = word("list_file", "vi")
        for code in self.names:
            below = [child for child in self.registry.children[code] if child in self.filing]
            if below:
                yield self._list(code, below, paths.list(code, ending))
            if code in self.filing:
                yield self._form(code, paths.form(code))

    def _above(self, code: str) -> str:
        return self.names.get(self.parents[code], "")

    def _form(self, code: str, path: str) -> _Order:
        head, above = head_of(code, self.names[code], self._above(code)), self._above(code)
        parent = gap("PARENT") if above else ""
        shape = replace(head, unit_code=gap("unit_code"), unit=gap("UNIT"), parent=parent)
        texts = {"unit_code": code, "unit": self.names[code], "parent": above}
        return _Order(path, (self.levels[code], shape), texts, code, is_list=False)

    def _list(self, code: str, below: list[str], path: str) -> _Order:
        above = self._above(code)
        units = [(child, self.names[child]) for child in below]
        office = office_of(self.campaign, self.names[code], above, units, [self.levels[child] for child in below])
        gaps = tuple((gap(f"code{number}"), gap(f"name{number}")) for number in range(len(units)))
        shape = replace(office, name=gap("OFFICE"), parent=gap("PARENT") if above else "", units=gaps)
        texts = {"office": self.names[code], "parent": above}
        for number, (child, name) in enumerate(units):
            texts |= {f"code{number}": child, f"name{number}": name}
        return _Order(path, shape, texts, code, is_list=True)

    def stamp(self, shape: object) -> Stamp:
        """Return the stamp of a shape: an `Office`, or a level and a `Head`."""
        if shape not in self._stamps:
            self._stamps[shape] = Stamp(self._whole(shape))
        return self._stamps[shape]

    def _whole(self, shape: object) -> bytes:
        if isinstance(shape, Office):
            return list_bytes(self.campaign, shape, self.round.id)
        assert isinstance(shape, tuple)
        level, head = shape
        return form_bytes(self.campaign, head, self.round.id, level=level)

    def write(self, orders: list[_Order], stage: Path, progress: Progress | None) -> None:
        """Write a set into a folder, its index last."""
        made: set[str] = set()
        for number, order in enumerate(orders, 1):
            home = order.path.rpartition("/")[0]
            if home not in made:
                (stage / home).mkdir(parents=True, exist_ok=True)
                made.add(home)
            with open(f"{stage}/{order.path}", "wb") as file:
                file.write(self.stamp(order.stamp).filled(order.texts))
            if progress and (number % _TOLD_EVERY == 0 or number == len(orders)):
                progress(number, len(orders))
        emails = self.registry.tree["email"].to_dict()
        with (stage / INDEX).open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(_COLUMNS)
            for order in orders:
                code, kind = order.unit_code, "list" if order.is_list else "form"
                row = (order.path, kind, code, self.names[code], self.parents[code], self.round.id,
                       self.round.due.isoformat(), emails[code])  # fmt: skip
                table.writerow([f"'{cell}" if cell.startswith(_LIVE) else cell for cell in row])
