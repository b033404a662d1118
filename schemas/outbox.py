"""The mail server by which reminders leave: `[outbox]` of campaign.toml."""

from __future__ import annotations

from pydantic import Field, field_validator

from .mail_server import MailServer, Port, Security


class Outbox(MailServer):
    """Where mails are handed in, and as whom."""

    security: Security = "starttls"
    port: Port = 587
    user: str = ""  # "" to hand in without a login
    sender: str = Field(default="", alias="from")  # else the issuer's email

    @field_validator("sender")
    @classmethod
    def _an_address(cls, sender: str) -> str:
        if sender and not is_address(sender):
            raise ValueError("a mail address alone, without a name")
        return sender


def is_address(text: str) -> bool:
    """Whether a text is one mail address that every server takes."""
    from email.errors import MessageError  # milliseconds that every other command does without
    from email.headerregistry import Address

    try:
        return text.isascii() and "@" in text and Address(addr_spec=text).addr_spec == text
    except (ValueError, IndexError, MessageError):
        return False
