"""The answers in words to "can it find me?", which the experiments with attacks write."""

import re

import numpy as np
import pandas as pd

from dashboard import words
from dashboard.data import files, numbers
from dashboard.data.files import Missing
from dashboard.data.freshness import look

FILE = "my-cloaks.md"
TABLE = "my-cloaks.parquet"
STEPS = (
    "No answer was asked for yet. Put photographs of yourself into a folder, and what your cloaking"
    " tool made of them into another one: studies/my-cloaks.yaml says how they should be named."
)
COMMAND = "MY_PHOTOS=~/photos MY_CLOAKS=~/cloaks make run STUDY=studies/my-cloaks.yaml"
LONGEST = 200_000


def datasets() -> list[str]:
    """Return the data sets that there is an answer for."""
    found = [path.parent.name for path, _ in look(files.results(), f"*/{FILE}")]
    if not found:
        raise Missing(STEPS, COMMAND)
    return found


def answer(dataset: str) -> str:
    """Return the answer for a data set, in Markdown that fetches nothing and holds no tag."""
    path = files.place(dataset, FILE)
    files.stamp(path)
    with files.readable(path):
        return harmless(path.read_text(errors="replace")[:LONGEST])


def people(dataset: str) -> pd.DataFrame:
    """Return one row a person, attack, crop and model: `searches`, `found_clean`, `found`, p."""
    wanted = ["identity", "attack", "crop", "model", "searches", "found_clean", "found", "needed"]
    table = files.table(dataset, TABLE, columns=[*wanted, "p_corrected"])
    return numbers.frame(table, np.ones(len(table), bool))


def below_a_heading(markdown: str) -> str:
    """Return Markdown for a part of a page: its headings are two levels lower.

    >>> below_a_heading("# A\\n## B\\nc # d")
    '### A\\n#### B\\nc # d'
    """
    return re.sub(r"(?m)^(#+ )", r"##\1", markdown)


def harmless(markdown: str) -> str:
    """Return Markdown in which nothing is fetched, linked, coloured or a tag, and no formula.

    Spaces of no width take things apart, so that they look the same in text and in code.

    >>> harmless("![a](http://b) <script> $x$").replace("\u200b", "|")
    '!|[a]|(http:|//b) &lt;script> &#36;x&#36;'
    """
    apart = _APART.sub("\\1\u200b", words.unlinked(markdown))
    # The name of a directive may hold a space of no width, but not this one, which JavaScript's
    # patterns take for a blank.
    apart = re.sub(r":(?=\w)", ":\ufeff", apart)
    return re.sub(r"\\?\$", "&#36;", apart.replace("<", "&lt;"))


#: A picture; a link.
_APART = re.compile(r"(!(?=\[)|\](?=[(\[:]))")
