"""A reader that dies: on files that bear a mark, python-calamine aborts the process.

Python imports this by itself in every process started with this folder on PYTHONPATH. It stands for the file that
nobody has met yet, since the gates refuse those known to do so; every other file is read by python-calamine itself.
"""

import os
from typing import Any

import python_calamine

MARK = b"ABORT-THE-READER"
_Workbook = python_calamine.CalamineWorkbook


class _Aborting:
    """Stands in for CalamineWorkbook."""

    from_path = staticmethod(_Workbook.from_path)

    @staticmethod
    def from_filelike(file: Any) -> Any:
        if MARK in file.getvalue():
            os.abort()
        return _Workbook.from_filelike(file)


python_calamine.CalamineWorkbook = _Aborting  # type: ignore[misc,assignment]
