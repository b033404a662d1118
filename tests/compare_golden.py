"""Compare the tables of outputs/<campaign>/ with those of tests/golden/<campaign>/, cell by cell.

    python tests/compare_golden.py [CAMPAIGN ...]            every golden campaign, unless named
    python tests/compare_golden.py --update [CAMPAIGN ...]   make the tables of outputs/ the golden ones

Run `make consolidate CAMPAIGN=all` first. A difference is told as file, row, column, expected, found; rows are matched
by their keys, so that one row more or less is told as just that. Exit status: 0 alike, 1 different, 2 bad usage.
"""

from __future__ import annotations

import argparse
import csv
import io
import shutil
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

# Table -> the columns that say which row is meant; rows of one key are told apart by their order.
KEYS = {
    "units.csv": ("unit_code", "round"),
    "files.csv": ("file", "member"),
    "findings.csv": ("file", "member", "sheet", "cell", "unit_code", "round", "field", "code"),
    "texts.csv": ("unit_code", "round", "item", "file"),
}
MADE_UP = "demo"  # `make demo` writes it: of any size, so never compared
SHOWN = 40  # differences told a table; the rest are counted


@dataclass(frozen=True)
class Row:
    """One row of a table: the line of the file on which it begins, and its cells by column."""

    line: int
    cells: dict[str, str]


@dataclass
class Table:
    """A CSV table as read: its columns, its rows by key in the order of the file, and its bytes."""

    columns: list[str]
    rows: dict[tuple[str, ...], Row] = field(default_factory=dict)
    data: bytes = b""


def read_table(path: Path) -> Table:
    """Read a table; rows of the same key get a running number, so that none hides another.

    Raises:
        ValueError: the file is empty, or a row has more or fewer cells than there are columns.
    """
    data = path.read_bytes()
    lines = csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""))
    columns = next(lines, None)
    if columns is None:
        raise ValueError(f"{path} is empty: not even a header")
    table = Table(columns, data=data)
    seen: Counter[tuple[str, ...]] = Counter()
    begins = lines.line_num + 1
    for cells in lines:
        if len(cells) != len(columns):
            raise ValueError(f"{path} line {begins}: {len(cells)} cells under {len(columns)} columns")
        row = Row(begins, dict(zip(columns, cells, strict=True)))
        key = tuple(row.cells.get(column, "") for column in KEYS[path.name])
        seen[key] += 1
        table.rows[(*key, str(seen[key]))] = row
        begins = lines.line_num + 1
    return table


def differences(expected: Table, found: Table, name: str) -> Iterator[str]:
    """Yield a line for each difference between two tables of the same name."""
    if expected.columns != found.columns:
        yield from _columns(expected.columns, found.columns, name)
    for key, row in expected.rows.items():
        if key not in found.rows:
            yield f"{name}: row gone: {_named(key, name)} (golden line {row.line})"
            continue
        other = found.rows[key]
        for column in expected.columns:
            if column in other.cells and row.cells[column] != other.cells[column]:
                yield (
                    f"{name} line {other.line}, {_named(key, name)}, column {column}: "
                    f"expected {row.cells[column]!r}, found {other.cells[column]!r}"
                )
    for key, row in found.rows.items():
        if key not in expected.rows:
            yield f"{name}: row new: {_named(key, name)} (line {row.line}): {', '.join(row.cells.values())}"
    yield from _order_and_bytes(expected, found, name)


def _columns(expected: Sequence[str], found: Sequence[str], name: str) -> Iterator[str]:
    gone = [column for column in expected if column not in found]
    new = [column for column in found if column not in expected]
    yield from (f"{name}: column gone: {column}" for column in gone)
    yield from (f"{name}: column new: {column}" for column in new)
    if not gone and not new:
        yield f"{name}: columns in another order: expected {', '.join(expected)}; found {', '.join(found)}"


def _order_and_bytes(expected: Table, found: Table, name: str) -> Iterator[str]:
    """Yield what a comparison of cells cannot see."""
    if expected.columns != found.columns or set(expected.rows) != set(found.rows):
        return
    for was, now in zip(expected.rows, found.rows, strict=True):
        if was != now:
            yield (
                f"{name}: rows in another order from line {found.rows[now].line}: "
                f"expected {_named(was, name)}, found {_named(now, name)}"
            )
            return
    has_same_cells = all(expected.rows[key].cells == row.cells for key, row in found.rows.items())
    if has_same_cells and expected.data != found.data:
        yield f"{name}: the cells are alike, the bytes are not (byte order mark, line ends or quotes)"


def _named(key: tuple[str, ...], name: str) -> str:
    *parts, number = key
    shown = ", ".join(f"{column} {part}" for column, part in zip(KEYS[name], parts, strict=True) if part)
    return shown + (f" (its no. {number})" if number != "1" else "")


def compare(golden: Path, outputs: Path) -> list[str]:
    """Return the differences of one campaign's tables, at most SHOWN a table and a count of the rest."""
    told: list[str] = []
    for name in KEYS:
        if not (golden / name).is_file() or not (outputs / name).is_file():
            told += [f"{name}: not in {folder}" for folder in (golden, outputs) if not (folder / name).is_file()]
            continue
        try:
            found = list(differences(read_table(golden / name), read_table(outputs / name), name))
        except (ValueError, csv.Error) as fault:
            found = [f"{name}: {fault}"]
        told += found[:SHOWN]
        if len(found) > SHOWN:
            told.append(f"{name}: and {len(found) - SHOWN} more differences")
    return told


def update(golden: Path, outputs: Path) -> None:
    """Make the tables of a campaign the golden ones.

    Raises:
        FileNotFoundError: the campaign has not been consolidated.
    """
    golden.mkdir(parents=True, exist_ok=True)
    for name in KEYS:
        shutil.copyfile(outputs / name, golden / name)


def campaigns(root: Path, named: Sequence[str]) -> list[str]:
    """Return which campaigns to look at: those named, else every one that is shipped or has golden tables."""
    shipped = {path.parent.name for path in root.glob("inputs/*/campaign.toml")} - {MADE_UP}
    return list(named) or sorted(shipped | {path.name for path in root.glob("tests/golden/*") if path.is_dir()})


def main(arguments: Sequence[str] | None = None, root: Path = ROOT) -> int:
    """Run the command and return its exit status."""
    parser = argparse.ArgumentParser(description="Compare the tables of outputs/ with the golden ones.")
    parser.add_argument("campaign", nargs="*", help="every one, unless named")
    parser.add_argument("--update", action="store_true", help="make the tables of outputs/ the golden ones")
    given = parser.parse_args(arguments)
    chosen = campaigns(root, given.campaign)
    if not chosen:
        print("There is no campaign to compare: neither under inputs/ nor under tests/golden/.", file=sys.stderr)
        return 2
    different = []
    for campaign in chosen:
        golden, outputs = root / "tests" / "golden" / campaign, root / "outputs" / campaign
        if not outputs.is_dir():
            print(f"{campaign}: not consolidated yet; first: make consolidate CAMPAIGN={campaign}", file=sys.stderr)
            return 2
        told = compare(golden, outputs)
        if given.update:
            update(golden, outputs)
        print(f"{campaign}: {'alike' if not told else f'{len(told)} differences'}{' before' * given.update}")
        print("".join(f"  {line}\n" for line in told), end="")
        different += [campaign] if told else []
    if different and not given.update:
        print(f"Different: {', '.join(different)}. If it is meant, after a look at each: make golden", file=sys.stderr)
    return int(bool(different) and not given.update)


if __name__ == "__main__":
    sys.exit(main())
