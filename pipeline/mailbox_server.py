"""One folder of a mailbox over IMAP, opened for reading only: no flag changes and nothing is ever deleted.

What the server says is taken by its attributes, never by its place in an answer: answers come in any order, and with
news of other mails between them.
"""

from __future__ import annotations

import contextlib
import imaplib
import re
import ssl
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import Final, NoReturn

from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, UnexpectedCommandStatusError
from imap_tools.mailbox import BaseMailBox, MailBox, MailBoxUnencrypted

from schemas.faults import RefusedError, shown
from schemas.mailbox import Mailbox
from schemas.vietnamese import printable
from schemas.words import word

PASSWORD: Final = "STUDY_CAMPAIGN_MAILBOX_PASSWORD"  # noqa: S105  # the name of the variable that holds it
SECONDS: Final = 60  # without a word from the server
_MONTHS: Final = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MOST_FOLDERS: Final = 20  # named where the one asked for is not there
_HEAD_BYTES: Final = 1 << 16
_HEAD: Final = f"BODY.PEEK[HEADER.FIELDS (FROM DATE SUBJECT MESSAGE-ID)]<0.{_HEAD_BYTES}>"
_UID: Final = re.compile(rb"\bUID (\d+)")
_SIZE: Final = re.compile(rb"\bRFC822\.SIZE (\d+)")
_ARRIVED: Final = re.compile(rb'\bINTERNALDATE "([^"]+)"')
_QUOTED: Final = re.compile(rb'"(?:[^"\\]|\\.)*"')
_SHORT_BODY: Final = re.compile(rb'BODY\[[^\]]*\](?:<\d+>)? (?:NIL|"((?:[^"\\]|\\.)*)")', re.IGNORECASE)
_FOR_NOW: Final = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|SERVERBUG)\]", re.IGNORECASE)


class ConnectionLostError(Exception):
    """The server is not reached, or is there no more; the text is the reason."""


class NotGivenError(Exception):
    """The server is there, and does not give what was asked for; the text is the reason."""


@dataclass(frozen=True)
class Mail:
    """A mail as the server gave it, byte for byte, and when it reached the mailbox, if that was said."""

    data: bytes
    arrived: datetime | None


class Server:
    """A connection to the folder of a mailbox; a context manager that ends it.

    Attributes:
        validity: UIDVALIDITY: UIDs mean the same mails for as long as it stays the same.
    """

    def __init__(self, mailbox: Mailbox, password: str, folder: Path, language: str) -> None:
        """Connect, log in and open the mailbox's folder.

        Raises:
            ConnectionLostError: the server is not reached, or only for now not to be had.
            RefusedError: it cannot be had so: certificate, password, folder.
        """
        self._mailbox, self._language = mailbox, language
        self._plan = f"{folder.resolve().name}/campaign.toml"
        self.name = "{}:{}".format(*mailbox.address)
        self._box = self._connected(folder)
        try:
            self._log_in(password)
            self.validity = self._opened()
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __enter__(self) -> Server:
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, at: TracebackType | None) -> None:
        client = self._box.client
        with contextlib.suppress(OSError, imaplib.IMAP4.error):  # it has gone before
            if isinstance(fault, ConnectionLostError):
                client.shutdown()
            else:
                client.logout()

    # --- getting in -----------------------------------------------------------------------------

    def _connected(self, folder: Path) -> BaseMailBox:
        host, port = self._mailbox.address
        security = self._mailbox.security
        trusted = None if security == "none" else self._trusted(folder)
        try:
            if trusted is None:
                return MailBoxUnencrypted(host, port, SECONDS)
            return (MailBox if security == "tls" else _StartTls)(host, port, SECONDS, ssl_context=trusted)
        except ssl.SSLCertVerificationError as fault:
            self._refuse("fetch_untrusted", reason=fault.verify_message)
        except ssl.SSLEOFError as fault:
            raise ConnectionLostError(_reason(fault)) from fault
        except (ssl.SSLError, _NoTlsError) as fault:
            self._refuse("fetch_no_tls", reason=_reason(fault))
        except (OSError, imaplib.IMAP4.error) as fault:
            raise ConnectionLostError(_reason(fault)) from fault

    def _trusted(self, folder: Path) -> ssl.SSLContext:
        path = self._mailbox.ca_file
        try:
            return ssl.create_default_context(cafile=str(folder / path) if path else None)
        except OSError as fault:  # an SSLError is one too
            self._refuse("fetch_no_ca_file", path=path, reason=fault.strerror or _reason(fault))

    def _log_in(self, password: str) -> None:
        user = self._mailbox.user
        try:
            if "AUTH=PLAIN" in self._box.client.capabilities:
                self._box.login_utf8(user, password, None)
            else:
                self._box.login(user, password, None)
        except (imaplib.IMAP4.abort, OSError) as fault:
            raise ConnectionLostError(_reason(fault)) from fault
        except (imaplib.IMAP4.error, ImapToolsError, UnicodeEncodeError) as fault:
            reason = _reason(fault)
            if _FOR_NOW.search(reason):
                raise ConnectionLostError(reason) from fault
            self._refuse("fetch_wrong_password", user=user, variable=PASSWORD, reason=reason)

    def _opened(self) -> int:
        """Open the folder, by EXAMINE, and return its UIDVALIDITY."""
        wanted = self._mailbox.folder
        try:
            try:
                self._box.folder.set(wanted, readonly=True)
            except MailboxFolderSelectError:
                self._box.folder.set(self._as_the_server_writes(wanted), readonly=True)
            found = self._box.client.response("UIDVALIDITY")[1][0]
        except (imaplib.IMAP4.abort, OSError) as fault:
            raise ConnectionLostError(_reason(fault)) from fault
        except (imaplib.IMAP4.error, ImapToolsError, ValueError):  # a ValueError: names that cannot be decoded
            self._refuse("fetch_no_folder", folder=wanted, known="?")
        if not found or not found.isdigit() or int(found) == 0:
            self._refuse("fetch_no_validity", folder=wanted)
        return int(found)

    def _as_the_server_writes(self, wanted: str) -> str:
        """Return the folder's name with its accents as the server has them; campaign.toml is read composed."""
        known = [found.name for found in self._box.folder.list()]
        same = [name for name in known if unicodedata.normalize("NFC", name) == wanted]
        if not same:
            named = [f"“{printable(name)}”" for name in known[:_MOST_FOLDERS]] + ["…"] * (len(known) > _MOST_FOLDERS)
            self._refuse("fetch_no_folder", folder=wanted, known=", ".join(named))
        return same[0]

    def _refuse(self, key: str, **values: object) -> NoReturn:
        raise RefusedError(word(key, self._language, **{"file": self._plan, "server": self.name} | values)) from None

    # --- reading --------------------------------------------------------------------------------

    def uids(self, since: date | None) -> list[int]:
        """Return the UIDs of all mails, in ascending order; of those that arrived on a day or later.

        Raises (as all that follow):
            ConnectionLostError: the server is there no more.
            NotGivenError: it is, and refuses.
        """
        asked = f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}" if since else "ALL"
        answer = self._asked("SEARCH", asked)
        return sorted({int(uid) for line in answer if isinstance(line, bytes) for uid in line.split() if uid.isdigit()})

    def sizes(self, uids: list[int]) -> dict[int, int]:
        """Return {UID: bytes} of those mails that are still there."""
        sizes = {}
        for said, _ in _items(self._asked("FETCH", _set(uids), "(UID RFC822.SIZE)")):
            uid, size = _UID.search(said), _SIZE.search(said)
            if uid and size:
                sizes[int(uid[1])] = int(size[1])
        return sizes

    def mails(self, uids: list[int]) -> dict[int, Mail]:
        """Return the mails themselves, of those that are still there."""
        return dict(self._bodies(uids, "BODY.PEEK[]"))

    def head(self, uid: int) -> Mail | None:
        """Return sender, date, subject and Message-ID of a mail, as their headers stand."""
        return dict(self._bodies([uid], _HEAD)).get(uid)

    def _bodies(self, uids: list[int], part: str) -> Iterator[tuple[int, Mail]]:
        for said, literal in _items(self._asked("FETCH", _set(uids), f"(UID INTERNALDATE {part})")):
            uid = _UID.search(_QUOTED.sub(b'""', said))
            body = literal if literal is not None else _short_body(said)
            if uid and body is not None and int(uid[1]) in uids:
                yield int(uid[1]), Mail(body, _arrived(said))

    def _asked(self, *command: str) -> list[object]:
        try:
            kind, answer = self._box.client.uid(*command)
        except (imaplib.IMAP4.abort, OSError) as fault:
            raise ConnectionLostError(_reason(fault)) from fault
        except imaplib.IMAP4.error as fault:
            raise NotGivenError(_reason(fault)) from fault
        if kind != "OK":
            raise NotGivenError(_text(answer[-1] if answer else kind))
        return list(answer)


