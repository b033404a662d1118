"""Hostile .xlsx and .xlsm."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, Final

from .maker import Hostile, counted, refused
from .packages import HEAD, LABELS, MAIN, OFFICE, Book, Entry, form, form_lines, raw_zip, relations, rows, sheet, zeros

_GIB: Final = 1 << 30
_SHEET: Final = "xl/worksheets/sheet1.xml"
_CRASH: Final = ("file_crashed", "file_damaged")
_FAR: Final = ("cells_too_far", "file_damaged")


def _book(more: str = "", around: str = "", code: str = "H-NONE", **options: Any) -> Book:
    """Return a good form with further rows, and further elements behind the sheet's data."""
    return Book([("Biểu", sheet(rows(form_lines(code)) + more) + around)], **options)


def _doubtful(around: str, code: str) -> Book:
    """Return a form that counts and is asked about, so that a copy of it goes back."""
    return Book([("Biểu", sheet(rows(form_lines(code, attendees=5, reflections=3))) + around)])


def _far(cell: str) -> bytes:
    return _book(f'<row r="1048576">{cell}</row>').made()


# --- bombs ----------------------------------------------------------------------------------------------


def _packed(name: str, packed: bytes, size: int, at: int | None = None) -> Entry:
    return Entry(name.encode(), packed, size, at=at)


def _bomb(size: int, says: int | None = None) -> bytes:
    """One part of so many zeros, whose header may say less."""
    parts = [
        Entry(name.encode(), content.encode() if isinstance(content, str) else content, len(content), method=0)
        for name, content in _book().parts()
        if name != _SHEET
    ]
    return raw_zip([*parts, _packed(_SHEET, zeros(size), size if says is None else says)])


def _many_parts(count: int, size: int) -> bytes:
    packed = zeros(size)
    return raw_zip(
        [_packed("[Content_Types].xml", packed, size), *(_packed(f"xl/{n}.xml", packed, size) for n in range(count))]
    )


def _overlapping() -> bytes:
    """Two thousand parts that are all the same bytes."""
    packed = zeros(90 << 20)
    parts = [_packed("[Content_Types].xml", packed, 90 << 20)]
    return raw_zip([*parts, *(_packed(f"xl/{n}.xml", packed, 90 << 20, at=0) for n in range(1900))])


# --- entities -------------------------------------------------------------------------------------------

_LAUGHS: Final = (
    '<!DOCTYPE a [<!ENTITY a0 "ha">' + "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)) + "]>"
)
_QUADRATIC: Final = f'<!DOCTYPE a [<!ENTITY a "{"a" * 50_000}">]>'
_XXE: Final = '<!DOCTYPE a [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
_XXE_HTTP: Final = '<!DOCTYPE a [<!ENTITY a SYSTEM "http://127.0.0.1:9/a">]>'
_PARAMETER: Final = '<!DOCTYPE a [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]>'


def _entities(doctype: str, part: str, use: str) -> bytes:
    text = f'<row r="20"><c r="A20" t="inlineStr"><is><t>{use}</t></is></c></row>'
    in_sheet = part == _SHEET
    return _book(
        text if in_sheet else "", strings=f"<si><t>{'x' if in_sheet else use}</t></si>", doctype={part: doctype}
    ).made()


def _utf16(doctype: str) -> bytes:
    book = _book()
    xml = f'<?xml version="1.0" encoding="UTF-16"?>{doctype}<worksheet xmlns="{MAIN}">{book.sheets[0][1]}</worksheet>'
    book.extra[_SHEET] = xml.encode("utf-16")
    return book.made()


def _said_encoding(encoding: str) -> bytes:
    """A form with an error cell, so that its XML is looked at twice, in an encoding that there is none of."""
    book = _book('<row r="20"><c r="A20" t="e"><v>#REF!</v></c></row>')
    xml = f'<?xml version="1.0" encoding="{encoding}"?><worksheet xmlns="{MAIN}">{book.sheets[0][1]}</worksheet>'
    book.extra[_SHEET] = xml
    return book.made()


# --- lies and oddities ----------------------------------------------------------------------------------


def _styled_rows(code: str) -> bytes:
    """A million empty rows that bear a style, as one click on a column's head leaves behind."""
    empty = "".join(f'<row r="{n}" s="1" customFormat="1"/>' for n in range(10, 1_000_010))
    return _book(empty, code=code).made()


def _out_of_order(code: str) -> bytes:
    lines = re.findall(r"<row.*?</row>", rows(form_lines(code)))
    turned = [re.sub(r"(<c .*?</c>)(<c .*?</c>)", r"\2\1", line) for line in reversed(lines)]
    return Book([("Biểu", sheet("".join(turned)))]).made()


