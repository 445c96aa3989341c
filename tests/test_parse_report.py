"""Delivery reports: which of our mails failed, for whom, and how; nothing of it is what a client does."""

import pytest
from parse_mails import mail, multipart

from pipeline.domain.mail import DeliveryReport

REPORT = 'multipart/report; report-type=delivery-status; boundary="b"'
WORDS = "Content-Type: text/plain\n\nYour message could not be delivered."
ORIGINAL = "Content-Type: message/rfc822\n\nMessage-ID: <ours@studio.example>\nSubject: Offer\n\nHello"


def status(*recipients: str) -> str:
    """A delivery-status part: the block of the whole mail, then one a recipient."""
    blocks = "\n\n".join(recipients)
    return f"Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx.x.example\n\n{blocks}\n"


FAILED = (
    "Final-Recipient: rfc822; jo@client.example\nAction: failed\nStatus: 5.1.1\nDiagnostic-Code: smtp; 550 no such user"
)
DELAYED = "Final-Recipient: rfc822;kim@client.example\nAction: delayed\nStatus: 4.4.1"
DELIVERED = "Original-Recipient: rfc822;eve@client.example\nAction: Delivered (to mailbox)\nStatus: 2.0.0"


@pytest.mark.parametrize(
    ("parts", "report"),
    [
        (
            (WORDS, status(FAILED), ORIGINAL),
            DeliveryReport("failed", "jo@client.example", "5.1.1", "<ours@studio.example>"),
        ),
        ((WORDS, status(DELAYED, FAILED)), DeliveryReport("failed", "jo@client.example", "5.1.1", None)),
        ((WORDS, status(DELIVERED, DELAYED)), DeliveryReport("delayed", "kim@client.example", "4.4.1", None)),
        ((WORDS, status(DELIVERED)), DeliveryReport("delivered", "eve@client.example", "2.0.0", None)),
        (
            (WORDS, status(FAILED), "Content-Type: text/rfc822-headers\n\nMessage-ID: <ours@studio.example>\n"),
            DeliveryReport("failed", "jo@client.example", "5.1.1", "<ours@studio.example>"),
        ),
        (
            (WORDS, status("Action: odd\nFinal-Recipient: rfc822; jo@client.example")),
            DeliveryReport("failed", "jo@client.example", "", None),
        ),
    ],
)
def test_standard_reports(parts: tuple[str, ...], report: DeliveryReport) -> None:
    """The send that failed could not be marked, or the wrong recipient would be."""
    assert mail(multipart(*parts), Content_Type=REPORT).report == report


def test_status_part_in_base64() -> None:
    """Some servers encode even the machine-readable part."""
    part = "Content-Type: message/delivery-status\nContent-Transfer-Encoding: base64\n\nRmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGpvQGNsaWVudC5leGFtcGxlCkFjdGlvbjogZmFpbGVkClN0YXR1czogNS4xLjEK"
    assert mail(multipart(WORDS, part), Content_Type=REPORT).report == DeliveryReport(
        "failed", "jo@client.example", "5.1.1", None
    )


QMAIL = """\
Hi. This is the qmail-send program at mx.x.example.

<jo@client.example>:
192.0.2.1 does not like recipient.
Remote host said: 550 5.1.1 unknown user

--- Below this line is a copy of the message.

Return-Path: <ada@studio.example>
Message-ID: <ours@studio.example>
From: ada@studio.example
"""


@pytest.mark.parametrize(
    ("sender", "subject", "body", "extra", "report"),
    [
        (
            "MAILER-DAEMON@mx.x.example",
            "failure notice",
            QMAIL,
            {},
            DeliveryReport("failed", "jo@client.example", "5.1.1", "<ours@studio.example>"),
        ),
        (
            "Mail Delivery System <Mailer-Daemon@mx.x.example>",
            "Mail delivery failed: returning message to sender",
            "A message that you sent could not be delivered.\n\n  jo@client.example\n    Unrouteable address\n",
            {"X_Failed_Recipients": "jo@client.example", "In_Reply_To": "<ours@studio.example>"},
            DeliveryReport("failed", "jo@client.example", "", "<ours@studio.example>"),
        ),
        (
            "postmaster@client.example",
            "Undeliverable: Offer",
            "Your message to jo@client.example was rejected: 5.7.1 not authorised",
            {"Return_Path": "<>"},
            DeliveryReport("failed", "jo@client.example", "5.7.1", None),
        ),
        (
            "Mail Delivery Subsystem <mailer-daemon@x.example>",
            "Warning: message delayed, delivery status notification (delay)",
            "jo@client.example: still trying, 4.4.1 no answer",
            {},
            DeliveryReport("delayed", "jo@client.example", "4.4.1", None),
        ),
        (
            "MAILER-DAEMON",
            "Unzustellbar: Angebot",
            "Empfänger unbekannt: jo@client.example",
            {},
            DeliveryReport("failed", "jo@client.example", "", None),
        ),
    ],
)
def test_reports_in_prose(sender: str, subject: str, body: str, extra: dict[str, str], report: DeliveryReport) -> None:
    """qmail, Exim and Exchange write reports that follow no standard."""
    assert mail(body, From=sender, Subject=subject, Content_Type="text/plain; charset=utf-8", **extra).report == report


@pytest.mark.parametrize(
    ("sender", "subject"),
    [
        ("Jo Client <jo@client.example>", "Undeliverable: your promise"),
        ("Jo Client <jo@client.example>", "Failure notice"),
        ("postmaster@client.example", "Your new mailbox"),
    ],
)
def test_a_persons_mail_is_no_report(sender: str, subject: str) -> None:
    """A client who forwards or mentions a bounce must not vanish as one."""
    assert mail("We got 550 5.1.1 for kim@x.example.", From=sender, Subject=subject).report is None
