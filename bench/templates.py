"""Speed of `python -m pipeline templates` beside writing each workbook with XlsxWriter from scratch, in one run.

    python bench/templates.py --branches 6000 --runs 3

Everybody runs in turns, A B C A B C ..., each as a process of its own, its start included; all write the same workbooks
(as many, of as many bytes). The table goes into docs/performance.md between its markers.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from pathlib import Path
from statistics import median

from machine import machine
from measure import Measured, measure

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))
BEGIN, END = "<!-- templates:begin -->", "<!-- templates:end -->"
ROUND = "2"
PEER = ROOT / "bench" / "peers" / "templates_xlsxwriter.py"

Facts = dict[str, int]


def main() -> int:
    parser = argparse.ArgumentParser(description="Speed of the templates beside XlsxWriter from scratch.")
    parser.add_argument("--branches", type=int, default=6000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="study-campaign-templates-") as temporary:
        folder = Path(temporary)
        campaign = made_up(folder / "campaign", asked.branches)
        about = machine(ROOT)
        text = as_markdown(about, compete(campaign, folder, about["cores"], asked.runs))
    print(text)
    if asked.write:
        page = ROOT / "docs" / "performance.md"
        page.write_text(between_markers(page.read_text(encoding="utf-8"), text), encoding="utf-8")
    return 0


def made_up(folder: Path, branches: int) -> Path:
    """Return a made-up campaign: its plan and registry, without submissions."""
    from pipeline.demo.units import demo_units, write_units

    folder.mkdir()
    shutil.copy(ROOT / "pipeline" / "demo" / "campaign.toml", folder)
    write_units(demo_units(branches, 1), folder / "units.csv", 1)
    return folder


def compete(campaign: Path, folder: Path, cores: int, runs: int) -> dict[str, tuple[str, Facts, list[Measured]]]:
    """Run everybody in turns.

    Returns:
        name -> (what it is, what it wrote, its runs); ours first.

    Raises:
        RuntimeError: somebody failed, or wrote other workbooks than the others.
    """
    python = sys.executable
    field = {
        "ours": ("`python -m pipeline templates`, one process",
                 (python, "-m", "pipeline", "templates", str(campaign), "--round", ROUND, "--output")),
        "xlsxwriter": ("each workbook from scratch, one process", (python, str(PEER), str(campaign))),
        f"xlsxwriter_{cores}": (f"the same on {cores} processes", (python, str(PEER), str(campaign))),
    }  # fmt: skip
    found: dict[str, tuple[str, Facts, list[Measured]]] = {}
    for turn in range(1, runs + 1):
        for name, (what, command) in field.items():
            output = folder / "out"
            shutil.rmtree(output, ignore_errors=True)
            jobs = str(cores) if name.endswith(f"_{cores}") else "1"
            run = measure((*command, str(output), *([ROUND, jobs] if name != "ours" else [])), ROOT)
            if run.status:
                raise RuntimeError(f"{name} ended with status {run.status}:\n{run.errors[-2000:]}")
            facts = ours(output) if name == "ours" else json.loads(run.output.splitlines()[-1])
            _, known, measured = found.setdefault(name, (what, facts, []))
            if not facts == known == next(iter(found.values()))[1]:
                raise RuntimeError(f"{name} wrote {facts}, others {known}")
            measured.append(run)
            print(f"run {turn} of {runs}: {name} {run.seconds:.2f} s", file=sys.stderr, flush=True)
    return found


def ours(output: Path) -> Facts:
    """Return how much we wrote."""
    files = list(output.rglob("*.xlsx"))
    lists = sum(path.stem.endswith("-danh-sach") for path in files)
    size = sum(path.stat().st_size for path in files)
    return {"forms": len(files) - lists, "lists": lists, "bytes": size}


def as_markdown(about: dict, found: dict[str, tuple[str, Facts, list[Measured]]]) -> str:
    """Return the results as one line about the machine and one table."""
    (_, facts, first), *_ = found.values()
    made = facts["forms"] + facts["lists"]
    lines = [
        f"{facts['forms']:,} forms and {facts['lists']:,} lists ({facts['bytes'] / 1e6:.0f} MB); {len(first)} runs of "
        f"each in turns. {about['processor']}, {about['cores']} cores; load {about['load']} before; Python "
        f"{about['python']}, xlsxwriter {about['packages']['xlsxwriter']}; commit {about['commit']}.",
        "",
        "| | seconds, median | min–max | times ours | min–max | seconds a hundred | processor s | peak MiB |",
        "|---|--:|--:|--:|--:|--:|--:|--:|",
    ]
    for name, (what, _, runs) in found.items():
        seconds = [run.seconds for run in runs]
        # turn by turn, so that a busy moment of the machine falls on both sides of a ratio
        ratios = [run.seconds / own.seconds for run, own in zip(runs, first, strict=True)]
        cells = [
            f"`{name}`: {what}", f"{median(seconds):.2f}", f"{min(seconds):.2f}–{max(seconds):.2f}",
            f"{median(ratios):.1f}", f"{min(ratios):.1f}–{max(ratios):.1f}", f"{100 * median(seconds) / made:.3f}",
            f"{median(run.cpu_seconds for run in runs):.1f}", f"{max(run.peak_bytes for run in runs) / 2**20:.0f}",
        ]  # fmt: skip
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


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


if __name__ == "__main__":
    sys.exit(main())
