"""Measure how fast CLIP models embed on a GPU, where it waits, and whether it repeats itself.

    python gpu_speed.py --json gpu-speed.json

One file that needs torch, torchvision, timm and open_clip, and nothing of facebench, so that it
runs on a machine that has only those. Weights are drawn from a seed and pictures made here, so
nothing is downloaded. `--device cpu --smallest` only shows that it runs.
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
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch.nn.functional import interpolate, normalize
from torchvision.io import decode_jpeg, encode_jpeg

#: Images a second from JPEG that are aimed at on an H100, or else what the decoder gives.
GOALS = {"ViT-B-32": 25_000, "ViT-L-14": 2_500, "ViT-H-14": 1_200}
#: Aims: share of a measured bf16 product, share of the time that the GPU works, least cosine.
SHARE, BUSY, COSINE = 0.55, 0.9, 0.999
#: What `--smallest` measures instead: a vision transformer of open_clip that takes no time.
TINY = {
    "embed_dim": 32,
    "vision_cfg": {"image_size": 64, "layers": 2, "width": 64, "patch_size": 16},
    "text_cfg": {"context_length": 8, "vocab_size": 64, "width": 32, "heads": 2, "layers": 1},
}
MEAN = (0.48145466, 0.4578275, 0.40821073)
STD = (0.26862954, 0.26130258, 0.27577711)
#: Pinned buffers: one is filled, one copied, one waits.
BUFFERS = 3
#: JPEGs that a thread decodes at a time: Python's own work for each task would hold the others up.
CHUNK = 16
#: Of the attack: its bound and its step, of pixels on 0 to 1.
BOUND, STRIDE, STEPS = 8 / 255, 1 / 255, 10


@dataclass(frozen=True)
class Plan:
    """How much is measured."""

    models: Sequence[str] = tuple(GOALS)
    batches: Sequence[int] = (64, 128, 256, 512, 1024)
    pictures: int = 2048
    seconds: float = 4.0
    square: int = 8192
    side: int = 250
    compared: int = 256
    attacked: int = 16


SMALLEST = Plan(("tiny",), (2, 4), 8, 0.05, 128, 80, 4, 2)


@dataclass
class Clock:
    """Seconds of each kind of work on the device: events on CUDA, the clock elsewhere."""

    device: torch.device
    _spans: dict[str, list[Any]] = field(default_factory=dict)

    @contextmanager
    def span(self, kind: str) -> Iterator[None]:
        """Count what the current stream does inside."""
        start = self._mark()
        yield
        self._spans.setdefault(kind, []).append((start, self._mark()))

    def seconds(self, kind: str) -> float:
        """Return the sum of all spans of a kind; waits for the device."""
        spans = self._spans.get(kind, [])
        if self.device.type != "cuda":
            return float(sum(end - start for start, end in spans))
        torch.cuda.synchronize(self.device)
        return sum(start.elapsed_time(end) for start, end in spans) / 1e3

    def _mark(self) -> Any:
        if self.device.type != "cuda":
            return time.perf_counter()
        event = torch.cuda.Event(enable_timing=True)
        event.record()
        return event


def finish(device: torch.device) -> None:
    """Wait until the device has done all that it was asked for."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def repeated(work: Callable[[], Any], device: torch.device, seconds: float) -> float:
    """Return how often a second `work` is done, after twice that don't count."""
    work(), work()
    finish(device)
    done, start = 0, time.perf_counter()
    while time.perf_counter() - start < seconds:
        for _ in range(4):
            work()
        done += 4
        finish(device)
    return done / (time.perf_counter() - start)


def product(device: torch.device, dtype: torch.dtype, square: int, seconds: float) -> float:
    """Return the billions of operations a second in a product of two square matrices."""
    left, right = (torch.randn(square, square, device=device).to(dtype) for _ in range(2))
    found = torch.empty_like(left)
    rate = repeated(lambda: torch.mm(left, right, out=found), device, seconds)
    return 2 * square**3 * rate / 1e9


# Networks


@dataclass
class Tower:
    """An image tower: `forward` maps uint8 pixels on the device to float32 unit rows."""

    name: str
    network: torch.nn.Module
    dtype: torch.dtype
    device: torch.device
    side: int
    forward: Callable[[torch.Tensor], torch.Tensor]


