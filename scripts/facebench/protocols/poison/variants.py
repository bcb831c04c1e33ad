"""The data of the experiments: every variant of every picture, as rows of one array."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from facebench.errors import UserError
from facebench.evaluation.pictures import Pictures, load
from facebench.protocols.poison.experiments import CLEAN
from facebench.protocols.poison.own_decoys import own_decoys
from facebench.store.layout import VectorFiles
from facebench.store.records import Record, record_id
from facebench.store.tables import read_record, read_schema, read_table
from facebench.vectors.stored import StoredVectors, read_ids

#: Of a person who is not protected: the attack left the picture alone, and the clean one counts.
NOT_ATTACKED = "not attacked"
#: Measures of the visible change, taken from the pictures in the files.
COSTS = ["linf", "l2", "psnr", "dssim", "lpips"]


@dataclass(frozen=True)
class Variants:
    """The n pictures of a data set, then those of its decoys, in all their variants."""

    pictures: Pictures
    #: Unit rows of all variants, one after the other: float32 (m, d).
    vectors: np.ndarray
    #: Each picture's row of `vectors` in a variant; -1 if it has none there: int64 (n,).
    rows: Mapping[str, np.ndarray]
    #: Which pictures a variant's attack was given, successfully or not: bool (n,).
    attacked: Mapping[str, np.ndarray]
    #: These, and the pictures of the same people that it could not be given: bool (n,).
    meant: Mapping[str, np.ndarray]
    #: `attack_status`, `attack_reason` and `COSTS` of the attacked pictures, by variant.
    costs: Mapping[str, pd.DataFrame]
    #: Of variants with one change for several pictures, whether it was made from each picture:
    #: int8 (n,), 1 or 0; -1 of a picture without the change.
    made_from: Mapping[str, np.ndarray]
    #: The records of the variants.
    records: Mapping[str, Record]
    #: How many of the pictures are the data set's own.
    own: int
    #: Which of them the data set puts in the gallery: bool (own,); None where it doesn't say.
    enrolled: np.ndarray | None = None
    #: Data set of decoys -> its people who were left out, for they are the data set's own.
    left_out: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def people(self) -> np.ndarray:
        """Who each picture shows: int64 (n,)."""
        return self.pictures.people

    def protected(self, variant: str) -> np.ndarray:
        """Return the numbers of the people whom a variant's attack is to protect, ascending.

        Also those of whom no picture can be used, and so none was attacked.
        """
        return np.unique(self.people[self.meant[variant]])


def gather(
    clean: VectorFiles, variants: Mapping[str, VectorFiles], images: str | None = None
) -> Variants:
    """Read the vectors of a data set under one model.

    images: the data set's own table. A picture that an attack was not given keeps its clean vector;
    one that could not be embedded has none.
    """
    pictures = load(*clean)
    ids = pictures.labels["image_id"]
    parts, rows = [pictures.embeddings.all()], {CLEAN: pictures.rows}
    attacked, meant, costs, made_from, records = {}, {}, {}, {}, {}
    start = len(parts[0])
    for name, (faces, embeddings, metadata) in variants.items():
        table = attack_table(faces).set_index("image_id").reindex(ids)
        if table["status"].isna().any():
            raise UserError(f"{faces} lacks pictures of the clean ones. Delete it and run again.")
        found = read_ids(metadata).get_indexer(pd.Index(ids))
        status = table["attack_status"]
        given = (status != NOT_ATTACKED).fillna(True).to_numpy(bool)
        here = np.where(found >= 0, found + start, -1)
        rows[name] = np.where(given, here, pictures.rows)
        attacked[name] = given & status.notna().to_numpy()
        wanted = table["protected"].eq(True).to_numpy(bool)
        meant[name] = meant_for(attacked[name], wanted & pictures.failed, pictures)
        costs[name] = table[attacked[name]].reset_index()
        if table["made_from"].notna().any():
            made_from[name] = (
                table["made_from"].map({True: 1, False: 0}).fillna(-1).to_numpy(np.int8)
            )
        records[name] = read_record(metadata[0])
        parts.append(StoredVectors(embeddings).all())
        start += len(parts[-1])
    vectors = np.concatenate(parts)
    return Variants(
        pictures, vectors, rows, attacked, meant, costs, made_from, records, len(ids),
        roles(images, ids),
    )  # fmt: skip


def meant_for(attacked: np.ndarray, lost: np.ndarray, pictures: Pictures) -> np.ndarray:
    """Return which pictures an attack was to change: those `attacked`, and some of those `lost`.

    bool (n,) each. A picture that can't be used counts like the others of its person. Somebody
    whose usable pictures the attack left alone has none to count (of ready-made cloaks, some people
    have none).
    """
    many = len(pictures.identities)
    usable = np.bincount(pictures.people[~pictures.failed], minlength=many)
    changed = np.bincount(pictures.people[attacked], minlength=many)
    return attacked | (lost & ((changed > 0) | (usable == 0))[pictures.people])


def roles(images: str | None, ids: pd.Series) -> np.ndarray | None:
    """Return which pictures have the role `gallery`: bool (n,); None without such a column."""
    if images is None or "role" not in read_schema(images).names:
        return None
    table = read_table(images, columns=["image_id", "role"]).drop_duplicates("image_id")
    return (table.set_index("image_id")["role"].reindex(ids) == "gallery").to_numpy(bool)


def attack_table(faces: str) -> pd.DataFrame:
    """Return the attack's columns for every picture that counts; a re-encoding has none."""
    known = read_schema(faces).names
    table = read_table(faces, columns=[name for name in known if name != "image"])
    for column in ["protected", "attack_status", "attack_reason", "made_from", *COSTS]:
        if column not in table:
            table[column] = None
    return table[table["status"] != "duplicate"].drop_duplicates("image_id")


