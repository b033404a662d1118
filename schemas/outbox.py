"""The mail server by which reminders leave: `[outbox]` of campaign.toml. Its password is in no file."""

from __future__ import annotations

import ipaddress
from email.errors import MessageError
from email.headerregistry import Address
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Security = Literal["starttls", "tls", "none"]


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
        if security == "none" and host and not _is_loopback(host):
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
    try:
        return text.isascii() and "@" in text and Address(addr_spec=text).addr_spec == text
    except (ValueError, IndexError, MessageError):
        return False


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
