"""Data sets: a reader for every layout in which they come.

A reader is `reader(root, files, **options) -> Listing`: from the folder of pictures and the paths
of the other files it returns who is on which picture, without opening one.
"""

from facebench.datasets.celeba import celeba
from facebench.datasets.folder import folder
from facebench.datasets.lfw import lfw
from facebench.datasets.listing import Listing
from facebench.datasets.people import people
from facebench.datasets.perturbed_faces import perturbed_faces

__all__ = ["READERS", "Listing"]

READERS = {
    "lfw": lfw,
    "celeba": celeba,
    "perturbed_faces": perturbed_faces,
    "folder": folder,
    "people": people,
}
