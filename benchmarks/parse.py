"""Parsing to newest text against the standard library parsing the same bytes alone.

    python benchmarks/parse.py [--count 5000] [--rounds 5] [--corpora DIR] [--profile]

The mix is made here, from a fixed seed: replies with quotes in plain text and in the HTML of Gmail and Outlook,
newsletters, attachments, legacy charsets, long reference chains, in seven languages. With `--corpora` every `.eml` under
that directory is added once.

    stdlib   email.message_from_bytes(raw, policy=policy.default); every header field turned into str;
             get_body(("plain", "html")) and its get_content(). Where it raises, the mail counts as done.
    firmly   pipeline.parse.parse_message(raw): headers, addresses, text, HTML to text, quotes and signature cut.

Each round times both over all mails, in turn; the figure is the median of the rounds' ratios. Budget: at most 1.
"""

import argparse
import base64
import cProfile
import email
import email.policy
import gc
import pstats
import quopri
import random
import statistics
import time
from collections.abc import Callable, Iterator
from email.header import Header
from pathlib import Path

from pipeline.parse import parse_message

SENTENCES = {
    "en": "Thank you for the draft. The second page still shows the old price. Could you send the corrected version by Friday? We need it for the meeting.",
    "de": "Vielen Dank für den Entwurf. Auf der zweiten Seite steht noch der alte Preis. Könnten Sie die Änderung bis Freitag schicken? Grüße an alle.",
    "fr": "Merci pour le projet. La deuxième page montre encore l'ancien prix. Pourriez-vous envoyer la version corrigée avant vendredi ? C'est urgent.",
    "es": "Gracias por el borrador. La segunda página todavía muestra el precio antiguo. ¿Podría enviar la versión corregida antes del viernes?",
    "tr": "Taslak için teşekkürler. İkinci sayfada hâlâ eski fiyat görünüyor. Düzeltilmiş sürümü cumaya kadar gönderebilir misiniz? Toplantı için gerekli.",
    "ar": "شكرا على المسودة. الصفحة الثانية ما زالت تعرض السعر القديم. هل يمكنكم إرسال النسخة المصححة قبل يوم الجمعة؟ نحتاجها للاجتماع.",
    "ru": "Спасибо за черновик. На второй странице всё ещё старая цена. Не могли бы вы прислать исправленную версию до пятницы? Она нужна к встрече.",
}
ATTRIBUTIONS = {
    "en": "On Wed, Apr 30, 2025 at 3:19 PM Ada Writer <ada@studio.example> wrote:",
    "de": "Am Mi., 30. Apr. 2025 um 15:19 Uhr schrieb Ada Writer <ada@studio.example>:",
    "fr": "Le mer. 30 avr. 2025 à 15:19, Ada Writer <ada@studio.example> a écrit :",
    "es": "El mié, 30 abr 2025 a las 15:19, Ada Writer (<ada@studio.example>) escribió:",
    "tr": "Ada Writer <ada@studio.example>, 30 Nis 2025 Çar, 15:19 tarihinde şunu yazdı:",
    "ar": "في الأربعاء، 30 أبريل 2025 في 3:19 م تمت كتابة ما يلي بواسطة Ada Writer <ada@studio.example>:",
    "ru": "ср, 30 апр. 2025 г. в 15:19, Ada Writer <ada@studio.example>:",
}
CHARSETS = {
    "de": "iso-8859-1",
    "fr": "iso-8859-15",
    "es": "windows-1252",
    "tr": "iso-8859-9",
    "ar": "windows-1256",
    "ru": "koi8-r",
    "en": "us-ascii",
}


