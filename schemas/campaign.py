"""The plan of one study campaign, as written in `campaign.toml`.

Everything that differs between the five plans the project was built on is a setting here; nothing
of a particular plan stands in the code. Where a default is taken from a plan, the field says which.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from functools import cached_property
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, field_validator, model_validator

from .mailbox import Mailbox
from .outbox import Outbox

VIETNAM = timezone(timedelta(hours=7), "Asia/Ho_Chi_Minh")  # no daylight saving since 1975

Day = date  # for classes that have a field of that name
Asked = Literal["required", "optional", "no"]
Severity = Literal["error", "query", "info", "off"]
Level = Literal["province", "district", "grassroots", "branch"]
Identifier = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=40)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]

_LONGEST_BEFORE = timedelta(days=183)  # in the plans, three months lie between the first study and the first due date

LEVELS: tuple[Level, ...] = ("province", "district", "grassroots", "branch")


class Plan(BaseModel):
    """A part of the plan: unknown keys are refused, so that a typo is never a silent default."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Deadline(Plan):
    """A day by which something is done, Vietnamese time.

    The plans say both "before 29 April" and "29 April at the latest" (both in 004), so whether
    the day itself still counts is a setting of each deadline.
    """

    date: date
    day_counts: bool = True

    def ends(self) -> datetime:
        """Return the first moment that is too late."""
        last = self.date + timedelta(days=1) if self.day_counts else self.date
        return datetime.combine(last, time.min, VIETNAM)

    def last_day(self) -> Day:
        """Return the last day that still counts."""
        return self.date if self.day_counts else self.date - timedelta(days=1)


class Round(Plan):
    """A reporting round with its own due date."""

    id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]+$", max_length=20)]
    name: Text
    due: date
    due_day_counts: bool = True
    cumulative: bool = False  # counts include the earlier rounds'; plan 004 does not say, so off

    @property
    def deadline(self) -> Deadline:
        return Deadline(date=self.due, day_counts=self.due_day_counts)

    @cached_property
    def _ends(self) -> datetime:
        """When it is over: asked about each thing received."""
        return self.deadline.ends()

    def is_late(self, received_at: datetime) -> bool:
        return received_at >= self._ends

    def is_due(self, as_of: datetime) -> bool:
        """Whether the due date has passed, so that silence means missing."""
        return as_of >= self._ends


class Issuer(Plan):
    """Who issues the consolidated report, under what number, to whom; printed at the head and foot of the overview."""

    superior: Text
    name: Text
    place: Text
    signed_for: str = "T/M BAN THƯỜNG VỤ"
    signer: str = "PHÓ BÍ THƯ THƯỜNG TRỰC"
    email: str = ""
    number: str = ""
    recipients: tuple[Text, ...] = ()


class Tree(Plan):
    """The levels of the tree, top first. Three tiers before July 2025, two since."""

    levels: Annotated[tuple[Level, ...], Field(min_length=2)] = LEVELS

    @field_validator("levels")
    @classmethod
    def _in_order(cls, levels: tuple[Level, ...]) -> tuple[Level, ...]:
        if list(levels) != sorted(set(levels), key=LEVELS.index):
            raise ValueError(f"levels run from the top down, each once: {', '.join(LEVELS)}")
        return levels

    @property
    def top(self) -> Level:
        return self.levels[0]


class Items(Plan):
    """What a filing unit is asked for. The defaults are the form of plan 004."""

    attendees: Asked = "required"
    guests: Asked = "optional"
    reflections: Asked = "required"
    guest_reflections: Asked = "no"
    exemptions: Asked = "required"
    study_date: Asked = "optional"
    assessment: Asked = "required"
    proposals: Asked = "optional"

    def asked(self, field: str) -> Asked:
        """How an item is asked for; members always are."""
        if field == "members":
            return "required"
        asked: Asked = getattr(self, field, "optional")
        return asked


ExemptionCategory = Literal["exempt_activity", "exempt_work", "exempt_retired"]
EXEMPTION_CATEGORIES: tuple[ExemptionCategory, ...] = ("exempt_activity", "exempt_work", "exempt_retired")


class Grade(Plan):
    """A grade given to reflections or to study (plans 001, 003): a count of members each."""

    id: Identifier
    name: Text
    labels: tuple[Text, ...] = ()

    @property
    def field(self) -> str:
        return f"grade_{self.id}"


class Document(Plan):
    """A plan document that units of some levels owe: own plan, action programme."""

    id: Identifier
    name: Text
    levels: Annotated[tuple[Level, ...], Field(min_length=1)]
    labels: tuple[Text, ...] = ()
    due: Deadline | None = None

    @property
    def field(self) -> str:
        return f"doc_{self.id}"


class Rules(Plan):
    """What the numbers must satisfy, beyond the errors that hold for every plan."""

    required_writers: Literal["members_less_exempt", "members", "none"] = "members_less_exempt"
    exempt_may_write: bool = True
    attendance_rate_below: Share = 0.5  # an attendance rate under this is a query
    register_tolerance: Share = 0.2  # members may differ from members_on_register by this share


