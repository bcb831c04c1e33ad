"""Texts from data, made harmless: for Markdown, for a line, for the name of a file."""

import math
import re

from facebench.texts import cell, one_line, unlinked

_SPECIAL = re.compile(r"([\\`*_{}\[\]()<>#+\-.!|~$:&@=^])")


def plain(text: object, longest: int = 120) -> str:
    """Return a text from data so that Markdown shows it as it is: no tag, link, picture or code.

    Control characters, and those that reverse the direction of writing, are dropped.

    >>> plain("<img src=x onerror=alert(1)>")
    '\\\\<img src\\\\=x onerror\\\\=alert\\\\(1\\\\)\\\\>'
    >>> plain("a" * 200, longest=5)
    'aaaa…'
    """
    return _SPECIAL.sub(r"\\\1", unlinked(tidy(text, longest)))


def tidy(text: object, longest: int = 120) -> str:
    """Return a text from data on one line, without control characters, cut if it is too long."""
    if text is None or (isinstance(text, float) and math.isnan(text)):
        return ""
    shown = one_line(text)
    return shown if len(shown) <= longest else shown[: longest - 1] + "…"


def in_table(text: str) -> str:
    """Return a text for a cell of a table on a page, whose own menu saves it as CSV.

    A zero-width space before `=` and the like keeps spreadsheets from reading a formula.

    >>> in_table("=1+1").replace("\u200b", "|"), in_table("Ana")
    ('|=1+1', 'Ana')
    """
    return cell(text, guard="\u200b")


def file_name(*parts: str) -> str:
    """Return a name for a download that is safe on any system.

    >>> file_name("lfw", "../x <y>")
    'lfw-x-y'
    """
    return re.sub(r"[^A-Za-z0-9]+", "-", "-".join(parts)).strip("-").lower()[:80] or "facebench"