def tower(name: str, device: torch.device, dtype: torch.dtype, *, compiled: bool = False) -> Tower:
    """Return the image tower of a model with weights of seed 0, kept as `dtype`."""
    import open_clip

    if name == "tiny":
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "tiny.json"
            file.write_text(json.dumps(TINY))
            open_clip.add_model_config(file)
    torch.manual_seed(0)
    network = open_clip.create_model(name).visual.to(device, dtype).eval().requires_grad_(False)
    size = network.image_size
    side = size if isinstance(size, int) else size[0]
    run = torch.compile(network) if compiled else network
    mean, std = (
        torch.tensor(values, device=device).view(1, 3, 1, 1).mul(255) for values in (MEAN, STD)
    )

    def forward(pixels: torch.Tensor) -> torch.Tensor:
        # A byte a value is copied; the arithmetic is in float32 and done where the model is.
        ready = pixels.float().sub_(mean).div_(std).to(dtype)
        return normalize(run(ready).float(), dim=-1)

    return Tower(name, network, dtype, device, side, forward)


def gflop(one: Tower) -> float:
    """Return the billions of operations of a picture, two for a multiplication and addition."""
    from torch.utils.flop_counter import FlopCounterMode

    pixels = torch.zeros(1, 3, one.side, one.side, dtype=torch.uint8, device=one.device)
    with fused(False), FlopCounterMode(display=False) as counter, torch.no_grad():
        one.forward(pixels)
    return counter.get_total_flops() / 1e9


@contextmanager
def fused(on: bool) -> Iterator[None]:
    """Let attention be the fused layer of `torch.nn` inside, or else SDPA, which picks a kernel."""
    before = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(on)
    try:
        yield
    finally:
        torch.backends.mha.set_fastpath_enabled(before)


def speeds(one: Tower, plan: Plan) -> dict[int, float]:
    """Return images a second by batch size, of pixels on the device; 0 for one too large."""
    found = {}
    for batch in plan.batches:
        shape = (batch, 3, one.side, one.side)
        try:
            pixels = torch.randint(0, 256, shape, dtype=torch.uint8, device=one.device)
            with torch.inference_mode():
                times = repeated(lambda p=pixels: one.forward(p), one.device, plan.seconds)  # type: ignore[misc]
            found[batch] = batch * times
        except torch.OutOfMemoryError:
            found[batch] = 0.0
            torch.cuda.empty_cache()
    return found


# Pictures


def jpegs(count: int, side: int) -> list[torch.Tensor]:
    """Return JPEGs about as hard to decode as photographs: coarse colours with a camera's noise."""
    random = torch.Generator().manual_seed(0)
    found = []
    for _ in range(count):
        coarse = torch.rand(1, 3, 25, 25, generator=random) * 255
        pixels = interpolate(coarse, (side, side), mode="bicubic", antialias=True)[0]
        pixels += 4 * torch.randn(pixels.shape, generator=random)
        found.append(encode_jpeg(pixels.clamp(0, 255).to(torch.uint8), quality=75))
    return found


def prepared(encoded: Sequence[torch.Tensor], side: int) -> torch.Tensor:
    """Return uint8 pixels of JPEGs on a CPU, resized to the model's square, alike ones together."""
    pixels = [decode_jpeg(one) for one in encoded]
    together = [torch.stack(pixels)] if len({one.shape for one in pixels}) == 1 else None
    return torch.cat(
        [
            interpolate(some, (side, side), mode="bicubic", antialias=True)
            for some in together or [one[None] for one in pixels]
        ]
    )


def prepared_on_gpu(encoded: Sequence[torch.Tensor], side: int, device: Any) -> torch.Tensor:
    """Return the same of several JPEGs of one size, decoded by nvJPEG and resized on the GPU."""
    pixels = torch.stack(decode_jpeg(list(encoded), device=device)).float()
    resized = interpolate(pixels, (side, side), mode="bicubic", antialias=True)
    return resized.round_().clamp_(0, 255).to(torch.uint8)


def nvjpeg(device: torch.device) -> bool:
    """Return whether torchvision decodes on this GPU."""
    if device.type != "cuda":
        return False
    try:
        decode_jpeg(jpegs(1, 32), device=device)
    except RuntimeError:
        return False
    return True


