"""campaign.toml becomes the plan of the campaign, or faults that an analyst mends at once."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from pathlib import Path
from typing import NoReturn

from pydantic import ValidationError

from schemas.campaign import Campaign, Round
from schemas.campaign_faults import PlanFaults
from schemas.days import day
from schemas.faults import DEFAULT_LANGUAGE, Fault, FaultList, FaultsError, did_you_mean, file_name
from schemas.words import word

_LANGUAGE = re.compile(r"""^\s*language\s*=\s*["'](vi|en)["']""", re.MULTILINE)
_PLACE = re.compile(r"\(at line (\d+), column \d+\)")
_STATEMENT = re.compile(r"""\s*[\w."'-]+\s*=""")
_OTHER_DAY = re.compile(r"\b\d{1,2}[/.-]\d{1,2}[/.-]\d{4}\b")

# What tomllib says of a text that is no TOML, by how it begins; in this order.
_SYNTAX = (
    ("Invalid date", "toml_date"),
    (("Cannot", "Duplicate"), "toml_twice"),
    (("Unterminated", "Illegal", "Unescaped", "Invalid hex", "Escaped", 'Expected "'), "toml_text"),
    (("Unclosed", "Expected ']"), "toml_bracket"),
    ("Invalid value", "toml_value"),
    ("Expected newline", "toml_line_end"),
)


def load_campaign(folder: Path, language: str | None = None) -> Campaign:
    """Read the plan of a campaign's folder.

    Args:
        folder: the campaign's folder; its name is the campaign's id unless the file gives one.
        language: of the faults; else the campaign's own if that can be read, else Vietnamese.

    Raises:
        FaultsError: no campaign.toml, or one with faults; every fault at once, but for a text that is no
            TOML, which can be read only as far as its first fault.
    """
    path = folder / "campaign.toml"
    faults = FaultList(file_name(path), language or DEFAULT_LANGUAGE)
    text = _text(path, faults)
    if language is None and (own := _LANGUAGE.search(text)):
        faults.language = own.group(1)
    try:
        plan = tomllib.loads(text)
    except tomllib.TOMLDecodeError as wrong:
        _refuse_syntax(text, str(wrong), faults)
    named = {"id": path.resolve().parent.name} | plan
    found = PlanFaults(text, plan, faults)
    found.check()
    try:
        campaign = Campaign.model_validate(named)
    except ValidationError as invalid:
        found.add_invalid(invalid)
        raise FaultsError(faults.in_order()) from None
    faults.raise_any()
    return campaign


def round_asked_for(campaign: Campaign, wanted: str, language: str) -> Round:
    """Return the round of a campaign that --round names.

    Raises:
        FaultsError: it has no such round.
    """
    known = [round_.id for round_ in campaign.rounds]
    if wanted not in known:
        expected = word(
            "fault_want_one_of", language, values=", ".join(known), near=did_you_mean(wanted, known, language)
        )
        raise FaultsError([Fault("--round", "", "", wanted, expected, "want_one_of", language)])
    return campaign.round(wanted)


def language_of(folder: Path) -> str:
    """Return the campaign's language as its file says it, before anything is checked; Vietnamese where it does not."""
    try:
        text = (folder / "campaign.toml").read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return DEFAULT_LANGUAGE
    own = _LANGUAGE.search(text)
    return own.group(1) if own else DEFAULT_LANGUAGE


def _text(path: Path, faults: FaultList) -> str:
    try:
        raw = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        faults.refuse("campaign_missing")
    try:
        return unicodedata.normalize("NFC", raw.decode("utf-8-sig"))
    except UnicodeDecodeError as wrong:
        line = raw.count(b"\n", 0, wrong.start) + 1
        faults.refuse("not_utf8", line=line, found=f"byte 0x{raw[wrong.start]:02X}")


def _refuse_syntax(text: str, message: str, faults: FaultList) -> NoReturn:
    """Raise the fault of a text that is no TOML, at the line where the faulty statement begins."""
    lines = text.rstrip().split("\n")
    place = _PLACE.search(message)
    number = min(int(place.group(1)) if place else len(lines), len(lines))
    kind = next((kind for starts, kind in _SYNTAX if message.startswith(starts)), "toml_statement")
    if message.startswith("Un"):  # unclosed, unterminated, unescaped: noticed only where something else begins
        while number > 1 and not _STATEMENT.match(lines[number - 1]):
            number -= 1
    line = lines[number - 1]
    written = _OTHER_DAY.search(line)
    if kind in ("toml_value", "toml_line_end") and ("“" in line or "”" in line):
        faults.refuse("toml_curly_quotes", line=number, found=line.strip())
    if kind in ("toml_value", "toml_line_end") and written and (meant := day(written.group())):
        faults.refuse("toml_date_form", line=number, found=line.strip(), day=meant.isoformat())
    faults.refuse(kind, line=number, found=line.strip())
