"""Where a reply goes: from headers and config, never from a model."""

from pipeline.config.models import Owner
from pipeline.domain.ids import AccountId
from pipeline.domain.mail import Address, Message
from pipeline.domain.proposal import Addressing
from pipeline.errors import BadAnswer
from pipeline.mail.address import ascii_address
from pipeline.mail.compose import reply_subject


def reply_addressing(owner: Owner, account: AccountId, message: Message) -> Addressing:
    """The reply to a mail: to its From, from the identity that was addressed, into its thread. Nobody is copied.

    Raises BadAnswer for a mail without a sender.
    """
    if message.from_ is None:
        raise BadAnswer("it has no sender that could be answered.")
    try:
        to_email = ascii_address(message.from_.email)
    except ValueError:
        raise BadAnswer("its sender's address cannot be answered.") from None
    addressed = {address.email.lower() for address in (*message.to, *message.cc)}
    identity = next((i for i in owner.identities if i.email.lower() in addressed), None)
    references = message.references or message.in_reply_to[:1]
    return Addressing(
        account_id=account,
        from_email=identity.email if identity else owner.email,
        from_name=(identity.name if identity else None) or owner.name,
        to_email=to_email,
        to_name=message.from_.name,
        subject=reply_subject(message.subject),
        in_reply_to=message.message_id,
        references=(*references, message.message_id) if message.message_id else references,
    )


def not_copied(owner: Owner, message: Message, addressing: Addressing) -> tuple[Address, ...]:
    """Who else the mail was addressed to, and gets nothing of this reply: To and Cc without us and its recipients."""
    ours = {owner.email.lower(), *(identity.email.lower() for identity in owner.identities)}
    left = {*ours, addressing.to_email.lower(), *(email.lower() for email in addressing.cc)}
    found: dict[str, Address] = {}
    for address in (*message.to, *message.cc):
        try:
            email = ascii_address(address.email).lower()
        except ValueError:
            continue
        if email not in left:
            found.setdefault(email, address)
    return tuple(found.values())


def signature_of(owner: Owner, from_email: str) -> str | None:
    """The lines under the name, for the identity that writes."""
    identity = next((i for i in owner.identities if i.email.lower() == from_email.lower()), None)
    return (identity.signature if identity else None) or owner.signature
