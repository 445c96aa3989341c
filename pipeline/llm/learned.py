"""What was learned about the models behind one endpoint: in this process, and through `EndpointMemory` from run to run."""

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from pipeline.domain.calls import Abilities
from pipeline.llm.ports import EndpointMemory

_FORGET_AFTER = timedelta(days=30)  # servers get updates; what they refused once is tried again


class Learned:
    """Abilities by model. Safe for threads."""

    def __init__(self, memory: EndpointMemory, base_url: str, clock: Callable[[], datetime]) -> None:
        """Nothing is recalled before it is asked for."""
        self._memory = memory
        self._base_url = base_url
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, Abilities] = {}

    def of(self, model: str) -> Abilities:
        """What is known by now; `learned_at` is None if this model has never answered."""
        with self._lock:
            if model not in self._known:
                known = self._memory.recall(self._base_url, model)
                if known is None or known.learned_at is None or self._clock() - known.learned_at > _FORGET_AFTER:
                    known = Abilities()
                self._known[model] = known
            return self._known[model]

    def keep(self, model: str, abilities: Abilities) -> None:
        """Keep what a request that was answered has shown; written only if it is news."""
        known = self.of(model)
        if known.learned_at is not None and replace(abilities, learned_at=known.learned_at) == known:
            return
        abilities = replace(abilities, learned_at=self._clock())
        with self._lock:
            self._known[model] = abilities
        self._memory.remember(self._base_url, model, abilities)

    def forget(self, model: str) -> None:
        """Begin again at the top of the ladder."""
        with self._lock:
            self._known[model] = Abilities()
