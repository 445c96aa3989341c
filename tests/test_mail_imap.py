"""IMAP servers as they are: old, odd, overloaded, hostile. Each is spoken by a script, or is the demo's behind a proxy."""

import base64
import re
import socket
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from servers.dovecot import free_port
from servers.mailboxes import ImapMailboxKit, mail
from servers.proxy import Proxy
from servers.scripted import DEFAULTS, ScriptedImap

from pipeline.errors import (
    ConfigError,
    CredentialsError,
    FirmlyError,
    MailServerError,
    RejectedByServer,
    UncertainDelivery,
)
from pipeline.mail.endpoint import Security
from pipeline.mail.imap import ImapDrop, ImapSettings, ImapSource
from pipeline.mail.ports import Fetched, Found, Role

pytest_plugins = ("servers.fixtures",)

SECRET = "canary-5ecret"
ID = "<draft-1@example.org>"
DRAFT = mail(1, message_id=ID)
ALLOWED = {
    "CAPABILITY",
    "STARTTLS",
    "LOGIN",
    "AUTHENTICATE",
    "LIST",
    "EXAMINE",
    "UID SEARCH",
    "UID FETCH",
    "APPEND",
    "LOGOUT",
}


def settings(port: int, **changes: Any) -> ImapSettings:
    """An unencrypted line to a server of a test."""
    usual: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "security": Security.PLAIN,
        "username": "owner@example.org",
        "secret": lambda: SECRET,
        "timeout_s": 5.0,
    }
    return ImapSettings(**(usual | changes))


def examined(server: ScriptedImap, role: Role = Role.INBOX, **changes: Any) -> list[int]:
    """The UIDs of a folder of a scripted server."""
    with ImapSource(settings(server.port, **changes)) as source:
        source.examine(role)
        return source.uids(role, after=0)


def fetched(script: dict[str, str], **changes: Any) -> list[Fetched]:
    """What becomes of the bodies of UIDs 1 to 3."""
    listing = "".join(
        f'* {n} FETCH (UID {n} RFC822.SIZE 9 INTERNALDATE "04-Mar-2026 12:00:00 +0000" BODY[HEADER] {{4}}\r\n\r\n\r\n)\r\n'
        for n in (1, 2, 3)
    )
    answers = {"UID FETCH 1,2,3 (RFC822.SIZE": listing + "{tag} OK done\r\n"} | script
    with ScriptedImap(answers) as server, ImapSource(settings(server.port, **changes)) as source:
        (listed,) = source.listing(Role.INBOX, source.uids(Role.INBOX, after=0))
        return [one for batch in source.bodies(Role.INBOX, listed) for one in batch]


def put(port: int, **changes: Any) -> Found:
    """Lay a draft through a server of a test."""
    with ImapDrop(settings(port, **changes)) as drop:
        return drop.put(DRAFT, message_id=ID, sender="owner@example.org", recipients=["client@example.com"])


def everything_said(error: BaseException) -> str:
    """All that an owner or a log could get to see of an error."""
    fix = error.fix if isinstance(error, FirmlyError) else ""
    return "".join(traceback.format_exception(error)) + repr(error) + fix


# --- reaching the server


@pytest.mark.parametrize("host", ["imap.example.org", "192.0.2.7", "localhost.example.org"])
def test_an_unencrypted_line_is_for_this_machine_only(host: str) -> None:
    """One wrong word in the config must not send the password through the net."""
    with pytest.raises(ConfigError, match="unencrypted"):
        settings(143, host=host)


def test_settings_do_not_show_the_secret() -> None:
    """Settings end up in tracebacks and debuggers; the secret must not."""
    assert SECRET not in repr(settings(143))


def test_a_refused_connection_names_the_server() -> None:
    """A server that is down is for the next run, and the owner wants to know which one it was."""
    port = free_port()
    with pytest.raises(MailServerError, match=rf"127\.0\.0\.1:{port}.*refused"), ImapSource(settings(port)):
        pass


def test_a_silent_server_is_given_up() -> None:
    """The library waits for ever by default; a cron job that hangs holds the lock against all later ones."""
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        pytest.raises(MailServerError, match=r"no answer within 0\.2 s"),
        ImapSource(settings(listener.getsockname()[1], timeout_s=0.2)),
    ):
        pass


