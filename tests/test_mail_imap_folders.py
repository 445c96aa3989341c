"""Which folder is which, over the many ways in which servers name them."""

import pytest

from pipeline.mail.imap.folders import Folder, choose_folder, near_names
from pipeline.mail.ports import Role


def folder(name: str, *attributes: bytes, delimiter: str = "/") -> Folder:
    """A folder as LIST shows it."""
    return Folder(name, delimiter, frozenset(attributes))


@pytest.mark.parametrize(
    ("role", "name", "delimiter"),
    [
        (Role.SENT, "Sent", "/"),
        (Role.SENT, "Sent Items", "/"),
        (Role.SENT, "Sent Messages", "/"),
        (Role.SENT, "INBOX.Sent", "."),
        (Role.SENT, "Gesendet", "/"),
        (Role.SENT, "Gesendete Elemente", "/"),
        (Role.SENT, "Éléments envoyés", "/"),
        (Role.SENT, "[Gmail]/Sent Mail", "/"),
        (Role.SENT, "[Google Mail]/Gesendet", "/"),
        (Role.SENT, "Gönderilmiş Öğeler", "/"),
        (Role.SENT, "Отправленные", "|"),
        (Role.SENT, "已发送", "/"),
        (Role.DRAFTS, "DRAFTS", "/"),
        (Role.DRAFTS, "Entwu\u0308rfe", "/"),
        (Role.DRAFTS, "Brouillons", "/"),
        (Role.DRAFTS, "Taslaklar", "/"),
        (Role.DRAFTS, "المسودات", "/"),
        (Role.DRAFTS, "INBOX/Borradores", "/"),
        (Role.DRAFTS, "下書き", ""),
        (Role.TRASH, "Deleted Items", "/"),
        (Role.TRASH, "Papierkorb", "/"),
        (Role.TRASH, "Çöp Kutusu", "/"),
        (Role.TRASH, "سلة المهملات", "/"),
    ],
)
def test_a_folder_is_known_by_its_name(role: Role, name: str, delimiter: str) -> None:
    """Without SPECIAL-USE the name is all there is; an unknown Sent means that sent replies are never seen."""
    others = [folder(other, delimiter=delimiter) for other in ("INBOX", "Clients", "Projects")]
    assert choose_folder(role, [*others, folder(name, delimiter=delimiter)]) == name


def test_the_servers_own_mark_wins_over_a_name() -> None:
    """An old folder called Sent must not be read in place of the one that the mail program uses."""
    folders = [folder("Sent"), folder("Gesendet", b"\\sent"), folder("Drafts", b"\\sent", b"\\noselect")]
    assert choose_folder(Role.SENT, folders) == "Gesendet"


def test_a_folder_of_the_owners_own_is_not_taken() -> None:
    """`Clients/Sent` is the owner's filing, not where their mail program puts what was sent."""
    folders = [folder("Clients/Sent"), folder("Archive/2025/Drafts"), folder("Sentinel")]
    assert choose_folder(Role.SENT, folders) is None
    assert choose_folder(Role.DRAFTS, folders) is None


def test_a_folder_that_holds_no_mail_is_not_taken() -> None:
    """A parent that only holds folders cannot be opened: the run would fail on every poll."""
    assert choose_folder(Role.SENT, [folder("Sent", b"\\noselect"), folder("INBOX/Sent")]) == "INBOX/Sent"


def test_the_commonest_name_wins_among_several() -> None:
    """A mailbox that several programs have used has several; the choice must not depend on the order of LIST."""
    folders = [folder("Gesendete Objekte"), folder("Sent Messages"), folder("Sent")]
    assert choose_folder(Role.SENT, folders) == choose_folder(Role.SENT, folders[::-1]) == "Sent"


def test_near_names_are_what_was_meant_or_what_there_is() -> None:
    """The owner reads the right spelling in the error; where nothing is near, the list itself helps."""
    folders = [folder("Gesendete Elemente"), folder("INBOX"), folder("Rechnungen")]
    assert near_names("gesendete Elemnte", folders) == ["Gesendete Elemente"]
    assert near_names("zzz", folders) == ["Gesendete Elemente", "INBOX", "Rechnungen"]
