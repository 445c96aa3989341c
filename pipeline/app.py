"""Puts everything together from the config. The only place that names adapters."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from pipeline.classify.ports import Judge
from pipeline.config.load import load_client_files, store_path
from pipeline.config.models import Account, Config, ImapAccount
from pipeline.domain.ids import AccountId
from pipeline.domain.strategy import Strategy
from pipeline.draft.ports import Writer
from pipeline.errors import ConfigError
from pipeline.guard import GuardWords, load_guard_words
from pipeline.mail.ports import MailDrop, MailSource, Role
from pipeline.playbook import Playbook, Taxonomy, load_playbook
from pipeline.playbook.load import load_taxonomy
from pipeline.prompts import PromptLibrary
from pipeline.resources import shipped
from pipeline.run.desk import Desk, Mailbox, Records
from pipeline.run.examples import style_examples
from pipeline.run.rulebook import take_over_rules
from pipeline.store import clients
from pipeline.store.database import Database
from pipeline.store.llm_calls import CallBook

if TYPE_CHECKING:
    from pipeline.invoices.law import LawFact
    from pipeline.llm import CallLog, EndpointMemory, EndpointModel

    class Calls(CallLog, EndpointMemory, Protocol):
        """Where calls to an endpoint are written down, and what was learned of it."""


Clock = Callable[[], datetime]
_DEFAULT_PORT = {"tls": 993, "starttls": 143, "plain": 143}


def wall_clock() -> datetime:
    """The time now, in UTC."""
    return datetime.now(UTC)


def fixed_clock(now: datetime) -> Clock:
    """A clock that stands at one moment, for `--now`."""
    return lambda: now


def open_store(config: Config, clock: Clock) -> Database:
    """The store of a config, brought to the newest schema."""
    db = Database(store_path(config))
    db.upgrade(clock())
    return db


def library_of(config: Config | None) -> PromptLibrary:
    """The shipped prompts, with the owner's own before them."""
    return PromptLibrary(config.prompts_dir if config else None, shipped("prompts"))


def playbook_of(library: PromptLibrary) -> Playbook:
    """The taxonomy, the playbook and the plays. Raises PlaybookError with all their problems."""
    return load_playbook(lambda name: library.source(name).text, library.names())


def law_of(config: Config) -> "tuple[LawFact, ...]":
    """The table of laws on late payment, the owner's own before the shipped one. Raises ConfigError."""
    from pipeline.invoices.law import read_law

    return read_law(library_of(config).source("law.toml").text)


def taxonomy_of(library: PromptLibrary) -> Taxonomy:
    """The labels alone: reading every play takes longer than most commands. Raises PlaybookError."""
    return load_taxonomy(lambda name: library.source(name).text, library.names())


def guard_words_of(library: PromptLibrary) -> GuardWords:
    """The guard's word lists, the owner's own before the shipped ones."""
    return load_guard_words(lambda name: library.source(f"guard/{name}").text)


def keep_clients(db: Database, config: Config, clock: Clock) -> int:
    """Take the client files over into the store; gives how many clients the files name. Writes only what changed."""
    files = load_client_files(config.clients.dir)
    if files:
        with db.read() as tx:
            same = all(clients.is_kept(tx, file) for _, file in files)
        if not same:
            with db.write() as tx:
                for _, file in files:
                    clients.keep(tx, file, clock())
    return len(files)


def model_of(config: Config, calls: "Calls", clock: Clock) -> "EndpointModel":
    """The endpoint of [llm]. Raises ConfigError if there is no such section."""
    from pipeline.llm import EndpointModel, Limits

    if config.llm is None:
        raise ConfigError("The config has no section [llm].", fix="firmly config example shows one.")
    limits = Limits.of(config.llm, config.owner.hours().timezone)
    return EndpointModel(config.llm, log=calls, memory=calls, clock=clock, limits=limits)


def wants_endpoint(config: Config | None, kind: str) -> bool:
    """Whether a judge or writer of this kind is the endpoint's: `auto` is, where there is one."""
    return config is not None and config.llm is not None and kind in {"auto", "one_call", "written"}


def judge_of(config: Config | None, playbook: Playbook, library: PromptLibrary, model: "EndpointModel | None") -> Judge:
    """The judge that the config names; the embedded one where there is no endpoint."""
    if config is None or model is None or not wants_endpoint(config, config.judge.kind):
        return _embedded(playbook)
    from pipeline.classify.fallback import FallbackJudge
    from pipeline.classify.one_call import OneCallJudge

    judge = OneCallJudge(model, library, playbook.taxonomy)
    return judge if config.judge.fallback == "park" else FallbackJudge(judge, _embedded(playbook))


def _embedded(playbook: Playbook) -> Judge:
    from pipeline.classify.embedded import EmbeddedJudge

    return EmbeddedJudge.for_taxonomy(playbook.taxonomy)


