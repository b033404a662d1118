"""Writes the submissions of one shipped campaign, and keeps a note of what each unusual one shows."""

from __future__ import annotations

import io
import random
import shutil
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path

from pipeline.demo.forms import Look, official_form
from pipeline.demo.lists import branch_list, total_of
from pipeline.demo.mails import Attachment, mail, signature_image
from pipeline.demo.names import MAILS, person
from pipeline.demo.tallies import Tally, draw_tally
from pipeline.settings import load_campaign
from pipeline.templates import write_template
from schemas.campaign import VIETNAM
from tests.examples.registries import Unit, read_spec

INPUTS = Path(__file__).parents[2] / "inputs"
LIST_FIELDS = ("members", "attendees", "guests", "reflections", "exemptions", "assessment", "proposals")


class PostOffice:
    """What units of one campaign sent.

    Attributes:
        cases: (file, what it shows) of the unusual ones, for docs/examples.md.
        used: codes that some submission was written for, so that the usual ones go to others.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.campaign = load_campaign(INPUTS / name)
        self.units: dict[str, Unit] = {unit.code: unit for unit in read_spec(name)}
        self.folder = INPUTS / name / "submissions"
        self.cases: list[tuple[str, str]] = []
        self.used: set[str] = set()
        self.rng = random.Random(f"{name}/submissions")
        shutil.rmtree(self.folder, ignore_errors=True)

    # --- what stands in a form ------------------------------------------------------------------

    def below(self, code: str) -> list[str]:
        return [unit.code for unit in self.units.values() if unit.parent == code]

    def leaves(self, code: str = "") -> list[str]:
        """Units without any below them, under a unit or everywhere, in reading order; not those gone or to come."""
        return [
            unit.code
            for unit in self.units.values()
            if not unit.has_children
            and (not code or unit.code.startswith(f"{code}-"))
            and not {"from", "to", "reports"} & set(unit.options)
        ]

    def parent_name(self, code: str) -> str:
        parent = self.units[code].parent
        return self.units[parent].name if parent else ""

    def tally(self, code: str, sent: date, round: str = "1", **changes: object) -> Tally:
        """Return a unit's faultless figures of a round, the same at every call, with changes."""
        rng = random.Random(f"{self.name}/{code}/{round}")
        unit = self.units[code]
        members = unit.members or rng.randint(14, 40)
        drawn = draw_tally(rng, self.campaign, name=unit.name, level=unit.level, members=members, sent=sent)
        return drawn | changes

    def form(
        self, code: str, sent: date, *, round: str = "1", unit_code: str | None = None, **changes: object
    ) -> bytes:
        """Return our template, filled in."""
        unit, buffer = self.units[code], io.BytesIO()
        signer = person(random.Random(f"{self.name}/{code}"))
        write_template(
            buffer,
            campaign=self.campaign,
            unit_code=code if unit_code is None else unit_code,
            unit_name=unit.name,
            parent_name=self.parent_name(code),
            round=round,
            values={**self.tally(code, sent, round or "1", **changes), "signer": signer},
            level=unit.level,
        )
        self.used.add(code)
        return buffer.getvalue()

    def retyped(
        self, code: str, sent: date, look: Look | None = None, *, unit: str = "", parent: str = "", **changes: object
    ) -> bytes:
        """Return the plan's own form, retyped."""
        known = {*LIST_FIELDS, *self.campaign.document_fields}
        self.used.add(code)
        return official_form(
            self.campaign,
            unit_name=unit or self.units[code].name,
            parent_name=parent or self.parent_name(code),
            values={field: value for field, value in self.tally(code, sent, **changes).items() if field in known},
            look=look
            or Look(place_date=f"{self.campaign.issuer.place}, ngày {sent.day} tháng {sent.month} năm {sent.year}"),
        )

    def office_list(
        self,
        office: str,
        sent: date,
        *,
        codes: Sequence[str] = (),
        has_codes: bool = False,
        is_summed: bool = True,
        total_off: int = 0,
        look: Look | None = None,
        changes: dict[str, dict[str, object]] | None = None,
    ) -> bytes:
        """Return an office's list of the units below it; `total_off` is added to the members of its sum line."""
        listed = list(codes) or self.below(office)
        asked = [field for field in LIST_FIELDS if self.campaign.items.asked(field) != "no"]
        documents = {d.field: d.name for d in self.campaign.documents if self.units[listed[0]].level in d.levels}
        tallies = {code: self.tally(code, sent, **(changes or {}).get(code, {})) for code in listed}
        total: dict[str, object] = dict(total_of(list(tallies.values()), asked))
        total["members"] = int(str(total["members"])) + total_off
        self.used.update(listed)
        return branch_list(
            office=self.units[office].name,
            above=self.parent_name(office),
            fields=[*asked, *documents],
            lines=[(code if has_codes else "", self.units[code].name, tallies[code]) for code in listed],
            total=total if is_summed else None,
            labels=documents,
            look=look,
        )

    # --- how it came ----------------------------------------------------------------------------

    def lay(self, when: str, name: str, data: bytes, case: str = "") -> str:
        """Put a file into the folder of the day it came; return its path below submissions/."""
        path = self.folder / when / name
        number = 2
        while path.exists():
            path = path.with_name(f"{Path(name).stem} ({number}){Path(name).suffix}")
            number += 1
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return self._note(path, case)

    def mailed(
        self,
        code: str,
        when: datetime,
        attachments: Iterable[Attachment],
        *,
        has_signature: bool = False,
        subject: str = "",
        case: str = "",
    ) -> str:
        """Put a mail from a unit into submissions/thu-den; its Date header says when it came."""
        attached = [*attachments, *([("image001.png", signature_image())] if has_signature else [])]
        path = self.folder / "thu-den" / f"{when:%m%d-%H%M} {ascii_name(self.units[code].name)}.eml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.letter(code, when, attached, subject=subject).as_bytes())
        return self._note(path, case)

    def letter(
        self, code: str, when: datetime, attachments: Sequence[Attachment], *, subject: str = "", body: str = ""
    ):
        """Return the mail itself."""
        unit = self.units[code]
        rng = random.Random(f"{self.name}/{code}/mail")
        signer = person(random.Random(f"{self.name}/{code}"))
        return mail(
            sender=(signer, f"{code.lower()}@example.vn"),
            to=self.campaign.issuer.email,
            sent=when.replace(tzinfo=VIETNAM),
            subject=subject or rng.choice(MAILS["subjects"]).format(unit=unit.name),
            body=body or MAILS["body"].format(unit=unit.name, signer=signer),
            attachments=attachments,
        )

    def _note(self, path: Path, case: str) -> str:
        file = path.relative_to(self.folder).as_posix()
        if case:
            self.cases.append((file, case))
        return file

    def file_name(self, code: str) -> str:
        """Return a name such as branches give their files, always the same for a unit."""
        rng = random.Random(f"{self.name}/{code}/file")
        name, parent = self.units[code].name, self.parent_name(code).removeprefix("Đảng bộ ")
        parent = parent if len(parent) < 36 else self.campaign.issuer.place
        short = name.replace("Chi bộ ", "CB ").replace("Đảng bộ ", "ĐB ")
        shape = rng.choice(
            (
                "{name} - {parent}", "BC {what} {short} ({parent})", "Bao cao {what} {short} {parent}",
                "{parent} - {short}", "BAO CAO TONG HOP {short} {parent}", "{code}", "{name} ({parent}) dot 1",
            )
        )  # fmt: skip
        what = "học tập NQ" if self.campaign.items.reflections == "no" else "thu hoạch"
        made = shape.format(what=what, name=name, parent=parent, short=short, code=code)
        return (ascii_name(made) if shape.startswith(("Bao", "BAO")) else made).replace("/", "-")[:90] + ".xlsx"


def ascii_name(text: str) -> str:
    """Return a text without diacritics, as people name files."""
    bare = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(letter for letter in bare if not unicodedata.combining(letter))
