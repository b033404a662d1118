"""Workbooks under a password: opened with the one that read-only files use, or one that the campaign lists."""

from __future__ import annotations

import io
import struct
from collections.abc import Sequence
from typing import Final
from xml.parsers.expat import ExpatError

from schemas.records import UnreadableError

from ..containers import short

# Excel encrypts a workbook that is only write-protected with this, and opens it without asking.
_READ_ONLY: Final = "VelvetSweatshop"
# What msoffcrypto raises on a wrong password or a damaged file, beside its own errors.
_FAULTS: Final = (
    *(AssertionError, ValueError, LookupError, TypeError, AttributeError),
    *(OSError, struct.error, NotImplementedError, UnboundLocalError, ExpatError),
)


def decrypted(data: bytes, passwords: Sequence[str]) -> bytes:
    """Return the workbook that a password opens.

    Args:
        data: an OLE file: a package encrypted as a whole, or a .xls with encrypted records.
        passwords: of the campaign, tried in order after the standard one.

    Raises:
        UnreadableError: `file_encrypted`: none of them does; `file_suspicious`: it defines entities.
    """
    _refuse_entities(data)
    import msoffcrypto
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    for password in dict.fromkeys((_READ_ONLY, *passwords)):
        opened = io.BytesIO()
        try:
            file = msoffcrypto.OfficeFile(io.BytesIO(data))
            file.load_key(password=password)
            file.decrypt(opened)
        except (DecryptionError, FileFormatError, InvalidKeyError, ParseError, *_FAULTS):
            continue
        if opened.getvalue()[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0"):
            return opened.getvalue()
    raise UnreadableError("file_encrypted")


def _refuse_entities(data: bytes) -> None:
    """msoffcrypto parses how a package is encrypted, which is XML, without a guard."""
    from olefile import OleFileIO

    try:
        with OleFileIO(io.BytesIO(data)) as ole:
            how = ole.openstream("EncryptionInfo").read() if ole.exists("EncryptionInfo") else b""
    except _FAULTS as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    if b"<!DOCTYPE" in how or b"<!ENTITY" in how:
        raise UnreadableError("file_suspicious", "<!DOCTYPE> EncryptionInfo")
