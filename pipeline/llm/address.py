"""What the address of an endpoint says about it."""

import ipaddress
from urllib.parse import urlsplit

from pipeline.errors import ConfigError


def host_of(base_url: str) -> str:
    """The host of a base URL, lower case. Raises ConfigError if it is no http(s) address, without repeating it."""
    try:
        parts = urlsplit(base_url)
        host = parts.hostname
    except ValueError:
        parts, host = None, None
    if parts is None or not host or parts.scheme not in {"http", "https"}:
        raise ConfigError(
            "[llm] base_url is no web address.",
            fix="Write it like https://api.openai.com/v1 or http://localhost:11434/v1.",
        )
    if parts.username or parts.password:
        raise ConfigError(
            "[llm] base_url holds a user name or password.", fix='Give the key by [llm] api_key = { env = "NAME" }.'
        )
    return host


def is_loopback(base_url: str) -> bool:
    """Whether the endpoint is on this machine: nothing leaves it."""
    host = host_of(base_url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def is_encrypted(base_url: str) -> bool:
    """Whether what is sent there is encrypted on its way."""
    return urlsplit(base_url).scheme == "https"


def takes_cache_key(base_url: str) -> bool:
    """Whether the endpoint knows `prompt_cache_key`: OpenAI and Azure do; others may refuse what they do not know."""
    host = host_of(base_url)
    return host == "api.openai.com" or host.endswith(".openai.azure.com")