def test_a_dripping_server_is_bounded_by_the_deadline(demo_mailbox: ImapMailboxKit) -> None:
    """A timeout starts anew with each byte, so a server that sends one now and then would hold the run for hours."""
    until = time.monotonic() + 0.5
    with Proxy(demo_mailbox.settings.port, drip_s=0.05) as proxy:
        with (
            pytest.raises(MailServerError, match="time of this run"),
            ImapSource(settings(proxy.port, deadline=lambda: until - time.monotonic())),
        ):
            pass
        assert time.monotonic() - until < 3


@pytest.mark.parametrize(
    ("greeting", "said"),
    [
        ("* BYE Too many connections\r\n", "Too many connections"),
        ("HTTP/1.1 400 Bad Request\r\n", "no IMAP server"),
        ("", "no IMAP server"),
        ("x" * 2_000_000, "no IMAP server"),
    ],
)
def test_a_server_that_does_not_greet(greeting: str, said: str) -> None:
    """Another service on the port, or a server that is full, is no bug of ours."""
    with ScriptedImap({"CAPABILITY": ""}, greeting=greeting or "\r\n") as server:  # noqa: SIM117 the error is inside
        with pytest.raises(MailServerError, match=said), ImapSource(settings(server.port)):
            pass


# --- the login


def test_a_wrong_password_names_host_and_user_and_the_fix() -> None:
    """The owner has several accounts and has to know which password to mend, and that it may want an app password."""
    with (
        ScriptedImap({"LOGIN": "{tag} NO [AUTHENTICATIONFAILED] no\r\n"}) as server,
        pytest.raises(CredentialsError, match=r"127\.0\.0\.1.*owner@example\.org") as caught,
        ImapSource(settings(server.port)),
    ):
        pass
    assert "app password" in caught.value.fix


@pytest.mark.parametrize(
    "answer",
    [
        f"{{tag}} NO login owner {SECRET} refused\r\n",
        f"{{tag}} NO [UNAVAILABLE] {SECRET} temporarily refused\r\n",
        f"{{tag}} NO [UNAVAILABLE] try again, {base64.b64encode(SECRET.encode() * 2).decode()}\r\n",
        f"{{tag}} BAD unknown command LOGIN owner {SECRET}\r\n",
        f"* BYE not with {SECRET}\r\n",
        f"what is {SECRET}\r\n",
    ],
)
def test_a_server_that_echoes_the_password_does_not_bring_it_into_a_message(answer: str) -> None:
    """Messages reach logs, cron mails and bug reports."""
    with (
        ScriptedImap({"LOGIN": answer}) as server,
        pytest.raises(FirmlyError) as caught,
        ImapSource(settings(server.port)),
    ):
        pass
    assert SECRET not in everything_said(caught.value)
    assert base64.b64encode(SECRET.encode()).decode()[:12] not in everything_said(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "{tag} NO [UNAVAILABLE] Temporary authentication failure.\r\n",
        "{tag} NO [ALERT] Too many simultaneous connections. (Failure)\r\n",
        "* BYE shutting down\r\n",
    ],
)
def test_a_login_that_fails_for_now_is_no_wrong_password(answer: str) -> None:
    """A restarting server must not stop the account until the owner has typed a password that was right all along."""
    with (
        ScriptedImap({"LOGIN": answer}) as server,
        pytest.raises(MailServerError),
        ImapSource(settings(server.port)),
    ):
        pass


@pytest.mark.parametrize(
    ("changes", "capabilities"),
    [
        ({"secret": lambda: "pässwort"}, ""),
        ({"username": 'ow"ner (x)'}, ""),
        ({}, " LOGINDISABLED AUTH=PLAIN"),
    ],
)
def test_what_login_cannot_carry_goes_as_sasl(changes: dict[str, Any], capabilities: str) -> None:
    """The stdlib leaves user names unquoted and takes ASCII only: an umlaut in a password would end in a traceback."""
    script = {
        "CAPABILITY": f"* CAPABILITY IMAP4rev1{capabilities}\r\n{{tag}} OK done\r\n",
        "AUTHENTICATE PLAIN": "{tag} OK in\r\n",
    }
    wanted = settings(1, **changes)
    with ScriptedImap(script) as server:
        assert examined(server, **changes) == [1, 2, 3]
        answer = server.commands[server.commands.index("AUTHENTICATE PLAIN") + 1]
    assert base64.b64decode(answer).decode() == f"\0{wanted.username}\0{wanted.secret()}"


