"""Identifiers, and the type that marks what strangers wrote."""

from typing import NewType

AccountId = NewType("AccountId", str)
"""The immutable id of a mail account, as chosen in the config."""

MailId = NewType("MailId", int)
ThreadId = NewType("ThreadId", int)
ClientId = NewType("ClientId", int)
ProposalId = NewType("ProposalId", int)
AttentionId = NewType("AttentionId", int)

Label = NewType("Label", str)
"""A behaviour, tone or intent by its name in `prompts/taxonomy.toml`."""

UntrustedText = NewType("UntrustedText", str)
"""Words from a mail: hostile until rendered as inert text. Never a path, a template, a header or a terminal string."""
