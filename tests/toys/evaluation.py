"""A small data set with vectors, as the steps before the protocols would have written it."""

import contextlib
import json
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd

from facebench.store import layout
from facebench.store.faces import write_faces
from facebench.store.tables import read_record, read_table, write_table
from scripts import evaluate, index

STATISTICS = {"draws": 200, "confidence": 0.95, "seed": 0}
TEMPLATES = ["{}", "a photo of {}"]
#: The protocols that need no attack, and their settings.
OPTIONS = {
    "view2": {},
    "verify": {"far": [0.1, 0.0001], "images": 20000},
    "all_pairs": {"fmr": [0.1, 0.0001], "images": 20000},
    "identify": {"gallery": 1, "galleries": 4, "distractors": True, "ranks": [1, 5]},
    "neighbour": {"ranks": [1, 5], "probes": 50000, "listed": 3},
    "open_set": {"gallery": 1, "halvings": 2, "fpir": [0.2, 0.0001], "rank": 1},
    "name": {"candidates": [10, 1000]},
}
ALL = list(OPTIONS)
FACES = ("toy", "tight", layout.CLEAN)


class Toy:
    """A data set in a folder, and its vectors under the model `model`, in some parts."""

    def __init__(
        self,
        folder,
        people,
        noise,
        failed=(),
        copies=(),
        seed=0,
        model="m",
        parts=1,
        called="Person",
    ):
        """`people`: who each picture shows; `noise`: of the embeddings, 0 is perfect; `failed`
        and `copies`: picture numbers; `called`: what names begin with."""
        self.folder, self.people, self.model = Path(folder), np.asarray(people), model
        self.called = called
        random = np.random.default_rng(seed)
        statuses = np.full(len(people), "ok", object)
        statuses[list(failed)], statuses[list(copies)] = "no-face", "duplicate"
        count = int(self.people.max()) + 1
        centres = random.standard_normal((count, 32))
        vectors = centres[self.people] + noise * random.standard_normal((len(people), 32))
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        ids = [f"{i:016x}" for i in range(len(people))]
        for copy in copies:
            ids[copy] = ids[copy - 1]
        self.table = pd.DataFrame(
            {
                "image_id": ids,
                "path": [f"p{who}/{i}.jpg" for i, who in enumerate(people)],
                "identity": [f"p{who:03d}" for who in people],
                "name": [f"{called} {who}" for who in people],
                "status": statuses,
            }
        )
        self.vectors = layout.VectorFiles(
            self.path(layout.faces(*FACES)),
            [self.path(layout.embeddings(*FACES, model, part)) for part in layout.parts(parts)],
            [self.path(layout.metadata(*FACES, model, part)) for part in layout.parts(parts)],
        )
        rows = self.table.assign(reason="", width=1, height=1, image=None).to_dict("records")
        write_faces(rows, self.vectors.faces, {"data": {"reader": "toy"}})
        self._vectors(vectors.astype(np.float32), noise)
        self._names(centres, random)

    def _vectors(self, vectors, noise):
        ok = np.flatnonzero(self.table.status == "ok")
        record = {"data": {"reader": "toy"}, "embed": {"noise": noise}}
        _, embeddings, metadata = self.vectors
        for rows, place, table in zip(
            np.array_split(ok, len(embeddings)), embeddings, metadata, strict=True
        ):
            write_table(self.table.iloc[rows].rename(columns={"path": "image_path"}), table, record)
            Path(place).parent.mkdir(parents=True, exist_ok=True)
            np.save(place, vectors[rows])
        index.main(embeddings=[embeddings], spec={"kind": "flat"}, outputs=[self.files["index"]])

    def _names(self, centres, random):
        centres = np.concatenate([centres, random.standard_normal((30, 32))])
        texts = centres + 0.5 * random.standard_normal((len(TEMPLATES), *centres.shape))
        texts /= np.linalg.norm(texts, axis=-1, keepdims=True)
        names = [f"{self.called} {i}" for i in range(len(centres))]
        Path(self.files["names"]).parent.mkdir(parents=True, exist_ok=True)
        np.savez(
            self.files["names"],
            embeddings=texts.astype(np.float32),
            names=np.array(names),
            pool=np.array(["people"] * (len(names) - 30) + ["invented"] * 20 + ["read"] * 10),
            was_read=np.arange(len(names)) >= len(names) - 10,
            templates=np.array(TEMPLATES),
            record=np.array(json.dumps({"embed_text": {"names": len(names), "logit_scale": 20.0}})),
        )

    def pairs(self, folds=3, seed=0):
        """Write a list of pairs, as many of one person as of two in each fold."""
        random = np.random.default_rng(seed)
        rows = []
        first, second = np.triu_indices(len(self.people), 1)
        same = self.people[first] == self.people[second]
        fold = np.unique(self.people, return_inverse=True)[1] % folds
        together = fold[first] == fold[second]  # no person is in two folds
        for kind, number in product((True, False), range(folds)):
            pool = np.flatnonzero((same == kind) & together & (fold[first] == number))
            for i in random.choice(pool, min(20, len(pool)), replace=False):
                rows.append((number, first[i], second[i], kind))
        table = pd.DataFrame(rows, columns=["fold", "a", "b", "same"])
        for side in ("a", "b"):
            table[f"path_{side}"] = self.table.path.to_numpy()[table[side]]
            table[f"image_id_{side}"] = self.table.image_id.to_numpy()[table[side]]
        record = {"data": {"reader": "toy"}, "pairs": {"sha256": "0"}}
        write_table(table.drop(columns=["a", "b"]), self.files["pairs"], record)

    def path(self, file):
        """Return the path of a file of the layout, in the folder."""
        return str(self.folder / file)

    @property
    def files(self):
        """The files that some protocols need, by what they hold."""
        return {
            "pairs": self.path(layout.pairs("toy")),
            "names": self.path(layout.names("toy", self.model)),
            "index": self.path(layout.index(*FACES, self.model)),
        }

    @property
    def where(self):
        """What the numbers are of."""
        return evaluate.Where("study", "toy", "tight", self.model)

    def run(self, *protocols, statistics=STATISTICS, options=OPTIONS, **more):
        """Run protocols in one job; return the last one's metrics by (metric, at) and outcomes."""
        with contextlib.chdir(self.folder):
            evaluate.main(
                where=self.where,
                protocols=protocols,
                vectors=self.vectors,
                files=self.files,
                index={"kind": "flat"},
                options=options,
                statistics=statistics,
                code=dict.fromkeys(protocols, "0123"),
                **more,
            )
        metrics = read_table(self.metrics(protocols[-1])).set_index(["metric", "at"])
        return metrics, read_table(self.outcomes(protocols[-1]))

    def metrics(self, protocol):
        """Return the path of a protocol's table of numbers."""
        return self.path(layout.metrics(*self.where, protocol))

    def outcomes(self, protocol):
        """Return the path of a protocol's table of outcomes."""
        return self.path(layout.outcomes(*self.where, protocol))

    def record(self, protocol):
        """Return what the record of a protocol's numbers says of the protocol."""
        return read_record(self.metrics(protocol))[protocol]


def usual(folder, **changes):
    """Return 460 pictures of 160 people, of whom 100 have four; three failed, one is a copy."""
    people = np.sort(np.concatenate([np.repeat(np.arange(100), 4), np.arange(100, 160)]))
    toy = Toy(folder, people, noise=0.9, failed=[0, 5, 77], copies=[10], **changes)
    toy.pairs()
    return toy
