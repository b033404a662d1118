"""Every text that people read is in schemas/catalogue, whole in both languages, and every key that code uses exists."""

from __future__ import annotations

import ast
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from string import Formatter
from typing import Any

import pytest

from schemas.findings import CATALOGUE
from schemas.words import WORDS
from tests.imports_of import ROOT, project_sources

SOURCES = project_sources()
FORMS = sorted((ROOT / "schemas" / "forms").glob("*.toml"))

# Modules, with their parts, that have Vietnamese in strings. Those that read what was typed compare it in small
# letters or in capitals, so both in one string would be text for people after all.
READS = {
    "schemas.organisations": "titles in front of an organisation's name",
    "schemas.studies": "what a resolution's congress, plenum or number is called",
    "schemas.units": "yes and no in the registry",
    "pipeline.form": "what ends a form, numbers a label, follows a count, names an organisation or a round",
    "pipeline.identify": "what stands in front of a name or number",
    "schemas.likeness": "words by which a text says the opposite, or nothing",
    "pipeline.normalise": "units behind a count, words for none, days in words",
}
IS_MADE_OF_IT = {
    "schemas.vietnamese": "the tables of letters, abbreviations and number words",
    "schemas.legacy_fonts": "the tables of letters of fonts older than Unicode",
    "schemas.campaign": "who signs, where campaign.toml does not say: a default of the plan, not of the program",
    "pipeline.demo": "made-up submissions, written as branches write",
    "pipeline.read": "LibreOffice's own word for an error",
}

_MARKS = "\u0300\u0301\u0303\u0309\u0323"  # grave, acute, tilde, hook, dot below
_SMALL = {unicodedata.normalize("NFC", base + mark) for base in "aăâeêioôơuưy" for mark in ("", *_MARKS)} | {"đ"}
LETTERS = {letter for small in _SMALL - set("aeiouy") for letter in (small, small.upper())}

# Callers whose first argument is a key of words.toml, by the prefix that they put before it.
PREFIXES = {"word": "", "add": "fault_", "refuse": "fault_", "say": "wb_"}
RECEIVERS = {"add": "faults", "refuse": "faults", "say": "book self"}  # names.add("x") adds to a set, and is no key
PLACE_OF_FAULT = {"line", "cell", "key", "found"}  # where a fault stands; of these its words get the key, as {field}


def catalogue(name: str) -> dict[str, dict[str, str]]:
    return tomllib.loads((ROOT / "schemas" / "catalogue" / f"{name}.toml").read_text("utf-8"))


def placeholders(text: str) -> set[str]:
    """Return the names in {braces}.

    Raises:
        ValueError: a brace stands alone; it would stop the run that shows the text.
    """
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def entry_faults(entry: Mapping[str, str], pairs: tuple[tuple[str, str], ...]) -> list[str]:
    """Return what is wrong with an entry that has a text in vi and in en for each pair."""
    faults = []
    for vi, en in pairs:
        blank = [key for key in (vi, en) if not entry.get(key, "").strip()]
        faults += [f"{key} is empty" for key in blank]
        if not blank and placeholders(entry[vi]) != placeholders(entry[en]):
            faults.append(f"{vi} has {sorted(placeholders(entry[vi]))}, {en} has {sorted(placeholders(entry[en]))}")
    return faults


def not_composed(value: Any, path: str = "") -> Iterator[str]:
    """Yield the path of each text in parsed TOML, keys too, that is not in Unicode's composed form (NFC)."""
    if isinstance(value, str):
        if not unicodedata.is_normalized("NFC", value):
            yield path
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            yield from not_composed(key, f"{path}.{key}")
            yield from not_composed(inner, f"{path}.{key}")
    elif isinstance(value, list):
        for inner in value:
            yield from not_composed(inner, path)


def literals(node: ast.expr | None) -> list[str]:
    """Return the texts that an expression may be, as far as they are written out: "a" if x else "b" is both."""
    if isinstance(node, ast.IfExp):
        return literals(node.body) + literals(node.orelse)
    return [node.value] if isinstance(node, ast.Constant) and isinstance(node.value, str) else []


