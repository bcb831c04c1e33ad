"""Readers, on data sets made in their official layouts, and on the real LFW where it is."""

import hashlib
import tarfile
import zipfile

import numpy as np
import pandas as pd
import pytest

from facebench.datasets import READERS
from facebench.datasets.lfw import read_pairs
from facebench.datasets.listing import LANDMARK_COLUMNS
from facebench.errors import UserError
from facebench.store.records import Record
from facebench.store.tables import write_table
from facebench.study.config import read_schema
from scripts import unpack
from tests.toys import damaged_files
from tests.toys.listing import listed
from tests.toys.workflow import ROOT

SCHEMA = read_schema(ROOT / "rules" / "schema")


def touch(root, *paths):
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()
    return root


def test_the_schema_knows_every_reader():
    assert SCHEMA["$defs"]["dataset"]["properties"]["reader"]["enum"] == list(READERS)


# LFW


PEOPLE = {"Ann_Lee": 3, "Bo_van_Dyk": 2, "Cy": 1, "Di_O'Hara": 2}
PAIRS = """2\t2
Ann_Lee\t1\t2
Bo_van_Dyk\t1\t2
Ann_Lee\t1\tCy\t1
Bo_van_Dyk\t2\tDi_O'Hara\t1
Ann_Lee\t2\t3
Di_O'Hara\t1\t2
Cy\t1\tDi_O'Hara\t2
Ann_Lee\t3\tBo_van_Dyk\t1
"""


@pytest.fixture
def small_lfw(tmp_path):
    root = tmp_path / "images"
    for person, count in PEOPLE.items():
        touch(root, *(f"lfw_x/{person}/{person}_{i:04d}.jpg" for i in range(1, count + 1)))
    touch(root, "lfw_x/pairs_01.txt")
    (tmp_path / "pairs.txt").write_text(PAIRS)
    return root, {"pairs": tmp_path / "pairs.txt"}


def test_lfw_lists_people_with_their_names(small_lfw):
    images = READERS["lfw"](*small_lfw).images.dropna(subset="identity")
    assert dict(images.identity.value_counts()) == PEOPLE
    assert set(images.name) == {"Ann Lee", "Bo van Dyk", "Cy", "Di O'Hara"}


@pytest.mark.parametrize("change", [lambda t: t, lambda t: t.replace("\t", "  ")])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_lfw_pairs_are_read_with_tabs_or_spaces(small_lfw, change, end):
    root, files = small_lfw
    files["pairs"].write_bytes(change(PAIRS).replace("\n", end).encode() + end.encode())
    pairs = READERS["lfw"](root, files).pairs
    assert list(pairs.fold) == [1] * 4 + [2] * 4
    assert list(pairs.same) == [True, True, False, False] * 2
    assert pairs.path_a[0] == "lfw_x/Ann_Lee/Ann_Lee_0001.jpg"
    assert pairs.path_b[6] == "lfw_x/Di_O'Hara/Di_O'Hara_0002.jpg"


def test_the_first_pairs_of_every_fold_and_only_their_pictures(small_lfw):
    listing = READERS["lfw"](*small_lfw, pairs_per_fold=1, only_pairs=True)
    assert list(listing.pairs.same) == [True, False] * 2
    assert len(listing.images) == 5
    assert set(listing.images.path) == {*listing.pairs.path_a, *listing.pairs.path_b}


def test_a_picture_that_only_the_pairs_know_is_listed(small_lfw, tmp_path):
    root, files = small_lfw
    (root / "lfw_x/Cy/Cy_0001.jpg").unlink()
    damaged_files.save(damaged_files.cartoon(0, 1), next(root.glob("*/*/*.jpg")))
    images, pairs = listed(tmp_path, root, "lfw", files, dataset="lfw")
    images = images.set_index("path")
    assert images.reason["lfw_x/Cy/Cy_0001.jpg"] == "It is listed, but there is no such file."
    assert len(pairs) == 8
    assert pairs.image_id_b.isna().sum() == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first line must be like"),
        ("Ann\t1\t2\n", "first line must be like"),
        (PAIRS.replace("Cy\t1\tDi", "Cy\tone\tDi"), "line 8 must be 'name number name number'"),
        (PAIRS.replace("2\t2", "2\t3", 1), "should have 12 pairs .* but has 8"),
        (PAIRS.replace("Ann_Lee\t1\t2", "Ann Lee 1 2"), "line 2 must be 'name number number'"),
        (PAIRS.rsplit("\n", 2)[0], "should have 8 pairs .* but has 7"),
    ],
)
def test_a_broken_list_of_pairs_is_refused_by_line(tmp_path, text, words):
    (tmp_path / "pairs.txt").write_text(text)
    with pytest.raises(UserError, match=words):
        read_pairs(tmp_path / "pairs.txt")


