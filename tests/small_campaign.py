"""The smallest campaign: a province, one branch, one round, in text."""

from __future__ import annotations

from pathlib import Path

PLAN = """
title = "Học tập"
resolution = "Nghị quyết"
as_of = 2021-05-10T08:00:00
[issuer]
superior = "TỈNH ỦY"
name = "BAN TUYÊN GIÁO"
place = "Rạch Giá"
[tree]
levels = ["province", "branch"]
[[rounds]]
id = "1"
name = "Đợt 1"
due = 2021-04-29
"""
UNITS = "unit_code,unit_name,level,parent_code\nT,Tỉnh ủy,province,\nB,Chi bộ ấp 1,branch,T\n"


def make_campaign(folder: Path) -> Path:
    """Make the campaign's folder, with nothing received yet; return it."""
    folder.mkdir()
    (folder / "campaign.toml").write_text(PLAN, encoding="utf-8")
    (folder / "units.csv").write_text(UNITS, encoding="utf-8")
    return folder
