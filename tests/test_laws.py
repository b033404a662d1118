"""Laws of the whole way from things received to the tables, over made-up campaigns of any shape."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from schemas.campaign import LEVELS
from schemas.records import Received
from schemas.result import Result
from schemas.totals import FILE_STATUSES, PARENT_FLAGS, STATUS_COUNTS, UNIT_FLAGS, summed_columns
from tests.received_tables import TWO_ROUNDS, consolidated, in_order, plan, thing
from tests.registry_tables import Rows

# Guests may be left blank and the tally still counts, so blanks reach the sums; round 2 includes round 1.
CAMPAIGN = plan(
    rounds=[TWO_ROUNDS[0], {**TWO_ROUNDS[1], "cumulative": True}],
    items={"guests": "optional", "exemptions": "no", "assessment": "no", "proposals": "optional"},
)
SUMMED = summed_columns(CAMPAIGN)
LAWS = settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


@dataclass(frozen=True)
class Case:
    """A registry, and the rows of the things received by file."""

    units: Rows
    files: dict[str, list[dict[str, str]]]

    @property
    def things(self) -> list[Received]:
        return in_order([thing(file, rows) for file, rows in self.files.items()])


@contextmanager
def run(case: Case, things: list[Received] | None = None) -> Iterator[Result]:
    text = "\n".join(" | ".join(map(str, row)) + " |" for row in case.units)
    with TemporaryDirectory() as folder:
        yield consolidated(Path(folder), case.things if things is None else things, CAMPAIGN, text)


# --- any campaign -----------------------------------------------------------------------------------

COUNT = st.sampled_from(["5", "10", "1", "0", ""])
DAY = st.sampled_from(["20/4", "20/4 9:00", "21/4", "30/4", "2/5"])


@st.composite
def campaigns(draw: st.DrawFn) -> Case:
    size = draw(st.integers(1, 9))
    depth, rows = [0], [["T", "Tỉnh ủy", LEVELS[0], "", ""]]
    for number in range(1, size):
        above = draw(st.sampled_from([place for place in range(number) if depth[place] < len(LEVELS) - 1]))
        depth.append(depth[above] + 1)
        gone = draw(st.sampled_from(["", "", "", "2021-04-01", "2021-05-05"]))
        rows.append([f"U{number}", f"Đơn vị {number}", LEVELS[depth[-1]], str(rows[above][0]), gone])
    codes = [str(row[0]) for row in rows]
    files = {f"{number}.xlsx": draw(tallies(codes)) for number in range(draw(st.integers(0, 8)))}
    heads: list[object] = ["unit_code", "unit_name", "level", "parent_code", "valid_to"]
    return Case([heads, *map(list, rows)], files)


@st.composite
def tallies(draw: st.DrawFn, codes: list[str]) -> list[dict[str, str]]:
    """Return a file: one form, or a list of several units; its content now and then the same as another's."""
    day = draw(DAY)
    if draw(st.integers(0, 3)) == 0:
        same = {"code": codes[-1], "round": "1", "members": "10", "attendees": "9", "reflections": "10", "guests": ""}
        return [{"day": day, "bytes": "same", **same}]
    if draw(st.booleans()):
        return [{"day": day, **form(draw, [*codes, "?"])}]
    count = draw(st.integers(1, 4))
    lines = [{"day": day, "layout": "list", "line": str(8 + place), **form(draw, codes)} for place in range(count)]
    return [*lines, {"day": day, "layout": "total", "line": "20", **form(draw, codes)}]


def form(draw: st.DrawFn, codes: list[str]) -> dict[str, str]:
    members = draw(COUNT)
    is_whole = draw(st.booleans())  # everybody came and wrote; else anything may be wrong
    return {
        "code": draw(st.sampled_from(codes)), "round": draw(st.sampled_from(["1", "1", "2", "", "9"])),
        "members": members, "attendees": members if is_whole else draw(COUNT),
        "reflections": members if is_whole else draw(COUNT), "guests": draw(COUNT),
    }  # fmt: skip


def known(frame: pd.DataFrame, name: str) -> dict[tuple[str, str], int | None]:
    """Return a column by unit and round, None where nobody reported."""
    keys = zip(frame["unit_code"], frame["round"], strict=True)
    return {key: None if pd.isna(value) else int(value) for key, value in zip(keys, frame[name], strict=True)}


def total(values: list[int | None]) -> int | None:
    told = [value for value in values if value is not None]
    return sum(told) if told else None


def counted(result: Result, case: Case) -> list[tuple[str, str, dict[str, str]]]:
    """Return (unit, round, row) of each tally that counts, found again by its file and line."""
    return [
        (source.unit_code, source.round, row)
        for source in result.sources.itertuples()
        for row in case.files[source.file]
        if int(row.get("line") or 0) == source.row
    ]


def reported(row: dict[str, str]) -> dict[str, int | None]:
    """Return what one unit's own tally amounts to; nothing at all without one."""
    own = {name: int(row[name]) if row.get(name) else None for name in SUMMED}
    required, wrote = own["members"], own["reflections"]
    has_both = required is not None and wrote is not None
    return own | {"required": required, "outstanding": max(0, required - wrote) if has_both else None}


