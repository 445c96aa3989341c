"""What the sender wants: the questions and the requests of a mail, each with its sentence."""

import re
from collections.abc import Sequence

from pipeline.domain.assessment import Ask
from pipeline.domain.ids import UntrustedText

_MOST = 8
_LONGEST = 140
"""Characters of an ask's text; the quote keeps the whole sentence."""
_QUESTION = re.compile(r"[?؟？]|[^\W\d_]՞")
_REQUEST = re.compile(
    r"""\b(?:please|kindly|could\syou|can\syou|would\syou|will\syou|let\sme\sknow|send\s(?:me|us|over|it|them|across)
    |I(?:'d|\swould)\slike\syou\sto|I\sneed|we\sneed|I\swant|we\swant|I\sexpect|we\sexpect|call\sme|ring\sme|get\sback\sto)\b
    |\bbitte\b|k[öo]nn(?:en|ten)\s(?:Sie|wir)|kannst\sdu|schick(?:en|t)?\s|wir\s(?:brauchen|benötigen)|ich\sbrauche|melden\sSie
    |s['’]il\s(?:vous|te)\spla[iî]t|merci\sde\s|veuillez|pou(?:vez|rriez)[\s-]vous|il\s(?:nous|me)\sfaut|envoyez|nous\savons\sbesoin
    |por\sfavor|pod[eé]is|podr[ií]a(?:n|s)?\s|pued[ea]s?n?\s|env[ií](?:e|a|en)(?:me|nos)?\b|necesit(?:o|amos)|m[aá]nd(?:a|e|en)(?:me|nos)
    |per\sfavore|per\scortesia|pu(?:ò|oi)\s|pot(?:ete|rebbe|reste)\s|mandate?mi|mi\sserv(?:e|ono)|vi\spreghiamo|\bfaça|pode(?:m|ria)?\s|preciso\s|precisamos|mande|envie|solicitamos
    |alstublieft|a\.?u\.?b\.?|graag\b|wilt\su|kunt\su|kun\sje|stuur\b|lütfen|rica\sed|misiniz|mısınız|gönderin|eder\smisin
    |prosz[ęe]|prosimy|czy\smo[żg]|пожалуйста|прошу|просим|можете|пришлите|нужн[оаы]?\b|أرجو|نرجو|من\sفضلك|هل\sيمكن|أرسل\w*|أريد
    |խնդրում|կարո՞ղ|ուղարկ\w+|దయచేసి|పంపండి|చెప్పండి|ఇవ్వండి|చేయండి""",
    re.IGNORECASE | re.VERBOSE,
)


def find_asks(sentences: Sequence[str]) -> tuple[Ask, ...]:
    """Questions and requests in the order of the mail, at most eight."""
    asks = []
    for sentence in sentences:
        if len(sentence.split()) >= 3 and (_QUESTION.search(sentence) or _REQUEST.search(sentence)):
            text = sentence if len(sentence) <= _LONGEST else f"{sentence[: _LONGEST - 1].rsplit(' ', 1)[0]}…"
            asks.append(Ask(UntrustedText(text), UntrustedText(sentence)))
    return tuple(asks[:_MOST])
