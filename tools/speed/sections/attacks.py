"""Making a cloak, against the gradient of the surrogate alone."""

from collections.abc import Iterator
from typing import Any

from tools.speed import study
from tools.speed.section import Best, Case, Parts, Row, Section, rate

MODEL = "mini-m"
#: A crop `tight` of the default study is about as large.
SIDE = 60

NOTE = f"""
Milliseconds for a picture and step on one core, by processor time: `clip-cloak` with its default
options on `{MODEL}`, pictures of {SIDE} by {SIDE}, without encoding the result. Plain is the
gradient of the same network for pixels in its own size, in batches as large: what no cloak can do
without.
"""


def surrogate_of() -> Any:
    """Return the surrogate, on one thread as a rule's job uses it."""
    from facebench.models.device import keep_memory

    keep_memory()
    import torch

    from facebench.attacks.surrogates import open_surrogate

    torch.set_num_threads(1)
    spec = {"family": "open_clip", "path": str(study.ROOT / "weights" / MODEL)}
    return open_surrogate(spec, {}, "cpu", MODEL)


def gradient(*, pictures: int, steps: int) -> Parts:
    """Return the gradient alone."""
    import torch

    surrogate = surrogate_of()
    pixels = torch.rand(pictures, 3, *surrogate.preprocess.size)
    pixels = pixels.contiguous(memory_format=torch.channels_last).requires_grad_()

    def ascend() -> dict[str, Any]:
        for _ in range(steps):
            torch.autograd.grad(surrogate.forward(pixels).sum(), pixels)
        return {"steps": pictures * steps}

    return {"gradient": ascend}


def facebench(*, pictures: int, steps: int) -> Parts:
    """Return the cloak, as it is and without its random views of the picture."""
    from facebench.attacks import COMMON
    from facebench.attacks.clip_cloak import clip_cloak

    spec = study.defaults()["attacks"]["clip-cloak"]
    options = {key: value for key, value in spec.items() if key not in COMMON} | {"steps": steps}
    subjects, context = people(pictures)

    def cloak(views: bool) -> dict[str, Any]:
        clip_cloak(subjects, context, **{**options, "expectation": views})
        return {"steps": pictures * steps}

    return {"with random views": lambda: cloak(True), "without": lambda: cloak(False)}


def people(pictures: int) -> tuple[list[Any], Any]:
    """Return a batch of pictures of nobody, two a person, and what an attack knows beside them."""
    import numpy as np
    import pandas as pd

    from facebench.attacks.contract import Context, Subject

    surrogate, random = surrogate_of(), np.random.default_rng(0)
    names = [f"p{number // 2:04}" for number in range(pictures)]
    pixels = random.integers(0, 256, (pictures, SIDE, SIDE, 3), dtype=np.uint8)
    subjects = [
        Subject(f"{number:016x}", f"{number}.png", name, None, pixels[number])
        for number, name in enumerate(names)
    ]
    rows = random.standard_normal((pictures, 256)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    labels = pd.DataFrame({"identity": names, "status": "ok"})
    return subjects, Context(seed=0, labels=labels, surrogates=[surrogate], rows=[rows])


def rows(best: Best, case: Case) -> Iterator[Row]:
    """Yield a row with and one without random views."""
    other = 1e3 / rate(best["gradient", "gradient"], "steps", "cpu")
    for part in ("with random views", "without"):
        ours = 1e3 / rate(best["facebench", part], "steps", "cpu")
        told = part if part != "without" else "without random views"
        what = f"`clip-cloak` {told}, batches of {case['pictures']}, ms a picture and step"
        yield Row(what, other, ours, other / ours)


SECTION = Section(
    title="Attacks",
    note=NOTE,
    cases={
        "usual": [{"pictures": 32, "steps": 30}],
        "smallest": [{"pictures": 4, "steps": 2}],
    },
    sides={"gradient": gradient, "facebench": facebench},
    rows=rows,
    other="gradient alone",
)
