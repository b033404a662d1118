"""The workbook's file: XlsxWriter's parts written straight into the archive, one after the other.

XlsxWriter writes each part to a file of its own first and then packs them, with what the clock and the machine say of
those files. Here nothing lies between, so that a sheet of a million rows is never whole in memory or twice on disk.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import xlsxwriter
from xlsxwriter.packager import Packager

from .rows import Sheet
from .texts import Texts

_LEVEL = 2  # of deflate: a quarter of the default's time for files a fifth larger
_LARGE = 20_000_000  # cells of a sheet whose XML may be longer than an archive's plain header can say


class Workbook(xlsxwriter.Workbook):  # type: ignore[misc]  # xlsxwriter ships no types
    """An XlsxWriter workbook of our sheets, written to exactly `path`."""

    worksheet_class = Sheet

    def __init__(self, path: Path, options: dict[str, Any]) -> None:
        super().__init__(io.BytesIO(), options)  # where XlsxWriter packs what is left to it: nothing
        self.str_table = Texts()
        self._package = _Package(path)

    def close(self) -> None:
        """Write the file.

        Raises:
            OSError: it cannot be written.
        """
        super().close()
        if self._package.fault:
            raise self._package.fault

    def _get_packager(self) -> _Package:
        return self._package


class _Package(Packager):  # type: ignore[misc]  # the same
    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        self._part: io.TextIOWrapper | None = None
        self.fault: OSError | None = None  # raised by the workbook: XlsxWriter would wrap it, and say less

    def _create_package(self) -> list[Any]:
        try:
            with (
                open(self._path, "w+b") as file,
                ZipFile(file, "w", ZIP_DEFLATED, compresslevel=_LEVEL) as self._archive,
            ):
                try:
                    super()._create_package()
                    self._end_part()
                except OSError:
                    self._archive.fp = None  # or it would try to end what the disk did not take
                    raise
        except OSError as fault:
            self.fault = fault
        return []

    def _filename(self, name: str) -> _Text:
        """Begin a part of the archive; XlsxWriter is done with the one before."""
        self._end_part()
        stream = self._archive.open(name, "w", force_zip64=name in self._large_sheets())
        self._part = io.TextIOWrapper(stream, "utf-8", newline="")
        return _Text(self._part)

    def _end_part(self) -> None:
        if self._part:
            self._part.close()
            self._part = None

    def _large_sheets(self) -> list[str]:
        sheets = enumerate(self.workbook.worksheets(), 1)
        return [
            f"xl/worksheets/sheet{number}.xml"
            for number, sheet in sheets
            if ((sheet.dim_rowmax or 0) + 1) * ((sheet.dim_colmax or 0) + 1) > _LARGE
        ]

    def _write_shared_strings_file(self) -> None:
        part = self._filename("xl/sharedStrings.xml")
        for text in self.workbook.str_table.written():
            part.write(text)


class _Text(io.StringIO):
    """What XlsxWriter takes for a text in memory: it is written into the archive."""

    def __init__(self, part: io.TextIOWrapper) -> None:
        super().__init__()
        self.write = part.write  # type: ignore[method-assign]
