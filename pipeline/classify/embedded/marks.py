"""What code finds more surely than a trained head: new bank details, words to a machine, threats, talk of lawyers."""

import re
from collections.abc import Sequence

from pipeline.domain.assessment import LegalKind
from pipeline.iban import find_ibans

_BANK_WORDS = re.compile(
    r"""(?:new|changed?|updated?|different|following)\s(?:our\s)?(?:bank(?:ing)?|payment|account)\s(?:details|account|information|coordinates)
    |(?:bank(?:ing)?|account)\sdetails\s(?:have|has|are|were)\s(?:\w+\s)?(?:changed|new|updated|below|as\sfollows)
    |(?:changed|switched|moved)\s(?:our\s|to\sanother\s|to\sa\snew\s)*bank(?:s|\saccount)?\b
    |\baccount\s(?:number|no\.?)\s*:?\s*\d|\bsort\scode\b|\brouting\snumber\b|\bSWIFT\b|\bBIC\b
    |neue[nrs]?\s(?:Bankverbindung|Kontoverbindung|Bankdaten|Konto)|(?:Bankverbindung|Kontoverbindung)\s(?:hat|wurde|lautet|ist)
    |(?:nouvelles?|nouveau)\s(?:coordonnées\sbancaires|RIB|compte)|coordonnées\sbancaires\sont\schangé
    |(?:nuevos?|nueva)\s(?:datos\sbancarios|cuenta)|nuov[eio]\s(?:coordinate\sbancarie|conto|IBAN)
    |nov[oa]s?\s(?:dados\sbancários|conta\sbancária|IBAN)|nieuwe?\s(?:bankgegevens|rekeningnummer|bankrekening)
    |yeni\s(?:banka|hesap|IBAN)|hesap\sbilgilerimiz|now\w*\s(?:numer\s(?:konta|rachunku)|rachun\w+\sbankow\w+|kont\w+\sbankow\w+)
    |нов\w+\s(?:реквизит\w*|банковск\w+|расч[её]тн\w+\sсч[её]т)|реквизиты\s(?:изменились|сменились)
    |(?:حساب|الحساب)\s?(?:ال)?(?:بنكي|مصرفي)\s?(?:ال)?جديد|(?:بيانات|تفاصيل)\s(?:ال)?(?:بنك|حساب|بنكية)\w*
    |նոր\s(?:բանկային|հաշվեհամար)|(?:కొత్త|మారిన)\s(?:బ్యాంకు?|ఖాతా)""",
    re.IGNORECASE | re.VERBOSE,
)
_AI_WORDS = re.compile(
    r"""(?:ignore|disregard|forget)\s(?:all\s|any\s|the\s|your\s)*(?:previous|prior|above|earlier|preceding)?\s?(?:instructions?|prompts?|rules)
    |\bsystem\s?prompt\b|\byou\sare\s(?:now\s)?(?:an?\s)?(?:AI|chatbot|language\smodel|LLM|assistant\sthat)
    |\b(?:dear|attention|note\sto|to)\s(?:the\s)?(?:AI|bot|assistant|language\smodel|LLM|automated\s(?:system|reader|assistant))\b
    |\b(?:AI|LLM|language\smodel)\s(?:reading|processing|that\sreads|assistant)\b|\bif\syou\sare\s(?:an?\s)?(?:AI|bot|machine|language\smodel)
    |\bas\san?\sAI\b|<\|?(?:im_start|system)\|?>|^\s*(?:SYSTEM|ASSISTANT)\s*:|\[/?INST\]
    |\b(?:classify|label|mark|rate)\sthis\s(?:e?-?mail|message)\s(?:as|with)\b|\boutput\s(?:only\s)?(?:the\s)?(?:JSON|following)\b
    |ignorier\w*\s(?:\w+\s){0,3}(?:Anweisung|Instruktion)\w*|ignore[zr]?\s(?:toutes\s)?(?:les|vos)\s(?:instructions|consignes)
    |ignor[ae]n?\s(?:todas\s)?(?:las|tus|sus)\sinstrucciones|ignora\s(?:tutte\s)?le\s(?:istruzioni|precedenti)
    |ignor[ea]\s(?:todas\s)?as\sinstruções|negeer\s(?:alle\s)?(?:eerdere\s|vorige\s)?instructies|önceki\stalimatları
    |zignoruj\s(?:wszystkie\s)?(?:poprzednie\s)?(?:instrukcje|polecenia)|игнорируй\w*\s(?:все\s)?(?:предыдущие\s)?инструкции
    |تجاهل\s(?:جميع\s|كل\s)?التعليمات""",
    re.IGNORECASE | re.VERBOSE | re.MULTILINE,
)
_LAWYER = re.compile(
    r"""\b(?:lawyers?|attorneys?|solicitors?|barrister|legal\saction|proceedings|lawsuit|sue|suing|court|tribunal|litigation|cease\sand\sdesist)\b
    |\bwe\sact\s(?:for|on\sbehalf)\b|Anw[aä]lt\w*|Rechtsanw\w+|Klage\b|verklage\w*|Gericht\b|gerichtlich\w*|Mandant\w*|Abmahnung
    |\bavocate?s?\b|tribunal|en\sjustice|mise\sen\sdemeure|\bavvocat\w+|vie\slegali|tribunale|diffida|\babogad[oa]s?|demanda\b|tribunales|querella
    |\badvogad[oa]s?|processo\sjudicial|processar|tribunal|\badvocaat|dagvaard\w+|rechtbank|rechter\b|\bavukat\w*|dava\b|mahkeme\w*|ihtar\w*
    |\badwokat\w*|prawnik\w*|\bsąd\w*|pozew|адвокат\w*|юрист\w*|\bсуд\w*|иск\b|محامي?\w*|المحكمة|محكمة|دعوى|قضائي\w*
    |փաստաբան\w*|դատարան\w*|న్యాయవాది|లాయర్\w*|కోర్టు\w*""",
    re.IGNORECASE | re.VERBOSE,
)
_VIOLENCE = re.compile(
    r"""\byou(?:'re|\sare)?\s(?:\w+\s){0,3}(?:idiots?|morons?|imbeciles?|cretins?|scum|crooks?|retards?|bastards?|arseholes?|assholes?|dickheads?|thie(?:f|ves|ving)|leech|parasites?)\b
    |\b(?:fucking|f\*+ing)\s\w+|\bfuck\s(?:you|off)\b|\bpiece\sof\s(?:shit|dirt|garbage|trash)\b|\bgo\sto\shell\b|\bshut\s(?:the\shell\s)?up\b
    |\bI\sknow\swhere\syou(?:r|\slive|\spark|\swork)|\byou(?:'ll|\swill)\s(?:regret|be\ssorry|pay\sfor\sthis)\b
    |\b(?:I'll|I\swill|gonna)\s(?:\w+\s){0,4}(?:break|smash|hurt|kill|beat|destroy|crush|ruin)\syou(?:r)?\b|\bwatch\syour\sback\b
    |\bdu\s(?:\w+\s){0,2}(?:Idiot|Versager|Arsch\w*|Vollidiot|Penner)|ihr\s(?:\w+\s){0,2}Idioten|halt\s(?:\w+\s)?(?:die\sKlappe|'s\sMaul)|weiß,?\swo\sdu\swohnst|was\serleben
    |esp[eè]ce\sd[e']\s?\w+|bande\sd[e']\s?\w+|connards?|abruti|sale\s(?:con|type)|ferm(?:e|ez)[\s-]la|tu\svas\s(?:le\s)?(?:regretter|payer)|où\stu\shabites
    |gilipollas|imb[eé]cil(?:es)?\b|hijo\sde\sputa|inútil\sde\smierda|te\svas\sa\sarrepentir|s[eé]\sdónde\svives|te\svoy\sa\s(?:matar|romper|partir)
    |coglione|stronzo|ti\sspacco|te\sla\sfaccio\spagare|so\sdove\sabiti|seu\s(?:idiota|imbecil|lixo|merda)|te\squebr\w+|vai\sse\sarrepender|sei\sonde\s(?:você\s)?mora
    |achterlijke|klootzak|sukkel|ik\sweet\swaar\sje\swoont|\baptal\b|gerizekalı|şerefsiz|pişman\sol\w+|kırarım|nerede\s(?:oturduğun|yaşadığın)\w*
    |\bty\s(?:\w+\s)?(?:idioto|debilu|kretynie)|połami\w+|pożałuj\w+|wiem,?\sgdzie\smieszkasz|идиот\w*|дебил\w*|тварь|сломаю|пожалеешь|где\sты\sживёшь
    |أنت\s(?:\w+\s)?(?:غبي|حقير|أحمق|كلب)|سأكسر|وأكسر|أعرف\sأين\sتسكن|ستندم|ապուշ|կջարդեմ|կզղջաս|వెధవ\w*|విరగ్గొడ\w*""",
    re.IGNORECASE | re.VERBOSE,
)


def find_bank_details(sentences: Sequence[str]) -> str | None:
    """The first sentence that gives bank details or speaks of new ones; an IBAN counts when its check digits are right."""
    for sentence in sentences:
        if _BANK_WORDS.search(sentence) or any(find_ibans(sentence)):
            return sentence
    return None


def addresses_machine(text: str) -> bool:
    """Whether the mail speaks to a program that reads it: such words are shown to a person and never obeyed."""
    return _AI_WORDS.search(text) is not None


def legal_kind(text: str) -> LegalKind:
    """Of a mail with legal risk: a lawyer or a court is announced, or what is asked would make us liable."""
    return LegalKind.THREAT if _LAWYER.search(text) else LegalKind.EXPOSURE


def is_violent(sentence: str) -> bool:
    """Whether the sentence holds a direct insult or a threat against the reader, in any of the languages known here."""
    return _VIOLENCE.search(sentence) is not None
