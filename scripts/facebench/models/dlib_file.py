"""The format of dlib's trained networks (dlib/serialize.h, dlib/dnn/core.h and layers.h).

A file holds the versions of its layers from the output inwards, then what each layer holds from the
input outwards. A layer begins with its name, so a file is read without knowing the network.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import ldexp, prod
from pathlib import Path
from typing import Any

import numpy as np

#: What follows a layer's name. i: whole number, f: number, b: truth, T: tensor, S: shape of a part
#: of a tensor.
CONTENTS = {
    "con_4": "T iiiiiii SS ffff",
    "affine_": "T SS i",
    "relu_": "",
    "max_pool_2": "iiiiii",
    "avg_pool_2": "iiiiii",
    "add_prev_": "",
    "fc_2": "ii T SS i ffff",
}
#: What follows that, left over from the training.
TRAINING = "bbb TTT"

#: Versions in the list at the head of a file: of tags, which hold nothing, of layers, and of the
#: innermost layer, with which the list ends.
TAG, LAYER, INNERMOST = 1, 2, 3

#: Exponents from here on stand for infinity and what is no number.
NOT_FINITE = 32000

#: More bytes than the name of any layer has.
LONGEST_NAME = 100


@dataclass(frozen=True)
class Layer:
    """A layer: its name, its parameters (float32, four axes), its other whole numbers in order.

    What has no parameters has an empty array.
    """

    name: str
    params: np.ndarray
    numbers: tuple[int, ...]


@dataclass(frozen=True)
class Stored:
    """A file's network: what is subtracted from red, green and blue, the input's size, the layers.

    `mean` is on 0 to 255; `size` is (rows, columns) in pixels; `layers` go from the input outwards.
    """

    mean: tuple[float, ...]
    size: tuple[int, int]
    layers: list[Layer]


def read_network(path: str | Path) -> Stored:
    """Return the network in a file, which takes pictures of one size, and was trained on pairs.

    Raises `ValueError`, with a reason for a sentence, for anything else.
    """
    file = Reader(Path(path).read_bytes())
    file.expect("whole number", file.whole(), 1)
    file.expect("loss", file.text(), "loss_metric_2")
    file.values("ff")
    versions = []
    while (version := file.whole()) in (TAG, LAYER):
        versions.append(version)
    file.expect("version of the innermost layer", version, INNERMOST)
    file.expect("input", file.text(), "input_rgb_image_sized")
    *mean, rows, columns = file.values("fff ii")
    layers = [file.layer()]
    file.values("i")
    layers += [file.layer() for version in reversed(versions) if version == LAYER]
    file.expect("number of bytes behind the last layer", file.left, 0)
    return Stored(tuple(mean), (rows, columns), layers)


class Reader:
    """Reads one thing after the other from bytes. Every method raises `ValueError`."""

    def __init__(self, data: bytes) -> None:
        """Begin with the first byte."""
        self.data, self.at = data, 0

    @property
    def left(self) -> int:
        """How many bytes haven't been read."""
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        """Return the next bytes."""
        if count > self.left:
            raise ValueError("it ends too early")
        self.at += count
        return self.data[self.at - count : self.at]

    def whole(self) -> int:
        """Return a whole number: a byte with its sign and length, then its bytes.

        >>> Reader(bytes([0x82, 0x2C, 0x01])).whole()
        -300
        """
        head = self.take(1)[0]
        if head & 0x70 or not 1 <= head & 0x0F <= 8:
            raise ValueError(f"no number begins at byte {self.at - 1:,}")
        value = int.from_bytes(self.take(head & 0x0F), "little")
        return -value if head & 0x80 else value

    def number(self) -> float:
        """Return a number: mantissa, then exponent."""
        mantissa, exponent = self.whole(), self.whole()
        if not -NOT_FINITE < exponent < NOT_FINITE:
            raise ValueError(f"the number before byte {self.at:,} isn't finite")
        try:
            return ldexp(mantissa, exponent)
        except OverflowError:
            raise ValueError(f"the number before byte {self.at:,} is too large") from None

    def truth(self) -> bool:
        """Return a truth value: a digit."""
        digit = self.take(1)
        if digit not in (b"0", b"1"):
            raise ValueError(f"byte {self.at - 1:,} is neither 0 nor 1")
        return digit == b"1"

    def text(self) -> str:
        """Return a name."""
        length = self.whole()
        if not 0 <= length <= LONGEST_NAME:
            raise ValueError(f"no name begins before byte {self.at:,}")
        return self.take(length).decode("ascii", "replace")

    def shape(self, version: int = 1) -> tuple[int, ...]:
        """Return four sizes, which come behind their version."""
        self.expect("version of a tensor", self.whole(), version)
        sizes = tuple(self.whole() for _ in range(4))
        if min(sizes) < 0:
            raise ValueError(f"a tensor has the size {sizes}")
        return sizes

    def tensor(self) -> np.ndarray:
        """Return an array of float32 with four axes, the last of which runs fastest."""
        sizes = self.shape(version=2)
        return np.frombuffer(self.take(4 * prod(sizes)), "<f4").reshape(sizes)

    def values(self, codes: str) -> list[Any]:
        """Return the values that letters stand for: see `CONTENTS`."""
        read: dict[str, Callable[[], Any]] = {
            "i": self.whole, "f": self.number, "b": self.truth, "T": self.tensor, "S": self.shape,
        }  # fmt: skip
        return [read[code]() for code in codes.replace(" ", "")]

    def layer(self) -> Layer:
        """Return the next layer."""
        name = self.text()
        if name not in CONTENTS:
            raise ValueError(f"it has a layer {name!r}, which isn't known here")
        codes = CONTENTS[name].replace(" ", "")
        values = list(zip(codes, self.values(codes), strict=True))
        self.values(TRAINING)
        params = [value for code, value in values if code == "T"]
        numbers = tuple(value for code, value in values if code == "i")
        return Layer(name, params[0] if params else np.zeros((0, 0, 0, 0), np.float32), numbers)

    def expect(self, what: str, found: object, wanted: object) -> None:
        """Refuse what isn't as it should be."""
        if found != wanted:
            raise ValueError(f"the {what} is {found!r} instead of {wanted!r}")
