"""The scripts of the protocols, on small made-up embeddings: tables, records, failures, pairing."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from threadpoolctl import threadpool_limits

from facebench.errors import UserError
from facebench.protocols.evaluation import load
from facebench.store.faces import write_faces
from facebench.store.records import record_id
from facebench.store.tables import METRIC_COLUMNS, read_record, read_table, write_table
from facebench.study import attack_plan, plan
from facebench.vectors.index import build, nearest, read_index, without, write_index
from scripts import compare, identify, index, name, neighbour, open_set, verify, view2

WHERE = {"dataset": "toy", "crop": "tight", "variant": "clean", "model": "m"}
STATISTICS = {"draws": 200, "confidence": 0.95, "seed": 0}
TEMPLATES = ["{}", "a photo of {}"]


class Toy:
    """A data set in a folder: what the steps before the protocols would have written."""

    def __init__(self, folder, people, noise, failed=(), copies=(), seed=0):
        """`people`: who each picture shows; `noise`: of the embeddings, 0 is perfect; `failed`
        and `copies`: picture numbers."""
        self.folder, self.people = Path(folder), np.asarray(people)
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
                "name": [f"Person {who}" for who in people],
                "status": statuses,
            }
        )
        rows = self.table.assign(reason="", width=1, height=1, image=None).to_dict("records")
        write_faces(rows, self.path("faces.parquet"), {"data": {"reader": "toy"}})
        ok = self.table.status == "ok"
        metadata = self.table[ok].rename(columns={"path": "image_path"})
        record = {"data": {"reader": "toy"}, "embed": {"noise": noise}}
        write_table(metadata, self.path("metadata.parquet"), record)
        np.save(self.path("embeddings.npy"), vectors[ok].astype(np.float32))
        index.main(self.path("embeddings.npy"), self.path("index.faiss"))
        self._names(centres, random)

    def _names(self, centres, random):
        centres = np.concatenate([centres, random.standard_normal((30, 32))])
        texts = centres + 0.5 * random.standard_normal((len(TEMPLATES), *centres.shape))
        texts /= np.linalg.norm(texts, axis=-1, keepdims=True)
        names = [f"Person {i}" for i in range(len(centres))]
        np.savez(
            self.path("names.npz"),
            embeddings=texts.astype(np.float32),
            names=np.array(names),
            is_distractor=np.arange(len(names)) >= len(names) - 30,
            templates=np.array(TEMPLATES),
            record=np.array(json.dumps({"embed_text": {"names": len(names)}})),
        )

    def pairs(self, folds=3, seed=0):
        """Write a list of pairs, as many of one person as of two in each fold."""
        random = np.random.default_rng(seed)
        rows = []
        first, second = np.triu_indices(len(self.people), 1)
        same = self.people[first] == self.people[second]
        for kind in (True, False):
            pool = np.flatnonzero(same == kind)
            for n, i in enumerate(random.choice(pool, min(20 * folds, len(pool)), replace=False)):
                rows.append((n % folds, first[i], second[i], kind))
        table = pd.DataFrame(rows, columns=["fold", "a", "b", "same"])
        for side in ("a", "b"):
            table[f"path_{side}"] = self.table.path.to_numpy()[table[side]]
            table[f"image_id_{side}"] = self.table.image_id.to_numpy()[table[side]]
        record = {"data": {"reader": "toy"}, "pairs": {"sha256": "0"}}
        write_table(table.drop(columns=["a", "b"]), self.path("pairs.parquet"), record)

    def path(self, file):
        return str(self.folder / file)

    def run(self, protocol, where=WHERE, statistics=STATISTICS):
        """Run a protocol's script; return its metrics by (metric, at) and its outcomes."""
        given = [self.path(f) for f in ("faces.parquet", "embeddings.npy", "metadata.parquet")]
        outputs = [self.path(f"{protocol}-metrics.parquet"), self.path(f"{protocol}.parquet")]
        runs = {
            "view2": (view2, [self.path("pairs.parquet")]),
            "verify": (verify, [[0.1, 0.0001], 20000]),
            "identify": (identify, [1, True, [1, 5]]),
            "neighbour": (neighbour, [self.path("index.faiss"), [1, 5], 50000, 3]),
            "open_set": (open_set, [1, [0.1, 0.0001], 1]),
            "name": (name, [self.path("names.npz"), [10, 1000]]),
        }
        script, own = runs[protocol]
        script.main(*given, *own, where, statistics, outputs)
        return read_table(outputs[0]).set_index(["metric", "at"]), read_table(outputs[1])


