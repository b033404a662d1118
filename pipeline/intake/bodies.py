"""What mails carry is nearly all base64, which the standard parser walks through line by line: lifted out before it.

A body that is nothing but regular base64 is replaced by a short one that no sender can know, and put back where the
parser hands that out as the content of an attachment. Unless every one comes out so, the mail is parsed as it is.
"""

from __future__ import annotations

import base64
import binascii
import re
import secrets
from typing import Final

_BODY: Final = re.compile(
    rb"(?<=\n\n)(?:[A-Za-z0-9+/]{76}\n){8,}(?:[A-Za-z0-9+/]{1,76}={0,2}\n)?(?=\n*(?:--|\Z))"
    rb"|(?<=\r\n\r\n)(?:[A-Za-z0-9+/]{76}\r\n){8,}(?:[A-Za-z0-9+/]{1,76}={0,2}\r\n)?(?=(?:\r\n)*(?:--|\Z))"
)


class Bodies:
    """The bodies lifted out of one mail.

    Attributes:
        mail: the mail with a short body in place of each.
    """

    def __init__(self, data: bytes) -> None:
        self._secret = secrets.token_bytes(12)
        self._lifted: dict[bytes, bytes] = {}
        self._left: set[bytes] = set()
        self.mail = _BODY.sub(self._lift, data)

    def _lift(self, found: re.Match[bytes]) -> bytes:
        try:
            content = binascii.a2b_base64(found[0].translate(None, b"\r\n"), strict_mode=True)
        except binascii.Error:
            return found[0]
        stand_in = self._secret + len(self._lifted).to_bytes(3, "big")
        self._lifted[stand_in] = content
        self._left.add(stand_in)
        return base64.b64encode(stand_in) + (b"\r\n" if found[0].endswith(b"\r\n") else b"\n")

    def restored(self, content: bytes) -> bytes:
        """Return what stood in a mail where now this content of a part stands."""
        self._left.discard(content)
        return self._lifted.get(content, content)

    @property
    def are_all_restored(self) -> bool:
        """Whether each body that was lifted out has been asked for."""
        return not self._left
