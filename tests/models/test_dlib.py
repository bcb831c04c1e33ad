"""dlib's file of weights: what it holds, and what is refused in its place."""

import numpy as np
import pytest

from facebench.errors import UserError
from facebench.models import FAMILIES, find, load
from facebench.models.dlib_file import Reader, read_network
from facebench.models.dlib_weights import read_weights
from facebench.pictures.detectors import dlib_weights

DLIB = {"family": "dlib"}


@pytest.fixture(scope="module")
def sound():
    """The bytes of dlib's file."""
    return find(DLIB).files["weights"].read_bytes()


def test_the_file_holds_the_network_that_dlib_documents():
    stored = read_network(find(DLIB).files["weights"])
    np.testing.assert_allclose(stored.mean, (122.782, 117.001, 104.298), rtol=1e-7)
    assert stored.size == (150, 150) and len(stored.layers) == 108
    assert [layer.name for layer in stored.layers[:4]] == [
        "con_4",
        "affine_",
        "relu_",
        "max_pool_2",
    ]
    assert stored.layers[0].numbers == (32, 7, 7, 2, 2, 0, 0)
    weights = read_weights(find(DLIB).files["weights"])
    assert len(weights.convolutions) == 29 and weights.count == 5_614_592
    assert load(DLIB, device="cpu").preprocess.std == (256 / 255,) * 3


def test_numbers_are_mantissa_then_exponent():
    def whole(value):
        return bytes([(value < 0) << 7 | 2]) + abs(value).to_bytes(2, "little")

    assert Reader(whole(3) + whole(-2)).number() == 0.75
    assert Reader(whole(-5) + whole(4)).number() == -80
    for exponent in (32000, 32002, 5000):
        with pytest.raises(ValueError, match="finite|too large"):
            Reader(whole(3) + whole(exponent)).number()


def put(data, behind, offset, new):
    """Return bytes with others in a place that is `offset` bytes behind the end of a name."""
    at = data.index(behind) + len(behind) + offset
    return data[:at] + new + data[at + len(new) :]


def of_package(name):
    return lambda _: dlib_weights(name).read_bytes()


#: What a file is -> how it is made of the sound one, and words of the sentence.
REFUSED = {
    "empty": (lambda _: b"", "is empty"),
    "a web page": (lambda _: b"<html>Not found</html>", "is a web page"),
    "a pointer": (lambda _: b"version https://git-lfs.github.com/spec/v1\n", "git lfs pull"),
    "cut in a list": (lambda data: data[:50], "ends too early"),
    "cut in a name": (lambda data: data[: data.index(b"affine_") + 3], "ends too early"),
    "cut in a tensor": (lambda data: data[: len(data) // 2], "ends too early"),
    "cut by a byte": (lambda data: data[:-1], "ends too early"),
    "too long": (lambda data: data + b"0", "bytes behind the last layer is 1"),
    "zeros": (lambda data: bytes(len(data)), "no number begins at byte 0"),
    "noise": (lambda _: bytes(range(256)) * 9, "no number begins at byte"),
    "of another loss": (lambda d: d.replace(b"metric_2", b"metric_3"), "'loss_metric_3' instead"),
    "of another input": (lambda d: put(d, b"input_rgb_image", 0, b"_other"), "the input is"),
    "of newer layers": (lambda data: data.replace(b"con_4", b"con_5"), "layer 'con_5'"),
    "of other layers": (lambda data: put(data, b"con_4", -5, b"relu_"), "is damaged, or is not"),
    "of a newer tensor": (lambda data: put(data, b"con_4", 1, b"\x03"), "version of a tensor is 3"),
    "of a negative size": (lambda data: put(data, b"con_4", 2, b"\x81\x01"), "is damaged"),
    "of a huge size": (lambda data: put(data, b"con_4", 2, b"\x04\xff\xff\xff\x7f"), "is damaged"),
    "of another pool": (lambda data: put(data, b"max_pool_2", 1, b"\x05"), "other sizes"),
    "not finite": (lambda d: put(d, b"fc_2", 200, b"\xff" * 8), "finite"),
    "without effect": (lambda d: put(d, b"fc_2", 16, bytes(4 * 256 * 128)), "same vector"),
    "dlib's landmarks": (of_package("shape_predictor_5_face_landmarks.dat"), "is damaged, or is"),
    "dlib's detector": (of_package("mmod_human_face_detector.dat"), "is damaged, or is not"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_another_file_is_refused_by_name(sound, tmp_path, case):
    change, words = REFUSED[case]
    file = tmp_path / "weights.dat"
    file.write_bytes(change(sound))
    with pytest.raises(UserError, match=words) as error:
        FAMILIES["dlib"].parameters(files={"weights": file})
        load(DLIB, {"weights": file}, "cpu")
    assert str(file) in str(error.value) and "\n" not in str(error.value)


def test_a_package_that_is_not_there_is_named(monkeypatch):
    from facebench.models import dlib_family

    monkeypatch.setattr(dlib_family, "PACKAGE", "no_such_package")
    with pytest.raises(UserError, match="install the package no-such-package"):
        find(DLIB)
