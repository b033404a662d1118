"""The raw material of made-up .ods files."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from xml.sax.saxutils import escape, quoteattr

from .packages import Part, form_lines, zipped

MIMETYPE: Final = "application/vnd.oasis.opendocument.spreadsheet"
_OASIS: Final = "urn:oasis:names:tc:opendocument:xmlns"
SPACES: Final = {name: f"{_OASIS}:{name}:1.0" for name in ("office", "table", "text")}


def ods_cell(value: str | int, more: str = "") -> str:
    if isinstance(value, int):
        said = f'office:value-type="float" office:value="{value}"'
    else:
        said = 'office:value-type="string"'
    return f"<table:table-cell {said} {more}><text:p>{escape(str(value))}</text:p></table:table-cell>"


def ods_row(cells: str, more: str = "") -> str:
    return f"<table:table-row {more}>{cells}</table:table-row>"


def ods_lines(lines: Iterable[tuple[str | int, ...]]) -> str:
    return "".join(ods_row("".join(map(ods_cell, line))) for line in lines)


def ods_table(rows: str, name: str = "Biểu") -> str:
    return f"<table:table table:name={quoteattr(name)}>{rows}</table:table>"


def ods(tables: str, doctype: str = "", spaces: dict[str, str] | None = None, behind: Iterable[Part] = ()) -> bytes:
    """Return an .ods of tables.

    Args:
        tables: what `ods_table` made.
        doctype: text behind the XML declaration.
        spaces: namespaces in place of the true ones.
        behind: further parts.
    """
    declared = " ".join(f'xmlns:{name}="{uri}"' for name, uri in {**SPACES, **(spaces or {})}.items())
    content = (
        f'<?xml version="1.0" encoding="UTF-8"?>{doctype}<office:document-content {declared}><office:body>'
        f"<office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        f'<?xml version="1.0"?><manifest:manifest xmlns:manifest="{_OASIS}:manifest:1.0">'
        f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{MIMETYPE}"/></manifest:manifest>'
    )
    parts = [("mimetype", MIMETYPE), ("META-INF/manifest.xml", manifest), ("content.xml", content)]
    return zipped([*parts, *behind])


def ods_form(code: str, more: str = "", **answers: str | int) -> bytes:
    """Return an .ods with a form that is in order but for the answers given, and further rows below it."""
    return ods(ods_table(ods_lines(form_lines(code, **answers)) + more))
