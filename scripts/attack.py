"""Turn faces into the same faces with other pixels, and say how much was changed."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from facebench.attacks import options_of
from facebench.attacks.contract import Setting
from facebench.attacks.protected import SPARED, protected
from facebench.attacks.run import attacked_rows
from facebench.attacks.surrogates import Surrogate, open_surrogate
from facebench.logs import log_to
from facebench.models import read_description
from facebench.models.device import choose, keep_memory
from facebench.store.faces import ATTACK_SCHEMA, LABELS, SCHEMA, read_labels, write_faces
from facebench.store.records import code_version, extend, library_versions, work_key
from facebench.store.shards import forget
from facebench.store.tables import read_record

LOG = logging.getLogger("facebench")

#: The columns of an attack's faces: those of a crop, then its own.
VARIANT = pa.schema([*SCHEMA, *ATTACK_SCHEMA])


def main(
    faces: str | Path,
    models: Sequence[str | Path],
    embeddings: Sequence[str | Path],
    place: Mapping[str, Any],
    attack: str,
    spec: Mapping[str, Any],
    state: str,
    device: str,
    threads: int,
    work: str | Path,
    output: str | Path,
) -> None:
    """Write the faces as `attack`, described by `spec`, leaves them: a row each, in their order.

    `models` and `embeddings` are the surrogates' descriptions and their rows of the clean faces.
    `place` says how the crops were made, for kinds that make them anew; `state` changes when
    ready-made pictures do. `work` keeps finished batches until the end.
    """
    keep_memory()
    descriptions = [read_description(path) for path in models]
    helpers = threads_of_batches(device, threads)
    setting = Setting(
        seed=spec["seed"],
        labels=read_labels(faces),
        surrogates=[opened(model, device) for model in descriptions],
        rows=[np.load(path) for path in embeddings],
        place=place,
    )
    record = extend(
        read_record(faces),
        "attack",
        name=attack,
        # Where ready-made pictures lie is not what they are.
        spec={key: value for key, value in spec.items() if key != "folder"},
        models=[model["record"] for model in descriptions],
        device=choose(device).type,
        libraries=library_versions("torch", "pillow", "numpy"),
        code=code_version(),
    )
    mine = protected(setting.labels, spec.get("people"), spec["seed"])
    ok = (setting.labels.status == "ok").to_numpy()
    chosen = np.flatnonzero(ok & setting.labels.identity.isin(mine).to_numpy())
    LOG.info("%s: %d pictures of %d people", attack, len(chosen), len(mine))
    key = {**work_key(record), "folder": spec.get("folder"), "state": state}
    done = attacked_rows(
        faces, chosen, spec["kind"], options_of(spec), setting, work, key, spec["batch"], helpers
    )
    counts: Counter[str] = Counter()
    write_faces(merged(setting, set(chosen), done, counts), output, record, VARIANT)
    for status, count in sorted(counts.items()):
        LOG.info("%s: %d pictures", status, count)
    forget(work)


def merged(
    setting: Setting, chosen: set[int], done: Iterator[dict[str, Any]], counts: Counter[str]
) -> Iterator[dict[str, Any]]:
    """Yield every row of the faces, with what the attack made of it; count their statuses."""
    for i, base in enumerate(setting.labels[LABELS].to_dict("records")):
        row = {key: None if value != value else value for key, value in base.items()}
        if i in chosen:
            row |= next(done)
            if row["attack_status"] == "not attacked":
                row |= {"status": "not-attacked", "reason": row["attack_reason"]}
        elif row["status"] == "ok":
            row |= {"status": "not-attacked", "reason": SPARED}
            row |= {"attack_status": "not attacked", "attack_reason": SPARED}
        else:
            row |= {"attack_status": "not attacked", "attack_reason": row["reason"]}
        counts[row["attack_status"]] += 1
        yield row


def opened(model: Mapping[str, Any], device: str) -> Surrogate:
    """Return the surrogate that the rule `weights` has described."""
    return open_surrogate(model["spec"], model["files"], device, model["model"])


def threads_of_batches(device: str, threads: int) -> int:
    """Return how many batches are attacked at once: on a CPU one a thread, on a GPU one.

    A batch is computed by a single thread, so that its sums, and with them the signs of its
    gradients, are the same however many there are.
    """
    import torch

    torch.set_num_threads(1)
    return threads if choose(device).type == "cpu" else 1


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.faces,
        snakemake.input.models,
        snakemake.input.embeddings,
        {
            "images": snakemake.input.images,
            "landmarks": snakemake.input.landmarks,
            "crop": snakemake.params.crop,
        },
        snakemake.wildcards.attack,
        snakemake.params.spec,
        snakemake.params.state,
        snakemake.params.device,
        snakemake.threads,
        snakemake.params.work,
        snakemake.output[0],
    )