Source = Sequence[torch.Tensor] | Sequence[Path]


def read(one: torch.Tensor | Path) -> torch.Tensor:
    """Return an encoded picture, read from its file where it is one."""
    if isinstance(one, Path):
        return torch.frombuffer(bytearray(one.read_bytes()), dtype=torch.uint8)
    return one


def cycled(source: Source, batch: int, count: int) -> Iterator[list[Any]]:
    """Yield `count` batches, from the start again after the end."""
    for number in range(count):
        yield [source[(number * batch + i) % len(source)] for i in range(batch)]


class Filling:
    """Batches that threads decode into pinned buffers, ahead of their use.

    A buffer is filled again once `free` was called for it.
    """

    def __init__(self, pool: ThreadPoolExecutor, batch: int, side: int, pinned: bool) -> None:
        shape = (BUFFERS, batch, 3, side, side)
        self._buffers = torch.empty(shape, dtype=torch.uint8, pin_memory=pinned)
        self._pool, self._side, self._waiting = pool, side, list[tuple[int, list[Future[None]]]]()
        self._free = list(range(BUFFERS))

    def __iter__(self) -> "Filling":
        return self

    def fill(self, encoded: Sequence[Any]) -> bool:
        """Start to decode a batch; return False where all buffers are in use."""
        if not self._free:
            return False
        number = self._free.pop(0)

        def some(rows: slice) -> None:
            self._buffers[number, rows] = prepared([read(one) for one in encoded[rows]], self._side)

        parts = [slice(row, row + CHUNK) for row in range(0, len(encoded), CHUNK)]
        tasks = [self._pool.submit(some, rows) for rows in parts]
        self._waiting.append((number, tasks))
        return True

    def __next__(self) -> tuple[int, torch.Tensor]:
        number, tasks = self._waiting.pop(0)
        for task in tasks:
            task.result()
        return number, self._buffers[number]

    def free(self, number: int) -> None:
        """Let a buffer be filled again."""
        self._free.append(number)


# From JPEG to rows


def streamed(one: Tower, source: Source, batch: int, count: int, threads: int) -> dict[str, float]:
    """Embed `count` batches decoded by threads; return images/s and shares of the time.

    While a batch is computed the next one is copied by another stream and others are decoded.
    Without a source nothing is decoded: pixels, of nothing, wait in pinned memory.
    """
    cuda = one.device.type == "cuda"
    clock, waited = Clock(one.device), {"decode": 0.0, "buffers": 0.0}
    batches = cycled(source, batch, count) if source else iter([[]] * count)
    shape = (2, batch, 3, one.side, one.side)
    there = torch.empty(shape, dtype=torch.uint8, device=one.device)
    copying: Any = torch.cuda.Stream() if cuda else None
    used: list[Any] = [None, None]
    copied: list[tuple[int, Any]] = []
    with ThreadPoolExecutor(threads) as pool, torch.no_grad():
        filling = Filling(pool, batch, one.side, cuda)
        one.forward(there[0])
        finish(one.device)
        start = time.perf_counter()
        upcoming = next(batches, None)
        for number in range(count):
            while upcoming is not None and filling.fill(upcoming):
                upcoming = next(batches, None)
            with counting(waited, "decode"):
                buffer, pixels = next(filling)
            target = there[number % 2]
            if cuda:
                with torch.cuda.stream(copying):
                    if used[number % 2] is not None:
                        copying.wait_event(used[number % 2])
                    with clock.span("copy"):
                        target.copy_(pixels, non_blocking=True)
                    copied.append((buffer, copying.record_event()))
                torch.cuda.current_stream().wait_event(copied[-1][1])
            else:
                with clock.span("copy"):
                    target.copy_(pixels)
                filling.free(buffer)
            with clock.span("compute"):
                one.forward(target)
            if cuda:
                used[number % 2] = torch.cuda.current_stream().record_event()
                # The host may run ahead of the GPU by one batch: then a buffer is free again.
                while len(copied) >= BUFFERS - 1:
                    buffer, event = copied.pop(0)
                    with counting(waited, "buffers"):
                        event.synchronize()
                    filling.free(buffer)
        finish(one.device)
        wall = time.perf_counter() - start
    return {
        "images/s": batch * count / wall,
        "busy": clock.seconds("compute") / wall,
        "copying": clock.seconds("copy") / wall,
        "waiting for decoding": waited["decode"] / wall,
        "waiting for buffers": waited["buffers"] / wall,
    }


