"""Text files that say what is on pictures: read as text whatever program wrote them."""

import codecs
from pathlib import Path

from facebench.errors import UserError

#: No number in a list of pictures has more digits.
DIGITS = 18


def read_text(path: Path) -> str:
    """Return the text of a list: UTF-8, UTF-16 with its mark, or else Latin-1.

    Latin-1 is what names in archives are taken for. Raises `UserError` for what is no text.
    """
    data = path.read_bytes()
    wide = data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    try:
        text = data.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("latin-1")
    if "\0" in text:
        raise UserError(f"{path} is no text file: save it as text in UTF-8.")
    return text


def whole_number(word: str) -> int | None:
    """Return a number that is written in decimal digits; None for anything else.

    >>> whole_number("0012"), whole_number("-1"), whole_number("9" * 5000)
    (12, None, None)
    """
    return int(word) if word.isdecimal() and len(word) <= DIGITS else None
