"""Laws of reading forms, whatever stands on a sheet: it never fails, and no number changes its owner."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pipeline.form import find_tallies
from pipeline.form.labels import label_index
from schemas.records import Grid, RawTally
from tests.form_tables import HINT, SPEC

MATCH = label_index(SPEC).match
LABELS = [
    "1. Tổng số đảng viên", "Tổng số đảng viên: 45 đ/c", "2. Số đảng viên dự học tập", "Dự học tập", "- Dự học tập: 6",
    "3. Số đảng viên viết thu hoạch:", "Viết thu hoạch", "4. Miễn viết", "- Hưu trí", "Miễn sinh hoạt", "Quần chúng dự",
    "5. Nhận xét đánh giá", "Nhận xét, đánh giá: Tốt", "6. Kiến nghị, đề xuất", "Ngày học tập", "Đợt 1", "Đợt báo cáo",
    "Tỷ lệ", "STT", "Ghi chú", "Tên chi bộ", "Đơn vị", "Mã đơn vị", "Nội dung", "Số lượng", "Số đảng viên",
]  # fmt: skip
OTHERS = [
    "Số đảng viên vắng", "Số đảng viên chưa viết thu hoạch", "Số người dự", "Nữ", "Quần chúng", "Trong đó: nữ",
    "đ/c", "(1)",
    "ĐẢNG BỘ XÃ A", "CHI BỘ ẤP 3", "Chi bộ ấp 4", "I", "A. Khối xã", "Cộng", "Tổng cộng", "T/M CHI ỦY", "......",
    "Không", "12 đ/c", "7%", "x", "\n", ":", "ĐẢNG CỘNG SẢN VIỆT NAM", "An Biên, ngày 3 tháng 4 năm 2021", HINT,
    "Tổng số đản viên",
]  # fmt: skip
NUMBERS = [0.0, 1.0, 0.5, 3, 45, 44.0, -2.0, 1e300, True]
CELLS = st.one_of(st.just(""), st.just(""), st.sampled_from(LABELS), st.sampled_from([*OTHERS, *NUMBERS]))


@st.composite
def sheets(draw: st.DrawFn) -> Grid:
    width = draw(st.integers(1, 6))
    rows = draw(st.lists(st.lists(CELLS, min_size=width, max_size=width), max_size=14))
    places = [(r, c) for r in range(len(rows)) for c in range(width)]
    grid = Grid("S", [list(row) for row in rows])
    if places:
        spots = st.sampled_from(places)
        grid.problems = dict.fromkeys(draw(st.lists(spots, max_size=2)), "#REF!")
        starts = draw(st.lists(spots, max_size=3, unique=True))
        grid.merged = [((r, c), (r + draw(st.integers(0, 2)), c + draw(st.integers(0, 2)))) for r, c in starts]
        grid.hidden_rows = frozenset(draw(st.sets(st.integers(0, len(rows)), max_size=1)))
    return grid


def place_of(cell: str) -> tuple[int, int]:
    return int(cell[1:]) - 1, ord(cell[0]) - 65


def owners(grid: Grid, tally: RawTally, row: int, column: int) -> set[str]:
    """Return the items whose label stands left of a cell of a form, or above one of a list's line, or in it."""
    cells = [(row, c) for c in range(column + 1)] if tally.layout == "form" else [(r, column) for r in range(row)]
    if tally.layout != "form":  # the head of a group of columns stands above the first of them
        cells += [(r, c) for r in range(row) for c in range(column)]
    cells += [(r, c) for (r, c), (last, _) in grid.merged if r < row <= last and c < column]
    texts = [grid.rows[r][c] for r, c in cells]
    return {label.field for text in texts if isinstance(text, str) and (label := MATCH(text)) is not None}


@given(sheets())
def test_no_number_changes_its_owner(grid: Grid) -> None:
    found, notes = find_tallies(grid, SPEC)
    for tally in found:
        taken = []
        for field, cell in tally.cells.items():
            row, column = place_of(cell.cell)
            if cell.value is None or SPEC.kind(field) != "count":
                continue
            taken.append(cell.cell)
            own = owners(grid, tally, row, column)
            if tally.layout == "form" and tally.row == 0 and field not in own:
                assert any(label is not None and label.field == field for label in above(grid, row, column))
            elif tally.layout != "form":
                assert own & {field, "attendees", "reflections"}
        assert len(taken) == len(set(taken))
    assert all(note.cell for note in notes)


def above(grid: Grid, row: int, column: int) -> list[object]:
    """The labels above a cell of a table of one line that names no unit."""
    return [MATCH(text) for r in range(row) if isinstance(text := grid.rows[r][column], str)]


@given(sheets(), st.integers(0, 3), st.integers(0, 2))
def test_rows_above_and_columns_in_front_change_only_the_addresses(grid: Grid, above: int, columns: int) -> None:
    width = max(map(len, grid.rows), default=0) + columns

    def moved(place: tuple[int, int]) -> tuple[int, int]:
        return place[0] + above, place[1] + columns

    other = Grid(
        "S",
        [[""] * width for _ in range(above)] + [[""] * columns + row for row in grid.rows],
        problems={moved(place): problem for place, problem in grid.problems.items()},
        merged=[(moved(start), moved(last)) for start, last in grid.merged],
        hidden_rows=frozenset(row + above for row in grid.hidden_rows),
    )
    before, after = find_tallies(grid, SPEC)[0], find_tallies(other, SPEC)[0]
    assert [(t.layout, t.unit_name, t.org_names, t.round_text) for t in before] == [
        (t.layout, t.unit_name, t.org_names, t.round_text) for t in after
    ]
    for one, two in zip(before, after, strict=True):
        assert {f: (c.value, moved(place_of(c.cell))) for f, c in one.cells.items()} == {
            f: (c.value, place_of(c.cell)) for f, c in two.cells.items()
        }
