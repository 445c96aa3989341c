"""The ledger: read exports, compare them with what is known, see what is late, and climb the payment ladder. Pure."""
