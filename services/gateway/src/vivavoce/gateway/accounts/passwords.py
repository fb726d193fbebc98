"""What a password must be: long, in one Unicode form, and nothing that is guessed first.

The rules follow NIST SP 800-63B: length counts, kinds of characters don't, and no changes by calendar.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from itertools import pairwise

FEWEST_CHARACTERS = 12
MOST_BYTES = 1_000
FEWEST_UNFORESEEN = 6
FEWEST_DIFFERENT = 5
SHORTEST_RUN = 3
SHORTEST_OWN_WORD = 3
KEYBOARD_ROWS = (
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "qwertzuiop",
    "yxcvbnm",
    "azertyuiop",
    "qsdfghjklm",
    "1234567890",
    "!@#$%^&*()",
    "1qaz2wsx3edc4rfv5tgb6yhn",
    "qazwsxedcrfvtgbyhnujm",
)
COMMON_WORDS = (
    "password",
    "passwort",
    "parola",
    "sifre",
    "secret",
    "letmein",
    "welcome",
    "admin",
    "login",
    "changeme",
    "iloveyou",
    "trustno",
    "football",
    "baseball",
    "dragon",
    "monkey",
    "sunshine",
    "princess",
    "superman",
    "batman",
    "master",
    "shadow",
    "michael",
    "hello",
    "whatever",
    "test",
    "user",
    "interview",
    "candidate",
    "vivavoce",
)
LOOKALIKES = str.maketrans("@013457$!", "aoieastsi")
_NEIGHBOURS = frozenset(
    pair for row in KEYBOARD_ROWS for one, other in pairwise(row) for pair in (one + other, other + one)
)


def normal_form(password: str) -> str:
    """The password as it is hashed (NFKC), so that two keyboards which write it differently agree."""
    return unicodedata.normalize("NFKC", password)


def length_problem(password: str) -> str | None:
    """What is wrong with a new password's length, if anything."""
    if min(len(password), len(normal_form(password))) < FEWEST_CHARACTERS:
        return f"must have at least {FEWEST_CHARACTERS} characters"
    return size_problem(password)


def size_problem(password: str) -> str | None:
    """What is wrong with the size of a password that somebody gives, if anything."""
    if len(password.encode("utf-8", "replace")) > MOST_BYTES:
        return f"must not be longer than {MOST_BYTES} bytes in UTF-8"
    return None


def guess_problem(password: str, email: str) -> str | None:
    """Why a new password would be among the first guesses at this e-mail's account, if it would."""
    text = normal_form(password).casefold()
    own = email.casefold()
    if own in text or text in own:
        return "must not be the e-mail address, nor have it inside"
    if len(set(text)) < FEWEST_DIFFERENT or _repeats(text):
        return "must not repeat a few characters"
    words = (*COMMON_WORDS, *(part for part in own.split("@") if len(part) >= SHORTEST_OWN_WORD))
    if any(unforeseen(part, words) < FEWEST_UNFORESEEN for part in (text, text[::2] + text[1::2])):
        return "is made of common words, sequences or keyboard rows: add some words of your own"
    return None


def unforeseen(text: str, words: Iterable[str]) -> int:
    """How many characters of a text belong to none of the words, sequences and keyboard rows."""
    return sum(1 for _ in _unforeseen(text, tuple(words)))


def _unforeseen(text: str, words: tuple[str, ...]) -> Iterator[str]:
    plain = text.translate(LOOKALIKES)
    place = 0
    while place < len(text):
        found = [len(word) for word in words if text.startswith(word, place) or plain.startswith(word, place)]
        step = max((*found, _run(text, place)))
        if step < SHORTEST_RUN:
            yield text[place]
            step = 1
        place += step


def _run(text: str, start: int) -> int:
    """The length of the run from here: one character again and again, a sequence, or keys in a row."""
    return max(_steps(text, start, kind) for kind in ("same", "up", "down", "keys"))


def _steps(text: str, start: int, kind: str) -> int:
    place = start + 1
    while place < len(text) and _continues(text[place - 1], text[place], kind):
        place += 1
    return place - start


def _continues(before: str, after: str, kind: str) -> bool:
    if kind == "keys":
        return before + after in _NEIGHBOURS
    return ord(after) - ord(before) == {"same": 0, "up": 1, "down": -1}[kind]


def _repeats(text: str) -> bool:
    """Whether the text is one piece of at most half its length, again and again."""
    inside = (text + text).find(text, 1)
    return inside <= len(text) // 2
