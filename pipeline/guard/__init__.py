"""The guard: a draft is held against the facts and the house rules before a person sees it. Pure code, no model.

`inspect_draft` is the stage; `brief_for` says what a draft may state; `warrants_reply` whether there should be one.
"""

from pipeline.guard.brief import brief_for
from pipeline.guard.inspect import inspect_draft
from pipeline.guard.warrant import warrants_reply
from pipeline.guard.words import GuardWords, load_guard_words, shipped_words

__all__ = ["GuardWords", "brief_for", "inspect_draft", "load_guard_words", "shipped_words", "warrants_reply"]
