"""Claims about what cloaks do to models that they were not made for."""

from collections.abc import Callable, Iterator

import pandas as pd

from facebench.report.claims.answer import (
    ALPHA,
    CONTRADICTED,
    SUPPORTED,
    UNDETERMINED,
    Answer,
    points,
)
from facebench.report.claims.tables import CLIP, Tables, trained
from facebench.texts import counted

RULE = (
    "Of trained CLIPs on which the cloak was not made, with all of a person's photographs in the"
    " index cloaked: supported where every one is shown to lose less than the margin; contradicted"
    " where one loses more than it, beyond chance."
)


def robust_to(kind: str) -> Callable[[Tables], Iterator[Answer]]:
    """Return the test of the claim that trained CLIPs are robust to a kind of cloak."""

    def test(tables: Tables) -> Iterator[Answer]:
        if tables.transfer is None or tables.transfer.empty:
            return
        table = tables.transfer
        here = table[(table.kind == kind) & (table.threat == "gallery") & (table.fraction == 1)]
        here = here[(here.averaged == "") & ~here.made_on.astype(bool)]
        clips = trained(tables.models, CLIP)
        here = here[here.victim.isin(clips.model)]
        for (dataset, crop), rows in here.groupby(["dataset", "crop"], sort=False):
            yield _answer(tables, str(dataset), str(crop), rows)

    return test


def _answer(tables: Tables, dataset: str, crop: str, rows: pd.DataFrame) -> Answer:
    margin = tables.margin
    # That all lose little is tested in each: no correction is needed for that.
    shown = int((rows.ci_high < margin).sum())
    hurt = int(((rows.ci_low > margin) & (rows.p_corrected < ALPHA)).sum())
    verdict = CONTRADICTED if hurt else SUPPORTED if shown == len(rows) else UNDETERMINED
    worst = rows.sort_values("gain").iloc[-1]
    said = points(worst.gain, worst.ci_low, worst.ci_high)
    evidence = (
        f"Of {counted(len(rows), 'CLIP', 'CLIPs')} that it was not made on {shown} are shown to"
        f" lose less than {100 * margin:g} points, {hurt} more. The most: {said} of the searches"
        f" fail under {worst.victim} with {worst.attack}, made on {worst.surrogates}; without it"
        f" {100 * worst.found_clean:.1f} % are found."
    )
    return Answer(
        dataset, crop, verdict, f"more searches that fail, {worst.victim}", worst.gain,
        worst.ci_low, worst.ci_high, float(worst.p_corrected), int(worst.n_identities), evidence,
    )  # fmt: skip
