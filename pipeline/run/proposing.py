"""Assessment → strategy → proposal or attention item."""

from pipeline.decide import Desktop, choose_strategy
from pipeline.domain.client import Context
from pipeline.domain.mail import AuthVerdict, Direction, Message
from pipeline.domain.proposal import Addressing, Draft, Proposal, ProposalStatus
from pipeline.domain.strategy import Action, Strategy
from pipeline.errors import BadAnswer
