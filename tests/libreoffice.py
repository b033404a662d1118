"""Runs LibreOffice headless for tests: each run has its own profile, and dies with all it started when it hangs."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

_TIME_OUT = 180  # seconds; a cold start on a busy machine takes some
# "Recalculation on file load: always": otherwise LibreOffice believes the values stored in the file
_ALWAYS_RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""


def soffice() -> str:
    """Return the program; without it the test fails on the CI machine, and is skipped elsewhere."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        reason = "LibreOffice (soffice) is not installed: nobody else recalculates the workbook"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return program


def convert(source: Path, folder: Path, target: str = "xlsx") -> Path:
    """Open a workbook in LibreOffice, recalculate every formula, and save it as `target` into another folder.

    Raises: as `convert_all`.
    """
    return convert_all([source], folder, target)[0]


def convert_all(sources: Sequence[Path], folder: Path, target: str = "xlsx") -> list[Path]:
    """Do so with several workbooks in one go: starting the program takes longest.

    Raises:
        TimeoutError: LibreOffice hung; it and its children are killed.
        AssertionError: it made no file.
    """
    program = soffice()
    profile = folder / "profile"
    (profile / "user").mkdir(parents=True, exist_ok=True)
    (profile / "user" / "registrymodifications.xcu").write_text(_ALWAYS_RECALCULATE, encoding="utf-8")
    made = folder / "converted"
    command = [program, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", target]
    _run([*command, "--outdir", str(made), *map(str, sources)])
    results = [made / f"{source.stem}.{target}" for source in sources]
    for result in results:
        assert result.is_file(), f"LibreOffice made no {result.name}"
    return results


def _run(command: list[str]) -> None:
    # A session of its own: soffice is a script whose children outlive it when only it is killed.
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        process.wait(_TIME_OUT)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise TimeoutError(f"LibreOffice did not finish in {_TIME_OUT} s") from None