def _strings_said(count: str) -> bytes:
    book = _book(strings="<si><t>x</t></si>")
    said = f'{HEAD}<sst xmlns="{MAIN}" count="{count}" uniqueCount="{count}"><si><t>x</t></si></sst>'
    book.extra["xl/sharedStrings.xml"] = said
    return book.made()


def _old_font(style: str) -> bytes:
    """A form in an old font, one of whose cells has a style that there is none of."""
    book = _book(f'<row r="20"><c r="A20" s="{style}" t="inlineStr"><is><t>x</t></is></c></row>')
    fonts = '<fonts count="1"><font><name val=".VnTime"/></font></fonts><cellXfs count="1"><xf fontId="0"/></cellXfs>'
    book.extra["xl/styles.xml"] = f'{HEAD}<styleSheet xmlns="{MAIN}">{fonts}</styleSheet>'
    return book.made()


def _two_forms() -> bytes:
    """One workbook, two forms for one unit and round, of different figures."""
    forms = [("Một", 20), ("Hai", 30)]
    return Book([(name, sheet(rows(form_lines("H-TWO", members=members)))) for name, members in forms]).made()


def _macros(code: str) -> bytes:
    book = _doubtful("", code)
    book.extra["xl/vbaProject.bin"] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4096)
    return book.made()


def _links(code: str) -> bytes:
    """A form with a link of its own, a workbook elsewhere and a program that it wants to talk to."""
    book = _doubtful('<hyperlinks><hyperlink ref="B3" location="=cmd"/></hyperlinks>', code)
    book.relations += [(f"rIdX{n}", "externalLink", f"externalLinks/externalLink{n}.xml") for n in (1, 2)]
    book.around = (
        '<externalReferences><externalReference r:id="rIdX1"/><externalReference r:id="rIdX2"/></externalReferences>'
    )
    target = "file:///\\\\evil\\share\\x.xlsx"
    elsewhere = relations([("rId1", "externalLinkPath", target)], "External")
    for number, link in enumerate(('<externalBook r:id="rId1"/>', '<ddeLink ddeService="cmd" ddeTopic="/c calc"/>'), 1):
        xml = f'{HEAD}<externalLink xmlns="{MAIN}" xmlns:r="{OFFICE}">{link}</externalLink>'
        book.extra[f"xl/externalLinks/externalLink{number}.xml"] = xml
        book.extra[f"xl/externalLinks/_rels/externalLink{number}.xml.rels"] = elsewhere
    return book.made()


def _renamed_part(kind: str) -> bytes:
    """A workbook whose parts stand where its relations do not say."""
    book = _book()
    book.extra["xl/_rels/workbook.xml.rels"] = (
        f'{HEAD}<Relationships><Relationship Id="rId1" Target="{kind}"/></Relationships>'
    )
    return book.made()


def _long_list() -> bytes:
    """A hundred thousand lines of branches that are nobody's."""
    head = [("STT", "Tên chi bộ", LABELS["members"], LABELS["attendees"], LABELS["reflections"])]
    return Book([("DS", sheet(rows([*head, *((n, f"Chi bộ {n}", 9, 9, 9) for n in range(1, 100_001))])))]).made()


def _sheets(count: int) -> bytes:
    return Book([("Biểu", sheet(rows(form_lines("H-NONE")))), *((f"s{n}", sheet("")) for n in range(count))]).made()


def _password(spin: bool) -> bytes:
    from msoffcrypto.format.ooxml import OOXMLFile

    made = io.BytesIO()
    OOXMLFile(io.BytesIO(form("H-NONE"))).encrypt("mật khẩu", made)
    data = made.getvalue()
    if spin:  # keeps every byte in its place
        short, long = b'spinCount="100000" ', b'spinCount="999999999" '
        gap = b" " * (len(long) - len(short))
        at = data.index(short)
        after = data.index(b'keyBits="256"\n' + gap, at) + len(b'keyBits="256"\n')
        data = data[:at] + long + data[at + len(short) : after] + data[after + len(gap) :]
    return data


def _truncated() -> Iterator[Hostile]:
    whole = form("H-NONE")
    for tenth in range(1, 10):
        size = len(whole) * tenth // 10
        yield refused(f"cut/{tenth}0-percent.xlsx", lambda size=size: whole[:size], "file_damaged")


