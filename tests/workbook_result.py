"""A made-up but consistent `Result` for tests of the writers: a province, its districts, two rounds."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from schemas.campaign import VIETNAM, Campaign
from schemas.result import Result
from schemas.totals import FILES, FINDINGS, STATUS_COUNTS, TEXTS, summed_columns, unit_columns

DISTRICTS = (
    "Thành ủy Rạch Giá", "Thành ủy Hà Tiên", "Thành ủy Phú Quốc", "Huyện ủy An Biên", "Huyện ủy An Minh",
    "Huyện ủy Châu Thành", "Huyện ủy Giang Thành", "Huyện ủy Giồng Riềng", "Huyện ủy Gò Quao", "Huyện ủy Hòn Đất",
    "Huyện ủy Kiên Hải", "Huyện ủy Kiên Lương", "Huyện ủy Tân Hiệp", "Huyện ủy U Minh Thượng",
    "Đảng ủy Khối Cơ quan và Doanh nghiệp tỉnh",
)  # fmt: skip
COMMUNES = ("Thạnh Lộc", "Bình An", "Vĩnh Hòa", "Tân Khánh", "Đông Yên", "Hòa Thuận", "Long Thạnh", "Mỹ Lâm")
PLAN: dict[str, Any] = {
    "id": "kien-giang-2021",
    "title": "Học tập, quán triệt, tuyên truyền Nghị quyết Đại hội Đảng bộ tỉnh lần thứ XI, nhiệm kỳ 2020-2025",
    "resolution": "Nghị quyết Đại hội Đảng bộ tỉnh Kiên Giang lần thứ XI, nhiệm kỳ 2020-2025",
    "plan": "Kế hoạch số 13-KH/TU, ngày 05/3/2021",
    "issuer": {"superior": "TỈNH ỦY KIÊN GIANG", "name": "BAN TUYÊN GIÁO", "place": "Kiên Giang"},
    "rounds": [
        {"id": "1", "name": "Đợt 1", "due": "2021-04-29"},
        {"id": "2", "name": "Đợt 2", "due": "2021-05-28"},
    ],
    "exemption_categories": ["exempt_activity", "exempt_work", "exempt_retired"],
}


@dataclass
class Example:
    """Collects the rows of a made-up run; `result` puts them into frames."""

    campaign: Campaign
    as_of: datetime
    language: str = "vi"
    focus: str = "1"
    tree: list[dict[str, Any]] = field(default_factory=list)
    leaves: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)  # (unit, round) -> flag and counts
    files: list[dict[str, Any]] = field(default_factory=list)
    findings: list[dict[str, Any]] = field(default_factory=list)
    texts: list[dict[str, Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    decisions: pd.DataFrame = field(default_factory=pd.DataFrame)

    def unit(self, code: str, name: str, parent: str = "", **more: Any) -> str:
        """Add a unit after its parent; returns its code."""
        above = next((row for row in self.tree if row["unit_code"] == parent), None)
        depth = above["depth"] + 1 if above else 0
        self.tree.append(
            {
                "unit_code": code, "unit_name": name, "level": self.campaign.tree.levels[depth], "parent_code": parent,
                "depth": depth, "path": f"{above['path']} / {name}" if above else name, "email": "", "monitor": "",
                "is_filing": True, **more,
            }
        )  # fmt: skip
        if above:
            above["is_filing"] = False
        return code

    def leaf(self, code: str, flag: str, round_id: str = "1", late: int = 0, **counts: int) -> None:
        """Say how a filing unit stands in a round, and what it reported."""
        self.leaves[code, round_id] = {"flag": flag, "late": late, **counts}

    def finding(self, severity: str, code: str, unit_code: str, message: str, fix: str = "", **more: Any) -> None:
        row = dict.fromkeys(FINDINGS, "") | {"severity": severity, "code": code, "unit_code": unit_code, "round": "1"}
        self.findings.append(row | {"message": message, "fix": fix} | more)

    def file(self, name: str, status: str, unit_code: str = "", **more: Any) -> None:
        row: dict[str, Any] = dict.fromkeys((*FILES, "message_id"), "") | {"error_count": 0, "query_count": 0}
        row |= {"file": name, "sha256": "0" * 64, "size_bytes": 9_400, "received_by": "folder", "round": "1"}
        row |= {"received_at": self.as_of - timedelta(days=3), "status": status, "unit_code": unit_code}
        self.files.append(row | more)

    def text(self, unit_code: str, item: str, text: str, **more: Any) -> None:
        path = next(row["path"] for row in self.tree if row["unit_code"] == unit_code)
        row = {"unit_code": unit_code, "unit_path": path, "round": "1", "item": item, "text": text, "file": "a.xlsx"}
        self.texts.append(row | {"cell": "B12"} | more)

    def source(self, unit_code: str, file: str, **more: Any) -> None:
        row = {"unit_code": unit_code, "round": "1", "file": file, "member": "", "sheet": "Bieu mau", "row": 0}
        self.sources.append(row | {"received_at": self.as_of - timedelta(days=3), "late": False} | more)

    def result(self) -> Result:
        tree = pd.DataFrame(self.tree).set_index("unit_code", drop=False)
        source_columns = ("unit_code", "round", "file", "member", "sheet", "row", "received_at", "late")
        return Result(
            campaign=self.campaign, as_of=self.as_of, language=self.language, focus=self.focus,
            tree=tree.drop(columns="unit_code"),
            units=pd.concat([self._round(r.id) for r in self.campaign.rounds], ignore_index=True),
            files=pd.DataFrame(self.files, columns=[*FILES, "received_by", "message_id"]),
            findings=pd.DataFrame(self.findings, columns=list(FINDINGS)),
            texts=pd.DataFrame(self.texts, columns=list(TEXTS)),
            sources=pd.DataFrame(self.sources, columns=list(source_columns)),
            decisions=self.decisions,
        )  # fmt: skip

    def _round(self, round_id: str) -> pd.DataFrame:
        """One round's units.csv: leaves as told (not due unless told), parents the sums of their children."""
        below: dict[str, list[dict[str, Any]]] = {}
        rows = []
        for unit in reversed(self.tree):
            children = below.get(unit["unit_code"], [])
            row = self._parent(children) if children else self._leaf(unit, round_id)
            row |= {k: unit[k] for k in ("unit_code", "unit_name", "level", "parent_code")} | {"round": round_id}
            counted = row["complete"] + row["queried"]
            row["coverage"] = counted / row["expected"] if row["expected"] else None
            row["attendance_rate"] = _rate(row["attendees"], row["members"])
            row["reflection_rate"] = _rate(row["reflections"], row["required"])
            below.setdefault(unit["parent_code"], []).append(row)
            rows.append(row)
        frame = pd.DataFrame(reversed(rows), columns=list(unit_columns(self.campaign)))
        counts = [*STATUS_COUNTS, *summed_columns(self.campaign)]
        rates = ["coverage", "attendance_rate", "reflection_rate"]
        return frame.astype(dict.fromkeys(counts, "Int64") | dict.fromkeys(rates, "Float64"))

    def _leaf(self, unit: dict[str, Any], round_id: str) -> dict[str, Any]:
        told = self.leaves.get((unit["unit_code"], round_id), {"flag": "not_due", "late": 0})
        row: dict[str, Any] = dict.fromkeys(summed_columns(self.campaign)) | told
        row |= {name: int(told["flag"] == name) for name in STATUS_COUNTS[1:-1]}
        row["expected"] = int(told["flag"] != "not_expected")
        if self.campaign.has_required_writers and row["members"] is not None:
            row["required"] = row["members"] - (row["exemptions"] or 0)
            if row["reflections"] is not None:
                row["outstanding"] = max(0, row["required"] - row["reflections"])
        return row

    def _parent(self, children: list[dict[str, Any]]) -> dict[str, Any]:
        row: dict[str, Any] = {n: sum(child[n] for child in children) for n in STATUS_COUNTS}
        for name in summed_columns(self.campaign):
            known = [child[name] for child in children if child[name] is not None]
            row[name] = sum(known) if known else None
        counted = row["complete"] + row["queried"]
        if not row["expected"]:
            row["flag"] = "not_expected"
        elif row["complete"] == row["expected"]:
            row["flag"] = "complete"
        elif row["not_due"] == row["expected"]:
            row["flag"] = "not_due"
        else:
            row["flag"] = "partial" if counted else "missing"
        return row


