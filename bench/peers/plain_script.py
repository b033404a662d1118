"""The script an office would write for itself: read every file, concat, groupby, to_excel.

Not done here, and done by ours: mails and what they carry, forms other than our own template, lists of branches, rows
or columns moved, counts typed as text, checks between counts, dates, who is missing or late, what replaces what (here
the last file by name counts), causes and cells of faults, charts, formulas, correction copies. A file that is not as
expected is counted as unread, without a reason.

What stands around the reading is here, for all peers on pandas; each brings its own way to read a file.
"""

import glob
import json
import sys
from collections.abc import Callable

import pandas as pd

# Where our own template has its answers: (row, column), from 0. Another campaign's form has other rows.
CELLS = {
    "unit_code": (7, 1),
    "round": (8, 1),
    "members": (11, 1),
    "attendees": (12, 1),
    "guests": (13, 1),
    "reflections": (14, 1),
    "exemptions": (16, 1),
}
COUNTS = ["members", "attendees", "guests", "reflections", "exemptions"]


def read_cells(file: str, engine: str) -> dict[str, object]:
    """Return the answers of one file by pandas, where our template has them."""
    sheet = pd.read_excel(file, header=None, engine=engine)
    tally = {field: sheet.iat[place] for field, place in CELLS.items()}
    tally.update({field: int(tally[field]) for field in COUNTS})
    return tally


def run(read: Callable[[str], dict[str, object]]) -> None:
    """Consolidate the campaign of the command line; `read` raises for a file that is not as expected."""
    campaign, output = sys.argv[1:]
    units = pd.read_csv(f"{campaign}/units.csv", dtype=str)
    known = set(units["unit_code"])
    files = sorted(glob.glob(f"{campaign}/submissions/**/*.*", recursive=True))
    frames = []
    for file in files:
        try:
            tally = read(file)
        except Exception:  # whatever it is, a plain script can only go on
            continue
        if tally["unit_code"] in known:
            frames.append(pd.DataFrame([tally | {"file": file.removeprefix(f"{campaign}/submissions/")}]))

    tallies = pd.concat(frames).drop_duplicates(["unit_code", "round"], keep="last")
    totals = [units.merge(tallies, on="unit_code")]
    while len(totals[-1]):
        level = totals[-1].groupby(["parent_code", "round"])[COUNTS].sum().reset_index()
        totals.append(units.merge(level.rename(columns={"parent_code": "unit_code"}), on="unit_code"))
    with pd.ExcelWriter(output) as book:
        units.merge(tallies, on="unit_code", how="left").to_excel(book, sheet_name="branches", index=False)
        for depth, level in enumerate(totals[1:-1], start=1):
            level.to_excel(book, sheet_name=f"level {depth}", index=False)

    members = int(pd.concat(totals).query("parent_code.isna()")["members"].sum())
    print(json.dumps({"found": len(files), "read": len(frames), "members": members}))
