"""The plain script with the fast engine, and a Table Schema that frictionless validates each file with as it is read.

frictionless knows tables, not forms: the answers of a file are one row of a table, checked for types, least values and
sums that go beyond the members. Its own Excel reader, openpyxl with types guessed, takes several times longer than
pandas with calamine, so it is not used here. Not done: what the plain script leaves undone (see plain_script.py), and a
file that fails is only counted as unread, though frictionless names its faults. (The library loads every module whose
name begins with its own as a plugin: a script called so runs twice.)
"""

from frictionless import Checklist, Resource, Schema, checks
from plain_script import COUNTS, read_cells, run

SCHEMA = Schema.from_descriptor(
    {
        "fields": [
            {"name": "unit_code", "type": "string", "constraints": {"required": True, "pattern": "[A-Z0-9-]+"}},
            {"name": "round", "type": "string", "constraints": {"required": True}},
            *(
                {"name": name, "type": "integer", "constraints": {"required": True, "minimum": int(name == "members")}}
                for name in COUNTS
            ),
        ]
    }
)
CHECKS = Checklist(
    checks=[checks.row_constraint(formula=f"{name} <= members") for name in ("attendees", "reflections", "exemptions")]
)


def read(file: str) -> dict[str, object]:
    tally = read_cells(file, "calamine")
    report = Resource(data=[tally], schema=SCHEMA).validate(CHECKS)
    if not report.valid:
        raise ValueError(report.flatten())
    return tally


run(read)
