"""The vectors of ten pictures, which tell one model from another."""

import shutil

import numpy as np
import pytest

from facebench.errors import UserError
from tools import golden


@pytest.fixture
def folder(tmp_path):
    """The shipped pictures, and the vectors of two models."""
    for path in golden.FOLDER.glob("*.png"):
        shutil.copy(path, tmp_path)
    for name in ("pixels", "mini-s"):
        shutil.copy(golden.FOLDER / f"{name}.npz", tmp_path)
    return tmp_path


def test_the_shipped_vectors_are_those_of_the_shipped_models(folder, capsys):
    assert golden.main([], folder, write=False) == 0
    said = capsys.readouterr().out
    assert "mini-s: the same" in said and "pixels: the same" in said


def test_another_model_is_different_and_what_differs_is_named(folder, capsys):
    shutil.copy(folder / "mini-s.npz", folder / "mini-m.npz")
    assert golden.main(["mini-m"], folder, write=False) == 1
    said = capsys.readouterr().out
    assert "mini-m: DIFFERENT" in said and "weights: " in said


def test_another_precision_is_close(folder, capsys):
    shipped = golden.read(folder / "mini-s.npz")
    rough = shipped.rows + np.random.default_rng(0).normal(0, 5e-4, shipped.rows.shape)
    rough = (rough / np.linalg.norm(rough, axis=1, keepdims=True)).astype(np.float32)
    other = {**shipped.made_with, "dtype": "bfloat16"}
    line, same = golden.compared(golden.Golden(rough, other), shipped)
    assert same and line.startswith("close") and "dtype: float32 here, bfloat16 there" in line
    wide = golden.Golden(np.zeros((10, 4), np.float32), other)
    assert golden.compared(wide, shipped) == ("256 numbers instead of 4: another model.", False)


def test_any_model_can_be_written_and_compared_with(folder, capsys):
    (folder / "mini-s.npz").unlink()
    with pytest.raises(UserError, match=r"nothing for mini-s: there are pixels\."):
        golden.main(["mini-s"], folder, write=False)
    golden.main(["mini-s"], folder, write=True)
    assert golden.main(["mini-s"], folder, write=False) == 0
    with pytest.raises(UserError, match="There is nothing for no-model: there are .*mini-face"):
        golden.main(["no-model"], folder, write=True)
