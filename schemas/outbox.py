"""The mail server by which reminders leave: `[outbox]` of campaign.toml. Its password is in no file."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from .mailbox import Port, Security, Text, is_loopback


class Outbox(BaseModel):
    """Where mails are handed in, and as whom."""

    model_config = ConfigDict(extra="forbid", frozen=True)  # as every part of the plan

    host: Text
    port: Port = 587
    user: str = ""  # "" to hand in without a login
    security: Security = "starttls"  # none: only to this machine itself, as to a tunnel
    sender: str = Field(default="", alias="from")  # else the issuer's email
    ca_file: str = ""  # certificates to trust instead of the machine's, from the campaign's folder

    @field_validator("security")
    @classmethod
    def _guarded(cls, security: Security, others: ValidationInfo) -> Security:
        host = others.data.get("host", "")
        if security == "none" and host and not is_loopback(host):
            raise ValueError("nothing goes unencrypted to another machine than this one")
        return security

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
