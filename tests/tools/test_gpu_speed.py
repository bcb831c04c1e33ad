"""The measuring of a GPU, tried on a CPU: it needs no facebench, and what it reports is right."""

import argparse
import ast
import json
import subprocess
import sys

import pytest
import torch

from facebench.pictures.preprocess import CLIP_MEAN, CLIP_STD, Preprocess, fast
from tools import gpu_speed
from tools.speed.turns import ROOT

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    """What the smallest run writes, in a process without facebench on its path, and its table."""
    file = tmp_path_factory.mktemp("gpu") / "speed.json"
    command = [sys.executable, "-I", str(ROOT / "tools" / "gpu_speed.py")]
    command += ["--device", "cpu", "--smallest", "--json", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=file.parent)
    assert done.returncode == 0, done.stderr
    return json.loads(file.read_text()), done.stdout


@pytest.mark.slow
def test_the_smallest_run_reports_everything(report):
    found, table = report
    (model,) = found["models"]
    assert set(model["from memory"]) == {"bf16, SDPA", "bf16, fused layer"}
    assert all(
        rate > 0 for kind in model["from memory"].values() for rate in [*kind.values()]
    ) and set(model["from memory"]["bf16, SDPA"]) == {"2", "4"}
    for key in gpu_speed.STREAMED[:3]:
        assert model[key]["images/s"] > 0 and 0 < model[key]["busy"] <= 1
    cosine = model["bf16 against float32, cosine"]
    assert 0.99 < cosine["lowest"] <= cosine["mean"] <= 1.0001
    assert [one["deterministic"] for one in found["attack twice"]] == [False, True]
    assert all(one["equal"] and not one["differing values"] for one in found["attack twice"])
    assert found["machine"]["nvjpeg"] is False and found["bf16 product, GFLOP/s"] > 0
    assert "tiny" in table and "attack of 10 steps twice, deterministic: equal" in table


def test_it_imports_nothing_of_facebench():
    tree = ast.parse((ROOT / "tools" / "gpu_speed.py").read_text())
    names = {
        name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in (
            [a.name for a in node.names] if isinstance(node, ast.Import) else [node.module]
        )
    }
    own = names - set(sys.stdlib_module_names)
    assert own == {"torch", "torchvision", "open_clip"}


def test_without_a_gpu_it_says_so():
    with pytest.raises(SystemExit, match="--smallest"):
        gpu_speed.main(["--device", "cpu"])
    if not torch.cuda.is_available():
        with pytest.raises(SystemExit, match="no CUDA"):
            gpu_speed.main([])


def test_pictures_are_prepared_as_facebench_s_fast_variant_does_it():
    assert gpu_speed.MEAN == CLIP_MEAN and gpu_speed.STD == CLIP_STD
    encoded = [*gpu_speed.jpegs(2, 80), *gpu_speed.jpegs(1, 100)]
    mine = gpu_speed.prepared(encoded, 64)
    for one, pixels in zip(encoded, mine, strict=True):
        wanted = fast(bytes(one.tolist()), Preprocess(size=(64, 64)))
        assert (pixels.numpy() == wanted).all()


def test_batches_come_in_order_and_buffers_are_used_again(tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    encoded = gpu_speed.jpegs(5, 40)
    paths = [tmp_path / f"{number}.jpg" for number in range(5)]
    for path, one in zip(paths, encoded, strict=True):
        path.write_bytes(bytes(one.tolist()))
    wanted = gpu_speed.prepared(encoded, 32)
    with ThreadPoolExecutor(2) as pool:
        filling = gpu_speed.Filling(pool, 2, 32, False)
        batches = list(gpu_speed.cycled(paths, 2, 4))
        assert [filling.fill(one) for one in batches] == [True, True, True, False]
        seen = []
        for number in range(4):
            buffer, pixels = next(filling)
            seen.append(pixels.clone())
            filling.free(buffer)
            if number == 0:
                assert filling.fill(batches[3])
    order = [0, 1, 2, 3, 4, 0, 1, 2]
    assert torch.equal(torch.cat(seen), wanted[order])


def test_an_attack_stays_in_its_bound_and_turns_rows_away():
    one = gpu_speed.tower("tiny", CPU, torch.float32)
    pixels = gpu_speed.attack(one, 2)
    random = torch.Generator().manual_seed(1)
    clean = torch.rand(2, 3, one.side, one.side, generator=random)
    assert (pixels / 255 - clean).abs().max() <= gpu_speed.BOUND + 0.5 / 255 + 1e-6
    rows = [
        torch.nn.functional.normalize(one.network(some), dim=-1) for some in (clean, pixels / 255)
    ]
    assert (rows[0] * rows[1]).sum(1).max() < 0.999


def test_a_difference_between_two_attacks_is_counted(monkeypatch):
    results = iter([torch.zeros(2, 3), torch.eye(2, 3)])
    monkeypatch.setattr(gpu_speed, "attack", lambda *_: next(results))
    found = gpu_speed.repeats("tiny", CPU, 2, False)
    assert found == {"deterministic": False, "equal": False, "differing values": 2}
    report = {"machine": gpu_speed.machine(CPU), "models": [], "attack twice": [found]}
    table = "\n".join(gpu_speed.lines({**report, "bf16 product, GFLOP/s": 1.0, "threads": 2}))
    assert "as it is: 2 differ" in table


def test_goals_are_told_as_goals():
    given = argparse.Namespace(models=["ViT-B-32"])
    rates = {"images/s": 20_000.0, "busy": 0.5}
    model = {
        "model": given.models[0], "GFLOP": 8.7, "from memory": {"bf16": {64: 1.0}},
        "best": {"kind": "bf16", "batch": 64}, "share of a bf16 product": 0.4,
        gpu_speed.LIMIT: 21_000.0, "from JPEG in memory": rates,
        "bf16 against float32, cosine": {"lowest": 0.9991, "mean": 0.9999},
    }  # fmt: skip
    machine = {"device": "GPU", "cores": 16, "load": 0.0, "libraries": {"torch": "2"}}
    report = {"machine": machine, "models": [model], "attack twice": [], "threads": 16}
    table = "\n".join(gpu_speed.lines({**report, "bf16 product, GFLOP/s": 7e5}))
    assert "20,000   (goal 25,000 on an H100)" in table
    assert "decoder alone, 16 threads, images/s   21,000" in table
