"""Which folder is Sent, Drafts or Trash: by special-use attribute (RFC 6154), else by its name in many languages."""

import difflib
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pipeline.mail.ports import Role

_SPECIAL_USE = {Role.SENT: b"\\sent", Role.DRAFTS: b"\\drafts", Role.TRASH: b"\\trash"}
_NO_FOLDER = {b"\\noselect", b"\\nonexistent"}
_PARENTS = {"", "inbox", "[gmail]", "[google mail]"}
"""Where providers put their own folders. `Clients/Sent` is the owner's."""

_NAMES: dict[Role, tuple[str, ...]] = {
    Role.SENT: (
        "sent", "sent items", "sent messages", "sent mail", "sent-mail", "gesendet", "gesendete elemente",
        "gesendete objekte", "gesendete nachrichten", "envoyés", "éléments envoyés", "messages envoyés", "enviados",
        "elementos enviados", "mensajes enviados", "enviadas", "itens enviados", "mensagens enviadas", "posta inviata",
        "inviata", "inviati", "elementi inviati", "verzonden", "verzonden items", "verzonden objecten",
        "verzonden berichten", "skickat", "skickade objekt", "sendt", "sendte elementer", "sendt post", "lähetetyt",
        "wysłane", "elementy wysłane", "odeslané", "odeslaná pošta", "odoslané", "elküldött", "elküldött elemek",
        "trimise", "elemente trimise", "gönderilenler", "gönderilmiş öğeler", "gönderilmiş postalar", "gönderilen",
        "gönderilmiş", "отправленные", "надіслані", "изпратени", "απεσταλμένα", "المرسلة", "الرسائل المرسلة",
        "البريد المرسل", "العناصر المرسلة", "נשלחו", "דואר יוצא", "فرستاده‌شده", "भेजे गए", "已发送", "已发送邮件",
        "已傳送", "寄件備份", "送信済み", "送信済みアイテム", "送信済みメール", "보낸편지함", "보낸 편지함", "đã gửi",
        "terkirim", "ուղարկված",
    ),
    Role.DRAFTS: (
        "drafts", "draft", "entwürfe", "entwurf", "brouillons", "brouillon", "borradores", "borrador", "rascunhos",
        "rascunho", "bozze", "bozza", "concepten", "concept", "utkast", "kladder", "kladde", "luonnokset",
        "szkice", "kopie robocze", "wersje robocze", "koncepty", "rozepsané", "rozpísané", "piszkozatok", "ciorne",
        "schițe", "taslaklar", "taslak", "черновики", "чернетки", "чернови", "πρόχειρα", "المسودات", "مسودات",
        "مسودة", "טיוטות", "پیش‌نویس‌ها", "ड्राफ़्ट", "草稿", "草稿箱", "草稿匣", "下書き", "임시보관함", "임시 보관함",
        "thư nháp", "draf", "konsep", "սևագրեր",
    ),
    Role.TRASH: (
        "trash", "deleted items", "deleted messages", "deleted", "bin", "papierkorb", "gelöschte elemente",
        "gelöschte objekte", "gelöscht", "corbeille", "éléments supprimés", "papelera", "elementos eliminados", "lixeira",
        "lixo", "itens excluídos", "itens eliminados", "cestino", "posta eliminata", "elementi eliminati", "prullenbak",
        "verwijderde items", "papperskorgen", "borttagna objekt", "papirkurv", "papirkurven", "slettet post",
        "slettede elementer", "roskakori", "poistetut", "kosz", "elementy usunięte", "koš", "odstraněná pošta", "kôš",
        "kuka", "lomtár", "törölt elemek", "coș de gunoi", "elemente șterse", "çöp kutusu", "çöp", "silinmiş öğeler",
        "silinenler", "корзина", "удаленные", "удалённые", "кошик", "видалені", "кошче", "κάδος απορριμμάτων",
        "διαγραμμένα", "المهملات", "سلة المهملات", "العناصر المحذوفة", "אשפה", "פריטים שנמחקו", "زباله‌دان",
        "ट्रैश", "已删除", "已删除邮件", "垃圾桶", "刪除的郵件", "ゴミ箱", "削除済みアイテム", "휴지통", "지운편지함",
        "thùng rác", "sampah", "աղբարկղ",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder as LIST shows it; `attributes` in lower case."""

    name: str
    delimiter: str
    attributes: frozenset[bytes]

    @property
    def selectable(self) -> bool:
        """Whether it can hold mail."""
        return not self.attributes & _NO_FOLDER


def choose_folder(role: Role, folders: Iterable[Folder]) -> str | None:
    """The name of the folder for a role, or None. The server's own mark wins over the name."""
    candidates = [folder for folder in folders if folder.selectable]
    for folder in candidates:
        if _SPECIAL_USE[role] in folder.attributes:
            return folder.name
    known = {_key(name): rank for rank, name in enumerate(_NAMES[role])}
    ranked = [(known[leaf], len(folder.name), folder.name) for folder in candidates if (leaf := _leaf(folder)) in known]
    return min(ranked)[2] if ranked else None


def near_names(wanted: str, folders: Sequence[Folder]) -> list[str]:
    """Existing names that the owner may have meant, the likeliest first; else the first few there are."""
    names = [folder.name for folder in folders if folder.selectable]
    by_key = {_key(name): name for name in names}
    near = difflib.get_close_matches(_key(wanted), list(by_key), n=5, cutoff=0.5)
    return [by_key[key] for key in near] or sorted(names)[:10]


def _leaf(folder: Folder) -> str:
    """The last part of a name that stands at the top or under a provider's own parent; empty for others."""
    parent, _, leaf = folder.name.rpartition(folder.delimiter) if folder.delimiter else ("", "", folder.name)
    return _key(leaf) if _key(parent) in _PARENTS else ""


def _key(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()
