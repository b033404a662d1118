"""Where each workbook of a set lies: folders and names made of unit codes, safe on every system; and the whole set.

A set is written beside the old one and takes its place when all of it is there. A folder that holds anything else is
never touched.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from schemas.faults import FaultList, file_name

INDEX: Final = "templates.csv"  # lists the set; only a folder that has one is replaced
_LONGEST: Final = 60  # characters of one step
_UNSAFE = re.compile(r'[<>:"/\\|?*\[\]]|\s')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9]|lpt[0-9])(?:\..*)?", re.IGNORECASE)
_EDGE: Final = " .-_~=+@'$"  # a step that begins with one may be an option, a formula or a lock file to some program
_LEFT_BY_SYSTEMS: Final = frozenset({"Thumbs.db", "desktop.ini", ".DS_Store"})


class Paths:
    """Paths given so far below one folder, each once even where case does not matter.

    Args:
        parents: parent code by unit code, "" for the top.
    """

    def __init__(self, parents: Mapping[str, str]) -> None:
        self._parents = parents
        self._folders: dict[str, str] = {}
        self._taken: set[str] = {INDEX.casefold()}

    def form(self, code: str) -> str:
        """Return the path of a unit's form, in the folder of its parent."""
        parent = self._parents[code]
        return self._free(f"{self._folder(parent) if parent else ''}{_step(code)}", ".xlsx")

    def list(self, code: str, ending: str) -> str:
        """Return the path of the list of the units below one, in its own folder."""
        return self._free(f"{self._folder(code)}{_step(code)}-{ending}", ".xlsx")

    def _folder(self, code: str) -> str:
        """Return the folder of what is below a unit, "" for the top's, else with a slash behind."""
        if code not in self._folders:
            parent = self._parents[code]
            path = self._free(f"{self._folder(parent)}{_step(code)}", "") + "/" if parent else ""
            self._folders[code] = path
        return self._folders[code]

    def _free(self, path: str, suffix: str) -> str:
        number, free = 1, path + suffix
        while free.casefold() in self._taken:
            number += 1
            free = f"{path} ({number}){suffix}"
        self._taken.add(free.casefold())
        return free


def _step(code: str) -> str:
    """Return a unit's code as one step of a path, without what Windows or Linux give a meaning to."""
    step = _UNSAFE.sub(" ", unicodedata.normalize("NFC", code))
    step = "".join(letter for letter in step if unicodedata.category(letter)[0] != "C")
    step = " ".join(step.split())[:_LONGEST].strip(_EDGE)
    return f"unit {step}".strip() if not step or _RESERVED.fullmatch(step) else step


@contextmanager
def replacing(output: Path, language: str) -> Iterator[Path]:
    """Give a folder to write a set into, which takes the place of the earlier set only when all of it is there.

    Raises:
        FaultsError: the folder holds something that no earlier set had.
    """
    _refuse_others(output, language)
    output.parent.mkdir(parents=True, exist_ok=True)
    stage, old = (output.with_name(f".{output.name}-{what}-{os.getpid()}") for what in ("new", "old"))
    shutil.rmtree(stage, ignore_errors=True)
    try:
        stage.mkdir()
        yield stage
        if output.exists():
            os.replace(output, old)
        os.replace(stage, output)
    finally:
        shutil.rmtree(stage, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


def _refuse_others(output: Path, language: str) -> None:
    if not output.exists():
        return
    faults = FaultList(file_name(output), language)
    if not output.is_dir():
        faults.refuse("templates_folder", found=file_name(output))
    index, known = output / INDEX, {INDEX}
    if index.is_file():
        with index.open(encoding="utf-8-sig", newline="") as file:
            known |= {row[0].removeprefix("'") for row in csv.reader(file) if row}
    for path in sorted(output.rglob("*")):
        name = path.relative_to(output).as_posix()
        if path.name not in _LEFT_BY_SYSTEMS and name not in known and not (path.is_dir() and not path.is_symlink()):
            faults.refuse("templates_folder", found=name)