def calls(source: str) -> Iterator[tuple[str, str, ast.Call]]:
    """Yield (function or method name, last name of what the method is called on, call)."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            *receiver, name = ast.unparse(node.func).split(".")
            yield name, receiver[-1].lstrip("_") if receiver else "", node


def word_calls(sources: Mapping[str, str]) -> Iterator[tuple[str, str, ast.Call]]:
    """Yield (place, key of words.toml, call) for each call that names a word outright."""
    for module, source in sources.items():
        for name, receiver, call in calls(source):
            if name in PREFIXES and (name not in RECEIVERS or receiver in RECEIVERS[name].split()):
                for key in literals(call.args[0] if call.args else None):
                    yield f"{module}:{call.lineno}", PREFIXES[name] + key, call


def code_positions(sources: Mapping[str, str]) -> dict[str, int]:
    """Return {function: position of its parameter `code`}: the steps' own short ways to a Note, and Note itself."""
    positions = {"Note": 0}
    for source in sources.values():
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.FunctionDef):
                names = [argument.arg for argument in node.args.args if argument.arg not in ("self", "cls")]
                if "code" in names and "Note" in ast.unparse(node):
                    positions[node.name] = names.index("code")
    return positions


def code_uses(sources: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield (place, code of findings.toml) for each call that names a finding outright."""
    positions = code_positions(sources)
    for module, source in sources.items():
        for name, _, call in calls(source):
            if name in positions:
                given = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
                given += call.args[positions[name] : positions[name] + 1]
                for code in (code for expression in given for code in literals(expression)):
                    yield f"{module}:{call.lineno}", code


def vietnamese_texts(source: str) -> list[tuple[int, str]]:
    """Return (line, text) of each string with a Vietnamese letter, docstrings and comments aside."""
    tree = ast.parse(source)
    docstrings = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body
        if isinstance(node.body[0], ast.Expr)
    }
    return [
        (node.lineno, node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings
        if not LETTERS.isdisjoint(unicodedata.normalize("NFC", node.value))
    ]


def is_written_for_people(text: str) -> bool:
    """Whether a string has capital and small letters, the escapes and group names of a regular expression aside."""
    bare = re.sub(r"\\[A-Za-z]|\(\?P<\w+>", "", text)
    return bare not in (bare.lower(), bare.upper())


def test_every_finding_says_what_is_wrong_and_what_to_do_in_both_languages():
    pairs = (("vi", "en"), ("vi_fix", "en_fix"))
    faults = {code: entry_faults(entry, pairs) for code, entry in catalogue("findings").items()}
    assert {code: lines for code, lines in faults.items() if lines} == {}


def test_every_word_is_there_in_both_languages():
    faults = {key: entry_faults(entry, (("vi", "en"),)) for key, entry in catalogue("words").items()}
    assert {key: lines for key, lines in faults.items() if lines} == {}


@pytest.mark.parametrize("path", [*FORMS, *(ROOT / "schemas/catalogue").glob("*.toml")], ids=lambda path: path.stem)
def test_vietnamese_text_is_composed_unicode(path):
    assert list(not_composed(tomllib.loads(path.read_text("utf-8")))) == []


def test_inside_a_sentence_an_item_is_written_small_and_a_library_says_nothing():
    """{item} is the name of an item in small letters, {label} its title; {value} of damage is a library's English."""
    entries = catalogue("findings")
    texts = [(code, text) for code, entry in entries.items() for text in entry.values()]
    assert [code for code, text in texts if "({label})" in text] == []
    damage = ("file_damaged", "mail_unreadable")
    assert [code for code, text in texts if code in damage and "{value}" in text] == []


def test_every_word_that_code_names_exists():
    assert [f"{place} {key}" for place, key, _ in word_calls(SOURCES) if key not in WORDS] == []


def test_every_word_gets_the_values_that_it_shows():
    faults = []
    for place, key, call in word_calls(SOURCES):
        given = {keyword.arg for keyword in call.keywords}
        if ast.unparse(call.func).rpartition(".")[2] in ("add", "refuse"):
            given = given - PLACE_OF_FAULT | {"field"}
        wanted = placeholders(WORDS[key][0]) if key in WORDS else set()
        if None not in given and not given >= wanted:
            faults.append(f"{place} {key} shows {sorted(wanted)}, is given {sorted(map(str, given))}")
    assert faults == []


def test_every_finding_that_code_names_exists():
    assert [f"{place} {code}" for place, code in code_uses(SOURCES) if code not in CATALOGUE] == []


def test_no_finding_is_left_that_nothing_can_find():
    """A pandera check is named by its code and, behind a colon, the field that it is about."""
    named = {
        node.value.partition(":")[0]
        for source in SOURCES.values()
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert sorted(set(CATALOGUE) - named) == []


def is_part(module: str, of: Iterable[str]) -> bool:
    """Whether a module is one of some, or a part of it: pipeline.form.labels and pipeline.form_x of pipeline.form."""
    return any(module == whole or module.startswith((f"{whole}.", f"{whole}_")) for whole in of)


@pytest.mark.parametrize("module", SOURCES)
def test_no_text_for_people_stands_in_the_code(module: str):
    texts = [] if is_part(module, IS_MADE_OF_IT) else vietnamese_texts(SOURCES[module])
    assert [(line, text) for line, text in texts if not is_part(module, READS) or is_written_for_people(text)] == []


def test_every_exception_is_still_needed():
    used = [module for module, source in SOURCES.items() if vietnamese_texts(source)]
    assert [whole for whole in (*READS, *IS_MADE_OF_IT) if not any(is_part(module, [whole]) for module in used)] == []


# --- each check can fail -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"vi": "Ô {cell}", "en": "Cell {cell}"}, []),
        ({"vi": "Ô {cell}", "en": "Cell {place}"}, ["vi has ['cell'], en has ['place']"]),
        ({"vi": "Ô", "en": " "}, ["en is empty"]),
        ({"en": "Cell"}, ["vi is empty"]),
    ],
)
def test_an_entry_that_is_not_whole_is_seen(entry: dict[str, str], fault: list[str]):
    assert entry_faults(entry, (("vi", "en"),)) == fault


