"""What `[mailbox]` and `[outbox]` of campaign.toml have alike: a server that mails come from, or leave by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationInfo, field_validator

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv6Address

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Port = Annotated[int, Field(strict=True, ge=1, le=65535)]
Security = Literal["tls", "starttls", "none"]


class MailServer(BaseModel):
    """A server, and how the way to it is guarded. No password stands in any file."""

    model_config = ConfigDict(extra="forbid", frozen=True)  # as every part of the plan

    host: Text
    security: Security = "tls"  # none: only on this machine itself, as behind a tunnel
    ca_file: str = ""  # certificates to trust instead of the machine's, from the campaign's folder

    @field_validator("host")
    @classmethod
    def _a_name(cls, host: str) -> str:
        if not host.isprintable() or any(ch in "/@ " for ch in host) or (":" in host and not _address(host)):
            raise ValueError("a host's name or address, without imap:// and port")
        return host

    @field_validator("security")
    @classmethod
    def _guarded(cls, security: Security, others: ValidationInfo) -> Security:
        host = others.data.get("host", "")
        if security == "none" and host and not _is_loopback(host):
            raise ValueError("nothing goes unencrypted to another machine than this one")
        return security


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine itself."""
    address = _address(host)
    return address.is_loopback if address else host.lower() == "localhost"


def _address(host: str) -> IPv4Address | IPv6Address | None:
    import ipaddress  # milliseconds that every other command does without

    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
