"""Which mails no person wrote to us (RFC 3834, requirements S13 and S14).

A skip rests on a strong mark: a header that only machines set, or a subject that only auto-responders write. Marks that
people's mail carries too (List-Unsubscribe and Feedback-ID of the system it was sent through) count only all together
and never on an answer to a mail of ours. What is not sure passes.
"""

import re

from pipeline.domain.mail import Message, Pass, Screening, Skip, SkipReason
from pipeline.screen.absence import absent_until
from pipeline.screen.notices import ABSENCE_SUBJECTS, ABSENCE_WORDS, AUTOMATIC_SUBJECTS, UNSUBSCRIBE_WORDS

_MACHINES = frozenset(
    (
        "noreply",
        "donotreply",
        "dontreply",
        "noresponse",
        "noresponder",
        "nichtantworten",
        "nepasrepondre",
        "nonrispondere",
        "naoresponda",
        "nieodpowiadac",
        "nietbeantwoorden",
        "yanitlamayin",
        "mailerdaemon",
        "maildaemon",
        "postmaster",
        "bounce",
        "bounces",
        "autoreply",
        "autoresponder",
        "nobody",
    )
)
_RE_TAG = re.compile(r"\+[^@]*(?=@)")
_RE_SEPARATORS = re.compile(r"[-_.]")
_RE_BRACKETS = re.compile(r"^(?:\s*\[[^\[\]]{0,40}\])*\s*")
_BULK = ("bulk", "list", "junk")


def screen_message(message: Message, *, own_emails: frozenset[str]) -> Screening:
    """Let a person's mail pass, stop the rest. `because` names the header, address or subject mark that decided.

    Args:
        message: a parsed mail.
        own_emails: the addresses of the owner's identities, any case. A mail from `me+tag@…` is own if `me@…` is one of
            them; a configured `me+tag@…` does not make `me@…` own.
    """
    return _not_from_a_stranger(message, own_emails) or _not_from_a_person(message) or Pass()


def _not_from_a_stranger(message: Message, own_emails: frozenset[str]) -> Skip | None:
    """Bounces of our mail, mail without a sender, mail of the owner."""
    if message.report is not None:
        return Skip(SkipReason.BOUNCE, f"delivery report: {message.report.action}")
    if message.from_ is None:
        return Skip(SkipReason.NO_SENDER, "From")
    if is_own(message.from_.email, own_emails):
        return Skip(SkipReason.OWN_MAIL, f"From {message.from_.email}")
    return None


def _not_from_a_person(message: Message) -> Skip | None:
    """Automatic answers, lists, machines; last, what is too large to be judged whole."""
    mark = _automatic_mark(message)
    if mark:
        return Skip(SkipReason.AUTO_REPLY, mark, absent_until(message))
    mark = _bulk_mark(message)
    if mark:
        return Skip(SkipReason.BULK, mark)
    sender = message.from_.email if message.from_ else ""
    if _is_machine(sender) and not _person_behind(message):
        return Skip(SkipReason.NO_REPLY_SENDER, f"From {sender}")
    return Skip(SkipReason.OVER_LIMIT, "limits of the parser") if message.truncated else None


def is_own(email: str, own_emails: frozenset[str]) -> bool:
    """Whether an address is the owner's: compared without case, and once more without its plus-tag."""
    own = {address.lower() for address in own_emails}
    email = email.lower()
    return email in own or _RE_TAG.sub("", email) in own


def _automatic_mark(message: Message) -> str:
    """The mark of an automatic answer, or nothing."""
    marks = message.marks
    submitted = marks.auto_submitted.split(";")[0].strip()
    found = (
        f"Auto-Submitted: {submitted[:40]}" if submitted not in ("", "no") else "",
        f"multipart/report; report-type={marks.report_type[:40]}" if marks.report_type else "",
        *marks.autoreply_headers[:1],
        f"Precedence: {marks.precedence[:40]}" if marks.precedence.strip() in ("auto_reply", "auto-reply") else "",
        "X-Auto-Response-Suppress" if marks.auto_response_suppress.strip() not in ("", "none") else "",
        "Return-Path: <>" if marks.null_return_path else "",
    )
    return next(filter(None, found), "") or _automatic_subject(message)


def _automatic_subject(message: Message) -> str:
    """A subject as auto-responders write it: their word and a divider, or it and a text that speaks of an absence."""
    subject = _RE_BRACKETS.sub("", message.subject[:300]).lower()
    for fronts, sure in ((AUTOMATIC_SUBJECTS, True), (ABSENCE_SUBJECTS, False)):
        for front in fronts:
            if not subject.startswith(front):
                continue
            rest = subject[len(front) :].strip()
            divided = rest == "" or rest[0] in ":：-–—(|[!." or rest.startswith(("re:", "aw:"))
            if (sure and divided) or ((sure or divided) and ABSENCE_WORDS.search(message.newest[:2000])):
                return f"Subject begins with {front!r}"
    return ""


def _bulk_mark(message: Message) -> str:
    """The mark of a list or newsletter, or nothing."""
    marks = message.marks
    precedence = marks.precedence.split(";")[0].strip()
    if precedence in _BULK:
        return f"Precedence: {precedence}"
    if marks.list_id:
        return "List-Id"
    answers = bool(message.in_reply_to or message.references)
    if marks.list_unsubscribe and marks.feedback_id and not answers and UNSUBSCRIBE_WORDS.search(message.text[-5000:]):
        return "List-Unsubscribe, Feedback-ID and an unsubscribe notice"
    return ""


def _is_machine(email: str) -> bool:
    local = _RE_SEPARATORS.sub("", email.lower().partition("@")[0].partition("+")[0])
    return local in _MACHINES or local.startswith(("noreply", "donotreply", "mailerdaemon"))


def _person_behind(message: Message) -> bool:
    """A form or booking site writes for a person and names them in Reply-To."""
    sender = message.from_.email.lower() if message.from_ else ""
    return any(address.email.lower() != sender and not _is_machine(address.email) for address in message.reply_to)
