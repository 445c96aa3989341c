"""A mailbox behind IMAP (RFC 9051, RFC 3501), read without changing it; drafts are appended to its Drafts folder.

`settings` says which server and which login, `client` is the library on a bounded line, `login` opens it, `session`
holds it, `folders` finds the folder for a role, `trouble` says what a refusal means; `source` and `drop` are the ports.
"""

from pipeline.mail.imap.drop import ImapDrop
from pipeline.mail.imap.settings import ImapSettings
from pipeline.mail.imap.source import ImapSource

__all__ = ["ImapDrop", "ImapSettings", "ImapSource"]
