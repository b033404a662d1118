"""Who takes part in the contest of `make templates`: all write the same workbooks, as many, of as many bytes."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from bench.contest import PEERS, ROOT, Contestant, Facts
from pipeline.demo.units import demo_units, write_units

ROUND = "2"


def field_of(folder: Path, branches: int, seed: int, cores: int, slow_runs: int) -> list[Contestant]:
    """Return who takes part, ours first; all work and write below `folder`."""
    campaign = made_up(folder / "campaign", branches, seed)
    peer = (sys.executable, str(PEERS / "templates_xlsxwriter.py"), str(campaign))

    def from_scratch(name: str, what: str, jobs: int) -> Contestant:
        output = folder / name
        return Contestant(name, what, (*peer, str(output), ROUND, str(jobs)), output, turns=slow_runs,
                          has_warm_up=False)  # fmt: skip

    ours = (sys.executable, "-m", "pipeline", "templates", str(campaign), "--round", ROUND, "--output")
    output = folder / "templates"
    return [
        Contestant("templates", "`python -m pipeline templates`, one process", (*ours, str(output)), output, written),
        from_scratch("xlsxwriter", "each workbook by XlsxWriter from scratch, one process", 1),
        from_scratch(f"xlsxwriter_{cores}", f"the same on {cores} processes", cores),
    ]


def made_up(folder: Path, branches: int, seed: int) -> Path:
    """Return a made-up campaign: its plan and registry, without submissions."""
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "pipeline" / "demo" / "campaign.toml", folder)
    write_units(demo_units(branches, seed), folder / "units.csv", seed)
    return folder


def written(output: Path, _: str) -> Facts:
    """Return how much ours wrote."""
    files = list(output.rglob("*.xlsx"))
    lists = sum(path.stem.endswith("-danh-sach") for path in files)
    return {"forms": len(files) - lists, "lists": lists, "bytes": sum(path.stat().st_size for path in files)}
