"""Mails handed in to a mail server, one after the other: what it refuses, and when it is there no more."""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Callable
from pathlib import Path
from typing import Final

from schemas.faults import LostError, RefusedError, file_name
from schemas.outbox import Outbox
from schemas.words import word

PASSWORD: Final = "STUDY_CAMPAIGN_OUTBOX_PASSWORD"  # noqa: S105  # the variable's name
_PATIENCE: Final = 60  # seconds that the server may take over an answer
_MAILS_A_CONNECTION: Final = 50  # many a server closes one after some hundred
_GOING: Final = 421  # the server says so before it closes a connection


class Sender:
    """A way out for mails, opened when the first is sent.

    Raises:
        RefusedError: the password or the certificates of the settings are not there.
    """

    def __init__(self, outbox: Outbox, address: str, folder: Path, language: str) -> None:
        """Make ready to send.

        Args:
            outbox: the campaign's settings.
            address: whom mails come from.
            folder: the campaign's, from which `ca_file` is named.
            language: of what is told.
        """
        self._outbox, self._address, self._language = outbox, address, language
        self._server: smtplib.SMTP | None = None
        self._sent = 0  # over this connection
        self._password = os.environ.get(PASSWORD, "")
        if outbox.user and not self._password:
            raise RefusedError(word("outbox_no_password", language, user=outbox.user, variable=PASSWORD))
        try:
            self._context = ssl.create_default_context(cafile=str(folder / outbox.ca_file) if outbox.ca_file else None)
        except (OSError, ValueError) as fault:
            said = {"file": file_name(folder / "campaign.toml"), "path": outbox.ca_file, "reason": _reason(fault)}
            raise RefusedError(word("outbox_no_ca_file", language, **said)) from None

    def open(self) -> None:
        """Connect and log in.

        Raises:
            RefusedError: the server does not take the settings as they are.
            LostError: it is not reached.
        """
        refused: dict[type[Exception], str] = {
            ssl.SSLCertVerificationError: "outbox_untrusted",
            ssl.SSLError: "outbox_no_tls",
            smtplib.SMTPNotSupportedError: "outbox_no_tls",
            smtplib.SMTPAuthenticationError: "outbox_wrong_password",
            UnicodeEncodeError: "outbox_wrong_password",  # smtplib sends ASCII alone
        }
        try:
            self._connect()
        except (OSError, UnicodeError) as fault:
            self.close()
            key = next((key for kind, key in refused.items() if isinstance(fault, kind)), "")
            if not key or getattr(fault, "smtp_code", 535) < 500:
                raise self._lost(fault) from None
            said = {"server": self.server, "user": self._outbox.user, "variable": PASSWORD, "reason": _reason(fault)}
            raise RefusedError(word(key, self._language, **said)) from None

    def _connect(self) -> None:
        box = self._outbox
        if box.security == "tls":
            self._server = smtplib.SMTP_SSL(box.host, box.port, timeout=_PATIENCE, context=self._context)
        else:
            self._server = smtplib.SMTP(box.host, box.port, timeout=_PATIENCE)
        if box.security == "starttls":
            self._server.starttls(context=self._context)
        if box.user:
            self._server.login(box.user, self._password)
        self._sent = 0

    @property
    def server(self) -> str:
        return f"{self._outbox.host}:{self._outbox.port}"

    def send(self, to: str, mail: bytes) -> str:
        """Hand in one mail.

        Returns:
            Why the server takes this one not, "" where it does.

        Raises:
            RefusedError: it takes none from this sender.
            LostError: the connection is lost.
        """
        if self._server is None or self._sent >= _MAILS_A_CONNECTION:
            self.close()
            self.open()
        assert self._server is not None
        try:
            self._server.sendmail(self._address, [to], mail)
        except smtplib.SMTPRecipientsRefused as fault:
            return self._refusal(*fault.recipients[to])
        except smtplib.SMTPSenderRefused as fault:
            if fault.smtp_code < 500:
                raise self._lost(fault) from None
            said = {"server": self.server, "address": self._address, "reason": _reason(fault)}
            raise RefusedError(word("outbox_wrong_sender", self._language, **said)) from None
        except smtplib.SMTPDataError as fault:
            return self._refusal(fault.smtp_code, fault.smtp_error)
        except OSError as fault:  # as smtplib's own are, a lost connection among them
            raise self._lost(fault) from None
        self._sent += 1
        return ""

    def _refusal(self, code: int, answer: bytes | str) -> str:
        reason = f"{code} {_line(answer)}"
        if code == _GOING:
            raise LostError(word("outbox_lost", self._language, server=self.server, reason=reason))
        return reason

    def _lost(self, fault: Exception) -> LostError:
        return LostError(word("outbox_lost", self._language, server=self.server, reason=_reason(fault)))

    def close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            _quietly(server.quit)
            server.close()


def _quietly(leave: Callable[[], object]) -> None:
    try:
        leave()
    except OSError:
        return


def _reason(fault: Exception) -> str:
    if isinstance(fault, smtplib.SMTPResponseException):
        return f"{fault.smtp_code} {_line(fault.smtp_error)}"
    if isinstance(fault, ssl.SSLCertVerificationError):
        return _line(fault.verify_message)
    return _line(getattr(fault, "strerror", None) or str(fault) or type(fault).__name__)


def _line(answer: bytes | str) -> str:
    """Return what a server said as one line that can be shown."""
    text = answer.decode(errors="replace") if isinstance(answer, bytes) else str(answer)
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())[:200]
