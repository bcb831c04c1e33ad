"""Words for people: numbers with their nouns, and texts of users on one line."""

import unicodedata


def counted(number: int, one: str, many: str) -> str:
    """Return a number with its noun.

    >>> counted(1, "model", "models"), counted(1200, "model", "models")
    ('1 model', '1,200 models')
    """
    return f"{number:,} {one if number == 1 else many}"


def one_line(text: str) -> str:
    r"""Return a text, such as a file's name, without line breaks and control characters.

    >>> one_line("a\nb\x1b[0m  c")
    'a b [0m c'
    """
    plain = (" " if unicodedata.category(letter) == "Cc" else letter for letter in text)
    return " ".join("".join(plain).split())
