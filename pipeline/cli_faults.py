"""What an analyst can mend although the program did not expect it: a full disk, say, in a line."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Final

from schemas.words import word

_KINDS: Final = {
    errno.ENOSPC: "cli_disk_full",
    errno.EDQUOT: "cli_disk_full",
    errno.EACCES: "cli_disk_denied",
    errno.EPERM: "cli_disk_denied",
    errno.EROFS: "cli_disk_read_only",
}


def told(fault: OSError, place: Path, language: str, *, is_whole: bool) -> str:
    """Return one line: where, what is wrong, what to do.

    Args:
        fault: what the disk, or whatever stands for one, answered.
        place: where the command works; said where the fault names no file, as that of a full disk does not.
        language: "vi" or "en".
        is_whole: whether earlier outputs stand as they were, which the line then says.
    """
    path = os.fsdecode(fault.filename) if isinstance(fault.filename, str | bytes) else place.as_posix()
    reason = " ".join((fault.strerror or str(fault)).split())
    line = word(_KINDS.get(fault.errno or 0, "cli_disk"), language, path=path, reason=reason)
    return f"{line} {word('cli_outputs_stand', language)}" if is_whole else line
