"""The shape of `config.toml`: pydantic models, one a section. Unknown keys are refused; every field has its unit in its name."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.config.secrets import Secret
from pipeline.config.values import Email, Hours, Section, Weekday, Window, Zone
from pipeline.domain.client import WorkingHours


class Identity(Section):
    """One of the owner's addresses. A reply comes from the one that was addressed."""

    email: Email
    name: str | None = None
    signature: str | None = None
    """Lines under the name, such as a phone number; the name itself stands in the draft."""


class Owner(Section):
    """Who the owner is and when they work."""

    name: str
    email: Email
    identities: tuple[Identity, ...] = ()
    timezone: Zone = "UTC"
    working_hours: Hours = Window()
    holidays_region: str | None = None
    language: str = "en"
    update_days: tuple[Weekday, ...] = ("tue", "fri")
    """The fixed slots in which clients hear how it is going."""
    answer_in_workdays: Annotated[int, Field(ge=1, le=30)] = 3
    """How long a client is given when a reply asks for an answer by a date."""
    signature: str | None = None
    links: tuple[str, ...] = ()
    """URLs that replies may carry, such as a payment page."""

    def hours(self) -> WorkingHours:
        """The owner's working hours on the owner's clock."""
        return self.working_hours.on(self.timezone, self.holidays_region)

    def emails(self) -> frozenset[str]:
        """All own addresses, lower case."""
        return frozenset({self.email.lower(), *(i.email.lower() for i in self.identities)})


class Folders(Section):
    """Folder names, where the server does not say which is which."""

    inbox: str | None = None
    sent: str | None = None
    drafts: str | None = None
    trash: str | None = None


class Smtp(Section):
    """How to send, for `delivery = "smtp"`. Off unless it is configured and chosen."""

    host: str
    port: Annotated[int, Field(ge=1, le=65535)] = 465
    security: Literal["tls", "starttls", "plain"] = "tls"
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 60.0


class ImapAccount(Section):
    """A mailbox behind IMAP."""

    kind: Literal["imap"]
    id: str
    """Immutable: everything that is remembered hangs on it."""
    host: str
    port: Annotated[int, Field(ge=1, le=65535)] | None = None
    security: Literal["tls", "starttls", "plain"] = "tls"
    """`plain` is refused for anything but this machine itself."""
    user: str
    password: Secret
    auth: Literal["password", "xoauth2", "oauthbearer"] = "password"
    ca_file: Path | None = None
    timeout_s: Annotated[float, Field(gt=0, le=600)] = 30.0
    folders: Folders = Folders()
    delivery: Literal["drafts", "smtp"] = "drafts"
    smtp: Smtp | None = None
    authserv_id: str | None = None
    """The name under which your own server writes Authentication-Results; without it senders are "unchecked"."""

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.delivery == "smtp" and self.smtp is None:
            raise ValueError('delivery = "smtp" needs a section [accounts.smtp]')
        return self


class FolderAccount(Section):
    """A directory with `inbox/*.eml` and `sent/*.eml`; drafts are written to `drafts/`."""

    kind: Literal["folder"]
    id: str
    path: Path
    authserv_id: str | None = None


Account = Annotated[ImapAccount | FolderAccount, Field(discriminator="kind")]


class Clients(Section):
    """Who counts as a client."""

    dir: Path = Path("clients")
    """Client files, one TOML each; relative to the config file."""
    unknown_senders: Literal["ignore", "triage"] = "ignore"
    """`ignore`: mail from strangers is not even fetched. `triage`: people who write are judged; bulk mail is not."""


class Judge(Section):
    """Who reads the mail."""

    kind: Literal["auto", "embedded", "one_call"] = "auto"
    """`auto`: the endpoint of [llm] if there is one, else the embedded judge."""
    fallback: Literal["park", "embedded"] = "park"
    """What becomes of a mail on which the endpoint's answer stays unusable: a person's, or the embedded judge's."""


class Writer(Section):
    """Who words the replies."""

    kind: Literal["auto", "template", "written"] = "auto"


class Price(Section):
    """What a model costs, in your currency per million tokens, where the price list does not know it."""

    input: Annotated[float, Field(ge=0)]
    output: Annotated[float, Field(ge=0)]
    cached_input: Annotated[float, Field(ge=0)] | None = None
    currency: str = "USD"


