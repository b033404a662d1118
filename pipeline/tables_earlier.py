"""What the outputs of an earlier run hold that the next one must not lose: the answers in the register of proposals."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

from python_calamine import CalamineError, CalamineWorkbook

from schemas.earlier import Answered, Earlier
from schemas.likeness import key_of
from schemas.words import WORDS

from .tables import sha256_of

_WORKBOOK: Final = "consolidated.xlsx"
# Of the register's columns -> the words of their titles; the others may be moved, removed or added to.
_TITLES: Final = {
    "text": "wb_col_proposal", "units": "wb_col_unit_count", "authority": "wb_col_authority",
    "outcome": "wb_col_settled", "key": "wb_col_key",
}  # fmt: skip
_NEEDED: Final = ("text", "authority", "outcome")


def read_earlier(output: Path) -> Earlier:
    """Return what the outputs of the run before hold; nothing where there are none.

    An earlier workbook that cannot be opened (a person put a password on it, say) is not passed over silently:
    `kept_aside` names the copy that `keep_aside` is to make of it.
    """
    path = output / _WORKBOOK
    if not path.is_file():
        return Earlier()
    try:
        return Earlier(register=_register(path))
    except CalamineError:
        return Earlier(kept_aside=f"{path.stem}-{sha256_of(path)[:8]}{path.suffix}")


def keep_aside(earlier: Earlier, output: Path, folder: Path) -> None:
    """Copy an earlier workbook that could not be read into the outputs being written, beside the new one."""
    if earlier.kept_aside:
        shutil.copyfile(output / _WORKBOOK, folder / earlier.kept_aside)


def _register(path: Path) -> dict[str, Answered]:
    """Return what persons wrote, by the key of each proposal.

    A row counts when somebody wrote beside it, added it by hand, or left it standing though nobody proposes it any
    more: such a row goes away when a person removes it.
    """
    workbook = CalamineWorkbook.from_path(str(path))
    known = WORDS["wb_sheet_register"]
    found: dict[str, Answered] = {}
    for name in (name for name in workbook.sheet_names if name in known):
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
        for row in _below_header(rows):
            answered = Answered(row["text"], row["authority"], row["outcome"])
            is_kept = answered.authority or answered.outcome or not row.get("key") or not row.get("units")
            if answered.text and is_kept:
                key = row.get("key") or key_of(answered.text)
                found[key] = _joined(found[key], answered) if key in found else answered
    return found


def _joined(one: Answered, other: Answered) -> Answered:
    """Return two rows about the same proposal as one: nothing that a person wrote is dropped."""
    pairs = ((one.authority, other.authority), (one.outcome, other.outcome))
    authority, outcome = ("; ".join(dict.fromkeys(text for text in pair if text)) for pair in pairs)
    return Answered(one.text, authority, outcome)


def _below_header(rows: list[list[Any]]) -> Iterator[Mapping[str, str]]:
    """Yield the rows below the header, each as column -> text; none where there is no header."""
    columns: dict[str, int] = {}
    for row in rows:
        if columns:
            yield {name: _as_text(row[place]) if place < len(row) else "" for name, place in columns.items()}
            continue
        texts = [_as_text(value) for value in row]
        found = {name: next((texts.index(t) for t in WORDS[key] if t in texts), -1) for name, key in _TITLES.items()}
        if all(found[name] >= 0 for name in _NEEDED):
            columns = {name: place for name, place in found.items() if place >= 0}


def _as_text(value: Any) -> str:
    """Return a cell as the text that a person sees in it: a whole number without a point, a day as in Vietnam."""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime | date):
        return f"{value:%d/%m/%Y}"
    return str(value).strip()