class Mix:
    """A stream of invented mails, the same for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._number = 0

    def mails(self, count: int) -> Iterator[bytes]:
        """Yield `count` mails by the weights of the mix."""
        makers: list[tuple[int, Callable[[str], bytes]]] = [
            (25, self.plain_reply),
            (28, self.gmail_reply),
            (17, self.outlook_reply),
            (10, self.newsletter),
            (10, self.with_attachment),
            (10, self.legacy),
        ]
        weights, chosen = [weight for weight, _ in makers], [maker for _, maker in makers]
        for _ in range(count):
            self._number += 1
            language = self._random.choice(list(SENTENCES))
            yield self._random.choices(chosen, weights)[0](language)

    def paragraphs(self, language: str, least: int, most: int) -> list[str]:
        """Between `least` and `most` paragraphs."""
        sentences = SENTENCES[language].split(". ")
        return [
            ". ".join(self._random.choices(sentences, k=self._random.randint(2, 6)))
            for _ in range(self._random.randint(least, most))
        ]

    def head(self, language: str, *, references: int = 3) -> bytes:
        """A header block as it arrives: hops, signature, encoded words, references."""
        words = " ".join(self._random.choices(SENTENCES[language].split(), k=6))
        chain = "\r\n ".join(
            f"<CAF{self._random.getrandbits(120):x}.{at}@mail.client.example>" for at in range(references)
        )
        hops = "".join(
            f"Received: from mx{at}.client.example (mx{at}.client.example [192.0.2.{at}])\r\n\tby mail{at}.studio.example with ESMTPS id "
            f"{self._random.getrandbits(64):x}\r\n\tfor <ada@studio.example>; Wed, 30 Apr 2025 15:2{at}:00 +0200 (CEST)\r\n"
            for at in range(5)
        )
        signature = "\r\n\t ".join(f"{self._random.getrandbits(256):064x}" for _ in range(6))
        return (
            f"Return-Path: <jo@client.example>\r\nDelivered-To: ada@studio.example\r\n{hops}"
            f"Authentication-Results: mail.studio.example; dkim=pass header.d=client.example;\r\n\tspf=pass smtp.mailfrom=client.example; dmarc=pass\r\n"
            f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=client.example; s=s1;\r\n\th=from:to:subject:date; b={signature}\r\n"
            f"From: {Header('Jo Müller-Öztürk', 'utf-8').encode()} <jo@client.example>\r\n"
            f'To: "Writer, Ada" <ada@studio.example>, team@client.example\r\nCc: Kim Oe <kim@client.example>\r\n'
            f"Subject: {Header('Re: ' + words, 'utf-8').encode(linesep=chr(13) + chr(10))}\r\nDate: Wed, 30 Apr 2025 15:{self._number % 60:02}:00 +0200\r\n"
            f"Message-ID: <{self._number}.{self._random.getrandbits(64):x}@mail.client.example>\r\nIn-Reply-To: <a1@studio.example>\r\n"
            f"References: {chain}\r\nMIME-Version: 1.0\r\nX-Mailer: Invented 16.0\r\n"
        ).encode("ascii")

    def quoted(self, language: str) -> str:
        """History with quote marks."""
        lines = []
        for paragraph in self.paragraphs(language, 4, 25):
            lines += [f"> {paragraph[at : at + 70]}" for at in range(0, len(paragraph), 70)] + [">"]
        return "\r\n".join(lines)

    def plain_reply(self, language: str) -> bytes:
        """Plain text, signature, attribution, marked quote."""
        own = "\r\n\r\n".join(self.paragraphs(language, 1, 5))
        text = f"{own}\r\n\r\n-- \r\nJo Client\r\n+49 30 000000\r\n\r\n{ATTRIBUTIONS[language]}\r\n\r\n{self.quoted(language)}\r\n"
        return (
            self.head(language)
            + b'Content-Type: text/plain; charset="UTF-8"\r\nContent-Transfer-Encoding: 8bit\r\n\r\n'
            + text.encode()
        )

    def alternative(self, language: str, plain: str, html: str) -> bytes:
        """A multipart/alternative of both texts, quoted-printable."""
        mark = f"000{self._random.getrandbits(90):x}"
        return (
            self.head(language)
            + f'Content-Type: multipart/alternative; boundary="{mark}"\r\n\r\n'.encode()
            + f'--{mark}\r\nContent-Type: text/plain; charset="UTF-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
            + quopri.encodestring(plain.encode()).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
            + f'\r\n--{mark}\r\nContent-Type: text/html; charset="UTF-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'.encode()
            + quopri.encodestring(html.encode()).replace(b"\n", b"\r\n").replace(b"\r\r", b"\r")
            + f"\r\n--{mark}--\r\n".encode()
        )

    def gmail_reply(self, language: str) -> bytes:
        """A reply as Gmail's page writes it."""
        own, old = self.paragraphs(language, 1, 4), self.paragraphs(language, 4, 20)
        plain = (
            "\r\n\r\n".join(own)
            + f"\r\n\r\n{ATTRIBUTIONS[language]}\r\n\r\n"
            + "\r\n".join(f"> {line}" for line in old)
        )
        html = (
            '<div dir="ltr">' + "".join(f"<div>{line}</div><div><br></div>" for line in own) + "</div>"
            f'<div class="gmail_quote"><div dir="ltr" class="gmail_attr">{ATTRIBUTIONS[language]}<br></div>'
            '<blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex">'
            + "".join(f"<p>{line}</p>" for line in old)
            + "</blockquote></div>"
        )
        return self.alternative(language, plain, html)

    def outlook_reply(self, language: str) -> bytes:
        """A reply as Outlook for Windows writes it."""
        own, old = self.paragraphs(language, 1, 4), self.paragraphs(language, 5, 20)
        block = "From: Ada Writer <ada@studio.example>\r\nSent: Wednesday, April 30, 2025 3:19 PM\r\nTo: Jo Client\r\nSubject: RE: Draft\r\n"
        plain = "\r\n\r\n".join(own) + f"\r\n\r\nBest regards,\r\nJo Client\r\n\r\n{block}\r\n" + "\r\n\r\n".join(old)
        style = "".join(
            f"p.Mso{at}, li.Mso{at} {{margin:0cm; font-size:11.0pt; font-family:'Calibri',sans-serif;}}\r\n"
            for at in range(25)
        )
        html = (
            f"<html><head><style><!--{style}--></style></head><body lang=EN-GB link=blue vlink=purple><div class=WordSection1>"
            + "".join(
                f"<p class=MsoNormal><span style='mso-fareast-language:EN-US'>{line}<o:p></o:p></span></p>"
                for line in own
            )
            + "<div style='border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm'><p class=MsoNormal>"
            + block.replace("<", "&lt;").replace("\r\n", "<br>")
            + "</p></div>"
            + "".join(f"<p class=MsoNormal><span style='color:#1F497D'>{line}<o:p></o:p></span></p>" for line in old)
            + "</div></body></html>"
        )
        return self.alternative(language, plain, html)

    def newsletter(self, language: str) -> bytes:
        """HTML only, a layout table, base64."""
        rows = "".join(
            f'<tr><td style="padding:8px;background-color:#f4f4f4"><a href="https://news.example/{at}?u={self._random.getrandbits(64):x}">'
            f'<img src="https://news.example/{at}.png" alt="" width="120"></a></td><td style="font-size:14px;color:#333333">{line}</td></tr>'
            for at, line in enumerate(self.paragraphs(language, 15, 40))
        )
        html = f'<html><body><div style="display:none">preview words</div><table width="600" cellpadding="0">{rows}</table></body></html>'
        coded = base64.encodebytes(html.encode()).replace(b"\n", b"\r\n")
        return (
            self.head(language)
            + b"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"
            + coded
        )

    def with_attachment(self, language: str) -> bytes:
        """Flowed text and a PDF."""
        mark = f"_mixed_{self._random.getrandbits(90):x}"
        text = "\r\n\r\n".join(self.paragraphs(language, 1, 5))
        data = base64.encodebytes(self._random.randbytes(self._random.randint(10_000, 80_000))).replace(b"\n", b"\r\n")
        return (
            self.head(language)
            + f'Content-Type: multipart/mixed; boundary="{mark}"\r\n\r\n--{mark}\r\nContent-Type: text/plain; charset=utf-8; format=flowed\r\n\r\n'.encode()
            + text.encode()
            + f'\r\n--{mark}\r\nContent-Type: application/pdf; name="offer.pdf"\r\nContent-Transfer-Encoding: base64\r\n'.encode()
            + b"Content-Disposition: attachment;\r\n filename*=utf-8''Angebot%20%C3%BC.pdf\r\n\r\n"
            + data
            + f"--{mark}--\r\n".encode()
        )

    def legacy(self, language: str) -> bytes:
        """The language's old charset, a long chain of references."""
        charset = CHARSETS[language]
        text = (
            "\r\n".join(self.paragraphs(language, 2, 8))
            + f"\r\n\r\n{ATTRIBUTIONS[language]}\r\n{self.quoted(language)}\r\n"
        )
        coded = quopri.encodestring(text.encode(charset, "replace")).replace(b"\r\r", b"\r")
        return (
            self.head(language, references=25)
            + f"Content-Type: text/plain; charset={charset}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n".encode()
            + coded
        )


