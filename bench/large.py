"""A whole country on one machine: 300,000 workbooks beside 6,000, cold, and what is in the workbook that comes out.

    make bench-large                                     needs some 8 GB of disk
    make bench-large ARGS="--branches 30000 --folder /big/disk"

The workbooks are made once, outside the repository, and kept until the code that makes them changes. Written to
bench/results/large.json and large.md, and into docs/performance.md between its markers.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.campaigns import CACHE, branches, made_up
from bench.contest import ROOT, Contestant, ContestError, Facts, compete
from bench.field import cold_command, our_facts
from bench.machine import machine
from bench.report import contest_table, figures_table, machine_line, write_results
from bench.run import as_row
from bench.targets import LARGE, LARGE_PEAK, OFFICIAL, judge

COUNTRY = 300_000
EXCEL_ROWS = 1_048_576
ROW = re.compile(rb"<row r=\"(\d+)\"")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run both sizes, print and write what was measured; exit status 1 if a run fails."""
    parser = argparse.ArgumentParser(description="A whole country on one machine.")
    parser.add_argument("--branches", type=int, default=COUNTRY)
    parser.add_argument("--beside", type=int, default=OFFICIAL, help="branches of the campaign it is compared with")
    parser.add_argument("--runs", type=int, default=1, help="turns, without one to warm up")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, default=CACHE, help="where the made-up campaigns are kept")
    asked = parser.parse_args(arguments)
    about: dict[str, Any] = {**machine(ROOT), "runs": asked.runs, "seed": asked.seed}
    started = time.perf_counter()
    campaigns = {
        "small": made_up(asked.beside, asked.seed, cache=asked.folder),
        "large": made_up(asked.branches, asked.seed, cache=asked.folder),
    }
    about |= {name: branches(campaign) for name, campaign in campaigns.items()}
    about["making_seconds"] = time.perf_counter() - started
    with tempfile.TemporaryDirectory(prefix="study-campaign-large-", dir=asked.folder) as folder:
        found = [_contestant(name, campaign, Path(folder)) for name, campaign in campaigns.items()]
        try:
            compete(found, asked.runs)
        except ContestError as fault:
            print(fault, file=sys.stderr)
            return 1
    rows = [as_row(one) for one in found]
    figures = judge(LARGE, {row["name"]: [run["seconds"] for run in row["runs"]] for row in rows}) + outcomes(rows[-1])
    text = "\n".join([_head(about), "", *figures_table(figures), "", *contest_table(rows), ""])
    print(text)
    if (asked.branches, asked.beside) == (COUNTRY, OFFICIAL):
        write_results(ROOT, "large", {"about": about, "figures": figures, "contestants": rows}, {"large": text})
    return 0


def _contestant(name: str, campaign: Path, folder: Path) -> Contestant:
    output = folder / name
    what = f"everything `make consolidate` does for {branches(campaign):,} branches, nothing remembered"

    def from_nothing() -> None:
        (campaign / "decisions.xlsx").unlink(missing_ok=True)

    return Contestant(name, what, cold_command(campaign, output), output, facts_of, from_nothing, has_warm_up=False)


def _head(about: dict[str, Any]) -> str:
    return (
        f"{about['large']:,} branches beside {about['small']:,}; cold, {about['runs']} turn(s). {machine_line(about)}"
    )


def facts_of(output: Path, told: str) -> Facts:
    """Return the facts of a run, and how long the longest sheet of its workbook is."""
    workbook = output / "consolidated.xlsx"
    with zipfile.ZipFile(workbook) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
        longest = max(last_row(archive, name) for name in sheets)
    return our_facts(output, told) | {
        "sheets": len(sheets), "longest": longest, "workbook": workbook.stat().st_size
    }  # fmt: skip


def last_row(archive: zipfile.ZipFile, name: str) -> int:
    """Return the number of the last row of a sheet, its XML read piece by piece."""
    last, rest = 0, b""
    with archive.open(name) as sheet:
        while piece := sheet.read(1 << 20):
            rest += piece
            for match in ROW.finditer(rest):
                last = int(match[1])
            rest = rest[-30:]
    return last


def outcomes(large: dict[str, Any]) -> list[dict[str, object]]:
    """Return the figures that are no ratios: peak memory, and whether Excel can open what was written."""
    peaks = [run["peak_bytes"] / 2**30 for run in large["runs"]]
    longest = large["facts"]["longest"]
    return [
        {"what": "peak memory, workers included, GiB", "target": f"≤ {LARGE_PEAK / 2**30:g}", "median": max(peaks),
         "min": min(peaks), "max": max(peaks), "turns": len(peaks),
         "verdict": "met" if max(peaks) <= LARGE_PEAK / 2**30 else "missed"},
        {"what": "rows of the workbook's longest sheet", "target": f"≤ {EXCEL_ROWS:,}", "median": longest,
         "min": longest, "max": longest, "turns": len(peaks), "verdict": "met" if longest <= EXCEL_ROWS else "missed"},
    ]  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
