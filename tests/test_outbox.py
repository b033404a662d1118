"""`[outbox]` of campaign.toml: every fault at its key, and what holds where nothing is said."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.settings import load_campaign
from tests.test_settings import PLAN, campaign_folder, faults_of

OUTBOX = {
    'host = "smtp.example.vn"\nsecurity = "none"': ("outbox.security", "want_outbox_security"),
    'host = "smtp.example.vn"\nsecurity = "ssl"': ("outbox.security", "want_one_of"),
    'host = "smtp.example.vn"\nport = "587"': ("outbox.port", "want_outbox_port"),
    'host = "smtp.example.vn"\nport = 70000': ("outbox.port", "want_outbox_port"),
    'host = "smtp.example.vn"\nfrom = "Ban <btg@example.vn>"': ("outbox.from", "want_outbox_from"),
    'host = "smtp.example.vn"\nform = "btg@example.vn"': ("outbox.form", "key_unknown"),
    'host = "smtp.example.vn"\npassword = "x"': ("outbox.password", "key_not_known"),
    'host = "smtp.example.vn:587"': ("outbox.host", "want_outbox_host"),
    'host = "smtp://smtp.example.vn"': ("outbox.host", "want_outbox_host"),
    "port = 587": ("outbox.host", "key_missing"),
}


@pytest.mark.parametrize("table", OUTBOX)
def test_faults_of_the_outbox_are_told_at_their_key(tmp_path: Path, table: str) -> None:
    faults = faults_of(tmp_path, f"{PLAN}\n[outbox]\n{table}\n")
    assert [(fault.key, fault.kind) for fault in faults] == [OUTBOX[table]]


def test_an_outbox_is_read_with_its_defaults(tmp_path: Path) -> None:
    outbox = load_campaign(campaign_folder(tmp_path, f'{PLAN}\n[outbox]\nhost = "smtp.example.vn"\n')).outbox
    assert outbox is not None
    assert (outbox.port, outbox.security, outbox.user, outbox.sender) == (587, "starttls", "", "")
