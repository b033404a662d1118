"""The mailbox that a campaign's mails are fetched from: `[mailbox]` of campaign.toml. Its password is in no file."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]
_PORTS: dict[Security, int] = {"tls": 993, "starttls": 143, "none": 143}


class Mailbox(BaseModel):
    """Where the mails are, and how to get at them."""

    model_config = ConfigDict(extra="forbid", frozen=True)  # as every part of the plan

    host: Text
    user: Text
    security: Security = "tls"  # none: only on this machine itself, as behind a tunnel
    port: Port | None = None  # else the usual one: 993 with tls, 143 without
    folder: Text = "INBOX"
    since: date | None = None  # mails that reached the mailbox before are left there
    ca_file: str = ""  # certificates to trust instead of the machine's, from the campaign's folder

    @field_validator("host")
    @classmethod
    def _a_name(cls, host: str) -> str:
        if not host.isprintable() or any(ch in "/@ " for ch in host) or (":" in host and not _address(host)):
            raise ValueError("a host's name or address, without imap:// and port")
        return host

    @field_validator("user", "folder")
    @classmethod
    def _on_one_line(cls, text: str) -> str:
        if not text.isprintable():
            raise ValueError("text without control characters")
        return text

    @field_validator("security")
    @classmethod
    def _guarded(cls, security: Security, others: ValidationInfo) -> Security:
        host = others.data.get("host", "")
        if security == "none" and host and not is_loopback(host):
            raise ValueError("a password goes unencrypted nowhere but to this machine itself")
        return security

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


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def _address(host: str) -> IPv4Address | IPv6Address | None:
    import ipaddress  # milliseconds that every other command does without

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
