"""Made-up results in the layout of the workflow, for tests of the dashboard."""

import json
import shutil
from hashlib import sha256
from io import BytesIO
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from facebench.indexes.stored import make
from facebench.models import FAMILIES
from facebench.store import layout
from facebench.store.tables import METRIC_COLUMNS, write_table
from facebench.vectors.names import Candidates, write_names
from facebench.vectors.stored import StoredVectors

HOSTILE = ["<img src=x onerror=alert(1)>", "../../etc/passwd", "![x](http://127.0.0.1:9/x.png)"]
STUDY, DATASET, CROPS = "default", "strangers", ["full", "background"]
MODELS = {
    "mini-s": ("open_clip", 1.1),
    "mini-m": ("open_clip", 3.2),
    "mini-face": ("timm", 1.4),
    "random-s": ("random", 1.1),
    "pixels": ("pixels", 0.0),
}
ATTACKS = ["clip-cloak", "noise"]
INDEX = {"kind": "flat"}
RECORD = {
    "data": {"reader": "people", "dataset": DATASET},
    "faces": {"crop": "full", "kind": "whole", "max_side": 64},
    "embed": {"model": "mini-s", "preprocess": {"variant": "fast"}, "weights_sha256": "ab" * 32},
    "identify": {"code": {"commit": "0123456789ab"}, "refused": {"tar@0.0001": "Too few pairs."}},
}


def write_results(root, people=30, views=3, hostile=False, seed=0):
    """Write a whole study of invented people below `root`; return the study's folder.

    hostile: some people have names that would do harm if they were not shown as text.
    """
    root, random = Path(root), np.random.default_rng(seed)
    who = [f"s0p{i:06}" for i in range(people)]
    if hostile:
        who[: len(HOSTILE)] = HOSTILE
    images = images_table(who, views, random)
    write_table(images, root / layout.images(DATASET), RECORD)
    numbers = []
    for crop in CROPS:
        for variant in ["clean", *ATTACKS]:
            write_faces(images, root / layout.faces(DATASET, crop, variant), variant, random)
            for skill, model in enumerate(MODELS):
                write_vectors(images, root, (crop, variant, model), skill, random)
        for skill, model in enumerate(MODELS):
            write_outcomes(images, root, (STUDY, DATASET, crop, model), random)
            numbers += clean_numbers(crop, model, 0.9 - 0.15 * skill, people, len(images))
            numbers += poison_numbers(crop, model, people, len(images))
    for model, (family, _) in MODELS.items():
        if FAMILIES[family].text:
            write_text_vectors(images, root, model)
    folder = root / layout.RESULTS / STUDY
    metrics = pd.DataFrame(numbers, columns=METRIC_COLUMNS)
    write_table(metrics, folder / "metrics.parquet", {})
    made = {"record": metrics.record.unique(), "json": json.dumps(RECORD)}
    write_table(pd.DataFrame(made), folder / "records.parquet", {})
    write_models(root)
    write_study_tables(folder)
    write_claims(folder)
    write_thresholds(folder)
    write_benchmarks(root / "benchmarks")
    write_answer(root, who)
    return folder


def write_claims(folder):
    """Write a verdict on a claim."""
    found = {"claim": "size", "says": "Bigger isn't better.", "source": "Somebody",
             "rule": "A test.", "dataset": DATASET, "crop": "full", "verdict": "contradicted",
             "statistic": "rank-1 of a less that of b", "value": 0.1, "ci_low": 0.05,
             "ci_high": 0.15, "p": 0.001, "people": 30,
             "evidence": "The least gain: +10.0 points."}  # fmt: skip
    write_table(pd.DataFrame([found]), folder / "claims.parquet", {})


