"""The floor: open every workbook with python-calamine, one after another, and throw its cells away.

Reads whatever form it is, since it looks at nothing; mails and damaged files it cannot open. Not done: everything that
comes after reading. Writes no workbook.
"""

import glob
import json
import sys

from python_calamine import CalamineError, load_workbook

campaign, _ = sys.argv[1:]
files = sorted(glob.glob(f"{campaign}/submissions/**/*.*", recursive=True))
read = 0
for file in files:
    try:
        book = load_workbook(file)
        for name in book.sheet_names:
            book.get_sheet_by_name(name).to_python(skip_empty_area=False)
        read += 1
    except CalamineError:
        pass
print(json.dumps({"found": len(files), "read": read}))
