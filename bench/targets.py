"""What the figures should be, and whether they are: each a ratio of two contestants, taken turn by turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

OFFICIAL = 6000  # branches, the size that the targets are set for


@dataclass(frozen=True)
class Target:
    """A ratio of times, `of` over `over`, and its bound: at most, or at least where more is better."""

    what: str
    of: str
    over: str
    bound: float
    is_least: bool = False

    @property
    def text(self) -> str:
        return f"{'≥' if self.is_least else '≤'} {self.bound:g} ×"

    def is_met(self, ratio: float) -> bool:
        return ratio >= self.bound if self.is_least else ratio <= self.bound


TARGETS = (
    Target("cold run, over python-calamine merely reading the same files", "ours", "calamine_only", 2.0),
    Target("the same, the next goal", "ours", "calamine_only", 1.5),
    Target("pandas + openpyxl script, over the cold run", "pandas_openpyxl", "ours", 20, True),
    Target("pandas + calamine script, over the cold run", "pandas_calamine", "ours", 3, True),
    Target("polars.read_excel script, over the cold run", "polars_read_excel", "ours", 1.3, True),
    Target("per-file pandera script, over the cold run", "per_file_pandera", "ours", 40, True),
    Target("re-run, nothing changed, over the cold run", "ours_again", "ours", 0.15),
    Target("re-run, new files, over the cold run", "ours_new_files", "ours", 0.35),
    Target("templates with XlsxWriter from scratch, over ours", "xlsxwriter", "templates", 8, True),
    Target("correction copies, over openpyxl's load and save of the same", "copies", "openpyxl_load_save", 1.3),
)
LARGE = (Target("time of 300,000 branches, over 6,000", "large", "small", 55),)
LARGE_PEAK = 2 * 2**30  # bytes


def ratios(of: Sequence[float], over: Sequence[float]) -> list[float]:
    """Return the ratios of two contestants' seconds, turn by turn; turns that only one took part in are left out.

    So a busy moment of the machine falls on both sides of a ratio.
    """
    return [own / other for own, other in zip(of, over, strict=False)]


def judge(targets: Sequence[Target], seconds: Mapping[str, Sequence[float]]) -> list[dict[str, object]]:
    """Return a row for each target: what was measured and whether it meets it.

    Args:
        seconds: name -> times of its turns, from the first on.

    Returns:
        what, target, verdict ("met", "missed" by the median, or "not measured"), and median, min, max, turns of the
        ratio where it was measured.
    """
    rows = []
    for target in targets:
        row: dict[str, object] = {"what": target.what, "target": target.text, "verdict": "not measured"}
        found = ratios(seconds.get(target.of, ()), seconds.get(target.over, ()))
        if found:
            row |= {"median": median(found), "min": min(found), "max": max(found), "turns": len(found)}
            row["verdict"] = "met" if target.is_met(median(found)) else "missed"
        rows.append(row)
    return rows