ALL = ["view2", "verify", "identify", "neighbour", "open_set", "name"]


@pytest.fixture
def toy(tmp_path):
    """460 pictures of 160 people, of whom 100 have four; three pictures failed, one is a copy."""
    people = np.sort(np.concatenate([np.repeat(np.arange(100), 4), np.arange(100, 160)]))
    toy = Toy(tmp_path, people, noise=0.9, failed=[0, 5, 77], copies=[10])
    toy.pairs()
    return toy


def test_every_number_is_a_row_of_the_table_with_its_record(toy):
    for protocol in ALL:
        table = read_metrics(toy, protocol)
        assert list(table.columns) == METRIC_COLUMNS
        record = read_record(toy.path(f"{protocol}-metrics.parquet"))
        assert set(table.record) == {record_id(record)}
        assert {"data", "embed", protocol} <= set(record)
        assert record[protocol]["code"]["version"]
        assert record[protocol]["statistics"] == STATISTICS
        assert read_record(toy.path(f"{protocol}.parquet")) == record
        assert (table["attack"] == "clean").all() and (table["threat"] == "none").all()
        assert not table.duplicated(["metric", "at"]).any()
        valued = table.dropna(subset=["ci_low"])
        assert len(valued) and valued.value.between(valued.ci_low, valued.ci_high).all()


def read_metrics(toy, protocol):
    toy.run(protocol)
    return read_table(toy.path(f"{protocol}-metrics.parquet"))


def test_failures_are_counted_and_copies_are_not(toy):
    for protocol in ("verify", "neighbour", "open_set", "identify", "name"):
        metrics, _ = toy.run(protocol)
        assert (metrics.n_failed == 3).all()
        assert (metrics.n_images == 459).all()
    neighbour_metrics, outcomes = toy.run("neighbour")
    assert len(outcomes) == 100 * 4 - 1
    assert outcomes.failed.sum() == 3 and not outcomes.correct[outcomes.failed].any()
    assert neighbour_metrics.value["rank", "1"] == pytest.approx(outcomes.correct.mean())


def test_a_pair_may_name_a_copy(toy):
    pairs = read_table(toy.path("pairs.parquet")).iloc[:4].copy()
    pairs["fold"] = [0, 0, 1, 1]
    pairs["same"] = [True, False, True, False]
    copied, failed = toy.table.iloc[10], toy.table.iloc[0]
    pairs.loc[pairs.index[0], ["path_a", "image_id_a"]] = copied.path, copied.image_id
    pairs.loc[pairs.index[1], ["path_b", "image_id_b"]] = failed.path, failed.image_id
    write_table(pairs, toy.path("pairs.parquet"), {})
    _, outcomes = toy.run("view2")
    assert outcomes.failed.tolist()[:2] == [False, True]
    assert outcomes.identity_a[0] == copied.identity
    assert outcomes.score[1] == -np.inf and outcomes.correct[1]


def test_perfect_embeddings_give_one(tmp_path):
    toy = Toy(tmp_path, np.repeat(np.arange(100), 4), noise=0)
    toy.pairs()
    expected = {
        "view2": [("accuracy", ""), ("auc", "")],
        "verify": [("tar", "0.1"), ("auc", "")],
        "identify": [("rank", "1"), ("map", "")],
        "neighbour": [("rank", "1"), ("map", "")],
        "open_set": [("tpir", "0.1")],
    }
    for protocol, keys in expected.items():
        metrics, _ = toy.run(protocol)
        for key in keys:
            row = metrics.loc[key]
            assert row.value == pytest.approx(1) and 0.8 < row.ci_low < 1 == row.ci_high