def test_a_list_of_pairs_in_latin_1_is_read_as_archives_names_are(tmp_path):
    (tmp_path / "pairs.txt").write_bytes("1\nJosé\t1\t2\nJosé\t1\tAna\t1\n".encode("latin-1"))
    assert read_pairs(tmp_path / "pairs.txt")[0].a[0] == "José"


def test_a_list_of_pairs_without_folds_is_one_fold(tmp_path):
    (tmp_path / "pairs.txt").write_text("1\nA\t1\t2\nA\t1\tB\t1\n")
    assert {pair.fold for pair in read_pairs(tmp_path / "pairs.txt")} == {1}


def test_the_real_lfw_is_listed_whole(lfw_archive, tmp_path):
    unpack.main(lfw_archive, 50, 10, tmp_path / "images")
    files = {"pairs": lfw_archive.parent / "pairs.txt"}
    images, pairs = listed(
        tmp_path, tmp_path / "images", "lfw", files, dataset="lfw", archive=lfw_archive
    )
    assert len(images) == 13_233
    assert images.identity.nunique() == 5_749
    assert (images.name == images.identity.str.replace("_", " ")).all()
    assert set(images.width) == set(images.height) == {250}
    assert (images.status == "ok").sum() >= 13_232
    assert len(pairs) == 6_000
    assert (pairs.groupby(["fold", "same"]).size() == 300).all()
    who = images.set_index("image_id").identity
    assert ((who[pairs.image_id_a].array == who[pairs.image_id_b].array) == pairs.same).all()


# CelebA


POINTS = np.array([69, 109, 106, 113, 77, 142, 73, 152, 108, 154])


