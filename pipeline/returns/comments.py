"""Comments on cells at fault, beside those that were there: the part that says them, and the one that draws them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Final, NamedTuple
from xml.sax.saxutils import escape

from defusedxml.ElementTree import fromstring

from .package import MAIN, NotPlainError, Package
from .sheet import SheetXml, place_of

_CONTENT: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.comments+xml"
_DRAWN: Final = "application/vnd.openxmlformats-officedocument.vmlDrawing"
_PARTED: Final = "\n———\n"  # between our words and those that stood in the same cell's comment
_WIDTH: Final = 330  # pixels
_LINE: Final = 17  # pixels, at 10 pt
_LETTERS: Final = 44  # on a line of that width
_GAP: Final = 12  # pixels between a cell and its comment
_FARTHEST: Final = 200  # columns or rows that a box may span: hidden ones have no size
_SHADE: Final = "#ffffe1"
_HEAD: Final = (
    '<xml xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office" '
    'xmlns:x="urn:schemas-microsoft-com:office:excel"><o:shapelayout v:ext="edit">'
    '<o:idmap v:ext="edit" data="{block}"/></o:shapelayout><v:shapetype id="_x0000_t202" coordsize="21600,21600" '
    'o:spt="202" path="m,l,21600r21600,l21600,xe"><v:stroke joinstyle="miter"/>'
    '<v:path gradientshapeok="t" o:connecttype="rect"/></v:shapetype>'
)
_SHAPE: Final = (
    '<v:shape id="_x0000_s{number}" type="#_x0000_t202" style="position:absolute;margin-left:60pt;margin-top:2pt;'
    'width:{width}px;height:{height}px;z-index:{z};visibility:hidden" fillcolor="{shade}" o:insetmode="auto">'
    '<v:fill color2="{shade}"/><v:shadow on="t" color="black" obscured="t"/><v:path o:connecttype="none"/>'
    '<v:textbox style="mso-direction-alt:auto"><div style="text-align:left"></div></v:textbox>'
    '<x:ClientData ObjectType="Note"><x:MoveWithCells/><x:SizeWithCells/><x:Anchor>{anchor}</x:Anchor>'
    "<x:AutoFill>False</x:AutoFill><x:Row>{row}</x:Row><x:Column>{column}</x:Column></x:ClientData></v:shape>"
)


class Comment(NamedTuple):
    """What is said about a cell, and by whom."""

    author: str
    text: str


def comments_of(package: Package, part: str, ours: Collection[str]) -> dict[str, Comment]:
    """Return the comments of a sheet by cell, without those that an earlier copy left.

    Args:
        package: the workbook.
        part: the sheet's.
        ours: names under which our own comments stand, if the workbook is a copy come back; else none.
    """
    found: dict[str, Comment] = {}
    for relation in package.relations(part):
        if relation.kind == "comments" and relation.target in package.parts:
            try:
                tree = fromstring(package.parts[relation.target])
            except (SyntaxError, ValueError) as fault:
                raise NotPlainError(f"comments: {fault}") from fault
            authors = [element.text or "" for element in tree.iter(f"{{{MAIN}}}author")]
            for element in tree.iter(f"{{{MAIN}}}comment"):
                number = int(element.get("authorId") or 0)
                author = authors[number] if number < len(authors) else ""
                text = "".join(piece.text or "" for piece in element.iter(f"{{{MAIN}}}t"))
                if author in ours or text.partition(":")[0] in ours:  # LibreOffice keeps no author
                    author, text = "", text.partition(_PARTED)[2]
                if text.strip():
                    found[element.get("ref", "")] = Comment(author, text)
    return found


def beside(ours: Comment, theirs: Comment | None) -> Comment:
    """Return one comment of two on the same cell, ours first."""
    return ours if theirs is None else Comment(ours.author, ours.text + _PARTED + theirs.text)


def write_comments(package: Package, part: str, sheet: SheetXml, comments: Mapping[str, Comment]) -> None:
    """Let a sheet have these comments and no others."""
    known = {relation.kind: relation for relation in package.relations(part)}
    if not comments and "comments" not in known:
        return
    if "comments" in known:
        said = known["comments"].target
    else:
        said = package.unused("xl/comments{}.xml")
        package.parts[said] = b""
        package.relate(part, "comments", said)
    drawn = next((r.target for r in package.relations(part) if r.id == sheet.drawing), "")
    if not drawn:
        drawn = package.unused("xl/drawings/vmlDrawing{}.vml")
        package.parts[drawn] = b""
        sheet.draw(package.relate(part, "vmlDrawing", drawn))
    package.declare(said, _CONTENT)
    package.declare(drawn, _DRAWN)
    ordered = dict(sorted(comments.items(), key=lambda entry: place_of(entry[0])))
    package.parts[said] = _said(ordered)
    package.parts[drawn] = _drawn(ordered, sheet, 1 + sum(name.endswith(".vml") for name in package.parts))


def _said(comments: Mapping[str, Comment]) -> bytes:
    authors = list(dict.fromkeys(comment.author for comment in comments.values())) or [""]
    lines = [f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n<comments xmlns="{MAIN}"><authors>']
    lines += [f"<author>{escape(author)}</author>" for author in authors]
    lines.append("</authors><commentList>")
    for address, (author, text) in comments.items():
        head, _, rest = text.partition("\n")
        lines.append(f'<comment ref="{escape(address)}" authorId="{authors.index(author)}"><text>')
        lines.append(_run(head + ("\n" if rest else ""), "<b/>") + (_run(rest) if rest else "") + "</text></comment>")
    lines.append("</commentList></comments>")
    return "".join(lines).encode()


def _run(text: str, bold: str = "") -> str:
    look = f'<rPr>{bold}<sz val="10"/><color indexed="81"/><rFont val="Tahoma"/><family val="2"/></rPr>'
    return f'<r>{look}<t xml:space="preserve">{escape(text)}</t></r>'


def _drawn(comments: Mapping[str, Comment], sheet: SheetXml, block: int) -> bytes:
    shapes = [_HEAD.format(block=block)]
    for number, (address, comment) in enumerate(comments.items(), 1):
        row, column = place_of(address)
        lines = sum(1 + len(line) // _LETTERS for line in comment.text.split("\n"))
        height = lines * _LINE + 18
        anchor = _anchor(sheet, address, height)
        shapes.append(
            _SHAPE.format(number=1024 * block + number, z=number, width=_WIDTH, height=height, shade=_SHADE,
                          anchor=anchor, row=row - 1, column=column - 1)
        )  # fmt: skip
    return ("".join(shapes) + "</xml>").encode()


def _anchor(sheet: SheetXml, address: str, height: int) -> str:
    """Return where a comment's box lies, right of its cell: columns and rows from 0, each with pixels into it."""
    area = sheet.area(address)
    left, top = area.last[1] + 1, max(area.first[0] - 1, 1)
    right, across = _reach(left, _WIDTH + _GAP, lambda column: sheet.pixels(column=column))
    bottom, down = _reach(top, height + _GAP, lambda row: sheet.pixels(row=row))
    return f"{left - 1}, {_GAP}, {top - 1}, {_GAP}, {right - 1}, {across}, {bottom - 1}, {down}"


def _reach(start: int, length: int, size: Callable[[int], int]) -> tuple[int, int]:
    """Return where a length ends that begins with a column or row: the number of that one, and the rest inside it."""
    number = start
    while length > size(number) and number < start + _FARTHEST:
        length -= size(number)
        number += 1
    return number, length
