"""Below the floor: read every file and inflate all members of those that are zip archives, and nothing else.

Parses no cell. Mails are read and not opened; damaged archives cannot be inflated. The directory is walked here with
struct and zlib, since zipfile of the standard library alone takes longer than python-calamine does for everything.
"""

import glob
import json
import struct
import sys
import zlib

END = struct.Struct("<4s4H2IH")
ENTRY = struct.Struct("<4s6H3I5H2I")
LOCAL = struct.Struct("<4s5H3I2H")


def inflate(data: bytes) -> None:
    """Inflate each member; raises for what is no whole archive of stored and deflated members."""
    at = data.rindex(b"PK\5\6")
    _, _, _, _, count, _, at, _ = END.unpack_from(data, at)
    for _ in range(count):
        entry = ENTRY.unpack_from(data, at)
        method, packed, size, local = entry[4], entry[8], entry[9], entry[16]
        start = local + LOCAL.size + sum(LOCAL.unpack_from(data, local)[9:11])
        member = data[start : start + packed]
        if len(zlib.decompress(member, -zlib.MAX_WBITS, size) if method else member) != size:
            raise ValueError("cut off")
        at += ENTRY.size + sum(entry[10:13])


campaign, _ = sys.argv[1:]
files = sorted(glob.glob(f"{campaign}/submissions/**/*.*", recursive=True))
read = 0
for file in files:
    with open(file, "rb") as opened:
        content = opened.read()
    try:
        inflate(content)
        read += 1
    except (ValueError, IndexError, struct.error, zlib.error):
        pass
print(json.dumps({"found": len(files), "read": read}))
