"""What a mail says about paying, by rules: a promise with its date, a claim, a dispute, a query, an insolvency."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal, InvalidOperation

from pipeline.classify.embedded.dates import find_dates
from pipeline.domain.assessment import PaymentKind, PaymentStatement
from pipeline.domain.ids import UntrustedText

_PAY = re.compile(
    r"""\b(?:pay(?:s|ing|ment|ments|out)?|paid|transfer(?:s|red|ring)?|wire[ds]?|remit\w*|settle[ds]?|bank\srun|remittance|cheque|check\sis|ach
    |invoices?|money|funds|balance|amount|bill|releas(?:e|ed|ing)|purchase\sorder|PO\snumber|credit\snote)\b
    |zahl\w*|überw[ie]+s\w*|Überweisung\w*|begleich\w*|beglichen|Rechnung\w*|Betrag|Geld\b|Zahlung\w*|angewiesen|freigegeben
    |pai(?:e|é|er|ement|erons|erai)\w*|vir(?:ement|é|ée|ons|erai|er)\b|r[eè]gl(?:er|ement|é|ée|erons|erai)\w*|facture\w*|solde\b|montant
    |pag(?:o|ar|aré|aremos|ado|amos|ué|ará|a|are|ato|ata|hiamo|herò|heremo|amento|amenti|uei|aremos|ou)\b|transf[ei]r\w+|bonific\w+|fattur\w+|factur\w+|fatur\w+|saldo\b|dep[oó]sit\w+|ingres\w+
    |beta(?:al|len|ald|ling)\w*|overgemaakt|overmaken|maken?\s.{0,40}\sover\b|factuur|rekening|öde\w+|yatır\w+|havale|fatura\w*|para(?:yı|nız)?\b
    |zapłac\w+|płatn\w+|przel\w+|faktur\w+|należn\w+|оплат\w+|заплат\w+|перев[её]\w+|перечисл\w+|сч[её]т\w*|деньги
    |دفع\w*|سدد\w*|ندفع|سندفع|سأدفع|الدفع|تحويل\w*|حول\w*|فاتور\w+|الفاتورة|المبلغ|վճար\w*|փոխանց\w*|հաշիվ\w*|գումար\w*|చెల్లి\w*|డబ్బు\w*|బిల్లు\w*|పంపిస్త\w*|కడత\w*""",
    re.IGNORECASE | re.VERBOSE,
)
_INTENDS = re.compile(
    r"""\b(?:will|'ll|shall|going\sto|goes|go\sout|is\s(?:due|set|scheduled|going|booked)|are\s(?:due|set|scheduled|going)|should\s(?:be|arrive|see|have|reach|land)|scheduled|arrives?|by|on\syour\saccount
    |releas(?:e|ed)\sfor|expect\s(?:it|the|payment)|you\shave\sit|I\s(?:pay|transfer)|we\s(?:pay|transfer)|can\spay|run\s(?:on|of)|promise)\b
    |wird|werden|werde|überweise\w*|zahle\w*|haben\sSie|geht\s|sollte|kommt\s|bis\s|am\s|sera|seront|part(?:ira)?\b|ferai|ferons|allons|vais|erai\b|erons\b|aurez|recevrez|le\s\d
    |ré\b|remos\b|rá\b|rán\b|voy\sa|vamos\sa|sale\b|tendr[áa]|llegar|el\s\d|er[òo]\b|eremo\b|arriv\w+|è\sdisposto|parte|domani|sarà|vou\b|vamos|transfiro|faço|até|será|dia\s\d
    |maken|betalen\swe|we\sbetalen|zal|zullen|wordt|krijgt|[ae]ca[ğk]\w*|[ıiuü]yoru\w*|kadar|będzie|wyjdzie|zapłac[ęi]\w*|przelej\w*|do\s\d|оплатим|оплачу|перев(?:едём|едем|еду)|придут|будут|будет|до\s\d
    |سوف|سن\w+|سأ\w+|سيتم|يوم|կ\w+|ին\b|స్తా\w*|తాను|తాము""",
    re.IGNORECASE | re.VERBOSE,
)
_BILL = re.compile(
    r"\binvoices?\b|\bbills?\b|\bbalance\b|\bamount\b|Rechnung\w*|Betrag|factur\w+|montant|solde\b|fattur\w+|fatura\w*|saldo\b|factuur\w*|rekening"
    r"|faktur\w+|сч[её]т\w*|فاتور\w+|الفاتورة|հաշիվ\w*|బిల్లు\w*",
    re.IGNORECASE,
)
_DUE = re.compile(
    r"\b(?:due|overdue|fällig|Fälligkeit|échéance|échue|vence|vencid[ao]|vencimiento|scadenza|scadut[ao]|vencimento|vervaldatum|vervallen|vadesi)\b"
    r"|termin\spłatności|срок\sоплаты|تستحق",
    re.IGNORECASE,
)
_WILL = re.compile(
    r"'ll\b|\b(?:will|shall|going\sto|werden?|wird|überweis\w+|zullen|zal)\b|(?:erons|remos|eremo)\b", re.IGNORECASE
)
_NO_PROMISE = re.compile(
    r"""\b(?:discuss|meet(?:ing)?|see\syou|call|review|if\s(?:I|we)\scan|you\s(?:asked|wrote|sent)|terms|please\s(?:re)?(?:send|issue|provide|forward|submit|make)|(?:please|kindly)\s(?:return|pay|transfer|refund|settle|wire|note|use|update|change)|from\snow\son)\b
    |ab\ssofort|künftig|bankverbindung|à\spartir\sde\smaintenant|désormais|dorénavant|a\spartir\sde\s(?:ahora|agora)|d'ora\sin\s(?:poi|avanti)|vanaf\snu|bundan\ssonra|od\steraz
    |besprech\w+|(?:schicken|senden|stellen)\sSie|réunion|veuillez|reunión|riunione|reunião
    |bespreken|alstublieft|toplantı|lütfen|spotkani\w+|встреч\w+|пожалуйста|اجتماع|أرجو""",
    re.IGNORECASE | re.VERBOSE,
)
_HEDGE = re.compile(
    r"""\b(?:maybe|perhaps|hopefully|probably|possibly|might|may\sbe|not\ssure|i\shope|we\shope|try\sto|trying|if\s(?:all|the|our|we|everything|he|she|they|my)|once\s|as\ssoon\sas|when\s(?:the|our|my|we|he|she|they|things)|unless|depends|depending
    |would|'d\spay|propos(?:e|al|ing)|offer|subject\sto|roughly|around|some\s?(?:time|when|day)|at\ssome|no\s(?:date|idea)|can(?:'t|not)|won't|will\snot|not\sbefore|earliest|or\sso|can\syou|could\syou|did\syou|was\sdue|were\sdue|had\sbeen\sdue)\b
    |vielleicht|hoffentlich|vermutlich|wahrscheinlich|eventuell|sobald|falls\b|irgendwann|voraussichtlich|frühestens|schlage[n]?\s.{0,20}vor\b|würde[n]?\b|nicht\s(?:sagen|vor)|peut-être|sans\sdoute|normalement|dès\sque|si\stout|j'espère|probablement|proposons|je\spropose|un\sde\sces\sjours
    |quizás?|tal\svez|a\slo\smejor|ojalá|probablemente|cuando\s|en\scuanto|si\stodo|propongo|proponemos|forse|probabilmente|spero|appena|quando\s|talvez|provavelmente|espero|assim\sque|misschien|hopelijk|waarschijnlijk|zodra|als\s(?:het|alles)
    |belki|umarım|muhtemelen|herhalde|olursa|gelince|być\smoże|może\b|chyba|prawdopodobnie|gdy\b|jak\stylko|jeśli|возможно|может\b|наверное|вероятно|надеюсь|если|когда\b|как\sтолько
    |ربما|لعل|إن\sشاء|عندما|إذا|حالما|գուցե|երևի|հուսով|երբ\b|եթե|బహుశా|వచ్చాక|ఒకవేళ""",
    re.IGNORECASE | re.VERBOSE,
)
_CLAIM = re.compile(
    r"""\b(?:already\s(?:been\s)?(?:paid|sent|transferred|settled|wired)|(?:have|has|had|was|were|I|we|'ve|been|got)\s(?:\w+\s)?(?:paid|transferred|wired|settled|remitted)\b(?!\sby\s(?:the|next)|\son\ssite)
    |(?:I|we|'ve|have)\s(?:sent|made|initiated)\s(?:\w+\s){0,3}(?:payment|money|transfer|amount|cheque|wire)|(?:payment|money|transfer|cheque|funds)\s(?:was|went|has\s(?:been|gone)|left|have\s(?:been|left))\s?(?:\w+\s)?(?:out|sent|made|our|last|yesterday|on|today|already|processed|transferred)?
    |(?:cheque|check)\sis\sin\sthe\s(?:post|mail)|left\s(?:our|my)\saccount|paid\s(?:it|this|that|you|the|yesterday|last|today|in\sfull))\b
    |(?:habe|haben|hatte|wurde|ist|sind)\s.{0,50}(?:überwiesen|bezahlt|beglichen|gezahlt)|bereits\s(?:überwiesen|bezahlt|beglichen)
    |(?:ai|avons|a\sété|été|est)\s.{0,25}(?:payé|viré|réglé)e?|déjà\s(?:payé|réglé|viré)|(?:he|hemos|ya|fue|está)\s.{0,20}(?:pagad[oa]|transferid[oa]|abonad[oa]|ingresad[oa])|(?:hice|hicimos)\s.{0,12}transferencia|ya\spag(?:ué|amos)
    |(?:ho|abbiamo|è\sstat[oa]|già)\s.{0,20}(?:pagat[oa]|versat[oa]|saldat[oa]|fatto\sil\sbonifico)|(?:já|foi)\s.{0,15}(?:pag[ao]|paguei|pagamos|transferid[oa]|transferi)|paguei\b|transferi\b
    |(?:heb|hebben|is|werd)\s.{0,40}(?:betaald|overgemaakt)|(?:ödedi\w*|yatırdı\w*|ödendi|havale\sett\w*|gönderdi\w*)|(?:zapłaci[łl]\w+|przela[łl]\w+|opłac\w+ny|zosta[łl]\w+\s(?:opłac|przel)\w+)
    |(?:оплатил\w*|перев[её]л\w*|перечислил\w*|уже\sоплач\w+|оплачено)|(?:دفعت|دفعنا|حولت|حولنا|سددنا|(?<!\w)تم\s(?:الدفع|التحويل|السداد|تحويل|دفع|سداد))|(?:վճարել\sեմ|վճարել\sենք|վճարված|փոխանցել\sե\w+)|(?:చెల్లించాను|చెల్లించాం|పంపించాను|పంపించాం|కట్టేశా\w*)""",
    re.IGNORECASE | re.VERBOSE,
)
_INSOLVENCY = re.compile(
    r"""\b(?:insolven\w+|bankrupt\w*|administrators?\s(?:have|has|were|was)|(?:in|into|entered|under)\s(?:administration|liquidation|receivership)|liquidator|chapter\s(?:7|11)|wind(?:ing)?[\s-]up|creditors'?\smeeting)\b
    |Insolvenz\w*|zahlungsunfähig|redressement\sjudiciaire|liquidation\sjudiciaire|cessation\sde\spaiements|faillite|concurso\sde\sacreedores|quiebra|insolvencia
    |fallimento|concordato\spreventivo|liquidazione\sgiudiziale|insolvência|falência|recuperação\sjudicial|faillissement|surseance|iflas\w*|konkordato|upadłoś\w+|restrukturyzac\w+|банкрот\w+
    |إفلاس|أفلس\w*|սնանկ\w*|దివాలా\w*""",
    re.IGNORECASE | re.VERBOSE,
)
_QUERY = re.compile(
    r"""\b(?:PO\s?(?:number|no)|purchase\sorder|VAT\s(?:number|id|rate)|tax\s(?:number|id)|reissue|resend|re-send|copy\sof\s(?:the\s|your\s)?invoice|credit\snote|wrong\saddress|correct(?:ed)?\sinvoice|which\saccount|W-?9)\b
    |Bestellnummer|USt-?Id\w*|Steuernummer|neu\saus\w*|Rechnungskopie|Gutschrift|bon\sde\scommande|numéro\s(?:de\s(?:commande|TVA)|de\sSIRET)|rééditer|avoir\b
    |número\sde\s(?:pedido|IVA|orden)|NIF\b|CIF\b|ordine\sd'acquisto|numero\s(?:d'ordine|di\sordine)|partita\sIVA|codice\s(?:CUP|CIG|SDI)|nota\sde\sencomenda|número\sde\scontribuinte|CNPJ|ordernummer|inkoopnummer|btw-?nummer|creditnota
    |sipariş\snumar\w+|vergi\snumar\w+|numer\s(?:zamówienia|NIP)|NIP\b|korekt\w+|номер\sзаказа|ИНН\b|рقم\sالطلب|رقم\s(?:أمر|الطلب|الضريبي)""",
    re.IGNORECASE | re.VERBOSE,
)
_REFUSES = re.compile(
    r"""\b(?:won't|will\snot|not\sgoing\sto|refuse\sto|not\sprepared\sto|not\swilling\sto|no\sintention\sof)\s(?:be\s)?pay(?:ing)?\b(?!\s(?:until|till|before|on|by|late|today|tomorrow|this\sweek|next|more\sslowly))
    |(?:zahle[n]?|bezahle[n]?|begleiche[n]?)\s(?:ich|wir)\s(?:\w+\s){0,2}nicht\b|werden?\s(?:ich|wir)?.{0,40}\bnicht\s(?:be)?zahlen
    |ne\s(?:paierai|paierons|réglerai|réglerons|payerons|payons)\spas|no\s(?:voy|vamos)\sa\s(?:pagar|abonar)|non\s(?:pagherò|pagheremo)|não\s(?:vou|vamos)\spagar
    |(?:betaal|betalen)\s(?:ik|wij|we)\sniet|ödemeyece(?:ğim|ğiz)|nie\szapłac(?:ę|imy)|не\s(?:буду|будем)\s(?:платить|оплачивать)|لن\s(?:ندفع|أدفع|نسدد)""",
    re.IGNORECASE | re.VERBOSE,
)
_LIMITS = re.compile(
    r"""\b(?:not|no|never|n't|only|just|but|half|except|less|minus|instead|nicht|kein\w*|nur|aber|hälfte|außer|abzüglich|statt|pas|ne|seulement|mais|moitié|sauf|moins
    |pero|s[óo]lo|solamente|mitad|menos|salvo|non|soltanto|ma|metà|meno|tranne|não|só|apenas|mas|metade|niet|geen|slechts|maar|helft|behalve|değil|sadece|yalnızca|ama|yarısı
    |nie|tylko|ale|połow\w+|oprócz|не|нет|только|но|половин\w+|кроме|لا|لن|لم|ليس|فقط|لكن|نصف|չ\w+|միայն|కాదు|మాత్రమే)\b""",
    re.IGNORECASE | re.VERBOSE,
)
_SYMBOLS = {
    "€": "EUR", "£": "GBP", "₹": "INR", "₺": "TRY", "₽": "RUB", "zł": "PLN", "֏": "AMD", "$": "USD", "¥": "JPY",
    "euro": "EUR", "euros": "EUR", "pounds": "GBP", "dollars": "USD", "lira": "TRY", "tl": "TRY", "руб": "RUB",
    "рублей": "RUB", "دينار": "", "ريال": "", "درهم": "AED", "դրամ": "AMD", "రూపాయ": "INR", "rs": "INR",
}  # fmt: skip
_CODES = "EUR|USD|GBP|CHF|PLN|TRY|RUB|AED|SAR|AMD|INR|CAD|AUD|NZD|SEK|NOK|DKK|CZK|HUF|RON|BRL|MXN|JPY|ZAR|EGP|JOD|KWD"
_NUMBER = r"\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+(?:[.,]\d{2})?|\d+(?:[.,]\d{2})?"
_UNIT = "|".join([_CODES, *(re.escape(symbol) for symbol in _SYMBOLS)])
_AMOUNT = re.compile(
    rf"(?:(?<!\w)(?P<u1>{_UNIT})\s?(?P<n1>{_NUMBER})(?!\d)|(?<![\w.,/-])(?P<n2>{_NUMBER})\s?(?P<u2>{_UNIT})(?!\w))",
    re.IGNORECASE,
)
_PLAIN_AMOUNT = re.compile(r"(?<![\w.,/#-])(\d{1,3}(?:[.,]\d{3})+(?:[.,]\d{2})?|\d{3,}[.,]\d{2})(?![\w/%]|\.\d)")
_INVOICE = re.compile(
    r"""(?:\binvoices?|\binv\.?|\bbill|Rechnung(?:en|s-?Nr\.?|snummer)?|factures?|facturas?|fattur[ae]|fatt\.|faturas?|factuur|facturen|faktur[aęy]|fatura(?:sı|nız)?|сч[её]т\w*|فاتورة|الفاتورة|հաշիվ|బిల్లు)
    \s?(?:number|no\.?|nr\.?|n[.º°]|numéro|número|numero|№|\#)?\s?:?\s?(?P<number>\#?[A-Z]{0,5}[-/ ]?\d[\w/-]*)(?![.,]?\d)""",
    re.IGNORECASE | re.VERBOSE,
)
_CODE = re.compile(r"\b(?:INV|RE|RG|FA|FAC|FT)[-_/ ]?\d[\w/-]*", re.IGNORECASE)


def read_payment(
    sentences: Sequence[str],
    text: str,
    language: str,
    sent_at: datetime | None,
    *,
    disputed: bool,
    billing: bool,
) -> PaymentStatement | None:
    """What the mail says about paying; None if it says nothing. `disputed` and `billing` come from the heads.

    A promise names a day and does not hedge: `soon` and `end of the month, maybe` are none (domain, section 2). A dispute
    keeps the day on which the client says they will pay the rest.
    """
    failing = next((sentence for sentence in sentences if _INSOLVENCY.search(sentence)), None)
    if failing:
        return _statement(PaymentKind.INSOLVENCY, failing, text)
    about = [sentence for sentence in sentences if _PAY.search(sentence) or find_amount(sentence)[1]]
    if not about:
        return None
    refused = next((sentence for sentence in sentences if _REFUSES.search(sentence)), None)
    if disputed or refused:
        part = _promise(sentences, language, sent_at)
        said = _statement(PaymentKind.DISPUTE, refused or about[0], text, part[1] if part else None)
        return said if said.amount is not None else _with_item(said, sentences)
    return _about_paying(sentences, about, text, language, sent_at, billing=billing)


def says_it_pays(sentence: str, language: str, sent_at: datetime | None) -> bool:
    """Whether a sentence only promises a payment for a day, or only says that it was made: whoever writes that contests nothing.

    A sentence that names a sum or takes something back ("only", "but", "not") may: half of a bill is promised, too.
    """
    if _LIMITS.search(sentence) or _is_question(sentence) or find_amount(sentence)[0] is not None:
        return False
    claims = _PAY.search(sentence) is not None and _CLAIM.search(sentence) is not None
    return claims or _promise([sentence], language, sent_at) is not None


def _with_item(said: PaymentStatement, sentences: Sequence[str]) -> PaymentStatement:
    """The sum of the contested item, where the sentence only announces it: "There is one line that we won't pay:"."""
    place = sentences.index(said.quote)
    if not said.quote.endswith(":") or place + 1 == len(sentences):
        return said
    amount, currency = find_amount(sentences[place + 1])
    return replace(said, amount=amount, currency=currency)


def _about_paying(
    sentences: Sequence[str],
    about: Sequence[str],
    text: str,
    language: str,
    sent_at: datetime | None,
    *,
    billing: bool,
) -> PaymentStatement | None:
    """A promise, a claim or a query. What is said to be paid already is no promise, whatever day it names."""
    claim = next((sentence for sentence in about if _CLAIM.search(sentence) and not _is_question(sentence)), None)
    promise = None if claim and not billing and not _future(claim) else _promise(sentences, language, sent_at)
    if promise:
        sentence, day = promise
        return _statement(PaymentKind.PROMISE, sentence, text, day)
    if claim:
        return _statement(PaymentKind.CLAIM, claim, text)
    query = next((sentence for sentence in sentences if _QUERY.search(sentence)), None)
    if query or billing:
        return _statement(PaymentKind.QUERY, query or about[0], text)
    return None


def _promise(sentences: Sequence[str], language: str, sent_at: datetime | None) -> tuple[str, date] | None:
    """The first sentence that says that money will come, with the last day that it names."""
    for place, sentence in enumerate(sentences):
        if _HEDGE.search(sentence) or _NO_PROMISE.search(sentence) or _is_question(sentence):
            continue
        before = sentences[place - 1] if place else ""
        verb = _PAY.search(_BILL.sub(" ", sentence)) is not None
        if not verb and not (_INTENDS.search(sentence) and (_moves_money(sentence) or _moves_money(before))):
            continue  # a sum and a day are no promise: a budget and an opening date have them too
        if _DUE.search(sentence) and not _WILL.search(sentence):  # when it is owed, not when it is paid
            continue
        ahead = [day for day in find_dates(sentence, language, sent_at) if sent_at is None or day >= sent_at.date()]
        if ahead:
            return sentence, ahead[-1]
    return None


def _moves_money(sentence: str) -> bool:
    """Whether it speaks of paying or of a sum, not of a bill alone."""
    return _PAY.search(_BILL.sub(" ", sentence)) is not None or find_amount(sentence)[1] is not None


def _future(sentence: str) -> bool:
    return re.search(r"\b(?:will|'ll|should be|tomorrow|by)\b", sentence, re.IGNORECASE) is not None


def _is_question(sentence: str) -> bool:
    return sentence.rstrip().endswith(("?", "؟"))


def _statement(kind: PaymentKind, sentence: str, text: str, day: date | None = None) -> PaymentStatement:
    amount, currency = find_amount(sentence)
    if amount is None and kind is not PaymentKind.DISPUTE:
        amount, currency = find_amount(text)
    return PaymentStatement(
        kind=kind,
        quote=UntrustedText(sentence),
        invoices=find_invoices(text),
        amount=amount,
        currency=currency,
        date=day,
        reason=UntrustedText(sentence) if kind in {PaymentKind.DISPUTE, PaymentKind.QUERY} else None,
    )


def find_invoices(text: str) -> tuple[str, ...]:
    """Invoice numbers in the order of the text, as written, without a leading `#`."""
    codes = {match.start(): match.group() for match in _CODE.finditer(text)}
    masked = _CODE.sub(lambda match: " " * len(match.group()), text)
    named = {match.start("number"): match["number"].lstrip("#") for match in _INVOICE.finditer(masked)}
    numbers = [number.strip(" -/") for _, number in sorted((codes | named).items())]
    return tuple(dict.fromkeys(number for number in numbers if number))


def find_amount(text: str) -> tuple[Decimal | None, str | None]:
    """The first sum of money and its ISO 4217 code; the code is None where only a figure with decimals or groups stands."""
    match = _AMOUNT.search(text)
    if match:
        unit = (match["u1"] or match["u2"]).lower()
        currency = unit.upper() if re.fullmatch(_CODES, unit, re.IGNORECASE) else _SYMBOLS.get(unit)
        return _decimal(match["n1"] or match["n2"]), currency or None
    plain = _PLAIN_AMOUNT.search(text)
    return (_decimal(plain.group(1)), None) if plain else (None, None)


def _decimal(figure: str) -> Decimal | None:
    """`1.234,56` and `1,234.56` alike: the last mark with two figures behind it is the decimal one."""
    digits = re.sub(r"[\s'’\u00a0\u202f]", "", figure)
    whole, fraction = (digits[:-3], digits[-2:]) if re.search(r"[.,]\d{2}$", digits) else (digits, "00")
    try:
        return Decimal(f"{re.sub(r'[.,]', '', whole)}.{fraction}")
    except InvalidOperation:
        return None
