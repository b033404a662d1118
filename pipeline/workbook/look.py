"""How the workbook looks: fonts, a few calm colours, and each flag as symbol and colour besides its word."""

from __future__ import annotations

from typing import NamedTuple

SERIF = "Times New Roman"  # the font of official Party papers
SANS = "Arial"  # small figures read better; both are on every machine that has Excel

RED = "#9B1C1F"
INK = "#222222"
GREY = "#6A6A6A"
LINE = "#D9D4D0"
PALE = "#F7F4F1"
TINT = "#F3E4E2"
GREEN = "#2F7D5B"
AMBER = "#D99A1B"
CRIMSON = "#C0392B"
SLATE = "#7A828C"
MIST = "#D5D9DE"


class Mark(NamedTuple):
    """How a flag, a file's status or a finding's severity is shown: a symbol, and colours."""

    symbol: str
    colour: str  # of the text
    fill: str  # behind it
    strong: str = SLATE  # in charts


MARKS: dict[str, Mark] = {
    "complete": Mark("✔", "#1E6B48", "#E7F3EC", GREEN),
    "queried": Mark("▲", "#8A5A00", "#FDF3DC", AMBER),
    "rejected": Mark("✖", "#A31F1B", "#FBE6E3", CRIMSON),
    "missing": Mark("○", "#3F4650", "#E9ECEF", SLATE),
    "not_due": Mark("…", "#5B6570", "#F4F6F8", MIST),
    "not_expected": Mark("–", "#8C8C8C", "#FFFFFF"),
    "partial": Mark("◧", "#1F4E79", "#E6EEF6"),
    "late": Mark("◷", "#6B3FA0", "#F0EAF7"),
    "expected": Mark("", INK, PALE),
    "outstanding": Mark("✎", "#1F4E79", "#E6EEF6"),
    "counted": Mark("✔", "#1E6B48", "#E7F3EC"),
    "superseded": Mark("↻", "#5B6570", "#F4F6F8"),
    "duplicate": Mark("=", "#5B6570", "#F4F6F8"),
    "unidentified": Mark("?", "#A31F1B", "#FBE6E3"),
    "excluded": Mark("–", "#8A5A00", "#FDF3DC"),
    "ignored": Mark("–", "#8C8C8C", "#FFFFFF"),
    "error": Mark("✖", "#A31F1B", "#FBE6E3"),
    "query": Mark("▲", "#8A5A00", "#FDF3DC"),
    "info": Mark("ℹ", "#5B6570", "#F4F6F8"),
}
MARKS |= {
    "change_arrived": MARKS["complete"],
    "change_corrected": Mark("✎", "#1E6B48", "#E7F3EC"),
    "change_confirmed": MARKS["complete"],
    "change_queried": MARKS["queried"],
    "change_rejected": MARKS["rejected"],
    "change_missing": MARKS["missing"],
    "change_late": MARKS["late"],
    "change_moved": Mark("↕", "#1F4E79", "#E6EEF6"),
    "change_uncounted": Mark("–", "#A31F1B", "#FBE6E3"),
    "change_joined": Mark("+", "#5B6570", "#F4F6F8"),
    "change_left": Mark("–", "#5B6570", "#F4F6F8"),
}
PLAIN = Mark("", INK, "#FFFFFF")


def mark(key: str) -> Mark:
    return MARKS.get(key, PLAIN)
