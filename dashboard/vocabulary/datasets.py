"""Who the people of a data set are, in words."""

#: Reader -> whose pictures it reads.
READERS = {
    "people": "people who don't exist, drawn by a program",
    "lfw": "people in press photographs (Labeled Faces in the Wild)",
    "celeba": "celebrities in photographs (CelebA)",
    "perturbed_faces": "celebrities in photographs (CelebA), some of them cloaked by others",
    "folder": "people in photographs of a folder of one's own",
    "shards": "people in pictures collected from the web, or packed like such",
}
#: Data sets of config.yaml, with their reader, of which more is known than their reader says.
DATASETS = {
    ("people", "people"): "people who don't exist, strangers to every model",
    ("people-known", "people"): (
        "people who don't exist, whose names the small CLIPs read in captions of other pictures"
    ),
}


#: The same data sets -> whether the CLIPs that come with the program read these people's names.
NAMES_READ = {("people", "people"): False, ("people-known", "people"): True}


def names_read(dataset: str, reader: str) -> bool | None:
    """Return whether models read the names of a data set's people; None where that isn't known.

    >>> names_read("people-known", "people"), names_read("people-known", "folder")
    (True, None)
    """
    return NAMES_READ.get((dataset, reader))


def people(dataset: str, reader: str) -> str:
    """Return who the people of a data set are.

    >>> people("people", "people"), people("mine", "folder"), people("x", "")
    ... # doctest: +NORMALIZE_WHITESPACE
    ("people who don't exist, strangers to every model",
     "people in photographs of a folder of one's own", 'people')
    """
    return DATASETS.get((dataset, reader)) or READERS.get(reader, "people")
