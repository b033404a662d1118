"""What a run knows when its work is done: the tables from which everything that is read is written.

Every writer (CSV tables, workbook, correction copies, reminders) takes a `Result` and adds nothing
to what is known. Columns are those of the contract unless said otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

import pandas as pd

from .earlier import Earlier

if TYPE_CHECKING:
    from .campaign import Campaign


@dataclass(frozen=True)
class Result:
    """The tables of one run.

    Attributes:
        campaign: the plan.
        as_of: the moment the run stands for, Vietnamese time.
        language: "vi" or "en".
        focus: id of the round that the workbook shows; the CSVs hold every round.
        tree: the registry, one row a unit in reading order (a parent before its children, siblings
            in Vietnamese order); index unit_code; columns unit_name, level, parent_code (the top's is
            ""), depth (0 at the top), path ("Tỉnh ủy … / Huyện ủy …"), email, monitor, is_filing (has no
            children and reports).
        units: units.csv, every round; one row a unit and round in the tree's order, round by round.
        files: files.csv plus received_by ("mail", "folder", "clock") and message_id.
        findings: findings.csv.
        texts: texts.csv.
        sources: one row a counted tally: unit_code, round, file, member, sheet, row, received_at, late.
        decisions: a person's rulings, one row each (empty until a person has ruled): row (in decisions.xlsx),
            decision (place, exclude, confirm, prefer, override), outcome (applied, stale, incomplete), file, cell,
            field, value, new_value (or the unit placed at), reason, who, ruled_on.
        questions: what decisions.xlsx is to ask, one row a question, as pipeline/decisions.py lays it out.
        earlier: what the run before left in the outputs that this one keeps or compares with.
    """

    campaign: Campaign
    as_of: datetime
    language: str
    focus: str
    tree: pd.DataFrame
    units: pd.DataFrame
    files: pd.DataFrame
    findings: pd.DataFrame
    texts: pd.DataFrame
    sources: pd.DataFrame
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)
    questions: pd.DataFrame = field(default_factory=pd.DataFrame)
    earlier: Earlier = field(default_factory=Earlier)
    _rounds: dict[str, pd.DataFrame] = field(default_factory=dict, init=False, repr=False, compare=False)

    def filing(self, round_id: str | None = None) -> set[str]:
        """Return the units that file themselves in a round, or would if it expected anything of them.

        Not the same as `is_filing` of the tree: a unit whose units below are all dissolved by the due date, or
        not yet founded, files for itself in that round.
        """
        units = self.round_units(round_id)
        below = units["expected"].groupby(units["parent_code"]).sum()
        has_below = below.reindex(units.index).fillna(0).to_numpy(dtype=int) > 0
        is_leaf = self.tree["is_filing"].reindex(units.index).to_numpy(dtype=bool)
        return set(units.index[is_leaf | ((units["expected"] == 1).to_numpy(dtype=bool) & ~has_below)])

    def round_units(self, round_id: str | None = None) -> pd.DataFrame:
        """Return the units of one round (the focus unless named), indexed by unit_code, in the tree's order.

        It is the same table each time: not to be changed.
        """
        wanted = round_id or self.focus
        if wanted not in self._rounds:
            self._rounds[wanted] = self.units[self.units["round"] == wanted].set_index("unit_code")
        return self._rounds[wanted]
