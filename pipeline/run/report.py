"""What a run did, and what it tells cron."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from pipeline.errors import ExitCode, FirmlyError


@dataclass(slots=True)
class RunReport:
    """Grows while a run goes on. `troubles` are sentences for the owner, without mail content."""

    listed: int = 0
    fetched: int = 0
    parsed: int = 0
    skipped: int = 0
    judged: int = 0
    stood_in: int = 0
    """Of those judged: by the embedded judge, because the endpoint's answer was unusable."""
    calls: int = 0
    """Requests to the endpoint, refused and failed ones included."""
    proposed: int = 0
    attention: int = 0
    parked: int = 0
    delivered: int = 0
    withdrawn: int = 0
    troubles: list[str] = field(default_factory=list)
    codes: set[ExitCode] = field(default_factory=set)
    bugs: list[BaseException] = field(default_factory=list)

    def trouble(self, code: ExitCode, sentence: str) -> None:
        """Something did not work; the run went on."""
        self.codes.add(code)
        if sentence not in self.troubles:
            self.troubles.append(sentence)

    def failure(self, error: FirmlyError) -> None:
        """An expected failure; the run went on."""
        self.trouble(error.exit_code, f"{error.message} {error.fix}".strip())

    def bug(self, error: BaseException, sentence: str) -> None:
        """Something that nobody expected; the mail is tried again, the run went on."""
        self.bugs.append(error)
        self.trouble(ExitCode.BUG, sentence)

    @contextmanager
    def one_client(self, doing: str, name: str) -> Iterator[None]:
        """One client's trouble is one client's: whatever goes wrong in here is told, and the others' turn comes."""
        try:
            yield
        except FirmlyError as error:
            self.trouble(error.exit_code, f"{name}: {error.message} {error.fix}".strip())
        except Exception as error:  # noqa: BLE001 reported with exit code 1; the other clients must not wait for it
            self.bug(error, f"{doing} {name} met a bug ({type(error).__name__}); the rest went on.")

    @property
    def exit_code(self) -> ExitCode:
        """The first that applies of 1, 78, 77, 75, 65, 0."""
        if self.parked:
            self.codes.add(ExitCode.PARKED)
        order = (ExitCode.BUG, ExitCode.CONFIG, ExitCode.CREDENTIALS, ExitCode.TEMPORARY, ExitCode.PARKED)
        return next((code for code in order if code in self.codes), ExitCode.OK)

    def counts(self) -> dict[str, int]:
        """The figures, by name."""
        names = (
            "listed",
            "fetched",
            "parsed",
            "skipped",
            "judged",
            "stood_in",
            "calls",
            "proposed",
            "attention",
            "parked",
            "delivered",
            "withdrawn",
        )
        return {name: getattr(self, name) for name in names}

    @property
    def wants_person(self) -> bool:
        """Whether cron should mail somebody."""
        return bool(self.troubles or self.proposed or self.attention or self.parked)
