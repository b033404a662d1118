"""Where a key stands in a TOML text: on a line that bears it, whatever surrounds it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from schemas.toml_lines import key_lines

NAMES = st.sampled_from(["a", "b", "due", "bare-key", "có dấu", "with.dot", 'quo"te', "#"])
SCALARS = st.one_of(
    st.integers(-5, 5),
    st.booleans(),
    st.dates(),
    st.text("a\"'\\#[]{},=\n ộ", max_size=6),
)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=3))
TABLES = st.dictionaries(NAMES, VALUES, max_size=4)


def quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def written(value: object) -> str:
    """Write a value as TOML on one line, or a list of scalars on several."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str):
        return quoted(value) if "\n" not in value or "'''" in value else f'"""{quoted(value)[1:-1]}"""'
    if isinstance(value, list):
        return "[ # a remark, [with] brackets\n" + "".join(f"  {written(part)},\n" for part in value) + "]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{quoted(key)} = {inline(part)}" for key, part in value.items()) + "}"
    return value.isoformat() if isinstance(value, date) else str(value)


def inline(value: object) -> str:
    return "[" + ", ".join(map(inline, value)) + "]" if isinstance(value, list) else written(value)


def walked(value: object, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in pairs:
        yield (*path, key)
        yield from walked(part, (*path, key))


@given(TABLES, st.lists(TABLES, max_size=3), TABLES)
def test_every_key_is_found_on_a_line_that_bears_it(
    head: dict[str, object], rounds: list[dict[str, object]], tail: dict[str, object]
) -> None:
    def pairs(table: dict[str, object]) -> str:
        return "".join(f"{quoted(key)} = {written(value)} # remark = [x]\n\n" for key, value in table.items())

    text = pairs(head) + "".join(f"[[rounds]]\n{pairs(table)}" for table in rounds)
    text += "".join(f"  [ rounds . {quoted('of the last')} ]\n{pairs(tail)}" for _ in rounds[:1])
    plan, lines = tomllib.loads(text), key_lines(text)
    assert set(lines) == set(walked(plan))
    for path, number in lines.items():
        line = text.split("\n")[number - 1]
        if isinstance(path[-1], str):
            assert path[-1] in line or quoted(path[-1]) in line
        assert number >= lines.get(path[:-1], 1)
    assert [lines["rounds", at] for at in range(len(rounds))] == [
        number for number, line in enumerate(text.split("\n"), start=1) if line == "[[rounds]]"
    ]
