"""The CSVs and run.json of the contract, and the atomic replacement of a campaign's outputs."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import pandas as pd

from schemas.result import Result
from schemas.totals import FILES, FINDINGS, TEXTS, unit_columns

_LIVE = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet would take for a formula when it opens a CSV
_BATCH = 10_000  # rows
_LIBRARIES: Final = ("pandas", "pandera", "openpyxl", "xlsxwriter", "python-calamine", "pydantic")
_MANIFEST: Final = "run.json"


def write_tables(result: Result, folder: Path) -> None:
    """Write units.csv, files.csv, findings.csv and texts.csv into a folder: UTF-8 with BOM, for Excel too."""
    tables = {
        "units": result.units[list(unit_columns(result.campaign))],
        "files": result.files[list(FILES)],
        "findings": result.findings[list(FINDINGS)],
        "texts": result.texts[list(TEXTS)],
    }
    for name, table in tables.items():
        with (folder / f"{name}.csv").open("wb") as file:
            file.write(codecs.BOM_UTF8 + _lines([table.columns]))
            for first in range(0, len(table), _BATCH):
                part = table.iloc[first : first + _BATCH]
                file.write(_lines(zip(*(_disarmed(part[column]) for column in part.columns), strict=True)))


def _lines(rows: Iterable[Iterable[Any]]) -> bytes:
    """Return rows as lines of CSV; encoded as one, for a file would encode each by itself."""
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def _disarmed(column: pd.Series) -> list[Any]:
    """Return a column's values, "" where blank, with an apostrophe before any text that would run as a formula.

    A carriage return becomes a line feed: the csv module does not quote it, and what follows it would begin a row.
    """
    values: list[Any] = column.to_numpy(dtype=object).tolist()
    if column.hasnans:
        values = ["" if blank else value for value, blank in zip(values, column.isna().tolist(), strict=True)]
    if pd.api.types.is_numeric_dtype(column.dtype):
        return values
    texts = [value for value in values if isinstance(value, str)]
    if "\r" not in "".join(texts) and {text[:1] for text in texts}.isdisjoint(_LIVE):
        return values  # as nearly all columns are, and quick to tell of all texts at once
    return [_as_text(value) if isinstance(value, str) else value for value in values]


def _as_text(text: str) -> str:
    plain = text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
    return f"'{plain}" if text.startswith(_LIVE) else plain


def write_manifest(result: Result, folder: Path, inputs: Mapping[str, str], tool_version: str) -> None:
    """Write run.json: versions, as-of, counts, and the sha256 of every input and of every output in the folder."""
    by_round = {}
    for round_ in result.campaign.rounds:
        top = result.round_units(round_.id).iloc[0]
        by_round[round_.id] = {
            name: int(top[name])
            for name in ("expected", "complete", "queried", "rejected", "missing", "not_due", "late")
        }
    manifest = {
        "campaign": result.campaign.id,
        "as_of": result.as_of.isoformat(timespec="seconds"),
        "language": result.language,
        "round": result.focus,
        "version": tool_version,
        "libraries": {name: version(name) for name in _LIBRARIES},
        "counts": {
            "rounds": by_round,
            "files": {status: int(count) for status, count in sorted(result.files["status"].value_counts().items())},
            "findings": {how: int(count) for how, count in sorted(result.findings["severity"].value_counts().items())},
        },
        "seen": _seen(result),
        "inputs": dict(sorted(inputs.items())),
        **_answers(result),
        "outputs": {name: digest for name, digest in _digests(folder) if name != _MANIFEST},
    }
    with (folder / _MANIFEST).open("w", encoding="utf-8") as file:
        json.dump(manifest, file, ensure_ascii=False, indent=2)
        file.write("\n")


def _seen(result: Result) -> dict[str, object]:
    """Return how many things the run found, and when the last of them had come: what came later it knows nothing of."""
    return {"files": len(result.files), "last_received": max(result.files["received_at"], default=None)}  # of one zone


def _answers(result: Result) -> dict[str, str]:
    """Return the digest of what persons wrote in the register of proposals, as it is an input too; nothing for none."""
    told = repr(sorted(result.earlier.register.items()))
    return {"register": hashlib.sha256(told.encode()).hexdigest()} if result.earlier.register else {}


def _digests(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), sha256_of(path)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def staged(output: Path, folders: tuple[str, ...]) -> Iterator[Path]:
    """Give a folder to write into, whose content replaces the outputs only when all of it is there.

    A run that fails leaves the earlier outputs whole. The caller holds them (`lock.held`), so that no other run writes.

    Args:
        output: the campaign's outputs.
        folders: subfolders that are replaced as a whole, so that nothing stale stays in them.
    """
    output.mkdir(parents=True, exist_ok=True)
    for stale in output.glob(".writing-*"):  # left by a run that was killed; the lock says it is ours to clear
        shutil.rmtree(stale)
    stage = Path(tempfile.mkdtemp(prefix=".writing-", dir=output))
    try:
        yield stage
        _replace(stage, output, folders)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def _replace(stage: Path, output: Path, folders: tuple[str, ...]) -> None:
    for name in folders:
        old = stage / f".old-{name}"
        if (output / name).exists():
            os.replace(output / name, old)
        if (stage / name).exists():
            os.replace(stage / name, output / name)
    names = sorted(path.name for path in stage.iterdir() if path.is_file())
    for name in sorted(names, key=lambda name: name == _MANIFEST):  # last: it vouches for the others by their sha256
        with (stage / name).open("rb") as file:
            os.fsync(file.fileno())
        os.replace(stage / name, output / name)