def _rate(part: int | None, whole: int | None) -> float | None:
    return part / whole if part is not None and whole else None


def plan(**changes: Any) -> Campaign:
    return Campaign.model_validate(PLAN | changes)


def small_result(language: str = "vi", **changes: Any) -> Result:
    """Two districts; one branch reports directly to the province; every flag occurs, blanks and a zero too."""
    example = Example(plan(**changes), datetime(2021, 4, 30, 8, 0, tzinfo=VIETNAM), language)
    top = example.unit("KG", "Tỉnh ủy Kiên Giang")
    d1 = example.unit("KG01", "Thành ủy Rạch Giá", top)
    g1 = example.unit("KG0101", "Đảng ủy phường An Hòa", d1)
    for number in range(1, 6):
        name, email = f"Chi bộ khu phố {number}", f"kp{number}@kg.vn"
        example.unit(f"KG01010{number}", name, g1, monitor="Trần Thị Bình", email=email)
    example.unit("KG0102", "Chi bộ Chi cục Thuế", d1, monitor="Lê Văn An")
    d2 = example.unit("KG02", "Huyện ủy An Biên", top)
    g2 = example.unit("KG0201", "Đảng ủy xã Đông Yên", d2)
    example.unit("KG020101", "Chi bộ ấp Xẻo Đước", g2, monitor="Lê Văn An")
    example.unit("KG020102", "Chi bộ ấp Cái Nước", g2, monitor="Lê Văn An")
    example.unit("KG03", "=cmd|'/c calc'!A1", top)
    counts = {"attendees": 40, "reflections": 30, "exemptions": 5}
    example.leaf("KG010101", "complete", members=45, **counts)
    example.leaf("KG010102", "queried", members=50, late=1, guests=0, **counts)
    example.leaf("KG010103", "rejected")
    example.leaf("KG010104", "missing")
    example.leaf("KG010105", "not_expected")
    example.leaf("KG0102", "complete", members=1_250, attendees=1_200, reflections=1_190, exemptions=60, guests=7)
    example.leaf("KG020101", "missing")
    example.leaf("KG020102", "missing")
    example.leaf("KG03", "complete", members=35, attendees=0, reflections=0, exemptions=0)
    blank, low = "Ô C12 (Số dự học tập) để trống.", "Ô C13 = 30, ít hơn số phải viết (45)."
    example.finding("info", "proposals_blank", "KG0102", "Mục kiến nghị, đề xuất để trống.")
    example.finding("query", "reflections_below_required", "KG010102", low, "Xác nhận.")
    example.finding("query", "declared_total_differs", "KG01", "Đơn vị tự báo 1.400, cộng từ cấp dưới là 1.345.")
    example.finding("error", "count_blank", "KG010103", blank, "Điền số vào ô C12.", cell="C12")
    counted = (("KG010101", "kp1.xlsx"), ("KG010102", "kp2.xlsx"), ("KG0102", "thue.xlsx"), ("KG03", "=x.xlsx"))
    for code, name in counted:
        example.file(name, "counted", code)
        example.source(code, name)
    example.file("kp3.xlsx", "rejected", "KG010103", reason="Ô C12 để trống.", error_count=1)
    example.file("la.xlsx", "unidentified", reason="Không xác định được đơn vị.", round="")
    example.text("KG010101", "assessment", "=SUM(A1:A9) bài viết tốt\x07")
    example.text("KG010102", "proposals", "Kiến nghị " + "😀" * 20_000)
    return example.result()


