"""Measure how much memory each step takes for more and more pictures, and how long it takes.

    .venv/bin/python -m tools.measure_memory --pictures 10000 100000 --model pixels --folder /tmp/m

Tars of noise, a stranger a picture, go through every step from the list to `scale`, where they join
the gallery of 200 other pictures. Each step is a process of its own. `peak` is the most that it had
in memory, `own` the same without the pages of mapped files, such as vectors, in MB.
"""

import argparse
import io
import json
import os
import resource
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Sequence
from contextlib import chdir
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
#: Pictures a tar, as img2dataset does by default.
A_TAR = 10_000
#: Pictures of the people who are searched for, two of each.
OWN = 200
STEPS = ("list_images", "landmarks", "crop", "embed", "index", "scale")
CROP = {"kind": "whole", "max_side": 512}


def write_pictures(root: Path, count: int, each: int, seed: int, side: int, kind: str) -> None:
    """Write tars of `count` pictures of noise below `root`, a person on every `each` of them."""
    import numpy as np
    from PIL import Image

    random = np.random.default_rng(seed)
    root.mkdir(parents=True)
    for first in range(0, count, A_TAR):
        with tarfile.open(root / f"{first // A_TAR:05d}.tar", "w") as tar:
            for number in range(first, min(first + A_TAR, count)):
                pixels = random.integers(0, 256, (side, side, 3), dtype=np.uint8)
                picture = io.BytesIO()
                Image.fromarray(pixels).save(picture, kind, quality=40)
                said = json.dumps({"key": f"{number:09d}", "person": number // each}).encode()
                for ending, content in ((kind.lower(), picture.getvalue()), ("json", said)):
                    member = tarfile.TarInfo(f"{number:09d}.{ending}")
                    member.size = len(content)
                    tar.addfile(member, io.BytesIO(content))


def list_images(name: str, model: str) -> None:
    """List the pictures of a data set."""
    from scripts import list_images as step

    options = {"identity": "person"} if name == "own" else {}
    place = Path("store", name)
    step.main(
        dataset=name, pictures=f"{name}", archive=None, files={}, reader="shards", options=options,
        pixels=10**8, code="", threads=2, pieces=f"work/{name}",
        images_output=place / "images.parquet", pairs_output=place / "pairs.parquet",
    )  # fmt: skip


def landmarks(name: str, model: str) -> None:
    """Look for no face: the detector's own memory and time are another matter."""
    from facebench.pictures.detectors import DETECTORS
    from scripts import landmarks as step

    DETECTORS["none"] = lambda **options: lambda pixels: []
    step.main(
        images=f"store/{name}/images.parquet", pictures=name, code="", threads=2,
        options={"detector": "none", "choose": "centre"}, work=f"work/{name}",
        output=f"store/{name}/landmarks.parquet",
    )  # fmt: skip


def crop(name: str, model: str) -> None:
    """Take the pictures whole."""
    from facebench.store import layout
    from scripts import crop as step

    step.main(
        images=f"store/{name}/images.parquet", landmarks=f"store/{name}/landmarks.parquet",
        pictures=name, crops=["full"], specs=[CROP], code="", threads=2,
        outputs=[layout.faces(name, "full")],
    )  # fmt: skip


def embed(name: str, model: str) -> None:
    """Make the vectors."""
    from facebench.store import layout
    from facebench.study.model_files import registry
    from scripts import embed as step
    from scripts import weights

    weights.main(model=model, spec=registry()[model], output=layout.model(model))
    files = layout.vector_files(name, "full", layout.CLEAN, model)
    step.main(
        faces=[files.faces], weights=[layout.model(model)], part=0, parts=1,
        settings=step.Settings("fast", "cpu", "float32", "", "auto", 512, 2), work=f"work/{name}",
        embeddings=files.embeddings, metadata=files.metadata,
    )  # fmt: skip


def index(name: str, model: str) -> None:
    """Build the index that is chosen by default."""
    from facebench.store import layout
    from scripts import index as step

    files = layout.vector_files(name, "full", layout.CLEAN, model)
    step.main(
        embeddings=[files.embeddings], spec={"kind": "flat"},
        outputs=[layout.index(name, "full", layout.CLEAN, model)],
    )  # fmt: skip


def scale(name: str, model: str) -> None:
    """Search for the few people among all the others."""
    from facebench.store import layout
    from scripts import evaluate as step

    own, others = (
        layout.vector_files(one, "full", layout.CLEAN, model) for one in ("own", "strangers")
    )
    options = {"strangers": ["strangers"], "sizes": [1000, 10000, 100000, 1000000], "draws": 10,
               "simulated": 0, "fpir": [0.1], "extrapolate": []}  # fmt: skip
    step.main(
        where=step.Where("memory", "own", "full", model), protocols=["scale"], vectors=own,
        files={}, index={}, options={"scale": options}, code={"scale": ""},
        statistics={"draws": 100, "confidence": 0.95, "seed": 0}, strangers={"strangers": others},
    )  # fmt: skip


def watched(step: str, name: str, model: str) -> dict[str, float]:
    """Run a step; return its peaks in MB and its seconds."""
    most, over = [0], threading.Event()

    def look() -> None:
        while not over.wait(0.02):
            with open("/proc/self/status") as file:
                own = next(line for line in file if line.startswith("RssAnon"))
            most[0] = max(most[0], int(own.split()[1]))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    start = time.monotonic()
    globals()[step](name, model)
    seconds = time.monotonic() - start
    over.set()
    watcher.join()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"peak": peak / 1024, "own": most[0] / 1024, "seconds": seconds}


def measure(
    folder: Path, count: int, model: str, side: int, kind: str, steps: Sequence[str]
) -> None:
    """Run all steps for `count` strangers in an empty folder, and print a line for each."""
    write_pictures(folder / "strangers", count, 1, 1, side, kind)
    write_pictures(folder / "own", OWN, 2, 2, side, kind)
    found: dict[str, Any] = {}
    for step in steps:
        for name in ("own",) if step == "scale" else ("own", "strangers"):
            found = _in_process(step, name, model, folder)
        numbers = "".join(f"{number:>10.1f}" for number in found.values())
        print(f"{count:>9,} {step:<12}{numbers}", flush=True)


def _in_process(step: str, name: str, model: str, folder: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "tools.measure_memory", "--step", step, "--model", model]
    done = subprocess.run(  # noqa: S603 (this module)
        [*command, "--of", name, "--folder", folder], cwd=ROOT, capture_output=True, text=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'scripts'}"},
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(done.stderr)
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main(pictures: list[int], folder: Path, **options: Any) -> None:
    """Measure for each of the numbers of pictures, in a folder of its own."""
    print(f"{'pictures':>9} {'step':<12}{'peak MB':>10}{'own MB':>10}{'seconds':>10}", flush=True)
    for count in pictures:
        measure(folder.absolute() / str(count), count, **options)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--pictures", type=int, nargs="+", default=[10_000, 30_000, 100_000])
    parser.add_argument("--model", default="pixels", help="an entry of `models`: pixels, mini-s")
    parser.add_argument("--folder", type=Path, required=True, help="an empty folder to work in")
    parser.add_argument("--side", type=int, default=32, help="pixels of the pictures' sides")
    parser.add_argument("--kind", default="JPEG", help="their format; BMP is written quickly")
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=STEPS)
    parser.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    parser.add_argument("--of", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.step:
        with chdir(given.folder):
            print(json.dumps(watched(given.step, given.of, given.model)))
    else:
        some = {name: getattr(given, name) for name in ("model", "side", "kind", "steps")}
        main(given.pictures, given.folder, **some)
