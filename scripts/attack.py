"""Turn faces into the same faces with other pixels, and measure how much was changed."""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from facebench.attacks import options_of
from facebench.attacks.contract import Context
from facebench.attacks.protected import protected
from facebench.attacks.run import attacked_rows, merged, subjects_of, threads_of_batches
from facebench.attacks.surrogates import Surrogate, open_surrogate
from facebench.logs import LOG, log_to, report_result
from facebench.models import read_description
from facebench.models.device import choose, keep_memory
from facebench.models.gpus import claim
from facebench.store.faces import VARIANT, read_labels, write_faces
from facebench.store.keys import content_of_file, key_of, read_content, read_key
from facebench.store.records import Record, code_version, extend, library_versions
from facebench.store.shards import forget
from facebench.store.tables import read_record
from facebench.study import seen
from facebench.vectors.names import read_names_key
from facebench.vectors.stored import StoredVectors
from facebench.vectors.stored_names import people_of, read_names


class CropFiles(NamedTuple):
    """One crop of a data set: its faces, the surrogates' rows of them, and where to write.

    like: the faces as another attack leaves them, of an attack that is to be as large; else "".
    """

    name: str
    spec: Mapping[str, Any]
    faces: str
    #: The files of the rows of every surrogate, in parts.
    embeddings: Sequence[Sequence[str]]
    output: str
    like: str = ""


def main(
    *,
    crops: Sequence[CropFiles],
    models: Sequence[str | Path],
    images: str,
    landmarks: str,
    attack: str,
    spec: Mapping[str, Any],
    state: str,
    device: str,
    code: str,
    threads: int,
    work: str | Path,
    names: Sequence[str | Path] = (),
) -> None:
    """Write the faces of every crop as `attack`, described by `spec`, leaves them, in their order.

    models: the surrogates' descriptions. images, landmarks: for kinds that crop pictures
    themselves. state: changes when ready-made pictures do. work: finished batches are kept there
    until the end. names: the surrogates' vectors of the people's names, of an attack that looks for
    these. What was made of the same faces in the same way is kept.
    """
    keep_memory()
    descriptions = [read_description(path) for path in models]
    texts = [people_of(read_names(str(path))) for path in names]
    opened: list[Surrogate] = []
    counts: Counter[str] = Counter()
    for crop in crops:
        key = key_of(
            step="attack",
            faces=read_content(crop.faces),
            rows=[[content_of_file(path) for path in parts] for parts in crop.embeddings],
            places=[read_content(images), read_content(landmarks), crop.spec],
            like=read_content(crop.like) if crop.like else None,
            **({"names": [read_names_key(path) for path in names]} if names else {}),
            models=[model["record"] for model in descriptions],
            libraries=library_versions("torch", "pillow", "numpy"),
            spec=spec, state=state, device=device, code=code,
        )  # fmt: skip
        if read_key(crop.output) == key:
            LOG.info("%s: kept", crop.output)
            continue
        opened = opened or [
            open_surrogate(model["spec"], model["files"], device, model["model"])
            for model in descriptions
        ]
        context = Context(
            seed=spec["seed"],
            labels=read_labels(crop.faces),
            surrogates=opened,
            rows=[StoredVectors(parts).all() for parts in crop.embeddings],
            names=[*texts[0][1]] if texts else (),
            texts=[rows for rows, _ in texts],
            place={
                "images": images,
                "landmarks": landmarks,
                "crop": crop.spec,
                "like": crop.like,
            },
        )
        record = extend(
            read_record(crop.faces),
            "attack",
            name=attack,
            # The folder of ready-made pictures is no property of theirs.
            spec={name: value for name, value in spec.items() if name != "folder"},
            models=[model["record"] for model in descriptions],
            device=choose(device).type,
            libraries=library_versions("torch", "pillow", "numpy"),
            code=code_version(code),
        )
        folder = Path(work) / crop.name
        counts += attack_crop(crop, attack, spec, context, record, key, folder, device, threads)
    forget(work)
    del counts["not attacked"]
    found = [f"{count:,} {status}" for status, count in sorted(counts.items())]
    report_result(f"pictures: {', '.join(found)}" if found else "every crop kept")


def attack_crop(
    crop: CropFiles,
    attack: str,
    spec: Mapping[str, Any],
    context: Context,
    record: Record,
    key: str,
    work: Path,
    device: str,
    threads: int,
) -> Counter[str]:
    """Write one crop's faces as the attack leaves them; return how many have which status."""
    mine = protected(context.labels, spec.get("people"), spec["seed"])
    ok = (context.labels.status == "ok").to_numpy()
    chosen = np.flatnonzero(ok & context.labels.identity.isin(mine).to_numpy())
    LOG.info("%s, %s: %d pictures of %d people", attack, crop.name, len(chosen), len(mine))
    if lost := len(mine) - context.labels.identity.iloc[chosen].nunique():
        LOG.info("of %d of them no picture can be used: they go unprotected, and count", lost)
    done = attacked_rows(
        lambda rows: subjects_of(crop.faces, rows, context), chosen, spec["kind"],
        options_of(spec), context, work, {"key": key}, spec["batch"],
        threads_of_batches(device, threads),
    )  # fmt: skip
    counts: Counter[str] = Counter()
    rows = merged(context.labels, set(chosen), mine, done, counts)
    write_faces(rows, crop.output, record, VARIANT, key)
    for status, count in sorted(counts.items()):
        LOG.info("%s: %d pictures", status, count)
    return counts


if __name__ == "__main__":
    log_to(snakemake.log[0])
    claim(snakemake.resources.gpu)
    crops, specs = snakemake.params.crops, snakemake.params.specs
    if snakemake.params.state:
        folder = snakemake.params.spec["folder"]
        seen.remember([folder], snakemake.params.memory, snakemake.params.state, snakemake.threads)
    rows = iter(snakemake.input.embeddings)
    models = snakemake.input.models
    like = list(snakemake.input.like) or [""] * len(crops)
    main(
        crops=[
            CropFiles(
                name=name,
                spec=spec,
                faces=faces,
                # Of every crop those of every surrogate, in parts.
                embeddings=[
                    list(islice(rows, snakemake.params.parts)) for _ in snakemake.input.models
                ],
                output=output,
                like=other,
            )
            for name, spec, faces, output, other in zip(
                crops, specs, snakemake.input.faces, snakemake.output, like, strict=True
            )
        ],
        models=models,
        names=list(snakemake.input.names),
        images=snakemake.input.images,
        landmarks=snakemake.input.landmarks,
        attack=snakemake.wildcards.attack,
        spec=snakemake.params.spec,
        state=snakemake.params.state,
        device=snakemake.params.device,
        code=snakemake.params.code,
        threads=snakemake.threads,
        work=snakemake.params.work,
    )
