"""The answers to "can it find me?", in words and as a table, from experiments with attacks."""

import re

import numpy as np
import pandas as pd

from dashboard.data import files, numbers, places, sizes
from dashboard.data.missing import Missing
from facebench.protocols.poison.my_cloaks import enough
from facebench.report.cloak_verdict import takes, told_apart
from facebench.store import layout
from facebench.texts import unlinked

STEPS = (
    "This study has no answer for anybody's own photographs. Put photographs of yourself into one"
    " folder, 17 or more of each person, and their cloaked versions into another:"
    " studies/my-cloaks.yaml says how to name them."
)
COMMAND = "MY_PHOTOS=~/photos MY_CLOAKS=~/cloaks make run STUDY=studies/my-cloaks.yaml"
LONGEST = 200_000


def datasets() -> list[str]:
    """Return the data sets that have an answer."""
    found = [path.parent.name for path in files.matching(layout.my_cloaks(places.study(), "*"))]
    if not found:
        raise Missing(STEPS, COMMAND)
    return found


def answer(dataset: str) -> str:
    """Return the answer for a data set, in Markdown that fetches nothing and holds no tag."""
    place = layout.my_cloaks(places.study(), dataset)
    path = files.existing(place)
    with files.readable(place):
        return harmless(path.read_text(errors="replace")[:LONGEST])


def people(dataset: str) -> pd.DataFrame:
    """Return one row a person, attack, crop and model: searches, found without and with, p.

    `model` also names the crop where answers are of more than one.
    """
    wanted = ["identity", "attack", "crop", "model", "searches", "found_clean", "found", "lost"]
    place = layout.my_cloaks(places.study(), dataset, "parquet")
    table = files.table(place, [*wanted, "gained", "needed", "p_corrected"])
    return told_apart(numbers.frame(table, np.ones(len(table), bool)))


def how_many(table: pd.DataFrame) -> str:
    """Return of how many searches the shares are, and whether that is too few for a verdict."""
    searches = int(table.searches.max())
    few = "" if enough(table) else f" That is too few to tell: it takes {takes(table)}."
    one = "1 search" if searches == 1 else f"{searches:,} searches"
    return f"Of {one} by each model.{few} What these models don't find, others may."


def as_numbers(table: pd.DataFrame) -> pd.DataFrame:
    """Return the share of searches that succeed with each cloak as numbers without an interval."""
    nothing = float("nan")
    share = table.found / table.searches
    return table.assign(metric="rank", value=share, ci_low=nothing, ci_high=nothing)


def more(dataset: str, crop: str) -> dict[str, str]:
    """Return which parts of the page Poisoning say more of these cloaks, and what they show."""
    same = {"dataset": dataset, "crop": crop, "protocol": "poison"}
    found = {}
    if sizes.sized(numbers.distinct("attack", **same)):
        found["Visible cost"] = "Cloaks in several sizes, over all people"
    if numbers.distinct("attack", metric="face_lost", **same):
        found["Photographs"] = "Cloaks on whole photographs, over all people"
    return found


def below_a_heading(markdown: str) -> str:
    """Return Markdown for a part of a page: its headings are two levels lower.

    >>> below_a_heading("# A\\n## B\\nc # d")
    '### A\\n#### B\\nc # d'
    """
    return re.sub(r"(?m)^(#+ )", r"##\1", markdown)


def harmless(markdown: str) -> str:
    """Return Markdown without pictures, links, colours, tags and formulas.

    Zero-width spaces break their syntax, so that they look the same in text and in code.

    >>> harmless("![a](http://b) <script> $x$").replace("\u200b", "|")
    '!|[a]|(http:|//b) &lt;script> &#36;x&#36;'
    """
    apart = _APART.sub("\\1\u200b", unlinked(markdown))
    # The name of a directive may contain a zero-width space, but not this one, which JavaScript's
    # patterns treat as a blank.
    apart = re.sub(r":(?=\w)", ":\ufeff", apart)
    return re.sub(r"\\?\$", "&#36;", apart.replace("<", "&lt;"))


#: A picture; a link.
_APART = re.compile(r"(!(?=\[)|\](?=[(\[:]))")
