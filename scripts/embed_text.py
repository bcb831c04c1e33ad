"""Turn the names of a data set's people, and invented ones, into a model's text embeddings."""

import hashlib
import io
import json
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from facebench.logs import log_to
from facebench.models import load, read_description
from facebench.models.device import choose, keep_memory, use_threads
from facebench.protocols.distractor_names import invented_names
from facebench.store.records import code_version, extend, work_key
from facebench.store.shards import forget
from facebench.store.tables import read_record, read_table
from facebench.vectors.embedding_loop import encode_sentences


def main(
    images: str | Path,
    weights: str | Path,
    templates: Sequence[str],
    distractors: int,
    device: str,
    precision: str,
    threads: int,
    work: str | Path,
    output: str | Path,
) -> None:
    """Write the embeddings of every name in every template to the .npz file `output`.

    Its arrays: `embeddings` float32 (templates, names, dim), unit rows; `names` and
    `is_distractor` (names,); `templates` (templates,); `record`, a JSON text. The people's names
    come first, sorted; invented ones follow until there are `distractors` candidates in all.
    """
    keep_memory()
    people = names_of(images)
    invented = invented_names(max(0, distractors - len(people)), avoid=people)
    names = people + invented
    sentences = [template.format(name) for template in templates for name in names]
    model = read_description(weights)
    chosen = choose(device)
    use_threads(chosen, threads)
    encoder = load(model["spec"], model["files"], chosen.type, precision)
    record = extend(
        read_record(images),
        "embed_text",
        **model["record"],
        **encoder.record,
        prompts_sha256=prompts_hash(names, templates),
        names=len(people),
        invented=len(invented),
        templates=list(templates),
        code=code_version(),
    )
    rows = encode_sentences(sentences, encoder, work, work_key(record))
    save_arrays(
        output,
        embeddings=rows.reshape(len(templates), len(names), encoder.dim),
        names=np.array(names, dtype=np.str_),
        is_distractor=np.arange(len(names)) >= len(people),
        templates=np.array(list(templates), dtype=np.str_),
        record=np.array(json.dumps(record, sort_keys=True, ensure_ascii=False)),
    )
    forget(work)


def names_of(images: str | Path) -> list[str]:
    """Return the names of the people in a table of images that can be used, sorted."""
    table = read_table(images, columns=["name", "status"])
    return sorted(table.name[(table.status == "ok") & table.name.notna()].unique())


def prompts_hash(names: Sequence[str], templates: Sequence[str]) -> str:
    """Return the sha256 of the names and templates, in their order."""
    text = json.dumps([list(names), list(templates)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def save_arrays(path: str | Path, **arrays: np.ndarray) -> None:
    """Write arrays to an .npz file, atomically; none of them needs pickle."""
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    part = Path(f"{path}.part")
    part.parent.mkdir(parents=True, exist_ok=True)
    part.write_bytes(buffer.getbuffer())
    os.replace(part, path)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        snakemake.input.images,
        snakemake.input.weights,
        snakemake.params.templates,
        snakemake.params.distractors,
        snakemake.params.device,
        snakemake.params.precision,
        snakemake.threads,
        snakemake.params.work,
        snakemake.output[0],
    )
