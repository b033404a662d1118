"""The findings for a few files at once, written nowhere: what an analyst asks before answering a branch."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from schemas.campaign import VIETNAM, Campaign
from schemas.faults import Fault, FaultsError
from schemas.layout import load_form_spec
from schemas.records import Finding, Received, TypedTally
from schemas.words import word

from .cache import Cache
from .consolidate import reading
from .identify import Placed, place
from .intake import Arrival, arrival_of
from .per_file import ReadingContext
from .registry import Registry, load_registry
from .settings import load_campaign
from .validate import file_findings, rows_of, tabulate, validate
from .wording import in_words, titles


def check_files(files: list[Path], folder: Path | None, language: str) -> Iterator[str]:
    """Read files as a run would and yield, line by line, what was read of each and what is wrong with it.

    Args:
        files: the files, anywhere.
        folder: the campaign whose rules and registry hold; None for the one in whose folder the first file lies.
        language: "vi", "en", or "" for the campaign's own.

    Raises:
        FaultsError: no campaign was named or found, or it cannot be used.
    """
    folder = folder or _campaign_above(files[0])
    if folder is None:
        expected = word("check_campaign", language or "vi")
        raise FaultsError([Fault(files[0].name, "", "--campaign", "", expected, "check_campaign", language or "vi")])
    campaign = load_campaign(folder, language or None)
    language = language or campaign.language
    registry = load_registry(folder, campaign, language)
    arrivals: list[Arrival] = [arrival_of(path, VIETNAM) for path in files]
    context = ReadingContext(load_form_spec(campaign), campaign.passwords)
    with reading(arrivals, context, Cache(None, ""), 1) as finish:
        received = finish(lambda *_: None)
    placed = place(received, registry, campaign, {})
    rows = rows_of(placed, received, registry, campaign)
    frame = tabulate(placed, rows, registry, campaign)
    as_of = (campaign.as_of or datetime.now(VIETNAM)).astimezone(VIETNAM)
    findings = validate(frame, placed, rows, campaign, as_of) + file_findings(received, campaign, as_of)
    for number, thing in enumerate(received):
        about = [finding for finding in findings if finding.file == number]
        yield from _account(thing, number, placed, about, registry, campaign, language)


def _campaign_above(path: Path) -> Path | None:
    return next((folder for folder in path.resolve().parents if (folder / "campaign.toml").is_file()), None)


def _account(
    thing: Received, number: int, placed: list[Placed], findings: list[Finding], registry: Registry, campaign: Campaign,
    language: str,
) -> Iterator[str]:  # fmt: skip
    names = titles(campaign, language)
    units = dict(zip(registry.tree.index, registry.tree["unit_name"], strict=True))
    yield f"{thing.file} › {thing.member}" if thing.member else thing.file
    for finding in (finding for finding in findings if finding.tally < 0):
        yield "  " + _line(finding, names, language)
    for position, entry in enumerate(placed):
        if entry.file == number and entry.tally.layout != "empty":
            unit = f"{entry.unit_code} {units[entry.unit_code]}" if entry.unit_code else "?"
            yield f"  {unit} · {names['round']} {entry.round or '?'} · {_values(entry.tally, names)}"
            for finding in (finding for finding in findings if finding.tally == position):
                yield "    " + _line(finding, names, language)
    worst = {finding.severity for finding in findings}
    verdict = "check_rejected" if "error" in worst else "check_queried" if "query" in worst else "check_good"
    yield "  " + word(verdict, language)


def _values(tally: TypedTally, names: dict[str, str]) -> str:
    counts = {field: value for field, value in tally.values.items() if isinstance(value, int)}
    return ", ".join(f"{names.get(field, field)} {value} ({tally.cells[field]})" for field, value in counts.items())


def _line(finding: Finding, names: dict[str, str], language: str) -> str:
    what, fix = in_words(finding, names, language)
    return f"{word(finding.severity, language)} [{finding.note.code}] {what} {fix}"
