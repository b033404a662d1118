"""How a healthy file becomes a sick one: bytes changed in the file itself, or in a part of it before it is zipped."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from typing import Final

from hypothesis import strategies as st

from .corpus import corpus

# Values at which readers stumble, put in the place of others: the XML around them stays whole ...
_VALUES: Final = (
    b"",
    b"0",
    b"-1",
    b"1",
    b"255",
    b"65536",
    b"2147483647",
    b"4294967296",
    b"99999999999999999999",
    b"1e999",
    b"nan",
    "²".encode(),
    "１２".encode(),
    b"true",
    b"..",
    b"A1",
    b"a1",
    b"XFD1048576",
    b"s",
    b"e",
    b"str",
    b"d",
    b"inlineStr",
    b"b",
    b"&#1;",
    b"_x0000_",
    b".VnTime",
    b"VNI-Times",
    b"-999",
    b"9" * 5000,
    b" " * 3000,
    "\u0300\u0323".encode() * 300,
    b"(" * 300,
    b"1." * 300,
    "\u202e=1+1".encode(),
    b"'=1",
    b"#REF!",
    b"base64",
    b"utf-16",
    b"x-unknown",
    b"message/rfc822",
    b"multipart/mixed",
    b"1 Jan 0001 00:00:00 +2359",
    b"31 Dec 9999 23:59:59 -2359",
    b"=?utf-8?q?=00?=",
    b"=?x?b?YQ==?=",
)
# ... or with these it may not.
_BREAKERS: Final = (
    b"\0",
    b"\xff\xfe",
    b"&#x110000;",
    b"&x;",
    b"<",
    b">",
    b"<!--",
    b"<![CDATA[",
    b"]]>",
    b"<!DOCTYPE a [<!ENTITY b 'c'>]>",
    b"<f/>",
    b"<v/>",
    b'" t="e"',
    b'" hidden="1"',
    b"\r\n",
    b"\n\n",
    b"--",
    b"charset=x",
    b"%s" * 8,
)
_PLACES = re.compile(rb'(?<=")[^"<>]{0,60}(?=")|(?<=>)[^<>]{1,60}(?=<)|(?<=: )[^\r\n]{1,80}|(?<==)[^;\r\n"]{1,40}')
_NUMBERS: Final = (0, 1, 2, 0x7F, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)


@st.composite
def sick_files(draw: st.DrawFn) -> tuple[str, bytes]:
    """Draw (name, content) of a file that was healthy once."""
    name = draw(st.sampled_from(sorted(corpus())))
    data = corpus()[name]
    if data.startswith(b"PK") and draw(st.integers(0, 7)):
        return name, draw(_changed_inside(data))
    return name, draw(_changed(data))


@st.composite
def _changed_inside(draw: st.DrawFn, data: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as healthy, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as sick:
        names = healthy.namelist()
        chosen = draw(st.sampled_from(names))
        for name in names:
            content = healthy.read(name)
            if name == chosen:
                is_packed = content.startswith(b"PK") and draw(st.integers(0, 7))
                content = draw(_changed_inside(content) if is_packed else _changed(content))
            sick.writestr(zipfile.ZipInfo(name, (2021, 4, 20, 8, 0, 0)), content)
    return made.getvalue()


@st.composite
def _changed(draw: st.DrawFn, data: bytes) -> bytes:
    is_text = b"\0" not in data[:4096]
    ways = (_value_put, _value_put, _value_put, _breaker_put, _bytes_put, _copied, _cut)
    ways = ways if is_text else (_number_put, _number_put, _number_put, _bytes_put, _bytes_put, _cut)
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        data = draw(draw(st.sampled_from(ways))(data))
    return data


def _place(size: int) -> st.SearchStrategy[int]:
    return st.integers(0, max(0, size - 1))


@st.composite
def _value_put(draw: st.DrawFn, data: bytes) -> bytes:
    """Put another value in the place of one between quotes, tags or in a header."""
    found = [match.span() for match in _PLACES.finditer(data)]
    if not found:
        return data
    start, end = found[draw(_place(len(found)))]
    return data[:start] + draw(st.sampled_from(_VALUES)) + data[end:]


@st.composite
def _breaker_put(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(_place(len(data)))
    return data[:at] + draw(st.sampled_from(_BREAKERS)) + data[at:]


@st.composite
def _number_put(draw: st.DrawFn, data: bytes) -> bytes:
    """Put another number in the place of one of one, two or four bytes."""
    at, layout = draw(_place(len(data))), draw(st.sampled_from(("<B", "<H", "<I")))
    number = draw(st.sampled_from(_NUMBERS)) & (256 ** struct.calcsize(layout) - 1)
    put = struct.pack(layout, number)
    return data[:at] + put + data[at + len(put) :]


@st.composite
def _bytes_put(draw: st.DrawFn, data: bytes) -> bytes:
    at, put = draw(_place(len(data))), draw(st.binary(min_size=1, max_size=8))
    return data[:at] + put + data[at + len(put) :]


@st.composite
def _cut(draw: st.DrawFn, data: bytes) -> bytes:
    at = draw(_place(len(data)))
    return data[:at] if draw(st.booleans()) else data[:at] + data[at + draw(st.integers(1, 600)) :]


@st.composite
def _copied(draw: st.DrawFn, data: bytes) -> bytes:
    at, size, to = draw(_place(len(data))), draw(st.integers(1, 400)), draw(_place(len(data)))
    return data[:to] + data[at : at + size] * draw(st.sampled_from((1, 1, 2, 50))) + data[to:]
