"""For all tests: Hypothesis never fails for slowness, and draws the same examples in every CI run; a mail server."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.dovecot import Dovecot
    from tests.fetching import Fetch

settings.register_profile("here", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") == "true" else "here")


@pytest.fixture(autouse=True)
def _collecting() -> Iterator[None]:
    """A run of the program disables the collector for its own short life; this process lives longer."""
    yield
    gc.enable()


@pytest.fixture(scope="session")
def dovecot() -> Iterator[Dovecot]:
    """An IMAP server on this machine, for all tests of a run; each test takes a user of its own."""
    from tests.dovecot import running

    with running() as server:
        yield server


@pytest.fixture
def fetch(
    tmp_path: Path, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Fetch:
    """A small campaign with a mailbox of its own."""
    from tests.fetching import campaign_of_its_own

    return campaign_of_its_own(tmp_path / "kien-giang", dovecot, monkeypatch, capsys)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The UIDs of all mails that a fetch asks for."""
    from tests.fetching import uids_asked_for

    return uids_asked_for(monkeypatch)
