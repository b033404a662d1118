"""What decides how a file is read: the code of this project and the versions of what it reads with.

Two machines that say the same read the same; where they differ, one campaign would be read in two ways.
"""

from __future__ import annotations

import hashlib
import os
import sys
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

_ROOT: Final = Path(__file__).resolve().parent.parent
_PARTS: Final = ("schemas", "pipeline")
_KINDS: Final = (".py", ".toml", ".txt", ".json")
# Every package that opens or reads something, those of the extras included: one that is missing reads less.
_PACKAGES: Final = (
    "python-calamine", "openpyxl", "defusedxml", "pebble", "viet-text-tools", "msoffcrypto-tool", "olefile", "xlrd",
    "py7zr", "rarfile", "python-oxmsg", "tnefparse", "distributed", "s3fs",
)  # fmt: skip


@lru_cache(maxsize=1)
def fingerprint() -> dict[str, str]:
    """Return {what: version} of this process, as it was when first asked; "" for what is not installed."""
    found = {"code": _code(), "python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    found |= {name: _version(name) for name in _PACKAGES}
    folders = os.environ.get("PATH", "").split(os.pathsep)
    return found | {"unar": "1" if any(os.access(os.path.join(folder, "unar"), os.X_OK) for folder in folders) else ""}


def _code() -> str:
    digest = hashlib.sha256()
    for part in _PARTS:
        for path in sorted((_ROOT / part).rglob("*")):
            if path.suffix in _KINDS:
                content = path.read_bytes()
                digest.update(f"{path.relative_to(_ROOT).as_posix()} {len(content)}\n".encode() + content)
    return digest.hexdigest()[:12]


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
