"""The plain script with the engine that pandas picks for .xlsx."""

from plain_script import run

run("openpyxl")
