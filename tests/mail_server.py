"""A mail server on this machine, with STARTTLS and a login: what was handed in, whom it refuses, when it goes away."""

from __future__ import annotations

import errno
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.certificates import write_certificate

USER, PASSWORD = "bantuyengiao", "matkhau-1"


class Post:
    """What a server was given: (sender, recipient, mail, whether encrypted and logged in), in order."""

    def __init__(self, refused: frozenset[str] = frozenset(), goes_after: int = -1) -> None:
        self.refused, self.goes_after = refused, goes_after
        self.given: list[tuple[str, str, bytes]] = []
        self.is_guarded: list[bool] = []
        self.port = 0
        self.at_recipient: Callable[[str], object] = lambda address: None

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        self.at_recipient(address)
        if address in self.refused:
            return "550 5.1.1 no such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if len(self.given) == self.goes_after:
            server.transport.abort()
            return "421 gone"
        (to,) = envelope.rcpt_tos
        self.given.append((envelope.mail_from, to, envelope.content))
        self.is_guarded.append(session.ssl is not None and session.authenticated)
        return "250 OK"

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(mail, policy=policy.default) for _, _, mail in self.given]  # type: ignore[misc]

    def recipients(self) -> list[str]:
        return [to for _, to, _ in self.given]


@contextmanager
def serving(post: Post, certificate: Path, *, security: str = "starttls") -> Iterator[Post]:
    """Serve on a free port of loopback: "starttls", "tls" or "none"; the certificate's file is written if need be."""
    if not certificate.exists():
        write_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    guard: dict[str, Any] = {
        "starttls": {"tls_context": context, "require_starttls": True, "auth_required": True},
        "tls": {"ssl_context": context, "auth_require_tls": False, "auth_required": True},
        "none": {"auth_require_tls": False},
    }[security]
    controller = _started(post, guard)
    try:
        yield post
    finally:
        controller.stop()


def _started(post: Post, guard: dict[str, Any]) -> Controller:
    """Start on a free port; on another where some program has taken it before this one could."""
    for is_last in (False, False, True):
        with socket.create_server(("127.0.0.1", 0)) as free:
            post.port = free.getsockname()[1]
        controller = Controller(post, hostname="127.0.0.1", port=post.port, authenticator=_authenticate, **guard)
        try:
            controller.start()
        except OSError as fault:
            if is_last or fault.errno != errno.EADDRINUSE:
                raise
        else:
            break
    return controller


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=is_known)
