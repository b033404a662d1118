"""Writes units.csv and submissions/ of the shipped campaigns, and docs/examples.md.

Run as python -m tests.examples.make_examples [CAMPAIGN...]. Same code, same bytes. What it writes is committed;
nothing of it is needed when a campaign is consolidated.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from tests.examples.kien_giang import kien_giang
from tests.examples.other_plans import an_giang, ha_tinh, hai_duong, hai_duong_khoi, thanh_hoa_khoi
from tests.examples.post_office import INPUTS, PostOffice
from tests.examples.registries import write_units

DOCS = Path(__file__).parents[2] / "docs" / "examples.md"

CAMPAIGNS: dict[str, Callable[[PostOffice], None]] = {
    "kien-giang-2021": kien_giang,
    "hai-duong-2020": hai_duong,
    "hai-duong-khoi-2021": hai_duong_khoi,
    "ha-tinh-2020": ha_tinh,
    "thanh-hoa-khoi-2024": thanh_hoa_khoi,
    "an-giang-2026": an_giang,
}


_INTRODUCTION = """\
# The shipped submissions, case by case

Each folder under `inputs/` holds a registry with real names of places and made-up submissions. Beside ordinary ones it
holds each of the cases below. What a file is expected to become stands after the case: *complete*, *queried*,
*rejected* and so on are the flags of its unit; *superseded*, *duplicate*, *excluded*, *unidentified* and *ignored* are
what becomes of the file itself. A unit of which nothing came is *missing*, and *not due* before its round's due date:
in `kien-giang-2021` and `an-giang-2026`, which stand between two rounds, both can be seen side by side. The other
four plans set one date of report, and their runs stand a few days after it.

Written by `python -m tests.examples.make_examples`, together with the files themselves.
"""


def _documented(posts: list[PostOffice]) -> str:
    lines = [_INTRODUCTION]
    for post in posts:
        files = [path for path in post.folder.rglob("*") if path.is_file()]
        ordinary = len(files) - len(post.cases)
        lines += [f"## {post.name}", "", f"{post.campaign.title}.", ""]
        lines += [f"{len(post.units)} units, {len(files)} files, {ordinary} of them ordinary.", ""]
        lines += ["| file | what it shows |", "|---|---|"]
        lines += [f"| `{file}` | {case} |" for file, case in sorted(post.cases)]
        lines.append("")
    return "\n".join(lines)


def main(names: list[str]) -> None:
    posts = []
    for name in names or list(CAMPAIGNS):
        write_units(name, INPUTS / name / "units.csv")
        post = PostOffice(name)
        CAMPAIGNS[name](post)
        posts.append(post)
        sizes = [path.stat().st_size for path in post.folder.rglob("*") if path.is_file()]
        print(f"{name}: {len(sizes)} files, {sum(sizes) // 1024} KB, {len(post.cases)} cases")
    if not names:
        DOCS.parent.mkdir(exist_ok=True)
        DOCS.write_text(_documented(posts), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
