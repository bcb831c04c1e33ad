"""Measure how fast faces are embedded, as ratios within one run, and write docs/results-speed.md.

    .venv/bin/python -m tools.benchmark_speed

The plain way and facebench's each run in a process of their own (facebench changes how memory is
handled), by turns, so that a busy machine slows both alike; of every part the best round counts.
"""

import argparse
import json
import logging
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import version
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

PAGE = Path(__file__).parent.parent / "docs" / "results-speed.md"
ARCH, GFLOP = "ViT-B-32", 8.82  # open_clip's profile of the image tower: two a multiply-add
BATCH = 64

HEAD = """# Speed of embedding

<!-- Written by tools/benchmark_speed.py; run that instead of editing. -->

    .venv/bin/python -m tools.benchmark_speed --rounds {rounds} --count {count}

Ratios within one run, both sides by turns, the best round of each. {count} JPEGs of 250 by 250
pixels, {kilobytes:.0f} kB each; {arch} with random weights, float32.

* Machine: {cores} cores, {cpu}; other work on it before the run: load {load:.1f}
* Libraries: torch {torch}, open_clip {open_clip}, Pillow {pillow}

| what | plain | facebench | ratio | target |
|---|---|---|---|---|
"""

TAIL = """
* **Model**: pictures a second on one core, times the {gflop} GFLOP that open_clip counts for one,
  against a product of two float32 matrices of 2048 by 2048 on the same core; both by processor
  time. (A fifteenth of the {gflop} is never done: see `spare_unused_tokens`.)
* **Loop**: from encoded pictures to unit rows. Plain is the loop of open_clip's README, picture by
  picture; facebench's is the rule `embed`'s, reading from a table of faces. On one core by
  processor time; on all cores by the clock, where other work on the machine slows the plain loop
  more: its threads wait for each other at every picture.
* **Preprocessing**: from encoded picture to normalised tensor on one core, by processor time. Plain
  is open_clip's transform; facebench's is the variant `fast`, within 2/255 of it.
"""


def make_pictures(count: int, seed: int = 0) -> list[bytes]:
    """Return JPEGs of 250 by 250 pixels that are about as hard to decode as photographs."""
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(count):
        coarse = Image.fromarray(rng.integers(0, 256, (25, 25, 3), dtype=np.uint8))
        pixels = np.asarray(coarse.resize((250, 250), Image.Resampling.BICUBIC)).astype(float)
        pixels = (pixels + rng.normal(0, 4, pixels.shape)).clip(0, 255).astype(np.uint8)
        file = BytesIO()
        Image.fromarray(pixels).save(file, "JPEG", quality=75)
        found.append(file.getvalue())
    return found


def plain_parts(pictures: list[bytes], cores: int) -> dict[str, Callable[[], Any]]:
    """Return what a reader of open_clip's README would write."""
    import open_clip
    import torch

    logging.disable(logging.WARNING)  # of random weights
    model, _, preprocess = open_clip.create_model_and_transforms(ARCH)
    model.eval()

    def loop(threads: int = cores) -> None:
        torch.set_num_threads(threads)
        for picture in pictures:
            image = preprocess(Image.open(BytesIO(picture))).unsqueeze(0)
            with torch.no_grad():
                features = model.encode_image(image)
                features /= features.norm(dim=-1, keepdim=True)

    def preprocessing() -> None:
        torch.set_num_threads(1)
        torch.stack([preprocess(Image.open(BytesIO(picture))) for picture in pictures])

    def sgemm() -> None:
        torch.set_num_threads(1)
        for _ in range(20):
            torch.mm(square, square)

    square = torch.randn(2048, 2048)
    return {
        "loop": loop,
        "loop on one core": lambda: loop(1),
        "preprocessing": preprocessing,
        "sgemm": sgemm,
    }


def facebench_parts(pictures: list[bytes], cores: int) -> dict[str, Callable[[], Any]]:
    """Return the same by facebench."""
    from facebench.models.device import keep_memory

    keep_memory()
    import torch

    from facebench.models import load
    from facebench.pictures.preprocess import batch, normalise
    from facebench.store.faces import write_faces
    from facebench.vectors.embedding_loop import encode_faces

    encoder = load({"family": "random", "arch": ARCH}, device="cpu")
    folder = Path(tempfile.mkdtemp())
    row = dict.fromkeys(["image_id", "path", "identity", "name", "reason"], "") | {"status": "ok"}
    write_faces(({**row, "image": picture} for picture in pictures), folder / "f.parquet", {})
    pixels = batch(pictures[:BATCH], encoder.preprocess)

    def loop(threads: int = cores) -> None:
        torch.set_num_threads(threads)
        every = np.arange(len(pictures))
        key = {"round": time.monotonic_ns()}
        faces = folder / "f.parquet"
        list(encode_faces(faces, every, encoder, "fast", folder / "work", key, BATCH))

    def preprocessing() -> None:
        torch.set_num_threads(1)
        for start in range(0, len(pictures), BATCH):
            part = batch(pictures[start : start + BATCH], encoder.preprocess)
            normalise(torch.from_numpy(part), encoder.preprocess)

    def model() -> None:
        torch.set_num_threads(1)
        encoder.encode(pixels)

    return {
        "loop": loop,
        "loop on one core": lambda: loop(1),
        "preprocessing": preprocessing,
        "model": model,
    }


