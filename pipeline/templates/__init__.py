"""What is sent out before anything comes back: a pre-filled form for each filing unit, a list for each office above.

`form` and `list_form` write one workbook with XlsxWriter; `stamp` makes thousands alike out of one; `issue` is the
command: which units get which, into which folders.
"""

from __future__ import annotations

from .form import write_template
from .items import Item, form_items
from .look import put

__all__ = ["Item", "form_items", "put", "write_template"]
