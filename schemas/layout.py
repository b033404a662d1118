"""The labels by which items are found on a form: data in forms/*.toml, read into one frozen spec."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .words import WORDS

if TYPE_CHECKING:
    from .campaign import Campaign

FORMS = Path(__file__).parent / "forms"

# Heads of a table's columns whose cells are no answers: their content is never read.
PASSED_FIELDS = frozenset({"serial", "remark", "share", "measure", "caption"})
# What stands in the head of a form, rather than being an item of the tally.
HEAD_FIELDS = frozenset({"unit_code", "unit_name", "parent_name", "round"}) | PASSED_FIELDS
TEXT_FIELDS = frozenset({"assessment", "proposals"})
DATE_FIELDS = frozenset({"study_date"})


@dataclass(frozen=True, slots=True)
class FormSpec:
    """Every known label, and what each item is.

    `labels` holds (label as written in the data, field), `words` the data's further lists of words, by
    name: both in the notation that the head of forms/official.toml explains. `titles` names each field
    in Vietnamese, as findings do.
    """

    labels: tuple[tuple[str, str], ...]
    tails: tuple[str, ...]
    hints: tuple[str, ...]
    totals: tuple[str, ...]
    documents: frozenset[str]
    titles: tuple[tuple[str, str], ...]
    version: str
    words: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def __hash__(self) -> int:
        """Quick, for it is asked for once a sheet; specs of one version are then told apart by comparing them."""
        return hash((self.version, len(self.labels)))

    def kind(self, field: str) -> str:
        """Return "count", "text", "date", "document" or "head"."""
        if field in HEAD_FIELDS:
            return "head"
        if field in TEXT_FIELDS:
            return "text"
        if field in DATE_FIELDS:
            return "date"
        return "document" if field in self.documents else "count"


def load_form_spec(campaign: Campaign | None = None) -> FormSpec:
    """Read forms/*.toml and add the labels of a campaign's own grades and plan documents."""
    labels: list[tuple[str, str]] = []
    lists: dict[str, list[str]] = {"tails": [], "hints": [], "totals": []}
    versions: list[str] = []
    for path in sorted(FORMS.glob("*.toml")):
        form = tomllib.loads(path.read_text(encoding="utf-8"))
        labels += [(label, field) for field, known in form["labels"].items() for label in known]
        for name, known in form.items():
            if isinstance(known, list):
                lists.setdefault(name, []).extend(known)
        versions.append(f"{form['name']}-{form['version']}")
    titles = {field: words[0] for field, words in WORDS.items()}
    documents: set[str] = set()
    if campaign is not None:
        parts = [(part.field, part.name, part.labels) for part in campaign.grades]
        parts += [(part.field, part.name, part.labels) for part in campaign.documents]
        for field, name, known in parts:
            labels += [(label, field) for label in (name, *known)]
            titles[field] = name
        documents = set(campaign.document_fields)
    return FormSpec(
        labels=tuple(dict.fromkeys(labels)),
        tails=tuple(lists.pop("tails")),
        hints=tuple(lists.pop("hints")),
        totals=tuple(lists.pop("totals")),
        documents=frozenset(documents),
        titles=tuple(titles.items()),
        version="+".join(versions),
        words=tuple((name, tuple(known)) for name, known in lists.items()),
    )
