"""What a measurement was made on and with: processor, cores, versions, the commit."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib import metadata
from pathlib import Path

OURS = ("pandas", "pandera", "openpyxl", "xlsxwriter", "python-calamine", "pebble")
PEERS = ("polars", "fastexcel", "crease", "frictionless")


def machine(root: Path) -> dict[str, object]:
    """Return what a reader needs to judge a figure; no name or path of the machine."""
    return {
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "load": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "packages": {name: metadata.version(name) for name in (*OURS, *PEERS) if _is_installed(name)},
        "commit": _git(root, "rev-parse", "--short", "HEAD") + ("+changes" if _git(root, "status", "--short") else ""),
    }


def _is_installed(name: str) -> bool:
    return any(True for _ in metadata.distributions(name=name))


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _git(root: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True).stdout.strip()
