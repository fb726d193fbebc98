"""What a judge must not see: who the candidate is, and what only sounds like where they come from."""

import re
import unicodedata
from collections.abc import Iterable

from vivavoce.evaluation.lexicon import ARTICLES

NEUTRAL_FORMS = {
    "he": "they", "she": "they", "him": "their", "her": "their", "his": "their", "hers": "their",
    "them": "their", "theirs": "their", "himself": "themselves", "herself": "themselves",
    "he's": "they are", "she's": "they are", "he'd": "they would", "she'd": "they would",
    "he'll": "they will", "she'll": "they will", "man": "person", "woman": "person", "men": "people",
    "women": "people", "guy": "person", "guys": "people", "lady": "person", "ladies": "people",
    "gentleman": "person", "gentlemen": "people", "girl": "child", "boy": "child", "girls": "children",
    "boys": "children", "husband": "partner", "wife": "partner", "girlfriend": "partner",
    "boyfriend": "partner", "mother": "parent", "father": "parent", "mom": "parent", "mum": "parent",
    "dad": "parent", "sister": "sibling", "brother": "sibling", "daughter": "child", "son": "child",
    "waitress": "waiter", "actress": "actor", "businessman": "businessperson",
    "businesswoman": "businessperson", "chairman": "chair", "chairwoman": "chair",
    "salesman": "salesperson", "saleswoman": "salesperson", "spokesman": "spokesperson",
    "spokeswoman": "spokesperson", "mr": "", "mrs": "", "ms": "", "sir": "", "madam": "", "ma'am": "",
}  # fmt: skip
"""Words that tell a gender, with words that don't; "her" is both "him" and "his", so all are one."""

PLAIN_FORMS = {
    "gonna": "going to", "wanna": "want to", "gotta": "have to", "ain't": "is not", "y'all": "you",
    "innit": "", "'cause": "because", "cuz": "because", "coz": "because", "lemme": "let me",
    "dunno": "do not know", "eh": "", "lah": "", "mate": "", "dude": "", "bro": "", "yeah": "", "yep": "",
    "nope": "no", "ya": "you", "'em": "them", "wee": "small", "reckon": "think", "fella": "person",
    "bloke": "person", "dat": "that", "dis": "this", "dem": "them", "tink": "think", "ting": "thing",
    "tings": "things", "de": "the", "ze": "the", "zis": "this", "zat": "that", "wery": "very",
    "aks": "ask", "y'know": "you know",
}  # fmt: skip
"""Words of one region, or heard from an accent, with the usual ones."""

_WORD = re.compile(r"'?[^\W_]+(?:['’][^\W_]+)*")
_SPACES = re.compile(r"\s+")
_SPACE_BEFORE_MARK = re.compile(r"\s+([,.;:!?])")


def mask(text: str, terms: Iterable[str]) -> str:
    """The text without the terms: whole words, in any case, with or without accents, longest first."""
    forms = {form for term in terms for form in (term.strip(), _plain_letters(term.strip())) if form}
    wanted = sorted(forms, key=lambda form: (-len(form), form))
    if not wanted:
        return text
    anyone = "|".join(re.escape(term) for term in wanted)
    return _tidy(re.sub(rf"(?<![^\W_])(?:{anyone})(?:['’]s)?(?![^\W_])", " ", text, flags=re.IGNORECASE))


def _plain_letters(term: str) -> str:
    """The term as a recognizer that knows English letters only would write it."""
    parts = unicodedata.normalize("NFKD", term.replace("ı", "i").replace("ß", "ss"))
    return "".join(letter for letter in parts if not unicodedata.combining(letter))


def plain(text: str) -> str:
    """The text with the usual form of words that only sound like a region or an accent."""
    return _tidy(_WORD.sub(_plain_word, text))


def _plain_word(match: re.Match[str]) -> str:
    usual = PLAIN_FORMS.get(match[0].lower().replace("’", "'"))
    if usual is None:
        return match[0]
    return usual[:1].upper() + usual[1:] if match[0][:1].isupper() else usual


def neutral(text: str, kept: frozenset[str] = frozenset()) -> str:
    """The text as its meaning is compared: without names, gender, articles and stuttered repeats.

    Capitalized words inside a sentence are names of people, places, companies or products. They are
    left out, unless the question or a competency uses them (`kept`, in small letters), so that it
    can't matter whose name is said.
    """
    parts: list[str] = []
    last, place = "", 0
    for match in _WORD.finditer(text):
        between, word = text[place : match.start()], match[0]
        place = match.end()
        key = word.lower().replace("’", "'")
        starts = not parts or between.strip() in {".", "!", "?", "…"}
        said = _neutral_word(word, key, named=not starts and key not in kept)
        repeated = key == last and not between.strip()
        parts.append(between + ("" if repeated else said))
        last = key
    return _tidy("".join(parts) + text[place:])


def _neutral_word(word: str, key: str, *, named: bool) -> str:
    if key in NEUTRAL_FORMS:
        return NEUTRAL_FORMS[key]
    if key in ARTICLES:
        return ""
    is_name = named and word[:1].isupper() and key != "i" and not key.startswith("i'")
    return "" if is_name else word


def _tidy(text: str) -> str:
    return _SPACE_BEFORE_MARK.sub(r"\1", _SPACES.sub(" ", text)).strip()