HOSTILE: Final = (
    refused("bomb/one-part.xlsx", lambda: _bomb(2 * _GIB), "inflates_too_far"),
    refused("bomb/lying-size.xlsx", lambda: _bomb(_GIB, says=10), "inflates_too_far", "file_damaged"),
    refused("bomb/many-parts.xlsx", lambda: _many_parts(150, 1 << 20), "inflates_too_far"),
    refused("bomb/overlapping.xlsx", _overlapping, "inflates_too_far", "file_suspicious"),
    refused("bomb/3000-parts.xlsx", lambda: _many_parts(3000, 0), "too_many_members"),
    refused("bomb/100000-lines.xlsx", _long_list, "too_many_lines", "file_crashed"),
    *(
        refused(
            f"entities/{name}-{part.rpartition('/')[2]}.xlsx",
            lambda d=d, p=part, u=use: _entities(d, p, u),
            "file_suspicious",
        )
        for part in (_SHEET, "xl/sharedStrings.xml", "xl/workbook.xml")
        for name, d, use in (
            ("laughs", _LAUGHS, "&a9;"),
            ("quadratic", _QUADRATIC, "&a;" * 9999),
            ("xxe", _XXE, "&a;"),
            ("xxe-http", _XXE_HTTP, "&a;"),
            ("parameter", _PARAMETER, "x"),
        )
    ),
    refused("entities/laughs-in-utf16.xlsx", lambda: _utf16(_LAUGHS), "file_suspicious", *_CRASH),
    refused("encoding/utf-16.xlsx", lambda: _utf16(""), "file_suspicious", *_CRASH),
    *(
        refused(f"encoding/{name[:9]}.xlsx", lambda n=name: _said_encoding(n), *_CRASH)
        for name in ("true", "U--TF-8", "idna", "x" * 900)
    ),
    refused("far/plain.xlsx", lambda: _far('<c r="XFD1048576"><v>1</v></c>'), "cells_too_far"),
    refused("far/other-quotes.xlsx", lambda: _far("<c r='XFD1048576'><v>1</v></c>"), "cells_too_far"),
    refused("far/small-letters.xlsx", lambda: _far('<c r="xfd1048576"><v>1</v></c>'), *_FAR),
    refused("far/bracket-in-value.xlsx", lambda: _far('<c x=">" r="XFD1048576"><v>1</v></c>'), *_FAR),
    refused("far/line-break.xlsx", lambda: _far('<c\nr="XFD1048576"><v>1</v></c>'), *_FAR),
    refused("far/entity.xlsx", lambda: _far('<c r="&#88;FD1048576"><v>1</v></c>'), *_FAR),
    refused("far/no-address.xlsx", lambda: _far("<c/>" * 16_383 + "<c><v>1</v></c>"), *_FAR),
    refused("far/row-of-5000-digits.xlsx", lambda: _far(f'<c r="A{"9" * 5000}"><v>1</v></c>'), *_FAR),
    refused("far/column-of-3000-letters.xlsx", lambda: _far(f'<c r="{"Z" * 3000}1"><v>1</v></c>'), *_FAR),
    refused("far/row-beyond-32-bits.xlsx", lambda: _far('<c r="A4294967297"><v>1</v></c>'), *_FAR),
    refused("strings-said.xlsx", lambda: _strings_said("18446744073709551615"), *_CRASH),
    refused("500-sheets.xlsx", lambda: _sheets(500), "too_many_sheets"),
    refused("no-sheets.xlsx", lambda: Book([]).made(), "no_form", "file_damaged"),
    refused("relation-upward.xlsx", lambda: _renamed_part("../../../../etc/passwd"), "no_form", *_CRASH),
    refused("relation-http.xlsx", lambda: _renamed_part("http://127.0.0.1:9/a"), "no_form", *_CRASH),
    refused("password.xlsx", lambda: _password(spin=False), "file_encrypted"),
    Hostile(
        "password-spun.xlsx", lambda: _password(spin=True), frozenset({"file_encrypted", "file_crashed"}), is_slow=True
    ),
    Hostile("two-forms.xlsx", _two_forms, frozenset({"conflict_same_time"})),
    Hostile(
        "style-of-none.xlsx",
        lambda: _old_font("-999999"),
        frozenset({"unit_unknown", *_CRASH}),
        frozenset({"rejected", "unidentified"}),
    ),
    *_truncated(),
    counted("rows-with-style.xlsx", _styled_rows, "H-ROWS", members=20),
    counted(
        "dimension-lies.xlsx",
        lambda code: Book([("B", sheet(rows(form_lines(code)), "A1:XFD1048576"))]).made(),
        "H-DIM",
        members=20,
    ),
    counted(
        "dimension-nonsense.xlsx",
        lambda code: Book([("B", sheet(rows(form_lines(code)), "A1:ZZZZZZ9999999999"))]).made(),
        "H-DIM2",
        members=20,
    ),
    counted("cells-out-of-order.xlsx", _out_of_order, "H-ORDER", members=20, attendees=19),
    counted(
        "merged-all.xlsx",
        lambda code: _book(around='<mergeCells><mergeCell ref="C1:XFD1048576"/></mergeCells>', code=code).made(),
        "H-MERGE",
        members=20,
    ),
    counted("macros.xlsm", _macros, "H-VBA", members=20),
    counted("links.xlsx", _links, "H-LINKS", members=20),
)
