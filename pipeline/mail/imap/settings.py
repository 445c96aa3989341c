"""What an IMAP adapter has to know."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from pipeline.mail.endpoint import Endpoint
from pipeline.mail.ports import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class ImapSettings(Endpoint):
    """One IMAP account. Raises `ConfigError` for an unencrypted line to another machine."""

    folders: Mapping[Role, str] = field(default_factory=lambda: MappingProxyType({}))
    """Folder names that the owner fixed; they win over what the server says of its folders."""
    max_mail_bytes: int = 25 * 2**20
    """Of a larger mail only the first so many bytes are fetched."""
    batch_mails: int = 200
    """Mails per FETCH: at 40 ms to the server 200 is the fastest, and the UIDs stay far below any line limit."""
    batch_bytes: int = 16 * 2**20
    """Bytes per FETCH: imaplib holds a whole answer in memory."""