@pytest.mark.parametrize("greeting", ["* OK ready\r\n", "* PREAUTH you are in\r\n"])
def test_starttls_that_is_not_offered_ends_before_the_login(greeting: str) -> None:
    """Whoever sits on the line can strip the offer, or greet as if the login were done; the password must not follow."""
    with ScriptedImap(greeting=greeting) as server:
        with (
            pytest.raises(ConfigError, match=r"does not offer STARTTLS|not trusted"),
            ImapSource(settings(server.port, security=Security.STARTTLS)),
        ):
            pass
        assert set(server.commands) <= {"CAPABILITY", "LOGOUT"}


# --- folders


def test_a_folder_that_the_config_names_and_nobody_has() -> None:
    """A typing mistake must not read as an empty folder; the owner sees what there is."""
    script = {
        "EXAMINE": "{tag} NO [NONEXISTENT] no such mailbox\r\n",
        "LIST": '* LIST () "/" "Sent Items"\r\n* LIST () "/" "Rechnungen"\r\n{tag} OK done\r\n',
    }
    with (
        ScriptedImap(script) as server,
        ImapSource(settings(server.port, folders={Role.SENT: "Sent Itmes"})) as source,
        pytest.raises(ConfigError, match="Sent Itmes") as caught,
    ):
        source.examine(Role.SENT)
    assert "Sent Items" in caught.value.fix


def test_one_malformed_folder_name_does_not_hide_the_others() -> None:
    """The library gives up the whole list for one name that is no modified UTF-7."""
    script = {"LIST": '* LIST () "/" "a&b"\r\n* LIST () "/" "Entw&APw-rfe"\r\n{tag} OK done\r\n'}
    with ScriptedImap(script) as server, ImapSource(settings(server.port)) as source:
        state = source.examine(Role.DRAFTS)
        assert state is not None
        assert state.name == "Entwürfe"
        assert 'EXAMINE "Entw&APw-rfe"' in server.commands


def test_a_server_without_uidnext_can_be_read() -> None:
    """UIDNEXT may be missing; then only the search tells what is new."""
    script = {"EXAMINE": "* 3 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n{tag} OK done\r\n"}
    with ScriptedImap(script) as server, ImapSource(settings(server.port)) as source:
        state = source.examine(Role.INBOX)
        assert state is not None
        assert state.uidnext is None
        assert source.uids(Role.INBOX, after=1) == [2, 3]


def test_a_server_without_uidvalidity_cannot() -> None:
    """Without it a UID means nothing tomorrow, and mail would be skipped or answered twice."""
    with (
        ScriptedImap({"EXAMINE": "* 3 EXISTS\r\n{tag} OK done\r\n"}) as server,
        ImapSource(settings(server.port)) as source,
        pytest.raises(MailServerError, match="no lasting UIDs"),
    ):
        source.examine(Role.INBOX)


@pytest.mark.parametrize(
    ("answer", "fix"),
    [
        ("{tag} BAD User is authenticated but not connected.\r\n", "IMAP.AccessAsUser.All"),
        ("{tag} NO Request is throttled. Suggested Backoff Time: 299923 milliseconds\r\n", "wait 300 s"),
        ("{tag} NO [UNAVAILABLE] later\r\n", "next run"),
        ("* BYE Session invalidated - AccessTokenExpired\r\n", "next run"),
    ],
)
def test_a_server_that_wants_a_pause(answer: str, fix: str) -> None:
    """Microsoft 365 and Gmail throttle; that is for the next run, with the wait that they ask for."""
    with (
        ScriptedImap({"EXAMINE": answer}) as server,
        ImapSource(settings(server.port)) as source,
        pytest.raises(MailServerError) as caught,
    ):
        source.examine(Role.INBOX)
    assert fix in caught.value.fix


# --- searching


def test_a_search_answered_in_two_lines() -> None:
    """Some servers do; imapclient fails on it."""
    with ScriptedImap({"UID SEARCH": "* SEARCH 3 1\r\n* SEARCH 2\r\n{tag} OK done\r\n"}) as server:
        assert examined(server) == [1, 2, 3]


