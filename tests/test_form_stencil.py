"""Forms read by a plan come out as if read in full: what was sent, what is made up, and whatever may be typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from pipeline.demo import make_demo
from pipeline.form import find_tallies, read_in_full
from pipeline.form.labels import label_index
from pipeline.form.sheet import Sheet
from pipeline.form.stencil import stencils
from pipeline.intake import find_arrivals
from pipeline.per_file import contents
from pipeline.read import WORKBOOKS, UnreadableError, read_workbook
from pipeline.settings import load_campaign
from pipeline.templates.form import form_bytes, head_of
from schemas.campaign import VIETNAM
from schemas.layout import FormSpec, load_form_spec
from schemas.records import Grid
from tests.form_tables import HINT, SPEC, grid
from tests.makers import forms
from tests.test_form_laws import LABELS, NUMBERS, OTHERS, sheets

INPUTS = Path(__file__).parents[1] / "inputs"
CAMPAIGNS = sorted(path.parent.name for path in INPUTS.glob("*/campaign.toml") if path.parent.name != "demo")


def sheets_of(submissions: Path) -> Iterator[Grid]:
    for arrival in find_arrivals(submissions, VIETNAM):
        for thing in contents(arrival):
            if thing.received.problem is None and thing.kind in WORKBOOKS:
                try:
                    yield from read_workbook(thing.data, thing.kind)[0]
                except UnreadableError:
                    continue


def check(sheet: Grid, spec: FormSpec) -> bool:
    """Read a sheet in full and as campaigns do, which may leave a plan, and then by that; tell if there is one."""
    full = read_in_full(Sheet(sheet, label_index(spec)), spec)
    assert find_tallies(sheet, spec) == full
    assert find_tallies(sheet, spec) == full
    assert [list(tally.cells) for tally in find_tallies(sheet, spec)[0]] == [list(tally.cells) for tally in full[0]]
    return has_plan(sheet, spec)


def has_plan(sheet: Grid, spec: FormSpec) -> bool:
    slot = stencils(spec).slot(sheet)
    return slot is not None and slot.plan is not None


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_what_was_sent_is_read_alike_both_ways(name: str):
    stencils.cache_clear()
    spec = load_form_spec(load_campaign(INPUTS / name))
    assert sum(check(sheet, spec) for sheet in sheets_of(INPUTS / name / "submissions")) > 5


def test_a_messy_campaign_is_read_alike_both_ways(tmp_path: Path):
    stencils.cache_clear()
    make_demo(tmp_path, 200, messy=0.3)
    spec = load_form_spec(load_campaign(tmp_path))
    planned = [check(sheet, spec) for sheet in sheets_of(tmp_path / "submissions")]
    assert sum(planned) / len(planned) > 0.9


@pytest.mark.parametrize("made", [forms.xlsx(), forms.xls()], ids=["xlsx", "xls"])
def test_the_makers_form_is_read_by_a_plan(made: bytes):
    (sheet,), _ = read_workbook(made, "xlsx" if made.startswith(b"PK") else "xls")
    assert check(sheet, SPEC)


# --- whatever is typed -----------------------------------------------------------------------------------

WORDS = [
    *LABELS, *OTHERS, HINT, "Chi bộ 5", "CHI BỘ:", "Đợt 2", "7. abc", "(ghi rõ)", "(nếu có) Tốt", "ghi số",
    "T/M CHI ỦY", "BÍ THƯ", "......", "…", "7", "07", "7.", "45 đ/c", "45", "1.234", "không", "KG-AB-TY-03",
    "Kính gửi: Đảng ủy xã A",
    "i-Tổng số đảng viên", "iv - đợt", "Trần Thị Liên", "Nguyễn Văn Không", "Nội dung tốt", "Tốt.\nCHI BỘ ẤP 4", "đợt1",
    "Quần chúng tham gia đông", "- Đề nghị nạo vét kênh", "a) tốt", "trong đóng góp", "cbđảng cộng sản việt nam",
    "4. Số đảng viên miễn viết thu hoạch: 9 đồng chí", "1. Tổng số đảng viên: 44", "1. Tổng số đảng viên: 45.",
    "5. Nhận xét đánh giá: Nghiêm túc", "Mã đơn vị: KG-1", "Tên chi bộ: ấp 5", "Đợt: 2", "Đợt báo cáo: hai", "\u00a0",
    "Chi bô\u0323 \u00e2\u0301p 3", "Ä\u0090áº£ng bá»™ xÃ£ B", "TỔNG CỘNG", "Cộng", "100%",
    "Số đảng viên vắng: 3", "học tập Nghị quyết Đại hội XIII", "NQ Trung ương 4", "Nghị quyết số 17-NQ/TU",
]  # fmt: skip
VALUES = [*NUMBERS, 7.0, 12.0, 1e7, 1e7 + 1, -0.0, float("inf"), date(2021, 4, 11), None]
TYPED = st.one_of(st.sampled_from(WORDS), st.sampled_from(VALUES), st.text(max_size=30), st.just(""))


@cache
def _template() -> tuple[Grid, FormSpec]:
    campaign = load_campaign(INPUTS / "kien-giang-2021")
    head = head_of("KG-AB-TY-03", "Chi bộ ấp Rẫy Mới", "Đảng bộ xã Tây Yên")
    values = {"members": 45, "attendees": 40, "reflections": 30, "exemptions": 3, "assessment": "Tốt", "signer": "A"}
    sheet, _ = read_workbook(form_bytes(campaign, head, "1", values), "xlsx")[0]
    return sheet, load_form_spec(campaign)


RETYPED = grid(f"""
    | ĐẢNG BỘ XÃ A                      | ĐẢNG CỘNG SẢN VIỆT NAM               |
    | CHI BỘ ẤP 3                       | Kiên Giang, ngày 3 tháng 4 năm 2021  |
    | (Đợt 1)                           |                                      |
    | 1. Tổng số đảng viên: 25 đồng chí |                                      |
    | 2. Số đảng viên dự học tập: 24    |                                      |
    | 3. Số đảng viên viết thu hoạch:   | 16                                   |
    | 4. Số đảng viên miễn viết:        | '9 đ/c                               |
    | 5. Nhận xét đánh giá              |                                      |
    | {HINT}                            |                                      |
    | Bảo đảm thực chất.                |                                      |
    | 6. Kiến nghị, đề xuất             |                                      |
    | ......                            |                                      |
    |                                   | T/M CHI ỦY                           |
    |                                   | Trần Thị Liên                        |
