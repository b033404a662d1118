"""What rounds have to do with which report counts: forms of an earlier round used again, and counts that fall."""

from __future__ import annotations

from collections.abc import Sequence

from schemas.findings import severity
from schemas.records import Note
from schemas.returned import file_number

from .resolve_contest import Contest, by_moment

# --- a form that names a round whose days are over ------------------------------------------------


def of_doubtful_round(tallies: Sequence[int], contest: Contest) -> dict[int, str]:
    """Find reports that name one round and came in the days of a later one: corrections, or an old form used again.

    Where its unit has reported the round named, with other figures, and has not reported the later one by then, nobody
    but the unit can tell. A correction copy that comes back once more says which it is: the question was on it.

    Args:
        tallies: those of one unit and round.
        contest: all tallies.

    Returns:
        Tally -> the rounds that it may be of besides its own, parted by commas.
    """
    doubtful: dict[int, str] = {}
    if severity("round_doubtful", contest.campaign) not in ("error", "query"):
        return doubtful
    known = -1  # the latest before that is of this round without doubt
    for here in by_moment([tally for tally in tallies if tally not in contest.faulty], contest.rows).values():
        for tally in here:
            is_other = known >= 0 and contest.rows[tally].is_late and not contest.same_numbers([tally, known])
            owed = _owed(tally, contest) if is_other and not _is_affirmed(tally, contest) else []
            if owed:
                doubtful[tally] = ", ".join(owed)
        sure = [tally for tally in here if tally not in doubtful]
        known = sure[0] if contest.same_numbers(sure) else known
    return doubtful


def _owed(tally: int, contest: Contest) -> list[str]:
    """Return the later rounds whose days had come when a tally did, and of which its unit had reported nothing yet."""
    row, rounds = contest.rows[tally], contest.campaign.rounds
    place = next(number for number, round_ in enumerate(rounds) if round_.id == row.round)
    begun = [
        later.id
        for before, later in zip(rounds[place:], rounds[place + 1 :], strict=False)
        if before.is_late(row.received_at) and contest.expected[later.id][row.unit_code]
    ]
    others = [contest.rows[other] for other in contest.of_unit(row.unit_code) if other not in contest.faulty]
    reported = {other.round for other in others if other.received_at <= row.received_at}
    return [round_id for round_id in begun if round_id not in reported]


def _is_affirmed(tally: int, contest: Contest) -> bool:
    """Whether a tally is in the correction copy of a doubtful one: its unit was asked, and kept the round."""
    corrects, row = contest.thing(tally).corrects, contest.rows[tally]
    if not corrects:
        return False
    own = [contest.rows[other] for other in contest.of_unit(row.unit_code) if other not in contest.faulty]
    first = min(other.received_at for other in own if other.round == row.round)
    return any(
        other.is_late and other.received_at > first and other.round == row.round
        for other in contest.rows
        if other.unit_code == row.unit_code and file_number(contest.received[other.file].sha256) == corrects
    )


def set_doubtful_aside(doubtful: dict[int, str], chosen: int, contest: Contest) -> None:
    """Ask of which round each is, and point it out on the report that counts; one sent again as another's is settled.

    Args:
        doubtful: as `of_doubtful_round` gives, of one unit and round.
        chosen: the tally of that round that counts; -1 for none.
        contest: all tallies.
    """
    for tally, owed in doubtful.items():
        row = contest.rows[tally]
        again = [
            other
            for other in contest.of_unit(row.unit_code)
            if contest.rows[other].round in owed.split(", ") and other not in contest.faulty
            if contest.same_numbers([tally, other]) or _corrects(other, tally, contest)
        ]
        if again:
            contest.supersede([tally], min(again, key=contest.order), "sent_again_as_round")
            continue
        detail = (("received", contest.moment(tally)), ("owed", owed))
        note = Note("round_doubtful", "round", row.sheet, row.round_cell, row.round, detail, row.row)
        contest.verdict.state[tally] = "rejected"
        contest.find(note, tally)
        if chosen >= 0:
            contest.point_out("newer_of_doubtful_round", tally, chosen, round=row.round, owed=owed)


def _corrects(copy: int, tally: int, contest: Contest) -> bool:
    return contest.thing(copy).corrects == file_number(contest.thing(tally).sha256)


# --- between rounds -------------------------------------------------------------------------------


def doubt_assumed_rounds(contest: Contest) -> None:
    """A form that names no round was placed by its day: a query where its unit still owes an earlier one."""
    rows, state = contest.rows, contest.verdict.state
    counted = {(rows[tally].unit_code, rows[tally].round) for tally, what in state.items() if what == "counted"}
    ids = [r.id for r in contest.campaign.rounds]
    for number, row in enumerate(rows):
        if row.is_round_assumed and row.layout != "unread" and state[number] in ("counted", "rejected"):
            earlier = ids[: ids.index(row.round)]
            owed = [r for r in earlier if contest.expected[r][row.unit_code] and (row.unit_code, r) not in counted]
            code = "round_assumed_earlier_owed" if owed else "round_assumed"
            contest.find(Note(code, "round", value=row.round, detail=(("owed", ", ".join(owed)),)), number)


def compare_rounds(contest: Contest) -> None:
    """Where a round is cumulative, attendance and reflections cannot fall below the last round reported."""
    rows, campaign = contest.rows, contest.campaign
    of_round: dict[str, list[int]] = {r.id: [] for r in campaign.rounds}
    for tally in (tally for tally, what in contest.verdict.state.items() if what == "counted"):
        of_round[rows[tally].round].append(tally)
    last: dict[str, int] = {}  # unit -> its tally of the last round before
    for round_ in campaign.rounds:
        for tally in of_round[round_.id] if round_.cumulative else ():
            before = last.get(rows[tally].unit_code)
            if before is not None:
                _compare(tally, before, contest)
        last |= {rows[tally].unit_code: tally for tally in of_round[round_.id]}


def _compare(later: int, earlier: int, contest: Contest) -> None:
    for name in ("attendees", "reflections"):
        if name not in contest.numbers:
            continue
        now, before = contest.numbers[name][later], contest.numbers[name][earlier]
        if isinstance(now, int) and isinstance(before, int) and now < before:
            detail = (("limit", str(before)), ("round", contest.rows[earlier].round))
            contest.find(Note("below_earlier_round", name, value=str(now), detail=detail), later)
