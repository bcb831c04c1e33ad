"""Data sets: a reader for every layout in which they come.

`READERS[reader](root, files, **options)` returns a `Listing`: from the folder of pictures and the
paths of the other files it lists who is on which picture, without opening one. Importing this
package loads no reader: the workflow's plan asks only what a reader can do.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from facebench.datasets.listing import Listing
    from facebench.datasets.parts import Parts


@dataclass(frozen=True)
class Reader:
    """How to get a reader's function, and what its data sets have.

    names: the people have names as written in a sentence; otherwise a data set says so under the
    key `named`.
    pairs: the file `pairs` lists pairs to verify. rendered: the pictures are made by rule
    `render_people` instead of being unpacked or used in place. in_parts: how to get a function of
    the same arguments that returns the listing in parts, or None for options with which it can't.
    """

    load: "Callable[[], Callable[..., Listing]]"
    names: bool = False
    named: str = "names"
    in_parts: "Callable[[], Callable[..., Parts | None]] | None" = None
    pairs: bool = False
    rendered: bool = False

    def parts(self, *arguments: Any, **options: Any) -> "Parts | None":
        """Return the listing of a data set in parts; None if it has to be listed as a whole."""
        return None if self.in_parts is None else self.in_parts()(*arguments, **options)

    def has_names(self, dataset: Mapping[str, Any]) -> bool:
        """Return whether the people of a data set, by its entry, have names."""
        return self.names or bool(dataset.get(self.named))

    def __call__(self, *arguments: Any, **options: Any) -> "Listing":
        """Return the listing of a data set."""
        return self.load()(*arguments, **options)


def _lfw() -> "Callable[..., Listing]":
    from facebench.datasets.lfw import lfw

    return lfw


def _celeba() -> "Callable[..., Listing]":
    from facebench.datasets.celeba import celeba

    return celeba


def _celeba_parquet() -> "Callable[..., Listing]":
    from facebench.datasets.celeba_parquet import celeba_parquet

    return celeba_parquet


def _perturbed_faces() -> "Callable[..., Listing]":
    from facebench.datasets.perturbed_faces import perturbed_faces

    return perturbed_faces


def _folder() -> "Callable[..., Listing]":
    from facebench.datasets.folder import folder

    return folder


def _shards() -> "Callable[..., Listing]":
    from facebench.datasets.shards import shards

    return shards


def _shards_in_parts() -> "Callable[..., Parts | None]":
    from facebench.datasets.shards import in_parts

    return in_parts


def _people() -> "Callable[..., Listing]":
    from facebench.datasets.people import people

    return people


READERS = {
    "lfw": Reader(_lfw, names=True, pairs=True),
    "celeba": Reader(_celeba),
    "celeba_parquet": Reader(_celeba_parquet),
    "perturbed_faces": Reader(_perturbed_faces),
    "folder": Reader(_folder),
    "people": Reader(_people, names=True, rendered=True),
    "shards": Reader(_shards, named="name", in_parts=_shards_in_parts),
}
