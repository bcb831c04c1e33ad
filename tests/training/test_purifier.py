"""Training a purifier: what it is shown, that it learns, and going on after a kill."""

import numpy as np
import pytest
import torch

from facebench.errors import UserError
from facebench.pictures.purifier import network
from facebench.training import purifier
from facebench.training.loop import Plan
from facebench.training.purifier import open_pairs, shown, train
from tests.toys.attacks import faces_file, run

PLAN = Plan(images=8 * 30, batch=8, learning_rate=3e-3, weight_decay=0.0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return clean faces, and the same with noise."""
    folder = tmp_path_factory.mktemp("pairs")
    clean = faces_file(folder / "faces.parquet")
    run(clean, folder / "noise.parquet", kind="noise", linf=12)
    return clean, folder / "noise.parquet"


def trained(files, work, plan=PLAN):
    work.mkdir(exist_ok=True)
    torch.manual_seed(0)
    net = network(width=16, layers=1)
    history = train(net, open_pairs(files[0], [files[1]]), [], plan, work, {"recipe": "toy"})
    return net.state_dict(), history


def test_whole_pictures_are_shown_beside_a_version_of_theirs(files):
    pairs = open_pairs(files[0], [files[1]])
    assert len(pairs.versions) == 16
    known = {one[0].transpose(2, 0, 1).tobytes() for one in pairs.versions}
    known |= {one[0][:, ::-1].transpose(2, 0, 1).tobytes() for one in pairs.versions}
    kinds = set()
    for step in range(5):
        clean, seen = shown(pairs, PLAN, step)
        again = shown(pairs, PLAN, step)
        assert len(clean) == len(seen) == 8
        for number, (one, other) in enumerate(zip(clean, seen, strict=True)):
            assert one.dtype == np.uint8 and one.tobytes() in known
            change = np.abs(other.astype(int) - one)
            kinds.add("noise" if change.any() else "clean")
            assert change.max() <= 12
            assert np.array_equal(again[0][number], one)
            assert np.array_equal(again[1][number], other)
    assert kinds == {"clean", "noise"}


def test_neighbours_are_of_nearly_one_size(files):
    shapes = [one[0].shape for one in open_pairs(files[0], [files[1]]).versions]
    assert shapes == sorted(shapes)


def test_the_start_passes_on_what_it_gets():
    torch.manual_seed(0)
    net = network(width=32, layers=5)
    inside = net[:-2](torch.rand(2, 3, 32, 32) - 0.5)
    assert 0.1 < inside.std() < 3  # a hundredth of that with PyTorch's own start
    assert not net(torch.rand(2, 3, 32, 32)).any()


def test_it_learns_to_take_noise_out(files, tmp_path):
    _, history = trained(files, tmp_path / "w")
    assert history[-1]["images"] == 240
    assert history[-1]["pixels"] < 0.7 * history[0]["pixels"]


def test_a_killed_training_gives_what_it_would_have(files, tmp_path, monkeypatch):
    whole, history = trained(files, tmp_path / "whole")
    real = purifier.one_step

    def dying(net, pairs, judges, plan, step, optimizer):
        if step == 17:
            raise KeyboardInterrupt
        return real(net, pairs, judges, plan, step, optimizer)

    monkeypatch.setattr("facebench.training.checkpoint.EVERY", 0)
    monkeypatch.setattr(purifier, "one_step", dying)
    with pytest.raises(KeyboardInterrupt):
        trained(files, tmp_path / "part")
    steps = []

    def counting(net, pairs, judges, plan, step, optimizer):
        steps.append(step)
        return real(net, pairs, judges, plan, step, optimizer)

    monkeypatch.setattr(purifier, "one_step", counting)
    part, again = trained(files, tmp_path / "part")
    assert 0 < steps[0] <= 17 and steps[-1] == 29
    assert all(torch.equal(part[name], whole[name]) for name in whole)
    assert [row["loss"] for row in again] == [row["loss"] for row in history]


def test_pictures_of_others_are_refused(files, tmp_path):
    other = faces_file(tmp_path / "other.parquet", people=5)
    with pytest.raises(UserError, match="not of the same pictures"):
        open_pairs(files[0], [other])
