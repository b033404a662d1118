"""The layers: cli -> consolidate -> per_file -> steps -> (registry, settings, cache, workers) -> schemas.

The rules are checked on the imports as they are written, and each check is shown to fail on a small made-up source.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping

import pytest

from tests.imports_of import ROOT, brought_in, disk_uses, imports, project_sources

# Top first. A module imports only from layers below its own; a package, or modules x and x_y, are one member.
LAYERS = (
    "__main__",
    "cli",
    "check demo",  # the first half of the way without the second; filled-in templates of all units
    "consolidate",
    "returns reminders",  # opens again what came, and marks it; pre-filled forms and copies as mails
    "per_file report",  # the two halves of the way: one file by itself, then all of them as tables
    "cluster intake read form normalise identify validate decisions resolve reconcile merge completeness accounts "
    "wording tables workbook questions templates mailbox outbox",
    "registry settings cache workers containers fingerprint lock",
)
MEMBERS = {name: rank for rank, layer in enumerate(LAYERS) for name in layer.split()}
# What runs in worker processes: started anew, so nothing that takes a second to import.
WORKERS = ("intake", "read", "form", "normalise", "per_file", "returns")
HEAVY = ("pandas", "pandera", "pydantic", "xlsxwriter", "rich")
XLSXWRITER = ("workbook", "templates", "demo")
DISK = (
    *(
        "settings",
        "registry",
        "intake",
        "read",
        "mailbox",
        "outbox",
        "cache",
        "decisions",
        "fingerprint",
        "lock",
    ),  # what comes in
    *("tables", "workbook", "questions", "templates", "returns", "reminders", "outbox", "demo"),  # what goes out
)
DISK_FOR_A_REASON = {
    "pipeline.__main__ os.open()": "the null device, for what is said when nobody reads along any more",
    "pipeline.workers open()": "a worker reads from /proc how much memory it has mapped, before it caps it",
    "pipeline.check (folder / 'campaign.toml').is_file()": "looks for the campaign in whose folder a file lies",
    "pipeline.report folder.iterdir()": "lists the campaign's own files, whose sha256 the manifest gives",
    "pipeline.report path.is_file()": "the same",
    "pipeline.cli (output / 'run.json').read_text()": "which rulings the outputs obey",
    "pipeline.cli_arguments path.is_dir()": "a folder that is not there is bad usage, told before anything starts",
    "pipeline.cli_arguments path.parent.glob()": "which campaign a misspelt one may have meant",
    "pipeline.cli_arguments place.exists()": "a file where outputs are to go is bad usage",
    "pipeline.cli_arguments there.is_dir()": "the same",
    "pipeline.cli_arguments path.exists()": "a file that is not there is bad usage too",
}

SOURCES = project_sources()


def member(module: str) -> str:
    """Return which member of a layer a module is part of: pipeline.form.labels -> form, registry_file -> registry."""
    first = module.split(".")[1] if "." in module else ""
    words = first.split("_")
    names = ("_".join(words[:count]) for count in range(len(words), 0, -1))
    return next((name for name in names if name in MEMBERS), first)


def rank(name: str) -> int:
    return MEMBERS.get(name, -1)


def layer_faults(sources: Mapping[str, str]) -> list[str]:
    """Return a line for each import that goes up or sideways, and each module that stands in no layer."""
    faults = []
    for module in sources:
        own = member(module)
        if module.startswith("pipeline.") and rank(own) < 0:
            faults.append(f"{module} stands in no layer")
        for found in imports(module, sources):
            if not found.target.startswith("pipeline"):
                continue
            other = member(found.target)
            if module.startswith("schemas"):
                faults.append(f"{module}:{found.line} imports {found.target}: schemas import nothing of pipeline")
            elif own and other and own != other and rank(other) <= rank(own):
                faults.append(f"{module}:{found.line} imports {found.target}: not a layer below its own")
    return faults


def weight_faults(sources: Mapping[str, str]) -> list[str]:
    return [
        f"{module} brings in {heavy} by {' -> '.join(chain)}"
        for module in sources
        if module.startswith("pipeline.") and member(module) in WORKERS
        for heavy, chain in brought_in(module, sources).items()
        if heavy in HEAVY
    ]


def xlsxwriter_faults(sources: Mapping[str, str]) -> list[str]:
    return [
        f"{module}:{found.line} imports xlsxwriter"
        for module in sources
        if member(module) not in XLSXWRITER
        for found in imports(module, sources)
        if found.target.split(".")[0] == "xlsxwriter"
    ]


def disk_faults(sources: Mapping[str, str]) -> list[str]:
    return [
        f"{module}:{line} {what}"
        for module in sources
        if module.startswith("pipeline.") and member(module) not in DISK
        for line, what in disk_uses(module, sources)
        if f"{module} {what}" not in DISK_FOR_A_REASON
    ]


def test_a_module_imports_only_from_layers_below_its_own():
    assert layer_faults(SOURCES) == []


def test_workers_modules_bring_in_nothing_heavy():
    assert weight_faults(SOURCES) == []


def test_workers_modules_bring_in_nothing_heavy_when_they_are_imported():
    """The same as seen by Python itself, packages of others included."""
    names = sorted(m for m in SOURCES if m.startswith("pipeline.") and member(m) in WORKERS)
    assert names
    code = f"import sys, {', '.join(names)}\nprint(*(set({HEAVY!r}) & set(sys.modules)))"
    seen = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == []


def test_only_those_that_write_workbooks_import_xlsxwriter():
    assert xlsxwriter_faults(SOURCES) == []


def test_only_the_edges_touch_disk_or_network():
    assert disk_faults(SOURCES) == []


def test_every_exception_is_still_needed():
    used = {f"{module} {what}" for module in SOURCES for _, what in disk_uses(module, SOURCES)}
    assert set(DISK_FOR_A_REASON) <= used


# --- each check can fail -------------------------------------------------------------------------

SOUND = {
    "schemas": "",
    "schemas.records": "from dataclasses import dataclass",
    "pipeline": "",
    "pipeline.cli": "from . import VERSION\nfrom .consolidate import consolidate",
    "pipeline.consolidate": "from .merge import merge_up\nfrom . import per_file",
    "pipeline.per_file": "from .read import read_workbook\nfrom .form import find",
    "pipeline.form": "from .labels import key",
    "pipeline.form.labels": "from schemas.records import Note",
    "pipeline.read": "import zipfile",
    "pipeline.merge": "import pandas as pd\nfrom .registry import Registry",
    "pipeline.registry": "import pandas as pd\nfrom .registry_file import read_units",
    "pipeline.registry_file": "rows = open('units.csv')",
}


def broken(module: str, source: str) -> dict[str, str]:
    return {**SOUND, module: source}


def test_a_sound_project_has_no_faults():
    assert layer_faults(SOUND) + weight_faults(SOUND) + xlsxwriter_faults(SOUND) + disk_faults(SOUND) == []


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("pipeline.merge", "from .read import read_workbook", "pipeline.merge:1 imports pipeline.read: not a layer"),
        ("pipeline.merge", "from pipeline import read", "pipeline.merge:1 imports pipeline.read: not a layer"),
        ("pipeline.merge", "import pipeline.read", "pipeline.merge:1 imports pipeline.read: not a layer"),
        ("pipeline.merge", "def f():\n    from . import read", "pipeline.merge:2 imports pipeline.read: not a layer"),
        ("pipeline.form.labels", "from ..read import x", "pipeline.form.labels:1 imports pipeline.read: not a layer"),
        ("pipeline.read", "from .per_file import x", "pipeline.read:1 imports pipeline.per_file: not a layer"),
        ("pipeline.registry", "from .merge import x", "pipeline.registry:1 imports pipeline.merge: not a layer"),
        ("pipeline.consolidate", "from .cli import x", "pipeline.consolidate:1 imports pipeline.cli: not a layer"),
        (
            "pipeline.merge",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .read import Grid",
            "pipeline.merge:3 imports pipeline.read: not a layer",
        ),
        (
            "pipeline.merge",
            "import importlib\nread = importlib.import_module('pipeline.read')",
            "pipeline.merge:2 imports pipeline.read: not a layer",
        ),
        ("schemas.records", "from pipeline.read import x", "schemas.records:1 imports pipeline.read: schemas import"),
        ("pipeline.helpers", "", "pipeline.helpers stands in no layer"),
    ],
)
def test_a_crossed_layer_is_seen(module: str, source: str, fault: str):
    faults = layer_faults(broken(module, source))
    assert [line for line in faults if line.startswith(fault)], faults


@pytest.mark.parametrize(
    ("module", "source", "fault"),
    [
        ("pipeline.read", "import pandas as pd", "pipeline.read brings in pandas by pipeline.read"),
        ("schemas.records", "import pydantic", "by pipeline.form.labels -> schemas.records"),
        ("schemas", "from pandera import Column", "-> schemas"),
        ("pipeline", "try:\n    import rich\nfinally:\n    pass", "brings in rich by pipeline.read -> pipeline"),
    ],
)
def test_weight_in_a_worker_is_seen_with_the_way_it_came(module: str, source: str, fault: str):
    faults = weight_faults(broken(module, source))
    assert [line for line in faults if fault in line], faults


@pytest.mark.parametrize(
    "source",
    [
        "def f():\n    import pandas",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import pandas",
    ],
)
def test_weight_that_comes_only_when_asked_for_is_no_fault(source: str):
    assert weight_faults(broken("pipeline.read", source)) == []


def test_xlsxwriter_elsewhere_is_seen_even_inside_a_function():
    source = "def write():\n    from xlsxwriter.workbook import Workbook"
    assert xlsxwriter_faults(broken("pipeline.merge", source)) == ["pipeline.merge:2 imports xlsxwriter"]
    assert xlsxwriter_faults(broken("pipeline.workbook.tree", source)) == []


@pytest.mark.parametrize(
    ("source", "fault"),
    [
        ("rows = open('x')", "pipeline.merge:1 open()"),
        ("from pathlib import Path\nPath('x').write_text('')", "pipeline.merge:2 Path('x').write_text()"),
        ("import os\nos.replace('a', 'b')", "pipeline.merge:2 os.replace()"),
        ("import os\nos.path.exists('a')", "pipeline.merge:2 os.path.exists()"),
        ("def f(df):\n    df.to_csv('x')", "pipeline.merge:2 df.to_csv()"),
        ("import shutil", "pipeline.merge:1 import shutil"),
        ("from urllib.request import urlopen", "pipeline.merge:1 import urllib.request"),
    ],
)
def test_a_step_that_touches_the_disk_is_seen(source: str, fault: str):
    assert disk_faults(broken("pipeline.merge", source)) == [fault]


def test_text_and_tables_are_not_taken_for_a_disk():
    source = "'a'.replace('a', 'b')\ndef f(df):\n    return df.rename(columns=str).replace(0, 1)"
    assert disk_faults(broken("pipeline.merge", source)) == []
