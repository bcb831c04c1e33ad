"""What a recipe trains on: pictures, what is on them, and what their captions say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from facebench.training.album import rows_of
from facebench.training.albums import ALBUMS, Corpus
from facebench.training.captions import CAPTIONS

#: The table of the subjects, in the folder of a trained model: see `Corpus.people`.
TOLD = "told.parquet"


def open_corpus(
    subjects: Sequence[str | Path], pictures: Sequence[str | Path], recipe: Mapping[str, Any]
) -> Corpus:
    """Return what `recipe` trains on, of the people rendered into folders.

    subjects: of those whom the recipe's `album` and `captions` are about; pictures: of all others.
    The table has the column `file`, a picture's path. The draws depend on the recipe's `seed`.
    """
    folders = [*((folder, True) for folder in subjects), *((folder, False) for folder in pictures)]
    tables = [rows_of(folder).assign(subject=subject) for folder, subject in folders]
    table = pd.concat(tables, ignore_index=True)
    seed = recipe.get("seed", 0)
    album = {key: value for key, value in recipe.get("album", {}).items() if key != "blurred"}
    captions = dict(recipe.get("captions", {}))
    corpus = ALBUMS[album.pop("kind", "all")](table, seed, **album)
    return CAPTIONS[captions.pop("kind", "named")](corpus, seed, **captions)
