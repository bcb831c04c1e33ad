"""Naming by text: by template, and by person."""

import pandas as pd

from dashboard.data import people
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing


def candidates(named: pd.DataFrame) -> list[str]:
    """Return how many names there are to choose from, `at` as in the metrics, each once.

    A count that is as good as all names has the same numbers, and is left out.
    """
    top = named[(named.metric == "top1") & ~named["at"].str.contains("/", regex=False)]
    values = {at: tuple(part.value) for at, part in top.groupby("at", sort=False)}
    whole = {at: values[at] for at in ("all", "all read") if at in values}
    return [
        at
        for at in values
        if at in whole or values[at] != whole.get("all read" if at.endswith(" read") else "all")
    ]


def by_template(named: pd.DataFrame, at: str) -> pd.DataFrame:
    """Return naming by each template alone: one row a model and template."""
    found = named[(named.metric == "template_top1") & named["at"].str.startswith(f"{at}/")]
    if found.empty:
        raise Missing("No template was measured on its own.")
    template = found["at"].str.split("/", n=1).str[1]
    found = found.assign(template=template.str.replace("{}", "…", regex=False))
    return found.sort_values("value", ascending=False)


@cached_until_changed()
def by_person(dataset: str, crop: str, model: str) -> pd.DataFrame:
    """Return one row a person, most often named first: the share whose right name came first.

    mistaken: the wrong name that came first most often.
    """
    wanted = ["image_id", "identity", "correct", "other_name"]
    searches = people.outcomes(dataset, crop, model, "name", wanted)
    named = searches.groupby("identity", sort=False).agg(
        image_id=("image_id", "first"), searches=("correct", "size"), found=("correct", "sum")
    )
    wrong = searches[~searches.correct.astype(bool)]
    counted = wrong[["identity", "other_name"]].value_counts().reset_index()
    other = counted.drop_duplicates("identity").set_index("identity").other_name
    named = named.assign(share=named.found / named.searches).reset_index()
    named["name"] = named.identity.map(people.names(dataset))
    named["mistaken"] = named.identity.map(other)
    return named.sort_values(["share", "identity"], ascending=[False, True])