def test_shuffled_identities_give_chance(tmp_path):
    people = np.repeat(np.arange(40), 4)
    toy = Toy(tmp_path, people, noise=0.3)
    faces = read_table(toy.path("faces.parquet"))
    order = np.random.default_rng(1).permutation(len(people))
    faces["identity"], faces["name"] = faces.identity[order].array, faces.name[order].array
    write_table(faces, toy.path("faces.parquet"), {})
    toy.people = people[order]
    toy.table = faces
    toy.pairs()
    chance = {
        ("view2", "accuracy", ""): 0.5,
        ("view2", "auc", ""): 0.5,
        ("verify", "auc", ""): 0.5,
        ("verify", "eer", ""): 0.5,
        ("verify", "tar", "0.1"): 0.1,
        ("identify", "rank", "1"): 1 / 40,
        ("neighbour", "rank", "1"): 3 / 159,
        ("name", "top1", "10"): 1 / 10,
    }
    # Eight intervals, of which each misses as often as it says.
    sure = {**STATISTICS, "confidence": 0.995}
    for (protocol, metric, at), value in chance.items():
        row = toy.run(protocol, statistics=sure)[0].loc[(metric, at)]
        assert row.ci_low <= value <= row.ci_high < 0.9, (protocol, metric)


def test_what_the_data_cannot_resolve_is_refused_in_words(toy):
    for protocol, metric in (("verify", "tar"), ("open_set", "fnir")):
        metrics, _ = toy.run(protocol)
        assert np.isnan(metrics.value[metric, "0.0001"])
        refused = read_record(toy.path(f"{protocol}-metrics.parquet"))[protocol]["refused"]
        assert "0.0001 is refused" in refused[f"{metric}@0.0001"]
        assert metrics.value[metric, "0.1"] > 0
    metrics, _ = toy.run("name")
    assert np.isnan(metrics.value["top1", "1000"])


@pytest.mark.parametrize(
    "people",
    [[0] * 6, list(range(6)), [0, 0, 1]],
    ids=["one person", "no two pictures of a person", "three pictures"],
)
@pytest.mark.parametrize("failed", [(), range(6)], ids=["fine", "all failed"])
def test_degenerate_data_give_nan_and_a_sentence(tmp_path, people, failed):
    toy = Toy(tmp_path, people, noise=0.5, failed=[i for i in failed if i < len(people)])
    toy.pairs(folds=2)
    for protocol in ALL:
        metrics, _ = toy.run(protocol)
        record = read_record(toy.path(f"{protocol}-metrics.parquet"))[protocol]
        missing = metrics.index[metrics.value.isna()]
        keys = {f"{metric}@{at}" if at else metric for metric, at in missing}
        assert keys == set(record["refused"])
        assert all(sentence.endswith(".") for sentence in record["refused"].values())


@pytest.mark.parametrize("protocol", ["identify", "neighbour"])
def test_nobody_is_recognised_among_pictures_of_one_person(tmp_path, protocol):
    toy = Toy(tmp_path, [0] * 6, noise=0.5)
    metrics, _ = toy.run(protocol)
    assert metrics.value.isna().all()
    refused = read_record(toy.path(f"{protocol}-metrics.parquet"))[protocol]["refused"]
    assert set(refused.values()) == {"All pictures that can be found are of one person."}


def test_a_single_fold_is_refused(toy):
    toy.pairs(folds=1)
    metrics, outcomes = toy.run("view2")
    assert metrics.value.isna().all() and len(outcomes) == 40
    refused = read_record(toy.path("view2-metrics.parquet"))["view2"]["refused"]
    assert "other folds" in refused["accuracy"]


def test_embeddings_of_another_run_are_a_user_error(toy):
    np.save(toy.path("embeddings.npy"), np.ones((3, 4), np.float32))
    with pytest.raises(UserError, match="not of one run"):
        toy.run("identify")
    np.save(toy.path("embeddings.npy"), np.full((456, 4), np.nan, np.float32))
    with pytest.raises(UserError, match="not finite"):
        toy.run("identify")


