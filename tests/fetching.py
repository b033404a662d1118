"""A small campaign with a mailbox, fetched in this process; and a way to the server that can break."""

from __future__ import annotations

import re
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

import pipeline.mailbox
from pipeline.cli import main
from pipeline.mailbox_server import PASSWORD as VARIABLE
from pipeline.mailbox_server import Server
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from tests.dovecot import PASSWORD, USERS, Dovecot
from tests.small_campaign import PLAN, make_campaign

MAILBOX = """
[mailbox]
host = "{host}"
port = {port}
user = "{user}"
security = "{security}"
{more}
"""
_NUMBERS = count()


@dataclass
class Fetch:
    """A campaign whose mailbox is a user's of its own, and what the last fetch of it said."""

    folder: Path
    server: Dovecot
    user: str
    capture: pytest.CaptureFixture[str]
    said: str = ""
    told: str = ""

    @property
    def submissions(self) -> Path:
        return self.folder / "submissions"

    def set(
        self, more: str = "", *, port: int = 0, security: str = "none", host: str = "127.0.0.1", top: str = ""
    ) -> None:
        mailbox = MAILBOX.format(host=host, port=port or self.server.port, user=self.user, security=security, more=more)
        (self.folder / "campaign.toml").write_text(top + PLAN + mailbox, encoding="utf-8")

    def put(self, *mails: bytes, **options: object) -> None:
        self.server.put(self.user, *mails, **options)  # type: ignore[arg-type]

    def run(self, *options: str) -> int:
        status = main(["fetch", str(self.folder), "--lang", "en", *options])
        self.said, self.told = self.capture.readouterr()
        return status

    def files(self) -> dict[str, bytes]:
        """Return what lies below submissions/, by its place there."""
        paths = sorted(path for path in self.submissions.rglob("*") if path.is_file())
        return {path.relative_to(self.submissions).as_posix(): path.read_bytes() for path in paths}

    def mails(self) -> list[bytes]:
        return sorted(data for name, data in self.files().items() if name.endswith(".eml"))

    def counts(self) -> tuple[int, ...]:
        """Return how many were new, there already and left, as the last line says."""
        found = re.search(r": (\d+) new mails, (\d+) there already, (\d+) left", self.said)
        assert found, self.said + self.told
        return tuple(map(int, found.groups()))


def campaign_of_its_own(
    folder: Path, server: Dovecot, monkeypatch: pytest.MonkeyPatch, capture: pytest.CaptureFixture[str]
) -> Fetch:
    """Make a campaign with the mailbox of a user whom no other test has; nothing waits before it tries again."""
    monkeypatch.setenv(VARIABLE, PASSWORD)
    monkeypatch.setattr(pipeline.mailbox, "PAUSES", (0.0, 0.0, 0.0))
    made = Fetch(make_campaign(folder), server, USERS[next(_NUMBERS)], capture)
    made.set()
    return made


def uids_asked_for(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Return a list that the UID of each mail is added to when it is asked for."""
    uids: list[int] = []
    mails: Callable[..., object] = Server.mails

    def noted(self: Server, wanted: list[int]) -> object:
        uids.extend(wanted)
        return mails(self, wanted)

    monkeypatch.setattr(Server, "mails", noted)
    return uids


def mail(subject: str = "Báo cáo", date: str = "Tue, 20 Apr 2021 08:30:00 +0700", text: str = "Kính gửi") -> bytes:
    """Return a mail without attachment, as it travels."""
    message = EmailMessage()
    message["From"], message["Subject"] = "Chi bộ ấp 1 <chibo@example.vn>", subject
    if date:
        message["Date"] = date
    message.set_content(text)
    return message.as_bytes().replace(b"\n", b"\r\n")


def report(folder: Path, date: str = "Tue, 20 Apr 2021 08:30:00 +0700") -> bytes:
    """Return a mail with the filled-in form of the campaign's one branch."""
    path = folder.parent / "form.xlsx"
    values = {"members": 10, "attendees": 10, "reflections": 10, "exemptions": 0, "assessment": "Tốt"}
    write_template(
        path, campaign=load_campaign(folder), unit_code="B", unit_name="", parent_name="", round="1", values=values
    )
    message = EmailMessage()
    message["From"], message["Subject"] = "chibo@example.vn", "Báo cáo đợt 1"
    if date:
        message["Date"] = date
    message.set_content("Kính gửi")
    message.add_attachment(path.read_bytes(), maintype="application", subtype="octet-stream", filename="báo cáo.xlsx")
    return message.as_bytes().replace(b"\n", b"\r\n")


# --- a way that breaks --------------------------------------------------------------------------


@dataclass
class Way:
    """What passes between the program and the server: `most` bytes of answers a connection, None for all of them;
    `breaks_over` is what a question says over which the connection breaks."""

    port: int
    most: int | None = None
    breaks_over: bytes = b""
    connections: int = 0


@contextmanager
def way_to(server: Dovecot) -> Iterator[Way]:
    listener = socket.create_server(("127.0.0.1", 0))
    way = Way(listener.getsockname()[1])

    def serve() -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            way.connections += 1
            if way.most == 0:
                near.close()
                continue
            far = socket.create_connection(("127.0.0.1", server.port))
            threading.Thread(target=_questions, args=(near, far, way), daemon=True).start()
            threading.Thread(target=_answers, args=(far, near, way), daemon=True).start()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield way
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _questions(near: socket.socket, far: socket.socket, way: Way) -> None:
    for data in _received(near):
        if way.breaks_over and re.search(way.breaks_over, data):
            break
        far.sendall(data)
    _end(near, far)


def _answers(far: socket.socket, near: socket.socket, way: Way) -> None:
    passed = 0
    for data in _received(far):
        part = data if way.most is None else data[: way.most - passed]
        passed += len(part)
        try:
            near.sendall(part)
        except OSError:
            break
        if len(part) < len(data):
            break
    _end(near, far)


def _received(end: socket.socket) -> Iterator[bytes]:
    while True:
        try:
            data = end.recv(65536)
        except OSError:
            return
        if not data:
            return
        yield data


def _end(*ends: socket.socket) -> None:
    for end in ends:
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            continue
