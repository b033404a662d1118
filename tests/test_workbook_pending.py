"""What is open for a leader is what is open for the analyst: a file that does not count may still be asked about."""

from __future__ import annotations

from pathlib import Path

from pipeline.workbook.pending import open_findings
from tests.received_tables import cells, consolidated, lines


def test_a_total_that_a_unit_declares_on_a_form_of_its_own_is_open(tmp_path: Path) -> None:
    result = consolidated(tmp_path, """
        | file | day  | code | members | attendees | reflections |
        | b1   | 20/4 | B1   | 10      | 10        | 10          |
        | x1   | 21/4 | X1   | 22      | 20        | 20          |
        | old  | 19/4 | B2   | 10      | 11        | 10          |
        | new  | 20/4 | B2   | 10      | 10        | 10          |
    """)  # fmt: skip
    assert result.files.set_index("file")["status"].to_dict() == {
        "b1": "counted", "x1": "excluded", "old": "superseded", "new": "counted"
    }  # fmt: skip
    opened = lines("""
        | code                   | file | unit |
        | declared_total_differs | x1   | X1   |
    """)
    assert cells(open_findings(result), "code", "file", "unit_code") == opened
