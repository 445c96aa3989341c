"""Everything that Firmly expects to go wrong, and the exit codes that cron sees.

    FirmlyError                     the root: a sentence for the owner, and the fix where there is one
    ├── UsageError                  the command line asks for something that is not there            exit 2
    ├── ConfigError                 the config cannot be used; `problems` holds all of them          exit 78
    │   ├── PromptError             a template cannot be read, parsed or filled
    │   └── PlaybookError           the taxonomy or the playbook contradicts itself
    ├── CredentialsError            a server refused who we are                                      exit 77
    ├── TemporaryError              the next run will do it                                          exit 75
    │   ├── MailServerError         unreachable, dropped, throttled
    │   │   └── UncertainDelivery   the server may or may not have taken a mail; a person decides
    │   ├── ModelUnavailable        the endpoint is down, slow or over its rate
    │   │   └── EndpointFailed      it was asked about this mail and failed: an outage, or the mail
    │   ├── BusyError               another run holds the lock
    │   └── StoreUnavailable        disk full or the file is locked
    ├── BrakeError                  more new mail than `max_new`; `--allow-many` goes on             exit 75
    ├── StateError                  the thing is no longer in the state that this change expects     exit 2
    ├── SchemaError                 the store is newer than this program, or no Firmly store         exit 78
    ├── InputError                  a file of the owner's has a mistake: file, line, column, fix     exit 2
    ├── RejectedByServer            the server answered no to one mail, for good; parked
    └── BadAnswer                   a model answered something unusable; the mail is parked
        └── AnswerRefused           a model or its filter declined; always a person's

Bugs are never wrapped in these.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What cron sees (sysexits.h where it has a name for it)."""

    OK = 0
    BUG = 1
    USAGE = 2
    PARKED = 65
    TEMPORARY = 75
    CREDENTIALS = 77
    CONFIG = 78


class FirmlyError(Exception):
    """An expected failure: one sentence for the owner; `fix` says what to do. Neither repeats a secret or a mail."""

    exit_code = ExitCode.BUG

    def __init__(self, message: str, *, fix: str = "") -> None:
        """Keep the sentence and the fix apart, so that the command line can lay them out."""
        super().__init__(message)
        self.message = message
        self.fix = fix


class UsageError(FirmlyError):
    """The command line asks for something that is not there."""

    exit_code = ExitCode.USAGE


class ConfigError(FirmlyError):
    """The config cannot be used. `problems` are all of them, one sentence each."""

    exit_code = ExitCode.CONFIG

    def __init__(self, message: str, *, fix: str = "", problems: tuple[str, ...] = ()) -> None:
        """Keep every problem, so that they are fixed in one go."""
        super().__init__(message, fix=fix)
        self.problems = problems


class PromptError(ConfigError):
    """A template cannot be read, parsed or filled."""


class PlaybookError(ConfigError):
    """The taxonomy or the playbook contradicts itself."""


class CredentialsError(FirmlyError):
    """A server refused who we are."""

    exit_code = ExitCode.CREDENTIALS


class TemporaryError(FirmlyError):
    """The next run will do it."""

    exit_code = ExitCode.TEMPORARY


class MailServerError(TemporaryError):
    """A mail server is unreachable, dropped the line or throttles us."""


class UncertainDelivery(MailServerError):
    """The server may or may not have taken a mail of ours."""


class ModelUnavailable(TemporaryError):
    """The model endpoint is down, too slow or over its rate."""


class EndpointFailed(ModelUnavailable):
    """The endpoint was asked and did not answer: no connection, a timeout, a failure of its own."""


class BusyError(TemporaryError):
    """Another run holds the lock."""


class StoreUnavailable(TemporaryError):
    """The store cannot be written: disk full, file locked, read-only."""


class BrakeError(TemporaryError):
    """More new mail than one run takes without being told."""


class StateError(FirmlyError):
    """The thing is no longer in the state that this change expects."""

    exit_code = ExitCode.USAGE


class SchemaError(FirmlyError):
    """The store is newer than this program, or it is no Firmly store."""

    exit_code = ExitCode.CONFIG


class InputError(FirmlyError):
    """A file of the owner's has a mistake; the message names file, line and column."""

    exit_code = ExitCode.USAGE


class RejectedByServer(FirmlyError):
    """The server answered no to one mail, for good."""

    exit_code = ExitCode.PARKED


class BadAnswer(FirmlyError):
    """A model answered something that cannot be used."""

    exit_code = ExitCode.PARKED


class AnswerRefused(BadAnswer):
    """A model, or a filter before it, declined to answer about this mail."""
