"""Keeping passwords and tokens out of what is written: logs, messages, records."""

import os
import re

#: Variables of the environment whose values are never written; `secret` adds those that it reads.
VARIABLES = {"HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"}
#: A shorter value is no token, and would be found inside of ordinary words.
SHORTEST = 8

ADDRESS = re.compile(r"\b([a-z]+)://([^\s'\"<>]*)", re.IGNORECASE)
HOST = re.compile(r"[^@:\[\]]*(:\d*)?|\[[^\]]*\](:\d*)?")


def secret(variable: str) -> str:
    """Return what a variable of the environment holds, or "", and never let it be written."""
    VARIABLES.add(variable)
    return os.environ.get(variable, "")


def without_secrets(text: str) -> str:
    """Return a text in which addresses have neither user names nor passwords nor queries.

    The tokens of `VARIABLES` are left out, too.

    >>> without_secrets("https://me:pw@host/a.zip?token=1 isn't there")
    "https://host/a.zip?... isn't there"
    """
    if "://" in text:
        text = ADDRESS.sub(_shown, text)
    for name in sorted(VARIABLES):
        value = os.environ.get(name, "")
        if len(value) >= SHORTEST:
            text = text.replace(value, f"${name}")
    return text


def _shown(address: re.Match[str]) -> str:
    scheme, rest = address.groups()
    if not HOST.fullmatch(re.split(r"[/?#]", rest, maxsplit=1)[0]):
        rest = rest.rpartition("@")[2]
    where, query, _ = rest.partition("?")
    return f"{scheme}://{where}{'?...' if query else ''}"