def province_result(language: str = "vi", communes: int = 6, branches: int = 5, **changes: Any) -> Result:
    """A whole province of 15 districts, in the middle of round 1's aftermath, for looks and for size."""
    example = Example(plan(**changes), datetime(2021, 5, 4, 17, 0, tzinfo=VIETNAM), language)
    draw = random.Random(1)
    top = example.unit("KG", "Tỉnh ủy Kiên Giang")
    for d, district in enumerate(DISTRICTS, 1):
        monitor = ("Nguyễn Thị Thu Hà", "Trần Quốc Dũng", "Danh Sóc Kha")[d % 3]
        example.unit(f"KG{d:02}", district, top, email=f"vp.{d:02}@kiengiang.dcs.vn", monitor=monitor)
        for c in range(1, communes + 1):
            name = f"Đảng ủy xã {COMMUNES[(c + d) % len(COMMUNES)]}"
            example.unit(f"KG{d:02}{c:02}", name, f"KG{d:02}", monitor=monitor)
            for b in range(1, branches + 1):
                code = f"KG{d:02}{c:02}{b:02}"
                email = f"{code.lower()}@kiengiang.dcs.vn"
                example.unit(code, f"Chi bộ ấp {b}", f"KG{d:02}{c:02}", email=email, monitor=monitor)
                _draw_leaf(example, draw, code, f"2021-04-2{d % 9}/{code}.xlsx", share=1 - d % 7 / 12)
    for n in range(3):
        example.file(f"2021-04-28/Bao cao {n}.xlsx", "unidentified", reason="Không xác định được đơn vị.", round="")
    return example.result()


