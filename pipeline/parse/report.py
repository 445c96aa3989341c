"""Delivery reports: RFC 3464, and the ones that old and proprietary servers write in prose."""

import re
from collections.abc import Iterator

from pipeline.domain.mail import DeliveryReport
from pipeline.parse import headers, mime
from pipeline.parse.limits import Limits
from pipeline.parse.mime import Part, Tree

_MOST_BYTES = 64 * 1024
_ACTIONS = ("failed", "delayed", "delivered", "relayed", "expanded")
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")
_SMTP_REPLY = re.compile(r"(?<!\d)(4[2-5]|5[0-7])\d[ -]")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,100}@[A-Za-z0-9.-]{1,200}[A-Za-z0-9]")
_MESSAGE_ID = re.compile(r"^Message-ID:\s*(<[^<>\s]{1,500}>)", re.IGNORECASE | re.MULTILINE)
_MACHINES = re.compile(
    r"(?:mailer-?daemon|postmaster|mail-?delivery|mdaemon|microsoftexchange\w*|bounces?)(?:@|$)", re.IGNORECASE
)
_SUBJECT = re.compile(
    r"undeliver|returned (?:mail|to sender)|mail delivery (?:fail|system|subsystem|status)|delivery (?:status notification|failure|has failed)|"
    r"failure notice|delivery (?:incomplete|delayed)|message (?:could not be|not) delivered|non[- ]?remis|unzustellbar|nicht zugestellt|"
    r"zustellung fehlgeschlagen|no se puede entregar|no entregad|mancata consegna|impossibile recapitare|não (?:foi )?entregue|"
    r"onbestelbaar|niedostarczon|не (?:доставлено|удалось доставить)|недоставлен|teslim edilemedi|iletilemedi|"
    r"تعذر التسليم|لم يتم التسليم|配信(?:不能|できません)|退信|無法傳遞|无法送达|未送达",
    re.IGNORECASE,
)
_DELAY = re.compile(
    r"delay|warning|still (?:being )?(?:trying|retried)|verzögert|retard|non è ancora|will (?:be retried|keep trying)",
    re.IGNORECASE,
)
_BELOW = re.compile(
    r"below this line is a copy|original message|copy of (?:the|your) message|text of your message|return-path:",
    re.IGNORECASE,
)


def read_report(tree: Tree, limits: Limits, *, text: str, null_sender: bool) -> DeliveryReport | None:
    """The delivery report that a mail is, or None. Of several recipients the first failed one, else the first delayed one.

    `text`: the body as plain text; `null_sender`: the Return-Path is empty, as RFC 5321 wants it of reports.
    """
    parts = list(_walk(tree.root))
    for part in parts:
        if part.kind in ("message/delivery-status", "message/global-delivery-status"):
            found = _from_status(tree, part, limits)
            if found is not None:
                return _with_original(found, _original_id(tree, parts, limits, text))
    if not _reads_like_report(tree, null_sender=null_sender):
        return None
    return _with_original(_from_prose(tree, text), _original_id(tree, parts, limits, text))


def _walk(root: Part) -> Iterator[Part]:
    waiting = [root]
    while waiting:
        part = waiting.pop()
        yield part
        waiting.extend(reversed(part.children))


def _from_status(tree: Tree, part: Part, limits: Limits) -> DeliveryReport | None:
    """Blocks of fields with blank lines between; those of the whole mail come first, then one block a recipient."""
    data = mime.content(tree, part, _MOST_BYTES)
    position, best = 0, None
    for _ in range(limits.parts):
        while data.startswith((b"\n", b"\r\n"), position):
            position += 1 if data.startswith(b"\n", position) else 2
        if position >= len(data):
            break
        fields, position = headers.split(data, position, len(data), limits)
        action = fields.get("action").lower().split(" ")[0].strip(";")
        recipient = _recipient(fields.get("final-recipient")) or _recipient(fields.get("original-recipient"))
        if not (action or recipient) or len(fields) == 0:
            if len(fields) == 0:
                break
            continue
        status = _STATUS.search(fields.get("status"))
        one = DeliveryReport(
            action=action if action in _ACTIONS else "failed",
            recipient=recipient,
            status=status[1] if status else "",
        )
        if best is None or _ACTIONS.index(one.action) < _ACTIONS.index(best.action):
            best = one
    return best


def _recipient(value: str) -> str:
    """`rfc822; jane@example.org` → the address."""
    address = value.rpartition(";")[2].strip().strip("<>")
    return address[:320] if "@" in address else ""


def _reads_like_report(tree: Tree, *, null_sender: bool) -> bool:
    fields = tree.root.fields
    if "x-failed-recipients" in fields:
        return True
    machine = _MACHINES.search(fields.get("from").lower().replace('"', "")) is not None
    kind = tree.root.parameters.get("report-type", "").lower()
    if kind == "delivery-status":
        return True
    return (machine or null_sender) and _SUBJECT.search(fields.text("subject")) is not None


def _from_prose(tree: Tree, text: str) -> DeliveryReport:
    fields = tree.root.fields
    own = text[:20_000]
    copy = _BELOW.search(own)
    own = own[: copy.start()] if copy and copy.start() > 100 else own
    failed = _ADDRESS.search(fields.get("x-failed-recipients"))
    owners = {found.lower() for name in ("to", "from", "delivered-to") for found in _ADDRESS.findall(fields.get(name))}
    named = [found for found in _ADDRESS.findall(own) if found.lower() not in owners]
    recipient = failed[0] if failed else next(iter(named), "")
    status = _STATUS.search(own)
    delayed = _DELAY.search(fields.text("subject")) is not None or (status is not None and status[1].startswith("4"))
    return DeliveryReport(
        action="delayed" if delayed and not _SMTP_REPLY.search(own.replace("4", "")) else "failed",
        recipient=recipient,
        status=status[1] if status else "",
    )


def _original_id(tree: Tree, parts: list[Part], limits: Limits, text: str) -> str | None:
    for part in parts:
        if part.kind in (
            "message/rfc822",
            "text/rfc822-headers",
            "message/rfc822-headers",
            "message/global",
            "message/global-headers",
        ):
            data = mime.content(tree, part, _MOST_BYTES)
            fields, _ = headers.split(data, 0, len(data), limits)
            ids = headers.message_ids(fields.get("message-id"), 1)
            if ids:
                return ids[0]
    quoted = _MESSAGE_ID.search(text)
    if quoted:
        return quoted[1]
    answered = headers.message_ids(tree.root.fields.get("in-reply-to"), 1) or headers.message_ids(
        tree.root.fields.get("references"), 1
    )
    return answered[0] if answered else None


def _with_original(report: DeliveryReport, original: str | None) -> DeliveryReport:
    return DeliveryReport(report.action, report.recipient, report.status, original)
