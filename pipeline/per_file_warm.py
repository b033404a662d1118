"""What every worker would do first, done once in the process that they are forked from; importing this does it."""

from __future__ import annotations

import signal

signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C at a terminal reaches workers too; the run itself ends them

import viet_text_tools  # noqa: E402, F401  # it looks for its own version, which takes long

from schemas.layout import load_form_spec  # noqa: E402

from . import per_file  # noqa: E402, F401
from .form.labels import label_index  # noqa: E402

label_index(load_form_spec())  # a campaign adds few labels of its own: the keys of all others are then known
