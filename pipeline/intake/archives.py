"""Archives: .zip by the standard library, .7z and .rar by the extra `archives` (.rar also needs Debian's unar)."""

from __future__ import annotations

import io
import lzma
import stat
import struct
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from tempfile import TemporaryDirectory
from typing import Any, Final

from schemas.records import Note, UnreadableError

from ..containers import Budget, short, zip_directory, zip_member
from .carriers import Carried, Member, carried_by, extra_missing

_UNICODE_NAME: Final = 0x800  # flag of a zip member whose name is in UTF-8
_NO_LIMIT: Final = 1 << 62  # of the buffers themselves: what may come out is checked before and counted while it does
# What the libraries raise, beside their own, on damaged archives.
_SEVEN_FAULTS: Final = (
    lzma.LZMAError,
    zlib.error,
    OSError,
    ValueError,
    EOFError,
    LookupError,
    TypeError,
    AssertionError,
)
_RAR_FAULTS: Final = (OSError, ValueError, EOFError, LookupError, TypeError, struct.error)


def unpack_archive(archive: Carried, kind: str, budget: Budget) -> list[Carried]:
    """Return what lies in an archive, folders aside, each as a thing received of its own.

    Raises:
        UnreadableError: for the archive as a whole: encrypted, damaged, a bomb, empty, or no program for it.
    """
    listed = {"zip": _zip, "7z": _seven, "rar": _rar}[kind](archive.data, budget)
    members = list(listed)
    if not members:
        raise UnreadableError("archive_empty")
    if all(member.problem and member.problem.code == "file_encrypted" for member in members):
        raise UnreadableError("file_encrypted")
    return list(carried_by(archive.received, members))


# --- zip ------------------------------------------------------------------------------------------------


def _zip(data: bytes, budget: Budget) -> Iterator[Member]:
    for info in zip_directory(data, budget):
        if info.filename.endswith("/"):
            continue
        name, mode = _zip_name(info), info.external_attr >> 16
        if stat.S_ISLNK(mode):
            yield Member(name, b"", Note("file_not_regular", value="link"))
            continue
        try:
            yield Member(name, zip_member(data, info, budget))
        except UnreadableError as fault:
            if fault.note.code == "inflates_too_far":
                raise
            yield Member(name, b"", fault.note)


def _zip_name(info: zipfile.ZipInfo) -> str:
    """Return a member's name: UTF-8 where it says so or reads so, else Windows' Vietnamese code page."""
    if info.flag_bits & _UNICODE_NAME:
        return info.filename
    try:
        written = info.orig_filename.encode("cp437")
    except UnicodeEncodeError:
        return info.filename
    for encoding in ("utf-8", "cp1258"):
        try:
            return unicodedata.normalize("NFC", written.decode(encoding))
        except UnicodeDecodeError:
            continue
    return info.filename


# --- 7z -------------------------------------------------------------------------------------------------


def _seven(data: bytes, budget: Budget) -> Iterator[Member]:
    try:
        import py7zr
        from py7zr.exceptions import ArchiveError, PasswordRequired
        from py7zr.io import Py7zBytesIO, WriterFactory
    except ImportError:
        raise extra_missing(".7z", "archives") from None

    unpacked: dict[str, Any] = {}

    class InMemory(WriterFactory):
        def create(self, filename: str) -> Any:
            return unpacked.setdefault(filename, Py7zBytesIO(filename, _NO_LIMIT))

    try:
        with py7zr.SevenZipFile(io.BytesIO(data), max_extract_size=budget.bytes_left) as archive:
            listed = archive.list()
            budget.count(len(listed))
            budget.take(sum(info.uncompressed or 0 for info in listed), len(data))
            for number, properties in enumerate(archive.files.files_list):
                properties["filename"] = str(number)  # py7zr would look for a sender's names on our disk
            archive.extractall(factory=InMemory())
    except PasswordRequired as fault:
        raise UnreadableError("file_encrypted") from fault
    except (ArchiveError, *_SEVEN_FAULTS) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault
    for number, info in enumerate(listed):
        if info.is_symlink:
            yield Member(info.filename, b"", Note("file_not_regular", value="link"))
        elif not info.is_directory:
            yield Member(info.filename, unpacked[str(number)].read() if str(number) in unpacked else b"")


# --- rar ------------------------------------------------------------------------------------------------


def _rar(data: bytes, budget: Budget) -> Iterator[Member]:
    try:
        import rarfile
    except ImportError:
        raise extra_missing(".rar", "archives") from None
    try:
        with TemporaryDirectory() as folder, rarfile.RarFile(io.BytesIO(data)) as archive:
            rarfile.HACK_TMP_DIR = folder  # what it gives unar to read; where unar is missing, it leaves that behind
            infos = archive.infolist()
            budget.count(len(infos))
            if archive.needs_password() and not infos:
                raise UnreadableError("file_encrypted")
            if any(info.flags & (rarfile.RAR_FILE_SPLIT_BEFORE | rarfile.RAR_FILE_SPLIT_AFTER) for info in infos):
                raise UnreadableError("archive_part")
            yield from (_rar_member(archive, info, budget) for info in infos if not info.is_dir())
    except rarfile.NeedFirstVolume as fault:
        raise UnreadableError("archive_part") from fault
    except rarfile.RarCannotExec as fault:
        raise extra_missing(".rar", "unar", "apt-get install unar") from fault
    except (rarfile.Error, *_RAR_FAULTS) as fault:
        raise UnreadableError("file_damaged", short(fault)) from fault


def _rar_member(archive: Any, info: Any, budget: Budget) -> Member:
    import rarfile

    if info.is_symlink():
        return Member(info.filename, b"", Note("file_not_regular", value="link"))
    if info.needs_password():
        return Member(info.filename, b"", Note("file_encrypted"))
    try:
        with archive.open(info) as opened:
            content = opened.read(budget.bytes_left + 1)
    except rarfile.RarCannotExec:
        raise
    except (rarfile.Error, *_RAR_FAULTS) as fault:
        return Member(info.filename, b"", Note("file_damaged", value=short(fault)))
    budget.take(len(content), info.compress_size)
    return Member(info.filename, content)
