"""What every worker would do first, done once in the process that they are forked from; importing this does it."""

from __future__ import annotations

import viet_text_tools  # noqa: F401  # it looks for its own version, which takes long

from schemas.layout import load_form_spec

from . import per_file  # noqa: F401
from .form.labels import label_index

label_index(load_form_spec())  # a campaign adds few labels of its own: the keys of all others are then known
