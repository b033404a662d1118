"""What the bench makes of its measurements: ratios, verdicts, tables, and the page they stand on."""

from __future__ import annotations

import zipfile

import pytest

from bench.field import SCRIPTS
from bench.large import EXCEL_ROWS, last_row, outcomes
from bench.report import between_markers, contest_table, figures_table
from bench.targets import OFFICIAL, TARGETS, Target, judge, ratios
from tests.imports_of import ROOT

BEGIN, END = "<!-- a:begin -->", "<!-- a:end -->"
MIB = 2**20


def test_results_stand_between_the_markers_and_nothing_else_changes():
    page = f"# Title\n{BEGIN}\nold\n{END}\nfoot\n"
    assert between_markers(page, "a", "new") == f"# Title\n{BEGIN}\n\nnew\n{END}\nfoot\n"
    assert between_markers(between_markers(page, "a", "new"), "a", "new") == between_markers(page, "a", "new")


@pytest.mark.parametrize("page", ["no markers", f"{END} {BEGIN}", f"{BEGIN} {END} {BEGIN} {END}"])
def test_a_page_without_both_markers_is_refused(page):
    with pytest.raises(ValueError, match="once each"):
        between_markers(page, "a", "new")


@pytest.mark.parametrize("section", ["figures", "consolidate", "templates", "copies", "large"])
def test_the_page_of_the_project_has_its_markers(section):
    assert "new" in between_markers((ROOT / "docs" / "performance.md").read_text("utf-8"), section, "new")


# --- ratios and verdicts -------------------------------------------------------------------------


def row(name: str, seconds: tuple[float, ...], **facts: int) -> dict:
    runs = [{"seconds": second, "cpu_seconds": 1.0, "peak_bytes": MIB} for second in seconds]
    return {"name": name, "what": "", "facts": facts, "runs": runs}


def test_ratios_are_taken_turn_by_turn():
    """One slow turn of the machine falls on both: the ratio stays 2, though the medians of seconds are 2 and 4."""
    lines = contest_table([row("ours", (1.0, 2.0, 9.0), read=1), row("peer", (2.0, 4.0, 18.0), read=1)])
    assert "| `peer` | 3 | 4.00 | 2.00–18.00 | 2.00 | 2.00–2.00 | 1.00 | 1 | 1 |" in lines


def test_a_slow_one_is_compared_in_the_turns_it_took_part_in():
    """Its two turns were quick ones of ours; against the median of all three the ratio would be 20 / 2."""
    assert ratios((20.0, 20.0), (1.0, 2.0, 9.0)) == [20.0, 10.0]
    lines = contest_table([row("ours", (1.0, 2.0, 9.0)), row("slow", (20.0, 20.0))])
    assert "| `slow` | 2 | 20.00 | 20.00–20.00 | 15.00 | 10.00–20.00 | 1.00 | 1 |" in lines


AT_MOST, AT_LEAST = Target("floor", "ours", "floor", 2), Target("peer", "peer", "ours", 3, is_least=True)


@pytest.mark.parametrize(
    ("target", "of", "over", "verdict"),
    [
        (AT_MOST, (2.0,), (1.0,), "met"),
        (AT_MOST, (2.1,), (1.0,), "missed"),
        (AT_MOST, (9.0, 1.9, 1.8), (1.0, 1.0, 1.0), "met"),  # the median, not the worst
        (AT_MOST, (1.0, 2.1, 2.2), (1.0, 1.0, 1.0), "missed"),  # nor the best
        (AT_LEAST, (3.0,), (1.0,), "met"),
        (AT_LEAST, (2.9,), (1.0,), "missed"),
        (AT_LEAST, (), (1.0,), "not measured"),
    ],
)
def test_verdicts(target, of, over, verdict):
    assert judge([target], {target.of: of, target.over: over})[0]["verdict"] == verdict


def test_figures_stand_beside_their_targets():
    rows = judge([AT_MOST, AT_LEAST], {"ours": (3.0, 2.0, 4.0), "floor": (1.0, 1.0, 1.0)})
    assert figures_table(rows, OFFICIAL)[2:] == [
        "| floor | ≤ 2 × | 3.00 | 2.00–4.00 | 3 | **missed** |",
        "| peer | ≥ 3 × | – | – | – | not measured |",
    ]


def test_a_table_of_another_size_says_so():
    assert figures_table([], 300)[0] == "Targets are set for 6,000 branches; at 300 the start weighs otherwise."


def test_every_target_is_of_somebody_who_takes_part():
    scripts = {script for script, _, _ in SCRIPTS}
    ours = {"ours", "ours_again", "ours_new_files", "templates", "xlsxwriter", "copies", "openpyxl_load_save"}
    assert {name for target in TARGETS for name in (target.of, target.over)} <= scripts | ours


# --- a whole country ---


def test_the_last_row_of_a_sheet_is_found_across_pieces_of_its_xml(tmp_path):
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("sheet", "".join(f'<row r="{number}" ht="15"><c/></row>' for number in range(1, 80_001)))
    with zipfile.ZipFile(path) as archive:
        assert last_row(archive, "sheet") == 80_000


def test_peak_memory_and_longest_sheet_are_judged():
    runs = [{"seconds": 1.0, "cpu_seconds": 1.0, "peak_bytes": peak * 2**30} for peak in (1, 3)]
    peak, longest = outcomes({"facts": {"longest": EXCEL_ROWS}, "runs": runs})
    assert (peak["verdict"], peak["median"], longest["verdict"]) == ("missed", 3.0, "met")
