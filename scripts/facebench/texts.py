"""Texts from data (names, paths, captions), made harmless for a line, Markdown or a spreadsheet.

Standard library only: the logs of every step use it.
"""

import html
import re
import unicodedata

#: What Markdown reads as markup; `_` only where it does not stand inside a word.
_SPECIAL = re.compile(r"([\\*\[\]~$|#]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")
#: What begins a list, or is a rule, at the start of a line.
_START = re.compile(r"^(\d*)([-+=.)])(?!\w)")
#: What every address holds (in Markdown with a backslash in it), and the start of an emoji.
_ADDRESS = re.compile(r"(www(?=\\?\.)|:(?=\\?/)|@|:(?=[\w/+-]+:))", re.IGNORECASE)
#: What makes a spreadsheet read a cell as a formula, also after a separator of other languages.
_FORMULA = re.compile(r"(^|;)(\s*)(?=[=+\-@＝＋－＠])")


def one_line(text: object) -> str:
    r"""Return a text on one line, without characters that control something.

    Line breaks, NUL, escapes of terminals and marks that reverse the direction of writing become
    spaces; blanks are joined.

    >>> one_line("a\r\n b\0\u202ec")
    'a b c'
    """
    plain = str(text).replace("\u200b", "")
    if not plain.isprintable():
        plain = "".join(map(_visible, plain))
    return " ".join(plain.split())


def _visible(character: str) -> str:
    return " " if unicodedata.category(character)[0] == "C" else character


def unlinked(text: str) -> str:
    """Return a text in which no address becomes a link and no `:name:` an emoji.

    Each gets a zero-width space. Backslashes don't help: some renderers look for addresses after
    these are gone.

    >>> unlinked("www.a.b http://a.b c@d.e").replace("\u200b", "|")
    'www|.a.b http:|//a.b c@|d.e'
    """
    return _ADDRESS.sub("\\1\u200b", text)


def plain(text: object) -> str:
    r"""Return a text that Markdown shows as it is, and that can be read in a terminal too.

    >>> plain("<b>|`"), plain("[a](b)"), plain("mini-s"), plain("1. _b_")
    ("&lt;b&gt;\\|'", '\\[a\\](b)', 'mini-s', '1\\. \\_b\\_')
    """
    text = _SPECIAL.sub(r"\\\1", _entities(unlinked(one_line(text))))
    return _START.sub(r"\1\\\2", text)


def coded(text: object) -> str:
    """Return a text as a piece of code in Markdown, where nothing in it is read as markup.

    >>> coded("a`b*")
    "`a'b*`"
    """
    return f"`{_entities(one_line(text))}`"


def _entities(text: str) -> str:
    # A few renderers read tags even inside of code.
    return html.escape(text, quote=False).replace("`", "'")


def cell(text: object, guard: str = "'") -> str:
    """Return a text for a cell of a CSV file: one line, and no formula to a spreadsheet.

    guard: what is put before a character that begins a formula.

    >>> cell("=1+1"), cell("a;+1"), cell("Ana"), cell("b=1")
    ("'=1+1", "a;'+1", 'Ana', 'b=1')
    """
    return _FORMULA.sub(rf"\1\2{guard}", one_line(text))


def counted(number: int, one: str, many: str = "") -> str:
    """Return a number with its noun; `many` is `one` with an s unless given.

    >>> counted(1, "model"), counted(1200, "face"), counted(2, "person", "people")
    ('1 model', '1,200 faces', '2 people')
    """
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def in_words(value: object) -> str:
    """Return how a fact is written in a table: truths as words, what isn't known as nothing.

    >>> [in_words(value) for value in (True, False, "unknown", None, 87.85)]
    ['yes', 'no', 'unknown', '', '87.85']
    """
    if value is None:
        return ""
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
