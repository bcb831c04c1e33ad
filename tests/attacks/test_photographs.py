"""Attacks on whole photographs: saved in their own size, and cut out of the saved files anew."""

import hashlib
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.attacks.photographs import frames_of, place_of
from facebench.errors import UserError
from facebench.people import write_people
from facebench.pictures.crops import warp
from facebench.pictures.reading import read_picture
from facebench.store.faces import read_labels
from facebench.store.tables import read_record, read_table, write_table
from facebench.study.photographs import check
from scripts import attack_photographs, crop, crop_attacked, landmarks
from tests.toys.attacks import model_files, pictures, rows_file

SPECS = {
    "tight": {"kind": "box", "margin": 0, "max_side": 256},
    "aligned": {"kind": "similarity", "template": "arcface", "max_side": 256},
    "full": {"kind": "whole", "max_side": 256},
}
OPTIONS = {
    "detector": "dlib", "choose": "centre", "upsample": 1, "tries": 2, "neural": False,
    "max_side": 1000,
}  # fmt: skip
CLOAK = {
    "kind": "clip-cloak", "linf": 8, "step": 2, "steps": 4, "target": False, "expectation": True,
    "momentum": 0, "people": 3, "seed": 0, "batch": 4,
}  # fmt: skip


@pytest.fixture(scope="module")
def album(tmp_path_factory):
    """Photographs of four invented people and one of nobody, their tables and two surrogates."""
    folder = tmp_path_factory.mktemp("album")
    write_people(folder / "pictures", 4, 3, 112, seed=7, first=0, threads=1)
    (folder / "pictures" / "people.parquet").unlink()
    Image.new("RGB", (60, 40), "olive").save(folder / "pictures" / "nobody.jpg")
    paths = sorted(p for p in (folder / "pictures").rglob("*.jpg"))
    rows = []
    for path in paths:
        name, size = str(path.relative_to(folder / "pictures")), Image.open(path).size
        row = {"image_id": hashlib.sha256(name.encode()).hexdigest()[:16], "path": name}
        row |= {"identity": name.split("/")[0], "name": None, "status": "ok", "reason": ""}
        rows.append(row | {"width": size[0], "height": size[1], "format": "JPEG"})
    write_table(pd.DataFrame(rows), folder / "images.parquet", {"data": {"reader": "folder"}})
    landmarks.main(
        images=folder / "images.parquet", pictures=folder / "pictures", options=OPTIONS,
        code="01", threads=2, work=folder / "work", output=folder / "landmarks.parquet",
    )  # fmt: skip
    crop.main(
        images=folder / "images.parquet", landmarks=folder / "landmarks.parquet",
        pictures=folder / "pictures", crops=["tight", "aligned"],
        specs=[SPECS["tight"], SPECS["aligned"]], code="01", threads=2,
        outputs=[folder / "tight.parquet", folder / "aligned.parquet"],
    )  # fmt: skip
    models = [model_files(folder, name, seed) for seed, name in enumerate(("one", "two"))]
    return SimpleNamespace(
        folder=folder,
        models=models,
        rows=[
            rows_file(folder, folder / f"{crop_name}.parquet", model)
            for crop_name, model in zip(("tight", "aligned"), models, strict=True)
        ],
    )


def attack(album, name, crops=("tight", "aligned"), spec=CLOAK):
    """Attack the photographs, the first surrogate looking through the first crop, and so on."""
    many = 0 if spec["kind"] in ("noise", "blur") else len(crops)
    attack_photographs.main(
        images=album.folder / "images.parquet",
        landmarks=album.folder / "landmarks.parquet",
        pictures=album.folder / "pictures",
        faces=[album.folder / f"{crop_name}.parquet" for crop_name in crops],
        specs=[SPECS[crop_name] for crop_name in crops],
        models=album.models[:many],
        embeddings=[[path] for path in album.rows[:many]],
        attack=name, spec=spec, device="cpu", code="01", threads=2,
        work=album.folder / f"work-{name}",
        output=album.folder / f"{name}.parquet",
        folder=album.folder / name,
    )  # fmt: skip
    return read_table(album.folder / f"{name}.parquet"), album.folder / name


