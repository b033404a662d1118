"""The mailbox that a campaign's mails are fetched from: `[mailbox]` of campaign.toml."""

from __future__ import annotations

from datetime import date

from pydantic import ValidationInfo, field_validator

from .mail_server import MailServer, Port, Security, Text

_PORTS: dict[Security, int] = {"tls": 993, "starttls": 143, "none": 143}


class Mailbox(MailServer):
    """Where the mails are, and how to get at them."""

    user: Text
    port: Port | None = None  # else the usual one: 993 with tls, 143 without
    folder: Text = "INBOX"
    since: date | None = None  # mails that reached the mailbox before are left there

    @field_validator("user", "folder")
    @classmethod
    def _on_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("text without control characters")
        return text

    @field_validator("port")
    @classmethod
    def _of_its_kind(cls, port: int | None, others: ValidationInfo) -> int | None:
        if port == _PORTS["tls"] and others.data.get("security") == "starttls":
            raise ValueError("on port 993 a connection is encrypted from its start")
        return port

    @property
    def address(self) -> tuple[str, int]:
        """Host and port."""
        return self.host, self.port or _PORTS[self.security]
