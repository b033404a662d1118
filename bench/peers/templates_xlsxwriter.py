"""The same set of templates, each workbook written by XlsxWriter from scratch: the form, checks and texts are ours."""

import json
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from pipeline.registry import load_registry  # noqa: E402
from pipeline.settings import load_campaign  # noqa: E402
from pipeline.templates.form import form_bytes, head_of  # noqa: E402
from pipeline.templates.list_form import list_bytes, office_of  # noqa: E402

CHUNK = 100


def main() -> None:
    """Arguments: campaign's folder, folder to write into, round, processes."""
    campaign_folder, output, round_id, jobs = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], int(sys.argv[4])
    wanted = list(orders(campaign_folder, round_id))
    chunks = [(campaign_folder, output, round_id, wanted[at : at + CHUNK]) for at in range(0, len(wanted), CHUNK)]
    output.mkdir(parents=True)
    if jobs == 1:
        sizes = list(map(write, chunks))
    else:
        with ProcessPoolExecutor(jobs, mp_context=get_context("fork")) as pool:
            sizes = list(pool.map(write, chunks))
    lists = sum(kind == "list" for kind, *_ in wanted)
    print(json.dumps({"forms": len(wanted) - lists, "lists": lists, "bytes": sum(sizes)}))


def orders(campaign_folder: Path, round_id: str) -> Iterator[tuple]:
    """Yield what each workbook is made of."""
    campaign = load_campaign(campaign_folder)
    registry = load_registry(campaign_folder, campaign)
    expected = registry.expected(campaign.round(round_id))
    filing = set(expected.index[expected])
    units = registry.tree[["unit_name", "level"]].to_dict("index")
    for code, unit in units.items():
        above = units.get(registry.parents[code], {}).get("unit_name", "")
        below = [(child, units[child]["unit_name"]) for child in registry.children[code] if child in filing]
        if below:
            levels = [units[child]["level"] for child, _ in below]
            yield "list", code, office_of(campaign, unit["unit_name"], above, below, levels)
        if code in filing:
            yield "form", code, head_of(code, unit["unit_name"], above), unit["level"]


def write(chunk: tuple) -> int:
    """Write some workbooks; return how many bytes they have."""
    campaign_folder, output, round_id, wanted = chunk
    campaign = load_campaign(campaign_folder)
    size = 0
    for kind, code, head, *level in wanted:
        data = (
            list_bytes(campaign, head, round_id)
            if kind == "list"
            else form_bytes(campaign, head, round_id, level=level[0])
        )
        (output / f"{code}-{kind}.xlsx").write_bytes(data)
        size += len(data)
    return size


if __name__ == "__main__":
    main()
