"""Write the table that a study ends with: one row a model, one column a question."""

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from facebench.datasets.walk import nobody_there
from facebench.logs import LOG, log_to
from facebench.report import attack_tables, larger_galleries, published
from facebench.report.headlines import FEW_PEOPLE, HEADLINES, rows
from facebench.store.tables import read_table
from facebench.texts import plain

LEGEND = """In brackets: intervals by resampling people (95 % unless configured otherwise).
They don't cover another training: each model is one set of weights.
`failed`: pictures that could not be used (unreadable, no face found); they count as misses.
Which and why: `status` and `reason` in store/<data set>/<crop>/clean/faces.parquet.
All numbers are in metrics.csv beside this file; docs/protocols.md says what they mean.
"""


def summary(
    metrics: pd.DataFrame,
    comparisons: pd.DataFrame,
    records: pd.DataFrame,
    left_out: Sequence[str] = (),
    transfer: pd.DataFrame | None = None,
    warnings: Sequence[str] = (),
    own_crops: Mapping[str, str] | None = None,
) -> str:
    """Return the study's summary in Markdown, readable as it is in a terminal.

    transfer: what attacks do to every model, in a study that has some. warnings: what to bear in
    mind, said first. own_crops: models that were trained on a crop, each with that crop.
    """
    parts = ["".join(f"* Take note: {plain(line)}\n" for line in warnings)] if warnings else []
    recognition = metrics[~metrics.protocol.isin(attack_tables.PROTOCOLS)]
    for (dataset, crop, attack), part in recognition.groupby(
        ["dataset", "crop", "attack"], sort=False
    ):
        people, pictures = part.n_identities.max(), part.n_images.max()
        title = f"## {plain(dataset)}, {plain(crop)} crop"
        title += "" if attack == "clean" else f", {plain(attack)}"
        parts.append(f"{title}\n\n{took_part(pictures, people)}\n")
        parts.append(table(part))
        if len(comparisons):
            same = comparisons[["dataset", "crop", "variant"]] == [dataset, crop, attack]
            parts += alike(comparisons[same.all(axis=1)])
    parts.append(LEGEND + read_in(own_crops or {}))
    if lines := [*larger_galleries.sentences(metrics)]:
        parts.append("".join(f"* {line}\n" for line in lines))
    parts += beside_published(metrics)
    parts += cloaks(attack_tables.NOTHING if transfer is None else transfer, metrics)
    if left_out:
        parts.append("Left out:\n")
        parts.append("".join(f"* {plain(line)}\n" for line in left_out))
    if refused := refusals(metrics, records):
        parts.append("Not measured, because the data can't resolve it:\n")
        parts.append("".join(f"* {plain(line)}\n" for line in refused))
    return "\n".join(parts)


def took_part(pictures: float, people: float) -> str:
    """Return how many pictures and people the numbers are of, and what few people mean.

    >>> took_part(1200, 300)
    '1,200 pictures; 300 people took part.'
    >>> took_part(30, 3)
    '30 pictures; 3 people took part. So few tell little: guessing among them finds 33 %.'
    """
    few = f" So few tell little: guessing among them finds {100 / people:.0f} %."
    said = f"{pictures:,.0f} pictures; {people:,.0f} people took part."
    return said + (few if 0 < people < FEW_PEOPLE else "")


def read_in(own_crops: Mapping[str, str]) -> str:
    """Return the line on models that are to be read in the crop that they were trained on.

    >>> print(read_in({"dlib": "chip", "sface": "aligned"}), end="")
    Read dlib in the crop chip, sface in the crop aligned: these models were trained on that.
    """
    if not own_crops:
        return ""
    listed = ", ".join(f"{plain(one)} in the crop {plain(crop)}" for one, crop in own_crops.items())
    were = "this model was" if len(own_crops) == 1 else "these models were"
    return f"Read {listed}: {were} trained on that.\n"


def beside_published(metrics: pd.DataFrame) -> list[str]:
    """Return the tables of numbers beside published figures."""
    parts = []
    for title, head, lines, lacking in published.sections(metrics):
        parts += [
            title,
            *([markdown(head, lines)] if lines else []),
            *([lacking] if lacking else []),
        ]
    return parts


def cloaks(transfer: pd.DataFrame, metrics: pd.DataFrame) -> list[str]:
    """Return the tables of attacks and their conclusions."""
    parts = []
    for title, head, lines in attack_tables.sections(transfer, metrics):
        parts += [title, markdown(head, lines)]
    parts += [attack_tables.LEGEND] if parts else []
    if lines := attack_tables.sentences(transfer, metrics):
        parts.append("".join(f"* {line}\n" for line in lines))
    return parts


