"""Workbooks under a password: .xlsx by msoffcrypto, .xls by the RC4 of [MS-OFFCRYPTO] 2.3.6."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from hashlib import md5

import msoffcrypto
from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher
from olefile import OleFileIO

from .ole import compound_file

_SALT, _VERIFIER = bytes(range(16)), bytes(range(100, 116))
_BOF, _FILEPASS, _BOUNDSHEET, _INTERFACE = 0x0809, 0x002F, 0x0085, 0x00E1
_BLOCK = 1024


def protected_xlsx(data: bytes, password: str) -> bytes:
    opened = io.BytesIO()
    msoffcrypto.OfficeFile(io.BytesIO(data)).encrypt(password, opened)
    return opened.getvalue()


def protected_xls(data: bytes, password: str) -> bytes:
    """Encrypt an .xls, record by record: heads and a few records stay as they are."""
    with OleFileIO(io.BytesIO(data)) as ole:
        stream = ole.openstream("Workbook").read()
    check = _rc4(password, _VERIFIER + md5(_VERIFIER).digest(), 0)
    filepass = struct.pack("<HHH", 1, 1, 1) + _SALT + check
    records = list(_records(stream))
    records.insert(1, (_FILEPASS, filepass))
    shift = 4 + len(filepass)
    plain, masks = b"", b""  # a mask of 1 where a byte is encrypted
    for kind, body in records:
        if kind == _BOUNDSHEET:
            body = struct.pack("<I", struct.unpack("<I", body[:4])[0] + shift) + body[4:]
        clear = len(body) if kind in (_BOF, _FILEPASS, _INTERFACE) else 4 if kind == _BOUNDSHEET else 0
        plain += struct.pack("<HH", kind, len(body)) + body
        masks += bytes(4 + clear) + b"\1" * (len(body) - clear)
    secret = b"".join(_rc4(password, plain[at : at + _BLOCK], at // _BLOCK) for at in range(0, len(plain), _BLOCK))
    mixed = bytes(hidden if mask else shown for shown, hidden, mask in zip(plain, secret, masks, strict=True))
    return compound_file({"Workbook": mixed})


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        if not kind:
            return  # what fills the last sector
        yield kind, stream[at + 4 : at + 4 + size]
        at += 4 + size


def _rc4(password: str, data: bytes, block: int) -> bytes:
    start = md5(password.encode("utf-16-le")).digest()[:5]
    middle = md5((start + _SALT) * 16).digest()[:5]
    key = md5(middle + struct.pack("<I", block)).digest()
    return Cipher(ARC4(key), mode=None).encryptor().update(data)
