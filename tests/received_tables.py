"""Things received, written as a table in text: what reading hands to the steps after it, without any file.

    | file | day       | code | round | members | attendees |
    | a    | 20/4      | B1   | 1     | 10      | 9         |
    | b    | 21/4 9:30 | B1   | 1     | 10      |           |

One row a tally; rows of one file make one thing received. A blank cell is a blank cell of the form, and an item without
a column is not on the form. Columns that are no item of a form: `file`, `day` (of 2021), `sender`, `bytes` (equal text
is equal content; unless given, a file's content is its tallies), `layout`, `line`, `code`, `name`, `above` (the
organisations named above, outermost first, joined by " > "), `round`, `problem` (code of a file that cannot be read).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.report import report
from schemas.campaign import VIETNAM, Campaign
from schemas.records import Note, Received, TypedTally, Value
from schemas.result import Result
from tests.registry_tables import table, write_csv

_HEAD = ("file", "day", "sender", "bytes", "layout", "line", "code", "name", "above", "round", "problem")
_TEXTS = ("assessment", "proposals")
AS_OF = datetime(2021, 5, 10, 8, tzinfo=VIETNAM)

# A province of two districts; the second files for itself, so the tree is ragged.
TREE = """
    | unit_code | unit_name            | level      | parent_code |
    | T         | Tỉnh ủy Kiên Giang   | province   |             |
    | H1        | Huyện ủy Hòn Đất     | district   | T           |
    | X1        | Đảng ủy xã Mỹ Lâm    | grassroots | H1          |
    | B1        | Chi bộ ấp Mỹ Bình    | branch     | X1          |
    | B2        | Chi bộ ấp Mỹ Hưng    | branch     | X1          |
    | X2        | Chi bộ Bưu điện      | grassroots | H1          |
    | H2        | Đảng ủy Quân sự tỉnh | district   | T           |
"""


def plan(**changes: Any) -> Campaign:
    """Return a plan with one round due on 29 April 2021 that asks for members, attendees and reflections alone."""
    said: dict[str, Any] = {
        "id": "made-up", "title": "Học tập", "resolution": "Nghị quyết", "language": "en",
        "issuer": {"superior": "TỈNH ỦY", "name": "BAN TUYÊN GIÁO", "place": "Rạch Giá"},
        "rounds": [{"id": "1", "name": "Đợt 1", "due": date(2021, 4, 29)}],
        "items": {"guests": "no", "exemptions": "no", "assessment": "no", "proposals": "no"},
        "rules": {"required_writers": "members"},
    }  # fmt: skip
    return Campaign.model_validate(said | changes)


TWO_ROUNDS = (
    {"id": "1", "name": "Đợt 1", "due": date(2021, 4, 29)},
    {"id": "2", "name": "Đợt 2", "due": date(2021, 5, 28)},
)


def moment(text: str) -> datetime:
    """Return 20/4 or 20/4 9:30 of 2021, Vietnamese time."""
    day, month, hour, minute = re.fullmatch(r"(\d+)/(\d+)(?: (\d+):(\d+))?", text).groups()  # type: ignore[union-attr]
    return datetime(2021, int(month), int(day), int(hour or 0), int(minute or 0), tzinfo=VIETNAM)


def received(text: str) -> list[Received]:
    """Return what a table says was received, in the order in which a run takes it."""
    heads, *lines = table(text)
    files: dict[str, list[dict[str, str]]] = {}
    for number, line in enumerate(lines):
        row = dict(zip(map(str, heads), map(str, line), strict=True))
        files.setdefault(row.get("file") or f"{number}.xlsx", []).append(row)
    return in_order([thing(file, rows) for file, rows in files.items()])


def in_order(things: Sequence[Received]) -> list[Received]:
    return sorted(things, key=lambda thing: (thing.received_at, thing.sha256, thing.file, thing.member))


def thing(file: str, rows: list[dict[str, str]]) -> Received:
    first = rows[0]
    content = first.get("bytes") or repr([{k: v for k, v in row.items() if k not in ("file", "day")} for row in rows])
    digest = hashlib.sha256(content.encode()).hexdigest()
    problem = Note(first["problem"]) if first.get("problem") else None
    return Received(
        file=file, member="", sha256=digest, size_bytes=len(content), file_sha256=digest,
        received_at=moment(first.get("day") or "20/4"), received_by="folder", sender=first.get("sender", ""),
        problem=problem, tallies=() if problem else tuple(map(tally, rows)),
    )  # fmt: skip


def tally(row: dict[str, str]) -> TypedTally:
    """Return a typed tally; items stand in column C, one below the other in the order of the table."""
    items = [name for name in row if name not in _HEAD]
    layout, above = row.get("layout") or "form", row.get("above", "")
    return TypedTally(
        layout=layout, sheet="Biểu mẫu", row=int(row.get("line") or 0),
        values={name: value_of(name, row[name]) for name in items},
        cells={name: f"C{number}" for number, name in enumerate(items, 1)},
        org_names=tuple(part.strip() for part in above.split(">")) if above else (),
        unit_code=row.get("code", ""), unit_code_cell="C20", unit_name=row.get("name", ""), unit_cell="C21",
        round_text=row.get("round", ""), round_cell="C22", notes=(),
    )  # fmt: skip


def value_of(name: str, text: str) -> Value:
    if not text:
        return None
    if name in _TEXTS:
        return text
    return moment(text).date() if name == "study_date" else int(text)


def consolidated(
    folder: Path,
    things: str | Sequence[Received],
    campaign: Campaign | None = None,
    units: str = TREE,
    as_of: datetime = AS_OF,
) -> Result:
    """Take things received all the way to the tables that are written."""
    campaign = campaign or plan()
    write_csv(folder, table(units))
    known = received(things) if isinstance(things, str) else list(things)
    result, _ = report(folder, campaign, known, as_of, campaign.rounds[0].id, "en")
    return result


def cells(frame: pd.DataFrame, *columns: str) -> list[list[str]]:
    """Return some columns of a table as text, "" for what nobody reported; to be compared with `table(...)`.

    Shares are shown with six decimals.
    """
    rows = frame[list(columns)].astype("object").to_numpy().tolist()
    shown = [[round(value, 6) if isinstance(value, float) else value for value in row] for row in rows]
    return [["" if pd.isna(value) else str(value) for value in row] for row in shown]


def lines(text: str) -> list[list[object]]:
    """Return the rows below the heads of a table."""
    return table(text)[1:]


def statuses(result: Result) -> list[list[str]]:
    """Return (file, unit, round, status) of each thing received."""
    return cells(result.files, "file", "unit_code", "round", "status")


def found(result: Result, *severities: str) -> list[list[str]]:
    """Return (severity, code, file, unit) of the errors and queries, or of the severities named."""
    findings = result.findings[result.findings["severity"].isin(severities or ("error", "query"))]
    return cells(findings, "severity", "code", "file", "unit_code")


def counted(result: Result, unit: str, round_id: str = "1") -> list[str]:
    """Return (flag, members, attendees) of a unit."""
    units = result.units[(result.units["unit_code"] == unit) & (result.units["round"] == round_id)]
    return cells(units, "flag", "members", "attendees")[0]


def reason(result: Result, file: str) -> str:
    """Return why a file became what it did."""
    return str(result.files.set_index("file")["reason"][file])
