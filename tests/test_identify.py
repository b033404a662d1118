"""Received file -> unit and round: by exact evidence, else candidates; never a silent guess."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from pipeline.identify import Placed, place
from pipeline.registry import Registry, load_registry
from schemas.campaign import Campaign
from tests.received_tables import TWO_ROUNDS, plan, received
from tests.registry_tables import table, write_csv

# Two districts with a commune of the same name, each with its branches; names that fuzzy likeness would mix up.
UNITS = """
    | unit_code | unit_name                     | level      | parent_code | aliases         | email         |
    | T         | Tỉnh ủy Kiên Giang            | province   |             |                 |               |
    | H1        | Huyện ủy Hòn Đất              | district   | T           |                 | h1@example.vn |
    | X1        | Đảng bộ xã Tân Hiệp           | grassroots | H1          |                 | x1@example.vn |
    | B1        | Chi bộ ấp Tân Hòa             | branch     | X1          |                 | b1@example.vn |
    | B2        | Chi bộ ấp Tân Hoa             | branch     | X1          |                 |               |
    | B3        | Chi bộ thôn 1                 | branch     | X1          | Chi bộ Xóm Mới  |               |
    | B4        | Chi bộ thôn 2                 | branch     | X1          |                 |               |
    | H2        | Huyện ủy An Biên              | district   | T           |                 |               |
    | X2        | Đảng bộ xã Tân Hiệp           | grassroots | H2          |                 | x2@example.vn |
    | C1        | Chi bộ ấp Tân Hòa             | branch     | X2          |                 |               |
    | X3        | Đảng ủy Cấp nước              | grassroots | H2         |                 | x3@example.vn |
    | C3        | Chi bộ Văn phòng              | branch     | X3          |                 |               |
    | C4        | Đảng bộ bộ phận Nhà máy       | grassroots | H2          |                 |               |
    | C5        | Chi bộ Công an huyện          | grassroots | H2          |                 |               |
"""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return load_registry(write_csv(tmp_path, table(UNITS)), plan())


def placed(registry: Registry, text: str, campaign: Campaign | None = None) -> list[Placed]:
    return place(received(text), registry, campaign or plan(), {})


def notes(entry: Placed) -> list[str]:
    return [note.code for note in entry.notes]


# --- the unit: what is on the form, and where that places it ------------------------------------------
# `found` is the unit and, behind it, what is noted.

BY_EVIDENCE = """
    | code | name                 | above                                  | sender        | found |
    | B1   | Chi bộ ấp Tân Hòa    | Đảng bộ xã Tân Hiệp                    |               | B1 |
    | b1   |                      |                                        |               | B1 |
    | B 1  |                      |                                        |               | B1 |
    | B1   | Chi bộ ấp Tân Hoà    |                                        |               | B1 |
    | B1   | ấp Tân Hòa           |                                        |               | B1 |
    | B1   | Chi bộ thôn 1        | Đảng bộ xã Tân Hiệp                    |               | B1 name_differs_from_code |
    | B3   | Chi bộ thôn 2        |                                        |               | B3 name_differs_from_code |
    | C5   | Chi bộ Công an       |                                        |               | C5 |
    | B1   | Chi bộ ấp Tân Hòa    | Huyện ủy An Biên > Đảng bộ xã Tân Hiệp |               | B1 name_differs_from_code |
    | B1   |                      | Huyện ủy An Biên                       |               | B1 name_differs_from_code |
    | B1   | Chi bộ ấp Tân Hòa    | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | B1 |
    | B1   | Chi bộ ấp Tân Hòa    | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiếp |               | B1 |
    | B9   | Chi bộ ấp Tân Hòa    | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | unit_unknown |
    |      | Chi bộ ấp Tân Hòa    | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | B1 |
    |      | Chi bộ ấp Tân Hòa    | Huyện ủy An Biên > Đảng bộ xã Tân Hiệp |               | C1 |
    |      | CB ấp Tân Hoà        | ĐB huyện Hòn Đất > Đảng ủy xã Tân Hiệp |               | B1 |
    |      | ấp Tân Hòa           | Đảng bộ huyện Hòn Đất > ĐU xã Tân Hiệp |               | B1 |
    |      | CHI ỦY CHI BỘ THÔN 1 | HUYỆN ỦY HÒN ĐẤT > BAN CHẤP HÀNH ĐẢNG BỘ XÃ TÂN HIỆP |               | B3 |
    |      | Chi bộ Xóm Mới       | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | B3 |
    |      | Chi bộ ấp Tân Hòa    | Huyện ủy Hòn Đất                       |               | B1 |
    |      | Chi bộ thôn 1        | Đảng bộ xã Tân Hiệp                    |               | B3 |
    |      | Chi bộ thôn 1, xã Tân Hiệp | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |         | B3 |
    |      | Chi bộ Xóm Mới xã    | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | B3 |
    |      | Chi bộ Công an       | Huyện ủy An Biên                       |               | C5 |
    |      | Chi bộ Công an huyện An Biên | Huyện ủy An Biên               |               | C5 |
    |      | Chi bộ thôn 1, xã Tân Hội | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |          | unit_not_found |
    |      | Chi bộ xã Tân Hiệp   | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | unit_not_found |
    |      | Chi bộ ấp Tân Hòa    | Đảng bộ xã Tân Hiệp                    |               | unit_not_found |
    |      | Chi bộ ấp Tân Hòa    | Tỉnh ủy Kiên Giang                     |               | unit_not_found |
    |      | Chi bộ ấp Tân Hòa    | Đảng bộ xã Tân Hội                     |               | unit_not_found |
    |      | Chi bộ Văn phòng     | Huyện ủy Hòn Đất > Đảng ủy Cấp nước    |               | unit_not_found |
    |      | Chi bộ Văn phòng     |                                        |               | unit_not_found |
    |      | Chi bộ thôn 3        | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | unit_not_found |
    |      | Chi bộ ấp Tân Hỏa    | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |               | unit_not_found |
    |      | Chi bộ Cấp nước      | Huyện ủy An Biên                       |               | unit_not_found |
    |      |                      | Đảng bộ xã Tân Hiệp                    |               | unit_not_named |
    |      |                      |                                        | b1@example.vn | B1 placed_by_sender |
    |      | Chi bộ ấp Tân Hòa    |                                        | x1@example.vn | B1 |
    |      | Chi bộ ấp Tân Hòa    |                                        | x3@example.vn | unit_not_found |
    | B4   |                      |                                        | x1@example.vn | B4 |
    | B4   |                      |                                        | b1@example.vn | B4 sender_differs |
    | B4   |                      |                                        | a@example.com | B4 |
