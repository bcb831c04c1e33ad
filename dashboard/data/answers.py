"""The answers in words to "can it find me?", which the experiments with attacks write."""

import numpy as np
import pandas as pd

from data import files, numbers
from data.files import Missing

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
    found = sorted(path.parent.name for path in files.results().glob(f"*/{FILE}"))
    if not found:
        raise Missing(STEPS, COMMAND)
    return found


def answer(dataset: str) -> str:
    """Return the answer for a data set, in Markdown that fetches nothing and holds no tag."""
    path = files.place(dataset, FILE)
    files.stamp(path)
    return harmless(path.read_text(errors="replace")[:LONGEST])


def people(dataset: str) -> pd.DataFrame:
    """Return one row a person, attack, crop and model: `searches`, `found_clean`, `found`, p."""
    wanted = ["identity", "attack", "crop", "model", "searches", "found_clean", "found", "needed"]
    table = files.table(dataset, TABLE, columns=[*wanted, "p_corrected"])
    return numbers.frame(table, np.ones(len(table), bool))


def harmless(markdown: str) -> str:
    """Return Markdown in which no picture is fetched and no tag is one.

    >>> harmless("![a](http://b) <script>")
    '!&#91;a](http://b) &lt;script>'
    """
    return markdown.replace("![", "!&#91;").replace("<", "&lt;")