def with_decoys(
    variants: Variants, decoys: Mapping[str, VectorFiles], own: str | None = None
) -> Variants:
    """Add the pictures of other data sets as other people, who are never searched for.

    They have one variant, the clean one, which is used for all. own: the faces of the data set;
    decoys with a picture among them are left out.
    """
    for name, files in decoys.items():
        out = own_decoys(own, files.faces) if own else []
        other = without(load(*files), out)
        labels = other.labels.assign(identity=f"{name}/" + other.labels["identity"].astype(str))
        start = len(variants.vectors)
        added = np.where(other.rows >= 0, other.rows + start, -1)
        none = np.zeros(len(added), bool)
        mine = variants.pictures
        pictures = replace(
            mine,
            labels=pd.concat([mine.labels, labels], ignore_index=True),
            people=np.concatenate([mine.people, other.people + len(mine.identities)]),
            identities=np.concatenate([mine.identities, f"{name}/" + other.identities.astype(str)]),
            rows=np.concatenate([mine.rows, np.where(other.rows >= 0, added, -1)]),
        )
        variants = replace(
            variants,
            pictures=pictures,
            vectors=np.concatenate([variants.vectors, other.embeddings.all()]),
            rows={key: np.concatenate([rows, added]) for key, rows in variants.rows.items()},
            attacked={key: np.concatenate([a, none]) for key, a in variants.attacked.items()},
            meant={key: np.concatenate([a, none]) for key, a in variants.meant.items()},
            made_from={
                key: np.concatenate([made, np.full(len(added), -1, np.int8)])
                for key, made in variants.made_from.items()
            },
            records={**variants.records, f"decoys {name}": other.record},
            left_out={**variants.left_out, **({name: out} if out else {})},
        )
    return variants


def without(pictures: Pictures, people: Sequence[str]) -> Pictures:
    """Return pictures less those of some people."""
    keep = ~pictures.labels["identity"].isin(people).to_numpy()
    return replace(
        pictures,
        labels=pictures.labels[keep].reset_index(drop=True),
        people=pictures.people[keep],
        rows=pictures.rows[keep],
    )


def origins(variants: Variants) -> dict[str, str]:
    """Return the ids of the variants' records, for the record of the numbers."""
    return {name: record_id(record) for name, record in variants.records.items()}
