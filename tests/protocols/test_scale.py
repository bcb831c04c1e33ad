"""Recognition against the size of the gallery."""

import numpy as np
import pandas as pd
import pytest

from facebench.evaluation import strangers as adding
from facebench.protocols.scale.law import LAWS, fit
from facebench.protocols.scale.maxima import block_maxima, galleries
from facebench.store.tables import read_record, write_table
from facebench.vectors import simulated
from tests.toys.evaluation import Toy

OPTIONS = {
    "strangers": ["others"], "simulated": 0, "sizes": [50, 100, 200], "draws": 5,
    "fpir": [0.4, 0.0001], "extrapolate": [100000],
}  # fmt: skip


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """60 people with three pictures each, and 300 strangers with one."""
    (tmp_path / "others").mkdir()
    monkeypatch.setattr(adding, "own_decoys", lambda own, others: ["p000", "p001"])
    toy = Toy(tmp_path, np.repeat(np.arange(60), 3), noise=1.0, failed=[3])
    toy.others = Toy(tmp_path / "others", np.arange(302), noise=0.1, failed=[5], seed=9)
    return toy


def scale(toy, **options):
    metrics, outcomes = toy.run(
        "scale",
        options={"scale": {**OPTIONS, **options}},
        strangers={"others": toy.others.vectors} if not options.get("simulated") else {},
    )
    return metrics.reset_index().set_index(["threat", "metric", "at"]), outcomes


def test_the_share_that_is_found_falls_with_every_stranger_and_is_that_of_a_search(toy):
    metrics, outcomes = scale(toy)
    found = [metrics.value["scale-real", "rank1", at] for at in ("0", "50", "100", "200")]
    assert found == sorted(found, reverse=True) and found[0] > found[-1]
    mated = outcomes[outcomes.mated]
    for at in ("50", "100", "200"):
        row = metrics.loc["scale-real", "rank1", at]
        assert row.ci_low < row.value < row.ci_high
        assert mated[f"found_real_{at}"].mean() == pytest.approx(row.value)
    assert metrics.value["scale-real", "draws", "50"] == 5  # 299 strangers: 5 times 50
    assert metrics.value["scale-real", "draws", "200"] == 1
    record = toy.record("scale")
    assert record["strangers"] == 299 and record["left_out"] == {"others": ["p000", "p001"]}
    # Once more, with all scores in memory.
    pictures = adding.load(*toy.vectors)
    crowd = adding.strangers(toy.vectors.faces, {"others": toy.others.vectors}, 0)
    everybody = crowd.rows(np.arange(200))
    rows = pictures.rows[pictures.labels.image_id.to_numpy().searchsorted(mated.image_id)]
    ahead = np.full(len(mated), np.inf)
    usable = rows >= 0
    ahead[usable] = (pictures.embeddings[rows[usable]] @ everybody.T).max(axis=1)
    alone = (mated["rank"] <= 1).to_numpy() & (mated.mate_score.to_numpy() >= ahead - 1e-6)
    assert alone.mean() == pytest.approx(metrics.value["scale-real", "rank1", "200"], abs=0.01)


def test_misses_at_a_threshold_grow_too_and_rates_that_the_data_can_not_tell_are_refused(toy):
    metrics, _ = scale(toy)
    missed = [metrics.value["scale-real", "fnir", f"{at}/0.4"] for at in (0, 200)]
    assert missed[1] > missed[0]
    assert np.isnan(metrics.value["scale-real", "fnir", "50/0.0001"])


def test_simulated_strangers_are_a_curve_of_their_own_and_each_law_is_checked(toy):
    metrics, _ = scale(toy, simulated=400, sizes=[50, 100, 200, 400])
    assert set(metrics.index.get_level_values("threat")) == {"scale-simulated"}
    for law in LAWS:
        said = metrics.loc["scale-simulated", "law", f"{law}/100000"]
        assert said.ci_low <= said.value <= said.ci_high
        assert said.value < metrics.value["scale-simulated", "rank1", "400"]
        assert abs(metrics.value["scale-simulated", "law_error", law]) < 0.1


def test_without_strangers_nothing_is_claimed(toy):
    metrics, _ = toy.run("scale", options={"scale": OPTIONS})
    assert metrics.value.isna().all()
    assert "There are 0 strangers" in toy.record("scale")["refused"]["rank1@0"]
    few, _ = scale(toy, sizes=[1000])
    assert few.value.isna().all()
    assert "There are 299 strangers, fewer" in toy.record("scale")["refused"]["rank1@0"]


