"""The attack that makes pictures which everybody's searches are to find."""

import numpy as np
import pytest

from facebench.attacks.hub import means, sample
from facebench.errors import UserError
from facebench.protocols.hubs.groups import division
from facebench.store.faces import read_labels
from tests.toys.attacks import faces_file, model_files, pictures, rows_file, run

SPEC = {"kind": "hub", "linf": 8, "step": 2, "steps": 5, "momentum": 0.9, "train": 0.5}
SPEC |= {
    "attacker": 0.34,
    "sentinels": 0.2,
    "division_seed": 10,
    "clusters": 1,
    "surrogates": ["tiny"],
}


def test_only_the_attackers_pictures_move_within_the_bound_towards_what_was_seen(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet")
    model = model_files(tmp_path)
    rows = rows_file(tmp_path, faces, model)
    table, after = run(faces, tmp_path / "hub.parquet", [model], [rows], **SPEC)
    labels, before = pictures(faces)
    who = labels.identity.factorize(sort=True)[0]
    probes, parts = division(who, 0.5, 0.34, 0.2, 10)
    mine = np.isin(who, parts.attacker) & (labels.status == "ok").to_numpy()
    assert ((table.attack_status != "not attacked") == mine).all() and mine.sum() >= 4
    assert (table.objective[mine] > table.objective_start[mine]).all()
    for old, new, moved in zip(before, after, mine, strict=True):
        assert (new is not None) == moved
        assert not moved or 0 < np.abs(new.astype(int) - old).max() <= 8
    seen, owners = sample(read_labels(faces), 0.5, 0.34, 0.2, 10)
    asked = probes[np.isin(who[probes], parts.attacker)]
    assert seen == set(labels.image_id[asked]) and owners == set(labels.identity[mine])


def test_without_a_bound_more_is_reached(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet")
    model = model_files(tmp_path)
    rows = rows_file(tmp_path, faces, model)
    reached = []
    for linf in (4, 255):
        spec = {**SPEC, "linf": linf, "step": linf / 8, "steps": 10}
        table, _ = run(faces, tmp_path / f"{linf}.parquet", [model], [rows], **spec)
        reached.append(table.objective.mean())
    assert reached[1] > reached[0]


def test_pictures_share_the_searches_between_them(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet")
    model = model_files(tmp_path)
    rows = rows_file(tmp_path, faces, model)
    spec = {**SPEC, "clusters": 3, "linf": 255, "step": 16, "steps": 10}
    table, _ = run(faces, tmp_path / "hub.parquet", [model], [rows], **spec)
    made = table[table.attack_status == "ok"]
    assert 1 < made.target.nunique() <= 3 and made.target.str.match(r"part \d of \d of the").all()
    assert (made.objective > made.objective_start).all()


def test_the_parts_of_the_searches_are_alike_under_the_first_surrogate():
    first = np.eye(4, dtype=np.float32)[[0, 0, 0, 1, 1, 1]]
    second = np.arange(6, dtype=np.float32)[:, None]
    centres, same = means([first, second], 2, seed=0)
    assert sorted(map(tuple, centres)) == [(0, 1, 0, 0), (1, 0, 0, 0)]
    assert same[:, 0].tolist() == [1.0 if row[0] else 4.0 for row in centres]
    (everything,) = means([first], 1, seed=0)
    assert everything.tolist() == [[0.5, 0.5, 0, 0]]


def test_two_people_are_too_few(tmp_path):
    faces = faces_file(tmp_path / "faces.parquet", people=2)
    model = model_files(tmp_path)
    rows = rows_file(tmp_path, faces, model)
    with pytest.raises(UserError, match="three people"):
        run(faces, tmp_path / "hub.parquet", [model], [rows], **SPEC)
