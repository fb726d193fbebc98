"""How wrong a transcript is: word error rate, with numbers, case and punctuation out of the way."""

import re

NUMBERS = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
SAME = {str(number): word for number, word in enumerate(NUMBERS)}


def plain_words(text: str) -> list[str]:
    """The words in small letters, digits up to ten as words; `X4` is two words, as it is said."""
    return [SAME.get(word, word) for word in re.findall(r"[a-z']+|[0-9]+", text.lower())]


def word_error_rate(reference: str, heard: str) -> float:
    """Words to replace, insert and delete to get from one to the other, over the reference's length."""
    wanted, found = plain_words(reference), plain_words(heard)
    row = list(range(len(found) + 1))
    for position, word in enumerate(wanted, 1):
        above, row = row, [position]
        for column, other in enumerate(found, 1):
            row.append(min(above[column] + 1, row[-1] + 1, above[column - 1] + (word != other)))
    return row[-1] / len(wanted)
