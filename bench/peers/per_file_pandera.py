"""The plain script with the fast engine, and a pandera schema that each file is validated with as it is read.

Checks the counts of one file: whole, none negative, none above the members. Not done, as in the plain script: all that
is not our own template, dates, texts, the register, what replaces what, who is missing; and a file that fails is only
counted as unread, though pandera could name its faults.
"""

import pandas as pd
import pandera.pandas as pa
from plain_script import COUNTS, read_cells, run

UP_TO_MEMBERS = ("attendees", "reflections", "exemptions")
SCHEMA = pa.DataFrameSchema(
    {
        "unit_code": pa.Column(str, pa.Check.str_matches(r"^[A-Z0-9-]+$")),
        "round": pa.Column(str),
        **{field: pa.Column(int, pa.Check.ge(1 if field == "members" else 0)) for field in COUNTS},
    },
    checks=[
        pa.Check(lambda frame, field=field: frame[field] <= frame["members"], name=f"{field}_up_to_members")
        for field in UP_TO_MEMBERS
    ],
)


def read(file: str) -> dict[str, object]:
    frame = SCHEMA.validate(pd.DataFrame([read_cells(file, "calamine")]), lazy=True)
    return frame.to_dict("records")[0]


run(read)
