"""What the last run left, as far as run.json vouches for it; and whether anything has come or changed since."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from schemas.campaign import VIETNAM, Campaign
from schemas.decisions import FILE as DECISIONS
from schemas.faults import RefusedError
from schemas.records import Arrival
from schemas.words import word

from ..decisions import read_rulings
from ..intake import find_submissions
from ..tables import sha256_of

Row = dict[str, str]
LIVE: Final = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would take for a formula in a CSV
_TABLES: Final = ("units.csv", "files.csv", "findings.csv")
_RETURNED: Final = "returned/"
_INDEX: Final = "returned/returned.csv"
_OWN: Final = ("campaign.toml", "units.csv", "units.xlsx")


@dataclass(frozen=True)
class Account:
    """The outputs of a run: its manifest, and its tables as texts.

    Attributes:
        output: the folder of the outputs.
        inputs: sha256 of every input by its path in the campaign's folder.
        outputs: sha256 of every output by its path.
        round: id of the round that the run showed.
        language: of its messages.
        as_of: the moment it stands for.
    """

    output: Path
    inputs: dict[str, str]
    outputs: dict[str, str]
    round: str
    language: str
    as_of: datetime
    units: list[Row]
    files: list[Row]
    findings: list[Row]
    returned: list[Row]

    def copy(self, name: str) -> Path | None:
        """Return where a correction copy of this run lies; None for anything else."""
        return self.output / "returned" / name if f"{_RETURNED}{name}" in self.outputs else None


def load_account(output: Path, campaign: Campaign, command: str, language: str) -> Account:
    """Read what the last run left.

    Args:
        output: the folder of the outputs.
        campaign: whose they must be.
        command: that makes them anew.
        language: of what is told.

    Raises:
        RefusedError: there are none, they are another campaign's, or not as run.json says.
    """
    try:
        manifest: dict[str, Any] = json.loads((output / "run.json").read_text(encoding="utf-8"))
        outputs: dict[str, str] = manifest["outputs"]
        inputs: dict[str, str] = manifest["inputs"]
        round_, spoken = str(manifest["round"]), str(manifest["language"])
        as_of = datetime.fromisoformat(manifest["as_of"])
        is_ours = manifest["campaign"] == campaign.id
    except FileNotFoundError:
        raise RefusedError(word("remind_no_outputs", language, folder=output.as_posix(), command=command)) from None
    except (OSError, ValueError, KeyError, TypeError):
        raise _altered(output, "run.json", command, language) from None
    if not is_ours:
        raise _altered(output, "run.json", command, language)
    for name in (*_TABLES, *(name for name in outputs if name.startswith(_RETURNED))):
        if _sha256(output / name) != outputs.get(name):
            raise _altered(output, name, command, language)
    units, files, findings = (list(_rows(output / name)) for name in _TABLES)
    returned = list(_rows(output / _INDEX)) if _INDEX in outputs else []
    return Account(output, inputs, outputs, round_, spoken, as_of, units, files, findings, returned)


def _altered(output: Path, name: str, command: str, language: str) -> RefusedError:
    return RefusedError(word("remind_altered", language, path=(output / name).as_posix(), command=command))


def _sha256(path: Path) -> str:
    try:
        return sha256_of(path)
    except OSError:
        return ""


def _rows(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.DictReader(file):
            yield {name: value[1:] if value.startswith(_GUARDED) else value for name, value in row.items()}


_GUARDED: Final = tuple(f"'{sign}" for sign in LIVE)


# --- what has happened since ----------------------------------------------------------------------


@dataclass(frozen=True)
class Since:
    """What the outputs do not know: what only came in addition, and what is another than it was."""

    grown: tuple[str, ...]
    changed: tuple[str, ...]


def since(folder: Path, campaign: Campaign, account: Account, as_of: datetime, language: str) -> Since:
    """Compare the inputs with those of the run: by content; of object storage by name alone."""
    grown: list[str] = []
    changed = [name for name in _OWN if _sha256(folder / name) != account.inputs.get(name, "")]
    if read_rulings(folder, language).digest() != account.inputs.get(DECISIONS, ""):
        grown.append(DECISIONS)
    sizes = {row["file"]: row["size_bytes"] for row in account.files if not row["member"]}
    known = {name.removeprefix("submissions/") for name in account.inputs if name.startswith("submissions/")}
    known |= {row["file"] for row in account.files}
    place = campaign.submissions or str((folder / "submissions").absolute())
    for arrival in find_submissions(place, VIETNAM, language):
        if arrival.file not in known:
            grown.append(f"submissions/{arrival.file}")
        elif "://" not in place and not _is_same(arrival, account, sizes):
            changed.append(f"submissions/{arrival.file}")
        known.discard(arrival.file)
    changed += [f"submissions/{file}" for file in sorted(known)]
    changed += [round_.name for round_ in campaign.rounds if round_.is_due(as_of) != round_.is_due(account.as_of)]
    return Since(tuple(grown), tuple(changed))


def _is_same(arrival: Arrival, account: Account, sizes: dict[str, str]) -> bool:
    """Whether something is what the run read; what it did not open at all is known by its size."""
    digest = account.inputs.get(f"submissions/{arrival.file}")
    if digest is None:
        return sizes.get(arrival.file) in (str(arrival.size_bytes), None)
    return _sha256(Path(arrival.path)) == digest
