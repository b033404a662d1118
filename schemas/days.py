"""Days as plans and registries write them."""

from __future__ import annotations

import re
from datetime import date

_ISO = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})(?:[T ]00:00(?::00(?:\.0+)?)?)?")
_DAY_FIRST = re.compile(r"([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})")


def day(text: str) -> date | None:
    """Return the day a text names: 2021-04-29 or 29/4/2021, never month first; None if it names none."""
    if match := _ISO.fullmatch(text):
        year, month, number = match.group(1, 2, 3)
    elif match := _DAY_FIRST.fullmatch(text):
        number, month, year = match.groups()
    else:
        return None
    try:
        return date(int(year), int(month), int(number))
    except ValueError:
        return None
