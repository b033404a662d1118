"""When two written names mean the same Party organisation: exact rules only, never likeness."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

from .vietnamese import name_key

# The committee (đảng ủy, huyện ủy) and the organisation it leads (đảng bộ, đảng bộ huyện) report as one.
_SAME: Final = (
    ("ban thường vụ ", ""),
    ("ban chấp hành ", ""),
    ("chi ủy chi bộ ", "chi bộ "),
    ("đảng bộ tỉnh ", "tỉnh ủy "),
    ("đảng bộ huyện ", "huyện ủy "),
    ("đảng bộ thành phố ", "thành ủy "),
    ("đảng bộ thị xã ", "thị ủy "),
    ("đảng ủy ", "đảng bộ "),
)


def signed_for(name: str) -> str:
    """Return the key of the words above a signature: of a branch, a Party committee or a standing committee.

    So sign chi bộ (chi ủy), đảng bộ and đảng ủy (đảng ủy), and huyện ủy, thành ủy, tỉnh ủy (ban thường vụ).
    """
    key = name_key(name)
    if key.startswith("chi bộ"):
        return "form_signed_branch"
    return "form_signed_committee" if key.startswith("đảng ") else "form_signed_standing"


@lru_cache(maxsize=1 << 17)
def org_key(text: str) -> str:
    """Return the key under which a Party organisation's names are the same.

    On top of `name_key`: a committee and its organisation are one ("Đảng ủy xã X" = "Đảng bộ xã X",
    "Đảng bộ huyện X" = "Huyện ủy X").
    """
    key = name_key(text)
    for written, meant in _SAME:
        if key.startswith(written):
            key = meant + key[len(written) :]
    return key
