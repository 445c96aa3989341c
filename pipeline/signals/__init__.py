"""What a client's times, threads and ledger say, without a model: pure functions over a `History`.

Rules: the domain document, section 5. Every signal carries the rows behind it. What cannot be known (no Sent folder, a
clock that is not believed, an undated mail) says nothing.
"""

from pipeline.signals.ledger import later_each_time
from pipeline.signals.measures import Measures, measure
from pipeline.signals.read import read_signals
from pipeline.signals.requests import requests_of

__all__ = ["Measures", "later_each_time", "measure", "read_signals", "requests_of"]
