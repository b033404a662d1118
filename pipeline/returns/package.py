"""A workbook as its package of parts: what is not touched stays as it was, byte for byte.

Only a plain package is edited so: parts of known kinds, no way out of the file, no old or odd spelling of its XML.
Anything else is `NotPlainError`, and goes through a library that rebuilds the whole workbook.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from typing import Final, NamedTuple

from defusedxml.ElementTree import fromstring

from ..containers import zip_parts

MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_TYPES: Final = "[Content_Types].xml"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_DATE: Final = (1980, 1, 1, 0, 0, 0)  # of every part: the same content gives the same bytes
_PLAIN_PART = re.compile(
    r"\[Content_Types\]\.xml|_rels/\.rels|docProps/(?:core|app|custom)\.xml|docProps/thumbnail\.\w+"
    r"|xl/(?:workbook|styles|sharedStrings|calcChain|metadata)\.xml|xl/_rels/workbook\.xml\.rels|xl/theme/theme\d*\.xml"
    r"|xl/worksheets/\w+\.xml|xl/worksheets/_rels/\w+\.xml\.rels|xl/tables/table\d+\.xml|xl/comments(?:/?\w+)?\.xml"
    r"|xl/drawings/\w+\.(?:xml|vml)|xl/drawings/_rels/\w+\.(?:xml|vml)\.rels|xl/media/\w+\.\w+"
    r"|xl/charts/\w+\.xml|xl/charts/_rels/\w+\.xml\.rels|xl/printerSettings/\w+\.bin"
)
_BASES = (b'xmlns="' + MAIN.encode() + b'"', b"xmlns='" + MAIN.encode() + b"'")


class NotPlainError(Exception):
    """A package that is not edited part by part; says why."""


class Relation(NamedTuple):
    """What a part refers to: `target` is the part's name in the package."""

    id: str
    kind: str  # the last step of the relation's type, e.g. "comments"
    target: str


class Package:
    """The parts of a plain workbook, name -> bytes.

    Raises:
        NotPlainError: see the module.
        UnreadableError: damaged, or over the limits of one workbook.
    """

    def __init__(self, data: bytes) -> None:
        listed = list(zip_parts(data))
        self.parts = {name: content for name, content in listed if not name.endswith("/")}
        if len(self.parts) < sum(not name.endswith("/") for name, _ in listed):
            raise NotPlainError("a part occurs twice")
        for name, content in self.parts.items():
            if not _PLAIN_PART.fullmatch(name):
                raise NotPlainError(f"part {name[:80]}")
            _refuse_odd_xml(name, content)
        if _TYPES not in self.parts:
            raise NotPlainError("no content types")

    def relations(self, part: str) -> list[Relation]:
        """Return what a part refers to."""
        rels = self.parts.get(_rels_of(part))
        if rels is None:
            return []
        folder = posixpath.dirname(part)
        return [
            Relation(
                element.get("Id", ""),
                element.get("Type", "").rpartition("/")[2],
                posixpath.normpath(posixpath.join("/" + folder, element.get("Target", ""))).lstrip("/"),
            )
            for element in fromstring(rels)
        ]

    def relate(self, part: str, kind: str, target: str) -> str:
        """Let a part refer to another; return the relation's id."""
        name = _rels_of(part)
        known = {relation.id for relation in self.relations(part)}
        number = next(n for n in range(1, len(known) + 2) if f"rIdReturned{n}" not in known)
        entry = f'<Relationship Id="rIdReturned{number}" Type="{OFFICE}/{kind}" Target="/{target}"/>'
        empty = f'<Relationships xmlns="{_PACKAGE}/relationships"></Relationships>'.encode()
        self.parts[name] = before(self.parts.get(name, empty), b"</Relationships>", entry.encode())
        return f"rIdReturned{number}"

    def declare(self, part: str, content_type: str) -> None:
        """Say what kind of content a part is, unless the package says so already."""
        types = self.parts[_TYPES]
        if f'PartName="/{part}"'.encode() not in types:
            entry = f'<Override PartName="/{part}" ContentType="{content_type}"/>'
            self.parts[_TYPES] = before(types, b"</Types>", entry.encode())

    def unused(self, pattern: str) -> str:
        """Return the first part name that a pattern with a {} for a number gives and nothing bears yet."""
        taken = {name.lower() for name in self.parts}
        return next(name for n in range(1, len(taken) + 2) if (name := pattern.format(n)).lower() not in taken)

    def to_bytes(self) -> bytes:
        """Return the zipped package; the same parts give the same bytes."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for name in sorted(self.parts, key=lambda name: (name != _TYPES, name)):
                entry = zipfile.ZipInfo(name, _DATE)
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, self.parts[name])
        return packed.getvalue()


def _refuse_odd_xml(name: str, content: bytes) -> None:
    if not name.endswith((".xml", ".rels", ".vml")):
        return
    if name.endswith(".rels") and b"TargetMode" in content and re.search(rb"TargetMode\s*=\s*[\"']External", content):
        raise NotPlainError(f"{name[:80]} leads out of the file")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")) or b"\0" in content[:64]:
        raise NotPlainError(f"{name[:80]} is not UTF-8")
    if b"<!" in content:  # a comment, CDATA or DOCTYPE: nobody's program writes them here
        raise NotPlainError(f"{name[:80]} holds a <! section")
    is_main = name.startswith(("xl/worksheets/", "xl/workbook", "xl/styles")) and name.endswith(".xml")
    if is_main and not any(base in content[:4000] for base in _BASES):
        raise NotPlainError(f"{name[:80]} spells its elements in an own way")


def _rels_of(part: str) -> str:
    folder, _, name = part.rpartition("/")
    return f"{folder}/_rels/{name}.rels"


def before(xml: bytes, end: bytes, entry: bytes) -> bytes:
    """Put an entry before the last occurrence of an end tag.

    Raises:
        NotPlainError: the tag is not there.
    """
    head, tag, tail = xml.rpartition(end)
    if not tag:
        raise NotPlainError(f"no {end.decode()}")
    return head + entry + tag + tail


def attributes(tag: bytes) -> dict[str, str]:
    """Return the attributes of a start tag's text, entities left as they are."""
    return {
        name.decode(): (double or single).decode("utf-8", "replace")
        for name, double, single in re.findall(rb"([\w:.-]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)')", tag)
    }


def with_attribute(tag: bytes, name: str, value: str) -> bytes:
    """Return the attributes of a start tag with one set."""
    return without_attribute(tag, name).rstrip() + f' {name}="{value}"'.encode()


def without_attribute(tag: bytes, name: str) -> bytes:
    """Return the attributes of a start tag without one."""
    return re.sub(rb"\s+" + name.encode() + rb"\s*=\s*(?:\"[^\"]*\"|'[^']*')", b"", tag)
