"""Open set by name: who is given a name that isn't theirs, and how sure a model is of names."""

from typing import Any

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.evaluation.calibration_numbers import add_calibration
from facebench.evaluation.named_people import places_of
from facebench.evaluation.open_set import add_numbers, why_refused
from facebench.evaluation.results import Numbers, label, text
from facebench.evaluation.task import Result, Task
from facebench.protocols.confidence import Called, called
from facebench.protocols.name import averaged
from facebench.protocols.open_set import Searches
from facebench.protocols.open_set import open_set as miss_rates
from facebench.protocols.open_set_by_name import searches_by_name
from facebench.stats.person_rates import rates_by_person
from facebench.vectors.stored_names import Names, read_names

FEW = "Fewer than 4 people have a name: two are enrolled by name, and two are strangers."


def open_set_by_name(task: Task) -> Result:
    """Name everybody's pictures where half of the people's names are no candidates; then all."""
    pictures, options, statistics = task.pictures, task.options, task.statistics
    names = read_names(task.files["names"])
    scale = scale_of(names, options["scale"], task.files["names"])
    labels = pictures.labels
    asked = np.flatnonzero(labels["name"].notna())
    people, known = pd.factorize(labels["name"].iloc[asked], sort=True)
    rows = pictures.rows[asked]
    numbers = task.numbers(
        "open_set_by_name",
        identities=len(known),
        images=len(asked),
        failed=int((rows < 0).sum()),
    )
    outcomes = labels[["image_id", "identity"]].iloc[asked].assign(failed=rows < 0)
    pools = dict(names.choices())
    for pool, chosen in pools.items():
        part = numbers_of(task, len(known), rows)
        texts = averaged(chosen.texts)
        place = places_of(np.asarray(known, object), chosen.known, task.files["names"])
        wrong = np.setdiff1d(np.arange(len(texts)), place)
        if len(known) < 4:
            numbers.refuse("fnir", FEW, at=pool)
            continue
        vectors = pictures.embeddings[rows[rows >= 0]]
        usable = np.where(rows >= 0, np.cumsum(rows >= 0) - 1, -1)
        done = searches_by_name(
            vectors, usable, people, texts[place], texts[wrong], scale,
            options["halvings"], statistics["seed"],
        )  # fmt: skip
        add_open_set(part, task, done, people, len(known))
        found = called(vectors, texts, place[people[rows >= 0]], scale)
        add_calibration(part, found, people[rows >= 0], options["bins"], statistics)
        merge(numbers, part, pool)
        after = "" if pool == next(reversed(pools)) else "_among_invented"
        for column, values in columns(found, rows >= 0, chosen.known, done).items():
            outcomes.insert(len(outcomes.columns), f"{column}{after}", values)
    parameters = {
        "options": dict(options),
        "scale": scale,
        "templates": names.templates,
        "names": {pool or "invented": len(chosen.known) for pool, chosen in pools.items()},
        "statistics": dict(statistics),
    }
    return Result(numbers, outcomes, parameters, {**names.record, **pictures.record})


def scale_of(names: Names, wanted: float, path: str) -> float:
    """Return what inner products are multiplied with: `wanted`, or for 0 the model's own scale."""
    own = names.record.get("embed_text", {}).get("logit_scale")
    if not wanted and own is None:
        raise UserError(
            f"{path} doesn't say the model's own scale: set open_set_by_name.scale, 100 for a CLIP."
        )
    return float(wanted or own)


def numbers_of(task: Task, people: int, rows: np.ndarray) -> Numbers:
    """Return a table of numbers without rows, for one pool of wrong names."""
    return task.numbers(
        "open_set_by_name", identities=people, images=len(rows), failed=int((rows < 0).sum())
    )


def merge(numbers: Numbers, part: Numbers, pool: str) -> None:
    """Add the rows of one pool of wrong names, which then follows the column `at`."""

    def named(at: str) -> str:
        return f"{at} {pool}".strip()

    numbers.rows += [{**row, "at": named(row["at"])} for row in part.rows]

    def renamed(metric: str) -> str:
        name, _, at = metric.partition("@")
        return label(name, named(at))

    numbers.refused |= {renamed(key): why for key, why in part.refused.items()}
    numbers.decided_by_one |= {renamed(key): share for key, share in part.decided_by_one.items()}


def add_open_set(
    numbers: Numbers, task: Task, done: Searches, people: np.ndarray, n_people: int
) -> None:
    """Add misses at each FPIR, and who is given a name at each confidence."""
    options, statistics = task.options, task.statistics
    found = miss_rates(
        done, people, n_people, np.asarray(options["fpir"], float), 1,
        statistics["draws"], statistics["seed"],
    )  # fmt: skip
    refused = [why_refused(rate, done, people) for rate in options["fpir"]]
    confidence = statistics["confidence"]
    add_numbers(found, done, people, options["fpir"], refused, confidence, numbers)
    limits = np.array(options["confidences"], float)
    right = np.where(done.rank <= 1, done.mate_score, -np.inf)[:, None] >= limits
    given = done.other_score[:, None] >= limits
    for metric, chosen, results in (
        ("stranger_named", ~done.mated, given),
        ("right_named", done.mated, right),
    ):
        who = people[done.picture[chosen]].astype(str)
        for limit, (share, interval, largest) in zip(
            limits, rates_by_person(results[chosen], who, confidence), strict=True
        ):
            numbers.add(metric, share, interval, at=text(limit), largest=largest)
    sure = done.other_score[~done.mated & np.isfinite(done.other_score)]
    for part in (0.5, 0.9):
        if len(sure):
            numbers.add("stranger_confidence", float(np.quantile(sure, part)), at=part)


def columns(found: Called, usable: np.ndarray, known: np.ndarray, done: Searches) -> dict[str, Any]:
    """Return what each picture is called among all names, and how surely as a stranger."""
    name = np.full(len(usable), None, object)
    name[usable] = known[found.name]
    confidence, rank = np.zeros(len(usable)), np.full(len(usable), np.inf)
    confidence[usable], rank[usable] = found.confidence, found.rank
    alone = np.where(np.isfinite(done.other_score), done.other_score, 0)[~done.mated]
    picture = done.picture[~done.mated]
    searched = np.maximum(np.bincount(picture, minlength=len(usable)), 1)
    return {
        "called": pd.array(name, dtype="str"),
        "confidence": confidence,
        "rank": rank,
        "stranger_confidence": np.bincount(picture, alone, len(usable)) / searched,
    }
