"""Received file -> unit and round, by exact evidence; where that is lacking, candidates and no guess.

Evidence in order: a person's ruling; the unit code in the form; the exact normalised name (or alias)
under the parent that the form names, or under the office whose registered address sent it; the
registered address of the sender itself. A name alone, however rare, is never enough. Evidence that
contradicts what decided is a query that shows both: a form that plainly names one unit and comes from
another's address stays with the unit it names, or one unit's figures would supersede another's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from rapidfuzz import fuzz, process

from schemas.campaign import Campaign
from schemas.findings import CATALOGUE
from schemas.organisations import org_key
from schemas.records import Note, Received, TypedTally
from schemas.units import code_key

from .identify_lists import with_sums
from .identify_names import Names, bare
from .identify_round import round_of
from .identify_study import doubt_study
from .registry import Registry

_DIGITS = re.compile(r"\d+")
_LIKE = 90.0  # fuzz.ratio from which a name written beside a right code is only a slip of the pen
_CANDIDATE = 60.0
_MOST_CANDIDATES = 3


class Placed(NamedTuple):
    """A tally with the unit and round it belongs to ("" where not known), and what was seen on the way."""

    file: int  # position in the list of received
    tally: TypedTally
    unit_code: str
    round: str
    is_round_assumed: bool
    notes: tuple[Note, ...]


Ruled = Mapping[tuple[int, str, int], str]  # (thing received, sheet, line) -> the unit a person placed it at


def place(received: list[Received], registry: Registry, campaign: Campaign, ruled: Ruled) -> list[Placed]:
    """Find the unit and round of every tally.

    Returns:
        One entry a tally, in the order of `received`; lines of a list that were left empty are
        returned too, for their notes.
    """
    names = Names(registry)
    placed: list[Placed] = []
    for number, thing in enumerate(received):
        placed += _unread(number, thing, names, campaign)
        here = [_place_one(number, tally, thing, names, campaign, ruled) for tally in thing.tallies]
        placed += with_sums(here, names, ruled) if any(entry.tally.row for entry in here) else here
    return placed


def _unread(number: int, thing: Received, names: Names, campaign: Campaign) -> list[Placed]:
    """Place a file that could not be read by the address it came from, so that its unit is not called silent."""
    senders = names.registry.by_email.get(thing.sender, ()) if thing.sender else ()
    is_refused = thing.problem is not None and CATALOGUE[thing.problem.code].severity == "error"
    if not is_refused or len(senders) != 1 or names.registry.children[senders[0]]:
        return []
    nothing = TypedTally("unread", "", 0, {}, {}, (), "", "", "", "", "", "", ())
    round_id, is_assumed, _ = round_of(nothing, thing.received_at, campaign)
    return [Placed(number, nothing, senders[0], round_id, is_assumed, ())]


def _place_one(
    number: int, tally: TypedTally, thing: Received, names: Names, campaign: Campaign, ruled: Ruled
) -> Placed:
    if tally.layout == "empty":
        return Placed(number, tally, "", "", False, ())
    code = ruled.get((number, tally.sheet, tally.row), "")
    unit_notes: list[Note] = []
    if not code:
        code, unit_notes = _unit(tally, thing.sender, names)
    round_id, is_assumed, round_notes = round_of(tally, thing.received_at, campaign)
    notes = (*unit_notes, *round_notes, *doubt_study(tally, campaign))
    return Placed(number, tally, code, round_id, is_assumed, notes)


# --- the unit ----------------------------------------------------------------------------------


def _unit(tally: TypedTally, sender: str, names: Names) -> tuple[str, list[Note]]:
    senders = names.registry.by_email.get(sender, ()) if sender else ()
    if tally.unit_code:
        code = names.registry.by_code.get(code_key(tally.unit_code), "")
        if code:
            return code, _name_beside_code(tally, code, names) + _sender_beside(tally, code, sender, senders, names)
        note = Note("unit_unknown", "unit_code", tally.sheet, tally.unit_code_cell, tally.unit_code,
                    (("candidates", _candidates(tally, names)),), tally.row)  # fmt: skip
        return "", [note]
    if tally.unit_name:
        found = _by_name(tally, senders, names)
        if len(found) == 1:
            return found[0], _sender_beside(tally, found[0], sender, senders, names)
    if len(senders) == 1 and tally.layout == "form" and not names.registry.children[senders[0]]:
        return senders[0], _by_sender(tally, senders[0], sender, names)
    if not tally.unit_name:
        return "", [Note("unit_not_named", "unit_name", tally.sheet, tally.unit_cell, row=tally.row)]
    shown = " / ".join((*tally.org_names, tally.unit_name))
    note = Note("unit_not_found", "unit_name", tally.sheet, tally.unit_cell, shown,
                (("candidates", _candidates(tally, names)),), tally.row)  # fmt: skip
    return "", [note]


def _keys(name: str) -> tuple[str, ...]:
    key = org_key(name)
    return (key,) if key.startswith(("chi bộ ", "đảng bộ ")) else (key, f"chi bộ {key}")


def _by_name(tally: TypedTally, senders: tuple[str, ...], names: Names) -> list[str]:
    offices = {code for code in senders if names.registry.children[code]}
    scope = names.scope(tally.org_names) if tally.org_names else offices
    only = next(iter(scope)) if len(scope) == 1 else ""
    if only and names.is_branch(only):
        return names.beside(only, _keys(tally.unit_name))
    for key in _keys(tally.unit_name):
        codes = names.by_key.get(key, ())
        found = names.under(codes, scope)
        if found:
            return [code for code in found if names.parents[code] in scope] or found
    return [code for office in sorted(scope) for code in names.beside_place(office, _keys(tally.unit_name))]


def _shown(code: str, names: Names) -> str:
    return f"{code} {names.names[code]}"


def _sender_beside(tally: TypedTally, code: str, sender: str, senders: tuple[str, ...], names: Names) -> list[Note]:
    """Doubt a form that came from another unit's address; an office above may send for the units below it."""
    if not senders or any(code == known or names.registry.is_under(code, known) for known in senders):
        return []
    registered = "; ".join(_shown(known, names) for known in senders)
    detail = (("written", _shown(code, names)), ("sender", sender), ("registered", registered))
    return [Note("sender_differs", "unit_code", tally.sheet, tally.unit_cell, code, detail, tally.row)]


