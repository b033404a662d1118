"""Children -> parent: blank stays blank, zero stays zero, nobody is lost or counted twice."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from pipeline.merge import merge_to_top, merge_up
from tests.registry_tables import table

TREE = """
    | unit_code | parent | depth |
    | T         |        | 0     |
    | D1        | T      | 1     |
    | D2        | T      | 1     |
    | B1        | D1     | 2     |
    | B2        | D1     | 2     |
    | B3        | D2     | 2     |
    | D3        | T      | 1     |
"""


def counts(text: str) -> pd.DataFrame:
    heads, *rows = table(text)
    frame = pd.DataFrame(rows, columns=heads).set_index("unit_code")
    return frame.apply(lambda column: pd.to_numeric(column.where(column != "")).astype("Int64"))


def tree(text: str = TREE) -> tuple[pd.Series, pd.Series]:
    frame = pd.DataFrame(table(text)[1:], columns=table(text)[0]).set_index("unit_code")
    return frame["parent"], frame["depth"].astype(int)


PARENTS, DEPTH = tree()


def test_blank_stays_blank_and_zero_stays_zero() -> None:
    branches = counts("""
        | unit_code | members | attendees | reflections | guests |
        | B1        | 10      | 9         |             |        |
        | B2        | 5       | 5         | 0           |        |
        | B3        | 7       | 0         |             | 0      |
    """)
    districts = counts("""
        | unit_code | members | attendees | reflections | guests |
        | D1        | 15      | 14        | 0           |        |
        | D2        | 7       | 0         |             | 0      |
    """)
    assert_frame_equal(merge_up(branches, PARENTS), districts)


def test_every_unit_has_a_row_and_a_silent_one_has_no_numbers() -> None:
    reported = counts("""
        | unit_code | members | reflections |
        | B1        | 10      |             |
        | B3        | 7       | 0           |
    """)
    everywhere = counts("""
        | unit_code | members | reflections |
        | T         | 17      | 0           |
        | D1        | 10      |             |
        | D2        | 7       | 0           |
        | B1        | 10      |             |
        | B2        |         |             |
        | B3        | 7       | 0           |
        | D3        |         |             |
    """)
    assert_frame_equal(merge_to_top(reported, PARENTS, DEPTH), everywhere)


def test_a_district_without_units_below_it_reports_for_itself_in_a_ragged_tree() -> None:
    reported = counts("""
        | unit_code | members |
        | D3        | 4       |
        | B2        | 5       |
    """)
    sums = merge_to_top(reported, PARENTS, DEPTH)["members"]
    assert {code: value for code, value in sums.items() if not pd.isna(value)} == {"T": 9, "D1": 5, "B2": 5, "D3": 4}


def test_where_nobody_reported_there_is_nothing_at_all() -> None:
    nobody = counts("| unit_code | members |").astype("Int64")
    sums = merge_to_top(nobody, PARENTS, DEPTH)
    assert list(sums.index) == list(PARENTS.index)
    assert sums["members"].isna().all()
    assert sums["members"].dtype == "Int64"


def test_a_unit_of_a_tree_of_one_is_its_own_total() -> None:
    parents, depth = tree("""
        | unit_code | parent | depth |
        | T         |        | 0     |
    """)
    assert merge_to_top(counts("| unit_code | members |\n| T | 3 |"), parents, depth).loc["T", "members"] == 3


@pytest.mark.parametrize("codes", [["B1", "B1"], ["T", "T"], ["D3", "D3"]])
def test_a_unit_that_occurs_twice_is_refused(codes: list[str]) -> None:
    twice = pd.DataFrame({"members": pd.array([1, 2], "Int64")}, index=pd.Index(codes, name="unit_code"))
    with pytest.raises(ValueError, match=f"counted twice: {codes[0]}"):
        merge_to_top(twice, PARENTS, DEPTH)
    with pytest.raises(ValueError, match=f"counted twice: {codes[0]}"):
        merge_up(twice, PARENTS)


def test_a_unit_that_the_registry_does_not_know_is_refused() -> None:
    stranger = counts("| unit_code | members |\n| Z9 | 1 |")
    with pytest.raises(ValueError, match="not in the registry: Z9"):
        merge_to_top(stranger, PARENTS, DEPTH)
    with pytest.raises(ValueError, match="not in the registry: Z9"):
        merge_up(stranger, PARENTS)


@pytest.mark.parametrize("above", ["D1", "T"])
def test_a_unit_that_reports_for_itself_and_through_its_units_is_refused(above: str) -> None:
    both = counts(f"| unit_code | members |\n| B1 | 1 |\n| {above} | 1 |")
    with pytest.raises(ValueError, match=f"reports for itself and through its units: {above}"):
        merge_to_top(both, PARENTS, DEPTH)


def test_what_was_reported_is_left_as_it_was() -> None:
    reported = counts("| unit_code | members |\n| B1 | 1 |\n| B2 | 2 |")
    before = reported.copy()
    merge_to_top(reported, PARENTS, DEPTH)
    assert_frame_equal(reported, before)


# --- laws over random ragged trees ------------------------------------------------------------------

COUNT = st.one_of(st.none(), st.integers(0, 500))


@st.composite
def reports(draw: st.DrawFn) -> tuple[pd.Series, pd.Series, pd.DataFrame]:
    """Return a random tree (parents, depth) and what some of its leaves reported."""
    size = draw(st.integers(1, 14))
    above = [-1] + [draw(st.integers(0, place - 1)) for place in range(1, size)]
    depth = [0] * size
    for place in range(1, size):
        depth[place] = depth[above[place]] + 1
    codes = [f"U{place}" for place in range(size)]
    index = pd.Index(codes, name="unit_code")
    parents = pd.Series([codes[at] if at >= 0 else "" for at in above], index=index)
    leaves = [code for code in codes if code not in set(parents)]
    told = draw(st.lists(st.sampled_from(leaves), unique=True))
    values = {name: pd.array([draw(COUNT) for _ in told], "Int64") for name in ("members", "reflections")}
    return parents, pd.Series(depth, index=index), pd.DataFrame(values, index=pd.Index(told, name="unit_code"))


def plain(column: pd.Series) -> dict[str, int | None]:
    return {str(code): None if pd.isna(value) else int(value) for code, value in column.items()}


def total(values: list[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if known else None


@given(reports())
def test_nobody_is_lost_or_counted_twice(case: tuple[pd.Series, pd.Series, pd.DataFrame]) -> None:
    parents, depth, reported = case
    sums = merge_to_top(reported, parents, depth)
    assert list(sums.index) == list(parents.index)
    for name in reported.columns:
        assert plain(sums[name])["U0"] == total(list(plain(reported[name]).values()))


@given(reports())
def test_a_parent_is_the_sum_of_its_children_and_blank_only_if_all_of_them_are(
    case: tuple[pd.Series, pd.Series, pd.DataFrame],
) -> None:
    parents, depth, reported = case
    sums = merge_to_top(reported, parents, depth)
    for name in reported.columns:
        column = plain(sums[name])
        for unit in parents.index:
            below = [column[code] for code in parents.index[parents == unit]]
            own = plain(reported[name]).get(unit)
            assert column[unit] == (total(below) if below else own)


@given(reports(), st.randoms(use_true_random=False))
def test_the_order_of_what_was_reported_does_not_matter(
    case: tuple[pd.Series, pd.Series, pd.DataFrame], rng: object
) -> None:
    parents, depth, reported = case
    shuffled = list(reported.index)
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert_frame_equal(merge_to_top(reported.loc[shuffled], parents, depth), merge_to_top(reported, parents, depth))