class _NoTlsError(Exception):
    """A server that offers no encryption where it is asked for."""


class _StartTls(MailBoxUnencrypted):
    """A connection that is encrypted before anything is said on it.

    The library's own takes a server that does not offer it for one that was lost, and would be asked again.
    """

    def __init__(self, host: str, port: int, timeout: float, ssl_context: ssl.SSLContext) -> None:
        self._trusted = ssl_context
        super().__init__(host, port, timeout)

    def _get_mailbox_client(self) -> imaplib.IMAP4:
        client = super()._get_mailbox_client()
        try:
            if "STARTTLS" not in client.capabilities:
                raise _NoTlsError("STARTTLS?")
            client.starttls(self._trusted)
        except BaseException:
            with contextlib.suppress(OSError):  # what failed has closed it
                client.shutdown()
            raise
        return client


# --- answers ------------------------------------------------------------------------------------


def _items(answer: Iterable[object]) -> Iterator[tuple[bytes, bytes | None]]:
    """Yield what is said of each mail, and the bytes that came with it, if any did."""
    said, literal = b"", None
    for part in answer:
        if isinstance(part, tuple):
            said += part[0] + b" "
            literal = part[1]
        elif isinstance(part, bytes):
            yield said + part, literal
            said, literal = b"", None


def _short_body(said: bytes) -> bytes | None:
    """Return a body that came as a quoted text, as empty ones do."""
    found = _SHORT_BODY.search(said)
    return re.sub(rb"\\(.)", rb"\1", found[1] or b"") if found else None


def _arrived(said: bytes) -> datetime | None:
    found = _ARRIVED.search(said)
    try:
        return datetime.strptime(found[1].decode("ascii").strip(), "%d-%b-%Y %H:%M:%S %z") if found else None
    except ValueError:
        return None


def _set(uids: list[int]) -> str:
    return ",".join(map(str, uids))


def _reason(fault: Exception) -> str:
    if isinstance(fault, UnexpectedCommandStatusError):
        answer = fault.command_result[1]
        return _text(answer[-1] if answer else "?")
    return _text(fault.args[-1] if fault.args and isinstance(fault.args[-1], (bytes, str)) else fault)


def _text(said: object) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return shown(printable(text)) or type(said).__name__