def huge(answers: dict[str, range]) -> ScriptedImap:
    """A mailbox of 200,000 mails with UIDs from 1,000,001 on."""
    script = {
        f"UID SEARCH {command}": f"* SEARCH {' '.join(map(str, uids))}\r\n{{tag}} OK done\r\n"
        for command, uids in answers.items()
    }
    return ScriptedImap(
        {"EXAMINE": "* 200000 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\n* OK [UIDNEXT 1200001] ok\r\n{tag} OK done\r\n"}
        | script
    )


def test_a_mailbox_of_200000_mails_is_searched_in_windows() -> None:
    """The stdlib takes no line above 1,000,000 bytes, which is what the UIDs of 120,000 mails fill."""
    first, last = 1_000_001, 1_200_000
    windows = {
        f"{low}:{low + 49_999} UID 1:*": range(first + low - 1, first + low + 49_999)
        for low in range(1, 200_000, 50_000)
    }
    with huge(windows) as server:
        assert examined(server) == list(range(first, last + 1))


def test_a_poll_of_200000_mails_asks_once() -> None:
    """The windows are asked from the top, so what is new is found in the first; the rest need not be asked."""
    with huge({"150001:200000 UID 1199999:*": range(1_199_999, 1_200_001)}) as server:
        with ImapSource(settings(server.port)) as source:
            assert source.uids(Role.INBOX, after=1_199_998) == [1_199_999, 1_200_000]
        assert len([command for command in server.commands if "SEARCH" in command]) == 1


# --- fetching


def test_rows_that_nobody_asked_for_are_no_mail() -> None:
    """A server may send FETCH rows on its own, without a UID or of another mail: they must not stand in for a mail."""
    rows = (
        "* 2 FETCH (FLAGS (\\Seen))\r\n"
        "* 9 FETCH (UID 9 BODY[] {4}\r\nnine)\r\n"
        "* 1 FETCH (UID 1 BODY[] {3}\r\none FLAGS ())\r\n"
        "* 3 FETCH (BODY[] {5}\r\nthree UID 3)\r\n"
    )
    one, two, three = fetched({"UID FETCH 1,2,3 (BODY.PEEK[])": rows + "{tag} OK done\r\n"})
    assert (one, three) == (Fetched(1, b"one"), Fetched(3, b"three"))
    assert (two.raw, "removed" in two.problem) == (None, True)


@pytest.mark.parametrize("nothing", ["NIL", '""', "{0}\r\n"])
def test_an_empty_body_is_a_problem_and_no_mail(nothing: str) -> None:
    """A server that cannot read its own disk gives NIL; an empty mail on record would never be fetched again."""
    rows = f"* 1 FETCH (UID 1 BODY[] {nothing})\r\n* 2 FETCH (UID 2 BODY[] {{3}}\r\ntwo)\r\n"
    one, two, _ = fetched({"UID FETCH 1,2,3 (BODY.PEEK[])": rows + "{tag} OK done\r\n"})
    assert (one.raw, "empty" in one.problem) == (None, True)
    assert two == Fetched(2, b"two")


@pytest.mark.parametrize(
    "refusal",
    [
        "{tag} NO Some messages could not be FETCHed (Failure)\r\n",
        "* 2 FETCH (UID 2 BODY[] odd end)\r\n{tag} OK done\r\n",
    ],
)
def test_one_broken_mail_does_not_take_the_batch_with_it(refusal: str) -> None:
    """A server refuses a whole FETCH for one mail that it cannot read; the mails behind it would never be seen."""
    one, two, three = fetched(
        {
            "UID FETCH 1,2,3 (BODY.PEEK[])": refusal,
            "UID FETCH 1 ": "* 1 FETCH (UID 1 BODY[] {3}\r\none)\r\n{tag} OK done\r\n",
            "UID FETCH 2 ": refusal,
            "UID FETCH 3 ": "* 3 FETCH (UID 3 BODY[] {5}\r\nthree)\r\n{tag} OK done\r\n",
        }
    )
    assert (one, three) == (Fetched(1, b"one"), Fetched(3, b"three"))
    assert two.raw is None
    assert two.problem