def _draw_leaf(example: Example, draw: random.Random, code: str, file: str, share: float) -> None:
    if draw.random() > share:
        flag = draw.choice(("missing", "missing", "missing", "rejected"))
    else:
        flag = draw.choice(("complete",) * 8 + ("queried",))
    if flag == "missing":
        example.leaf(code, "missing")
    elif flag == "rejected":
        message = "Ô C12 (Số đảng viên dự học tập) để trống."
        example.leaf(code, "rejected")
        example.file(file, "rejected", code, reason=message, error_count=1)
        example.finding("error", "count_blank", code, message, "Điền số vào ô C12 rồi gửi lại.", file=file, cell="C12")
    else:
        _draw_counted(example, draw, code, file, flag)


def _draw_counted(example: Example, draw: random.Random, code: str, file: str, flag: str) -> None:
    members = draw.randint(12, 60)
    exemptions = draw.randint(0, 4)
    required = members - exemptions
    reflections = required if flag == "complete" else required - draw.randint(1, 6)
    late = int(draw.random() < 0.1)
    example.leaf(
        code, flag, late=late, members=members, attendees=members - draw.randint(0, 3), guests=draw.randint(0, 9),
        reflections=reflections, exemptions=exemptions, exempt_activity=exemptions,
    )  # fmt: skip
    example.file(file, "counted", code, query_count=int(flag == "queried"))
    example.source(code, file, late=bool(late))
    example.text(code, "assessment", "Bài thu hoạch nghiêm túc, liên hệ sát với nhiệm vụ, đúng thời gian quy định.")
    if draw.random() < 0.3:
        example.text(code, "proposals", "Đề nghị cấp trên cấp thêm tài liệu học tập cho đảng viên ở vùng sâu, vùng xa.")
    if flag == "queried":
        message = f"Ô C13 (Số viết thu hoạch) = {reflections}, ít hơn số phải viết ({required})."
        example.finding(
            "query", "reflections_below_required", code, message,
            "Kiểm tra: còn đảng viên chưa nộp bài, hay số miễn viết chưa đủ? Xác nhận hoặc gửi bản sửa.",
            file=file, sheet="Bieu mau", cell="C13", field="reflections", value=str(reflections),
        )  # fmt: skip


def flat_result(language: str = "vi") -> Result:
    """A block whose 25 units report to it directly: more than the overview's table has room for; none writes."""
    items = {"reflections": "no", "exemptions": "no", "assessment": "no", "proposals": "no"}
    block = {"tree": {"levels": ["district", "grassroots"]}, "items": items, "exemption_categories": []}
    rounds = [{"id": "1", "name": "Báo cáo kết quả", "due": "2024-09-30", "due_day_counts": False}]
    example = Example(plan(**block, rounds=rounds), datetime(2024, 10, 2, 9, 30, tzinfo=VIETNAM), language)
    top = example.unit("K", "Đảng ủy Khối Cơ quan và Doanh nghiệp tỉnh")
    for number in range(1, 26):
        code = example.unit(f"K{number:02}", f"Đảng bộ cơ sở {number}", top)
        if number % 5:
            example.leaf(code, "complete", members=10 * number, attendees=9 * number)
        else:
            example.leaf(code, "missing")
    return example.result()