"""


@pytest.mark.parametrize(("code", "name", "above", "sender", "found"), table(BY_EVIDENCE)[1:])
def test_each_evidence_places_a_form_or_leaves_it_to_a_person(
    registry: Registry, code: str, name: str, above: str, sender: str, found: str
) -> None:
    (entry,) = placed(
        registry,
        f"""
        | code   | name   | above   | sender   | members |
        | {code} | {name} | {above} | {sender} | 10      |
        """,
    )
    assert " ".join([entry.unit_code, *notes(entry)]).strip() == found


LIKELY = """
    | name              | above                                  | candidates |
    | Chi bộ thôn 3     | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp | B3 B4      |
    | Chi bộ ấp Tân Hỏa | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp | B2 B1      |
    | Chi bộ ấp Tân Hòa | Đảng bộ xã Tân Hiệp                    | C1 B1 B2   |
    | Chi bộ ấp Tân Hòa |                                        | C1 B1 B2   |
    | Chi bộ Cty        | Đảng bộ xã Tân Hội                     |            |
    | Văn phòng         | Huyện ủy Hòn Đất - Đảng bộ Cấp nước    | C3         |
    | Zzz               |                                        |            |
"""


@pytest.mark.parametrize(("name", "above", "expected"), table(LIKELY)[1:])
def test_a_form_that_is_not_placed_comes_with_at_most_three_candidates(
    registry: Registry, name: str, above: str, expected: str
) -> None:
    (entry,) = placed(registry, f"| name | above | members |\n| {name} | {above} | 10 |")
    assert entry.unit_code == ""
    (note,) = entry.notes
    named = dict(note.detail)["candidates"]
    assert [part.split()[0] for part in named.split("; ") if part] == expected.split()


def test_of_many_units_of_one_name_those_below_the_likeliest_office_are_candidates(tmp_path: Path) -> None:
    communes = [f"| X{n} | Đảng bộ xã {name} | grassroots | T |" for n, name in enumerate(("A", "B", "C", "D", "Hòa"))]
    branches = [f"| B{n} | Chi bộ ấp 1 | branch | X{n} |" for n in range(5)]
    units = "\n".join(("| unit_code | unit_name | level | parent_code |",
                       "| T | Tỉnh ủy Kiên Giang | province | |", *communes, *branches))  # fmt: skip
    registry = load_registry(write_csv(tmp_path, table(units)), plan())
    (entry,) = placed(registry, "| name | above | members |\n| Chi bộ ấp 1 | Kiên Giang - Đảng ủy xã Hòa | 10 |")
    (note,) = entry.notes
    assert dict(note.detail)["candidates"].startswith("B4 ")


def test_a_unit_directly_below_the_parent_named_goes_before_one_further_down(tmp_path: Path) -> None:
    units = """
        | unit_code | unit_name             | level      | parent_code |
        | T         | Tỉnh ủy Kiên Giang    | province   |             |
        | H1        | Huyện ủy Hòn Đất      | district   | T           |
        | A         | Chi bộ Công an        | grassroots | H1          |
        | X1        | Đảng bộ xã Tân Hiệp   | grassroots | H1          |
        | B         | Chi bộ Công an        | branch     | X1          |
    """
    registry = load_registry(write_csv(tmp_path, table(units)), plan())
    found = placed(
        registry,
        """
        | file | name           | above                                  | members |
        | a    | Chi bộ Công an | Huyện ủy Hòn Đất                       | 10      |
        | b    | Chi bộ Công an | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp | 10      |
        """,
    )
    assert sorted(entry.unit_code for entry in found) == ["A", "B"]


def test_a_persons_ruling_goes_before_what_the_form_says(registry: Registry) -> None:
    things = received("| code | name | members |\n| B1 | Chi bộ ấp Tân Hòa | 10 |")
    (entry,) = place(things, registry, plan(), {(0, "Biểu mẫu", 0): "B2"})
    assert (entry.unit_code, entry.notes) == ("B2", ())


# --- lists ----------------------------------------------------------------------------------------

LISTS = """
    | layout | line | name              | above                                  | found |
    | list   | 8    | Chi bộ ấp Tân Hòa | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp | B1    |
    | list   | 9    | ấp Tân Hoa        | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp | B2    |
    | list   | 10   | Chi bộ thôn 9     | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp | unit_not_found |
    | empty  | 11   | Chi bộ thôn 2     | Huyện ủy Hòn Đất > Đảng bộ xã Tân Hiệp |       |
    | total  | 12   | {office}          | {above}                                | X1    |
