"""Where every file of the workflow lies: rules, scripts and the dashboard ask here.

    data/{dataset}/      what was fetched, unpacked or rendered
    store/{dataset}/     what studies share: lists, landmarks, faces, vectors
    store/models/        descriptions of the models
    results/{study}/     what one study measured

All paths are relative to the working directory. A part of a path may be a wildcard, "{model}".
Standard library only: imported while Snakemake plans.
"""

from typing import NamedTuple

CLEAN = "clean"

#: Names that lie in a folder beside names of a registry, or of studies, and mean something else.
#: `none` is how a picture is saved that isn't saved again.
RESERVED = {
    "datasets": ("models", "mteb"),
    "crops": ("names", "photographs"),
    "models": (),
    "attacks": (CLEAN,),
    "reencodings": ("none",),
    "study": (
        "attack", "crop", "fetch", "landmarks", "pretrain", "reencode", "unpack", "weights",
    ),
}  # fmt: skip
#: Of the workflow's own files beside them; no name may end like one of these.
EXTENSIONS = (
    "csv",
    "faiss",
    "ivfdata",
    "jpg",
    "json",
    "log",
    "md",
    "npz",
    "parquet",
    "png",
    "svg",
    "tsv",
)
#: The folder that studies share, and that of their results.
STORE, RESULTS = "store", "results"


def fetched(dataset: str, name: str) -> str:
    """Return where the rule `fetch` writes the file `name` of a data set."""
    return f"data/{dataset}/files/{name}"


def downloads(dataset: str) -> str:
    """Return the folder where `fetch` keeps downloads, and where a user may put a file."""
    return f"data/{dataset}/downloads"


def downloaded(dataset: str, name: str) -> str:
    """Return the path of one of the `downloads`."""
    return f"{downloads(dataset)}/{name}"


def pictures(dataset: str) -> str:
    """Return the folder of the pictures that `unpack` or `render_people` writes."""
    return f"data/{dataset}/images"


def images(dataset: str) -> str:
    """Return the table of a data set's pictures."""
    return f"{STORE}/{dataset}/images.parquet"


def pairs(dataset: str) -> str:
    """Return the table of a data set's own pairs."""
    return f"{STORE}/{dataset}/pairs.parquet"


def seen(what: str, name: str) -> str:
    """Return what a step remembers of a user's files: of a `dataset`, an `archive`, an `attack`.

    Only there so that the next start needn't read them: see `facebench.study.seen`.
    """
    return f"{STORE}/.seen/{what}-{name}.json"


def landmarks(dataset: str) -> str:
    """Return the table of landmarks and boxes."""
    return f"{STORE}/{dataset}/landmarks.parquet"


def faces(dataset: str, crop: str, variant: str = CLEAN) -> str:
    """Return the faces of a crop: clean, attacked, or saved again."""
    return f"{STORE}/{dataset}/{crop}/{variant}/faces.parquet"


def photographs(dataset: str, attack: str) -> str:
    """Return the folder of the photographs that an attack was made on; their table is beside it."""
    return f"{STORE}/{dataset}/photographs/{attack}/images"


def photograph_table(dataset: str, attack: str) -> str:
    """Return the table of the photographs that an attack was made on."""
    return f"{photographs(dataset, attack)}.parquet"


def vectors(dataset: str, crop: str, variant: str, model: str) -> str:
    """Return the folder of the vectors of some faces under a model."""
    return f"{STORE}/{dataset}/{crop}/{variant}/{model}"


def embeddings(dataset: str, crop: str, variant: str, model: str, part: str = "0000") -> str:
    """Return a file of vectors: unit rows, the layout that clip-retrieval and autofaiss read."""
    return f"{vectors(dataset, crop, variant, model)}/img_emb/img_emb_{part}.npy"


def metadata(dataset: str, crop: str, variant: str, model: str, part: str = "0000") -> str:
    """Return the table of the pictures whose vectors are in `embeddings`, in their order."""
    return f"{vectors(dataset, crop, variant, model)}/metadata/metadata_{part}.parquet"


def index(dataset: str, crop: str, variant: str, model: str) -> str:
    """Return what describes the index of all vectors of some faces under a model."""
    return f"{vectors(dataset, crop, variant, model)}/index/index.json"


def names(dataset: str, model: str) -> str:
    """Return the text vectors of a data set's names under a model."""
    return f"{STORE}/{dataset}/names/{model}.npz"


def model(name: str) -> str:
    """Return the description of a model: its weights' path, hash and size."""
    return f"{STORE}/models/{name}.json"


def parts(count: int) -> list[str]:
    """Return the names of the files that a data set's vectors are split into.

    >>> parts(3)
    ['0000', '0001', '0002']
    """
    return [f"{part:04d}" for part in range(count)]


def result(study: str, name: str) -> str:
    """Return a file of the whole study: `metrics.parquet`, `summary.md`, ..."""
    return f"{RESULTS}/{study}/{name}"


def task_result(study: str, model: str) -> str:
    """Return a model's numbers in the shape of MTEB's results."""
    return f"{RESULTS}/{study}/mteb/{model}.json"


def contact_sheet(study: str, dataset: str, crop: str) -> str:
    """Return the contact sheet of a crop."""
    return f"{RESULTS}/{study}/{dataset}/{crop}/contact-sheet.jpg"


def metrics(study: str, dataset: str, crop: str, model: str, protocol: str) -> str:
    """Return the numbers of a protocol for one model."""
    return f"{RESULTS}/{study}/{dataset}/{crop}/{model}/metrics/{protocol}.parquet"


def outcomes(study: str, dataset: str, crop: str, model: str, protocol: str) -> str:
    """Return the outcomes of every search or pair of a protocol, for one model."""
    return f"{RESULTS}/{study}/{dataset}/{crop}/{model}/outcomes/{protocol}.parquet"


def comparisons(study: str, dataset: str, crop: str) -> str:
    """Return the differences of every two models."""
    return f"{RESULTS}/{study}/{dataset}/{crop}/comparisons.parquet"


def my_cloaks(study: str, dataset: str, ending: str = "md") -> str:
    """Return the answers in words, a person each: `md` to read, `parquet` for the dashboard."""
    return f"{RESULTS}/{study}/{dataset}/my-cloaks.{ending}"


class VectorFiles(NamedTuple):
    """Some faces and their vectors under one model, in the order of the parts."""

    faces: str
    embeddings: list[str]
    metadata: list[str]


def vector_files(dataset: str, crop: str, variant: str, model: str, count: int = 1) -> VectorFiles:
    """Return the files of the vectors of some faces, in `count` parts."""
    where = (dataset, crop, variant, model)
    return VectorFiles(
        faces(dataset, crop, variant),
        [embeddings(*where, part) for part in parts(count)],
        [metadata(*where, part) for part in parts(count)],
    )
