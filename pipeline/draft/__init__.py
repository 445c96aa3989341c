"""Writers: one port, and one room a kind of writer."""
