"""How the models stand: one number a model, with what kind of model each is."""

from dataclasses import dataclass

import pandas as pd

from dashboard import words
from dashboard.data import numbers
from dashboard.data.files import Missing


@dataclass(frozen=True)
class Question:
    """One number a model: a protocol's metric at one point."""

    protocol: str
    metric: str
    at: str

    @property
    def key(self) -> str:
        """What stands for the question in a URL."""
        return ":".join((self.protocol, self.metric, self.at))

    @property
    def title(self) -> str:
        """The question's name for a reader."""
        found = words.HEADLINES.get((self.protocol, self.metric))
        at = "all names" if self.at == "all" else self.at
        return (
            found[0].format(at=at) if found else words.metric(self.protocol, self.metric, self.at)
        )

    @property
    def explained(self) -> str:
        """The question in a sentence for a newcomer."""
        found = words.HEADLINES.get((self.protocol, self.metric))
        return found[1] if found else ""

    @property
    def lower_is_better(self) -> bool:
        """Whether the best model has the lowest value."""
        return (self.protocol, self.metric) in words.LOWER_IS_BETTER


@dataclass(frozen=True)
class View:
    """What a page was asked to show: its clean numbers, and the question that orders the models."""

    dataset: str
    crop: str
    models: list[str]
    clean: pd.DataFrame
    question: Question
    #: For the names of downloads.
    file: str


def questions(clean: pd.DataFrame) -> list[Question]:
    """Return the headline questions that these numbers answer: those of the summary, as it does."""
    from facebench.report.headlines import HEADLINES, rows

    found = []
    for headline in HEADLINES:
        answers = rows(clean, headline)
        if len(answers) and answers.value.notna().any():
            found.append(Question(headline.protocol, headline.metric, answers["at"].iloc[0]))
    return found


