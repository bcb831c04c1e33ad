"""How well a model does while it is trained: on people, and pictures, that it is not trained on."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from facebench.pictures.preprocess import normalise
from facebench.training.album import Album
from facebench.training.augment import cut, squares
from facebench.training.objectives import Objective

#: The sentence by which people are named while training is measured.
SENTENCE = "a photo of {}"


def rank_1(vectors: np.ndarray, people: np.ndarray) -> float:
    """Return how often a picture's most similar gallery picture, one a person, is of its person.

    vectors: unit rows (n, d); people: (n,). The gallery is the first picture of everybody.

    >>> rank_1(np.eye(2)[[0, 1, 0, 0]], np.array([0, 1, 0, 1]))
    0.5
    """
    first = ~pd.Series(people).duplicated().to_numpy()
    found = people[first][np.argmax(vectors[~first] @ vectors[first].T, axis=1)]
    return float(np.mean(found == people[~first]))


def naming(objective: Any, folder: str, vectors: np.ndarray, names: pd.Series) -> float:
    """Return how often the nearest of all names in `names` (n,) is that of the picture."""
    import torch

    from facebench.models.openclip_family import text_rows, tokenizer

    number, known = pd.factorize(names)
    sentences = [SENTENCE.format(name) for name in known]
    device = next(objective.network.parameters()).device
    objective.network.eval()
    with torch.inference_mode():
        texts = text_rows(objective.network, tokenizer(f"local-dir:{folder}")(sentences).to(device))
    objective.network.train()
    return float(np.mean(np.argmax(vectors @ texts.float().cpu().numpy().T, axis=1) == number))


def measures(
    objective: Objective, folder: str, strangers: Album, known: Album, size: int
) -> Mapping[str, float]:
    """Return rank-1 of people nobody was trained on, and naming of people in other pictures."""
    found = {"rank_1": rank_1(embed(objective, strangers, size), strangers.people.numpy())}
    if hasattr(objective.network, "encode_text"):
        vectors = embed(objective, known, size)
        found["naming"] = naming(objective, folder, vectors, known.table["name"])
    return found


def embed(objective: Objective, album: Album, size: int) -> np.ndarray:
    """Return unit rows (n, d) float32 of the faces' boxes in an album."""
    import torch

    encode = getattr(objective.network, "encode_image", objective.network)
    faces = squares(album.boxes, album.pixels.shape[-1])
    device, rows = next(objective.network.parameters()).device, []
    objective.network.eval()
    with torch.inference_mode():
        for first in range(0, len(album.pixels), 256):
            part = slice(first, first + 256)
            pictures = cut(album.pixels[part], faces[part], size)
            pictures = normalise(pictures * 255, objective.preprocess).to(device)
            vectors = encode(pictures).float()
            rows.append(torch.nn.functional.normalize(vectors, dim=1).cpu().numpy())
    objective.network.train()
    return np.concatenate(rows)
