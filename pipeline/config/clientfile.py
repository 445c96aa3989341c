"""The shape of a client file and of `owner.toml`: what an owner writes down about a client, and about themselves."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, field_validator, model_validator

from pipeline.config.values import Email, Hours, Section, Window, Zone
from pipeline.domain.claims import LateTerms
from pipeline.domain.client import Client, Engagement, LookBack, Milestone
from pipeline.domain.ids import ClientId
from pipeline.domain.ledger import Money


def _money(value: object) -> object:
    """Take TOML numbers by what was written, never through a float's digits."""
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _lines(value: object) -> object:
    """One note or several."""
    return (value,) if isinstance(value, str) else value


_PER_YEAR = {"year": 1, "annum": 1, "yearly": 1, "month": 12, "monthly": 12}
"""How often a rate of the contract falls due in a year."""

Amount = Annotated[Decimal, BeforeValidator(_money)]


class Contact(Section):
    """A person at the client: `[[contacts]]`."""

    email: Email
    name: str | None = None
    role: str | None = None


class ScopeTable(Section):
    """What was agreed, as a table: `[scope]`."""

    items: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()
    excluded: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()
    revision_rounds: Annotated[int, Field(ge=0)] | None = None
    rounds_used: Annotated[int, Field(ge=0)] | None = None
    price: Amount | None = None
    currency: str | None = None
    fixed_price: bool | None = None


class LateFee(Section):
    """A late fee as the contract has it: `[late_fee]`."""

    text: str | None = None
    percent: Amount | None = None
    per: str | None = None
    fixed: Amount | None = None
    currency: str | None = None
    from_contract: bool = True

    def words(self) -> str | None:
        """The fee as a letter may name it."""
        if self.text:
            return self.text
        if self.percent is not None:
            return f"{self.percent.normalize():f}% {'per ' + self.per if self.per else ''}".strip()
        if self.fixed is not None:
            return f"{self.currency or ''} {self.fixed}".strip()
        return None

    def terms(self) -> LateTerms | None:
        """The same in figures; None where the words alone say it, and nothing is worked out from words."""
        times = _PER_YEAR.get((self.per or "").strip().lower().removeprefix("per ").removeprefix("a "))
        percent = self.percent * times if self.percent is not None and times is not None else None
        fixed = Money(self.currency.upper(), self.fixed) if self.fixed is not None and self.currency else None
        return LateTerms(percent, fixed) if percent is not None or fixed is not None else None


def _scope(value: object) -> object:
    """A plain list of items is the short form of the table."""
    return {"items": value} if isinstance(value, list | tuple | str) else value


def _fee(value: object) -> object:
    """The contract's words are the short form of the table."""
    return {"text": value} if isinstance(value, str) else value


Scope = Annotated[ScopeTable, BeforeValidator(_scope)]


class Project(Section):
    """One project: `[[engagements]]`."""

    project: str
    scope: Scope = ScopeTable()
    revision_rounds: Annotated[int, Field(ge=0)] | None = None
    rounds_used: Annotated[int, Field(ge=0)] | None = None
    price: Amount | None = None
    currency: str | None = None

    def engagement(self) -> Engagement:
        """As the domain has it; what the project says itself wins over its scope table."""
        return Engagement(
            project=self.project,
            scope=self.scope.items,
            revision_rounds=self.revision_rounds if self.revision_rounds is not None else self.scope.revision_rounds,
            rounds_used=self.rounds_used if self.rounds_used is not None else self.scope.rounds_used,
            price=self.price if self.price is not None else self.scope.price,
            currency=self.currency or self.scope.currency,
            fixed_price=self.scope.fixed_price,
        )


class LookBackTable(Section):
    """The owner's own figures about a client: `[look_back]`. What is not given is not known."""

    duration_ratio: Annotated[float, Field(gt=0)] | None = None
    unpaid_rework_rounds: Annotated[int, Field(ge=0)] | None = None
    scope_growth_percent: Annotated[int, Field(ge=0)] | None = None
    change_orders_refused: Annotated[int, Field(ge=0)] | None = None
    hours_share_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    revenue_share_percent: Annotated[int, Field(ge=0, le=100)] | None = None
    effective_rate_percent: Annotated[int, Field(ge=0)] | None = None
    projects: Annotated[int, Field(ge=1)] = 1

    @field_validator("duration_ratio", mode="before")
    @classmethod
    def _plain(cls, value: object) -> object:
        return float(value) if isinstance(value, Decimal) else value

    def look_back(self) -> LookBack:
        """As the domain has it."""
        return LookBack(**self.model_dump())


