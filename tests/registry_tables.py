"""A registry written as a table in text, in either of its files, and its faults in brief."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from pipeline.registry import Registry, load_registry
from schemas.campaign import Campaign, Issuer, Level, Round, Tree
from schemas.faults import Fault, FaultsError

THREE_TIERS: tuple[Level, ...] = ("province", "district", "grassroots", "branch")
Rows = list[list[object]]

UNITS = """
    | unit_code | unit_name              | level      | parent_code |
    | T         | Tỉnh ủy Kiên Giang     | province   |             |
    | H1        | Huyện ủy Hòn Đất       | district   | T           |
    | H2        | Đảng ủy Quân sự tỉnh   | district   | T           |
    | X1        | Đảng ủy xã Mỹ Lâm      | grassroots | H1          |
    | X2        | Chi bộ Bưu điện        | grassroots | H1          |
    | B1        | Chi bộ ấp 10           | branch     | X1          |
    | B2        | Chi bộ ấp 2            | branch     | X1          |
"""


def table(text: str) -> Rows:
    lines = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    return [[cell.strip() for cell in line] for line in lines]


def campaign(levels: Sequence[Level] = THREE_TIERS, *rounds: date) -> Campaign:
    return Campaign(
        title="Học tập",
        resolution="Nghị quyết",
        language="en",
        issuer=Issuer(superior="TỈNH ỦY", name="BAN THƯỜNG VỤ", place="Rạch Giá"),
        tree=Tree(levels=tuple(levels)),
        rounds=tuple(
            Round(id=str(number), name=f"Đợt {number}", due=due)
            for number, due in enumerate(rounds or (date(2021, 4, 29),), start=1)
        ),
    )


def write_csv(folder: Path, rows: Rows, delimiter: str = ",", encoding: str = "utf-8") -> Path:
    with (folder / "units.csv").open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(rows)
    return folder


def write_xlsx(folder: Path, rows: Rows) -> Path:
    workbook = openpyxl.Workbook()
    for row in rows:
        workbook.worksheets[0].append([None if value == "" else value for value in row])
    workbook.save(folder / "units.xlsx")
    return folder


def load(folder: Path, text: str | Rows, levels: Sequence[Level] = THREE_TIERS) -> Registry:
    return load_registry(write_csv(folder, table(text) if isinstance(text, str) else text), campaign(levels))


def faults_in(folder: Path, levels: Sequence[Level] = THREE_TIERS) -> tuple[Fault, ...]:
    with pytest.raises(FaultsError) as refused:
        load_registry(folder, campaign(levels))
    return refused.value.faults


def brief(faults: tuple[Fault, ...]) -> list[tuple[str, str, str]]:
    return [(fault.place, fault.key, fault.kind) for fault in faults]


def faults_of(folder: Path, text: str | Rows, levels: Sequence[Level] = THREE_TIERS) -> list[tuple[str, str, str]]:
    rows = table(text) if isinstance(text, str) else text
    return brief(faults_in(write_csv(folder, rows), levels))
