"""Model endpoints: one adapter for everything that speaks Chat Completions.

`ports` says what a model is; `EndpointModel` is one; `probe` says what an endpoint can do.
"""

from pipeline.llm.budget import Limits
from pipeline.llm.model import EndpointModel
from pipeline.llm.ports import CallLog, Completion, EndpointMemory, Model, Request
from pipeline.llm.probe import ProbeReport, probe

__all__ = [
    "CallLog",
    "Completion",
    "EndpointMemory",
    "EndpointModel",
    "Limits",
    "Model",
    "ProbeReport",
    "Request",
    "probe",
]