def write_thresholds(folder):
    """Write a threshold of every crop and model, and one that the data can't resolve."""
    refused = "FAR 0.001 is refused: too few pairs."
    names = ["threshold", "ci_low", "ci_high", "tar", "tar_ci_low", "tar_ci_high"]
    counts = {"confidence": 0.95, "people": 30, "pictures": 90, "failed": 2}
    found = [
        {
            "dataset": DATASET, "crop": crop, "model": model, "fmr": rate,
            **dict(zip(names, numbers, strict=True)), "refused": said, **counts,
            "impostor_pairs": 3915, "source": {"weights_sha256": "ab" * 32, "record": "0" * 12},
        }
        for crop in CROPS
        for model in MODELS
        for rate, numbers, said in (
            (0.01, [0.612, 0.58, 0.64, 0.7, 0.6, 0.8], None), (0.001, [None] * 6, refused)
        )
    ]  # fmt: skip
    (folder / "thresholds.json").write_text(json.dumps({"thresholds": found}))


def write_second(folder, name="second"):
    """Write the numbers of another study beside one: fewer models, one crop, other settings."""
    other = folder.with_name(name)
    metrics = pd.read_parquet(folder / "metrics.parquet")
    kept = metrics[(metrics.crop == CROPS[0]) & (metrics.model != "random-s")]
    write_table(kept.assign(value=kept.value / 2), other / "metrics.parquet", {})
    record = {**RECORD, "identify": {**RECORD["identify"], "draws": 20}}
    made = {"record": kept.record.unique(), "json": json.dumps(record)}
    write_table(pd.DataFrame(made), other / "records.parquet", {})
    shutil.copy(folder / "models.parquet", other)
    shutil.copy(folder / "comparisons.parquet", other)
    return other


def write_answer(root, who):
    """Write the answer for everybody: in words, and as a table."""
    text = root / layout.my_cloaks(STUDY, DATASET)
    text.parent.mkdir(parents=True, exist_ok=True)
    text.write_text("# Yes\n\n" + "".join(f"* {w}\n" for w in who))
    counts = {"searches": 10, "found_clean": 9, "found": 2, "lost": 7, "gained": 0}
    rows = [
        {
            "attack": "clip-cloak", "identity": one, "crop": CROPS[0], "model": model,
            "threat": "gallery", **counts, "p": 0.01, "p_corrected": 0.04, "needed": 6.0,
        }
        for one in who
        for model in MODELS
    ]  # fmt: skip
    write_table(pd.DataFrame(rows), root / layout.my_cloaks(STUDY, DATASET, "parquet"), {})


def images_table(who, views, random):
    """Return images.parquet's rows: `views` pictures of everybody in `who`."""
    n = len(who) * views
    identity = np.repeat(who, views)
    return pd.DataFrame(
        {
            "image_id": [f"{i:016x}" for i in range(n)],
            "path": [f"{i}.jpg" for i in range(n)],
            "identity": identity,
            "name": [w if not w.startswith("s0p") else f"Ana No{w[3:]}" for w in identity],
            "width": 24,
            "height": 24,
            "status": "ok",
            "reason": "",
            "skin_tone": random.choice(["dark", "light", "medium"], len(who)).repeat(views),
            "freckles": random.random(n) < 0.5,
        }
    )


def png(pixels):
    """Return pixels (height, width, 3) as a PNG file."""
    buffer = BytesIO()
    Image.fromarray(pixels).save(buffer, "PNG")
    return buffer.getvalue()


def write_faces(images, path, variant, random):
    """Write faces of noise, alike in all variants but for what an attack adds."""
    base = np.random.default_rng(7).integers(60, 200, (len(images), 24, 24, 3))
    faces = images[["image_id", "path", "identity", "name", "status", "reason"]].copy()
    faces["width"] = faces["height"] = 24
    if variant != "clean":
        base = base + random.integers(-8, 9, base.shape)
        faces = faces.assign(
            attack_status="ok", linf=8.0, l2=4.5, psnr=35.1, dssim=0.02, lpips=None
        )
        faces["lpips"] = faces.lpips.astype("float32")
    faces["image"] = [png(pixels.astype(np.uint8)) for pixels in base]
    write_table(faces, path, RECORD, rows_a_group=16)


