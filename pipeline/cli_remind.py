"""`remind`: its options, and how what it does is told."""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

from .cli_arguments import campaign_folder, moment, output_folder, positive


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the command."""
    parser.add_argument("campaign", type=campaign_folder, metavar="CAMPAIGN_DIR")
    parser.add_argument("--output", type=output_folder, metavar="DIR", help="default: outputs/<campaign>")
    parser.add_argument("--round", default="", metavar="ID", help="default: the round that the last run showed")
    parser.add_argument("--as-of", type=moment, metavar="ISO", help="stands in for now, e.g. 2021-05-10T08:00")
    parser.add_argument("--lang", choices=("vi", "en"), default="", help="default: the campaign's language")
    parser.add_argument("--before-due", action="store_true", help="also those whose report is not due yet")
    parser.add_argument("--send", action="store_true", help="send them, by [outbox] of campaign.toml")
    parser.add_argument("--limit", type=positive, default=0, metavar="N", help="with --send: so many mails at most")
    parser.add_argument(
        "--again-after",
        type=positive,
        default=3,
        metavar="DAYS",
        help="with --send: until the same is told again; default 3",
    )


def run(asked: argparse.Namespace) -> int:
    """Write the drafts, and send them where that is asked for."""
    from .reminders import Asked, Sending, remind

    output = asked.output or Path("outputs") / asked.campaign.resolve().name
    sending = Sending(asked.limit, asked.again_after) if asked.send else None
    wanted = Asked(asked.campaign, output, asked.round, asked.as_of, asked.lang, asked.before_due, sending)
    remind(wanted, partial(print, flush=True), partial(print, file=sys.stderr, flush=True))
    return 0
