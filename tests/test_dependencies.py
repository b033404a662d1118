"""What is imported is declared in pyproject.toml, and what is installed is pinned in constraints.txt."""

from __future__ import annotations

import ast
import re
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
OPTIONAL = [requirement for wanted in EXTRAS.values() for requirement in wanted]  # of rare formats; make installs them


def pins() -> dict[str, str]:
    """Return {distribution: version} of constraints.txt; every line is name==version or a comment."""
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    found = [re.fullmatch(r"([a-z0-9-]+)==([\w.]+)", line) for line in lines if line and not line.startswith("#")]
    assert all(found)
    return {match[1]: match[2] for match in found if match}


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


def test_what_a_run_imports_is_a_runtime_dependency():
    """So that `make consolidate` has what it needs; what only an extra brings is imported only where it is needed."""
    assert third_party(project_sources(), eager_only=True) - names(RUNTIME) == set()
    assert third_party(project_sources()) - names(RUNTIME + OPTIONAL) == set()


@pytest.mark.parametrize("folder", ["tests", "bench"])
def test_what_tests_and_bench_import_is_declared(folder: str):
    paths = sorted((ROOT / folder).rglob("*.py"))
    sources = {".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text("utf-8") for path in paths}
    beside_each_other = {canonicalize_name(path.stem) for path in paths}
    by_pytest = {"packaging"}
    assert third_party(sources) - names(RUNTIME + OPTIONAL + DEV) - beside_each_other - by_pytest == set()