""")


def typed_into(draw: st.DrawFn, sheet: Grid) -> Grid:
    """Draw a sheet with a few cells written over; labels may be among them."""
    rows = [list(row) for row in sheet.rows]
    spots = st.sampled_from([(r, c) for r, row in enumerate(rows) for c in range(len(row))])
    for r, c in draw(st.lists(spots, max_size=5)):
        rows[r][c] = draw(TYPED)
    return Grid(sheet.name, rows, merged=list(sheet.merged))


@settings(max_examples=300)
@given(st.data())
def test_whatever_is_typed_into_a_template_is_read_alike_both_ways(data: st.DataObject):
    sheet, spec = _template()
    check(data.draw(st.composite(typed_into)(sheet)), spec)
    check(data.draw(st.composite(typed_into)(RETYPED)), SPEC)
    check(data.draw(st.composite(alike)(sheet, spec)), spec)
    check(data.draw(st.composite(alike)(RETYPED, SPEC)), SPEC)


# --- another sheet with the same marks -------------------------------------------------------------------


@cache
def _by_mark(spec: FormSpec) -> dict[object, list[object]]:
    """Values by their mark; whole numbers, days and texts that are read alike stand together."""
    found: dict[object, list[object]] = defaultdict(list)
    for value in [*WORDS, *VALUES]:
        if value is not None and not isinstance(value, bool):
            found[stencils(spec).marks.of(value)].append(value)
    return found


def alike(draw: st.DrawFn, sheet: Grid, spec: FormSpec) -> Grid:
    """Draw a sheet whose cells are other ones with the same marks."""
    marks = stencils(spec).marks
    rows = []
    for row in sheet.rows:
        pools = [
            _by_mark(spec).get(marks.of(v), []) if type(v) in (str, float, int, date) and v != "" else [] for v in row
        ]
        rows.append([draw(st.sampled_from([v, *pool])) for v, pool in zip(row, pools, strict=True)])
    return Grid(sheet.name, rows, merged=list(sheet.merged), problems=sheet.problems, hidden_rows=sheet.hidden_rows)


@settings(max_examples=400)
@given(st.data())
def test_a_plan_made_of_one_sheet_reads_any_other_with_its_marks(data: st.DataObject):
    one = data.draw(sheets())
    check(one, SPEC)
    other = data.draw(st.composite(alike)(one, SPEC))
    if stencils(SPEC).marks.of_sheet(one) is not None:
        assert stencils(SPEC).marks.of_sheet(other) == stencils(SPEC).marks.of_sheet(one)
    check(other, SPEC)


@settings(max_examples=400)
@given(st.one_of(st.sampled_from(WORDS), st.text(), st.text("cbhđqtiv- .:\n0139ảộ", max_size=12)))
@example("Đợt 3-Tổng số")
def test_bare_words_are_no_others(text: str):
    """What a text is told by at a glance is what all the questions tell of it."""
    marks = stencils(SPEC).marks
    if marks._is_bare(text):
        assert marks._said(text) == 0
        assert marks.index.match(text) is None


COUNTS = """
    | 2. Số đảng viên dự học tập     | 40 |
    | 3. Số đảng viên viết thu hoạch | 30 |
    | 4. Số đảng viên miễn viết      | 3  |
