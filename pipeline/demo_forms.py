"""Made-up submissions as people really send them: the official form retyped, an office's list of branches, mails.

Every writer returns bytes that depend on its arguments alone.
"""

from __future__ import annotations

import hashlib
import io
import struct
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, formataddr
from typing import Any, Final

import xlsxwriter

from schemas.campaign import Campaign
from schemas.words import word

from .demo_names import LISTS, OFFICIAL
from .templates import put

Values = Mapping[str, object]

_CREATED: Final = datetime(2020, 11, 1)
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_OFFICIAL_ITEMS: Final = ("members", "attendees", "reflections", "exemptions", "assessment", "proposals")
_TEXTS: Final = frozenset({"assessment", "proposals"})
_DOTS: Final = "." * 60


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as a sender typed it, and the result Excel stored with it ("" where it stored none)."""

    text: str
    stored: int | str = ""


@dataclass(frozen=True, slots=True)
class Look:
    """How a sender's copy of a form looks.

    Attributes:
        sheet: the sheet's name.
        above: lines of text typed above the form, one a row.
        columns: empty columns put in front.
        is_inline: the answer is typed behind the label in its own cell.
        persons: what is typed behind each number ("đ/c"); makes it text.
        is_merged: labels span three merged columns.
        is_decomposed: texts are in decomposed Unicode, as some keyboards and systems make them.
        round_line: a line that names the round, which the plan's form does not.
        place_date: the line of place and date.
        signer: who signed.
    """

    sheet: str = "Sheet1"
    above: tuple[str, ...] = ()
    columns: int = 0
    is_inline: bool = False
    persons: str = ""
    is_merged: bool = False
    is_decomposed: bool = False
    round_line: str = ""
    place_date: str = ""
    signer: str = ""

    def text(self, text: str) -> str:
        return unicodedata.normalize("NFD", text) if self.is_decomposed else text


def official_form(
    campaign: Campaign, *, unit_name: str, parent_name: str, values: Values, look: Look | None = None
) -> bytes:
    """Return plan 004's form as a branch retypes it: no unit code, no round, texts below their labels.

    Items that the campaign does not ask for are left out, except where `values` holds them; the plan documents
    that `values` holds are added at the end.
    """
    look = look or Look()
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet(look.sheet)
        wrap, bold = book.add_format({"text_wrap": True, "valign": "top"}), book.add_format({"bold": True})
        first = look.columns
        beside = first + (3 if look.is_merged else 1)
        sheet.set_column(first, first, 22 if look.is_merged else 58)
        sheet.set_column(beside, beside, 32)
        lines = [*((text, None) for text in look.above), *_official_head(campaign, unit_name, parent_name, look)]
        lines += _official_items(campaign, values, look)
        lines += [
            (None, None),
            (None, word("form_signed_branch", "vi")),
            (None, word("form_secretary", "vi")),
            (None, look.signer),
        ]
        for row, (left, right) in enumerate(lines):
            is_item = bool(left) and right is not None
            if look.is_merged and is_item:
                sheet.merge_range(row, first, row, first + 2, look.text(str(left)), wrap)
            elif left:
                sheet.write_string(row, first, look.text(str(left)), wrap if len(str(left)) > 60 else bold)
            _put(sheet, row, beside, look.text(right) if isinstance(right, str) else right, wrap)
    return buffer.getvalue()


def _official_head(campaign: Campaign, unit_name: str, parent_name: str, look: Look) -> Iterator[tuple[object, object]]:
    yield parent_name.upper(), word("form_party", "vi")
    yield unit_name.upper(), look.place_date
    yield None, None
    yield word("form_report", "vi"), None
    yield word(f"form_title_{'study' if campaign.items.reflections == 'no' else 'reflections'}", "vi"), None
    yield "_______", None
    if look.round_line:
        yield look.round_line, None


def _official_items(campaign: Campaign, values: Values, look: Look) -> Iterator[tuple[object, object]]:
    asked = [field for field in _OFFICIAL_ITEMS if field in values or campaign.items.asked(field) != "no"]
    labels = {field: OFFICIAL[field] for field in asked}
    labels |= {
        document.field: document.name for document in campaign.documents if values.get(document.field) is not None
    }
    for number, (field, text) in enumerate(labels.items(), 1):
        label = f"{number}. {text}"
        value = values.get(field)
        if field in _TEXTS:
            yield label, None
            if field == "assessment":
                yield OFFICIAL["hint"], None
            yield str(value) if value else _DOTS, None
        elif isinstance(value, bool):
            yield f"{label}:", word("form_yes" if value else "form_no", "vi")
        elif look.is_inline:
            yield f"{label}: {_shown(value, look)}", None
        else:
            is_number = isinstance(value, int) and not look.persons
            yield f"{label}:", value if is_number or isinstance(value, Formula | None) else _shown(value, look)


def _shown(value: object, look: Look) -> str:
    return "" if value is None else f"{value} {look.persons}".strip()


def _put(sheet: Any, row: int, column: int, value: object, style: Any = None) -> None:
    if isinstance(value, Formula):
        sheet.write_formula(row, column, value.text, style, value.stored)
    elif value is not None:
        put(sheet, row, column, value, style)


def branch_list(
    *,
    office: str,
    above: str,
    fields: Sequence[str],
    lines: Sequence[tuple[str, str, Values]],
    total: Values | None = None,
    title: str = "",
    labels: Mapping[str, str] | None = None,
    look: Look | None = None,
) -> bytes:
    """Return one sheet that lists many branches as rows, as a commune's office sends for its branches.

    Args:
        office: the unit whose branches these are; named above the table.
        above: the unit above it.
        fields: the items that have a column, in order.
        lines: (unit code or "", unit name, values) of each branch; a column of codes stands only where there are any.
        total: the office's own sum line.
        title: above the table; a usual one unless given.
        labels: headings of fields that have no usual one, such as a campaign's plan documents.
        look: `sheet`, `above`, `columns`, `round_line`, `is_decomposed` and `place_date` apply.
    """
    look = look or Look(sheet="Tổng hợp")
    has_codes = any(code for code, _, _ in lines)
    headings = {**LISTS["columns"], **(labels or {})}
    columns = ["serial", *(["unit_code"] if has_codes else []), "unit_name", *fields, "remark"]
    buffer = io.BytesIO()
    with xlsxwriter.Workbook(buffer, _OPTIONS) as book:
        book.set_properties({"created": _CREATED})
        sheet = book.add_worksheet(look.sheet)
        bold = book.add_format({"bold": True})
        boxed = book.add_format({"border": 1, "text_wrap": True, "valign": "top"})
        heading = book.add_format({"bold": True, "border": 1, "text_wrap": True, "align": "center"})
        first, row = look.columns, 0
        widths = {"serial": 5, "unit_name": 36, "assessment": 50, "proposals": 50}
        for at, field in enumerate(columns, first):
            sheet.set_column(at, at, widths.get(field, 13))
        for text in (
            *look.above,
            above.upper(),
            office.upper(),
            "",
            title or LISTS["title"],
            look.round_line,
            look.place_date,
            "",
        ):
            sheet.write_string(row, first, look.text(text), bold)
            row += 1
        sheet.write_row(row, first, [look.text(headings[field]) for field in columns], heading)
        for serial, (code, name, values) in enumerate(lines, 1):
            row += 1
            whole = {**values, "serial": serial, "unit_code": code, "unit_name": look.text(name)}
            for at, field in enumerate(columns, first):
                put(sheet, row, at, whole.get(field), boxed)
        if total is not None:
            for at, field in enumerate(columns, first):
                put(sheet, row + 1, at, LISTS["total"] if field == "unit_name" else total.get(field), heading)
    return buffer.getvalue()


def total_of(lines: Sequence[Values], fields: Sequence[str]) -> dict[str, int]:
    """Return the sums of the counts among the fields, as an office adds them up."""
    sums: dict[str, int] = {}
    for field in fields:
        counts = [value for values in lines if isinstance(value := values.get(field), int)]
        if counts:
            sums[field] = sum(counts)
    return sums


# --- mails -------------------------------------------------------------------------------------

Attachment = tuple[str, bytes | EmailMessage]


def mail(
    *, sender: tuple[str, str], to: str, sent: datetime, subject: str, body: str, attachments: Sequence[Attachment] = ()
) -> EmailMessage:
    """Return a mail with fixed boundaries and Message-ID.

    Args:
        sender: name and address.
        to: the address it goes to.
        sent: with a time zone; the Date header.
        subject: of the mail.
        body: plain text.
        attachments: (file name, bytes or a forwarded mail), in order.
    """
    message = EmailMessage(policy=SMTP)
    digest = hashlib.sha256(f"{sender[1]}|{sent.isoformat()}|{subject}".encode()).hexdigest()
    message["From"] = formataddr(sender, "utf-8")
    message["To"] = to
    message["Subject"] = subject
    message["Date"] = format_datetime(sent)
    message["Message-ID"] = f"<{digest[:20]}@{sender[1].partition('@')[2]}>"
    message.set_content(body, cte="base64")
    for name, content in attachments:
        if isinstance(content, EmailMessage):
            message.add_attachment(content)
        elif name.endswith(".png"):
            message.add_attachment(content, maintype="image", subtype="png", filename=name)
        else:
            subtype = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            message.add_attachment(content, maintype="application", subtype=subtype, filename=name)
    if attachments:
        message.set_boundary(f"=_{digest[20:44]}")
    return message


def signature_image() -> bytes:
    """Return a small PNG such as mail programs put below a mail: a red flag with a yellow mark."""
    width, height = 36, 24
    red, gold = bytes((218, 37, 29)), bytes((255, 255, 0))
    rows = b"".join(
        b"\0" + b"".join(gold if abs(x - 18) + 2 * abs(y - 12) < 9 else red for x in range(width))
        for y in range(height)
    )

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")