@pytest.mark.parametrize(
    "answers",
    [
        {"UID FETCH 1,2,3 (BODY.PEEK[])": "{tag} NO [ALERT] Account exceeded command or bandwidth limits.\r\n"},
        {"UID FETCH": "{tag} NO [THROTTLED] slow down\r\n"},
        {f"UID FETCH {uids} (BODY.PEEK[])": "{tag} NO disk on fire\r\n" for uids in ("1,2,3", "1", "2", "3")},
    ],
)
def test_a_refusal_that_is_not_about_the_mails_loses_none(answers: dict[str, str]) -> None:
    """If throttling passed for broken mails, each would be parked and never read."""
    with pytest.raises(MailServerError):
        fetched(answers)


def test_a_mail_in_an_answer_that_cannot_be_read_stays_out_of_the_message() -> None:
    """The parser's complaint repeats what it could not read, and that is somebody's mail."""
    body = "* 1 FETCH (UID 1 BODY[] {24}\r\nDear owner, my PIN is 42 extra)\r\n{tag} OK done\r\n"
    with pytest.raises(MailServerError) as caught:
        fetched({f"UID FETCH {uids} (BODY.PEEK[])": body for uids in ("1,2,3", "1", "2", "3")})
    assert "PIN" not in everything_said(caught.value)


@pytest.mark.parametrize(
    "answer",
    [
        "* 1 FETCH (UID 1 BODY[] {99999999999}\r\nx",
        "Dear owner, bye, my PIN is 42\r\n",
        "* 1 FETCH (UID 1 BODY[] {9}\r\nx",
    ],
)
def test_a_hostile_or_broken_line_ends_in_words_without_mail(answer: str) -> None:
    """An announced literal of 99 GB must not be reserved, a desynchronised line must not be quoted."""
    with pytest.raises(MailServerError) as caught:
        fetched({"UID FETCH 1,2,3 (BODY.PEEK[])": answer, "LOGOUT": ""}, timeout_s=0.3)
    assert "PIN" not in everything_said(caught.value)


def test_a_line_that_drops_inside_a_mail_keeps_the_batches_before_it(demo_mailbox: ImapMailboxKit) -> None:
    """What was fetched is committed batch by batch; half a mail must never pass for a whole one."""
    demo_mailbox.add(Role.INBOX, *(mail(number, body=b"x" * 5000) for number in range(6)))
    passed = 0

    def cut(chunk: bytes) -> bytes | None:
        nonlocal passed
        passed += len(chunk)
        return chunk if passed < 24_000 else chunk[: len(chunk) // 2] if passed < 26_000 else None

    with Proxy(demo_mailbox.settings.port, from_server=cut) as proxy:
        got: list[Fetched] = []
        with demo_mailbox.source(port=proxy.port, batch_mails=2) as source:
            uids = source.uids(Role.INBOX, after=0)
            bodies = source.bodies(Role.INBOX, [one for batch in source.listing(Role.INBOX, uids) for one in batch])
            with pytest.raises(MailServerError):
                got.extend(one for batch in bodies for one in batch)
    assert [one.raw for one in got] == [mail(number, body=b"x" * 5000) for number in range(len(got))]
    assert 2 <= len(got) < 6


def test_a_folder_that_is_renumbered_meanwhile_is_left_for_the_next_run(demo_mailbox: ImapMailboxKit) -> None:
    """UIDs are void then: asked for on, they would bring other mails than those that were listed."""
    demo_mailbox.add(Role.SENT, mail(1))
    with demo_mailbox.source() as source:
        uids = source.uids(Role.SENT, after=0)
        source.examine(Role.INBOX)
        demo_mailbox.renumber(Role.SENT)
        demo_mailbox.add(Role.SENT, mail(2))
        with pytest.raises(MailServerError, match="renumbered"):
            list(source.listing(Role.SENT, uids))


def test_only_verbs_that_change_nothing_are_sent(demo_mailbox: ImapMailboxKit) -> None:
    """SELECT would clear Recent, STORE and BODY[] would set flags: the owner's mailbox is read like a newspaper."""
    demo_mailbox.add(Role.INBOX, mail(1), mail(2))
    with Proxy(demo_mailbox.settings.port) as proxy:
        with demo_mailbox.source(port=proxy.port) as source:
            for role in Role:
                listed = [one for batch in source.listing(role, source.uids(role, after=0)) for one in batch]
                assert all(one.raw for batch in source.bodies(role, listed) for one in batch)
        with ImapDrop(source_settings(demo_mailbox, proxy.port)) as drop:
            drop.put(DRAFT, message_id=ID, sender="", recipients=[])
            assert drop.find(ID)
        verbs = {match[1].decode() for match in re.finditer(rb"(?m)^[A-P]+\d+ ((?:UID )?[A-Z]+)", bytes(proxy.heard))}
        assert verbs <= ALLOWED
        assert {"EXAMINE", "UID FETCH", "APPEND", "LOGOUT"} <= verbs
        assert not re.search(rb"BODY\[", bytes(proxy.heard))


def source_settings(kit: ImapMailboxKit, port: int) -> ImapSettings:
    """The demo's login on another port."""
    return settings(port, username=kit.settings.username, secret=kit.settings.secret)


# --- laying a draft


def answered(answer: str) -> Callable[[], Found]:
    """Lay a draft on a server that answers so to APPEND."""

    def lay() -> Found:
        with ScriptedImap({"APPEND": answer}) as server:
            return put(server.port)

    return lay


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("{tag} NO [OVERQUOTA] mailbox is full\r\n", RejectedByServer),
        ("{tag} NO [TRYCREATE] no such mailbox\r\n", ConfigError),
        ("{tag} NO [UNAVAILABLE] later\r\n", MailServerError),
        ("{tag} NO we do not like it\r\n", RejectedByServer),
        ("* OK wait\r\n{tag} NO we do not like it after all\r\n", RejectedByServer),
        ("{tag} BAD what\r\n", RejectedByServer),
    ],
)
def test_a_refused_draft_is_certainly_not_there(answer: str, error: type[FirmlyError]) -> None:
    """A no is a no: it must not end as "uncertain", and a full mailbox must not be tried for ever."""
    with pytest.raises(error) as caught:
        answered(answer)()
    assert not isinstance(caught.value, UncertainDelivery)


