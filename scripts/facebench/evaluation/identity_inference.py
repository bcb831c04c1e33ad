"""Identity inference: which people's names did a model read, by what it calls their pictures?"""

import numpy as np
import pandas as pd

from facebench.evaluation.inference_numbers import (
    Judged,
    add_inferred,
    add_membership,
    add_text_alone,
)
from facebench.evaluation.named_people import named_people, never_read, places_of, together
from facebench.evaluation.task import Result, Task
from facebench.protocols.identity_inference import distances, right_templates, votes
from facebench.protocols.name import averaged
from facebench.vectors.stored_names import read_names


def identity_inference(task: Task) -> Result:
    """Infer who is known by the votes of everybody's pictures, among each pool of wrong names.

    The people of other data sets, whose names were never read, are asked about beside the own.
    """
    pictures, options, statistics = task.pictures, task.options, task.statistics
    names = read_names(task.files["names"])
    most, seed = options["pictures"], statistics["seed"]
    own = named_people(pictures, most, seed)
    others, names = never_read(task, names, most, seed)
    everybody = together([own, others], dim=names.texts.shape[2])
    read = np.isin(everybody.names, names.known[names.was_read])
    stranger = np.arange(len(everybody)) >= len(own)
    stranger |= task.where["dataset"] in options["never_read"]
    judged = Judged(read, stranger & ~read)
    numbers = task.numbers(
        "identity_inference",
        identities=len(own),
        images=int(own.who["pictures"].sum()),
        failed=int(own.who["pictures"].sum()) - len(own.vectors),
    )
    known: list[bool | None] = [
        bool(yes) if yes or no else None for yes, no in zip(read, judged.others, strict=True)
    ]
    outcomes = everybody.who[["identity", "pictures"]].assign(
        own=np.arange(len(everybody)) < len(own),
        member=pd.array(known, dtype="boolean"),
    )
    pools = dict(names.choices())
    for pool, chosen in pools.items():
        truth = places_of(everybody.names, chosen.known, task.files["names"])
        voted = votes(everybody.vectors, everybody.person, len(everybody), chosen.texts)
        right = right_templates(voted, truth)
        add_inferred(numbers, voted[: len(own)], truth[: len(own)], pool, options, statistics)
        add_membership(numbers, right, judged, len(names.templates), pool, options, statistics)
        outcomes["right" if pool == next(reversed(pools)) else "right_among_invented"] = right
    texts = averaged(names.texts)
    invented = texts[names.pool == "invented"]
    place = places_of(everybody.names, names.known, task.files["names"])
    far = distances(texts[place], invented) if len(invented) else None
    add_text_alone(numbers, far, judged, statistics)
    outcomes["text_distance"] = np.full(len(everybody), np.nan) if far is None else far
    parameters = {
        "options": {key: value for key, value in options.items() if key != "never_read"},
        "never_read": {name: len(others) for name in task.strangers},
        "templates": names.templates,
        "names": {pool or "invented": len(chosen.known) for pool, chosen in pools.items()},
        "members": int(judged.members.sum()),
        "non_members": int(judged.others.sum()),
        "statistics": dict(statistics),
    }
    return Result(numbers, outcomes, parameters, {**names.record, **pictures.record})
