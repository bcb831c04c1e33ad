"""Texts from data, made harmless: for Markdown, for a line, for the name of a file."""

import math
import re
import unicodedata

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@=^])")

#: What every address holds (in Markdown with a backslash in it), and the start of an emoji.
_ADDRESS = re.compile(r"(www(?=\\?\.)|:(?=\\?/)|@|:(?=[\w/+-]+:))", re.IGNORECASE)


def plain(text: object, longest: int = 120) -> str:
    """Return a text from data so that Markdown shows it as it is: no tag, link, picture or code.

    Control characters, and those that reverse the direction of writing, are dropped.

    >>> plain("<img src=x onerror=alert(1)>")
    '\\\\<img src\\\\=x onerror\\\\=alert\\\\(1\\\\)\\\\>'
    >>> plain("a" * 200, longest=5)
    'aaaa…'
    """
    return _SPECIAL.sub(r"\\\1", unlinked(tidy(text, longest)))


def unlinked(text: str) -> str:
    """Return a text in which no address becomes a link and no `:name:` an emoji.

    Each gets a zero-width space. Backslashes don't help: Streamlit looks for both without them.

    >>> unlinked("www.a.b http://a.b c@d.e").replace("\u200b", "|")
    'www|.a.b http:|//a.b c@|d.e'
    """
    return _ADDRESS.sub("\\1\u200b", text)


def tidy(text: object, longest: int = 120) -> str:
    """Return a text from data on one line, without control characters, cut if it is too long."""
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    shown = "".join(
        c if unicodedata.category(c)[0] != "C" else " " for c in str(text).replace("\u200b", "")
    )
    shown = " ".join(shown.split())
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def file_name(*parts: str) -> str:
    """Return a name for a download that is safe on any system.

    >>> file_name("lfw", "../x <y>")
    'lfw-x-y'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", "-".join(parts)).strip("-").lower()[:80] or "facebench"