@pytest.fixture
def small_celeba(tmp_path):
    """Six pictures of three people in CelebA's official files, two partitions and a stray one."""
    names = [f"{i:06d}.jpg" for i in range(1, 7)]
    for i, name in enumerate(names):
        damaged_files.save(
            damaged_files.cartoon(i // 2, i), tmp_path / "images" / "img_align_celeba" / name
        )
    damaged_files.save(
        damaged_files.cartoon(9, 9), tmp_path / "images" / "img_align_celeba" / "999999.jpg"
    )
    points = "lefteye_x lefteye_y righteye_x righteye_y nose_x nose_y leftmouth_x leftmouth_y"
    texts = {
        "identity": [f"{n} {[2880, 12, 7][i // 2]}" for i, n in enumerate(names)],
        "attributes": ["6", "5_o_Clock_Shadow Male Young "]
        + [f"{n} -1  {1 - 2 * (i % 2)}  1" for i, n in enumerate(names)],
        "landmarks": ["6", f"{points} rightmouth_x rightmouth_y "]
        + [f"{n}  {'  '.join(map(str, POINTS + i))}" for i, n in enumerate(names)],
        "partition": [f"{n} {[0, 1, 2][i // 2]}" for i, n in enumerate(names)],
    }
    files = {}
    for key, lines in texts.items():
        files[key] = tmp_path / f"{key}.txt"
        files[key].write_text("\n".join(lines) + "\n")
    return tmp_path / "images", files


def test_celeba_is_read_from_its_official_files(small_celeba):
    images = READERS["celeba"](*small_celeba).images.set_index("path")
    row = images.loc["img_align_celeba/000002.jpg"]
    assert row.identity == "2880"
    assert pd.isna(row["name"])
    assert row.partition == "train"
    assert list(row[["5_o_clock_shadow", "male", "young"]]) == [False, False, True]
    assert list(row[LANDMARK_COLUMNS]) == list(POINTS + 1)
    assert row.left_eye_x < row.right_eye_x
    assert pd.isna(images.identity["img_align_celeba/999999.jpg"])


def test_a_part_of_celeba(small_celeba):
    images = READERS["celeba"](*small_celeba, partition=["valid", "test"]).images
    assert list(images.identity) == ["12", "12", "7", "7"]


def test_celeba_needs_only_the_identities(small_celeba, tmp_path):
    root, files = small_celeba
    images = READERS["celeba"](root, {"identity": files["identity"]}).images
    assert list(images.columns) == ["path", "identity", "name"]
    with pytest.raises(UserError, match="list_eval_partition.txt"):
        READERS["celeba"](root, {"identity": files["identity"]}, partition=["test"])
    with pytest.raises(UserError, match="identity_CelebA.txt"):
        READERS["celeba"](root, {})


def test_a_text_file_of_another_kind_is_refused(small_celeba):
    root, files = small_celeba
    files["identity"].write_text("000001.jpg of somebody\n")
    with pytest.raises(UserError, match="identity.txt isn't as CelebA writes it"):
        READERS["celeba"](root, files)


def test_celeba_goes_through_to_the_table(small_celeba, tmp_path):
    root, files = small_celeba
    (root / "img_align_celeba" / "000003.jpg").unlink()
    images, pairs = listed(tmp_path, root, "celeba", files, dataset="celeba")
    images = images.set_index("path")
    assert images.reason["000003.jpg"] == "It is listed, but there is no such file."
    assert images.status["img_align_celeba/999999.jpg"] == "no-identity"
    assert (images.status == "ok").sum() == 5
    assert pairs.empty
    assert list(pairs.columns)[-1] == "same"


# folder


def people_in(root, **options):
    images = READERS["folder"](root, {}, **options).images
    return dict(zip(images.path, images.identity.fillna("nobody"), strict=True))


def test_the_first_folder_is_the_person(tmp_path):
    touch(tmp_path, "Ann/1.jpg", "Ann/old/2.jpg", "Bob/1.jpg", "loose.jpg")
    assert people_in(tmp_path) == {
        "Ann/1.jpg": "Ann",
        "Ann/old/2.jpg": "Ann",
        "Bob/1.jpg": "Bob",
        "loose.jpg": "nobody",
    }


def test_nested_folders_are_the_person(tmp_path):
    touch(tmp_path, "a/Ann/1.jpg", "a/Bob/1.jpg", "b/Ann/1.jpg")
    assert set(people_in(tmp_path, nested=True).values()) == {"a/Ann", "a/Bob", "b/Ann"}
    images = READERS["folder"](tmp_path, {}, nested=True, names=True).images
    assert list(images.name) == ["Ann", "Bob", "Ann"]


def test_a_folder_around_all_people_is_looked_through(tmp_path):
    touch(tmp_path, "faces/set/Ann/1.jpg", "faces/set/Bob/1.jpg", "faces/README.txt")
    assert list(people_in(tmp_path).values()) == ["nobody", "Ann", "Bob"]


def test_names_come_from_folders_with_accents_and_spaces(tmp_path):
    touch(tmp_path, "Zoe\u0308_de la Cruz/1.jpg", "李 明/1.jpg")
    images = READERS["folder"](tmp_path, {}, names=True).images
    assert list(images.name) == ["Zoë de la Cruz", "李 明"]
    assert READERS["folder"](tmp_path, {}).images.name.isna().all()


@pytest.mark.parametrize("kind", ["tar", "zip"])
def test_a_folder_of_nasty_pictures_survives_its_archive(tmp_path, kind):
    photos = damaged_files.make_nasty_folder(tmp_path / "photos")
    archive = tmp_path / f"photos.{kind}"
    (photos / "Chloé Núñez" / "gone.jpg").unlink()
    if kind == "tar":
        with tarfile.open(archive, "w:gz") as tar:
            tar.add(photos, "photos")
    else:
        with zipfile.ZipFile(archive, "w") as file:
            for path in sorted(photos.rglob("*")):
                file.write(path, path.relative_to(tmp_path))
    unpack.main(archive, 50, 1, tmp_path / "images")
    tables = {}
    for root in (photos, tmp_path / "images"):
        tables[root.name], _ = listed(tmp_path, root, "folder")
    there, here = tables["photos"], tables["images"]
    assert list(here.path.str.removeprefix("photos/")) == list(there.path)
    for column in ("image_id", "identity", "status", "width", "height"):
        pd.testing.assert_series_equal(here[column], there[column])


# people


def test_rendered_people_come_with_all_their_columns(tmp_path):
    rows = []
    for i in range(4):
        path = f"p{i // 2}/{i}.jpg"
        damaged_files.save(damaged_files.cartoon(i // 2, i), tmp_path / "images" / path)
        row = {"path": path, "identity": f"p{i // 2}", "name": f"N {i // 2}", "hat": i == 1}
        rows.append(row | {"width": 1, "height": 1})
    record: Record = {}
    write_table(pd.DataFrame(rows), tmp_path / "images" / "people.parquet", record)
    images, pairs = listed(
        tmp_path,
        tmp_path / "images",
        "people",
        **{"people": 2, "views": 2, "size": 160, "seed": 0, "first": 0},
    )
    assert list(images.status) == ["ok"] * 4
    assert list(images.width) == [160] * 4
    assert list(images.hat) == [False, True, False, False]
    digest = hashlib.sha256((tmp_path / "images" / "p0" / "0.jpg").read_bytes()).hexdigest()
    assert images.image_id[0] == digest[:16]
