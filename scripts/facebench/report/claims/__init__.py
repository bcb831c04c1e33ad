"""Claims about recognition and cloaks, each as a test with a verdict.

`CLAIMS[name].test(tables)` yields an `Answer` for every data set and crop in which a study has
numbers that bear on the claim.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from facebench.report.claims import cloaks, crops, fusions, recognition
from facebench.report.claims.answer import Answer
from facebench.report.claims.tables import Tables

PAPER = "Bhat and Jain, arXiv 2301.07315"


class Claim(NamedTuple):
    """What is claimed, by whom, when it is taken as shown, and the function that looks."""

    says: str
    source: str
    rule: str
    test: Callable[[Tables], Iterator[Answer]]


CLAIMS: dict[str, Claim] = {
    "zero-shot": Claim(
        "CLIP models recognise faces that nobody trained them to recognise.",
        PAPER,
        "Supported where every trained CLIP finds more than every control, beyond chance; "
        "contradicted where none does.",
        recognition.zero_shot,
    ),
    "size": Claim(
        "A bigger CLIP isn't necessarily a better recogniser.",
        PAPER,
        "Of pairs of CLIPs that were trained on the same data, in crops in which they recognise"
        " people: supported where a bigger one finds"
        " fewer, beyond chance, or is shown to find as many; undetermined otherwise: that every"
        " bigger one finds more in one study doesn't show that it must.",
        recognition.size,
    ),
    "search-engine": Claim(
        "A search engine that is built on such a model recognises faces.",
        PAPER,
        "Supported where under the best CLIP the picture nearest to most pictures is of the same"
        " person, with the whole interval above one half; contradicted where it is below.",
        recognition.search_engine,
    ),
    "fawkes": Claim(
        "CLIP models are robust to Fawkes.",
        PAPER,
        cloaks.RULE,
        cloaks.robust_to("fawkes"),
    ),
    "lowkey": Claim(
        "CLIP models are robust to LowKey.",
        PAPER,
        cloaks.RULE,
        cloaks.robust_to("lowkey"),
    ),
    "context": Claim(
        "It is the face that is recognised, and not what is around it.",
        "two papers disagree: arXiv 2408.01228 and 2604.05296",
        "Of the crops `tight` and `background` of the same pictures, and of `head-alone` and"
        " `around-head`, which show equal areas: supported where every trained CLIP finds more in"
        " the face, beyond chance; contradicted where one finds more around it.",
        crops.context,
    ),
    "crop-order": Claim(
        "The crop reverses the order of CLIP models and models made for faces.",
        "tables by crop such as those of arXiv 2507.03541",
        "Of the best of either kind in each crop in which CLIPs recognise people: supported where"
        " one is ahead in one crop and the other in another, both beyond chance; contradicted where"
        " the same is ahead in all.",
        crops.order,
    ),
    "fusion": Claim(
        "A model made for faces is better together with a CLIP, at low false accept rates.",
        "Sony and others, arXiv 2507.03541",
        fusions.RULE,
        fusions.helps,
    ),
}
