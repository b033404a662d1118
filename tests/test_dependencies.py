"""What is imported is declared in pyproject.toml, and what is installed is pinned in constraints.txt."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.imports_of import ROOT, imports, project_sources

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
RUNTIME = [Requirement(text) for text in PROJECT["dependencies"]]
EXTRAS = {name: [Requirement(text) for text in wanted] for name, wanted in PROJECT["optional-dependencies"].items()}
DEV = EXTRAS.pop("dev")
BENCH = EXTRAS.pop("bench")  # the peers that ours is compared with; `make bench` alone installs them
FAR = EXTRAS.pop("cluster") + EXTRAS.pop("storage")  # what one machine with a folder can do without: by hand
OPTIONAL = [requirement for wanted in EXTRAS.values() for requirement in wanted]  # of rare formats; make installs them


def pins(*, of_bench: bool = False) -> dict[str, str]:
    """Return {distribution: version} of constraints.txt, of its last section where that of the bench is asked for.

    Every line is name==version or a comment.
    """
    ours, begin, of_peers = (ROOT / "constraints.txt").read_text("utf-8").partition("# What only the group `bench`")
    assert begin
    lines = of_peers.splitlines()[1:] if of_bench else ours.splitlines()
    found = [re.fullmatch(r"([a-z0-9-]+)==([\w.]+)", line) for line in lines if line and not line.startswith("#")]
    assert all(found)
    return {match[1]: match[2] for match in found if match}


def is_bench_installed() -> bool:
    try:
        return bool(closure(BENCH))
    except metadata.PackageNotFoundError:
        return False


def closure(wanted: list[Requirement]) -> dict[str, str]:
    """Return {distribution: version installed} of what is wanted and all that it needs in this environment."""
    todo, seen = list(wanted), {}
    while todo:
        requirement = todo.pop()
        key = (canonicalize_name(requirement.name), tuple(sorted(requirement.extras)))
        if key in seen:
            continue
        found = metadata.distribution(requirement.name)
        seen[key] = found.version
        needed = [Requirement(text) for text in found.requires or []]
        for extra in ("", *requirement.extras):
            todo += [need for need in needed if need.marker is None or need.marker.evaluate({"extra": extra})]
    return {name: version for (name, _), version in seen.items()}


def third_party(sources: dict[str, str], *, eager_only: bool = False) -> set[str]:
    """Return the distributions that sources import, type-checking imports aside."""
    tops = {
        found.target.split(".")[0]
        for module in sources
        for found in imports(module, sources)
        if found.is_eager or not (eager_only or _is_for_types(sources[module], found.line))
    }
    tops -= {"schemas", "pipeline", "tests", "bench", "", *sys.stdlib_module_names}
    owners = metadata.packages_distributions()
    return {canonicalize_name(owners.get(top, [top])[0]) for top in tops}


def _is_for_types(source: str, line: int) -> bool:
    blocks = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.If)]
    return any(
        "TYPE_CHECKING" in ast.unparse(block.test) and block.lineno < line <= (block.end_lineno or 0)
        for block in blocks
    )


def names(requirements: list[Requirement]) -> set[str]:
    return {canonicalize_name(requirement.name) for requirement in requirements}


def test_everything_installed_is_pinned_at_the_version_installed():
    installed, pinned = closure(RUNTIME + OPTIONAL + DEV), pins()
    assert {name: pinned.get(name) for name in installed} == installed


def test_nothing_is_pinned_that_nobody_needs():
    assert sorted(set(pins()) - set(closure(RUNTIME + OPTIONAL + DEV))) == []


def test_the_bench_s_own_libraries_are_pinned_and_nobody_else_needs_them():
    assert names(BENCH) <= set(pins(of_bench=True))
    assert set(pins(of_bench=True)) & set(closure(RUNTIME + OPTIONAL + DEV)) == set()


@pytest.mark.skipif(not is_bench_installed(), reason="make bench installs what it compares with")
def test_what_only_the_bench_needs_is_pinned_at_the_version_installed():
    installed = closure(BENCH)
    assert {name: (pins() | pins(of_bench=True)).get(name) for name in installed} == installed
    assert set(pins(of_bench=True)) - set(installed) == set()


@pytest.mark.parametrize(
    ("what", "without"), [("runtime", DEV + BENCH), ("dev", BENCH), ("bench", [])], ids=["runtime", "dev", "bench"]
)
def test_each_group_is_installed_only_where_it_is_asked_for(what: str, without: list[Requirement]):
    script = (ROOT / "bin" / "venv").read_text("utf-8").partition("<<'PY'\n")[2].partition("\nPY\n")[0]
    ended = subprocess.run([sys.executable, "-c", script, what], cwd=ROOT, capture_output=True, text=True, check=True)
    installed = {canonicalize_name(Requirement(line).name) for line in ended.stdout.splitlines()}
    assert installed == names(RUNTIME + OPTIONAL + DEV + BENCH) - (names(without) - names(RUNTIME + OPTIONAL))


def test_what_a_run_imports_is_a_runtime_dependency():
    """So that `make consolidate` has what it needs; what only an extra brings is imported only where it is needed."""
    assert third_party(project_sources(), eager_only=True) - names(RUNTIME) == set()
    assert third_party(project_sources()) - names(RUNTIME + OPTIONAL + FAR) == set()
    assert names(FAR) <= names(DEV)


@pytest.mark.parametrize("folder", ["tests", "bench"])
def test_what_tests_and_bench_import_is_declared(folder: str):
    paths = sorted((ROOT / folder).rglob("*.py"))
    sources = {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8") for path in paths}
    beside_each_other = {canonicalize_name(path.stem) for path in paths}
    by_pytest = {"packaging"}
    declared = names(RUNTIME + OPTIONAL + DEV + (BENCH if folder == "bench" else []))
    assert third_party(sources) - declared - beside_each_other - by_pytest == set()
