"""How the heads of the embedded judge come about: `python -m training.train`."""
