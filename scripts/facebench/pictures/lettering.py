"""Text in pictures, with the font that comes with Pillow."""

import re
import unicodedata

from facebench.texts import one_line

QUOTES = str.maketrans("‘’“”–—", "''\"\"--")


def drawable(text: str) -> str:
    r"""Return `text` in the letters that Pillow's own font has: accents dropped, others as "?".

    It is on one line, whatever a folder is called.

    >>> drawable("Zoë Ødegård-Łuk · 王"), drawable("a\nb")
    ('Zoe Odegard-Luk · ?', 'a b')
    """
    plain = one_line(text).translate(QUOTES)
    return "".join(map(_drawable, unicodedata.normalize("NFKD", plain)))


def writable(text: str) -> bool:
    """Return whether `drawable` keeps every letter of a text, but for accents.

    >>> writable("Zoë Ødegård"), writable("王"), writable("")
    (True, False, False)
    """
    return bool(text) and "?" not in drawable(text)


def _drawable(letter: str) -> str:
    if letter.isascii() or letter in "·…" or unicodedata.combining(letter):
        return "" if unicodedata.combining(letter) else letter
    named = re.match(r"LATIN (CAPITAL|SMALL) LETTER ([A-Z]{1,2})\b", unicodedata.name(letter, ""))
    if not named:
        return "?"
    return named[2] if named[1] == "CAPITAL" else named[2].lower()
