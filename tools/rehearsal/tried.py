"""Whether each model of a rehearsal gives vectors, before a study takes minutes to find out."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from facebench.models import FAMILIES, arguments, load
from tools.rehearsal.families import Chosen
from tools.rehearsal.study import overlay


def broken(models: Sequence[Chosen], repos: Mapping[str, Path]) -> Iterator[tuple[str, str]]:
    """Yield the family of each model whose weights are written and that fails, and the reason.

    repos: the folder of each repository. A model is loaded from there as it will be from the hub,
    and has to give two pictures two finite unit rows.
    """
    entries = overlay(models)["models"]
    for one in models:
        if not one.written:
            continue
        spec = entries.get(one.called, one.spec)
        wanted = FAMILIES[spec["family"]].wanted
        try:
            assert wanted is not None  # noqa: S101 (tells mypy)
            names = wanted(**arguments(spec)).names
            files = {what: repos[str(one.spec["repo"])] / name[0] for what, name in names.items()}
            encoder = load(spec, files, device="cpu")
            pixels = np.random.default_rng(0).integers(0, 256, (2, 3, *encoder.preprocess.size))
            rows = encoder.encode(pixels.astype(np.uint8))
            if not np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-3):
                raise ValueError("its rows aren't of length 1")
        except Exception as error:  # whatever is wrong is to be told with its family
            yield one.family, str(error).partition("\n")[0] or type(error).__name__
