"""Small drawn faces of several sizes and a small network to look into, for tests of cloaks."""

import numpy as np
import pandas as pd
import torch
from PIL import Image

from facebench.attacks.contract import Context, Subject
from facebench.attacks.surrogates import Surrogate
from facebench.pictures.preprocess import Preprocess
from tests.toys import damaged_files

#: How strongly the network's neurons react.
GAIN = 2

SIZES = [(48, 48), (40, 56), (48, 48), (56, 40)]


def network(seed):
    """Return a random network whose features some grey levels can move."""
    layers = torch.nn.Sequential(
        torch.nn.Conv2d(3, 16, 5, stride=2, bias=False),
        torch.nn.Tanh(),
        torch.nn.Conv2d(16, 32, 3, stride=2, bias=False),
        torch.nn.AdaptiveAvgPool2d(6),
        torch.nn.Tanh(),
        torch.nn.Flatten(),
        torch.nn.Linear(32 * 36, 64, bias=False),
    )
    generator = torch.Generator().manual_seed(seed)
    for weights in layers.parameters():
        drawn = torch.randn(weights.shape, generator=generator)
        # Edges, not colours: what is the same all over a picture cancels out.
        drawn -= drawn.mean(tuple(range(2, drawn.ndim)), keepdim=True) if drawn.ndim > 2 else 0
        weights.data = GAIN * drawn / weights[0].numel() ** 0.5
    return layers.eval().requires_grad_(False)


def surrogate(seed=0, size=(32, 32)):
    pre = Preprocess(size=size, mean=(0.5,) * 3, std=(0.25,) * 3)
    return Surrogate(f"toy-{seed}", pre, network(seed), torch.device("cpu"))


def subjects(people=6, views=4):
    """Return pictures of drawn people, each view of another size."""
    made = []
    for person in range(people):
        for view in range(views):
            height, width = SIZES[view % len(SIZES)]
            face = damaged_files.cartoon(person, view).resize(
                (width, height), Image.Resampling.LANCZOS
            )
            pixels = np.asarray(face.convert("RGB"))
            made.append(Subject(f"{person}-{view}", f"{view}.png", f"p{person}", None, pixels))
    return made


def context(everybody, surrogates, seed=0):
    """Return what an attack knows when `everybody` are the pictures of the data set."""
    labels = pd.DataFrame([{**vars(s), "status": "ok"} for s in everybody])
    pictures = [torch.from_numpy(s.pixels.transpose(2, 0, 1).copy()) / 255 for s in everybody]
    with torch.no_grad():
        rows = [surrogate.embed(pictures).numpy() for surrogate in surrogates]
    return Context(seed, labels.drop(columns="pixels"), surrogates, rows)
