"""What the outputs of earlier runs hold that the next one builds on: answers in the register, and what has changed."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pandas as pd
from python_calamine import CalamineError, CalamineWorkbook

from schemas.earlier import Answered, Earlier
from schemas.likeness import key_of
from schemas.words import WORDS

from .tables import sha256_of

PREVIOUS: Final = "previous"  # in the outputs: what the run compared with

_WORKBOOK: Final = "consolidated.xlsx"
_UNITS: Final = "units.csv"
_GUARD: Final = r"^'(?=[=+\-@\t\r\n])"
# Of the register's columns -> the words of their titles; the others may be moved, removed or added to.
_TITLES: Final = {
    "text": "wb_col_proposal", "units": "wb_col_unit_count", "authority": "wb_col_authority",
    "outcome": "wb_col_settled", "key": "wb_col_key",
}  # fmt: skip
_NEEDED: Final = ("text", "authority", "outcome")


def carry_over(output: Path, folder: Path, campaign: str, inputs: Mapping[str, str]) -> Earlier:
    """Return what the outputs of earlier runs hold, and copy what must outlive this run beside its own outputs.

    Args:
        output: the campaign's outputs as they stand.
        folder: where the new ones are being written.
        campaign: its id; what another campaign left there is none of ours.
        inputs: sha256 of each input of this run.
    """
    manifest = _manifest(output / "run.json")
    if manifest.get("campaign", campaign) != campaign:
        return Earlier()
    register, kept_aside = _answers(output / _WORKBOOK)
    if kept_aside:
        shutil.copyfile(output / _WORKBOOK, folder / kept_aside)
    compared, as_of = _compared(output, manifest, inputs)
    if compared is None or as_of is None:
        return Earlier(register, kept_aside)
    kept = folder / PREVIOUS
    kept.mkdir()
    shutil.copyfile(compared, kept / _UNITS)
    (kept / "run.json").write_text(json.dumps({"campaign": campaign, "as_of": as_of}) + "\n", encoding="utf-8")
    return Earlier(register, kept_aside, _units(compared), datetime.fromisoformat(as_of))


def _manifest(path: Path) -> dict[str, Any]:
    """Return a manifest, empty where there is none that can be read."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def _compared(output: Path, manifest: Mapping[str, Any], inputs: Mapping[str, str]) -> tuple[Path | None, str | None]:
    """Return units.csv of the last run whose inputs were others, and its moment.

    That is the run before, unless it had the same inputs: then what it compared with itself. So it is where a run
    was killed before its manifest was in place, for then nothing vouches for the table.
    """
    units = output / _UNITS
    outputs = manifest.get("outputs")
    vouched = outputs.get(_UNITS) if isinstance(outputs, dict) else None
    if manifest.get("inputs") != dict(inputs) and vouched and units.is_file() and sha256_of(units) == vouched:
        return units, manifest["as_of"]
    kept = output / PREVIOUS
    as_of = _manifest(kept / "run.json").get("as_of")
    return (kept / _UNITS, as_of) if as_of and (kept / _UNITS).is_file() else (None, None)


def _units(path: Path) -> pd.DataFrame:
    """Read units.csv as text, without the apostrophes that guard a spreadsheet against formulas."""
    units = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig")
    for name in ("unit_code", "unit_name", "parent_code"):
        if name in units.columns:
            units[name] = units[name].str.replace(_GUARD, "", regex=True)
    return units


def _answers(path: Path) -> tuple[dict[str, Answered], str]:
    """Return what persons wrote in an earlier workbook; where it cannot be opened, the name to keep it under.

    A person may have put a password on it, say: what was written in it must not be passed over silently.
    """
    if not path.is_file():
        return {}, ""
    path.open("rb").close()  # without the right to read it a run stops, and calamine would not say at which file
    try:
        return _register(path), ""
    except CalamineError:
        return {}, f"{path.stem}-{sha256_of(path)[:8]}{path.suffix}"


def _register(path: Path) -> dict[str, Answered]:
    """Return what persons wrote, by the key of each proposal.

    A row counts when somebody wrote beside it, added it by hand, or left it standing though nobody proposes it any
    more: such a row goes away when a person removes it.
    """
    workbook = CalamineWorkbook.from_path(str(path))
    known = WORDS["wb_sheet_register"]
    found: dict[str, Answered] = {}
    for name in (name for name in workbook.sheet_names if name.partition(" (")[0] in known):
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