@pytest.mark.parametrize("answer", ["", "* BYE shutting down\r\n", "what?\r\n", "* " + "x" * 1_100_000])
def test_an_append_without_a_clear_answer_is_uncertain(answer: str) -> None:
    """The server has every byte and may have kept it: only a search can tell."""
    with pytest.raises(UncertainDelivery):
        answered(answer)()


def test_an_append_that_breaks_before_the_mail_is_out_is_not_uncertain() -> None:
    """A server that has not got the mail cannot have kept it: the next run may lay it without asking anybody."""
    with (
        ScriptedImap({"APPEND": "{tag}"}) as server,
        pytest.raises(MailServerError) as caught,
    ):
        put(server.port, timeout_s=0.3)
    assert not isinstance(caught.value, UncertainDelivery)


def test_a_lost_answer_is_settled_by_a_search(demo_mailbox: ImapMailboxKit) -> None:
    """The draft is there although the line broke: the next run finds it and lays no second one."""
    heard: list[bytes] = []

    def cut(chunk: bytes) -> bytes | None:
        heard.append(chunk)
        return None if b"APPENDUID" in chunk else chunk

    with Proxy(demo_mailbox.settings.port, from_server=cut) as proxy:
        login = source_settings(demo_mailbox, proxy.port)
        with pytest.raises(UncertainDelivery), ImapDrop(login) as drop:
            drop.put(DRAFT, message_id=ID, sender="", recipients=[])
    assert heard
    with demo_mailbox.drop() as drop:
        found = drop.find(ID)
    assert found is not None
    assert found.role is Role.DRAFTS


HEADER_ROW = f"* 3 FETCH (UID 3 BODY[HEADER.FIELDS (MESSAGE-ID)] {{{len(ID) + 16}}}\r\nMessage-ID: {ID}\r\n\r\n)\r\n"
NO_ROW = "* 3 FETCH (UID 3 BODY[HEADER.FIELDS (MESSAGE-ID)] {4}\r\n\r\n\r\n)\r\n"


def test_a_server_without_uidplus_is_searched_for_the_draft() -> None:
    """Exchange of old gives no APPENDUID; the draft is found by its Message-ID."""
    script = {
        "APPEND": "* OK taken\r\n{tag} OK done\r\n",
        "UID SEARCH HEADER": "* SEARCH 3\r\n{tag} OK done\r\n",
        "UID FETCH": HEADER_ROW + "{tag} OK done\r\n",
    }
    with ScriptedImap(script) as server:
        assert put(server.port) == Found(Role.DRAFTS, 7, 3)


