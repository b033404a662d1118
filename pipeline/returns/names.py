"""Names of correction copies: made from what senders and registries say, and safe on every system."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from schemas.vietnamese import repair

LONGEST: Final = 120  # characters of folder and file together
_LONGEST_FOLDER: Final = 40
_MOST_BYTES: Final = 200  # of one step in UTF-8; file systems take 255
# Not in a Windows name; brackets because Excel cannot link to a file whose name has them.
_UNSAFE = re.compile(r'[<>:"/\\|?*\[\]\x00-\x1f\x7f]|\s')
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\..*)?", re.IGNORECASE)
_EDGE: Final = " .-_~=+@'$"  # a step that begins with one may be an option, a formula or a lock file to some program


def safe(text: str, longest: int, otherwise: str) -> str:
    """Return a text as one step of a path: NFC, without what Windows or Linux give a meaning to.

    Args:
        text: whatever a sender or a registry wrote.
        longest: characters it may have.
        otherwise: what to return where nothing is left.
    """
    step = _UNSAFE.sub(" ", repair(unicodedata.normalize("NFC", text))[0])
    step = "".join(letter for letter in step if unicodedata.category(letter)[0] != "C")
    step = " ".join(step.split()).strip(_EDGE)[:longest]
    step = step.encode()[:_MOST_BYTES].decode(errors="ignore").strip(_EDGE)
    step = unicodedata.normalize("NFC", step)
    if _RESERVED.fullmatch(step):
        step = f"{otherwise} {step}"[:longest]
    return step or otherwise


class Names:
    """Names given so far, each once even where case does not matter."""

    def __init__(self) -> None:
        self._folders: dict[str, str] = {}
        self._taken: set[str] = {"unidentified"}

    def folder(self, unit_code: str) -> str:
        """Return the folder of a unit, another for each code; "unidentified" where there is none."""
        if not unit_code:
            return "unidentified"
        if unit_code not in self._folders:
            self._folders[unit_code] = self._free(safe(unit_code, _LONGEST_FOLDER - 4, "unit"), "")
        return self._folders[unit_code]

    def copy(self, unit_code: str, name: str, ending: str) -> str:
        """Return the path of a copy below returned/.

        Args:
            unit_code: whose folder it goes into, "" for none.
            name: what the sender called the file.
            ending: put behind its stem before .xlsx, e.g. " - đợt 1".
        """
        folder = self.folder(unit_code)
        room = LONGEST - len(folder) - len(ending) - len("/ (999).xlsx")
        stem = safe(name.rpartition(".")[0] or name, room, "bao cao")
        return self._free(f"{folder}/{stem}{ending}", ".xlsx")

    def _free(self, path: str, suffix: str) -> str:
        number, free = 1, path + suffix
        while free.casefold() in self._taken:
            number += 1
            free = f"{path} ({number}){suffix}"
        self._taken.add(free.casefold())
        return free
