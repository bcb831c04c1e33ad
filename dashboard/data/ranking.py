"""The models in order: one headline number each, and the differences of every two."""

import pandas as pd

from dashboard import number_text, vocabulary
from dashboard.data import absent, numbers
from dashboard.data.freshness import cached_until_changed
from dashboard.data.missing import Missing
from facebench.report.headlines import Headline, measured
from facebench.report.palette import of_models

#: Headlines by which models are ordered; the first that was measured counts.
RECOGNITION = ("identify", "neighbour", "view2")
#: What a comparison says of two models.
DIFFERENCE = ["model_a", "model_b", "difference", "ci_low", "ci_high"]


def with_models(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with what is known of each `model`: kind, control, size and facts.

    Without a table of models, all of them are of an unknown kind.
    """
    try:
        known = numbers.models()
    except Missing:
        known = pd.DataFrame(columns=numbers.MODEL_COLUMNS)
    joined = table.merge(known, on="model", how="left")
    return coloured(joined).assign(
        parameters_m=joined.parameters_m.astype(float),
        kind=joined.kind.astype(object).where(joined.kind.notna(), vocabulary.UNKNOWN_KIND),
        control=joined.control.eq(True),
    )


def coloured(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with each `model`'s `colour`, and its `place` in the study's list of models.

    Both are the same on all pages, whatever else is shown.
    """
    colours, places = _colours()
    return table.assign(colour=table.model.map(colours), place=table.model.map(places))


@cached_until_changed(most=8)
def _colours() -> tuple[dict[str, str], dict[str, int]]:
    """Return the colour and the place of every model of the study."""
    try:
        known = numbers.models()
    except Missing:
        known = pd.DataFrame(columns=numbers.MODEL_COLUMNS)
    kinds = {name: "" for name in numbers.distinct("model")} | dict(
        zip(known.model, known.kind, strict=True)
    )
    listed = [*known.model, *(name for name in kinds if name not in set(known.model))]
    colours = of_models((name, str(kinds[name])) for name in listed)
    return colours, {name: place for place, name in enumerate(listed)}


def first(dataset: str, crop: str, clean: pd.DataFrame, *protocols: str) -> Headline:
    """Return the headline of the first of these protocols that was measured."""
    found = {headline.protocol: headline for headline in measured(clean)}
    for protocol in protocols:
        if protocol in found:
            return found[protocol]
    raise absent.absent(dataset, crop, protocols, "Recognition")


def ranked(clean: pd.DataFrame, headline: Headline) -> pd.DataFrame:
    """Return one row a model, best first, with its facts; models without the number come last."""
    same = clean[
        (clean.protocol == headline.protocol)
        & (clean.metric == headline.metric)
        & (clean["at"] == headline.at)
    ]
    ordered = same.sort_values("value", ascending=headline.lower_is_better, na_position="last")
    return with_models(ordered.drop_duplicates("model")).reset_index(drop=True)


def best_first(dataset: str, crop: str, models: list[str]) -> list[str]:
    """Return models, the best recogniser first; in the given order where that is unknown."""
    clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
    try:
        order = list(ranked(clean, first(dataset, crop, clean, *RECOGNITION)).model)
    except Missing:
        return models
    return sorted(models, key=lambda name: order.index(name) if name in order else len(order))


def measured_models(dataset: str, crop: str) -> list[str]:
    """Return the models that have numbers for a data set and crop, the best recogniser first."""
    known = numbers.distinct("model", dataset=dataset, crop=crop, **numbers.CLEAN)
    return best_first(dataset, crop, known)


def rows_best_first(table: pd.DataFrame, dataset: str, crop: str) -> pd.DataFrame:
    """Return rows by model, the best recogniser's first, those of control models last."""
    order = best_first(dataset, crop, list(table.model.unique()))
    place = table.model.map(order.index) + len(order) * table.control
    return table.loc[place.sort_values(kind="stable").index]


def matrix(
    dataset: str, crop: str, headline: Headline, models: list[str], may_lack: bool = False
) -> pd.DataFrame:
    """Return the difference of every two models, both ways round, and whether p is below 0.05.

    Models are compared by the headline's protocol, at the point that the protocol chooses. If
    nothing was compared, the table is empty with `may_lack`, and otherwise `Missing` is raised.
    """
    same = {"dataset": dataset, "crop": crop, "variant": "clean", "protocol": headline.protocol}
    try:
        one_way = numbers.comparisons(**same)
    except Missing:
        if not may_lack:
            raise
        one_way = pd.DataFrame(columns=[*same, *DIFFERENCE, "p_corrected"])
    one_way = one_way[one_way.model_a.isin(models) & one_way.model_b.isin(models)]
    if one_way.empty and not may_lack:
        raise _not_compared(dataset, crop, headline.protocol)
    other_way = one_way.assign(
        model_a=one_way.model_b,
        model_b=one_way.model_a,
        difference=-one_way.difference,
        ci_low=-one_way.ci_high,
        ci_high=-one_way.ci_low,
    )
    both = pd.concat([one_way, other_way], ignore_index=True)
    return both.assign(beyond_chance=both.p_corrected < 0.05)


def compared(dataset: str, crop: str) -> pd.DataFrame:
    """Return the comparisons of models by all protocols; none where there are none."""
    try:
        return numbers.comparisons(dataset=dataset, crop=crop, variant="clean")
    except Missing:
        return pd.DataFrame(columns=["protocol", *DIFFERENCE, "p_corrected"])


def _not_compared(dataset: str, crop: str, protocol: str) -> Missing:
    """Return why no two models are compared by a protocol."""
    title = vocabulary.PROTOCOLS.get(protocol, protocol)
    others = numbers.comparisons(dataset=dataset, crop=crop, variant="clean").protocol.unique()
    if len(others) and protocol not in others:
        listed = number_text.listed([vocabulary.PROTOCOLS.get(one, one) for one in others])
        return Missing(f"Models are not compared by {title}, only by {listed}.", "")
    if len(numbers.distinct("model", dataset=dataset, crop=crop, protocol=protocol)) < 2:
        return absent.absent(dataset, crop, protocol, f"Models compared by {title}")
    return Missing(f"{title}: none of these models were compared.", "")


def numbers_of(clean: pd.DataFrame, protocol: str, metric: str | None = None) -> pd.DataFrame:
    """Return a protocol's headline numbers, one a model, or another metric at the same point."""
    mine = clean[clean.protocol == protocol]
    headline = next((one for one in measured(mine) if one.protocol == protocol), None)
    if headline is None:
        return mine.iloc[:0]
    return mine[(mine.metric == (metric or headline.metric)) & (mine["at"] == headline.at)]


def three_ways(
    by_picture: pd.DataFrame, strangers: pd.DataFrame, naming: pd.DataFrame
) -> pd.DataFrame:
    """Return the numbers that say what a search engine could do, with a column `way`.

    The table is empty where none was measured.
    """
    parts = [
        by_picture.assign(way="By picture"),
        strangers.assign(way="Among strangers"),
        naming[naming.metric == "top1"].assign(way="By name"),
    ]
    return pd.concat(parts, ignore_index=True).dropna(subset=["value"])
