"""A small data set with attacks, as the steps before the poison protocol would write it."""

import contextlib
from pathlib import Path

import numpy as np
import pandas as pd

from facebench.evaluation.task import AttackTask
from facebench.protocols.poison.experiments import variants
from facebench.store import layout
from facebench.store.faces import encode
from facebench.store.layout import VectorFiles
from facebench.store.tables import read_record, read_table, write_table
from scripts import evaluate, poison

STATISTICS = {"draws": 200, "confidence": 0.95, "seed": 0}
#: The section `poison` of a configuration, but for what the plan makes of it.
OPTIONS = {
    "threats": ["gallery", "probe", "both", "decoys"],
    "shares": [0, 0.25, 0.5, 0.75, 1],
    "reencoded": ["gallery"],
    "defences": ["preprocess", "adaptive", "vote", "detector"],
    "classifiers": ["nearest", "linear"],
    "train": 0.7,
    "folds": 1,
    "seed": 10,
    "ranks": [1, 5],
    "fpir": [0.3],
    "bystanders": 1000,
    "groups": ["sex", "age_band"],
}
WHERE = {"dataset": "toy", "crop": "tight", "model": "m"}
COSTS = {"linf": 8.0, "l2": 3.0, "psnr": 38.0, "dssim": 0.01, "lpips": None}


class Poisoned:
    """`people` each with `each` pictures; what an attack did to the vectors of some of them."""

    def __init__(self, folder, people=20, each=4, dim=12, noise=0.6, seed=0, failed=()):
        self.folder, self.dim = Path(folder), dim
        self.random = np.random.default_rng(seed)
        self.people = np.repeat(np.arange(people), each)
        n = len(self.people)
        centres = self.random.standard_normal((people, dim))
        self.vectors = unit(centres[self.people] + noise * self.random.standard_normal((n, dim)))
        self.ids = np.array([f"{seed:04x}{i:012x}" for i in range(n)])
        looks = np.random.default_rng([seed, 1]).integers(0, 256, (n, 16, 16, 3), np.uint8)
        self.pictures = [encode(pixels) for pixels in looks]
        self.status = np.full(n, "ok", object)
        self.status[list(failed)] = "no-face"
        self.write("clean", self.vectors, self.status)
        table = pd.DataFrame({"image_id": self.ids, "identity": self.names()})
        table["sex"] = np.where(self.people % 2, "f", "m")
        table["age_band"] = np.where(self.people % 3, "old", "young")
        write_table(table, self.path("images.parquet"), {})

    def names(self):
        return [f"p{person:03d}" for person in self.people]

    def path(self, name):
        return str(self.folder / name)

    def attack(
        self, name, strength, protected=None, failed=(), unchanged=(), spared=(), made_from=None
    ):
        """Move the vectors of the `protected` people by noise of a given strength.

        spared: pictures of theirs that it leaves alone, as ready-made cloaks do that are missing.
        made_from: pictures that a change of several was made from; `strength` may be one a picture.
        """
        n = len(self.people)
        mine = np.ones(n, bool) if protected is None else np.isin(self.people, protected)
        given = mine & (self.status == "ok")
        given[list(spared)] = False
        moved = unit(self.vectors + strength * self.random.standard_normal((n, self.dim)))
        moved[list(unchanged)] = self.vectors[list(unchanged)]
        said = np.where(given, "ok", "not attacked").astype(object)
        said[list(failed)], said[list(unchanged)] = "failed to cloak", "unchanged"
        state = np.where(given, self.status, "not-attacked").astype(object)
        state[self.status != "ok"] = self.status[self.status != "ok"]
        made = None if made_from is None else np.isin(np.arange(n), made_from)
        self.write(name, moved, state, said, mine, made)
        return moved

    def reencoded(self, name, source, strength=0.2):
        moved = unit(source + strength * self.random.standard_normal(source.shape))
        self.write(name, moved, self.status)
        return moved

    def write(self, name, vectors, status, attack_status=None, protected=True, made_from=None):
        """Write faces, vectors and metadata of a variant."""
        table = pd.DataFrame(
            {
                "image_id": self.ids,
                "path": [f"{who}/{i}.jpg" for i, who in enumerate(self.names())],
                "identity": self.names(),
                "name": self.names(),
                "status": status,
                "reason": "",
                "width": 1,
                "height": 1,
                "image": self.pictures,
            }
        )
        if attack_status is not None:
            table["attack_status"], table["attack_reason"] = attack_status, ""
            table["protected"] = protected
            if made_from is not None:
                table["made_from"] = pd.Series(made_from, dtype=object).where(
                    table.attack_status != "not attacked"
                )
            for cost, value in COSTS.items():
                table[cost] = np.where(table.attack_status == "not attacked", None, value)
        write_table(table, self.path(f"{name}-faces.parquet"), {"data": {"toy": 1}})
        ok = table.status == "ok"
        record = {"data": {"toy": 1}, "attack": {"variant": name}, "embed": {"dim": self.dim}}
        metadata = table[ok][["image_id", "identity"]]
        write_table(metadata, self.path(f"{name}-metadata.parquet"), record)
        np.save(self.path(f"{name}.npy"), vectors[ok].astype(np.float32))

    def files(self, name):
        """Return the files of a variant."""
        path = self.path
        return VectorFiles(
            path(f"{name}-faces.parquet"), [path(f"{name}.npy")], [path(f"{name}-metadata.parquet")]
        )

    def task(self, names=(), **changes):
        """Return what an experiment is run on: the variants `names`, and other settings."""
        own = {
            "clean": self.files("clean"),
            "variants": {name: self.files(name) for name in names},
            "decoys": {},
            "images": self.path("images.parquet"),
            "names": self.path("names.npz"),
            "attacks": [],
            "reencodings": [],
            "options": OPTIONS,
            "where": WHERE,
            "statistics": STATISTICS,
        }
        return AttackTask(**{**own, **changes})

    def run(self, experiment, task):
        """Run an experiment's script; return its metrics and outcomes."""
        with contextlib.chdir(self.folder):
            poison.main(experiment=experiment, task=task, study="study", code="0123")
            where = ("study", *WHERE.values(), experiment)
            return read_table(layout.metrics(*where)), read_table(layout.outcomes(*where))

    def report(self, decoys=None, options=OPTIONS, attacks=("cloak",), reencodings=()):
        """Run the poison experiments that `options` ask for; return metrics and outcomes."""
        names = variants(options, attacks, reencodings)
        task = self.task(
            names,
            decoys=decoys or {},
            options=options,
            attacks=list(attacks),
            reencodings=list(reencodings),
        )
        return self.run("poison", task)

    def index_report(self, options):
        """Run the protocol index_poison; `options` are its own part of the section `poison`."""
        with contextlib.chdir(self.folder):
            where = evaluate.Where("study", **WHERE)
            evaluate.main(
                where=where,
                protocols=["index_poison"],
                vectors=self.files("clean"),
                files={},
                index={"kind": "flat"},
                options={"index_poison": {**OPTIONS, "index": options}},
                statistics=STATISTICS,
                code={"index_poison": "0123"},
            )
            paths = (*where, "index_poison")
            return read_table(layout.metrics(*paths)), read_table(layout.outcomes(*paths))

    def record(self, experiment):
        """Return what the record of an experiment's numbers says of the experiment."""
        where = ("study", *WHERE.values(), experiment)
        return read_record(self.path(layout.metrics(*where)))[experiment]


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
