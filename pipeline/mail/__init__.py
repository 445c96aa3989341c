"""Mailboxes: the ports, and one adapter a kind of server."""
