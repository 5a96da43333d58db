"""The field's words as frozen types: organisations, projects, calls, regions, and where each fact comes from.

Nothing here reads, writes, or knows a vocabulary; `ingest` checks names against the taxonomies and regions.
What is not known is None (or absent), never an empty value: `needs=None` says that no source tells,
`needs=()` says that a source tells there are none.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, Literal, NamedTuple

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    model_validator,
)

MAX_TEXT = 20_000
MAX_ITEMS = 500


def _plain(value: str) -> str:
    if any(ord(c) < 32 and c not in "\n\t" for c in value):
        raise ValueError("holds control characters")
    return " ".join(value.split())


def _web(value: str) -> str:
    if not value.startswith(("https://", "http://")) or any(c.isspace() for c in value):
        raise ValueError("is no web address; it begins with https:// or http://")
    return value


def _tuple_or_unknown(value: Any) -> Any:
    return None if value == "unknown" else value


Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:-]{0,79}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(_plain)]
Line = Annotated[str, StringConstraints(min_length=1, max_length=500), AfterValidator(_plain)]
Url = Annotated[str, StringConstraints(max_length=2000), AfterValidator(_web)]
Language = Annotated[str, StringConstraints(pattern=r"^[a-z]{2,3}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._-]{1,60}$")]
Codes = Annotated[tuple[Code, ...], Field(max_length=MAX_ITEMS)]
Year = Annotated[int, Field(ge=1000, le=2200)]


class Frozen(BaseModel):
    """Base of all records: immutable, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Status(StrEnum):
    """How far a fact can be relied on."""

    VERIFIED = "verified"
    UNVERIFIED = "unverified"
    UNKNOWN = "unknown"


class OrganisationType(StrEnum):
    """What kind of organisation it is."""

    SME = "sme"
    LARGE_COMPANY = "large-company"
    RESEARCH_ORGANISATION = "research-organisation"
    UNIVERSITY = "university"
    CLUSTER = "cluster"
    PUBLIC_AUTHORITY = "public-authority"
    END_USER = "end-user"


def _spelt(value: Any) -> Any:
    return value.strip().lower().replace(" ", "-").replace("_", "-") if isinstance(value, str) else value


TypeOfOrganisation = Annotated[OrganisationType, BeforeValidator(_spelt)]


class Provenance(Frozen):
    """Where a fact was read, when, and how far it is verified."""

    source: Url | None = None
    seen: date | None = None
    status: Status = Status.UNKNOWN


class Doubt(Frozen):
    """A contradiction between sources that a person must settle."""

    field: Line
    text: Text
    source: Url | None = None


class RegionRef(Frozen):
    """A region by its NUTS code and the version of NUTS the code belongs to."""

    code: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9]{0,3}$")]
    version: Annotated[str, StringConstraints(pattern=r"^20\d\d$")] = "2024"


class Statement(Provenance):
    """One thing that a record says, with its own source: an offer, a need, a priority."""

    text: Text
    capabilities: Codes = ()
    stages: Codes = ()
    sectors: Codes = ()
    technologies: Codes = ()


class Offer(Statement):
    """What an organisation can bring to a partner."""


class Need(Statement):
    """What an organisation looks for."""


Needs = Annotated[Annotated[tuple[Need, ...], Field(max_length=MAX_ITEMS)] | None, BeforeValidator(_tuple_or_unknown)]
Offers = Annotated[Annotated[tuple[Offer, ...], Field(max_length=MAX_ITEMS)] | None, BeforeValidator(_tuple_or_unknown)]


class Identifiers(Frozen):
    """Public identifiers of an organisation."""

    pic: Annotated[str, StringConstraints(pattern=r"^\d{9}$")] | None = None
    ror: Annotated[str, StringConstraints(pattern=r"^https://ror\.org/0[a-z0-9]{8}$")] | None = None
    vat: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}[A-Z0-9+*.]{2,15}$")] | None = None


class Record(Frozen):
    """What every record of the directory has."""

    id: Id
    name: Line
    website: Url | None = None
    s3_areas: Codes = ()
    description: Text | None = None
    provenance: dict[str, Provenance] = Field(default_factory=dict)
    doubts: tuple[Doubt, ...] = ()

    @model_validator(mode="after")
    def _provenance_names_fields(self) -> Record:
        wrong = sorted(set(self.provenance) - set(type(self).model_fields) - {"default"})
        if wrong:
            raise ValueError(f"provenance of {', '.join(wrong)}: no such field here")
        return self

    def source_of(self, field: str) -> Provenance:
        """Provenance of a field: its own, else the record's default, else unknown."""
        return self.provenance.get(field) or self.provenance.get("default") or Provenance()


class Organisation(Record):
    """An organisation that may become a partner."""

    kind: Literal["organisation"] = "organisation"
    short_name: Line | None = None
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    region: RegionRef | None = None
    type: TypeOfOrganisation | None = None
    ids: Identifiers = Identifiers()
    languages: Annotated[tuple[Language, ...], Field(max_length=50)] = ()
    capabilities: Codes = ()
    stages: Codes = ()
    sectors: Codes = ()
    technologies: Codes = ()
    offers: Offers = None
    needs: Needs = None
    projects: Annotated[tuple[Id, ...], Field(max_length=5000)] = ()

    @property
    def label(self) -> str:
        """The name people use."""
        return self.short_name or self.name

    @property
    def place(self) -> str | None:
        """Code of the narrowest region known to hold it: its region, else its country, else None."""
        return self.region.code if self.region else self.country

    @model_validator(mode="after")
    def _region_lies_in_country(self) -> Organisation:
        if self.region and self.country and self.region.code[:2] != self.country:
            raise ValueError(f"region {self.region.code} does not lie in country {self.country}")
        return self


