"""A model's text as the body of a mail: without fences, headings and remarks around it, or refused."""

import json
import re

from pipeline.draft.template import tidy
from pipeline.errors import BadAnswer

LONGEST = 6000
"""Characters. The guard wants 150 words; this is where an answer is no letter any more."""

_FENCED = re.compile(r"```[\w-]*\n(?P<inner>.*?)\n?```", re.DOTALL)
_BOLD = re.compile(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1")
_HEADING = re.compile(
    r"(?:subject|betreff|objet|asunto|oggetto|assunto|onderwerp|konu|temat|тема|الموضوع|թեմա|విషయం)\s*:.*", re.IGNORECASE
)
_ANNOUNCES = re.compile(
    r"(?:(?:sure|certainly|of course|okay|absolutely|gerne|claro|certo|bien sûr|natuurlijk|конечно)[,!.]? *)?"
    r"(?:here(?:['’]s| is| are)|below is|hier (?:ist|der|kommt|is)|voici|aquí (?:está|tiene|va)|ecco|aqui está|işte|oto|вот)\b"
    r"[^\n]{0,120}",
    re.IGNORECASE,
)
_AGREES = re.compile(
    r"(?:sure|certainly|of course|okay|absolutely|gerne|claro|por supuesto|certo|bien sûr|natuurlijk|конечно)\b[^\n]{0,40}[!.:]",
    re.IGNORECASE,
)
_LETTER_WORDS = re.compile(
    r"\b(?:draft|reply|letter|e-?mail|message|response|entwurf|antwort|réponse|brouillon|respuesta|borrador|risposta|bozza|resposta|antwoord)\b",
    re.IGNORECASE,
)
_RULE = re.compile(r"[-–—_*=]{3,}")
_AFTERWORD = re.compile(r"[\[(]?(?:note|notes|explanation|anmerkung|hinweis)\s*:", re.IGNORECASE)
_REFUSAL = re.compile(
    r"(?:unfortunately,? |sorry,? (?:but )?|i apologi[sz]e,? (?:but )?)?"
    r"(?:(?:i['’]m|i am) (?:sorry|unable|not able)[^\n]{0,40}\b(?:can(?:no|['’])t|unable|not able)"
    r"|i can(?:no|['’])t (?:help|assist|comply|write|provide|fulfil|create|do that)|i(?:['’]m| am) (?:unable|not able) to"
    r"|as an ai\b|as a(?:n ai)? language model"
    r"|(?:es tut mir leid|leider),? (?:aber )?(?:ich )?kann (?:ich )?(?:dabei|das|diese)"
    r"|je ne peux pas (?:vous aider|répondre|rédiger)|no puedo (?:ayudar|cumplir|redactar))",
    re.IGNORECASE,
)


def body_of(answer: str, fence: str) -> str:
    """The letter in an answer. Raises BadAnswer where there is none: a refusal, JSON, nothing, or our own fences."""
    text = answer.replace("\r\n", "\n").replace("\r", "\n").strip()
    fenced = _FENCED.search(text)
    if fenced:
        text = fenced["inner"].strip()
    if _is_json(text):
        raise BadAnswer("The model answered in JSON instead of with a letter.")
    if _REFUSAL.match(text):
        raise BadAnswer("The model refused to write this letter.")
    if fence in text:
        raise BadAnswer("The model copied the prompt instead of writing a letter.")
    if len(text) > LONGEST:
        raise BadAnswer(f"The model wrote more than {LONGEST} characters.")
    text = _BOLD.sub(r"\2", "\n\n".join(_letter(re.split(r"\n\s*\n", text))))
    if not text.strip():
        raise BadAnswer("The model wrote nothing.")
    return tidy(text)


def _letter(paragraphs: list[str]) -> list[str]:
    """The paragraphs without remarks before the greeting, a subject line, rules, and remarks after the end."""
    kept = [p.strip("\n") for p in paragraphs]
    while kept and (lines := kept[0].split("\n")):
        first = lines[0].strip()
        # A remark stands alone or above the letter; a sentence that goes on with others is the letter itself.
        alone = len(lines) == 1 and len(kept) > 1
        if _RULE.fullmatch(first) or _HEADING.fullmatch(first) or _is_remark(first, alone=alone):
            kept = ["\n".join(lines[1:]), *kept[1:]] if len(lines) > 1 else kept[1:]
        else:
            break
    rules = [i for i, p in enumerate(kept) if _RULE.fullmatch(p.strip())]
    kept = kept[: rules[-1]] if rules and rules[-1] >= len(kept) // 2 else kept
    while kept and _AFTERWORD.match(kept[-1].strip()):
        kept.pop()
    return kept


def _is_remark(line: str, *, alone: bool) -> bool:
    """Whether a first line is said to us and not to the client."""
    if _ANNOUNCES.fullmatch(line):
        return line.endswith(":") or (alone and bool(_LETTER_WORDS.search(line)))
    return alone and bool(_AGREES.fullmatch(line))


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return bool(re.match(r'\{\s*"', text))
    return True
