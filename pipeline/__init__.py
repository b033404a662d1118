"""How the data moves: one module a step of its way, told in order by consolidate.py."""

VERSION = "0.1.0"
