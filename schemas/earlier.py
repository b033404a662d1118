"""What earlier runs of a campaign left behind, as far as a later one builds on it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

import pandas as pd


class Answered(NamedTuple):
    """What a person wrote beside a proposal in the register of consolidated.xlsx."""

    text: str  # the proposal as it stood there
    authority: str  # who has to decide on it
    outcome: str


@dataclass(frozen=True)
class Earlier:
    """What a run finds in the folder that it is about to write into; nothing of it where that is new.

    The run compared with is the last one whose inputs were others: a second run on the same inputs compares with
    the same run again, and so changes nothing.

    Attributes:
        units: units.csv of the run compared with, every cell as text, "" where blank; empty where there is none.
        as_of: the moment for which that run stood.
        register: key of the proposal's wording (`schemas.likeness.key_of`) -> what a person wrote beside it.
        kept_aside: name of the earlier workbook where it could not be read and so was kept, "" otherwise.
    """

    register: Mapping[str, Answered] = field(default_factory=dict)
    kept_aside: str = ""
    units: pd.DataFrame = field(default_factory=pd.DataFrame)
    as_of: datetime | None = None