def write_vectors(images, root, place, skill, random):
    """Write unit vectors that are near each other for pictures of one person, and an index.

    place: crop, variant and model. Those of `mini-m` are in two parts.
    """
    crop, variant, model = place
    codes = pd.factorize(images.identity)[0]
    dim = 64 if model == "pixels" else 16
    centres = np.random.default_rng(3).normal(size=(codes.max() + 1, dim))
    rows = centres[codes] + (0.3 + 0.4 * skill) * random.normal(size=(len(images), dim))
    rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    table = images[["image_id", "identity"]].assign(image_path=images.path)
    parts = layout.parts(2 if model == "mini-m" else 1)
    for part, some in zip(parts, np.array_split(np.arange(len(rows)), len(parts)), strict=True):
        where = (DATASET, crop, variant, model, part)
        path = root / layout.embeddings(*where)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.save(path, rows[some])
        write_table(table.iloc[some], root / layout.metadata(*where), RECORD)
    if variant == "clean":
        make(StoredVectors.of(rows), root / layout.index(DATASET, crop, variant, model), INDEX)


def write_outcomes(images, root, place, random):
    """Write random outcomes of every search. place: study, data set, crop and model."""
    n = len(images)
    searches = pd.DataFrame(
        {
            "image_id": images.image_id,
            "identity": images.identity,
            "failed": False,
            "rank": random.integers(1, 9, n).astype(float),
            "mate_score": random.random(n).astype("float32"),
            "other_score": random.random(n).astype("float32"),
            "other_id": random.permutation(images.image_id),
        }
    )
    searches["correct"] = searches["rank"] == 1
    for protocol in ("identify", "neighbour"):
        table = searches.assign(precision=0.5)
        write_table(table, root / layout.outcomes(*place, protocol), RECORD)
    mated = np.arange(n) % 2 == 0
    open_set = searches.assign(halving=0, half=np.arange(n) % 4 // 2, mated=mated)
    write_table(open_set, root / layout.outcomes(*place, "open_set"), RECORD)
    names = searches.assign(other_name="Ana Other").drop(columns="other_id")
    write_table(names, root / layout.outcomes(*place, "name"), RECORD)


def write_text_vectors(images, root, model):
    """Write vectors of the people's names, near their pictures', and of some wrong ones."""
    people = images.drop_duplicates("identity")
    centres = np.random.default_rng(3).normal(size=(len(people), 16))
    wrong = np.random.default_rng(4).normal(size=(8, 16))
    rows = np.concatenate([centres, wrong])[None]
    rows = (rows / np.linalg.norm(rows, axis=2, keepdims=True)).astype(np.float32)
    read = [f"Read {i}" for i in range(4)]
    names = Candidates(list(people.name), [f"Invented {i}" for i in range(4)], read)
    write_names(
        root / layout.names(DATASET, model), rows=rows, names=names, templates=["{}"],
        record={**RECORD, "embed_text": {"logit_scale": 10.0}}, key="", was_read=read,
    )  # fmt: skip


def job(crop, model, protocol):
    """Return the id of a job's record: all numbers of a job have one, whatever was attacked."""
    return sha256(f"{crop}/{model}/{protocol}".encode()).hexdigest()[:12]


def row(crop, model, protocol, metric, at, value, people, pictures, **more):
    """Return one number with an interval about it."""
    low, high = max(0.0, value - 0.05), min(1.0, value + 0.05)
    same = {"dataset": DATASET, "crop": crop, "model": model}
    same["record"] = job(crop, model, protocol)
    cell = {"threat": "none", "attack": "clean", "fraction": 0.0, "reencode": "none"}
    counts = {"n_identities": people, "n_images": pictures, "n_failed": 0}
    said = {"protocol": protocol, "metric": metric, "at": at, "value": value}
    return {**same, **cell, **counts, **said, "ci_low": low, "ci_high": high, **more}


def clean_numbers(crop, model, skill, people, pictures):
    """Return the numbers of every protocol on clean pictures."""
    many = (people, pictures)
    rows = [
        row(crop, model, "identify", "rank", str(k), min(1.0, skill + k / 100), *many)
        for k in (1, 2, 5, 10, 50)
    ]
    rows += [row(crop, model, "neighbour", "rank", "1", skill, *many)]
    rows += [row(crop, model, "verify", "tar", at, skill / 2, *many) for at in ("0.01", "0.001")]
    rows += [row(crop, model, "verify", "tar", "0.0001", float("nan"), *many)]
    rows += [row(crop, model, "open_set", "fnir", "0.1", 1 - skill, *many)]
    rows += [row(crop, model, "open_set", "tpir", "0.1", skill, *many)]
    if MODELS[model][0] in ("open_clip", "random"):
        for at in ("10", "all"):
            rows += [row(crop, model, "name", "top1", at, skill / 3, *many)]
            rows += [row(crop, model, "name", "top1_chance", at, 0.08, *many)]
            part = f"{at}/a photo of {{}}"
            rows += [row(crop, model, "name", "template_top1", part, skill / 3, *many)]
        for metric, at in (("inferred", "1"), ("tpr", "0.05 read"), ("membership_auc", "")):
            rows += [row(crop, model, "identity_inference", metric, at, skill / 2, *many)]
        for metric, at in (("stranger_named", "0.5"), ("bin_right", "1"), ("threshold", "0.1/0")):
            rows += [row(crop, model, "open_set_by_name", metric, at, skill / 2, *many)]
    return rows


def poison_numbers(crop, model, people, pictures):
    """Return the numbers of experiments with attacks."""
    rows, many = [], (people, pictures)
    for strength, attack in enumerate(reversed(ATTACKS), start=1):
        cost = {"attack": attack, "fraction": 1.0}
        for metric, value in (("dssim", 0.02 * strength), ("psnr", 35.0), ("linf", 8.0)):
            rows += [row(crop, model, "poison", metric, "", value, people, pictures, **cost)]
        for threat in ("gallery", "probe"):
            for reencode in ("none", "jpeg-30"):
                for share in (0.0, 0.5, 1.0):
                    cell = {"attack": attack, "threat": threat, "reencode": reencode}
                    cell["fraction"] = share
                    value = 0.2 + 0.3 * strength * share - (0.1 if reencode != "none" else 0)
                    rows += [
                        row(crop, model, "poison", "protection", "nearest", value, *many, **cell)
                    ]
                    if share:
                        gain = row(
                            crop,
                            model,
                            "poison",
                            "protection_gain",
                            "nearest",
                            value - 0.2,
                            *many,
                            **cell,
                        )
                        rows += [gain]
    rows += other_attacks(crop, model, many)
    for entries in (0, 1, 10):
        slipped = {"threat": "index-inserted", "fraction": entries / 100}
        for metric, value in (("rank1", 0.8 - 0.05 * entries), ("others_rank1", 0.8)):
            at = str(entries)
            rows += [row(crop, model, "index_poison", metric, at, value, *many, **slipped)]
    for protocol in ("hubs", "hubs_by_name"):
        rows += hub_numbers(crop, model, protocol, many)
    return rows + scale_numbers(crop, model, many) + index_numbers(crop, model, many)


def scale_numbers(crop, model, many):
    """Return the numbers of galleries with more and more strangers."""
    rows = []
    for threat in ("scale-real", "scale-simulated"):
        for place, strangers in enumerate((0, 1000, 10000, 100000)):
            cell, value = {"threat": threat}, 0.9 - 0.1 * place
            rows += [row(crop, model, "scale", "rank1", str(strangers), value, *many, **cell)]
            at = f"{strangers}/0.1"
            rows += [row(crop, model, "scale", "fnir", at, 1 - value, *many, **cell)]
        for law in ("power", "probit"):
            rows += [row(crop, model, "scale", "law_error", law, 0.0123, *many, **cell)]
            rows += [row(crop, model, "scale", "law", f"{law}/1e+09", 0.31, *many, **cell)]
    return rows


def index_numbers(crop, model, many):
    """Return trials of an exact index, and of one that finds more with more probes."""
    cells = [
        ("exact", "rank1", 0.8),
        ("flat", "build_seconds", 0.5),
        ("ivf-pq", "build_seconds", 9),
    ]
    cells += [("flat", "bytes", 1024), ("ivf-pq", "bytes", 40)]
    for at, recall, speed in (("flat", 1, 50), ("ivf-pq/4", 0.6, 4000), ("ivf-pq/64", 0.9, 900)):
        cells += [(at, one, recall) for one in ("recall1", "recall1_lowest", "recall10")]
        cells += [(at, "rank1", 0.8 * recall), (at, "lost", 0.8 * (1 - recall))]
        cells += [(at, "speed_one", speed), (at, "speed_all", 1.8 * speed)]
    return [row(crop, model, "indices", metric, at, value, *many) for at, metric, value in cells]


def other_attacks(crop, model, many):
    """Return what attacks of other sizes, and some on whole photographs, add; and their costs."""
    rows, less = [], 0.04 * list(MODELS).index(model)
    for attack, gain, size in (
        ("clip-cloak-16", 0.7, 16.0), ("noise-16", 0.1, 16.0), ("photo-cloak-8", 0.3, 8.0),
        ("photo-noise-8", 0.05, 8.0),
    ):  # fmt: skip
        same = {"attack": attack, "fraction": 1.0}
        costs = {"dssim": size / 200, "psnr": 45 - size, "linf": size}
        if attack.startswith("photo"):
            costs |= {"face_lost": 0.1, "face_moved": 0.04}
        for metric, value in costs.items():
            rows += [row(crop, model, "poison", metric, "", value, *many, **same)]
        cell = {**same, "threat": "gallery"}
        gain -= less
        rows += [row(crop, model, "poison", "protection_gain", "nearest", gain, *many, **cell)]
    return rows


def hub_numbers(crop, model, protocol, many):
    """Return the numbers of entries that are for everybody, of one kind and of natural ones."""
    rows = []
    for threat, most in (("hub-centroid", 0.9), ("hub-natural", 0.3)):
        for entries, k in ((1, 1), (1, 10), (50, 1), (50, 10)):
            cell = {"threat": threat, "fraction": entries / 100}
            at, value = f"{entries}/{k}", most * entries * k / 500
            for metric, part in (("hits", 1.0), ("people_hit", 1.1), ("hits_after_gate", 0.5)):
                rows += [row(crop, model, protocol, metric, at, part * value, *many, **cell)]
            scan = f"{at}/0.01"
            rows += [row(crop, model, protocol, "hits_after_scan", scan, value / 4, *many, **cell)]
            for probes, part in ((1, 0.25), (4, 0.5)):
                name, less = f"{at}/ivf-pq {probes}", part * value
                rows += [row(crop, model, protocol, "hits_by_index", name, less, *many, **cell)]
        for k in (1, 10):
            needed = 50.0 if (threat, k) == ("hub-centroid", 10) else float("nan")
            cell = {"threat": threat}
            rows += [row(crop, model, protocol, "entries_for_half", str(k), needed, *many, **cell)]
    for at in ("gate", "scan 0.01"):
        rows += [row(crop, model, protocol, "rank1_lost", at, 0.02, *many)]
    return [*rows, row(crop, model, protocol, "gate_refused", "", 0.01, *many)]


def write_models(root):
    """Write what models are: a description each, and the study's table of them."""
    rows = []
    for model, (family, size) in MODELS.items():
        known = FAMILIES[family]
        what = {"family": family, "kind": known.kind, "text": known.text, "control": known.control}
        spec = {"family": family, "size": 8} if family == "pixels" else {"family": family}
        record = {"weights_sha256": None}
        described = {"model": model, **what, "spec": spec, "files": {}, "record": record}
        path = root / layout.model(model)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(described))
        about = {"parameters_m": size, "data": "people", "revision": None}
        rows.append({"model": model, **what, **about})
    write_table(pd.DataFrame(rows), root / layout.result(STUDY, "models.parquet"), {})


