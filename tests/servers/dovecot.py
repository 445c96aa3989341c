"""A real Dovecot on loopback: TLS with a certificate of its own authority, any user, one password.

Runs as root (mail as nobody) and wholly as one plain user. `AVAILABLE` says whether there is a binary: parametrised
tests leave the case out where there is none, whole modules set `__test__ = AVAILABLE`. On CI its absence is an error.
"""

import grp
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self

import trustme
from imapclient import IMAPClient

from pipeline.mail.endpoint import Security
from pipeline.mail.imap import ImapSettings

BINARY = shutil.which("dovecot", path=os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"]))
AVAILABLE = BINARY is not None
if os.environ.get("CI") and not AVAILABLE:
    message = "CI has to install Dovecot (dovecot-imapd): the tests against a real server may not be left out there."
    raise RuntimeError(message)

PASSWORD = "correct-horse"

_CONFIG = """
base_dir = {root}/r
state_dir = {root}/s
log_path = {root}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{root}/server.pem
ssl_key = <{root}/server.key
disable_plaintext_auth = no
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2 oauthbearer
default_internal_user = {internal}
default_internal_group = {group}
default_login_user = {login}
first_valid_uid = 0
mail_fsync = never
mail_location = maildir:~/Maildir
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={root}/mail/%u
}}
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Drafts {{
    auto = create
    special_use = \\Drafts
  }}
  mailbox Sent {{
    auto = create
    special_use = \\Sent
  }}
  mailbox Trash {{
    special_use = \\Trash
  }}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


def free_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Dovecot:
    """Started by `with`. The certificate is for `localhost` only, so that `127.0.0.1` is a wrong host name."""

    def __enter__(self) -> Self:
        """Write the files and wait for the greeting."""
        self.root = Path(tempfile.mkdtemp(prefix="dv"))  # short: a unix socket's path ends at 108 bytes
        self.root.chmod(0o755)
        for name in ("r", "s", "mail"):
            (self.root / name).mkdir()
        self.port, self.tls_port = free_port(), free_port()
        authority = trustme.CA()
        certificate = authority.issue_cert("localhost")
        self.ca_file = self.root / "ca.pem"
        authority.cert_pem.write_to_path(self.ca_file)
        certificate.private_key_pem.write_to_path(self.root / "server.key")
        (self.root / "server.pem").write_bytes(b"".join(blob.bytes() for blob in certificate.cert_chain_pems))
        config = self.root / "c"
        config.write_text(_CONFIG.format(root=self.root, port=self.port, tls_port=self.tls_port, **self._owner()))
        self._process = subprocess.Popen([str(BINARY), "-F", "-c", str(config)])
        self._await_greeting()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop the server and remove its files."""
        self._process.terminate()
        self._process.wait()
        shutil.rmtree(self.root, ignore_errors=True)

    def _owner(self) -> dict[str, Any]:
        """Whose mail it is: nobody's for root, else our own."""
        if os.geteuid() == 0:
            nobody = pwd.getpwnam("nobody")
            os.chown(self.root / "mail", nobody.pw_uid, nobody.pw_gid)
            names = {"internal": "dovecot", "group": "dovecot", "login": "dovenull"}
            return {"uid": nobody.pw_uid, "gid": nobody.pw_gid, "password": PASSWORD, **names}
        me = pwd.getpwuid(os.geteuid())
        names = {"internal": me.pw_name, "group": grp.getgrgid(me.pw_gid).gr_name, "login": me.pw_name}
        return {"uid": me.pw_uid, "gid": me.pw_gid, "password": PASSWORD, **names}

    def _await_greeting(self) -> None:
        until = time.monotonic() + 10
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with socket.create_connection(("127.0.0.1", self.port), 1) as line:
                    if line.recv(4) == b"* OK":
                        return
            except OSError:
                time.sleep(0.02)
        log = self.root / "log"
        message = "Dovecot did not start: " + (log.read_text() if log.exists() else "no log")
        raise RuntimeError(message)

    def settings(self, user: str, **changes: Any) -> ImapSettings:
        """How to reach this server over TLS as `user`, with what a test wants different."""
        usual: dict[str, Any] = {
            "host": "localhost",
            "port": self.tls_port,
            "username": user,
            "secret": lambda: PASSWORD,
            "ca_file": self.ca_file,
            "timeout_s": 5.0,
        }
        return ImapSettings(**(usual | changes))

    def plain_settings(self, user: str, **changes: Any) -> ImapSettings:
        """How to reach it unencrypted, so that a proxy in between can see and break the line."""
        plain = {"host": "127.0.0.1", "port": self.port, "security": Security.PLAIN, "ca_file": None}
        return self.settings(user, **(plain | changes))

    def client(self, user: str) -> IMAPClient:
        """A connection that can change the mailbox, for preparing tests and looking at the result."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=5)
        client.login(user, PASSWORD)
        return client