PARTS = {"plain": plain_parts, "facebench": facebench_parts}


def serve(side: str, count: int, cores: int) -> None:
    """Run each part that is named on a line of the standard input; print its seconds as JSON."""
    parts = PARTS[side](make_pictures(count), cores)
    print("ready", flush=True)
    for line in sys.stdin:
        start = time.monotonic(), time.process_time()
        parts[line.strip()]()
        seconds = {
            "wall": time.monotonic() - start[0],
            "cpu": time.process_time() - start[1],
        }
        print(json.dumps(seconds), flush=True)


def rounds(count: int, cores: int, times: int) -> Iterator[dict[tuple[str, str], dict[str, float]]]:
    """Yield the seconds of every part, round by round, both sides by turns."""
    sides = {side: _start(side, count, cores) for side in PARTS}
    order = [("plain", "sgemm"), ("facebench", "model")]
    common = ("loop", "loop on one core", "preprocessing")
    order += [(side, part) for part in common for side in PARTS]
    for _ in range(times):
        yield {(side, part): _ask(sides[side], part) for side, part in order}
    for process in sides.values():
        process.stdin.close()
        process.wait()


def _start(side: str, count: int, cores: int) -> Any:
    command = [
        sys.executable,
        "-m",
        "tools.benchmark_speed",
        "--side",
        side,
        f"--count={count}",
        f"--cores={cores}",
    ]
    env = {**os.environ, "OMP_NUM_THREADS": str(cores)}
    process = subprocess.Popen(  # noqa: S603 (its own module)
        command,
        cwd=PAGE.parents[1],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=env,
    )
    if process.stdout is None or process.stdout.readline() != "ready\n":
        raise SystemExit(f"the side {side} did not start")
    return process


def _ask(process: Any, part: str) -> dict[str, float]:
    process.stdin.write(f"{part}\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def table(best: dict[tuple[str, str], dict[str, float]], count: int) -> str:
    """Return the rows of the page's table."""
    gemm = 20 * 2 * 2048**3 / 1e9 / best["plain", "sgemm"]["cpu"]
    model = min(BATCH, count) * GFLOP / best["facebench", "model"]["cpu"]
    loop = {side: count / best[side, "loop"]["wall"] for side in PARTS}
    one = {side: count / best[side, "loop on one core"]["cpu"] for side in PARTS}
    step = {side: 1e3 * best[side, "preprocessing"]["cpu"] / count for side in PARTS}
    return (
        f"| model against sgemm, GFLOP/s | {gemm:.0f} | {model:.0f} | {model / gemm:.2f}"
        " | 0.85 |\n"
        f"| loop on all cores, pictures/s | {loop['plain']:.1f} | {loop['facebench']:.1f}"
        f" | {loop['facebench'] / loop['plain']:.2f} | 1.8 |\n"
        f"| loop on one core, pictures/s | {one['plain']:.1f} | {one['facebench']:.1f}"
        f" | {one['facebench'] / one['plain']:.2f} | 1.8 |\n"
        f"| preprocessing, ms a picture | {step['plain']:.2f} | {step['facebench']:.2f}"
        f" | {step['plain'] / step['facebench']:.2f} | 2.3 |\n"
    )


def main(count: int, cores: int, times: int) -> None:
    """Measure, and write the page."""
    load = os.getloadavg()[0]
    best: dict[tuple[str, str], dict[str, float]] = {}
    for measured in rounds(count, cores, times):
        for part, seconds in measured.items():
            old = best.get(part, seconds)
            best[part] = {clock: min(old[clock], seconds[clock]) for clock in seconds}
        print(table(best, count))
    pictures = make_pictures(count)
    head = HEAD.format(
        rounds=times,
        count=count,
        kilobytes=sum(map(len, pictures)) / count / 1e3,
        arch=ARCH,
        cores=cores,
        cpu=_cpu(),
        torch=version("torch"),
        open_clip=version("open-clip-torch"),
        pillow=version("pillow"),
        load=load,
    )
    PAGE.write_text(head + table(best, count) + TAIL.format(gflop=GFLOP))


def _cpu() -> str:
    names = Path("/proc/cpuinfo")
    lines = names.read_text().splitlines() if names.exists() else []
    model = next((line.split(": ")[1] for line in lines if line.startswith("model name")), "")
    return model or platform.processor() or platform.machine()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=64, help="pictures a round")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cores", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("--side", choices=sorted(PARTS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.side:
        serve(given.side, given.count, given.cores)
    else:
        main(given.count, given.cores, given.rounds)
