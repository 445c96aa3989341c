"""Judges: one port, and one room a kind of judge."""
