"""Addresses that a mail can be sent to."""

import re

_LOCAL = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*|\"[ !#-\[\]-~]+\"")
"""A dot-atom, or a quoted string without escapes (RFC 5322, 3.4.1)."""
_DOMAIN = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?<!-)(?:\.(?!-)[A-Za-z0-9-]{1,63}(?<!-))*")


def ascii_address(email: str) -> str:
    """The address as it travels: the domain in ASCII (RFC 5890).

    Raises ValueError for what is no single addr-spec, and for a local part outside ASCII, which most servers refuse.
    An address is never repaired: a repaired one is somebody else's.
    """
    local, at, domain = email.rpartition("@")
    try:
        host = ascii_domain(domain)
    except ValueError:
        host = ""
    if not (at and host and _LOCAL.fullmatch(local) and len(local) <= 64 and "=?" not in local):
        raise ValueError("not an address that mail can be sent to")
    return f"{local}@{host}"


def ascii_domain(domain: str) -> str:
    """A domain name in ASCII. Raises ValueError for what is none."""
    host = domain if domain.isascii() else domain.encode("idna").decode("ascii")
    if not _DOMAIN.fullmatch(host) or len(host) > 253:
        raise ValueError("not a domain name")
    return host
