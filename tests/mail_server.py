"""A mail server on this machine, with STARTTLS and a login: what was handed in, whom it refuses, when it goes away."""

from __future__ import annotations

import datetime
import ipaddress
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
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
        _write_certificate(certificate)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    with socket.create_server(("127.0.0.1", 0)) as free:
        post.port = free.getsockname()[1]
    guard: dict[str, Any] = {
        "starttls": {"tls_context": context, "require_starttls": True, "auth_required": True},
        "tls": {"ssl_context": context, "auth_require_tls": False, "auth_required": True},
        "none": {"auth_require_tls": False},
    }[security]
    controller = Controller(post, hostname="127.0.0.1", port=post.port, authenticator=_authenticate, **guard)
    controller.start()
    try:
        yield post
    finally:
        controller.stop()


def _authenticate(server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
    is_known = isinstance(data, LoginPassword) and (data.login, data.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=is_known, handled=is_known)


def _write_certificate(path: Path) -> None:
    """Write a certificate for 127.0.0.1 that signs itself, and its key beside it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    written = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    path.with_suffix(".key").write_bytes(written)
