"""xl/styles.xml: looks added at its end, so that every look there was keeps its number."""

from __future__ import annotations

import re
from typing import Final
from xml.etree.ElementTree import Element, SubElement, tostring

from defusedxml.ElementTree import fromstring

from .package import NotPlainError, Package, attributes, with_attribute

PART: Final = "xl/styles.xml"
# Fill and border say how grave a finding is by colour, and by a thick line against a broken one: it shows in print.
FILLS: Final = {"error": "FFF7B2AC", "query": "FFFFDF80"}
_LINES: Final = {"error": ("thick", "FFA31F1B"), "query": ("mediumDashed", "FF8A5A00")}
_CHILD: Final = {"fonts": b"font", "fills": b"fill", "borders": b"border", "cellXfs": b"xf"}
_XF = re.compile(rb"<xf\b[^>]*?(?:/>|>.*?</xf>)", re.DOTALL)
_FILL = re.compile(rb"<fill\b[^>]*?(?:/>|>.*?</fill>)", re.DOTALL)


class Styles:
    """The looks of a workbook.

    Raises:
        NotPlainError: the part is not there, or lists its looks in an unusual way.
    """

    def __init__(self, package: Package) -> None:
        self._package = package
        self._xml = package.parts.get(PART, b"")
        self._added: dict[str, list[bytes]] = {name: [] for name in _CHILD}
        self._known: dict[tuple[str, bytes], int] = {}
        self._marked: dict[tuple[str, str], int] = {}
        self._content = {name: self._container(name) for name in _CHILD}
        self._count = {
            name: len(re.findall(rb"<" + child + rb"[\s/>]", self._content[name])) for name, child in _CHILD.items()
        }
        self._xfs: list[bytes] = _XF.findall(self._content["cellXfs"])
        if len(self._xfs) != self._count["cellXfs"] or not self._xfs:
            raise NotPlainError("styles: looks of cells are not listed plainly")

    def _container(self, name: str) -> bytes:
        found = re.search(rb"<%b\b[^>]*>(.*?)</%b>" % ((name.encode(),) * 2), self._xml, re.DOTALL)
        if found is None:
            raise NotPlainError(f"styles: no {name}")
        return found[1]

    def add(self, kind: str, entry: str) -> int:
        """Return the number of a font, fill, border or look of cells, added where it is new.

        Args:
            kind: "fonts", "fills", "borders" or "cellXfs".
            entry: its XML.
        """
        key = (kind, entry.encode())
        if key not in self._known:
            self._known[key] = self._count[kind] + len(self._added[kind])
            self._added[kind].append(key[1])
        return self._known[key]

    def marked(self, style: str, severity: str) -> int:
        """Return the look of a cell, as it was but for fill and border, and open for typing on a locked sheet."""
        key = (style, severity)
        if key not in self._marked:
            number = int(style) if style.isdigit() and int(style) < len(self._xfs) else 0
            look: Element = fromstring(self._xfs[number])
            kind, colour = _LINES[severity]
            sides = ("left", "right", "top", "bottom")
            side = "".join(f'<{name} style="{kind}"><color rgb="{colour}"/></{name}>' for name in sides)
            look.set("fillId", str(self.add("fills", _solid(FILLS[severity]))))
            look.set("borderId", str(self.add("borders", f"<border>{side}<diagonal/></border>")))
            for name in ("applyFill", "applyBorder", "applyProtection"):
                look.set(name, "1")
            protection = look.find("protection")
            if protection is None:  # behind the alignment, before any extension
                protection = SubElement(look, "protection")
                extension = look.find("extLst")
                if extension is not None:
                    look.remove(extension)
            protection.set("locked", "0")
            self._marked[key] = self.add("cellXfs", tostring(look, encoding="unicode"))
        return self._marked[key]

    def is_marked(self, style: str) -> bool:
        """Whether a look is one of our marks, put on by an earlier run."""
        if not style.isdigit() or int(style) >= len(self._xfs):
            return False
        fills = _FILL.findall(self._content["fills"])
        number = attributes(self._xfs[int(style)]).get("fillId", "")
        fill = fills[int(number)].upper() if number.isdigit() and int(number) < len(fills) else b""
        return any(colour.encode() in fill for colour in FILLS.values())

    def write(self) -> None:
        """Put the styles back with all that was added."""
        xml = self._xml
        for name, entries in self._added.items():
            if entries:
                total = str(self._count[name] + len(entries))
                pattern = rb"<%b\b([^>]*)>(.*?)</%b>" % ((name.encode(),) * 2)
                found = re.search(pattern, xml, re.DOTALL)
                if found is None:
                    raise NotPlainError(f"styles: no {name}")
                opening = b"<" + name.encode() + with_attribute(found[1], "count", total) + b">"
                closing = b"</" + name.encode() + b">"
                xml = xml[: found.start()] + opening + found[2] + b"".join(entries) + closing + xml[found.end() :]
        self._package.parts[PART] = xml


def _solid(colour: str) -> str:
    return (
        f'<fill><patternFill patternType="solid"><fgColor rgb="{colour}"/><bgColor indexed="64"/></patternFill></fill>'
    )