def build_records(config: Config, clock: Clock) -> Records:
    """What the cards and papers of clients are read from. Letters are not checked: nothing is written here."""
    library = library_of(config)
    playbook = load_playbook(lambda name: library.source(name).text, library.names(), check_letters=False)
    db = open_store(config, clock)
    keep_clients(db, config, clock)
    take_over_rules(db, playbook.taxonomy, clock())
    mailboxes = {AccountId(a.id): mailbox_of(a, config, lambda: None) for a in config.accounts}
    return Records(db=db, config=config, mailboxes=mailboxes, playbook=playbook, clock=clock)


def build_desk(config: Config, clock: Clock, *, deadline: Callable[[], float | None] = lambda: None) -> Desk:
    """Everything a run works with."""
    from pipeline.draft.template import TemplateWriter

    library = library_of(config)
    playbook = playbook_of(library)
    db = open_store(config, clock)
    keep_clients(db, config, clock)
    take_over_rules(db, playbook.taxonomy, clock())
    plain = TemplateWriter(playbook, library)
    asks = wants_endpoint(config, config.judge.kind) or wants_endpoint(config, config.writer.kind)
    book = CallBook(db)
    model = model_of(config, book, clock) if asks else None
    judge = judge_of(config, playbook, library, model)
    words = guard_words_of(library)
    return Desk(
        db=db,
        config=config,
        mailboxes={AccountId(a.id): mailbox_of(a, config, deadline) for a in config.accounts},
        playbook=playbook,
        guard_words=words,
        judge=judge,
        writer=writer_of(config, model, library, playbook, plain, style_examples(db, playbook, words)),
        plain=plain,
        in_flight=config.llm.in_flight if config.llm and judge.name != "embedded" else 1,
        clock=clock,
        post=post_of(config, deadline),
        closers=(*((model.close,) if model else ()), book.close, db.close),
    )


def writer_of(
    config: Config,
    model: "EndpointModel | None",
    library: PromptLibrary,
    playbook: Playbook,
    plain: Writer,
    examples: Callable[[Strategy], tuple[str, ...]],
) -> Writer:
    """The writer that the config names; `plain` where there is no endpoint."""
    if model is None or not wants_endpoint(config, config.writer.kind):
        return plain
    from pipeline.draft.written import WrittenWriter

    asked = config.llm.writer_model if config.llm else None
    return WrittenWriter(model, library, playbook, plain=plain, writer_model=asked, examples=examples)


def mailbox_of(account: Account, config: Config, deadline: Callable[[], float | None]) -> Mailbox:
    """How to open an account."""
    if account.kind == "folder":
        return Mailbox(AccountId(account.id), *_folder(account.path), account.authserv_id)
    return Mailbox(AccountId(account.id), *_imap(account, config, deadline), account.authserv_id)


def _folder(path: Path) -> tuple[Callable[[], MailSource], Callable[[], MailDrop]]:
    from pipeline.mail.folder import FolderDrop, FolderSource

    return (lambda: FolderSource(path)), (lambda: FolderDrop(path))


def _imap(
    account: ImapAccount, config: Config, deadline: Callable[[], float | None]
) -> tuple[Callable[[], MailSource], Callable[[], MailDrop]]:
    from pipeline.mail.endpoint import Auth, Security
    from pipeline.mail.imap import ImapDrop, ImapSettings, ImapSource

    names = {Role(role): name for role, name in account.folders.model_dump().items() if name}
    settings = ImapSettings(
        host=account.host,
        port=account.port or _DEFAULT_PORT[account.security],
        username=account.user,
        secret=account.password.fetch,
        security=Security(account.security),
        auth=Auth(account.auth),
        ca_file=account.ca_file,
        timeout_s=account.timeout_s,
        deadline=deadline,
        folders=names,
        max_mail_bytes=config.run.max_mail_mb * 2**20,
    )
    if account.delivery == "smtp" and account.smtp is not None:
        return (lambda: ImapSource(settings)), _smtp(account, deadline)
    return (lambda: ImapSource(settings)), (lambda: ImapDrop(settings))


def post_of(config: Config, deadline: Callable[[], float | None]) -> Callable[[], MailDrop] | None:
    """How to send a notice to the owner; None where [notices] names no account."""
    sender = config.sender_of_notices()
    return _smtp(sender, deadline) if sender is not None else None


def _smtp(account: ImapAccount, deadline: Callable[[], float | None]) -> Callable[[], MailDrop]:
    from pipeline.mail.endpoint import Auth, Endpoint, Security
    from pipeline.mail.smtp import SmtpDrop

    smtp = account.smtp
    if smtp is None:
        raise ConfigError(f"The account {account.id} has no section [accounts.smtp].")
    password = smtp.password or account.password
    settings = Endpoint(
        host=smtp.host,
        port=smtp.port,
        username=smtp.user or account.user,
        secret=password.fetch,
        security=Security(smtp.security),
        ca_file=smtp.ca_file,
        timeout_s=smtp.timeout_s,
        auth=Auth(account.auth),
        deadline=deadline,
    )
    return lambda: SmtpDrop(settings)
