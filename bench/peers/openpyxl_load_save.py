"""Bare openpyxl: load each workbook and save it elsewhere; nothing is marked, no gate stands before it."""

import json
import sys
import time
from pathlib import Path

from openpyxl import load_workbook

files, output = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines(), Path(sys.argv[2])
output.mkdir()
started = time.perf_counter()
for number, file in enumerate(files):
    load_workbook(file).save(output / f"{number}.xlsx")
print(json.dumps({"copies": len(files), "seconds": time.perf_counter() - started}))
