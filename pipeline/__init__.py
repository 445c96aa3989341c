"""Firmly: reads client mail, remembers it, proposes firm but kind replies for a person to approve."""

__version__ = "0.1.0"
