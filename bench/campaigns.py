"""Made-up campaigns to run on, and a campaign in which new files arrive after each run."""

from __future__ import annotations

import csv
import hashlib
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.contest import ROOT, ContestError, remove

CACHE = Path(tempfile.gettempdir()) / "study-campaign-bench"
MAKERS = ("pipeline/demo", "pipeline/templates", "schemas")  # what a made-up campaign is made of
_SETTLED_SECONDS = 3  # in an office, files have lain for longer than the two seconds in which a change cannot be told


def made_up(wanted: int, seed: int, messy: float | None = None, cache: Path = CACHE) -> Path:
    """Return a made-up campaign of so many branches; kept outside the repository until the code that makes it changes.

    Args:
        messy: share of units with a fault; None for the demo's own, which is 3 %.
        cache: the folder it is kept in.
    """
    code = hashlib.sha256()
    for path in sorted(path for maker in MAKERS for path in (ROOT / maker).rglob("*.*")):
        if path.suffix in (".py", ".toml"):
            code.update(path.read_bytes())
    name = f"{wanted}-{seed}" if messy is None else f"{wanted}-{seed}-{messy}"
    campaign = cache / name / code.hexdigest()[:12] / "demo"
    if not campaign.is_dir():
        remove(cache / name)
        unfinished = campaign.with_name("unfinished")
        command = [sys.executable, "-m", "pipeline", "demo", str(unfinished)]
        command += ["--branches", str(wanted), "--seed", str(seed)]
        command += [] if messy is None else ["--messy", str(messy)]
        subprocess.run(command, cwd=ROOT, check=True, stdin=subprocess.DEVNULL)
        unfinished.rename(campaign)
    return campaign


def branches(campaign: Path) -> int:
    """Return how many units of the registry have no children, and so file."""
    with (campaign / "units.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    parents = {row["parent_code"] for row in rows}
    return sum(row["unit_code"] not in parents for row in rows)


class Arrivals:
    """A copy of a campaign that was run without some of its files; before each turn it is as then, and they come.

    Whatever a run remembers lies in its outputs, in the campaign's folder or in the user's cache. All three are put
    back, so that the files are new in each turn; the other submissions are never touched, as in an office.
    """

    def __init__(self, campaign: Path, folder: Path, cache: Path, count: int) -> None:
        """Copy the campaign.

        Args:
            folder: of the copy, of its outputs and of what is held back; made.
            cache: the folder that user's caches are in.
            count: files that arrive, taken evenly from all workbooks; fewer where there are not twice as many.
        """
        self.campaign, self.output = folder / "campaign", folder / "output"
        self._held, self._kept, self._cache = folder / "held", folder / "kept", cache
        shutil.copytree(campaign, self.campaign)
        remove(self.campaign / "decisions.xlsx")
        submissions = self.campaign / "submissions"
        files = [path.relative_to(submissions) for path in sorted(submissions.rglob("*.xlsx"))]
        self.count = min(count, len(files) // 2)
        self._new = files[:: max(1, len(files) // max(1, self.count))][: self.count]

    def first_run(self, command: tuple[str, ...]) -> None:
        """Run on what was there before the new files came, and keep what that leaves.

        Raises:
            ContestError: the run failed.
        """
        self._move(self.campaign / "submissions", self._held)
        time.sleep(_SETTLED_SECONDS)
        ended = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        if ended.returncode:
            raise ContestError(f"{command} ended with status {ended.returncode}:\n{ended.stderr[-2000:]}")
        for name, place in self._remembered().items():
            if place.exists():
                shutil.copytree(place, self._kept / name, ignore=_without_submissions(self.campaign))

    def arrive(self) -> None:
        """Put everything back as the first run left it, then lay the new files in."""
        for name, place in self._remembered().items():
            for old in place.iterdir() if place.exists() else ():
                if old != self.campaign / "submissions":
                    remove(old)
            if (self._kept / name).exists():
                shutil.copytree(self._kept / name, place, dirs_exist_ok=True)
        if self._held.exists():
            self._move(self._held, self.campaign / "submissions")

    def _remembered(self) -> dict[str, Path]:
        return {"campaign": self.campaign, "output": self.output, "cache": self._cache}

    def _move(self, source: Path, target: Path) -> None:
        for file in self._new:
            (target / file).parent.mkdir(parents=True, exist_ok=True)
            (source / file).rename(target / file)
        if source == self._held:
            shutil.rmtree(source)


def _without_submissions(campaign: Path):
    return lambda folder, _: ["submissions"] if Path(folder) == campaign else []