def cut(album, name, *crops):
    """Cut the faces out of the attacked photographs; return the files."""
    outputs = [album.folder / f"{name}-{crop_name}.parquet" for crop_name in crops]
    crop_attacked.main(
        attacked=album.folder / f"{name}.parquet",
        landmarks=album.folder / "landmarks.parquet",
        pictures=album.folder / name,
        crops=crops, specs=[SPECS[crop_name] for crop_name in crops], options=OPTIONS,
        code="01", threads=2, outputs=outputs,
    )  # fmt: skip
    return outputs


@pytest.fixture(scope="module")
def cloaked(album):
    return attack(album, "cloak")


def test_photographs_are_saved_in_their_own_size_and_changed_within_the_bound(album, cloaked):
    table, folder = cloaked
    mine = table[table.attack_status == "ok"]
    assert len(mine) == 9 and mine.identity.nunique() == 3
    assert sorted(str(p.relative_to(folder)) for p in folder.rglob("*.png")) == sorted(mine.file)
    for row in mine.itertuples():
        clean = read_picture(album.folder / "pictures" / row.path)
        saved = read_picture(folder / row.file)
        change = np.abs(saved.astype(int) - clean)
        assert saved.shape == clean.shape and 0 < change.max() <= 8
        assert row.linf == change.max() and row.objective > row.objective_start


def test_who_is_not_protected_or_has_no_face_has_no_attacked_photograph(cloaked):
    table, _ = cloaked
    others = table[table.attack_status != "ok"]
    assert others.width.isna().all() and (others.status != "ok").all()
    nobody = table[table.path == "nobody.jpg"].iloc[0]
    assert (nobody.status, nobody.attack_status) == ("no-face", "not attacked")


def test_faces_are_found_and_cut_out_of_the_saved_files(album, cloaked):
    table, folder = cloaked
    tight, full = cut(album, "cloak", "tight", "full")
    faces, images = pictures(tight)
    assert faces.image_id.tolist() == table.image_id.tolist()
    mine = np.flatnonzero(table.attack_status == "ok")
    found = [i for i in mine if faces.status[i] == "ok"]
    assert len(found) >= 8 and (faces.moved[found] < 0.2).all()
    assert (faces.drop(index=mine).status != "ok").all()
    whole, as_saved = pictures(full)
    for i in found:
        assert np.array_equal(as_saved[i], read_picture(folder / table.file[i]))
        assert images[i].shape[0] == faces.height[i] < as_saved[i].shape[0]
    record = read_record(tight)
    assert record["attack"]["name"] == "cloak" and len(record["attack"]["through"]) == 2
    assert record["faces"]["crop"] == "tight"


def test_a_face_that_is_no_longer_found_is_lost_and_the_crop_that_needs_none_is_there(
    album, cloaked
):
    _, folder = cloaked
    again = album.folder / "blank"
    table = read_table(album.folder / "cloak.parquet")
    lost = table.index[table.attack_status == "ok"][0]
    again.mkdir()
    for name in table.file:
        if (folder / name).exists():
            (again / name).parent.mkdir(exist_ok=True)
            (again / name).write_bytes((folder / name).read_bytes())
    Image.new("RGB", (112, 112), "grey").save(again / table.file[lost])
    (album.folder / "blank.parquet").write_bytes((album.folder / "cloak.parquet").read_bytes())
    tight, full = cut(album, "blank", "tight", "full")
    row = read_labels(tight).loc[lost]
    assert (row.status, row.reason) == ("no-face", crop_attacked.NOT_FOUND)
    assert read_table(tight, ["attack_status"]).attack_status[lost] == "ok"
    assert read_labels(full).status[lost] == "ok"


def test_nothing_is_changed_where_no_surrogate_looks(album):
    table, folder = attack(album, "narrow", crops=["tight"])
    where = read_table(album.folder / "landmarks.parquet")
    for row in table[table.attack_status == "ok"].itertuples():
        clean = read_picture(album.folder / "pictures" / row.path)
        left, top, right, bottom = place_of(where.loc[row.Index], clean, [SPECS["tight"]])
        change = read_picture(folder / row.file) != clean
        assert change[top:bottom, left:right].any()
        change[top:bottom, left:right] = False
        assert not change.any() and (right - left) * (bottom - top) < 0.8 * clean[..., 0].size