@pytest.mark.parametrize("search", ["* SEARCH\r\n{tag} OK done\r\n", "{tag} NO too hard\r\n", "{tag} BAD HEADER?\r\n"])
def test_a_draft_is_found_without_the_help_of_a_search(search: str) -> None:
    """Search indexes lag and old servers refuse HEADER; "not found" would lay the draft a second time."""
    script = {"UID SEARCH HEADER": search, "UID FETCH": HEADER_ROW + "{tag} OK done\r\n"}
    with ScriptedImap(script) as server, ImapDrop(settings(server.port)) as drop:
        assert drop.find(ID) == Found(Role.DRAFTS, 7, 3)


def test_a_search_that_fails_for_now_is_no_answer() -> None:
    """A throttled server that passes for "not found" would get the draft a second time."""
    with (
        ScriptedImap({"UID SEARCH": "{tag} NO [UNAVAILABLE] later\r\n"}) as server,
        ImapDrop(settings(server.port)) as drop,
        pytest.raises(MailServerError),
    ):
        drop.find(ID)


def test_a_yes_that_cannot_be_read_back_is_uncertain() -> None:
    """A tool that says "draft created" without looking was the top complaint about others."""
    script = {"APPEND": "* OK\r\n{tag} OK [APPENDUID 7 3] done\r\n", "UID FETCH": NO_ROW + "{tag} OK done\r\n"}
    with pytest.raises(UncertainDelivery), ScriptedImap(script) as server:
        put(server.port)


def test_no_folder_for_drafts_is_for_the_owner() -> None:
    """Firmly makes no folders; nothing is appended anywhere else instead."""
    with ScriptedImap({"LIST": '* LIST () "/" INBOX\r\n{tag} OK done\r\n'}) as server:
        with pytest.raises(ConfigError, match="no folder for drafts") as caught:
            put(server.port)
        assert "drafts =" in caught.value.fix
        assert not any(command.startswith("APPEND") for command in server.commands)


# --- anything


FRAGMENTS = [
    "* ", "OK ", "NO ", "BAD ", "BYE ", "[UIDVALIDITY 7] ", "[UIDNEXT x] ", "[TRYCREATE] ", "3 EXISTS", "x EXISTS", "SEARCH ",
    "SEARCH 1 2 x", "1 FETCH ", "(UID 1 ", "(UID x ", "BODY[] ", "BODY[HEADER] ", "{3}\r\n", "{-1}\r\n", "NIL ", "((", ")",
    '"', "\\", "RFC822.SIZE 1 ", 'INTERNALDATE "04-Mar-2026 12:00:00 +9999" ', "LIST ", "() ", "NIL x", '"/" ', "{tag} ", "+ ",
    "\xff", "\0", "\r\n", "\r\n{tag} OK done\r\n", "CAPABILITY IMAP4rev1",
]  # fmt: skip
answers = st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(lambda parts: "".join(parts) + "\r\n{tag} OK done\r\n")


@given(st.dictionaries(st.sampled_from([*DEFAULTS, "UID FETCH", "APPEND"]), answers, min_size=1, max_size=4))
def test_no_answer_of_a_server_is_a_bug_of_ours(script: dict[str, str]) -> None:
    """Whatever a server says, the run ends in a sentence or goes on, and never in a traceback."""
    with ScriptedImap(script) as server, suppress(FirmlyError), ImapDrop(settings(server.port, timeout_s=0.05)) as drop:
        drop.find(ID)
    with (
        ScriptedImap(script) as server,
        suppress(FirmlyError),
        ImapSource(settings(server.port, timeout_s=0.05)) as source,
    ):
        for role in (Role.INBOX, Role.DRAFTS):
            source.examine(role)
            listed = [one for batch in source.listing(role, source.uids(role, after=0)) for one in batch]
            fetched = [one for batch in source.bodies(role, listed) for one in batch]
            assert [one.uid for one in fetched] == [one.uid for one in listed]
            assert all((one.raw is None) == bool(one.problem) for one in fetched)
