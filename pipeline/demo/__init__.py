"""A lifelike made-up campaign of any size, for trials and benchmarks: same seed, same bytes."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Final

from schemas.faults import FaultList, file_name

from ..settings import load_campaign
from ..workers import cores
from .submissions import Delivery, deliveries, write_chunk
from .units import demo_units, write_units

_CAMPAIGN: Final = Path(__file__).with_name("campaign.toml")
_CHUNK: Final = 100  # deliveries a task: about a quarter of a second's work

Progress = Callable[[int, int], None]


def make_demo(
    folder: Path, branches: int, seed: int = 1, messy: float = 0.03, progress: Progress | None = None
) -> None:
    """Write campaign.toml, units.csv and submissions/ of a made-up campaign.

    Most units send our template, some the plan's own form, a few offices one list for all their branches, a tenth
    comes by mail; some units send nothing and some are late.

    Args:
        folder: of the campaign; made where it does not exist. A made-up campaign in it is replaced.
        branches: units that file; about as many files, all of the first round.
        seed: decides everything that is left to chance.
        messy: share of the units, 0 to 1, whose figures or files have one of some 25 faults.
        progress: called with (deliveries written, deliveries).

    Raises:
        FaultsError: the folder holds another campaign, which is never overwritten.
        ValueError: fewer than one branch.
    """
    _clear(folder)
    shutil.copyfile(_CAMPAIGN, folder / "campaign.toml")
    units = demo_units(branches, seed)
    write_units(units, folder / "units.csv", seed)
    campaign = load_campaign(folder)
    planned = list(deliveries(units, campaign, seed, messy))
    write = partial(write_chunk, folder / "submissions", campaign)
    done = 0
    for count in _written(write, [planned[at : at + _CHUNK] for at in range(0, len(planned), _CHUNK)]):
        done += count
        if progress:
            progress(done, len(planned))


def _clear(folder: Path) -> None:
    """Make room for a made-up campaign, only where nothing else stands."""
    plan = folder / "campaign.toml"
    others = [path for path in folder.iterdir() if path.name != plan.name] if folder.is_dir() else []
    mark = _CAMPAIGN.read_bytes().partition(b"\n")[0]
    is_ours = plan.is_file() and plan.read_bytes().startswith(mark)
    if (plan.exists() or others) and not is_ours:
        FaultList(file_name(folder), "en").refuse("not_a_demo", found=file_name(plan if plan.exists() else others[0]))
    for path in others:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    (folder / "submissions").mkdir(parents=True)


def _written(write: Callable[[list[Delivery]], int], chunks: list[list[Delivery]]) -> Iterator[int]:
    if len(chunks) <= 1 or cores() == 1:
        yield from map(write, chunks)
        return
    hushed = (signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal reaches workers too; their pool ends them
    with ProcessPoolExecutor(
        cores(), mp_context=get_context("forkserver"), initializer=signal.signal, initargs=hushed
    ) as pool:
        yield from pool.map(write, chunks)
