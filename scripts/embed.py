"""Turn faces and people's names into the unit rows that a model gives."""

from collections.abc import Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from facebench.logs import LOG, log_to, report_result
from facebench.models import FAMILIES, feature_of, load, read_description, state
from facebench.models.device import choose, keep_memory, use_threads
from facebench.models.encoder import Encoder
from facebench.models.gpus import claim
from facebench.store.faces import read_labels
from facebench.store.keys import content_of_file, key_of, read_content, read_key
from facebench.store.records import Record, code_version, extend
from facebench.store.shards import forget
from facebench.store.tables import read_record, write_stream
from facebench.texts import counted
from facebench.vectors.embedding_loop import encode_faces, encode_sentences
from facebench.vectors.names import candidates, prompts_hash, read_list, read_names_key, write_names
from facebench.vectors.stored import rows_hash, save_blocks, save_rows
from facebench.vectors.usable_faces import METADATA, usable, who


class Settings(NamedTuple):
    """How a model is run: what its vectors depend on, then what only its speed does."""

    preprocess: str
    device: str
    precision: str
    code: str
    batch_size: int | str
    shard: int
    threads: int


class Model:
    """A model that is loaded when the first vectors are missing, and only then.

    weights: its description, or several of one network, of which each is of another feature: all
    are made in one pass.
    """

    def __init__(self, weights: Sequence[str | Path], settings: Settings) -> None:
        self.settings = settings
        self.abouts = [read_description(path) for path in weights]
        self.about = self.abouts[0]
        #: How many sets of faces, and vectors of faces and names, were made.
        self.made = self.rows = 0
        #: How many threads prepare pictures.
        self.helpers = 1

    @cached_property
    def encoder(self) -> Encoder:
        """The loaded model, on its device."""
        about, settings, device = self.about, self.settings, "cpu"
        if not FAMILIES[about["family"]].elsewhere:  # Rows are looked up without torch.
            keep_memory()
            chosen = choose(settings.device)
            self.helpers, device = use_threads(chosen, settings.threads), chosen.type
        several = [feature_of(each["spec"]) for each in self.abouts] if self.abouts[1:] else []
        encoder = load(about["spec"], about["files"], device, settings.precision, several)
        LOG.info(
            "%s on %s (%s, %d threads), preprocessing %s", about["model"], encoder.record["device"],
            encoder.record["dtype"], settings.threads, settings.preprocess,
        )  # fmt: skip
        return encoder

    def key(self, step: str, number: int = 0, **parts: Any) -> str:
        """Return the key of vectors of `parts` under this model, or its feature of a number."""
        settings = self.settings
        return key_of(
            step=step,
            model=self.abouts[number]["record"],
            libraries=FAMILIES[self.about["family"]].versions(),
            # Vectors made elsewhere have no weights whose hash would change with them.
            files=state(self.about["spec"]) if FAMILIES[self.about["family"]].elsewhere else [],
            run=[settings.preprocess, settings.device, settings.precision, settings.code],
            **parts,
        )

    def record(self, base: Record, step: str, number: int = 0, **facts: Any) -> Record:
        """Return the record of vectors: that of what they were made from, with this step."""
        code, about = code_version(self.settings.code), self.abouts[number]
        # Of files beside its weights, both say the sha256.
        what = {**about["record"], **self.encoder.record}
        if FAMILIES[about["family"]].features:
            what["feature"] = feature_of(about["spec"])
        return extend(base, step, **what, **facts, code=code)


def main(
    *,
    faces: Sequence[str | Path],
    weights: Sequence[str | Path],
    part: int,
    parts: int,
    settings: Settings,
    work: str | Path,
    embeddings: Sequence[str | Path],
    metadata: Sequence[str | Path],
    images: Sequence[str | Path] = (),
    templates: Sequence[str] = (),
    distractors: int = 0,
    read: str | Path = "",
    names: Sequence[str | Path] = (),
) -> None:
    """Write the rows of each of `faces`, and who they are; then those of names in every template.

    weights: the JSON file of the rule `weights`; of several (see `Model`), embeddings and metadata
    are those of all `faces` under the first, then under the second. images: the tables of the data
    sets whose people are named, in the order of `names`. read: a file of names that the model read
    in training. part, parts: which of how many pieces of the rows is made here. work: finished
    shards are kept there until the end. What was made from the same faces by the same model in the
    same way is kept, and if nothing else is left to do, the model is not loaded.
    """
    model = Model(weights, settings)
    for number, source in enumerate(faces):
        rows, tables = embeddings[number :: len(faces)], metadata[number :: len(faces)]
        embed_faces(model, source, part, parts, Path(work) / str(number), rows, tables)
    embed_names(model, images, templates, distractors, read, Path(work) / "names", names)
    forget(work)
    kept = len(embeddings) - model.made
    made = counted(model.rows, "vector")
    report_result(made + (f", {counted(kept, 'set')} of faces kept" if kept else ""))


