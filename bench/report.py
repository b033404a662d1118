"""Figures -> text, bench/results/*.json and *.md, and the tables of docs/performance.md between their markers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from bench.targets import OFFICIAL, ratios

FACTS = {
    "found": "files", "read": "files read", "members": "members", "same": "same as ours in", "forms": "forms",
    "lists": "lists", "bytes": "bytes", "copies": "copies", "units": "units", "sheets": "sheets",
    "longest": "rows of the longest", "workbook": "bytes of the workbook",
}  # fmt: skip


def machine_line(about: Mapping[str, Any]) -> str:
    """Return what a reader needs to judge the figures."""
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return (
        f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB; load {about['load']} before; "
        f"{about['system']}; Python {about['python']}; {packages}; commit {about['commit']}."
    )


def figures_table(rows: Sequence[Mapping[str, Any]], branches: int = OFFICIAL) -> list[str]:
    """Return the targets and what was measured, as lines of a table."""
    lines = []
    if branches != OFFICIAL:
        lines += [f"Targets are set for {OFFICIAL:,} branches; at {branches:,} the start weighs otherwise.", ""]
    lines += ["| figure | target | median | min–max | turns | |", "|---|--:|--:|--:|--:|---|"]
    for row in rows:
        measured = ("–", "–", "–")
        if "median" in row:
            measured = (_number(row["median"]), _spread((row["min"], row["max"])), str(row["turns"]))
        verdict = "**missed**" if row["verdict"] == "missed" else row["verdict"]
        lines.append(f"| {' | '.join((row['what'], row['target'], *measured, verdict))} |")
    return lines


def contest_table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Return a contest as lines of a table and a legend.

    Args:
        rows: one a contestant, the one that all are compared with first: name, what, facts, runs (seconds,
            cpu_seconds, peak_bytes each).
    """
    facts = [fact for fact in FACTS if any(fact in row["facts"] for row in rows)]
    heads = ["turns", "seconds, median", "min–max", f"times {rows[0]['name']}", "min–max", "processor s", "peak MiB"]
    heads += [FACTS[fact] for fact in facts]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'--:|' * len(heads)}"]
    first = [run["seconds"] for run in rows[0]["runs"]]
    for row in rows:
        seconds = [run["seconds"] for run in row["runs"]]
        times = ratios(seconds, first)
        cells = [
            f"`{row['name']}`",
            str(len(seconds)),
            f"{median(seconds):.2f}",
            _spread(seconds),
            f"{median(times):.2f}",
            _spread(times),
            f"{median(run['cpu_seconds'] for run in row['runs']):.2f}",
            f"{median(run['peak_bytes'] for run in row['runs']) / 2**20:.0f}",
            *(_count(row["facts"].get(fact)) for fact in facts),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return [*lines, "", *(f"- `{row['name']}`: {row['what']}" for row in rows)]


def _spread(values: Sequence[float]) -> str:
    return f"{_number(min(values))}–{_number(max(values))}"


def _number(value: float) -> str:
    return f"{value:.2f}" if value < 1000 else f"{value:,.0f}"


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def write_results(root: Path, name: str, stored: Mapping[str, Any], sections: Mapping[str, str]) -> None:
    """Write results to bench/results, and sections of text into docs/performance.md.

    Args:
        name: of the files in bench/results.
        stored: all that was measured.
        sections: name of the markers on the page -> text that comes between them.
    """
    results = root / "bench" / "results"
    results.mkdir(exist_ok=True)
    (results / f"{name}.json").write_text(json.dumps(stored, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    (results / f"{name}.md").write_text("\n".join(sections.values()), encoding="utf-8")
    path = root / "docs" / "performance.md"
    page = path.read_text(encoding="utf-8")
    for section, text in sections.items():
        page = between_markers(page, section, text)
    path.write_text(page, encoding="utf-8")


def between_markers(page: str, section: str, text: str) -> str:
    """Return a page with what stands between the markers of a section replaced.

    Raises:
        ValueError: the page has not both markers, in order, once.
    """
    begin, end = f"<!-- {section}:begin -->", f"<!-- {section}:end -->"
    before, found_begin, rest = page.partition(begin)
    _, found_end, after = rest.partition(end)
    if not (found_begin and found_end) or begin in rest or end in after:
        raise ValueError(f"expected {begin} and then {end}, once each")
    return f"{before}{begin}\n\n{text}\n{end}{after}"
