"""The plain script with the fast engine."""

from plain_script import run

run("calamine")