def kinds(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table with a column `model` joined with kind, family, size and facts of each.

    Without a table of models, all of them are of a kind unknown.
    """
    try:
        known = numbers.models()
    except Missing:
        known = pd.DataFrame(columns=numbers.MODEL_COLUMNS)
    joined = table.merge(known, on="model", how="left")
    joined["parameters_m"] = joined.parameters_m.astype(float)
    return joined.assign(kind=joined.family.map(words.kind))


def answers(clean: pd.DataFrame, question: Question) -> pd.DataFrame:
    """Return one row a model, best first, with its facts; models without the number come last."""
    same = clean[
        (clean.protocol == question.protocol)
        & (clean.metric == question.metric)
        & (clean["at"] == question.at)
    ]
    ordered = same.sort_values("value", ascending=question.lower_is_better, na_position="last")
    return kinds(ordered.drop_duplicates("model")).reset_index(drop=True)


def first(clean: pd.DataFrame, *protocols: str) -> Question:
    """Return the headline question of the first of these protocols that was measured."""
    found = {question.protocol: question for question in questions(clean)}
    for protocol in protocols:
        if protocol in found:
            return found[protocol]
    raise Missing("No protocol of this study has resolved any number for this data set and crop.")


def best_first(dataset: str, crop: str, models: list[str]) -> list[str]:
    """Return models, those that recognise best first; in their order where that is unknown."""
    clean = numbers.metrics(dataset=dataset, crop=crop, **numbers.CLEAN)
    try:
        ranked = list(answers(clean, first(clean, "identify", "neighbour", "view2")).model)
    except Missing:
        return models
    return sorted(models, key=lambda name: ranked.index(name) if name in ranked else len(ranked))


def rows_best_first(table: pd.DataFrame, dataset: str, crop: str) -> pd.DataFrame:
    """Return rows by model, the best recogniser's first, those of models that know nobody last."""
    ranked = best_first(dataset, crop, list(table.model.unique()))
    place = table.model.map(ranked.index) + len(ranked) * table.kind.isin(words.CONTROLS)
    return table.loc[place.sort_values(kind="stable").index]


def matrix(
    dataset: str, crop: str, question: Question, models: list[str], may_lack: bool = False
) -> pd.DataFrame:
    """Return the difference of every two models both ways round, with whether p is below 0.05.

    The comparison is of the question's protocol, at the point where that protocol compares. With
    `may_lack`, nothing compared gives no rows; else it is `Missing`.
    """
    same = {"dataset": dataset, "crop": crop, "variant": "clean", "protocol": question.protocol}
    try:
        one_way = numbers.comparisons(**same)
    except Missing:
        if not may_lack:
            raise
        one_way = pd.DataFrame(columns=[*same, *DIFFERENCE, "p_corrected"])
    one_way = one_way[one_way.model_a.isin(models) & one_way.model_b.isin(models)]
    if one_way.empty and not may_lack:
        raise Missing(f"{words.PROTOCOLS.get(question.protocol)}: no two models were compared.")
    other_way = one_way.assign(
        model_a=one_way.model_b,
        model_b=one_way.model_a,
        difference=-one_way.difference,
        ci_low=-one_way.ci_high,
        ci_high=-one_way.ci_low,
    )
    both = pd.concat([one_way, other_way], ignore_index=True)
    return both.assign(beyond_chance=both.p_corrected < 0.05)


#: What a comparison says of two models.
DIFFERENCE = ["model_a", "model_b", "difference", "ci_low", "ci_high"]


def numbers_of(clean: pd.DataFrame, protocol: str, metric: str | None = None) -> pd.DataFrame:
    """Return a protocol's headline numbers, one a model, or another metric at the same point."""
    question = next((q for q in questions(clean) if q.protocol == protocol), None)
    if question is None:
        return clean.iloc[:0]
    return clean[
        (clean.protocol == protocol)
        & (clean.metric == (metric or question.metric))
        & (clean["at"] == question.at)
    ]


def three_ways(
    by_picture: pd.DataFrame, strangers: pd.DataFrame, naming: pd.DataFrame
) -> pd.DataFrame:
    """Return the numbers that say what a search engine could do, with a column `way`."""
    parts = [
        by_picture.assign(way="By picture"),
        strangers.assign(way="Among strangers"),
        naming[naming.metric == "top1"].assign(way="By name"),
    ]
    found = pd.concat(parts, ignore_index=True).dropna(subset=["value"])
    if found.empty:
        raise Missing("No search was measured for this data set and crop.")
    return found


def along(
    clean: pd.DataFrame, protocol: str, metric: str, column: str, may_lack: bool = False
) -> pd.DataFrame:
    """Return a metric at all its points, in order, with `at` as the number `column`."""
    found = clean[(clean.protocol == protocol) & (clean.metric == metric)].dropna(subset=["value"])
    if found.empty and not may_lack:
        title = words.PROTOCOLS.get(protocol, protocol)
        raise Missing(f"{title} was not measured, or the data resolve none of it.")
    return found.assign(**{column: found["at"].astype(float)}).sort_values(["model", column])


def by_template(named: pd.DataFrame, at: str) -> pd.DataFrame:
    """Return naming by each sentence alone: one row a model and sentence."""
    found = named[(named.metric == "template_top1") & named["at"].str.startswith(f"{at}/")]
    if found.empty:
        raise Missing("No sentence was measured alone.")
    template = found["at"].str.split("/", n=1).str[1]
    found = found.assign(template=template.str.replace("{}", "…", regex=False))
    return found.sort_values("value", ascending=False)


BANDS = [-0.001, 0.0, 0.25, 0.5, 0.75, 0.999, 1.0]
BAND_NAMES = ["never", "up to 25 %", "to 50 %", "to 75 %", "above 75 %", "always"]


def bands(share: pd.Series) -> pd.DataFrame:
    """Return how many people were found never, in up to a quarter of their searches, ... always."""
    cut = pd.cut(share.astype(float), BANDS, labels=BAND_NAMES)
    counted = cut.value_counts().reindex(BAND_NAMES, fill_value=0)
    return pd.DataFrame({"band": BAND_NAMES, "count": counted.to_numpy()})