def _by_sender(tally: TypedTally, code: str, sender: str, names: Names) -> list[Note]:
    """Record that only the address placed a form; a name on it that is not the unit's own is a query."""
    is_like = not tally.unit_name or _agrees(tally.unit_name, code, names)
    detail = (("written", _shown(code, names) if is_like else tally.unit_name), ("sender", sender),
              ("registered", _shown(code, names)))  # fmt: skip
    note = "placed_by_sender" if is_like else "sender_differs"
    return [Note(note, "unit_code", tally.sheet, tally.unit_cell, code, detail, tally.row)]


def _agrees(written: str, code: str, names: Names) -> bool:
    """Whether a name says nothing against a unit: its own, a slip of the pen, or only that of a unit above it."""
    meant = [*names.by_key.get(org_key(written), ())]
    if code in meant or any(code in names.by_key.get(key, ()) for key in _keys(written)):
        return True
    if any(names.registry.is_under(code, above) for above in meant):
        return True
    office = names.parents[code]
    if office and code in names.beside_place(office, _keys(written)):
        return True
    own, key = org_key(names.names[code]), org_key(written)
    return fuzz.ratio(key, own) >= _LIKE and _DIGITS.findall(key) == _DIGITS.findall(own)


def _name_beside_code(tally: TypedTally, code: str, names: Names) -> list[Note]:
    """Doubt a right code beside the name of something else, or below the name of an office that it is not of.

    Names such as "Chi bộ khu phố 1" are in every commune: whoever fills in the form of another commune has the right
    name beside the wrong code, and only the office above tells.
    """
    is_named = not tally.unit_name or _agrees(tally.unit_name, code, names)
    if is_named and _is_of(tally, code, names):
        return []
    registered, written = names.names[code], tally.unit_name
    if is_named:
        registered = f"{names.names[names.parents[code]]} / {registered}"
        written = " / ".join(filter(None, (tally.org_names[-1], written)))
    detail = (("registered", registered), ("written", written))
    return [Note("name_differs_from_code", "unit_code", tally.sheet, tally.unit_code_cell, code, detail, tally.row)]


def _is_of(tally: TypedTally, code: str, names: Names) -> bool:
    """Whether the nearest office that a form names may be one above a unit; one that nobody knows says nothing."""
    scope = names.scope(tally.org_names)
    return not scope or any(code == office or names.registry.is_under(code, office) for office in scope)


def _candidates(tally: TypedTally, names: Names) -> str:
    """Return up to three units it may be, "code name" each, for a person to choose from."""
    if not tally.unit_name:
        return ""
    pool, wanted = names.pool(names.scope(tally.org_names)), bare(org_key(tally.unit_name))
    codes = list(pool.get(wanted, ()))
    if len(codes) > _MOST_CANDIDATES and tally.org_names:
        codes = _below_likely(codes, tally.org_names, names)
    if len(codes) < _MOST_CANDIDATES:
        likely = process.extract(
            wanted, pool.keys(), scorer=fuzz.ratio, limit=_MOST_CANDIDATES, score_cutoff=_CANDIDATE
        )
        codes = [code for key, _, _ in likely for code in pool[key]]
    if not codes and tally.org_names:
        likely = process.extract(wanted, pool.keys(), scorer=fuzz.token_set_ratio, score_cutoff=_LIKE)
        codes = [code for key, _, _ in likely for code in pool[key]]
    return "; ".join(f"{code} {names.names[code]}" for code in codes[:_MOST_CANDIDATES])


def _below_likely(codes: list[str], org_names: tuple[str, ...], names: Names) -> list[str]:
    """Put those of many units of one name first whose offices above are likest to what a form names above it."""
    above = {code: names.parents[code] for code in codes}
    known = {
        code: f"{org_key(names.names.get(names.parents.get(office, ''), ''))} {org_key(names.names.get(office, ''))}"
        for code, office in above.items()
    }
    wanted = " ".join(map(org_key, org_names))
    return [code for _, _, code in process.extract(wanted, known, scorer=fuzz.token_set_ratio, limit=_MOST_CANDIDATES)]
