"""What may go to a judge, and what is known of who sent it.

automatic `screen_message`: machines, lists, bounces and own mail are stopped, each with the mark that decided
absence   the return date that an out-of-office notice names
sender    `authentication_verdict` and `sender_warnings`: is this mail from whom it says
"""

from pipeline.screen.automatic import screen_message
from pipeline.screen.sender import authentication_verdict, sender_warnings

__all__ = ["authentication_verdict", "screen_message", "sender_warnings"]
