"""What a fusion of two models gains over each of them in verification: TAR at fixed FAR."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.evaluation.pictures import Pictures
from facebench.evaluation.results import text
from facebench.protocols.verify import Verified, sample, verify
from facebench.stats.differences import of_totals
from facebench.stats.enough_data import why_unmeasurable

#: The columns of the rows that `gains` returns, of a part and a rate each.
COLUMNS = [
    "part", "at", "tar_fusion", "tar_part", "difference", "ci_low", "ci_high", "p", "margin",
    "p_alike", "n_identities",
]  # fmt: skip


def gains(
    fusion: Pictures,
    parts: Mapping[str, Pictures],
    options: Mapping[str, Any],
    statistics: Mapping[str, Any],
) -> pd.DataFrame:
    """Return the difference in TAR of a fusion and each part, at each FAR that can be measured.

    options: the section `verify` of the configuration; statistics: with `margin`. All are of the
    same pictures, and find their thresholds in the same draws of people, so that what these have in
    common cancels. Empty where nobody has two usable pictures.
    """
    far, sides = options["far"], {"": fusion, **parts}
    if any(not side.labels.image_id.equals(fusion.labels.image_id) for side in sides.values()):
        raise ValueError("a fusion and its models are of different pictures")
    made = {name: _decide(side, options, statistics) for name, side in sides.items()}
    whole, rows = made.pop(""), []
    people = len(whole.pictures)
    if not whole.right_pairs.any():
        return pd.DataFrame(columns=COLUMNS)
    for i, rate in enumerate(far):
        if why_unmeasurable(rate, "FAR", whole.wrong_pairs, people * (people - 1) / 2):
            continue
        for part, alone in made.items():
            found = of_totals(
                (whole.right_accepted[:, i] - alone.right_accepted[:, i]).astype(float),
                whole.right_pairs, whole.draws[:, i], alone.draws[:, i], statistics["confidence"],
            )  # fmt: skip
            margin = statistics["margin"]
            row = {
                "part": part, "at": text(rate), "tar_fusion": whole.tar[i],
                "tar_part": alone.tar[i], "margin": margin, "p_alike": found.p_alike(margin),
            }  # fmt: skip
            rows.append({**row, **found._asdict()})
    return pd.DataFrame(rows, columns=COLUMNS)


def _decide(
    pictures: Pictures, options: Mapping[str, Any], statistics: Mapping[str, Any]
) -> Verified:
    """Return the decisions on the pairs that `verify` decides."""
    chosen = sample(len(pictures.people), options["images"], statistics["seed"])
    numbers, people = np.unique(pictures.people[chosen], return_inverse=True)
    return verify(
        pictures.embeddings, pictures.rows[chosen], people, len(numbers),
        np.asarray(options["far"], float), statistics["draws"], statistics["seed"],
    )  # fmt: skip
