"""Build the exact index of a model's embeddings of a data set."""

import os

import numpy as np

from facebench.logs import LOG, log_to
from facebench.vectors.index import build, write_index


def main(embeddings: str, output: str) -> None:
    """Write an exact inner-product index of the rows of `embeddings` to `output`."""
    index = build(np.load(embeddings))
    part = f"{output}.part"
    write_index(index, part)
    os.replace(part, output)
    LOG.info("%s embeddings of %s numbers", f"{index.ntotal:,}", index.d)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(snakemake.input.embeddings, snakemake.output[0])
