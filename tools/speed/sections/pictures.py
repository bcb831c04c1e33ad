"""Decoding and resizing alone: from an encoded picture to a normalised tensor."""

from collections.abc import Iterator
from typing import Any

from tools.speed import jpegs
from tools.speed.section import Best, Case, Parts, Row, Section, rate

GOAL = 2.3
SIZE, BATCH = 224, 64

NOTE = """
From encoded picture to normalised tensor of 224 pixels on one core, by processor time. Plain is
open_clip's transform with Pillow; facebench's is the variant `fast`, within 2/255 of it.
"""


def open_clip(*, side: int, count: int) -> Parts:
    """Return open_clip's transform."""
    from io import BytesIO

    import torch
    from open_clip.transform import image_transform
    from PIL import Image

    pictures, transform = jpegs.make(count=count, side=side), image_transform(SIZE, is_train=False)
    torch.set_num_threads(1)

    def prepare() -> dict[str, Any]:
        for start in range(0, count, BATCH):
            some = pictures[start : start + BATCH]
            torch.stack([transform(Image.open(BytesIO(picture))) for picture in some])
        return {"pictures": count}

    return {"prepare": prepare}


def facebench(*, side: int, count: int) -> Parts:
    """Return the variant `fast`."""
    from facebench.models.device import keep_memory

    keep_memory()
    import torch

    from facebench.pictures.preprocess import Preprocess, batch, normalise

    pictures, pre = jpegs.make(count=count, side=side), Preprocess(size=(SIZE, SIZE))
    torch.set_num_threads(1)

    def prepare() -> dict[str, Any]:
        for start in range(0, count, BATCH):
            normalise(torch.from_numpy(batch(pictures[start : start + BATCH], pre)), pre)
        return {"pictures": count}

    return {"prepare": prepare}


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield the row of a size of pictures."""
    other, ours = (
        1e3 / rate(best[side, "prepare"], "pictures", "cpu") for side in ("open_clip", "facebench")
    )
    what = f"JPEG of {case['side']} by {case['side']} pixels, ms a picture"
    yield Row(what, other, ours, other / ours, GOAL)


SECTION = Section(
    title="Decoding and resizing",
    note=NOTE,
    cases={
        "usual": [{"side": 250, "count": 256}, {"side": 1024, "count": 64}],
        "smallest": [{"side": 250, "count": 4}],
    },
    sides={"open_clip": open_clip, "facebench": facebench},
    rows=rows,
)
