"""Figures -> bench/results/latest.json and latest.md, and the table of docs/performance.md between its markers."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

BEGIN, END = "<!-- bench:begin -->", "<!-- bench:end -->"


def as_markdown(about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]]) -> str:
    """Return the results as text and one table.

    Args:
        about: branches, runs, and what `machine` tells.
        rows: one a contestant, the one that all are compared with first: name, what, facts, runs (seconds,
            cpu_seconds, peak_bytes each).
    """
    return "\n".join([*_head(about), "", *_table(rows), "", *_legend(rows)]) + "\n"


def write_results(root: Path, about: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], text: str) -> None:
    """Write results, `text` being what `as_markdown` made of them, to bench/results and docs/performance.md."""
    results = root / "bench" / "results"
    results.mkdir(exist_ok=True)
    stored = json.dumps({"about": about, "contestants": rows}, ensure_ascii=False, indent=1)
    (results / "latest.json").write_text(stored + "\n", encoding="utf-8")
    (results / "latest.md").write_text(text, encoding="utf-8")
    page = root / "docs" / "performance.md"
    page.write_text(between_markers(page.read_text(encoding="utf-8"), text), encoding="utf-8")


def between_markers(page: str, text: str) -> str:
    """Return a page with what stands between its markers replaced.

    Raises:
        ValueError: the page has not both markers, in order, once.
    """
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not (begin and end) or BEGIN in rest or END in after:
        raise ValueError(f"expected {BEGIN} and then {END}, once each")
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def _head(about: Mapping[str, Any]) -> list[str]:
    packages = ", ".join(f"{name} {version}" for name, version in about["packages"].items())
    return [
        f"{about['branches']} branches; {about['runs']} runs of each in turns, after one to warm up. "
        f"{about['processor']}, {about['cores']} cores, {about['memory_gib']} GiB; load {about['load']} before; "
        f"{about['system']}; Python {about['python']}; {packages}; commit {about['commit']}.",
    ]


def _table(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    times = f"times {rows[0]['name']}"
    heads = ["seconds, median", "min–max", times, "min–max", "ms a file read", "processor s", "peak MiB"]
    heads += ["files read", "of", "members"]
    lines = [f"| | {' | '.join(heads)} |", f"|---|{'--:|' * len(heads)}"]
    first = [run["seconds"] for run in rows[0]["runs"]]
    for row in rows:
        seconds = [run["seconds"] for run in row["runs"]]
        # turn by turn, so that a busy moment of the machine falls on both sides of a ratio
        ratios = [own / ours for own, ours in zip(seconds, first, strict=True)]
        cells = [
            f"`{row['name']}`",
            f"{median(seconds):.2f}",
            f"{min(seconds):.2f}–{max(seconds):.2f}",
            f"{median(ratios):.2f}",
            f"{min(ratios):.2f}–{max(ratios):.2f}",
            f"{1000 * median(seconds) / (row['facts']['read'] or 1):.2f}",
            f"{median(run['cpu_seconds'] for run in row['runs']):.2f}",
            f"{median(run['peak_bytes'] for run in row['runs']) / 2**20:.0f}",
            *(_count(row["facts"].get(key)) for key in ("read", "found", "members")),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def _count(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def _legend(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"- `{row['name']}`: {row['what']}" for row in rows]
