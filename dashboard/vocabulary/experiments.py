"""Names of protocols, steps, threats, attacks and re-encodings."""

from dashboard.safe_text import tidy
from dashboard.vocabulary.columns import sentence_case

#: The kind of a model of which models.parquet says nothing.
UNKNOWN_KIND = "other"

PROTOCOLS = {
    "view2": "LFW View 2",
    "verify": "All pairs",
    "all_pairs": "Every pair, beside published figures",
    "identify": "Identification",
    "neighbour": "Nearest neighbour",
    "open_set": "Open set",
    "name": "Naming",
    "identity_inference": "Whose names were read",
    "open_set_by_name": "Names given to strangers",
    "scale": "Larger galleries",
    "indices": "Kinds of index",
    "poison": "Poisoning",
    "typographic": "Names written on pictures",
    "index_poison": "Index poisoning",
    "hubs": "Entries for everybody",
    "hubs_by_name": "Entries for everybody, by name",
    "hub_pictures": "Pictures for everybody",
    "hub_pictures_by_name": "Pictures for everybody, by name",
}

#: Threat -> which pictures are attacked.
THREATS = {
    "none": "nothing",
    "gallery": "their photographs in the index",
    "probe": "the photograph searched with",
    "both": "both",
    "decoys": "everybody else's photographs in the index",
    "same-photo": "the original of the photograph searched with",
    "index-inserted": "entries close to the person, under a false name",
    "index-relabelled": "pictures of people who look like them, under a false name",
    "index-swapped": "names of two people, exchanged",
    "hub-centroid": "the middle of what is stored",
    "hub-seen": "the middle of searches that the attacker has seen",
    "hub-optimised": "vectors optimised on searches that the attacker has seen",
    "hub-random": "random vectors (a control)",
    "hub-picture": "pictures that were changed to be found by everybody",
    "hub-carrier": "the same pictures, unchanged (a control)",
    "hub-natural": "nothing: pictures in the index that are in most lists",
    "hub-enrolled": "nothing: pictures of the index, drawn at random (a control)",
    "typographic": "a name is written on the photograph searched with",
    "scale-real": "nothing: strangers are in the index, too",
    "scale-simulated": "nothing: simulated strangers are in the index, too",
}

#: How searches are answered in the experiments with attacks.
CLASSIFIERS = {
    "nearest": "nearest picture",
    "linear": "a trained classifier",
    "adaptive": "a classifier trained on cloaks",
}

#: Rule, or step of a record -> what it does.
STEPS = {
    "data": "Pictures",
    "landmarks": "Finding faces",
    "faces": "Cropping",
    "crop": "Cropping",
    "embed": "Embedding pictures",
    "embed_text": "Embedding names",
    "list_images": "Reading pictures",
    "render_people": "Rendering people",
    "attack": "Cloaking",
    "verify": "All pairs",
    "all_pairs": "Every pair, beside published figures",
    "identify": "Identification",
    "neighbour": "Nearest neighbour",
    "open_set": "Open set",
    "view2": "LFW View 2",
    "name": "Naming",
    "identity_inference": "Whose names were read",
    "open_set_by_name": "Names given to strangers",
    "scale": "Larger galleries",
    "indices": "Kinds of index",
    "poison": "Poisoning",
    "typographic": "Names written on pictures",
    "index_poison": "Index poisoning",
    "hubs": "Entries for everybody",
    "hubs_by_name": "Entries for everybody, by name",
    "hub_pictures": "Pictures for everybody",
    "hub_pictures_by_name": "Pictures for everybody, by name",
    "evaluate": "Protocols",
}


def step(name: str) -> str:
    """Return what a step of the workflow does."""
    return STEPS.get(name, sentence_case(name))


def classifier(name: str) -> str:
    """Return how searches are answered."""
    return CLASSIFIERS.get(name, sentence_case(name))


def reencoding(name: str) -> str:
    """Return what was done to pictures after the attack.

    >>> reencoding("none"), reencoding("jpeg-30"), reencoding("all:jpeg-30")
    ('as they are', 'jpeg-30', 'all pictures jpeg-30 (a defence)')
    """
    if name == "none":
        return "as they are"
    before, _, way = name.rpartition(":")
    return f"all pictures {tidy(way)} (a defence)" if before == "all" else tidy(way)


def variant(name: str) -> str:
    """Return the name of a variant of faces: an attack, and the re-encoding after it.

    >>> variant("clip-cloak+jpeg-30"), variant("clean")
    ('clip-cloak, then jpeg-30', 'clean')
    """
    return tidy(name).replace("+", ", then ", 1)


def threat(name: str) -> str:
    """Return which pictures are attacked."""
    return THREATS.get(name, sentence_case(name))