def test_neighbours_from_the_index_agree_with_the_ranks(toy):
    _, outcomes = toy.run("neighbour")
    pictures = load(*(toy.path(f) for f in ("faces.parquet", "embeddings.npy", "metadata.parquet")))
    identity = dict(zip(pictures.labels.image_id, pictures.labels.identity, strict=True))
    assert outcomes.neighbours.isna().equals(outcomes.failed)
    for row in outcomes[~outcomes.failed].itertuples():
        assert len(row.neighbours) == 3 and row.image_id not in row.neighbours
        assert (np.diff(row.scores) <= 0).all()
        mates = [identity[other] == row.identity for other in row.neighbours]
        assert (mates.index(True) + 1 if any(mates) else np.inf) == (
            row.rank if row.rank <= 3 else np.inf
        )


def test_nearest_keeps_the_order_of_equal_scores(tmp_path):
    random = np.random.default_rng(0)
    vectors = random.integers(-1, 2, size=(60, 3)).astype(np.float32)
    write_index(build(vectors), tmp_path / "i.faiss")
    scores, rows = nearest(read_index(tmp_path / "i.faiss"), vectors, 7)
    exact = vectors @ vectors.T
    assert (rows == np.argsort(-exact, axis=1, kind="stable")[:, :7]).all()
    assert (scores == np.take_along_axis(exact, rows, 1)).all()
    _, rows = without(scores, rows, np.arange(60))
    assert rows.shape == (60, 6) and not (rows == np.arange(60)[:, None]).any()
    assert nearest(build(vectors), vectors[:2], 100)[1].shape == (2, 60)


@pytest.mark.parametrize("protocol", ALL)
def test_results_depend_neither_on_threads_nor_on_the_run(toy, protocol):
    with threadpool_limits(1):
        first, outcomes = toy.run(protocol)
    with threadpool_limits(2):
        second, again = toy.run(protocol)
    pd.testing.assert_frame_equal(first, second)
    pd.testing.assert_frame_equal(outcomes, again)


def comparisons(tmp_path, noises, protocols=("view2", "identify", "neighbour", "open_set", "name")):
    """Return the comparisons of models that differ in noise, on the same pictures."""
    people = np.repeat(np.arange(100), 4)
    toys = {}
    for model, noise in noises.items():
        (tmp_path / model).mkdir()
        toys[model] = Toy(tmp_path / model, people, noise, failed=[3])
        toys[model].pairs()
    jobs, paths = [], []
    for protocol in protocols:
        for model, toy in toys.items():
            toy.run(protocol, {**WHERE, "model": model})
            jobs.append([protocol, model])
            paths.append(toy.path(f"{protocol}.parquet"))
    where = {key: WHERE[key] for key in ("dataset", "crop", "variant")}
    compare.main(paths, jobs, where, STATISTICS, str(tmp_path / "comparisons.parquet"))
    return read_table(tmp_path / "comparisons.parquet"), toys


def test_models_are_compared_on_the_same_searches(tmp_path):
    table, toys = comparisons(tmp_path, {"good": 0.5, "same": 0.5, "bad": 2.0})
    assert list(table.columns) == compare.COLUMNS
    assert len(table) == 5 * 3 and table.n_identities.dtype == "int64"
    assert set(zip(table.protocol, table.metric, table["at"], strict=True)) == {
        ("view2", "accuracy", ""),
        ("identify", "rank", "1"),
        ("neighbour", "rank", "1"),
        ("open_set", "tpir", "0.1"),
        ("name", "top1", "all"),
    }
    equal = table[(table.model_a == "good") & (table.model_b == "same")]
    assert (equal.difference == 0).all() and (equal.p_corrected == 1).all()
    worse = table[table.model_b == "bad"]
    assert (worse.difference > 0.1).all() and (worse.ci_low > 0).all()
    assert (worse.p_corrected < 0.01).all() and (worse.p_corrected >= worse.p).all()
    for row in worse.itertuples():
        values = [
            read_table(toys[model].path(f"{row.protocol}-metrics.parquet"))
            .set_index(["metric", "at"])
            .value[row.metric, row.at]
            for model in (row.model_a, row.model_b)
        ]
        assert row.difference == pytest.approx(values[0] - values[1])