@contextmanager
def counting(seconds: dict[str, float], kind: str) -> Iterator[None]:
    """Add the time inside to a kind."""
    start = time.perf_counter()
    yield
    seconds[kind] += time.perf_counter() - start


def from_nvjpeg(one: Tower, source: Source, batch: int, count: int) -> dict[str, float]:
    """Embed `count` batches that the GPU decodes itself; return images/s and shares of the time."""
    clock = Clock(one.device)
    with torch.inference_mode():
        for number, encoded in enumerate(cycled(source, batch, count + 1)):
            if number == 1:
                finish(one.device)
                clock, start = Clock(one.device), time.perf_counter()
            with clock.span("decode"):
                pixels = prepared_on_gpu([read(item) for item in encoded], one.side, one.device)
            with clock.span("compute"):
                one.forward(pixels)
        finish(one.device)
        wall = time.perf_counter() - start
    return {
        "images/s": batch * count / wall,
        "busy": clock.seconds("compute") / wall,
        "waiting for decoding": clock.seconds("decode") / wall,
    }


def decoding(source: Source, side: int, threads: int, seconds: float) -> float:
    """Return images a second that the threads decode and resize when nothing else is done."""
    with ThreadPoolExecutor(threads) as pool:
        parts = [source[row : row + CHUNK] for row in range(0, len(source), CHUNK)]

        def some(part: Source) -> None:
            prepared([read(one) for one in part], side)

        return len(source) * repeated(
            lambda: list(pool.map(some, parts)), torch.device("cpu"), seconds
        )


# The same vectors, and the same pixels, twice


def cosines(one: Tower, other: Tower, source: Source) -> dict[str, float]:
    """Return the lowest and the mean cosine of the rows of pictures under two towers."""
    rows: list[list[torch.Tensor]] = [[], []]
    with torch.inference_mode():
        for encoded in source:
            pixels = prepared([read(encoded)], one.side).to(one.device)
            for found, model in zip(rows, (one, other), strict=True):
                found.append(model.forward(pixels))
    same = (torch.cat(rows[0]) * torch.cat(rows[1])).sum(1)
    return {"lowest": same.min().item(), "mean": same.mean().item()}


def attack(one: Tower, count: int) -> torch.Tensor:
    """Return the pixels of a projected-gradient attack that moves rows away from the clean ones."""
    random = torch.Generator().manual_seed(1)
    clean = torch.rand(count, 3, one.side, one.side, generator=random).to(one.device)
    start = (torch.rand(clean.shape, generator=random) * 2 - 1).to(one.device) * BOUND

    def rows(pixels: torch.Tensor) -> torch.Tensor:
        return normalize(one.network(pixels.to(one.dtype)).float(), dim=-1)

    with torch.no_grad():
        aim = rows(clean)
    pixels = (clean + start).clamp(0, 1)
    for _ in range(STEPS):
        pixels = pixels.detach().requires_grad_()
        (slope,) = torch.autograd.grad((rows(pixels) * aim).sum(), pixels)
        with torch.no_grad():
            moved = pixels - STRIDE * slope.sign()
            pixels = (clean + (moved - clean).clamp(-BOUND, BOUND)).clamp(0, 1)
    return (pixels.detach() * 255).round().to(torch.uint8).cpu()


def repeats(name: str, device: torch.device, count: int, deterministic: bool) -> dict[str, Any]:
    """Return whether two attacks give the same bytes, and how many values differ."""
    torch.use_deterministic_algorithms(deterministic)
    try:
        model = tower(name, device, torch.float32)
        first, second = attack(model, count), attack(model, count)
    except RuntimeError as error:
        return {"deterministic": deterministic, "error": str(error).splitlines()[0]}
    finally:
        torch.use_deterministic_algorithms(False)
    differ = int((first != second).sum())
    return {"deterministic": deterministic, "equal": not differ, "differing values": differ}