def test_decomposed_text_is_seen_in_values_lists_and_keys():
    typed = unicodedata.normalize("NFD", "Đảng bộ")
    tree = {"a": {"vi": typed}, "b": ["Đảng bộ", typed], typed: "x"}
    assert list(not_composed(tree)) == [".a.vi", ".b", f".{typed}"]
    assert list(not_composed({"a": "Đảng bộ"})) == []


def test_keys_are_seen_whichever_way_they_are_named():
    source = """
def _note(raw, code):
    return Note(code)
_note(raw, "one" if raw else "two")
Note("three", value="not a code")
Note(code="four")
sheet.add("not a code")
"""
    assert sorted(code for _, code in code_uses({"pipeline.x": source})) == ["four", "one", "three", "two"]
    words = 'word("a", "vi")\nself.faults.add("b", line=1)\nbook.say("c")\nnames.add("no")\nword(f"x_{y}", "vi")'
    assert [key for _, key, _ in word_calls({"pipeline.x": words})] == ["a", "fault_b", "wb_c"]


@pytest.mark.parametrize("source", ['x = "Chi bộ"', 'x = f"{y} đ/c"', 'def f(y="Ô"):\n    pass', 'x = "\\u0111"'])
def test_vietnamese_in_a_string_is_seen(source: str):
    assert len(vietnamese_texts(source)) == 1


def test_a_sentence_is_told_from_what_is_recognised():
    assert is_written_for_people("Chưa gửi")
    assert not is_written_for_people(r"\S+(?P<Unit>đ/c)\D")
    assert not is_written_for_people("NHẤT")


@pytest.mark.parametrize("source", ['"""Chi bộ"""', 'def f():\n    """Đảng"""', "x = 1  # chi bộ", 'x = "Ñ – ä ï"'])
def test_docstrings_comments_and_marks_are_let_be(source: str):
    assert vietnamese_texts(source) == []
