"""Raw cells to typed values: tables of what is read as what, and laws."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.normalise import MOST_PERSONS, type_tally
from schemas.layout import FormSpec
from schemas.records import Note, RawCell, RawTally, TypedTally
from schemas.vietnamese import REPAIRS
from schemas.words import WORDS

SPEC = FormSpec(
    labels=(),
    tails=(),
    hints=(),
    totals=(),
    documents=frozenset({"doc_plan"}),
    titles=(("members", "Tổng số đảng viên"),),
    version="test",
)
FIELD = {"count": "members", "text": "assessment", "date": "study_date", "document": "doc_plan"}


def typed(kind: str, value: object, problem: str = "", hidden: bool = False) -> TypedTally:
    cells = {FIELD[kind]: RawCell(value, "C7", problem, hidden)}
    return type_tally(RawTally("list", "Sheet1", 12, cells), SPEC)


def outcome(kind: str, value: object, problem: str = "", hidden: bool = False) -> tuple[object, str]:
    tally = typed(kind, value, problem, hidden)
    return tally.values[FIELD[kind]], " ".join(note.code for note in tally.notes)


def table(text: str) -> list[list[str]]:
    """Rows of a table in text; ␠ stands for a space that matters, ⍽ for a no-break space."""
    rows = [line.strip().strip("|").split("|") for line in text.strip().splitlines()]
    return [[cell.strip().replace("␠", " ").replace("⍽", "\u00a0") for cell in row] for row in rows[1:]]


def check(kind: str, text: str) -> None:
    for written, value, code in table(text):
        read, codes = outcome(kind, written)
        shown = f"{read.day}/{read.month}/{read.year}" if isinstance(read, date) else "" if read is None else str(read)
        assert (written, shown, codes) == (written, value, code)


def test_counts_typed_as_text() -> None:
    check(
        "count",
        """
        | typed                        | value | code             |
        | 12                           | 12    | number_from_text |
        | ␠12␠                         | 12    | number_from_text |
        | 012                          | 12    | number_from_text |
        | 000                          | 0     | number_from_text |
        | １２                         | 12    | number_from_text |
        | 12 đ/c                       | 12    | number_from_text |
        | 12đ/c.                       | 12    | number_from_text |
        | 12 Đ/C                       | 12    | number_from_text |
        | 12 ð/c                       | 12    | number_from_text |
        | 12 đồng chí                  | 12    | number_from_text |
        | 12 đảng viên                 | 12    | number_from_text |
        | 12 đ/c đảng viên             | 12    | number_from_text |
        | 12 ĐV                        | 12    | number_from_text |
        | 12 người                     | 12    | number_from_text |
        | ......12 đ/c......           | 12    | number_from_text |
        | 12 (mười hai)                | 12    | number_from_text |
        | 45 (bốn mươi lăm) đồng chí   | 45    | number_from_text |
        | 45 (bốn mươi lăm) đ/c.       | 45    | number_from_text |
        | 121 đ/c (Một trăm hai mươi mốt đồng chí) | 121 | number_from_text |
        | 1.234                        | 1234  | number_from_text |
        | 1 234                        | 1234  | number_from_text |
        | 1⍽234                        | 1234  | number_from_text |
        | 1.234.567                    | 1234567 | number_from_text |
        | 12.0                         | 12    | number_from_text |
        | 12,00                        | 12    | number_from_text |
        | 0 đ/c                        | 0     | number_from_text |
        | không                        | 0     | zero_from_word   |
        | Không có                     | 0     | zero_from_word   |
        | không có đồng chí nào        | 0     | zero_from_word   |
        """,
    )


def test_counts_that_nobody_should_guess() -> None:
    check(
        "count",
        """
        | typed                        | value | code             |
        |                              |       |                  |
        | ⍽                            |       |                  |
        | ............                 |       |                  |
        | 1,234                        |       | count_ambiguous  |
        | 12 (hai mươi)                |       | count_ambiguous  |
        | 45 (bốn mươi sáu) đồng chí   |       | count_ambiguous  |
        | -                            |       | count_unclear    |
        | —                            |       | count_unclear    |
        | x                            |       | count_unclear    |
        | 12,5 đ/c                     |       | count_unclear    |
        | 45/45                        |       | count_unclear    |
        | khoảng 40                    |       | count_unclear    |
        | 45 đ/c (vắng 2)              |       | count_unclear    |
        | bốn mươi                     |       | count_unclear    |
        | 12%                          |       | count_unclear    |
        | 45 45                        |       | count_unclear    |
        | 1.234,5                      |       | count_unclear    |
        | ٤٥                           |       | count_unclear    |
        | 12²                          |       | count_unclear    |
        | 0912345678                   |       | count_unclear    |
        | 12 (chữ)                     |       | count_unclear    |
        | 1,5                          |       | count_not_whole  |
        | 1.5                          |       | count_not_whole  |
        | 0,123                        |       | count_not_whole  |
        | -5                           |       | count_negative   |
        | −5 đ/c                       |       | count_negative   |
        | #REF!                        |       | cell_error       |
        """,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (12, (12, "")),
        (0, (0, "")),
        (12.0, (12, "")),
        (None, (None, "")),
        (MOST_PERSONS, (MOST_PERSONS, "")),
        (MOST_PERSONS + 1, (None, "count_unclear")),
        (1e300, (None, "count_unclear")),
        (float("nan"), (None, "count_unclear")),
        (float("-inf"), (None, "count_negative")),
        (1.5, (None, "count_not_whole")),
        (-5, (None, "count_negative")),
        (-0.0, (0, "")),
        (True, (None, "count_unclear")),
        (False, (None, "count_unclear")),
        (datetime(2021, 12, 1), (None, "count_unclear")),
        (date(2021, 12, 1), (None, "count_unclear")),
        (time(12, 0), (None, "count_unclear")),
    ],
)
def test_counts_that_are_no_text(value: object, expected: tuple[object, str]) -> None:
    assert outcome("count", value) == expected


def test_two_readings_are_both_named() -> None:
    (note,) = typed("count", "1,234 đ/c").notes
    assert dict(note.detail)["readings"] == "1234 / 1,234"
    (note,) = typed("count", "12 (hai mươi)").notes
    assert dict(note.detail)["readings"] == "12 / 20"


def test_a_note_tells_the_whole_place() -> None:
    (note,) = typed("count", "  012 đ/c\n").notes
    assert note == Note(
        code="number_from_text",
        field="members",
        sheet="Sheet1",
        cell="C7",
        value="012 đ/c",
        detail=(("label", "Tổng số đảng viên"), ("read", "12")),
        row=12,
    )


def test_a_note_repeats_no_more_than_a_line() -> None:
    (note,) = typed("count", "rất nhiều " * 50).notes
    assert len(note.value) == 120
    assert note.value.endswith("…")


@pytest.mark.parametrize("kind", ["count", "text", "date", "document"])
def test_faults_of_the_cell_itself(kind: str) -> None:
    assert outcome(kind, None, problem="#REF!") == (None, "cell_error")
    assert typed(kind, None, problem="#REF!").notes[0].value == "#REF!"
    assert outcome(kind, None, problem="formula") == (None, "formula_without_value")


def test_a_hidden_value_counts_and_is_queried() -> None:
    assert outcome("count", 12, hidden=True) == (12, "hidden_value")
    assert outcome("count", "12 đ/c", hidden=True) == (12, "number_from_text hidden_value")
    assert outcome("count", None, hidden=True) == (None, "")


def test_texts_stay_verbatim() -> None:
    assert outcome("text", "  Bài viết  đạt yêu cầu;\n- còn 2 bài muộn.  ") == (
        "Bài viết  đạt yêu cầu;\n- còn 2 bài muộn.",
        "",
    )
    assert outcome("text", "12") == ("12", "")
    assert outcome("text", 12) == ("12", "")
    assert outcome("text", "=1+1") == ("=1+1", "")


@pytest.mark.parametrize("empty", [None, "", "  ", "......", "…………", "____", "-", "—", " . . . . \n ……"])
def test_a_text_of_dots_is_blank(empty: str | None) -> None:
    assert outcome("text", empty) == (None, "")


def test_repairs_of_a_text_are_named() -> None:
    tally = typed("text", "Ðảng\u200b bô\u0323\r\n")
    assert tally.values["assessment"] == "Đảng bộ"
    (note,) = tally.notes
    assert note.code == "text_repaired"
    assert dict(note.detail)["what"] == "line_ends,invisible,eth,unicode"


@pytest.mark.parametrize("name", [*REPAIRS, "cell_type"])
def test_every_repair_has_words(name: str) -> None:
    assert all(WORDS[f"repair_{name}"])


def test_what_is_no_text_is_written_out_and_said() -> None:
    assert outcome("text", True) == ("TRUE", "text_repaired")
    assert outcome("text", 1.5) == ("1,5", "text_repaired")
    assert outcome("text", datetime(2021, 4, 15)) == ("15/04/2021", "text_repaired")


def test_a_text_longer_than_a_cell_is_kept_whole() -> None:
    long = "😀" * 20_000
    assert outcome("text", long) == (long, "text_too_long")
    assert typed("text", long).notes[0].value == "40000"
    assert outcome("text", "a" * 32_767) == ("a" * 32_767, "")


def test_days_typed_as_text() -> None:
    check(
        "date",
        """
        | typed                              | value      | code           |
        | 15/4/2021                          | 15/4/2021  | date_from_text |
        | 03/02/2025                         | 3/2/2025   | date_from_text |
        | 15-4-2021                          | 15/4/2021  | date_from_text |
        | 15.04.2021                         | 15/4/2021  | date_from_text |
        | 15/4/21                            | 15/4/2021  | date_from_text |
        | 15-4-21                            | 15/4/2021  | date_from_text |
        | 2021-04-15                         | 15/4/2021  | date_from_text |
        | ngày 15 tháng 4 năm 2021           | 15/4/2021  | date_from_text |
        | Ngày 15/4/2021.                    | 15/4/2021  | date_from_text |
        | 23-24/11/2020                      | 24/11/2020 | date_from_text |
        | 23/11 - 24/11/2020                 | 24/11/2020 | date_from_text |
        | 23/11/2020 – 24/11/2020            | 24/11/2020 | date_from_text |
        | 30/11 - 01/12/2020                 | 1/12/2020  | date_from_text |
        | từ ngày 23 đến ngày 24/11/2020     | 24/11/2020 | date_from_text |
        | từ ngày 23/11/2020 đến 24/11/2020  | 24/11/2020 | date_from_text |
        | ngày 23 và 24 tháng 11 năm 2020    | 24/11/2020 | date_from_text |
        | 23, 24, 25/11/2020                 | 25/11/2020 | date_from_text |
        | tháng 4/2021                       |            | date_unclear   |
        | quý II                             |            | date_unclear   |
        | 31/4/2021                          |            | date_unclear   |
        | 4/15/2021                          |            | date_unclear   |
        | 24-23/11/2020                      |            | date_unclear   |
        | 15/4                               |            | date_unclear   |
        | 15/4/1921                          |            | date_unclear   |
        | 15/4/2201                          |            | date_unclear   |
        | 44301                              |            | date_unclear   |
        | chưa học                           |            | date_unclear   |
        | .../.../2021                       |            | date_unclear   |
        |                                    |            |                |
        | ......                             |            |                |
        """,
    )


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (datetime(2021, 4, 15), (date(2021, 4, 15), "")),
        (datetime(2021, 4, 15, 7, 30), (date(2021, 4, 15), "date_from_text")),
        (date(2021, 4, 15), (date(2021, 4, 15), "")),
        (44301, (date(2021, 4, 15), "date_from_text")),
        (44301.0, (date(2021, 4, 15), "date_from_text")),
        (2021, (None, "date_unclear")),
        (1e9, (None, "date_unclear")),
        (float("nan"), (None, "date_unclear")),
        (True, (None, "date_unclear")),
        (date(1900, 1, 1), (None, "date_unclear")),
        (None, (None, "")),
    ],
)
def test_days_that_are_no_text(value: object, expected: tuple[object, str]) -> None:
    assert outcome("date", value) == expected


def test_the_day_read_is_said() -> None:
    (note,) = typed("date", "23-24/11/2020").notes
    assert dict(note.detail)["read"] == "24/11/2020"


def test_plan_documents() -> None:
    check(
        "document",
        """
        | typed                              | value | code             |
        | Có                                 | 1     |                  |
        | đã                                 | 1     | answer_read      |
        | Đã ban hành                        | 1     | answer_read      |
        | x                                  | 1     | answer_read      |
        | ✓                                  | 1     | answer_read      |
        | rồi                                | 1     | answer_read      |
        | 12-KH/ĐU                           | 1     | answer_read      |
        | Số 15-KH/ĐU ngày 3/4/2021          | 1     | answer_read      |
        | Đã ban hành KH số 07 - KH/CB       | 1     | answer_read      |
        | chưa                               | 0     |                  |
        | Không                              | 0     | answer_read      |
        | chưa ban hành                      | 0     | answer_read      |
        | dự thảo 15-KH/ĐU                   |       | answer_unclear   |
        | có thể                             |       | answer_unclear   |
        | đang làm                           |       | answer_unclear   |
        | 2                                  |       | answer_unclear   |
        |                                    |       |                  |
        """,
    )
    assert outcome("document", True) == (1, "answer_read")
    assert outcome("document", False) == (0, "answer_read")
    assert outcome("document", 1) == (1, "")
    assert outcome("document", 2) == (None, "answer_unclear")


def test_heads_and_earlier_notes_pass_through() -> None:
    earlier = Note("hidden_sheet", sheet="Sheet2")
    raw = RawTally(
        layout="form",
        sheet="Sheet1",
        row=0,
        cells={"members": RawCell("x", "C1")},
        org_names=("ÐẢNG BỘ XÃ A ",),
        unit_code=" KG-01\u200b",
        unit_code_cell="B1",
        unit_name="Chi bộ â\u0301p 1",
        unit_cell="B2",
        round_text="\u00a01",
        round_cell="B3",
        notes=(earlier,),
    )
    tally = type_tally(raw, SPEC)
    assert tally.org_names == ("ĐẢNG BỘ XÃ A",)
    assert (tally.unit_code, tally.unit_code_cell) == ("KG-01", "B1")
    assert (tally.unit_name, tally.unit_cell) == ("Chi bộ ấp 1", "B2")
    assert (tally.round_text, tally.round_cell) == ("1", "B3")
    assert tally.cells == {"members": "C1"}
    assert [note.code for note in tally.notes] == ["hidden_sheet", "count_unclear"]


KINDS = st.sampled_from(sorted(FIELD))
NEAR_NUMBERS = st.text(alphabet="0123456789０１ .,-/()%đcĐVxkhông\u00a0\u200b\t\n", max_size=14)
ANYTHING = st.one_of(
    st.none(),
    st.text(),
    NEAR_NUMBERS,
    st.integers(),
    st.floats(),
    st.booleans(),
    st.datetimes(),
    st.dates(),
    st.times(),
)


@given(KINDS, ANYTHING)
def test_any_value_is_typed_or_noted(kind: str, value: object) -> None:
    read, codes = outcome(kind, value)
    is_as_it_stood = isinstance(value, int | float | str | date) and not isinstance(value, bool)
    assert read is None or codes or is_as_it_stood
    if isinstance(value, str) and kind != "text":
        assert read is None or codes
    if isinstance(value, float) and not value.is_integer() and kind == "count":
        assert read is None


@given(st.integers(0, MOST_PERSONS))
def test_every_count_survives_its_ways_of_being_written(count: int) -> None:
    grouped = f"{count:,}"
    ways: list[object] = [count, float(count), str(count), f" {count}\n", f"{count} đ/c", f"00{count}", f"{count}đv"]
    ways += [grouped.replace(",", "."), grouped.replace(",", " "), grouped.replace(",", "\u00a0")]
    ways += [str(count).translate({ord(str(digit)): chr(0xFF10 + digit) for digit in range(10)})]
    assert {outcome("count", way)[0] for way in ways} == {count}


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_day_survives_its_ways_of_being_written(day: date) -> None:
    ways = [day, f"{day:%d/%m/%Y}", f"{day.day}-{day.month}-{day.year}", f"{day:%d.%m.%Y}", f"{day:%Y-%m-%d}"]
    ways += [f"ngày {day.day} tháng {day.month} năm {day.year}"]
    assert {outcome("date", way)[0] for way in ways} == {day}