"""
# Two sheets each that look much alike and are read differently: the plan of one must not serve the other.
UNLIKE = {
    "an item's number in a cell of its own": (
        "| 1 | Tổng số đảng viên | 45 |\n| 2 | Dự học tập | 40 |\n| 5 | Nhận xét | Tốt |\n| {} | Nội dung khác | Khá |",
        ("6", "9"),
    ),
    "an item's number behind others": (
        "| 1 | Tổng số đảng viên | 45 |\n| 2 | Dự học tập | 40 |\n| 5 | Nhận xét | Tốt |\n| {}. Nội dung | Khá | |",
        ("6", "9"),
    ),
    "a line about others": ("| Tổng số đảng viên | 45 |\n| {} | |\n| Dự học tập | 40 |", ("Quần chúng", "Dự đủ")),
    "a line that leaves some out": ("| Tổng số đảng viên | 45 |\n| {} | |\n| Dự học tập | 40 |", ("Còn vắng", "Đủ")),
    "a label that comes twice": ("| 1. Tổng số đảng viên | 45 |\n| Đảng số | {} |" + COUNTS, ("45", "44")),
    "two numbers beside a label": ("| 1. Tổng số đảng viên | 45 | {} |" + COUNTS, ("45", "44")),
    "a name beside its kind": ("| HUYỆN ỦY: | {} |\n| 1. Tổng số đảng viên | 45 |" + COUNTS, ("Rẫy Mới", "Hòn Me")),
    "a label that is nearly known": (
        "| 1. Tổng số đảng viên | 45 |\n| 2. Dự học tập | 40 |\n| {} | 30 |", ("Viết thu hoạhc", "Viết thư tay"),
    ),
    "a signature": (
        "| 1. Tổng số đảng viên | 45 |" + COUNTS + "| 5. Nhận xét | Tốt |\n| {} | |",
        ("BÍ THƯ", "Rất tốt"),
    ),
    "an instruction": ("| 1. Tổng số đảng viên | 45 |" + COUNTS + "| 5. Nhận xét | {} |", ("......", "Tốt")),
    "a round": ("| {} | |\n| 1. Tổng số đảng viên | 45 |" + COUNTS, ("Báo cáo đợt 1", "Báo cáo đợt 2")),
    "to whom it goes": ("| {} | CHI BỘ ẤP 3 |\n| 1. Tổng số đảng viên | 45 |" + COUNTS, ("Kính gửi", "Kính báo")),
    "whose it is": ("| {} | |\n| 1. Tổng số đảng viên | 45 |" + COUNTS, ("CHI BỘ ẤP 3", "CHI BỘ ẤP 4¶ĐẢNG BỘ XÃ A")),
    "a count in words": ("| 1. Tổng số đảng viên: {} | |" + COUNTS, ("45 đ/c", "bốn lăm")),
    "a list": ("| Đơn vị | Tổng số đảng viên | Dự học tập |\n| {} | 45 | 40 |", ("ấp 3", "Cộng")),
}  # fmt: skip


@pytest.mark.parametrize("which", UNLIKE)
@pytest.mark.parametrize("is_turned", [False, True])
def test_what_is_read_differently_is_never_read_by_one_plan(which: str, is_turned: bool):
    stencils.cache_clear()
    text, filled = UNLIKE[which]
    for one in reversed(filled) if is_turned else filled:
        check(
            grid("\n".join(line for line in text.format(one).replace("||", "|\n|").splitlines() if line.strip())), SPEC
        )


def test_marks_tell_apart_what_is_read_differently():
    marks = stencils(SPEC).marks
    assert marks.of(45.0) == marks.of(7.0) == marks.of(0.0)
    assert (
        len({marks.of(value) for value in (45.0, -1.0, 0.5, 2e7, date(2021, 4, 3), "Tốt", "Chi bộ 5", "7. abc")}) == 8
    )
    assert marks.of("1. Tổng số đảng viên: 45 đ/c") == marks.of("1. Tổng số đảng viên: 7")
    assert marks.of("1. Tổng số đảng viên: 45 đ/c") != marks.of("2. Tổng số đảng viên: 45 đ/c")


def test_a_sheet_with_faults_or_hidden_rows_is_read_in_full():
    sheet, spec = _template()
    assert check(sheet, spec)
    assert not check(Grid(sheet.name, sheet.rows, merged=sheet.merged, problems={(11, 1): "#REF!"}), spec)
    assert not check(Grid(sheet.name, sheet.rows, merged=sheet.merged, hidden_rows=frozenset({11})), spec)
