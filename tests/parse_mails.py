"""Builders for mails in tests: bytes from header lines and a body, so that every trap stands in the test that needs it."""

from pipeline.domain.mail import Message
from pipeline.parse import parse_message

HEAD = {
    "From": "Jo Client <jo@client.example>",
    "To": "Ada Writer <ada@studio.example>",
    "Subject": "Draft",
    "Date": "Wed, 30 Apr 2025 15:19:00 +0200",
    "Message-ID": "<1@client.example>",
}


def raw_mail(body: str | bytes = "Hello.\n", /, **fields: str | bytes | None) -> bytes:
    """A mail with the usual header; `fields` replace or add to it (`_` for `-`), None leaves one out."""
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    known = {name.lower(): name for name in HEAD}
    head: dict[str, str | bytes | None] = dict(HEAD)
    for name, value in named.items():
        head[known.get(name.lower(), name)] = value
    lines = [
        name.encode() + b": " + (value if isinstance(value, bytes) else value.encode("utf-8", "surrogateescape"))
        for name, value in head.items()
        if value is not None
    ]
    return b"\n".join(lines) + b"\n\n" + (body if isinstance(body, bytes) else body.encode())


def mail(body: str | bytes = "Hello.\n", /, **fields: str | bytes | None) -> Message:
    """The same, parsed."""
    return parse_message(raw_mail(body, **fields))


def html_mail(html: str) -> Message:
    """A mail that is one HTML part in UTF-8."""
    return mail(html, Content_Type="text/html; charset=utf-8")


def multipart(*parts: str, boundary: str = "b") -> str:
    """The body of a multipart; each part with its own header lines and a blank line."""
    return "".join(f"--{boundary}\n{part}\n" for part in parts) + f"--{boundary}--\n"
