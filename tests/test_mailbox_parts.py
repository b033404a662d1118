"""What a server may answer, and under which names mails are kept: without a server."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from pipeline.mailbox_disk import Shelf
from pipeline.mailbox_server import Mail, NotGivenError, Server
from schemas.mailbox import Mailbox

WHEN = b'INTERNALDATE " 1-Apr-2021 08:30:00 +0700"'
MOMENT = datetime(2021, 4, 1, 1, 30, tzinfo=UTC)

# What the standard library makes of an answer to UID FETCH 7 (UID INTERNALDATE BODY.PEEK[]), and the mail in it.
ANSWERS: dict[str, tuple[list[object], dict[int, Mail]]] = {
    "as asked": ([(b"1 (UID 7 " + WHEN + b" BODY[] {2}", b"ab"), b")"], {7: Mail(b"ab", MOMENT)}),
    "the body first": ([(b"1 (BODY[] {2}", b"ab"), b" " + WHEN + b" UID 7)"], {7: Mail(b"ab", MOMENT)}),
    "no date": ([(b"1 (UID 7 BODY[] {2}", b"ab"), b")"], {7: Mail(b"ab", None)}),
    "no day": ([(b'1 (UID 7 INTERNALDATE "x" BODY[] {2}', b"ab"), b")"], {7: Mail(b"ab", None)}),
    "news between": (
        [b"9 (FLAGS (\\Seen) UID 9)", (b"1 (UID 7 BODY[] {2}", b"ab"), b")", b"4 (FLAGS ())"],
        {7: Mail(b"ab", None)},
    ),
    "another mail": ([(b"2 (UID 8 BODY[] {2}", b"cd"), b")"], {}),
    "two": (
        [(b"1 (UID 7 BODY[] {2}", b"ab"), b")", (b"2 (UID 6 BODY[] {2}", b"cd"), b")"],
        {7: Mail(b"ab", None), 6: Mail(b"cd", None)},
    ),
    "a text in quotes": ([b'1 (BODY[] "UID 6 \\"x\\"" UID 7)'], {7: Mail(b'UID 6 "x"', None)}),
    "empty": ([b'1 (UID 7 BODY[] "")'], {7: Mail(b"", None)}),
    "nothing": ([b"1 (UID 7 BODY[] NIL)"], {7: Mail(b"", None)}),
    "gone": ([None], {}),
}


class Answering:
    """Stands for a connection of the standard library's."""

    def __init__(self, kind: str, answer: list[object]) -> None:
        self.client = self
        self.answer = (kind, answer)
        self.commands: list[tuple[str, ...]] = []

    def uid(self, *command: str) -> tuple[str, list[object]]:
        self.commands.append(command)
        return self.answer


def server_that_says(*answer: object, kind: str = "OK") -> Server:
    server = Server.__new__(Server)
    connection: Any = Answering(kind, list(answer))
    server._box = connection
    return server


@pytest.mark.parametrize("case", ANSWERS)
def test_mails_are_told_by_their_uids_wherever_they_stand_in_an_answer(case: str) -> None:
    answer, mails = ANSWERS[case]
    assert server_that_says(*answer).mails([6, 7]) == mails


def test_sizes_are_told_by_their_uids() -> None:
    answer = (b"1 (RFC822.SIZE 10 UID 7)", b"2 (FLAGS (\\Seen))", b"3 (UID 8 RFC822.SIZE 20)")
    assert server_that_says(*answer).sizes([7, 8]) == {7: 10, 8: 20}


def test_uids_that_come_in_several_lines_are_all_taken() -> None:
    assert server_that_says(b"3 1", b"2", b"").uids(None) == [1, 2, 3]
    assert server_that_says(None).uids(None) == []


def test_what_is_refused_is_told_with_the_servers_words() -> None:
    with pytest.raises(NotGivenError, match="SERVERBUG"):
        server_that_says(b"[SERVERBUG] Internal error", kind="NO").mails([7])


def test_a_name_is_of_one_mailbox_alone(tmp_path: Path) -> None:
    one = {"host": "m.vn", "user": "a", "folder": "INBOX"}
    others = [{"host": "n.vn"}, {"user": "b"}, {"folder": "Đợt 1"}, {"port": 994}]
    shelves = [Shelf(tmp_path, Mailbox.model_validate(one | other)) for other in ({}, *others)]
    assert len({shelf.name(1, 1) for shelf in shelves}) == len(shelves)
    same = [{"host": "M.vn"}, {"folder": "Inbox"}, {"port": 993}]
    assert {Shelf(tmp_path, Mailbox.model_validate(one | other)).name(1, 1) for other in same} == {
        shelves[0].name(1, 1)
    }


@pytest.mark.parametrize(
    ("folder", "name"),
    [
        ("../../etc", "______etc"),
        ("..", "__"),
        (" ", "_"),
        (".hidden", "_hidden"),
        ("a/b\\c:d", "a_b_c_d"),
        ("2021-04-27T0930", "2021_04_27T0930"),
        ("Đợt " * 40, ("Đợt " * 40)[:60].strip()),
    ],
)
def test_the_folder_on_disk_is_never_a_path(tmp_path: Path, folder: str, name: str) -> None:
    mailbox = Mailbox.model_construct(host="m.vn", user="a", folder=folder, port=None, security="tls")
    assert Shelf(tmp_path, mailbox).folder == tmp_path / "mail" / name