"""


@pytest.mark.parametrize(
    ("office", "above"),
    [
        ("Đảng bộ xã Tân Hiệp", "Huyện ủy Hòn Đất"),
        ("Đảng bộ xã Tân Hiệp", ""),  # two communes bear the name; the lines say which
        ("Huyện ủy Hòn Đất", "Tỉnh ủy Kiên Giang"),  # the district's office sends the commune's list
        ("", ""),
    ],
)
def test_a_lists_sum_line_belongs_to_the_unit_directly_above_its_lines(
    registry: Registry, office: str, above: str
) -> None:
    rows = table(LISTS.format(office=office, above=above))[1:]
    text = "\n".join(" | ".join(map(str, ["list.xlsx", *row[:-1], "10"])) for row in rows)
    entries = placed(registry, f"| file | layout | line | name | above | members |\n{text}")
    assert [" ".join([entry.unit_code, *notes(entry)]).strip() for entry in entries] == [row[-1] for row in rows]


def test_a_sum_line_over_branches_of_several_units_is_the_named_offices(registry: Registry) -> None:
    entries = placed(
        registry,
        """
        | file | layout | line | code | name             | above              | members |
        | a    | list   | 8    | C3   | Chi bộ Văn phòng | Huyện ủy An Biên   | 10      |
        | a    | list   | 9    | C1   |                  | Huyện ủy An Biên   | 10      |
        | a    | total  | 10   |      | Huyện ủy An Biên | Tỉnh ủy Kiên Giang | 20      |
        """,
    )
    assert [entry.unit_code for entry in entries] == ["C3", "C1", "H2"]


# --- a file that cannot be read -------------------------------------------------------------------

UNREAD = """
    | problem           | sender        | unit |
    | file_encrypted    | b1@example.vn | B1   |
    | file_damaged      | x1@example.vn | none |
    | file_damaged      | a@example.com | none |
    | file_damaged      |               | none |
    | file_ignored      | b1@example.vn | none |