def test_nothing_is_made_again_and_the_pictures_are_written_from_what_is_kept(album, monkeypatch):
    before, folder = attack(album, "again", crops=["tight"])
    bytes_before = {path: path.read_bytes() for path in folder.rglob("*.png")}
    for path in bytes_before:
        path.unlink()
    monkeypatch.setattr(attack_photographs, "attacked_rows", None)
    attack(album, "again", crops=["tight"])
    assert {path: path.read_bytes() for path in folder.rglob("*.png")} == bytes_before


def test_the_pixels_do_not_depend_on_the_threads(album, cloaked, monkeypatch):
    monkeypatch.setattr(attack_photographs, "threads_of_batches", lambda *_: 1)
    alone, _ = attack(album, "alone")
    assert alone.image.equals(cloaked[0].image)


@pytest.mark.parametrize("spec", [{"kind": "noise", "linf": 8}, {"kind": "blur", "l2": 4}])
def test_controls_change_the_same_part(album, cloaked, spec):
    spec = {key: CLOAK[key] for key in ("people", "seed", "batch")} | spec
    table, folder = attack(album, f"control-{spec['kind']}", ["tight"], spec)
    mine = table[table.attack_status == "ok"]
    assert mine.path.tolist() == cloaked[0].path[cloaked[0].attack_status == "ok"].tolist()
    if spec["kind"] == "noise":
        assert (mine.linf == 8).all()
    row = mine.iloc[0]
    clean = read_picture(album.folder / "pictures" / row.path)
    change = read_picture(folder / row.file).astype(int) - clean
    changed = np.argwhere(change.any(2))
    assert 20 < np.ptp(changed[:, 0]) < clean.shape[0] - 4


def test_one_mask_lies_on_the_face_in_all_photographs_of_a_person(album):
    table, folder = attack(album, "mask", spec={**CLOAK, "kind": "person-mask", "made_from": 0.5})
    mine = table[table.attack_status == "ok"]
    assert (
        len(mine) and (mine.linf <= 8).all() and mine.made_from.any() and not mine.made_from.all()
    )
    where = read_table(album.folder / "landmarks.parquet").set_index("image_id")
    for _, rows in mine.groupby("identity"):
        seen = []
        for row in rows.itertuples():
            clean = read_picture(album.folder / "pictures" / row.path).astype(int)
            change = read_picture(folder / row.file) - clean + 128
            spec = SPECS["tight"]
            (frame,) = frames_of(where.loc[row.image_id].to_dict(), [spec])
            seen.append(warp(change.astype(np.uint8), frame, 64).astype(float) - 128)
        for other in seen[1:]:
            assert np.corrcoef(seen[0].ravel(), other.ravel())[0, 1] > 0.7


def study(**attack_spec):
    spec = {"kind": "clip-cloak", "surrogates": ["a", "b"], **attack_spec}
    return {
        "evaluate": {"datasets": ["d"], "crops": ["tight", "full"], "attacks": ["cloak"]},
        "attacks": {"cloak": spec},
        "crops": {name: dict(spec) for name, spec in SPECS.items()},
    }


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"photographs": ["tight", "tight", "tight"]}, "one crop, or one for each of the 2"),
        ({"photographs": ["full"]}, "must be a crop of kind box or similarity"),
        ({"photographs": ["tigt"]}, "names 'tigt'"),
        ({"photographs": ["aligned"]}, "in which d isn't attacked"),
        ({"photographs": ["tight"], "kind": "lowkey"}, "lowkey works on crops only"),
    ],
)
def test_what_can_not_be_made_on_photographs_is_refused(spec, words):
    with pytest.raises(UserError, match=words):
        check(study(**spec))


def test_what_can_be_made_on_photographs_is_not_refused():
    check(study(photographs=["tight"]))
    check(study())