class Region(Record):
    """A region with its Smart Specialisation Strategy."""

    kind: Literal["region"] = "region"
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
    region: RegionRef
    names: dict[Language, Line] = Field(default_factory=dict)
    priorities: tuple[Statement, ...] = ()


class Participant(Frozen):
    """Who takes part in a project, as published; `organisation` is the id of its record when there is one."""

    name: Line
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    region: RegionRef | None = None
    organisation: Id | None = None
    role: Literal["coordinator", "participant", "associated-partner", "third-party"] = "participant"


class Project(Record):
    """A project that organisations did together."""

    kind: Literal["project"] = "project"
    acronym: Line | None = None
    framework: Line | None = None
    number: Code | None = None
    start: date | Year | None = None
    end: date | Year | None = None
    capabilities: Codes = ()
    topics: Annotated[tuple[Line, ...], Field(max_length=MAX_ITEMS)] = ()
    keywords: Annotated[tuple[Line, ...], Field(max_length=MAX_ITEMS)] = ()
    euroscivoc: Annotated[tuple[Line, ...], Field(max_length=MAX_ITEMS)] = ()
    participants: tuple[Participant, ...] = ()


class ListedOrganisation(Frozen):
    """An organisation as a partnership lists it, beside the record it is taken for."""

    listed_as: Line
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] | None = None
    organisation: Id | None = None


class Partnership(Record):
    """An S3 partnership of regions."""

    kind: Literal["partnership"] = "partnership"
    established: Year | None = None
    objectives: tuple[Text, ...] = ()
    lead: tuple[Id, ...] = ()
    regions: tuple[Id, ...] = ()
    organisations: tuple[ListedOrganisation, ...] = ()
    projects: tuple[Id, ...] = ()


class Call(Record):
    """A call for proposals."""

    kind: Literal["call"] = "call"
    programme: Line | None = None
    action_type: Line | None = None
    opens: date | None = None
    deadline: date | None = None
    budget_eur: Annotated[float, Field(ge=0, allow_inf_nan=False)] | None = None
    text: Annotated[str, StringConstraints(min_length=1, max_length=200_000)] | None = None


AnyRecord = Annotated[Organisation | Region | Project | Partnership | Call, Field(discriminator="kind")]
KINDS: dict[str, type[Record]] = {
    "organisation": Organisation,
    "region": Region,
    "project": Project,
    "partnership": Partnership,
    "call": Call,
}
record_adapter: TypeAdapter[Any] = TypeAdapter(AnyRecord)


class Role(StrEnum):
    """What a passage of a record is: it tells what an organisation is and does, brings, or looks for."""

    ABOUT = "about"
    OFFER = "offer"
    NEED = "need"


class Passage(NamedTuple):
    """A sentence of a record, small enough to be encoded whole and to be quoted.

    weight: 0 to 1, how much it counts in means: 1 for what a record says itself, less for what its projects show.
    """

    role: Role
    field: str
    text: str
    weight: float = 1.0


class Tag(NamedTuple):
    """A concept found in a text, with the words that prove it.

    score: 0 to 1, larger is surer; quote: verbatim words of the text; how: "words", "meaning", or "stated" (by the
    record).
    """

    concept: str
    score: float
    quote: str
    how: str


def statements(organisation: Organisation) -> Iterator[tuple[Role, str, Statement]]:
    """Offers and needs of an organisation with their role and field name, in order."""
    for i, offer in enumerate(organisation.offers or ()):
        yield Role.OFFER, f"offers[{i}]", offer
    for i, need in enumerate(organisation.needs or ()):
        yield Role.NEED, f"needs[{i}]", need


class QuotedPassage(NamedTuple):
    """A passage as quoted in a match.

    contribution: by how much the score would fall, had this passage not been written (negative: would rise).
    """

    field: str
    text: str
    contribution: float


class Quote(NamedTuple):
    """Two passages that matched: ours, theirs, the component they speak for, and their likeness (0 to 1)."""

    component: str
    ours: QuotedPassage
    theirs: QuotedPassage
    likeness: float


class ScoreComponent(NamedTuple):
    """One part of a score.

    value: 0 to 1, or None when unknown; weight: its share; contribution: weight times value (times the neutral
    value when unknown), all contributions add up to the score; evidence: what it rests on, as JSON-ready data.
    """

    name: str
    value: float | None
    weight: float
    contribution: float
    evidence: dict[str, Any]


class Match(NamedTuple):
    """A candidate for partnership with its score (0 to 1) and the reasons.

    relation: complementary (one has what the other needs or lacks), similar (both do the same), competing (both
    sell the same at the same stage); good: whether it deserves to be proposed at all.
    """

    organisation: Organisation
    score: float
    good: bool
    relation: str
    reason: str
    components: tuple[ScoreComponent, ...]
    quotes: tuple[Quote, ...]