"""


@pytest.mark.parametrize(("problem", "sender", "unit"), table(UNREAD)[1:])
def test_an_unreadable_file_is_its_senders_if_the_address_is_of_one_unit_that_files(
    registry: Registry, problem: str, sender: str, unit: str
) -> None:
    found = placed(registry, f"| problem | sender |\n| {problem} | {sender} |")
    assert [(entry.unit_code, entry.tally.layout) for entry in found] == ([] if unit == "none" else [(unit, "unread")])


# --- the round --------------------------------------------------------------------------------------

ROUNDS = """
    | round        | day        | found | is assumed |
    | 1            | 20/4       | 1     | no         |
    | 2            | 20/4       | 2     | no         |
    | 01           | 20/4       | 1     | no         |
    | I            | 20/4       | 1     | no         |
    | II           | 20/4       | 2     | no         |
    | ii           | 20/4       | 2     | no         |
    | Đợt 2        | 20/4       | 2     | no         |
    | ĐỢT II       | 20/4       | 2     | no         |
    | đợt 02.      | 20/4       | 2     | no         |
    | Đợt thứ 2    | 20/4       | 2     | no         |
    | Đợt hai      | 20/4       | 2     | no         |
    | Đợt 2 (5/21) | 20/4       | 2     | no         |
    | Đợt 3        | 20/4       |       | no         |
    | tháng 4      | 20/4       |       | no         |
    | 12           | 20/4       |       | no         |
    |              | 20/4       | 1     | yes        |
    |              | 29/4 23:59 | 1     | yes        |
    |              | 30/4       | 2     | yes        |
    |              | 28/5 23:59 | 2     | yes        |
    |              | 29/5       | 2     | yes        |
"""


@pytest.mark.parametrize(("text", "day", "found", "assumed"), table(ROUNDS)[1:])
def test_the_round_is_the_one_named_else_the_first_still_open_when_it_came(
    registry: Registry, text: str, day: str, found: str, assumed: str
) -> None:
    campaign = plan(rounds=TWO_ROUNDS)
    (entry,) = placed(registry, f"| code | round | day | members |\n| B1 | {text} | {day} | 10 |", campaign)
    assert (entry.round, entry.is_round_assumed) == (found, assumed == "yes")
    assert notes(entry) == ([] if found else ["round_unknown"])


@pytest.mark.parametrize("day", ["20/4", "1/9"])
def test_a_form_without_a_round_belongs_to_the_only_one(registry: Registry, day: str) -> None:
    (entry,) = placed(registry, f"| code | day | members |\n| B1 | {day} | 10 |")
    assert (entry.round, entry.is_round_assumed) == ("1", False)


def test_whether_the_due_day_itself_counts_decides_between_rounds(registry: Registry) -> None:
    strict = plan(rounds=[{**TWO_ROUNDS[0], "due_day_counts": False}, TWO_ROUNDS[1]])
    found = [
        placed(registry, f"| code | day | members |\n| B1 | {day} | 10 |", strict)[0].round
        for day in ("28/4 23:59", "29/4")
    ]
    assert found == ["1", "2"]


def test_a_round_may_be_called_by_the_name_that_the_plan_gives_it(registry: Registry) -> None:
    rounds = [
        {"id": "so_ket", "name": "Báo cáo sơ kết", "due": date(2021, 4, 29)},
        {"id": "tong_ket", "name": "Báo cáo tổng kết", "due": date(2021, 5, 28)},
    ]
    (entry,) = placed(registry, "| code | round | members |\n| B1 | BÁO CÁO TỔNG KẾT | 10 |", plan(rounds=rounds))
    assert entry.round == "tong_ket"


SUMS = """
    | one                           | two                           | sum of               | found |
    | Đảng bộ xã Tân Hiệp > B1      | Đảng bộ xã Tân Hiệp > B2      | Huyện ủy Hòn Đất     | X1    |
    | Đảng bộ xã Tân Hiệp > B1      | Đảng ủy Cấp nước > C3         | Tỉnh ủy Kiên Giang   | T     |
    | Đảng ủy Cấp nước > C3         | Huyện ủy An Biên > C5         | Huyện ủy An Biên     | H2    |
    | Đảng bộ xã Tân Hiệp > B1      | Đảng ủy Cấp nước > C3         | Huyện ủy An Biên     |       |
    | Đảng bộ xã Tân Hiệp > B1      | Đảng bộ xã Tân Hội > Bx       | Đảng ủy Cấp nước     | X3    |
"""


@pytest.mark.parametrize(("one", "two", "of", "found"), table(SUMS)[1:])
def test_a_sum_is_of_the_unit_above_its_lines_or_of_the_section_that_it_names(
    registry: Registry, one: str, two: str, of: str, found: str
) -> None:
    lines = [(above, code) for above, _, code in (text.partition(" > ") for text in (one, two))]
    above = "Tỉnh ủy Kiên Giang > Huyện ủy An Biên" if of == "Đảng ủy Cấp nước" else ""
    entries = placed(registry, f"""
        | file | layout | line | code        | above       | name | members |
        | a    | list   | 5    | {lines[0][1]} | {lines[0][0]} |      | 10      |
        | a    | list   | 6    | {lines[1][1]} | {lines[1][0]} |      | 10      |
        | a    | total  | 7    |             | {above}     | {of} | 20      |
    """)  # fmt: skip
    assert entries[-1].unit_code == found