# --- the laws ---------------------------------------------------------------------------------------


@LAWS
@given(campaigns())
def test_nobody_is_lost_or_counted_twice(case: Case) -> None:
    with run(case) as result:
        told = counted(result, case)
        assert len({(unit, round_id) for unit, round_id, _ in told}) == len(told) == len(result.sources)
        for name in ("members", "attendees", "reflections", "guests"):
            for round_ in CAMPAIGN.rounds:
                values = [int(row[name]) if row[name] else None for _, round_id, row in told if round_id == round_.id]
                assert known(result.units, name)["T", round_.id] == total(values)


@LAWS
@given(campaigns())
def test_a_parent_is_the_sum_of_its_children_at_every_level_and_blank_is_never_zero(case: Case) -> None:
    with run(case) as result:
        told = {(unit, round_id): row for unit, round_id, row in counted(result, case)}
        children: dict[str, list[str]] = {}
        for code, parent in zip(result.tree.index, result.tree["parent_code"], strict=True):
            children.setdefault(parent, []).append(code)
        expected = known(result.units, "expected")
        for name in (*SUMMED, *STATUS_COUNTS):
            column = known(result.units, name)
            for (unit, round_id), value in column.items():
                below = [(code, round_id) for code in children.get(unit, [])]
                files_itself = expected[unit, round_id] and not any(expected[child] for child in below)
                own = told.get((unit, round_id), {})
                if below and not files_itself:
                    assert value == total([column[child] for child in below])
                elif name in SUMMED:
                    assert value == reported(own)[name]


@LAWS
@given(campaigns())
def test_every_unit_has_one_row_a_round_and_its_counts_of_units_add_up(case: Case) -> None:
    with run(case) as result:
        units = result.units
        assert len(units) == len(result.tree) * len(CAMPAIGN.rounds)
        assert not units.duplicated(["unit_code", "round"]).any()
        parts = units[["complete", "queried", "rejected", "missing", "not_due"]].sum(axis=1)
        assert (units["expected"] == parts).all()
        received = units["complete"] + units["queried"]
        assert (units["late"] <= received).all()
        expected = received.astype("Float64") / units["expected"].astype("Float64").where(units["expected"] > 0)
        pd.testing.assert_series_equal(units["coverage"], expected, check_names=False)
        parents = set(result.tree["parent_code"])
        for row in units.itertuples():
            assert row.flag in {*UNIT_FLAGS, *(PARENT_FLAGS if row.unit_code in parents else ())}
            assert (row.flag == "not_expected") == (row.expected == 0)
            assert row.flag != "complete" or row.complete == row.expected


@LAWS
@given(campaigns())
def test_every_thing_received_has_exactly_one_row_with_a_status_and_a_reason(case: Case) -> None:
    with run(case) as result:
        assert sorted(result.files["file"]) == sorted(case.files)
        assert set(result.files["status"]) <= set(FILE_STATUSES)
        for row in result.files.itertuples():
            assert row.reason or row.status == "counted"
        with_numbers = set(result.sources["file"])
        assert with_numbers == set(result.files.loc[result.files["status"] == "counted", "file"])


NAMES_A_FILE = ("newer_has_errors", "newer_of_doubtful_round", "list_differs_from_form", "conflict_same_time")


@LAWS
@given(campaigns(), st.randoms(use_true_random=False))
def test_neither_order_nor_file_names_matter(case: Case, rng: object) -> None:
    names = list(case.files)
    shuffled = names[:]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    renamed = dict(zip(names, (f"Z{name}" for name in shuffled), strict=True))
    other = Case(case.units, {renamed[name]: case.files[name] for name in shuffled})
    with run(case) as first, run(other) as second:
        assert_frame_equal(first.units, second.units)
        assert_frame_equal(first.sources.drop(columns="file"), second.sources.drop(columns="file"))
        about = ["severity", "code", "unit_code", "round", "field", "value", "cell"]
        told = [table.findings[~table.findings["code"].isin(NAMES_A_FILE)] for table in (first, second)]
        lists = [sorted(table[about].astype(str).to_numpy().tolist()) for table in told]
        assert lists[0] == lists[1]


@LAWS
@given(campaigns())
def test_running_twice_changes_nothing(case: Case) -> None:
    with run(case) as first, run(case) as second:
        for name in ("units", "files", "findings", "texts", "sources", "questions"):
            assert_frame_equal(getattr(first, name), getattr(second, name))


@LAWS
@given(campaigns(), st.data())
def test_the_very_same_file_once_more_changes_no_number(case: Case, data: st.DataObject) -> None:
    if not case.files:
        return
    things = case.things
    again = data.draw(st.sampled_from(things))
    late = max(known.received_at for known in things)
    copy = replace(again, file="copy.xlsx", received_at=late)
    with run(case) as first, run(case, in_order([*things, copy])) as second:
        assert_frame_equal(first.units, second.units)
        assert len(second.files) == len(first.files) + 1
