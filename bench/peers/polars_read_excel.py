"""The plain script in polars throughout: read_excel (calamine by way of fastexcel), concat, group_by, write_excel.

Leaves undone what the plain script leaves undone (see plain_script.py): it reads our own template's cells and nothing
else, checks nothing, and of several files of a unit the last by name counts.
"""

import glob
import json
import sys

import polars as pl
from xlsxwriter import Workbook

# Where our own template has its answers: row, from 0, of the second column.
ROWS = {
    "unit_code": 7,
    "round": 8,
    "members": 11,
    "attendees": 12,
    "guests": 13,
    "reflections": 14,
    "exemptions": 16,
}
COUNTS = ["members", "attendees", "guests", "reflections", "exemptions"]

campaign, output = sys.argv[1:]
units = pl.read_csv(f"{campaign}/units.csv", infer_schema=False)
known = set(units["unit_code"])
files = sorted(glob.glob(f"{campaign}/submissions/**/*.*", recursive=True))
rows = []
for file in files:
    try:
        sheet = pl.read_excel(
            file, has_header=False, drop_empty_rows=False, drop_empty_cols=False, infer_schema_length=0
        )
        answers = sheet[:, 1]
        tally = {field: answers[row] for field, row in ROWS.items()}
        tally |= {field: int(tally[field]) for field in COUNTS}
    except Exception:  # whatever it is, a plain script can only go on
        continue
    if tally["unit_code"] in known:
        rows.append(tally | {"file": file.removeprefix(f"{campaign}/submissions/")})

tallies = pl.DataFrame(rows).unique(["unit_code", "round"], keep="last", maintain_order=True)
levels = [units.join(tallies, on="unit_code")]
while len(levels[-1]):
    sums = levels[-1].group_by("parent_code", "round").agg(pl.col(COUNTS).sum()).rename({"parent_code": "unit_code"})
    levels.append(units.join(sums, on="unit_code"))
with Workbook(output) as book:
    units.join(tallies, on="unit_code", how="left", maintain_order="left").write_excel(book, "branches")
    for depth, level in enumerate(levels[1:-1], start=1):
        level.write_excel(book, f"level {depth}")

members = sum(level.filter(pl.col("parent_code").is_null())["members"].sum() for level in levels)
print(json.dumps({"found": len(files), "read": len(rows), "members": members}))
