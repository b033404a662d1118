"""Numbers that show as percentages -> what shows: where a branch reads "100%", the file holds 1, which is no count."""

from __future__ import annotations

from typing import Any, Final

from schemas.records import Grid

from . import xlsx

_BUILT_IN: Final = {9: "0%", 10: "0.00%"}


def percent_format(number: int, custom: str | None) -> str:
    """Return the number format of a cell style where it shows percentages, else ""."""
    code = _BUILT_IN.get(number, "") if custom is None else custom
    return code if "%" in code and not any(sign in code for sign in '"\\') else ""


def as_shown(value: float, code: str) -> str:
    """Return what a number shows as in a percent format, with a comma before its decimals."""
    decimals = code.partition("%")[0].partition(".")[2].count("0")
    return f"{value * 100:.{decimals}f}%".replace(".", ",")


def show_percents(grids: list[Grid], parts: xlsx.Parts) -> None:
    """Put what shows in place of each number with a percent format."""
    try:
        customs, ids = xlsx.number_formats(parts.get("xl/styles.xml", b"<none/>"))
    except xlsx.XML_FAULTS:
        return  # calamine has read the values without
    codes = {str(style): code for style, n in enumerate(ids) if (code := percent_format(n, customs.get(n)))}
    if not codes:
        return
    signs = tuple(f's="{style}"'.encode() for style in codes)
    rows = {grid.name: grid.rows for grid in grids}
    for sheet, part in xlsx.sheet_parts(parts):
        xml, here = parts.get(part, b""), rows.get(sheet, [])

        def see(element: Any, here: list[list[object]] = here) -> None:
            code = codes.get(element.get("s", ""))
            place = xlsx.place_of(element) if code else None
            if code and place is not None and place[0] < len(here) and place[1] < len(here[place[0]]):
                value = here[place[0]][place[1]]
                if isinstance(value, int | float) and not isinstance(value, bool):
                    here[place[0]][place[1]] = as_shown(value, code)

        if any(sign in xml for sign in signs):
            xlsx.each_element(xml, see)