def test_a_single_model_and_nothing_in_common_are_no_comparison(tmp_path):
    table, toys = comparisons(tmp_path, {"only": 0.5}, protocols=["identify"])
    assert table.empty and list(table.columns) == compare.COLUMNS
    (tmp_path / "other").mkdir()
    other = Toy(tmp_path / "other", np.repeat(np.arange(10), 3), 0.5)
    other.run("identify")
    with pytest.raises(UserError, match="not of the same searches"):
        compare.compare(
            {"a": toys["only"].path("identify.parquet"), "b": other.path("identify.parquet")},
            "identify",
            STATISTICS,
        )


CONFIG = {
    "evaluate": {
        "datasets": ["lfw", "mine"],
        "crops": ["tight"],
        "models": ["clip", "dlib"],
        "protocols": ["view2", "identify", "name"],
    },
    "datasets": {
        "lfw": {"reader": "lfw", "files": {"pairs": {"name": "pairs.txt"}}},
        "mine": {"reader": "folder", "names": False},
    },
    "models": {"clip": {"family": "open_clip"}, "dlib": {"family": "dlib"}},
}


def test_the_plan_leaves_out_what_cannot_be_served():
    assert plan.metric_tables(CONFIG) == [
        "results/lfw/tight/clean/clip/metrics/view2.parquet",
        "results/lfw/tight/clean/clip/metrics/identify.parquet",
        "results/lfw/tight/clean/clip/metrics/name.parquet",
        "results/lfw/tight/clean/dlib/metrics/view2.parquet",
        "results/lfw/tight/clean/dlib/metrics/identify.parquet",
        "results/mine/tight/clean/clip/metrics/identify.parquet",
        "results/mine/tight/clean/dlib/metrics/identify.parquet",
    ]
    assert plan.comparison_tables(CONFIG) == [
        "results/lfw/tight/clean/comparisons.parquet",
        "results/mine/tight/clean/comparisons.parquet",
    ]
    assert ("name", "clip") in plan.compared(CONFIG, "lfw")
    assert ("name", "dlib") not in plan.compared(CONFIG, "lfw")


def test_a_data_set_can_take_part_in_less_than_the_others():
    only = {"lfw": {"crops": ["full"], "protocols": ["name"], "attacked_crops": []}}
    study = {**CONFIG["evaluate"], "crops": ["tight", "full"], "attacks": ["noise"], "only": only}
    config = {**CONFIG, "evaluate": study, "attacks": {"noise": {"kind": "noise"}}}
    of_lfw = [path for path in plan.metric_tables(config) if path.startswith("results/lfw/")]
    assert of_lfw == ["results/lfw/full/clean/clip/metrics/name.parquet"]
    assert [folder for _, folder in plan.folders(config)] == [
        "results/lfw/full/clean", "results/mine/tight/clean", "results/mine/full/clean",
    ]  # fmt: skip
    assert {dataset for dataset, _ in attack_plan.folders(config)} == {"mine"}
    only["mine"] = {"attacked_crops": ["full"]}
    assert attack_plan.folders(config) == [("mine", "results/mine/full/poison")]
    only["mine"] = {"attacked_crops": ["loose"]}
    said = "evaluate.only leaves mine no crop in which attacks are tried."
    assert said in plan.left_out(config) and attack_plan.folders(config) == []
    study["only"] = {"lfw": {"crops": ["loose"]}}
    assert "evaluate.only leaves lfw none of the study's crops." in plan.left_out(config)


def test_protocol_jobs_never_import_torch():
    scripts = ["index", *ALL, "compare"]
    code = f"import sys; from scripts import {', '.join(scripts)}; print('torch' in sys.modules)"
    root = Path(__file__).parents[2]
    env = {"PYTHONPATH": f"{root}:{root / 'scripts'}", "PATH": ""}
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, env=env)
    assert done.stdout.strip() == "False", done.stderr
