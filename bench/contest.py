"""Contestants, and a contest between them: in turns, measured, and void if one of them does not always do the same."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from bench.measure import Measured, measure

ROOT = Path(__file__).resolve().parent.parent
PEERS = ROOT / "bench" / "peers"

Facts = dict[str, float]


class ContestError(Exception):
    """A contestant failed, did not do the same work each time, or has other results than the rest."""


def told(_: Path, output: str) -> Facts:
    """Read the facts that a script prints as its last line, in JSON."""
    facts: Facts = json.loads(output.splitlines()[-1])
    return facts


@dataclass
class Contestant:
    """Somebody who does a job, with what was measured of it.

    Attributes:
        what: it does, in a line of the report.
        output: file or folder it writes; removed before each turn, if it does not prepare its turns itself.
        read_facts: of its output and of what it printed (files found, files read, members in the total ...): the same
            after each run, or the contest is void.
        prepare: done before each of its turns, and not measured.
        turns: that it takes part in, if not in all: for those who are slow.
        has_warm_up: whether it takes part in the turn before the first; not needed of the slow ones, for whom the
            others have warmed the file cache.
        said: what it printed in its last turn.
        times_itself: its own figure `seconds`, among its facts, counts instead of the time from start to exit.
    """

    name: str
    what: str
    command: tuple[str, ...]
    output: Path
    read_facts: Callable[[Path, str], Facts] = told
    prepare: Callable[[], None] | None = None
    turns: int | None = None
    times_itself: bool = False
    has_warm_up: bool = True
    facts: Facts = field(default_factory=dict)
    said: str = ""
    runs: list[Measured] = field(default_factory=list)

    def takes_part(self, turn: int) -> bool:
        return (self.turns is None or turn <= self.turns) if turn else self.has_warm_up


def compete(contestants: Sequence[Contestant], runs: int) -> None:
    """Run everybody in turns (A B C A B C ...), once to warm up and then `runs` times.

    Raises:
        ContestError: somebody failed, or its facts changed from run to run.
    """
    for turn in range(runs + 1):
        for contestant in contestants:
            if contestant.takes_part(turn):
                run = _take_turn(contestant)
                label = f"run {turn} of {runs}" if turn else "warm-up"
                print(f"{label}: {contestant.name} {run.seconds:.2f} s, {run.peak_bytes / 2**20:.0f} MiB",
                      file=sys.stderr, flush=True)  # fmt: skip
                if turn:
                    contestant.runs.append(run)


def _take_turn(contestant: Contestant) -> Measured:
    if contestant.prepare:
        contestant.prepare()
    else:
        remove(contestant.output)
    run = measure(contestant.command, ROOT)
    contestant.said = run.output
    if run.status:
        raise ContestError(f"{contestant.name} ended with status {run.status}:\n{run.errors[-2000:]}")
    facts = contestant.read_facts(contestant.output, run.output)
    if contestant.times_itself:
        run = replace(run, seconds=facts.pop("seconds"))
    if contestant.facts not in ({}, facts):
        raise ContestError(f"{contestant.name} did other work than before: {facts}, was {contestant.facts}")
    contestant.facts = facts
    return run


def remove(path: Path) -> None:
    """Remove a file or folder, where there is one."""
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