class Llm(Section):
    """An OpenAI-compatible endpoint."""

    base_url: str = "https://api.openai.com/v1"
    model: str
    api_key: Secret | None = None
    writer_model: str | None = None
    timeout_s: Annotated[float, Field(gt=0, le=3600)] = 120.0
    in_flight: Annotated[int, Field(ge=1, le=64)] = 4
    max_tokens: Annotated[int, Field(ge=64)] = 1500
    temperature: Annotated[float, Field(ge=0, le=2)] | None = 0.0
    service_tier: str | None = None
    daily_budget: Annotated[float, Field(ge=0)] | None = None
    """Stop before this much is spent in a day, in US dollars, or in the currency of [llm.price]."""
    daily_tokens: Annotated[int, Field(ge=0)] | None = None
    hourly_calls: Annotated[int, Field(ge=1)] | None = None
    price: Price | None = None
    redact: Literal["auto", "always", "never"] = "auto"
    """Cards, IBANs and secrets become placeholders; `auto`: unless the endpoint is on this machine."""


class Replies(Section):
    """Which mail gets a reply."""

    ordinary: bool = False
    """Also propose replies to ordinary questions and thanks."""


class Invoices(Section):
    """The ledger."""

    fresh_for: str = "24h"
    """How old the last import may be for a chase: `24h`, `7d`."""
    watch: Path | None = None
    """A directory of exports that is imported on each run."""
    ladder: str = "seed"
    currencies: tuple[str, ...] = ()
    """The currencies you invoice in; empty means any."""
    legal_words: bool = False
    """A lawyer has checked your wording: letters from L4 on may name legal steps."""


class Store(Section):
    """Where everything is remembered."""

    path: Path | None = None
    """The database file; by default in the platform's data directory."""
    keep_raw_days: Annotated[int, Field(ge=1)] = 365


class Run(Section):
    """What one run may do."""

    first_days: Annotated[int, Field(ge=0)] = 7
    max_new: Annotated[int, Field(ge=1)] = 200
    deadline_s: Annotated[float, Field(gt=0)] = 900.0
    max_mail_mb: Annotated[int, Field(ge=1)] = 25


class Notices(Section):
    """A word to yourself after a run that left something new for you. Counts only: no client's name, subject or words."""

    notify: tuple[str, ...] = ()
    """A command to run; what is new is its last argument. No shell reads it."""
    mail: str | None = None
    """The id of the account whose [accounts.smtp] sends a short mail from you to yourself."""
    timeout_s: Annotated[float, Field(gt=0, le=60)] = 10.0
    """How long the command may take."""


class Config(Section):
    """The whole file."""

    owner: Owner
    accounts: tuple[Account, ...] = Field(min_length=1)
    clients: Clients = Clients()
    judge: Judge = Judge()
    writer: Writer = Writer()
    llm: Llm | None = None
    replies: Replies = Replies()
    invoices: Invoices = Invoices()
    store: Store = Store()
    run: Run = Run()
    notices: Notices = Notices()
    prompts_dir: Path | None = None
    """Your own prompts: files here win over the shipped ones of the same name."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = [account.id for account in self.accounts]
        doubled = sorted({i for i in ids if ids.count(i) > 1})
        if doubled:
            raise ValueError(f"two accounts have the id {doubled[0]!r}; each needs its own")
        if self.judge.kind == "one_call" and self.llm is None:
            raise ValueError('[judge] kind = "one_call" needs a section [llm]')
        if self.notices.mail is not None and self.sender_of_notices() is None:
            raise ValueError(
                f"[notices] mail = {self.notices.mail!r} needs an account of that id with a section [accounts.smtp]"
                ' (its delivery may stay "drafts"); where there is none, use notify'
            )
        if self.writer.kind == "written" and self.llm is None:
            raise ValueError('[writer] kind = "written" needs a section [llm]')
        return self

    def sender_of_notices(self) -> ImapAccount | None:
        """The account that mails notices; None where none is to, or the one that is named cannot send."""
        named = (account for account in self.accounts if account.id == self.notices.mail)
        found = next(named, None)
        return found if isinstance(found, ImapAccount) and found.smtp is not None else None
