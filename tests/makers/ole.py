"""Compound files ([MS-CFB]): what .msg and .xls are stored in."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

Tree = dict[str, "bytes | Tree"]

_SECTOR, _MINI, _CUTOFF = 512, 64, 4096
_FREE, _END, _FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def compound_file(tree: Tree) -> bytes:
    """Return a file with these streams, and storages of streams, in its root."""
    entries = list(_entries("Root Entry", tree))
    mini, mini_fat = _mini_stream(entries)
    entries[0]["data"] = mini
    sectors: list[bytes] = []
    fat: list[int] = []
    for entry in entries:
        data = entry["data"]
        if entry["kind"] == 5 or (entry["kind"] == 2 and len(data) >= _CUTOFF):
            entry["start"] = _store(data, sectors, fat)
    mini_fat_start = _store(struct.pack(f"<{len(mini_fat)}I", *mini_fat), sectors, fat, fill=b"\xff")
    directory = b"".join(_directory_entry(entry) for entry in entries)
    directory_start = _store(directory, sectors, fat)
    fat_sectors = 1
    while (len(fat) + fat_sectors) * 4 > fat_sectors * _SECTOR:
        fat_sectors += 1
    first_fat = len(fat)
    fat += [_FAT] * fat_sectors
    packed = struct.pack(f"<{len(fat)}I", *fat).ljust(fat_sectors * _SECTOR, b"\xff")
    sectors += [packed[at : at + _SECTOR] for at in range(0, len(packed), _SECTOR)]
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    header += struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, fat_sectors, directory_start, 0, _CUTOFF,
                          mini_fat_start, -(-len(mini_fat) * 4 // _SECTOR), _END, 0)  # fmt: skip
    places = [first_fat + number for number in range(fat_sectors)]
    return header + struct.pack("<109I", *places, *[_FREE] * (109 - fat_sectors)) + b"".join(sectors)


def _entries(name: str, content: bytes | Tree, numbers: Iterator[int] | None = None) -> Iterator[dict]:
    numbers = numbers or iter(range(1 << 16))
    own = {
        "name": name,
        "number": next(numbers),
        "left": _FREE,
        "right": _FREE,
        "child": _FREE,
        "data": b"",
        "start": 0,
    }
    own["kind"] = 5 if own["number"] == 0 else 1 if isinstance(content, dict) else 2
    if isinstance(content, bytes):
        yield own | {"data": content}
        return
    below: list[dict] = []
    heads: list[dict] = []
    for child in sorted(content, key=lambda text: (len(text), text.upper())):
        found = list(_entries(child, content[child], numbers))
        heads.append(found[0])
        below += found
    for earlier, later in pairwise(heads):
        earlier["right"] = later["number"]
    yield own | {"child": heads[0]["number"] if heads else _FREE}
    yield from below


def _mini_stream(entries: list[dict]) -> tuple[bytes, list[int]]:
    stream, fat = b"", []
    for entry in entries:
        data = entry["data"]
        if entry["kind"] == 2 and 0 < len(data) < _CUTOFF:
            entry["start"] = len(fat)
            count = -(-len(data) // _MINI)
            fat += [*range(len(fat) + 1, len(fat) + count), _END]
            stream += data.ljust(count * _MINI, b"\0")
    return stream, fat


def _store(data: bytes, sectors: list[bytes], fat: list[int], fill: bytes = b"\0") -> int:
    if not data:
        return _END
    start, count = len(fat), -(-len(data) // _SECTOR)
    fat += [*range(start + 1, start + count), _END]
    padded = data.ljust(count * _SECTOR, fill)
    sectors += [padded[at : at + _SECTOR] for at in range(0, len(padded), _SECTOR)]
    return start


def _directory_entry(entry: dict) -> bytes:
    name = entry["name"].encode("utf-16-le")
    return struct.pack(
        "<64sHBBIII36xIQ", name, len(name) + 2, entry["kind"], 1, entry["left"], entry["right"], entry["child"],
        entry["start"], len(entry["data"]),
    )  # fmt: skip
