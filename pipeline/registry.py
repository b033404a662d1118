"""The registry: units.csv or units.xlsx becomes the tree, and who is expected in which round."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from schemas.campaign import Campaign, Round
from schemas.tree import check_tree, in_reading_order, link
from schemas.units import check_units, code_key, typed
from schemas.vietnamese import name_key

from .registry_file import read_units

_COLUMNS = (
    "unit_name", "level", "parent_code", "depth", "path", "email", "monitor", "is_filing",
    "valid_from", "valid_to", "aliases", "members_on_register", "reports",
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Registry:
    """The units of a campaign as one tree.

    **Who files in a round** is read from the tree as it stood on the round's due date. A unit files when it
    reports at all, existed that day (valid_from <= due <= valid_to), no unit above it had ceased, and no unit
    below it existed then. So a unit whose units below have all been dissolved by that day (a grassroots
    committee become one branch), or are yet to be founded, files for itself in that round: somebody must speak
    for its members, and nobody else is left to. It follows that no expected unit ever stands above another, so
    that in each round the expected units are the leaves, and nothing is counted twice.

    Attributes:
        tree: `Result.tree`, one row a unit in reading order, index unit_code; then valid_from and valid_to
            (datetime.date or None, both days included), aliases (tuple of names), members_on_register (Int64
            persons, <NA> where unknown) and reports (bool).
        top: code of the top.
        parents: parent code by unit_code, "" for the top; in reading order.
        children: codes directly below each unit, in reading order; () for a unit without any.
        leaves: units without any unit below them at any time, in reading order.
    """

    tree: pd.DataFrame
    top: str
    parents: pd.Series[str]
    children: dict[str, tuple[str, ...]] = field(repr=False)
    leaves: tuple[str, ...] = field(repr=False)

    def of(self, column: str) -> dict[str, Any]:
        """Return a column of the tree by unit_code, in reading order."""
        return dict(zip(self.tree.index.tolist(), self.tree[column].tolist(), strict=True))

    @cached_property
    def order(self) -> dict[str, int]:
        """Each unit's position in reading order."""
        return {code: place for place, code in enumerate(self.tree.index.tolist())}

    # --- who files in a round -------------------------------------------------------------------

    def expected(self, round: Round) -> pd.Series[bool]:
        """Return, by unit_code in reading order, whether each unit files in a round (see the class)."""
        reasons = self._reasons(round)
        return reasons == ""

    def expectations(self, round: Round) -> dict[str, bool]:
        """Return the same as `expected`, for looking up one unit after the other."""
        return dict(zip(self.order, self.expected(round).tolist(), strict=True))

    def why_not_expected(self, code: str, round: Round) -> str:
        """Return the key in words.toml of why a unit does not file in a round, "" if it does.

        Raises:
            KeyError: no such unit.
        """
        return str(self._reasons(round)[code])

    def _reasons(self, round: Round) -> pd.Series[str]:
        if round.due not in self._known_reasons:
            self._known_reasons[round.due] = self._work_out_reasons(np.datetime64(round.due))
        return self._known_reasons[round.due]

    @cached_property
    def _known_reasons(self) -> dict[date, pd.Series[str]]:
        """Reasons by due date: asked about one unit at a time, and the same for all of a campaign."""
        return {}

    def _work_out_reasons(self, due: np.datetime64) -> pd.Series[str]:
        above, depth = self._positions, self.tree["depth"].to_numpy()
        unborn, ceased = self._starts > due, self._ends < due
        is_orphaned = np.zeros(len(ceased), dtype=bool)
        for level in range(1, int(depth.max(initial=0)) + 1):
            here = np.flatnonzero(depth == level)
            is_orphaned[here] = ceased[above[here]] | is_orphaned[above[here]]
        is_there = ~(unborn | ceased | is_orphaned)
        has_below = np.zeros(len(ceased), dtype=bool)
        for level in range(int(depth.max(initial=0)), 0, -1):
            here = np.flatnonzero((depth == level) & (is_there | has_below))
            has_below[above[here]] = True
        reasons = np.select(
            [unborn, ceased, is_orphaned, has_below, ~self.tree["reports"].to_numpy(dtype=bool)],
            ["why_not_founded", "why_dissolved", "why_parent_dissolved", "why_units_below", "why_files_nothing"],
            default="",
        )
        return pd.Series(reasons, index=self.tree.index, dtype="str")

    @cached_property
    def _positions(self) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
        """Position of each unit's parent in the tree's rows; -1 for the top, which is the first."""
        return self.tree.index.get_indexer(pd.Index(self.parents))

    @cached_property
    def _starts(self) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        return _moments(self.tree["valid_from"], date.min)

    @cached_property
    def _ends(self) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
        return _moments(self.tree["valid_to"], date.max)

    # --- whose a tally is -----------------------------------------------------------------------

    @cached_property
    def by_code(self) -> dict[str, str]:
        """unit_code by `schemas.units.code_key`: case, spaces and kinds of dash make no difference."""
        return {code_key(code): code for code in self.tree.index.tolist()}

    @cached_property
    def by_name(self) -> dict[str, tuple[str, ...]]:
        """unit_codes in reading order by `schemas.vietnamese.name_key` of the name and of each alias."""
        named = list(
            zip(self.tree.index.tolist(), self.tree["unit_name"].tolist(), self.tree["aliases"].tolist(), strict=True)
        )
        keys = {name: name_key(name) for _, unit_name, aliases in named for name in (unit_name, *aliases)}
        return _grouped((keys[name], code) for code, unit_name, aliases in named for name in (unit_name, *aliases))

    @cached_property
    def by_email(self) -> dict[str, tuple[str, ...]]:
        """unit_codes in reading order by e-mail address in lower case; an office may mail for many."""
        emails = zip(self.tree.index.tolist(), self.tree["email"].tolist(), strict=True)
        return _grouped((email.casefold(), code) for code, email in emails if email)

    def is_under(self, code: str, ancestor: str) -> bool:
        """Whether a unit stands below another, at any distance; never below itself.

        Raises:
            KeyError: no such unit.
        """
        first, last = self._spans[ancestor]
        return first < self._spans[code][0] <= last

    @cached_property
    def _spans(self) -> dict[str, tuple[int, int]]:
        """Each unit's position, and that of the last unit below it."""
        above = self._positions.tolist()
        last = list(range(len(above)))
        for position in range(len(above) - 1, 0, -1):
            last[above[position]] = max(last[above[position]], last[position])
        return dict(zip(self.tree.index.tolist(), enumerate(last), strict=True))