_MILESTONE_KEYS = {
    "due": ("due", "due_on", "date", "deadline", "promised", "promised_for", "delivery", "deliver_by", "by"),
    "delivered_on": ("delivered_on", "delivered", "done", "done_on", "completed", "completed_on", "finished"),
    "approval_asked_on": (
        "approval_asked_on",
        "approval_asked",
        "approval_requested",
        "approval_requested_on",
        "sent_for_approval",
    ),
    "approved_on": ("approved_on", "approved", "signed_off", "signed_off_on", "accepted"),
}


def _milestone(number: int, table: Mapping[str, Any]) -> Milestone:
    """A milestone by whatever the owner calls its days; what is no day is not read."""
    name = next(
        (str(table[key]) for key in ("name", "title", "what", "milestone") if table.get(key)), f"milestone {number}"
    )
    return Milestone(name, **{field: _first_day(table, keys) for field, keys in _MILESTONE_KEYS.items()})


def _first_day(table: Mapping[str, Any], keys: Iterable[str]) -> date | None:
    for key in keys:
        value = table.get(key)
        if isinstance(value, datetime):
            return value.date()
        if isinstance(value, date):
            return value
        if isinstance(value, str):
            try:
                return datetime.fromisoformat(value.strip()).date()
            except ValueError:
                continue
    return None


class ClientFile(Section):
    """A client file, `clients/*.toml` beside the config."""

    name: str
    emails: Annotated[tuple[Email, ...], BeforeValidator(_lines)] = ()
    domains: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()
    contacts: tuple[Contact, ...] = ()
    timezone: Zone | None = None
    working_hours: Hours | None = None
    holidays_region: str | None = None
    language: str | None = None
    pause_allowed: bool = False
    late_fee: Annotated[LateFee, BeforeValidator(_fee)] | None = None
    business: bool = False
    """They buy as a business, not as a consumer: only then may interest or a fixed sum be worked out."""
    jurisdiction: Annotated[str, Field(pattern=r"^[A-Z]{2}(-[A-Z0-9]{1,3})?$")] | None = None
    """Whose law on late payment applies, as law.toml names it."""
    project: str | None = None
    scope: Scope = ScopeTable()
    revision_rounds: Annotated[int, Field(ge=0)] | None = None
    rounds_used: Annotated[int, Field(ge=0)] | None = None
    price: Amount | None = None
    currency: str | None = None
    engagements: tuple[Project, ...] = ()
    milestones: tuple[dict[str, Any], ...] = ()
    ladder_profile: Literal["seed", "patient"] | None = None
    l0_opt_in: bool = False
    off_hours_allowed: bool = False
    look_back: LookBackTable = LookBackTable()
    accesses: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()
    """Accounts, domains, keys of the client's that the owner holds: the list to hand over when they part."""
    notes: Annotated[tuple[str, ...], BeforeValidator(_lines)] = ()

    @model_validator(mode="after")
    def _reachable(self) -> "ClientFile":
        if not (self.emails or self.contacts or self.domains):
            raise ValueError("give at least one of emails, contacts or domains; mail is recognised by them")
        return self

    def client_addresses(self) -> tuple[str, ...]:
        """Every address of the client, lower case, each once."""
        given = [*self.emails, *(contact.email for contact in self.contacts)]
        return tuple(dict.fromkeys(email.lower() for email in given))

    def client(self, client_id: ClientId) -> Client:
        """The client as the domain has it, under the id that the store gave it."""
        own = Project(
            project=self.project or self.name,
            scope=self.scope,
            revision_rounds=self.revision_rounds,
            rounds_used=self.rounds_used,
            price=self.price,
            currency=self.currency,
        ).engagement()
        has_own = self.project is not None or own != Engagement(project=own.project)
        return Client(
            id=client_id,
            name=self.name,
            emails=self.client_addresses(),
            domains=tuple(domain.lower().lstrip("@") for domain in self.domains),
            hours=(self.working_hours or Window()).on(self.timezone, self.holidays_region) if self.timezone else None,
            language=self.language,
            pause_allowed=self.pause_allowed,
            late_fee=self.late_fee.words() if self.late_fee else None,
            late_terms=self.late_fee.terms() if self.late_fee else None,
            jurisdiction=self.jurisdiction,
            business=self.business,
            ladder_profile=self.ladder_profile,
            l0_opt_in=self.l0_opt_in,
            engagements=(*((own,) if has_own else ()), *(project.engagement() for project in self.engagements)),
            milestones=tuple(_milestone(i, table) for i, table in enumerate(self.milestones, 1)),
            off_hours_allowed=self.off_hours_allowed,
            look_back=self.look_back.look_back(),
            notes=self.notes,
        )
