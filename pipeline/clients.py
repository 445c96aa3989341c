"""Whose mail is it? By address first, then by domain; a free-mail domain is nobody's."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from pipeline.domain.ids import ClientId
from pipeline.domain.mail import Direction, Message

FREE_MAIL = frozenset(
    """
    126.com 163.com aim.com alice.it aol.com arcor.de bigpond.com bluewin.ch btinternet.com centrum.cz comcast.net cox.net
    docomo.ne.jp email.cz email.de fastmail.com foxmail.com free.fr freenet.de gmail.com gmx.at gmx.ch gmx.com gmx.de gmx.net
    googlemail.com hotmail.co.uk hotmail.com hotmail.de hotmail.es hotmail.fr hotmail.it hushmail.com icloud.com inbox.lv
    inbox.ru interia.pl kpnmail.nl laposte.net libero.it live.co.uk live.com live.de live.fr live.nl mac.com mail.com mail.de
    mail.ru me.com msn.com mynet.com naver.com o2.pl onet.pl op.pl orange.fr outlook.com outlook.de outlook.fr outlook.es
    pm.me posteo.de proton.me protonmail.com qq.com rambler.ru rediffmail.com rocketmail.com sapo.pt sbcglobal.net seznam.cz
    sfr.fr sina.com sky.com t-online.de tiscali.it tutanota.com ukr.net uol.com.br verizon.net virgilio.it wanadoo.fr web.de
    wp.pl yahoo.ca yahoo.co.in yahoo.co.jp yahoo.co.uk yahoo.com yahoo.com.br yahoo.com.tr yahoo.de yahoo.es yahoo.fr yahoo.it
    yandex.com yandex.ru ymail.com zoho.com
    """.split(),
)
"""Domains on which strangers share: an address there says nothing about its neighbours."""


@dataclass(frozen=True, slots=True)
class Roster:
    """Everybody whose mail is known: the clients' addresses and domains, and the owner's own."""

    own: frozenset[str]
    """The owner's addresses, lower case."""
    by_email: Mapping[str, ClientId] = field(default_factory=dict)
    by_domain: Mapping[str, ClientId] = field(default_factory=dict)

    def client_of(self, email: str) -> ClientId | None:
        """The client that an address belongs to. A domain counts with its subdomains, unless it is a free-mail domain."""
        address = email.lower()
        if address in self.own:
            return None
        if address in self.by_email:
            return self.by_email[address]
        domain = address.rpartition("@")[2]
        while "." in domain:
            if domain not in FREE_MAIL and domain in self.by_domain:
                return self.by_domain[domain]
            domain = domain.partition(".")[2]
        return None

    def first_client(self, emails: Iterable[str]) -> ClientId | None:
        """The client of the first address that belongs to one."""
        return next((found for email in emails if (found := self.client_of(email)) is not None), None)

    def direction(self, senders: Iterable[str]) -> Direction:
        """Whether the owner wrote a mail with these senders."""
        first = next(iter(senders), "")
        return Direction.OUTBOUND if first.lower() in self.own else Direction.INBOUND


def recognise_client(message: Message, roster: Roster, direction: Direction) -> ClientId | None:
    """The client who wrote a mail, or to whom the owner wrote it. None for a stranger."""
    if direction is Direction.OUTBOUND:
        return roster.first_client(address.email for address in (*message.to, *message.cc))
    return roster.client_of(message.from_.email) if message.from_ else None