def stdlib(raw: bytes) -> None:
    """What the standard library has to do for the same: parse, decode the headers, give the body's text."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    for value in message.values():
        str(value)
    body = message.get_body(("plain", "html"))
    if body is not None:
        body.get_content()


def firmly(raw: bytes) -> None:
    """What Firmly does."""
    parse_message(raw)


def timed(work: Callable[[bytes], None], mails: list[bytes]) -> tuple[float, int]:
    """Seconds for all mails, and how many of them raised."""
    failed = 0
    gc.collect()
    begin = time.perf_counter()
    for raw in mails:
        try:
            work(raw)
        except Exception:  # noqa: BLE001 the standard library raises nearly anything on broken mail; it is counted
            failed += 1
    return time.perf_counter() - begin, failed


def main() -> None:
    """Make the mix, time both, print the ratio."""
    options = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    options.add_argument("--count", type=int, default=5000, help="mails of the made mix")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--corpora", type=Path, help="add every .eml under this directory once")
    options.add_argument("--profile", action="store_true", help="show where parse_message spends its time instead")
    chosen = options.parse_args()
    mails = list(Mix(seed=20250430).mails(chosen.count))
    if chosen.corpora:
        mails += [path.read_bytes() for path in sorted(chosen.corpora.rglob("*.eml"))]
    total = sum(map(len, mails))
    print(f"{len(mails)} mails, {total / 1e6:.1f} MB, {total / len(mails) / 1e3:.1f} KB on average")
    if chosen.profile:
        with cProfile.Profile() as profile:
            timed(firmly, mails)
        pstats.Stats(profile).sort_stats("tottime").print_stats(35)
        return
    timed(stdlib, mails[:200])
    timed(firmly, mails[:200])
    ratios = []
    for number in range(1, chosen.rounds + 1):
        theirs, failed = timed(stdlib, mails)
        ours, ours_failed = timed(firmly, mails)
        ratios.append(ours / theirs)
        print(
            f"round {number}: stdlib {theirs:.2f} s ({failed} raised), firmly {ours:.2f} s ({ours_failed} raised), ratio {ours / theirs:.3f}"
        )
    print(f"median ratio {statistics.median(ratios):.3f} (budget 1.000)")


if __name__ == "__main__":
    main()
