"""Evaluation: the protocols, from the vectors of a model to rows of numbers and outcomes.

`PROTOCOLS[name](task)` returns the `Result` of a protocol for one data set, crop and model. The
definitions on arrays are in `facebench.protocols`. Importing this package loads no protocol: the
workflow's plan asks only what a protocol needs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from facebench.evaluation.task import Result, Task

    Run = Callable[[Task], Result]


@dataclass(frozen=True)
class Protocol:
    """How to get a protocol's function, and what it needs.

    compared: its outcomes are successes and failures, by which models are compared. pairs: it needs
    the data set's own pairs. names: people with names, and a model that reads text. index: it
    searches the index. threshold: its outcomes tell every person's errors at a threshold.
    strangers: the option that lists data sets whose pictures are added, and with `names` also their
    people's names. lists: its options name lists of pictures.
    """

    load: "Callable[[], Run]"
    compared: bool = True
    pairs: bool = False
    names: bool = False
    index: bool = False
    threshold: bool = False
    strangers: str = ""
    lists: bool = False

    def __call__(self, task: "Task") -> "Result":
        """Return the numbers and outcomes of one data set, crop and model."""
        return self.load()(task)


def _view2() -> "Run":
    from facebench.evaluation.view2 import view2

    return view2


def _verify() -> "Run":
    from facebench.evaluation.verify import verify

    return verify


def _all_pairs() -> "Run":
    from facebench.evaluation.all_pairs import all_pairs

    return all_pairs


def _identify() -> "Run":
    from facebench.evaluation.identify import identify

    return identify


def _neighbour() -> "Run":
    from facebench.evaluation.neighbour import neighbour

    return neighbour


def _open_set() -> "Run":
    from facebench.evaluation.open_set import open_set

    return open_set


def _name() -> "Run":
    from facebench.evaluation.name import name

    return name


def _identity_inference() -> "Run":
    from facebench.evaluation.identity_inference import identity_inference

    return identity_inference


def _open_set_by_name() -> "Run":
    from facebench.evaluation.open_set_by_name import open_set_by_name

    return open_set_by_name


def _index_poison() -> "Run":
    from facebench.evaluation.index_poison import index_poison

    return index_poison


def _hubs() -> "Run":
    from facebench.evaluation.hubs import hubs

    return hubs


def _hubs_by_name() -> "Run":
    from facebench.evaluation.hubs_by_name import hubs_by_name

    return hubs_by_name


def _scale() -> "Run":
    from facebench.evaluation.scale import scale

    return scale


def _indices() -> "Run":
    from facebench.evaluation.indices import indices

    return indices


PROTOCOLS = {
    "view2": Protocol(_view2, pairs=True),
    "verify": Protocol(_verify, compared=False, threshold=True),
    "all_pairs": Protocol(_all_pairs, compared=False, lists=True),
    "identify": Protocol(_identify),
    "neighbour": Protocol(_neighbour, index=True),
    "open_set": Protocol(_open_set, threshold=True),
    "name": Protocol(_name, names=True),
    "identity_inference": Protocol(
        _identity_inference, compared=False, names=True, strangers="never_read"
    ),
    "open_set_by_name": Protocol(_open_set_by_name, compared=False, names=True),
    "scale": Protocol(_scale, compared=False, strangers="strangers"),
    "indices": Protocol(_indices, compared=False),
    "index_poison": Protocol(_index_poison, compared=False),
    "hubs": Protocol(_hubs, compared=False),
    "hubs_by_name": Protocol(_hubs_by_name, compared=False, names=True),
}
