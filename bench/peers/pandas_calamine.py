"""The plain script with the fast engine."""

from plain_script import read_cells, run

run(lambda file: read_cells(file, "calamine"))
