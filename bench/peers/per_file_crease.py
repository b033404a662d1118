"""The plain script with crease: a template finds our form's answers by their labels and validates them, file by file.

crease reads with python-calamine. It finds a label in whatever row it stands, so there it does more than the plain
script; counts have a type and a least value. Not done: what the plain script leaves undone (see plain_script.py), and
checks between counts, which a template of crease cannot say. A file with a fault is only counted as unread, though
crease names it.
"""

import crease
from plain_script import COUNTS, run

LABELS = {
    "unit_code": "Mã đơn vị",
    "round": "Đợt báo cáo",
    "members": "1. Tổng số đảng viên",
    "attendees": "2. Số lượng đảng viên tham gia học tập",
    "guests": "- Quần chúng, đoàn thể dự học tập",
    "reflections": "3. Số đảng viên viết thu hoạch",
    "exemptions": "4. Số đảng viên miễn viết thu hoạch",
}


def field(name: str) -> crease.FieldSpec:
    anchor = crease.Anchor(label_match=LABELS[name], column=0)
    if name not in COUNTS:
        return crease.FieldSpec(name=name, type="string", anchor=anchor)
    return crease.FieldSpec(name=name, type="integer", minimum=name == "members", null_tokens=[], anchor=anchor)


TEMPLATE = crease.Template(
    template_id="tally",
    description="our template, as a branch fills it in",
    entities=[
        crease.Entity(
            name="tally",
            cardinality="one",
            locate=crease.Locate(tab="Báo cáo", orientation="anchored"),
            fields=[field(name) for name in LABELS],
        )
    ],
    ignore_tabs=["Hướng dẫn"],
)


def read(file: str) -> dict[str, object]:
    result, report = crease.check(file, TEMPLATE)
    if not report.is_valid:
        raise ValueError(report.errors())
    return result.get("tally")


run(read)