def load_registry(folder: Path, campaign: Campaign, language: str | None = None) -> Registry:
    """Read a campaign's registry, units.csv or units.xlsx.

    Args:
        folder: the campaign's folder.
        campaign: its plan, for the levels.
        language: of the faults; the campaign's own unless given.

    Raises:
        FaultsError: the registry is missing or not faultless; every fault at once.
    """
    language = language or campaign.language
    rows, faults = read_units(folder, language)
    levels = campaign.tree.levels
    links = link(rows)
    check_units(rows, levels, faults)
    check_tree(rows, links, levels, faults)
    faults.raise_any()
    return _registry(in_reading_order(typed(rows.frame), links))


def _registry(units: pd.DataFrame) -> Registry:
    """Build the registry from typed units in reading order."""
    codes: list[str] = units["unit_code"].tolist()
    below: dict[str, list[str]] = {code: [] for code in codes}
    for code, parent in zip(codes, units["parent_code"].tolist(), strict=True):
        if parent:
            below[parent].append(code)
    children = {code: tuple(under) for code, under in below.items()}
    leaves = tuple(code for code in codes if not below[code])
    is_leaf = np.array([not under for under in below.values()])
    tree = units.assign(is_filing=units["reports"] & is_leaf).set_index("unit_code")[list(_COLUMNS)]
    return Registry(tree=tree, top=codes[0], parents=tree["parent_code"], children=children, leaves=leaves)


def _moments(days: pd.Series[date], blank: date) -> np.ndarray[tuple[int], np.dtype[np.datetime64]]:
    moments = np.full(len(days), np.datetime64(blank))
    for position, day in enumerate(days.tolist()):
        if day:
            moments[position] = np.datetime64(day)
    return moments


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return every code of a key, each once, in the order met."""
    groups: dict[str, dict[str, None]] = {}
    for key, code in pairs:
        if key:
            groups.setdefault(key, {})[code] = None
    return {key: tuple(codes) for key, codes in groups.items()}