def embed_faces(
    model: Model,
    faces: str | Path,
    part: int,
    parts: int,
    work: Path,
    embeddings: Sequence[str | Path],
    metadata: Sequence[str | Path],
) -> None:
    """Write one part of the rows of the `ok` faces to `embeddings`, who they are to `metadata`.

    Of a model with several features there is a file of each for every one; what is kept of them is
    left alone.
    """
    of_faces = {"faces": read_content(faces), "part": [part, parts]}
    keys = [model.key("embed", number, **of_faces) for number in range(len(model.abouts))]
    ok = None
    for number, (key, rows, table) in enumerate(zip(keys, embeddings, metadata, strict=True)):
        if read_key(table) == key and content_of_file(rows) == rows_hash(table):
            LOG.info("%s: kept", rows)
            continue
        ok = np.array_split(usable(faces), parts)[part] if ok is None else ok
        here, facts = make_rows(model, number, faces, ok, (part, parts), work, keys, rows)
        record = model.record(read_record(faces), "embed", number, **facts)
        record["embed"]["rows_sha256"] = content_of_file(rows)
        write_stream(who(faces, here), METADATA, table, record, key=key)
        model.made, model.rows = model.made + 1, model.rows + len(here)


def make_rows(
    model: Model,
    number: int,
    faces: str | Path,
    ok: np.ndarray,
    part: tuple[int, int],
    work: Path,
    keys: Sequence[str],
    output: str | Path,
) -> tuple[np.ndarray, dict[str, Any]]:
    """Write the rows of a feature of some faces; return which faces have one, and facts.

    Of several features all are made for the first; the shards in `work` hold those that follow.
    """
    settings, encoder = model.settings, model.encoder
    if encoder.lookup is not None:
        looked = encoder.lookup(read_labels(faces).iloc[ok], read_record(faces))
        save_rows(looked.rows, output)
        return ok[looked.found], looked.record
    blocks = encode_faces(
        faces, ok, encoder, settings.preprocess, work, {"key": keys[0] if len(keys) == 1 else keys},
        settings.batch_size, settings.shard, model.helpers,
        "faces" if part[1] == 1 else f"faces of part {part[0] + 1} of {part[1]}",
    )  # fmt: skip
    dim = encoder.parts[number] if encoder.parts else encoder.dim
    save_blocks((encoder.cut(block, number) for block in blocks), (len(ok), dim), output)
    preprocess = {"variant": settings.preprocess, **encoder.preprocess.record}
    return ok, {"preprocess": preprocess, "dim": dim}


def embed_names(
    model: Model,
    images: Sequence[str | Path],
    templates: Sequence[str],
    distractors: int,
    read: str | Path,
    work: Path,
    outputs: Sequence[str | Path],
) -> None:
    """Write the rows of each data set's names, and of wrong candidates, in every template.

    A name of several data sets is embedded once. If one file is missing, all names are embedded,
    and only that one is written: rows depend, in their last bits, on what is beside them.
    """
    sets = [candidates(table, distractors, read) for table in images]
    hashes = [prompts_hash(names.all, templates) for names in sets]
    # Of the people's names, too: whose was read?
    was_read = read_list(read, []) if read else []
    listed = prompts_hash(was_read, [])
    keys = [model.key("embed_text", prompts=prompts, was_read=listed) for prompts in hashes]
    missing = [i for i, output in enumerate(outputs) if read_names_key(output) != keys[i]]
    LOG.info("%d sets of names kept", len(sets) - len(missing))
    if not missing:
        return
    unique = list(dict.fromkeys(name for names in sets for name in names.all))
    sentences = [template.format(name) for template in templates for name in unique]
    rows = encode_sentences(sentences, model.encoder, work, {"key": key_of(sets=keys)})
    model.rows += len(rows)
    rows = rows.reshape(len(templates), len(unique), -1)
    place = {name: i for i, name in enumerate(unique)}
    for i in missing:
        names = sets[i]
        facts = {pool: len(getattr(names, pool)) for pool in names._fields}
        record = model.record(
            read_record(images[i]),
            "embed_text",
            prompts_sha256=hashes[i],
            names=facts,
            templates=list(templates),
            logit_scale=model.encoder.logit_scale,
        )
        write_names(
            outputs[i],
            rows=rows[:, [place[name] for name in names.all]],
            names=names,
            templates=templates,
            record=record,
            key=keys[i],
            was_read=was_read,
        )


if __name__ == "__main__":
    log_to(snakemake.log[0])
    claim(snakemake.resources.gpu)
    main(
        faces=snakemake.input.faces,
        weights=snakemake.input.weights,
        part=int(snakemake.wildcards.get("part", 0)),
        parts=snakemake.params.parts,
        settings=Settings(
            **snakemake.params.settings,
            code=snakemake.params.code,
            batch_size=snakemake.resources.batch_size,
            shard=snakemake.resources.shard,
            threads=snakemake.threads,
        ),
        work=snakemake.params.work,
        embeddings=snakemake.output.embeddings,
        metadata=snakemake.output.metadata,
        images=snakemake.input.get("images", []),
        templates=snakemake.params.templates,
        distractors=snakemake.params.distractors,
        read=next(iter(snakemake.input.get("read", [])), ""),
        names=snakemake.output.get("names", []),
    )
