"""Every folder of tests/cases is run as a user would run it, and its tables are compared with those expected.

A case is documentation too: README.md tells the story, `inputs/` holds a small campaign, `expected/` what comes of it.
What was sent stands in `inputs/submissions.toml` rather than as workbooks, so that it can be read; each entry becomes
a real workbook under submissions/ before the run. Of each expected table only the columns it has are compared, but all
of its rows.
"""

from __future__ import annotations

import csv
import io
import shutil
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from pipeline.cli import main
from pipeline.demo.forms import Look, official_form
from pipeline.demo.lists import branch_list
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from schemas.campaign import Campaign
from tests.registry_tables import table

CASES = Path(__file__).parent / "cases"
NAMES = sorted(path.name for path in CASES.iterdir() if path.is_dir())
Units = Mapping[str, Mapping[str, str]]


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def shown(head: str, text: str) -> str:
    """Shares stand with six decimals in the expected tables, so that they can be read."""
    return str(round(float(text), 6)) if text and (head == "coverage" or head.endswith("_rate")) else text


# --- what was sent ----------------------------------------------------------------------------------


def build(case: Path, folder: Path) -> None:
    """Lay a case out as a campaign's folder, its submissions as workbooks."""
    shutil.copytree(case / "inputs", folder)
    campaign = load_campaign(folder)
    units = {row["unit_code"]: row for row in rows_of(folder / "units.csv")}
    sent = tomllib.loads((folder / "submissions.toml").read_text(encoding="utf-8"))["file"]
    (folder / "submissions.toml").unlink()
    for entry in sent:
        path = folder / "submissions" / entry["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        earlier = folder / "submissions" / entry.get("copy_of", "")
        path.write_bytes(earlier.read_bytes() if "copy_of" in entry else FORMS[entry["form"]](entry, units, campaign))


def template(entry: Mapping[str, Any], units: Units, campaign: Campaign) -> bytes:
    """Our own template, which bears the unit's code and the round."""
    unit, buffer = units[entry["unit"]], io.BytesIO()
    write_template(
        buffer, campaign=campaign, unit_code=entry["unit"], unit_name=unit["unit_name"], round=entry.get("round", "1"),
        parent_name=units[unit["parent_code"]]["unit_name"], values=entry["values"], level=unit["level"],
    )  # fmt: skip
    return buffer.getvalue()


def official(entry: Mapping[str, Any], units: Units, campaign: Campaign) -> bytes:
    """The plan's own form: no code, and no round unless a line names it."""
    unit = units[entry["unit"]]
    look = Look(round_line=entry.get("round_line", ""))
    parent = units[unit["parent_code"]]["unit_name"]
    return official_form(
        campaign, unit_name=entry.get("name", unit["unit_name"]), parent_name=parent, values=entry["values"], look=look
    )


def office_list(entry: Mapping[str, Any], units: Units, campaign: Campaign) -> bytes:
    """An office's list of its branches; `lines` is a table of a branch a line, `total` its sum line."""
    office = units[entry["office"]]
    heads, *rows = table(entry["lines"])
    fields = list(map(str, heads[1:]))
    counts = [[int(text) if text else None for text in map(str, row[1:])] for row in rows]
    lines = [("", str(row[0]), dict(zip(fields, told, strict=True))) for row, told in zip(rows, counts, strict=True)]
    above = units[office["parent_code"]]["unit_name"]
    look = Look(sheet="Tổng hợp", round_line=entry.get("round_line", ""))
    return branch_list(
        office=office["unit_name"], above=above, fields=fields, lines=lines, total=entry.get("total"), look=look
    )


FORMS = {"template": template, "official": official, "list": office_list}


# --- what comes of it -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_what_comes_of_each_case_is_what_its_readme_says(name: str, tmp_path: Path) -> None:
    case = CASES / name
    build(case, tmp_path / name)
    assert main(["consolidate", str(tmp_path / name), "--output", str(tmp_path / "out"), "--jobs", "1"]) == 0
    for path in sorted((case / "expected").iterdir()):
        expected = rows_of(path)
        found = [
            {head: shown(head, row[head]) for head in expected[0]} for row in rows_of(tmp_path / "out" / path.name)
        ]
        assert found == expected, path.name


@pytest.mark.parametrize("name", NAMES)
def test_each_case_tells_its_story_and_says_what_to_expect(name: str) -> None:
    case = CASES / name
    assert {path.name for path in (case / "inputs").iterdir()} >= {"campaign.toml", "units.csv", "submissions.toml"}
    assert {path.name for path in (case / "expected").iterdir()} >= {"units.csv", "files.csv", "findings.csv"}
    assert (case / "README.md").read_text(encoding="utf-8").startswith("# ")