def repeats_apart(name: str, device: torch.device, count: int, deterministic: bool) -> Any:
    """Return the same from a process of its own: cuBLAS reads its setting once, when it starts."""
    if device.type != "cuda":
        return repeats(name, device, count, deterministic)
    env = {key: value for key, value in os.environ.items() if key != "CUBLAS_WORKSPACE_CONFIG"}
    setting = {"CUBLAS_WORKSPACE_CONFIG": ":4096:8"} if deterministic else {}
    command = [sys.executable, __file__, "--attack", name, str(count)]
    command += ["--device", str(device), *(["--deterministic"] if deterministic else [])]
    done = subprocess.run(command, env={**env, **setting}, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        return {"deterministic": deterministic, "error": done.stderr.strip()[-300:]}
    return json.loads(done.stdout.splitlines()[-1])


# The report


def machine(device: torch.device) -> dict[str, Any]:
    """Return what was measured on."""
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else platform.processor()
    libraries = ("torch", "torchvision", "timm", "open-clip-torch")
    return {
        "device": name or platform.machine(),
        "cores": len(os.sched_getaffinity(0))
        if hasattr(os, "sched_getaffinity")
        else os.cpu_count(),
        "load": os.getloadavg()[0],
        "cuda": torch.version.cuda if device.type == "cuda" else None,
        "nvjpeg": nvjpeg(device),
        "libraries": {library: version(library) for library in libraries},
    }


def model_report(
    name: str, device: torch.device, plan: Plan, threads: int, files: Source, memory: Source,
    peak: float, compiled: bool, gpu_decodes: bool,
) -> dict[str, Any]:  # fmt: skip
    """Return all figures of a model."""
    low = torch.bfloat16
    one = tower(name, device, low)
    work = gflop(one)
    report: dict[str, Any] = {"model": name, "GFLOP": work, "from memory": {}}
    kinds = {"bf16, SDPA": (one, False), "bf16, fused layer": (one, True)}
    if compiled:
        kinds["bf16, SDPA, compiled"] = (tower(name, device, low, compiled=True), False)
    for kind, (model, on) in kinds.items():
        with fused(on):
            report["from memory"][kind] = speeds(model, plan)
    kind, batch, best = max(
        ((kind, batch, rate) for kind, found in report["from memory"].items()
         for batch, rate in found.items()),
        key=lambda item: item[2],
    )  # fmt: skip
    report["best"] = {"kind": kind, "batch": batch, "images/s": best}
    report["share of a bf16 product"] = best * work / peak
    limit = decoding(memory, one.side, threads, plan.seconds)
    report["decoder's limit, CPU"] = limit
    count = max(2, round(plan.seconds * min(best, limit) / batch))
    best_one, on = kinds[kind]
    with fused(on):
        for told, source in (
            ("from pixels in pinned memory", []),
            ("from JPEG in memory", memory),
            ("from JPEG in a folder", files),
        ):
            report[told] = streamed(best_one, source, batch, count, threads)
        if gpu_decodes:
            report["from JPEG, nvJPEG"] = from_nvjpeg(best_one, memory, batch, count)
    exact = tower(name, device, torch.float32)
    report["bf16 against float32, cosine"] = cosines(one, exact, memory[: plan.compared])
    return report


def lines(report: dict[str, Any]) -> Iterator[str]:
    """Yield the table."""
    of = report["machine"]
    yield f"{of['device']}, {of['cores']} cores, load {of['load']:.1f}, " + ", ".join(
        f"{name} {number}" for name, number in of["libraries"].items()
    )
    yield f"bf16 product: {report['bf16 product, GFLOP/s'] / 1e3:,.2f} TFLOP/s"
    for model in report["models"]:
        name, best = model["model"], model["best"]
        yield f"\n{name}, {model['GFLOP']:.2f} GFLOP a picture"
        for kind, found in model["from memory"].items():
            told = ", ".join(f"{batch}: {rate:,.0f}" for batch, rate in found.items())
            yield f"  from memory, {kind}, images/s by batch   {told}"
        share = model["share of a bf16 product"]
        yield f"  share of the bf16 product   {share:.2f}   (aim {SHARE})"
        yield f"  decoder alone, {report['threads']} threads, images/s   {model[LIMIT]:,.0f}"
        for key in [key for key in model if key in STREAMED]:
            told = ", ".join(f"{k} {v:.2f}" for k, v in model[key].items() if k != "images/s")
            jpeg = name in GOALS and "JPEG" in key
            goal = f"goal {GOALS[name]:,} on an H100" if jpeg else "no goal"
            rate = f"{model[key]['images/s']:,.0f}"
            yield f"  {key}, batch {best['batch']}, images/s   {rate}   ({goal})"
            yield f"    shares of the time: {told}   (aim: busy {BUSY})"
        lowest, mean = model["bf16 against float32, cosine"].values()
        told = f"lowest {lowest:.5f}, mean {mean:.5f}   (aim {COSINE})"
        yield f"  bf16 against float32, cosine   {told}"
    for one in report["attack twice"]:
        how = "deterministic" if one["deterministic"] else "as it is"
        told = one.get("error") or (
            "equal" if one["equal"] else f"{one['differing values']} differ"
        )
        yield f"\nattack of {STEPS} steps twice, {how}: {told}"


LIMIT = "decoder's limit, CPU"
STREAMED = (
    "from pixels in pinned memory",
    "from JPEG in memory",
    "from JPEG in a folder",
    "from JPEG, nvJPEG",
)


def measured(given: argparse.Namespace, device: torch.device, plan: Plan) -> dict[str, Any]:
    """Return the whole report, telling each step on the standard error."""
    threads = given.threads or machine(device)["cores"]
    torch.set_num_threads(1 if device.type == "cuda" else threads)
    memory = jpegs(plan.pictures, plan.side)
    report: dict[str, Any] = {"machine": machine(device), "threads": threads, "models": []}
    peak = product(device, torch.bfloat16, plan.square, plan.seconds)
    report["bf16 product, GFLOP/s"] = peak
    with tempfile.TemporaryDirectory() as folder:
        files = [Path(folder) / f"{number:06}.jpg" for number in range(len(memory))]
        for path, encoded in zip(files, memory, strict=True):
            path.write_bytes(bytes(encoded.tolist()))
        for name in given.models or plan.models:
            print(f"{name} ...", file=sys.stderr, flush=True)
            report["models"].append(
                model_report(name, device, plan, threads, files, memory, peak, given.compile,
                             report["machine"]["nvjpeg"])
            )  # fmt: skip
            if device.type == "cuda":
                torch.cuda.empty_cache()
    print("attack ...", file=sys.stderr, flush=True)
    first = (given.models or plan.models)[0]
    report["attack twice"] = [
        repeats_apart(first, device, plan.attacked, exactly) for exactly in (False, True)
    ]
    return report


def main(words: Sequence[str] | None = None) -> None:
    """Measure, print the table, write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--device", default="cuda", help="cuda, cuda:1, cpu")
    parser.add_argument("--models", nargs="+", help=f"instead of {', '.join(GOALS)}")
    parser.add_argument("--threads", type=int, help="that decode; as many as cores unless given")
    parser.add_argument("--compile", action="store_true", help="also with torch.compile")
    parser.add_argument("--json", type=Path, help="where to write all figures")
    parser.add_argument("--smallest", action="store_true", help="only to see that it runs")
    parser.add_argument("--attack", nargs=2, help=argparse.SUPPRESS)
    parser.add_argument("--deterministic", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args(words)
    if given.device == "cpu" and not given.smallest:
        raise SystemExit("On a CPU this only tries the program: add --smallest.")
    if given.device.startswith("cuda") and not torch.cuda.is_available():
        raise SystemExit(
            "torch finds no CUDA here; --device cpu --smallest only tries the program."
        )
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # of torchvision's decoders
    logging.disable(logging.WARNING)  # of random weights
    # float32 is to mean float32, also in convolutions.
    torch.backends.cudnn.allow_tf32 = False
    device = torch.device(given.device)
    if given.attack:
        name, count = given.attack
        print(json.dumps(repeats(name, device, int(count), given.deterministic)))
        return
    report = measured(given, device, SMALLEST if given.smallest else Plan())
    print("\n".join(lines(report)))
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n")


if __name__ == "__main__":
    main()
