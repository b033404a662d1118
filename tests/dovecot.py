"""A real IMAP server on this machine for tests: Debian's dovecot, with its own configuration and ports."""

from __future__ import annotations

import datetime
import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from imap_tools.mailbox import MailBoxUnencrypted

from tests.certificates import write_certificate

PASSWORD = "mật khẩu “thử” 1"
_SECONDS = 20  # until it must answer
_ATTEMPTS = 3

_CONFIGURATION = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
mail_location = maildir:{folder}/mail/%u
mail_max_userip_connections = 100
auth_failure_delay = 0
disable_plaintext_auth = no
first_valid_uid = 1
default_internal_user = {internal}
default_internal_group = {internal_group}
default_login_user = {login}
ssl = yes
ssl_cert = <{folder}/certificate.pem
ssl_key = <{folder}/certificate.key
passdb {{
  driver = passwd-file
  args = scheme=PLAIN username_format=%u {folder}/users
}}
userdb {{
  driver = static
  args = uid={user} gid={group} home={folder}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
}}
service stats {{
  chroot =
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server; every user has the same password, and an empty mailbox when first seen."""

    folder: Path
    port: int
    tls_port: int

    @property
    def certificate(self) -> Path:
        return self.folder / "certificate.pem"

    @contextmanager
    def mailbox(self, user: str, folder: str = "INBOX", *, is_opened: bool = True) -> Iterator[MailBoxUnencrypted]:
        """A connection of the mailbox's owner, who may write."""
        box = MailBoxUnencrypted("127.0.0.1", self.port, timeout=_SECONDS)
        with box.login_utf8(user, PASSWORD, None):
            if folder != "INBOX" and not box.folder.exists(folder):
                box.folder.create(folder)
            if is_opened:
                box.folder.set(folder)
            yield box

    def put(self, user: str, *mails: bytes, folder: str = "INBOX", arrived: datetime.datetime | None = None) -> None:
        with self.mailbox(user, folder, is_opened=False) as box:  # opening it would make all of them seen before
            for mail in mails:
                box.append(mail, folder, dt=arrived)


def program() -> str:
    """Return the program; without it the test fails on the CI machine, and is skipped elsewhere."""
    found = shutil.which("dovecot", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
    if found is None:
        reason = "dovecot is not installed: make system-deps"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return found


@contextmanager
def running() -> Iterator[Dovecot]:
    """Start the server, as this user; it ends with the block."""
    command = program()
    folder = Path(tempfile.mkdtemp(prefix="dovecot-"))
    try:
        _make_room(folder)
        server, process = _started(command, folder)
        try:
            yield server
        finally:
            process.terminate()
            process.wait(_SECONDS)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _started(command: str, folder: Path) -> tuple[Dovecot, subprocess.Popen[bytes]]:
    """Start it on ports that are free; anew where another program has taken one of them before it could."""
    for _ in range(_ATTEMPTS):
        server = Dovecot(folder, *_free_ports(2))
        _configure(server)
        process = subprocess.Popen(
            [command, "-F", "-c", str(folder / "dovecot.conf")], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if _answers(server, process):
            return server, process
        process.kill()
        process.wait(_SECONDS)
    log = folder / "log"
    pytest.fail(f"dovecot does not start: {log.read_text(errors='replace') if log.exists() else process.poll()}")


def _make_room(folder: Path) -> None:
    folder.chmod(0o755)
    (folder / "mail").mkdir()
    os.chown(folder / "mail", _owner().pw_uid, _owner().pw_gid)
    users = "".join(f"{user}:{{PLAIN}}{PASSWORD}\n" for user in USERS)
    (folder / "users").write_text(users, encoding="utf-8")
    write_certificate(folder / "certificate.pem")


def _owner() -> pwd.struct_passwd:
    """Dovecot serves no mail as root: there it is nobody's, and its own processes are Debian's users for them."""
    return pwd.getpwnam("nobody") if os.getuid() == 0 else pwd.getpwuid(os.getuid())


def _configure(server: Dovecot) -> None:
    folder, is_root, owner = server.folder, os.getuid() == 0, _owner()
    own = owner.pw_name
    (folder / "dovecot.conf").write_text(
        _CONFIGURATION.format(
            folder=folder, port=server.port, tls_port=server.tls_port, user=owner.pw_uid, group=owner.pw_gid,
            internal="dovecot" if is_root else own, login="dovenull" if is_root else own,
            internal_group="dovecot" if is_root else grp.getgrgid(owner.pw_gid).gr_name,
        ),
        encoding="utf-8",
    )  # fmt: skip


USERS = [f"user{number}" for number in range(200)]  # one a test, so that none sees another's mails


def _answers(server: Dovecot, process: subprocess.Popen[bytes]) -> bool:
    until = time.monotonic() + _SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            for port in (server.port, server.tls_port):
                socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return True
    return False


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
    finally:
        for each in sockets:
            each.close()
