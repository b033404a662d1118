"""What a Python source imports and which calls it makes that reach a disk, read from its syntax tree."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

DISK_MODULES = {
    "shutil", "tempfile", "glob", "socket", "ssl", "smtplib", "imaplib", "imap_tools", "subprocess", "sqlite3",
    "urllib.request", "http.client", "requests", "fcntl", "mmap",
}  # fmt: skip
OS_CALLS = {
    "open", "fdopen", "read", "write", "listdir", "scandir", "walk", "mkdir", "makedirs", "remove", "unlink", "rename",
    "renames", "replace", "rmdir", "stat", "lstat", "link", "symlink", "chmod", "utime", "fsync", "exists", "isfile",
    "isdir", "getsize", "getmtime",
}  # fmt: skip
# Methods of Path and DataFrame that mean a disk whatever they are called on; `replace`, `rename` and `read` do not.
METHODS = {
    "open", "read_text", "read_bytes", "write_text", "write_bytes", "iterdir", "glob", "rglob", "mkdir", "rmdir",
    "unlink", "touch", "stat", "lstat", "exists", "is_file", "is_dir", "symlink_to", "hardlink_to", "samefile",
    "read_csv", "read_excel", "read_parquet", "to_csv", "to_excel", "to_parquet", "to_pickle",
}  # fmt: skip
IMPORTERS = ("importlib.import_module", "import_module", "__import__")


@dataclass(frozen=True)
class Import:
    """One import: `target` is the module meant, `is_eager` whether importing the source brings it in."""

    target: str
    line: int
    is_eager: bool


def project_sources() -> dict[str, str]:
    """Return {dotted module name: source} of schemas and pipeline; a package is named without __init__."""
    return {
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path.read_text("utf-8")
        for package in ("schemas", "pipeline")
        for path in sorted((ROOT / package).rglob("*.py"))
    }


def is_package(name: str, sources: Mapping[str, str]) -> bool:
    return name in ("schemas", "pipeline") or any(other.startswith(f"{name}.") for other in sources)


def imports(name: str, sources: Mapping[str, str]) -> list[Import]:
    """Return what a module imports, in functions and for type checking too."""
    return list(_visit(ast.parse(sources[name]), name, sources, is_eager=True))


def _visit(node: ast.AST, name: str, sources: Mapping[str, str], is_eager: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        for target in _targets(child, name, sources):
            yield Import(target, child.lineno, is_eager)  # type: ignore[attr-defined]  # only statements have targets
        is_deferred = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            for part in child.body:
                yield from _visit(ast.Module([part], []), name, sources, is_eager=False)
            for part in child.orelse:
                yield from _visit(ast.Module([part], []), name, sources, is_eager)
        else:
            yield from _visit(child, name, sources, is_eager and not is_deferred)


def _targets(node: ast.AST, name: str, sources: Mapping[str, str]) -> list[str]:
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        base = _base(node, name, sources)
        return [f"{base}.{alias.name}" if f"{base}.{alias.name}" in sources else base for alias in node.names]
    if isinstance(node, ast.Call) and ast.unparse(node.func) in IMPORTERS:
        return [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant) and isinstance(arg.value, str)]
    return []


def _base(node: ast.ImportFrom, name: str, sources: Mapping[str, str]) -> str:
    if not node.level:
        return node.module or ""
    package = name.split(".") if is_package(name, sources) else name.split(".")[:-1]
    parents = package[: len(package) - node.level + 1]
    return ".".join([*parents, *([node.module] if node.module else [])])


def brought_in(name: str, sources: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return {module outside the project: the chain of modules that imports it} when `name` is imported."""
    found: dict[str, tuple[str, ...]] = {}
    seen: set[str] = set()
    todo = [(name, (name,))]
    while todo:
        module, chain = todo.pop()
        if module in seen:
            continue
        seen.add(module)
        parents = [".".join(module.split(".")[:n]) for n in range(1, module.count(".") + 1)]
        todo += [(parent, (*chain, parent)) for parent in parents if parent in sources]
        for found_import in imports(module, sources):
            target = found_import.target
            if found_import.is_eager and target in sources:
                todo.append((target, (*chain, target)))
            elif found_import.is_eager:
                found.setdefault(target.split(".")[0], chain)
    return found


def disk_uses(name: str, sources: Mapping[str, str]) -> list[tuple[int, str]]:
    """Return (line, what) of each import and call that reaches a disk or a network."""
    uses = [
        (found.line, f"import {found.target}")
        for found in imports(name, sources)
        if found.target in DISK_MODULES or found.target.split(".")[0] in DISK_MODULES
    ]
    for node in ast.walk(ast.parse(sources[name])):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        is_os = called.startswith("os.") and called.rpartition(".")[2] in OS_CALLS
        is_method = isinstance(node.func, ast.Attribute) and node.func.attr in METHODS
        if called == "open" or is_os or is_method:
            uses.append((node.lineno, f"{called}()"))
    return sorted(uses)
