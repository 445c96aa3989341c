"""The owner's settings: TOML in, checked values out. Secrets are fetched late and shown never."""