def table(metrics: pd.DataFrame) -> str:
    """Return one row a model, best first, one column a headline, failures last."""
    columns = {"model": pd.Series({model: plain(model) for model in metrics.model.unique()})}
    order = None
    for headline in HEADLINES:
        found = rows(metrics, headline).drop_duplicates("model").set_index("model")
        if found.empty:
            continue
        order = found.value if order is None else order
        label = plain(headline.label.format(at=found["at"].iloc[0]))
        columns[label] = found.apply(interval, axis=1)
    failed = metrics.groupby("model").n_failed.max()
    columns["failed"] = failed.map("{:,.0f}".format)
    frame = pd.DataFrame(columns).fillna("-")
    if order is not None:
        frame = frame.loc[order.reindex(frame.index).sort_values(ascending=False).index]
    return markdown(frame.columns.tolist(), frame.values.tolist())


def alike(comparisons: pd.DataFrame) -> list[str]:
    """Return a sentence on models without a rank-1 difference beyond chance, or nothing.

    Judged by the p-value that is corrected for all pairs of models, at 0.05.
    """
    ranked = comparisons[(comparisons.protocol == "identify") & (comparisons["at"] == "1")]
    if ranked.empty:
        return []
    pairs = ranked[~(ranked.p_corrected < 0.05)]
    if pairs.empty:
        return ["Rank-1 tells every two of these weights apart (corrected p below 0.05).\n"]
    shown = pairs[pairs.p_alike < 0.05]
    unknown = pairs[~(pairs.p_alike < 0.05)]
    points = f"{100 * pairs.margin.iloc[0]:g} points"
    sentences = {
        f"Shown by rank-1 to differ by less than {points} (p below 0.05)": shown,
        "Not told apart by rank-1 (corrected p 0.05 or more), nor shown to differ by less than"
        f" {points}": unknown,
    }
    return [f"{said}: {listed(some)}.\n" for said, some in sentences.items() if len(some)]


def listed(pairs: pd.DataFrame, most: int = 6) -> str:
    """Return pairs of models in a sentence, cut after `most`."""
    names = [
        f"{plain(a)} and {plain(b)}" for a, b in zip(pairs.model_a, pairs.model_b, strict=True)
    ]
    more = f"; and {len(names) - most} more pairs" if len(names) > most else ""
    return "; ".join(names[:most]) + more


def interval(row: pd.Series) -> str:
    """Return a rate in per cent with its interval.

    >>> interval(pd.Series({"value": 0.5, "ci_low": 0.456, "ci_high": 0.55}))
    '50.0 % [45.6, 55.0]'
    """
    if pd.isna(row.value):
        return "refused"
    low, high = 100 * row.ci_low, 100 * row.ci_high
    return f"{100 * row.value:.1f} %" + ("" if pd.isna(low) else f" [{low:.1f}, {high:.1f}]")


def markdown(head: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    """Return a Markdown table whose columns line up in a terminal.

    >>> print(markdown(["model", "rank-1"], [["pixels", "5.0 %"]]))
    | model  | rank-1 |
    |--------|--------|
    | pixels | 5.0 %  |
    <BLANKLINE>
    """
    widths = [max(len(str(cell)) for cell in column) for column in zip(head, *lines, strict=True)]
    text = [
        "| " + " | ".join(str(c).ljust(w) for c, w in zip(line, widths, strict=True)) + " |"
        for line in [head, *lines]
    ]
    text.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(text) + "\n"


def refusals(metrics: pd.DataFrame, records: pd.DataFrame) -> list[str]:
    """Return the distinct reasons of refused numbers, after their data set's names."""
    dataset = metrics.drop_duplicates("record").set_index("record").dataset
    found: dict[str, None] = {}
    for record, text in zip(records["record"], records["json"], strict=True):
        for facts in json.loads(text).values():
            sentences = facts.get("refused", {}).values() if isinstance(facts, dict) else ()
            found.update(dict.fromkeys(f"{dataset[record]}: {line}" for line in sentences))
    return sorted(found)


def without_pictures(records: pd.DataFrame) -> list[str]:
    """Return a sentence a data set on folders of people without a picture, from the records."""
    found: dict[str, None] = {}
    for text in records["json"]:
        data = json.loads(text).get("data") or {}
        if folders := data.get("without_pictures"):
            found[f"{data['dataset']}: {nobody_there(folders)}."] = None
    return sorted(found)


def main(metrics, comparisons, records, transfer, left_out, output, warnings=(), own_crops=None):
    """Write the summary of a study as Markdown.

    transfer: a list of one path; empty in a study without attacks.
    """
    for line in warnings:
        LOG.warning("%s", line)
    text = summary(
        read_table(metrics),
        read_table(comparisons),
        read_table(records),
        left_out,
        read_table(transfer[0]) if transfer else None,
        [*warnings, *without_pictures(read_table(records))],
        own_crops,
    )
    with open(output, "w", encoding="utf-8") as file:
        file.write(text)
    LOG.info("%s is written", output)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        metrics=snakemake.input.metrics,
        comparisons=snakemake.input.comparisons,
        records=snakemake.input.records,
        transfer=snakemake.input.transfer,
        left_out=snakemake.params.left_out,
        warnings=snakemake.params.warnings,
        own_crops=snakemake.params.own_crops,
        output=snakemake.output[0],
    )
