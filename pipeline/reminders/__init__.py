"""The command: who is chased gets a draft, and with --send a mail, of what the last run found.

Submissions are not read again: what run.json vouches for is what is said. `account` reads that and tells whether it
still holds, `chased` says who is reminded and by which address, `letter` puts it into words, `drafts` writes the
folder, and `send` hands the mails to `pipeline.outbox`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from schemas.campaign import VIETNAM, Campaign
from schemas.faults import RefusedError
from schemas.words import hour_and_day, word

from ..lock import held
from ..registry import Registry, load_registry
from ..settings import load_campaign, round_asked_for
from ..templates.issue import forms_of
from .account import Account, Since, load_account, since
from .chased import CHASED, Reminder, reminders
from .drafts import FOLDER, Entry, Log, replacing, write_index
from .letter import Attachment, Occasion, draft
from .send import Sending, check_sending, send

__all__ = ["Asked", "Sending", "remind"]
FLAGS: Final = (*CHASED, "not_due")
_NAMED: Final = 3  # of what has changed
_LISTED: Final = 20  # units without an address


@dataclass(frozen=True)
class Asked:
    """What a run of the command is asked to do.

    Attributes:
        folder: the campaign's inputs.
        output: where its outputs lie.
        round: id of the round; "" for the one that the last run showed.
        as_of: stands in for now; None for the campaign's own, else the clock.
        language: "vi", "en", or "" for the campaign's own.
        before_due: whether also those are reminded whose report is not due yet.
        sending: how to send; None to write drafts alone.
    """

    folder: Path
    output: Path
    round: str = ""
    as_of: datetime | None = None
    language: str = ""
    before_due: bool = False
    sending: Sending | None = None


def remind(asked: Asked, say: Callable[[str], None], warn: Callable[[str], None]) -> None:
    """Write a draft for each unit to be chased and, where that is asked for, send those that have an address.

    Args:
        asked: what to do.
        say: told what was done, a line at a time.
        warn: told what deserves a look.

    Raises:
        FaultsError: campaign.toml or the registry cannot be used, or there is no such round.
        RefusedError: the outputs are not what a run left, or inputs changed since; or the settings cannot send.
        LostError: the mail server is not reached, or was lost; what was sent until then is in the log.
    """
    campaign = load_campaign(asked.folder, asked.language or None)
    language = asked.language or campaign.language
    as_of = (asked.as_of or campaign.as_of or datetime.now(VIETNAM)).astimezone(VIETNAM)
    is_there = asked.output.is_dir()  # a lock would make it
    with held(asked.output, lambda: warn(word("cli_waiting", language))) if is_there else nullcontext():
        _remind(asked, campaign, as_of, language, say, warn)


def _remind(
    asked: Asked, campaign: Campaign, as_of: datetime, language: str, say: Callable[[str], None],
    warn: Callable[[str], None],
) -> None:  # fmt: skip
    command = f"make consolidate CAMPAIGN={asked.folder.resolve().name}"
    account = load_account(asked.output, campaign, command, language)
    round_ = round_asked_for(campaign, asked.round or account.round, language)
    registry = load_registry(asked.folder, campaign, language)
    _check(since(asked.folder, campaign, account, as_of, language), account, asked, command, language, warn)
    occasion = Occasion(campaign, round_, as_of, min(account.as_of, as_of), language)
    sender = check_sending(occasion, asked.folder) if asked.sending else None
    entries = _write(reminders(account, registry, round_, language, asked.before_due), occasion, registry, account)
    home = asked.output / FOLDER
    for line in _summary(entries, occasion, home):
        say(line)
    if sender and asked.sending:
        send(entries, home, occasion, sender, asked.sending, say, warn)


def _check(
    found: Since, account: Account, asked: Asked, command: str, language: str, warn: Callable[[str], None]
) -> None:
    """Refuse what no longer holds; of what only came in addition, warn, and refuse to send."""
    told = {"as_of": hour_and_day(account.as_of), "command": command}
    if found.changed:
        raise RefusedError(word("remind_changed", language, names=_named(found.changed, language), **told))
    if found.grown:
        names = _named(found.grown, language)
        if asked.sending:
            raise RefusedError(word("remind_grown_send", language, names=names, **told))
        warn(word("remind_grown", language, names=names, **told))
    if account.language != language:
        warn(word("remind_other_language", language, spoken=account.language, command=command))


def _named(names: tuple[str, ...], language: str) -> str:
    shown = ", ".join(names[:_NAMED])
    more = len(names) - _NAMED
    return word("remind_and_more", language, names=shown, count=more) if more > 0 else shown


# --- drafts ---------------------------------------------------------------------------------------


def _write(chased: list[Reminder], occasion: Occasion, registry: Registry, account: Account) -> list[Entry]:
    """Write the drafts in place of the earlier ones; return what reminders.csv says of each."""
    forms = forms_of(occasion.campaign, registry, occasion.round)
    entries = []
    with replacing(account.output) as stage:
        for reminder in chased:
            path, form = forms(reminder.unit_code)
            attached = [
                Attachment(name.rpartition("/")[2], place.read_bytes(), is_copy=True)
                for name in reminder.copies
                if (place := account.copy(name))
            ]
            attached = attached or [Attachment(path.rpartition("/")[2], form, is_copy=False)]
            entry = Entry(reminder, occasion.round.id, path.removesuffix(".xlsx") + ".eml")
            target = stage / entry.draft
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(draft(reminder, occasion, attached))
            entries.append(entry)
        log = Log(account.output / FOLDER)
        for entry in entries:
            entry.sent_at = log.last(entry.key)
            if not entry.reminder.to:
                entry.reason = word("remind_reason_addressless", occasion.language)
        write_index(stage, entries)
    return entries


def _summary(entries: list[Entry], occasion: Occasion, home: Path) -> Iterator[str]:
    language = occasion.language
    addressless = [entry.reminder for entry in entries if not entry.reminder.to]
    counts = Counter(entry.reminder.flag for entry in entries)
    yield word(
        "remind_made", language, drafts=len(entries), round=occasion.round.name, addressless=len(addressless),
        due=f"{occasion.round.deadline.last_day():%d/%m/%Y}", path=home.as_posix(),
        missing=counts["missing"], rejected=counts["rejected"], queried=counts["queried"], not_due=counts["not_due"],
    )  # fmt: skip
    for who in addressless[:_LISTED]:
        monitor = who.monitor or word("remind_nobody", language)
        yield word("remind_addressless", language, code=who.unit_code, unit=who.unit_name, monitor=monitor)
    if len(addressless) > _LISTED:
        yield word("remind_addressless_more", language, count=len(addressless) - _LISTED)
