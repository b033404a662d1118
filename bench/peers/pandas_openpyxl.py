"""The plain script with the engine that pandas picks for .xlsx."""

from plain_script import read_cells, run

run(lambda file: read_cells(file, "openpyxl"))