def write_study_tables(folder):
    """Write the tables of a whole study beside metrics.parquet."""
    pairs = [
        {
            "dataset": DATASET, "crop": crop, "variant": "clean", "protocol": "identify",
            "metric": "rank", "at": "1", "model_a": a, "model_b": b, "difference": 0.15,
            "ci_low": 0.05, "ci_high": 0.25, "p": 0.001,
            "p_corrected": 0.01 if b != "mini-face" else 0.4, "margin": 0.05,
            "p_alike": 0.3, "n_identities": 12,
        }
        for crop in CROPS
        for a, b in combinations(MODELS, 2)
    ]  # fmt: skip
    write_table(pd.DataFrame(pairs), folder / "comparisons.parquet", {})
    errors = [
        {
            "dataset": DATASET, "crop": crop, "model": model, "metric": metric, "at": "0.1",
            "group": "skin_tone", "value": tone, "n_identities": 6, "rate": 0.2, "ci_low": 0.1,
            "ci_high": 0.3, "difference": 0.05, "difference_low": -0.1, "difference_high": 0.2,
            "p": 0.4, "p_corrected": 0.03 if tone == "dark" else 1.0,
        }
        for crop in CROPS
        for model in MODELS
        for metric in ("fnmr", "fmr", "fnir", "fpir")
        for tone in ("dark", "light")
    ]  # fmt: skip
    write_table(pd.DataFrame(errors), folder / "groups.parquet", {})
    found = {"found_clean": 0.8, "found": 0.3, "gain": 0.5, "ci_low": 0.4, "ci_high": 0.6}
    found |= {"protected_share": 0.6, "protected_low": 0.5, "protected_high": 0.7}
    transfer = [
        {
            "dataset": DATASET, "crop": crop, "attack": attack, "kind": attack,
            "attack_control": attack == "noise", "surrogates": "mini-s", "victim": model,
            "made_on": model == "mini-s",
            "threat": "gallery", "fraction": 1.0,
            "control": model == "pixels", "models": 1, "averaged": "", **found, "p": 0.01,
            "p_corrected": 0.03, "n_identities": 12,
        }
        for crop in CROPS
        for attack in ATTACKS
        for model in MODELS
    ]  # fmt: skip
    write_table(pd.DataFrame(transfer), folder / "poison-transfer.parquet", {})
    groups = [
        {
            "dataset": DATASET, "crop": crop, "model": "mini-s", "attack": "clip-cloak",
            "group": "skin_tone", "value": tone, "n_identities": 4, **found, "n_found": 4,
            "difference": 0.1, "difference_low": -0.2, "difference_high": 0.4, "p": 0.4,
            "p_corrected": 1.0,
        }
        for crop in CROPS
        for tone in ("dark", "light")
    ]  # fmt: skip
    write_table(pd.DataFrame(groups), folder / "poison-groups.parquet", {})
    votes = [
        {
            "dataset": DATASET, "crop": crop, "attack": attack, "model_a": a, "model_b": b,
            "made_on": "mini-s" if "mini-s" in (a, b) else "", "found_either_clean": 0.9,
            "found_either": 0.4, "gain": 0.5, "ci_low": 0.4, "ci_high": 0.6,
        }
        for crop in CROPS
        for attack in ATTACKS
        for a, b in combinations(MODELS, 2)
    ]  # fmt: skip
    write_table(pd.DataFrame(votes), folder / "poison-votes.parquet", {})


def write_benchmarks(folder):
    """Write what Snakemake measured of some jobs."""
    head = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    rule = f"embed__{DATASET}__2/mini-s-0000"
    for part in (rule, f"landmarks/{DATASET}", f"{STUDY}/evaluate__{DATASET}/mini-s"):
        path = folder / f"{part}.tsv"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(head + "4.0\t0:00:04\t300.0\t-\t250.0\t260.0\t1.0\t1.0\t90.0\t3.6\n")
