"""Put the vectors of two models together: the rows of their fusion."""

from collections.abc import Sequence
from pathlib import Path

from facebench.logs import LOG, log_to, report_result
from facebench.store.keys import content_of_file, key_of, read_content, read_key
from facebench.store.records import Record, code_version, extend
from facebench.store.tables import read_record, read_table, write_table
from facebench.texts import counted
from facebench.vectors.fused import common, fused
from facebench.vectors.stored import StoredVectors, read_ids, rows_hash, save_blocks
from facebench.vectors.usable_faces import METADATA


def main(
    *,
    model: str,
    code: str,
    vectors: Sequence[tuple[str | Path, str | Path]],
    tables: Sequence[tuple[str | Path, str | Path]],
    embeddings: Sequence[str | Path],
    metadata: Sequence[str | Path],
) -> None:
    """Write the rows of each set of faces, and whose they are; what is made of the same is kept.

    vectors, tables: for each set, the two models' files of rows and the tables beside these.
    """
    made = 0
    for rows, beside, output, table in zip(vectors, tables, embeddings, metadata, strict=True):
        made += fuse(model, code, rows, beside, output, table)
    report_result(counted(made, "vector"))


def fuse(
    model: str,
    code: str,
    rows: tuple[str | Path, str | Path],
    beside: tuple[str | Path, str | Path],
    output: str | Path,
    table: str | Path,
) -> int:
    """Write the rows of one set of faces; return how many were made."""
    of = [[rows_hash(one) or content_of_file(two), read_content(one)]
          for one, two in zip(beside, rows, strict=True)]  # fmt: skip
    key = key_of(step="fuse", model=model, of=of, code=code)
    if read_key(table) == key and content_of_file(output) == rows_hash(table):
        LOG.info("%s: kept", output)
        return 0
    one, two = (StoredVectors([path]) for path in rows)
    both = common(*(read_ids([path]) for path in beside))
    shape = (len(both), one.shape[1] + two.shape[1])
    save_blocks(fused(one, two, both), shape, output)
    left = max(len(one), len(two)) - len(both)
    if left:
        LOG.warning("%s: one of the models could not embed %s", output, counted(left, "picture"))
    here = read_table(beside[0], METADATA.names).iloc[both[:, 0]].reset_index(drop=True)
    record = fused_record(model, code, [read_record(path) for path in beside], shape[1])
    record["embed"]["rows_sha256"] = content_of_file(output)
    write_table(here, table, record, key=key)
    return len(both)


def fused_record(model: str, code: str, records: Sequence[Record], dim: int) -> Record:
    """Return the record of a fusion: that of the faces, and how both models saw them."""
    parts = [record.get("embed", {}) for record in records]
    return extend(
        records[0], "embed", model=model, family="fusion", rule="mean of cosines", dim=dim,
        parts=parts, code=code_version(code),
    )  # fmt: skip


if __name__ == "__main__":
    log_to(snakemake.log[0])
    given = snakemake.input
    main(
        model=snakemake.params.model,
        code=snakemake.params.code,
        vectors=list(zip(given.embeddings[::2], given.embeddings[1::2], strict=True)),
        tables=list(zip(given.metadata[::2], given.metadata[1::2], strict=True)),
        embeddings=snakemake.output.embeddings,
        metadata=snakemake.output.metadata,
    )
