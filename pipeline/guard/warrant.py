"""Rule 15: a reply exists only if the mail warrants one."""

from pipeline.domain.mail import AuthVerdict, Screening, Skip
from pipeline.domain.proposal import Finding
from pipeline.guard.findings import block


def warrants_reply(
    screening: Screening,
    *,
    newest_of_thread: bool = True,
    answered: bool = False,
    authentication: AuthVerdict = AuthVerdict.UNCHECKED,
) -> tuple[Finding, ...]:
    """What speaks against answering a mail at all; empty if a reply is in order.

    No reply to what the screen stopped (RFC 3834: newsletters, automatic answers, bounces, own mail), to an older mail of
    a thread, to one that the owner has answered, or to one that failed DMARC (RFC 7489).
    """
    findings: list[Finding] = []
    if isinstance(screening, Skip):
        findings.append(
            block(15, "no_reply_due", f"This mail gets no reply: {screening.reason.value.replace('_', ' ')}.")
        )
    if not newest_of_thread:
        findings.append(block(15, "older_mail", "A newer mail of the thread is there: answer that one."))
    if answered:
        findings.append(block(15, "already_answered", "The owner has answered this mail: no second reply."))
    if authentication is AuthVerdict.FAIL:
        findings.append(block(15, "forged_sender", "The sender failed authentication: a forged mail gets no reply."))
    return tuple(findings)