def test_one_pass_gives_all_galleries():
    random = np.random.default_rng(0)
    searches, crowd = (random.standard_normal((n, 8)).astype(np.float32) for n in (7, 60))
    maxima = block_maxima(searches, np.split(crowd, 6), 6)
    for number, nearest in enumerate(galleries(maxima, blocks=2, most=9)):
        part = crowd[20 * number : 20 * (number + 1)]
        assert nearest == pytest.approx((searches @ part.T).max(axis=1), rel=1e-5)
    assert number == 2


@pytest.mark.parametrize("law", LAWS)
def test_a_law_is_found_again_from_its_own_curve(law):
    entries = np.array([1e2, 1e3, 1e4, 1e5])
    line = fit(law, entries, np.linspace(0.95, 0.6, 4)[None])
    curve = np.stack([line.at(size) for size in entries], axis=1)
    again = fit(law, entries, curve)
    assert again.at(1e9) == pytest.approx(line.at(1e9), abs=0.01)
    assert again.at(1e9)[0] < curve[0, -1]


def test_simulated_vectors_have_the_mean_and_spread_of_the_real_ones_and_come_again():
    random = np.random.default_rng(0)
    real = random.standard_normal((4000, 12)) * np.linspace(0.2, 1.5, 12) + 2
    real = (real / np.linalg.norm(real, axis=1, keepdims=True)).astype(np.float32)
    model = simulated.fitted(real, seed=1)
    made = np.concatenate(list(simulated.blocks(model, 4, 1000, seed=3)))
    assert np.linalg.norm(made, axis=1) == pytest.approx(1, abs=1e-5)
    assert made.mean(axis=0) == pytest.approx(real.mean(axis=0), abs=0.02)
    assert np.cov(made.T) == pytest.approx(np.cov(real.T), abs=0.01)
    third = list(simulated.blocks(model, 3, 1000, seed=3))[2]
    assert (third == made[2000:3000]).all()


def in_kinds(random, count):
    """Return unit vectors of people who come in kinds, of which a normal law knows nothing."""
    kinds = np.random.default_rng(5).standard_normal((40, 24))
    rows = kinds[random.integers(0, 40, count)] + 0.5 * random.standard_normal((count, 24))
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_the_nearest_simulated_stranger_is_as_near_as_the_nearest_real_one():
    random = np.random.default_rng(0)
    model = simulated.fitted(in_kinds(random, 2000), seed=0)
    searches, others = in_kinds(random, 200), in_kinds(random, 1000)
    nearest = (searches @ others.T).max(axis=1).mean()
    made, too_far = (
        (searches @ next(simulated.blocks(one, 1, 1000, seed=2)).T).max(axis=1).mean()
        for one in (model, model._replace(width=1.0))
    )
    assert too_far < nearest - 0.1
    assert made == pytest.approx(nearest, abs=0.02)


def test_a_few_people_are_modelled_by_a_normal_distribution():
    assert simulated.fitted(in_kinds(np.random.default_rng(0), 50), seed=0).width == 1


@pytest.mark.parametrize("order", ["as the pictures", "backwards", "without the last"])
def test_a_strangers_row_is_that_of_the_picture_however_vectors_are_listed(toy, order):
    """Vectors that were made elsewhere may be in any order, and lack some pictures."""
    files = toy.others.vectors
    table, rows = pd.read_parquet(files.metadata[0]), np.load(files.embeddings[0])
    expected = dict(zip(table.image_id, rows, strict=True))
    if order != "as the pictures":
        kept = slice(None, None, -1) if order == "backwards" else slice(0, -1)
        table, rows = table.iloc[kept], rows[kept]
        write_table(table, files.metadata[0], read_record(files.metadata[0]))
        np.save(files.embeddings[0], rows)
    found = adding.rows_of_others(files, len(rows), ["p000", "p001"])
    usable = toy.others.table.query("status == 'ok' and identity not in ['p000', 'p001']")
    ids = [one for one in usable.image_id if one in set(table.image_id)]
    assert len(found) == len(ids) == (299 if order != "without the last" else 298)
    for row, one in zip(found, ids, strict=True):
        assert np.array_equal(rows[row], expected[one])
