"""Where each key of a TOML text stands: the standard library reads TOML, but does not say on which line.

Only for a text that `tomllib` has already accepted: nothing is checked here, only found again.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right

KeyPath = tuple[str | int, ...]  # as pydantic names a place: ("rounds", 0, "due")

_BLANK = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_BETWEEN = re.compile(r"(?:[ \t\r\n,]+|#[^\n]*)*")  # between the values of an array or inline table
_SPACE = re.compile(r"[ \t]*")
_STRING = r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\''
_KEY_PART = re.compile(rf"{_STRING}|[A-Za-z0-9_-]+")
_VALUE = re.compile(
    r'"""(?:\\.|[^\\])*?"{3,5}'  # the closing quotes may follow one or two of the text's own
    r"|'''.*?'{3,5}"
    rf"|{_STRING}"
    r"|[^,\]}#\n]+",
    re.DOTALL,
)


def key_lines(text: str) -> dict[KeyPath, int]:
    """Return the line, from 1, of every key, table and array element; of a table, that of its first header."""
    return _Scan(text).run()


class _Scan:
    """One pass over a text, position by position."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
        self.lines: dict[KeyPath, int] = {}
        self.counts: dict[KeyPath, int] = {}  # tables so far in each array of tables

    def run(self) -> dict[KeyPath, int]:
        table: KeyPath = ()
        while not self._is_over(_BLANK):
            if self.text.startswith("[", self.at):
                table = self._header()
            else:
                self._pair(table)
        return self.lines

    def _is_over(self, between: re.Pattern[str]) -> bool:
        self._skip(between)
        return self.at >= len(self.text)

    def _skip(self, pattern: re.Pattern[str]) -> str:
        """Step over what matches here, and return it."""
        match = pattern.match(self.text, self.at)
        if match is None:
            raise ValueError(f"no TOML at character {self.at}")
        self.at = match.end()
        return match.group()

    def _note(self, path: KeyPath, at: int) -> None:
        self.lines.setdefault(path, bisect_right(self.starts, at))

    def _header(self) -> KeyPath:
        """Read [table] or [[table]], and return the path of the table that it opens."""
        start = self.at
        is_array = self.text.startswith("[[", start)
        self.at += 2 if is_array else 1
        path: KeyPath = ()
        for part in self._key():
            path = self._latest((*path, part))
            self._note(path, start)
        if is_array:
            path = path[:-1] if isinstance(path[-1], int) else path
            self._note(path, start)
            self.counts[path] = self.counts.get(path, 0) + 1
            path = self._latest(path)
            self._note(path, start)
        self._skip(_SPACE)
        self.at += 2 if is_array else 1
        return path

    def _latest(self, path: KeyPath) -> KeyPath:
        """Return the path of an array of tables' latest table, or the path itself."""
        return (*path, self.counts[path] - 1) if path in self.counts else path

    def _key(self) -> list[str]:
        parts: list[str] = []
        while True:
            self._skip(_SPACE)
            part = self._skip(_KEY_PART)
            parts.append(part if part[0] not in "\"'" else tomllib.loads(f"part = {part}")["part"])
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return parts
            self.at += 1

    def _pair(self, table: KeyPath) -> None:
        start, path = self.at, table
        for part in self._key():
            path = (*path, part)
            self._note(path, start)
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: KeyPath) -> None:
        self._skip(_SPACE)
        opening = self.text[self.at]
        if opening not in "[{":
            self._skip(_VALUE)
            return
        self.at += 1
        index = 0
        while not self._is_over(_BETWEEN) and self.text[self.at] not in "]}":
            if opening == "[":
                self._note((*path, index), self.at)
                self._value((*path, index))
            else:
                self._pair(path)
            index += 1
        self.at += 1