class Campaign(Plan):
    """One campaign: a resolution to be studied, with its tree, rounds, items, rules and texts."""

    id: str = ""  # the folder's name unless given
    title: Text
    resolution: Text
    plan: str = ""
    language: Literal["vi", "en"] = "vi"
    as_of: datetime | None = None  # fixed only by archived and example campaigns
    issuer: Issuer
    tree: Tree = Tree()
    rounds: Annotated[tuple[Round, ...], Field(min_length=1)]
    study_deadlines: dict[Level, Deadline] = {}
    items: Items = Items()
    exemption_categories: tuple[ExemptionCategory, ...] = ()
    grades: tuple[Grade, ...] = ()
    documents: tuple[Document, ...] = ()
    rules: Rules = Rules()
    severity: dict[str, Severity] = {}  # finding code -> how this plan takes it
    outbox: Outbox | None = None  # by which `remind --send` sends
    submissions: str = ""  # a URL of object storage, e.g. s3://bucket/prefix; else the folder of that name
    passwords: tuple[str, ...] = ()  # tried on protected workbooks
    mailbox: Mailbox | None = None  # that `fetch` reads

    @field_validator("submissions")
    @classmethod
    def _on_storage(cls, submissions: str) -> str:
        scheme, mark, place = submissions.partition("://")
        if submissions and (not mark or not place.strip("/") or scheme in ("file", "local") or "::" in submissions):
            raise ValueError("a URL of object storage, such as s3://bucket/prefix")
        return submissions

    @field_validator("as_of")
    @classmethod
    def _with_zone(cls, as_of: datetime | None) -> datetime | None:
        return as_of.replace(tzinfo=VIETNAM) if as_of and as_of.tzinfo is None else as_of

    @model_validator(mode="after")
    def _consistent(self) -> Campaign:
        ids = [r.id for r in self.rounds]
        if len(set(ids)) != len(ids):
            raise ValueError(f"rounds: each id once, found {', '.join(ids)}")
        for earlier, later in zip(self.rounds, self.rounds[1:], strict=False):
            if later.due <= earlier.due:
                raise ValueError(
                    f"rounds: in order of their due dates; round {later.id} is due {later.due}, "
                    f"not after round {earlier.id} ({earlier.due})"
                )
        part_lists = (("grades", [g.id for g in self.grades]), ("documents", [d.id for d in self.documents]))
        for name, part_ids in part_lists:
            if len(set(part_ids)) != len(part_ids):
                raise ValueError(f"{name}: each id once, found {', '.join(part_ids)}")
        absent = set(self.study_deadlines) - set(self.tree.levels)
        if absent:
            raise ValueError(f"study_deadlines: {', '.join(sorted(absent))} is no level of tree.levels")
        if self.items.exemptions == "no" and self.exemption_categories:
            raise ValueError('exemption_categories: items.exemptions is "no", so there are none to list')
        if (
            self.rules.required_writers == "members_less_exempt"
            and self.items.exemptions == "no"
            and self.items.reflections != "no"
        ):
            raise ValueError(
                'rules.required_writers: "members_less_exempt" needs items.exemptions; '
                'use "members", or ask for exemptions'
            )
        return self

    # --- what the plan says of one thing --------------------------------------------------------

    def round(self, round_id: str) -> Round:
        return next(r for r in self.rounds if r.id == round_id)

    @property
    def count_fields(self) -> tuple[str, ...]:
        """Every count asked for, in the order of the form; persons."""
        fields = ["members"]
        for field in ("attendees", "guests", "reflections", "guest_reflections", "exemptions"):
            if self.items.asked(field) != "no":
                fields.append(field)
        return (*fields, *self.exemption_categories, *(g.field for g in self.grades))

    @property
    def document_fields(self) -> tuple[str, ...]:
        """One column a plan document: 1 has it, 0 has it not yet; a parent's is the sum."""
        return tuple(document.field for document in self.documents)

    @property
    def text_fields(self) -> tuple[str, ...]:
        return tuple(f for f in ("assessment", "proposals") if self.items.asked(f) != "no")

    @property
    def has_required_writers(self) -> bool:
        return self.items.reflections != "no" and self.rules.required_writers != "none"

    @property
    def earliest_study(self) -> Day:
        """The day before which nobody studied for this campaign: a year is mistyped, or a form is an old one."""
        days = [self.rounds[0].due, *(deadline.date for deadline in self.study_deadlines.values())]
        return min(days) - _LONGEST_BEFORE

    def study_deadline(self, level: str) -> Deadline | None:
        """The study deadline of a level; a branch studies with its grassroots unit, and so on up."""
        levels: tuple[Level, ...] = self.tree.levels
        position = levels.index(level) if level in levels else len(levels) - 1
        for name in reversed(levels[: position + 1]):
            if name in self.study_deadlines:
                return self.study_deadlines[name]
        return None
