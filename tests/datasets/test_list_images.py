"""From a folder of files to the tables of pictures and pairs; nothing crashes, nothing is lost."""

import json
import os
import re

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from facebench.datasets import decode_check, selection
from facebench.errors import UserError
from facebench.store.tables import read_record
from facebench.study.dataset_files import sources
from scripts import list_images, summary
from tests.toys import damaged_files
from tests.toys.listing import listed


def run(tmp_path, pictures, **options):
    """Return the tables that `list_images` writes of a folder."""
    return listed(tmp_path, pictures, "folder", **options)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    return damaged_files.make_nasty_folder(tmp_path_factory.mktemp("nasty") / "photos")


@pytest.fixture(scope="module")
def listing(photos, tmp_path_factory):
    images, _ = run(tmp_path_factory.mktemp("listed"), photos)
    return images.set_index("path")


def test_every_picture_is_a_row_and_nothing_else_is(listing, photos):
    good = {
        f"{p}/{v}.jpg" for p in damaged_files.GOOD_PEOPLE for v in range(1, damaged_files.VIEWS + 1)
    }
    everything = {
        *good,
        *damaged_files.BAD,
        *damaged_files.MISNAMED,
        *damaged_files.UNUSUAL,
        *damaged_files.DUPLICATES,
    }
    assert set(listing.index) == everything | set(damaged_files.NOBODY)
    on_disk = {p.relative_to(photos).as_posix() for p in photos.rglob("*") if not p.is_dir()}
    assert on_disk == set(listing.index) | set(damaged_files.LEFT_ALONE)
    assert list(listing.index) == sorted(listing.index)


def test_files_that_are_left_alone_are_told(photos, tmp_path, caplog):
    with caplog.at_level("INFO"):
        run(tmp_path, photos)
    assert "4 hidden or system files" in caplog.text
    assert "3 files are not pictures and left alone: Bob_Ray/notes.md" in caplog.text


@pytest.mark.parametrize(
    ("options", "folders", "told"),
    [
        (
            {},
            ["Eve", "Texts", "Texts/in", ".hidden", "Bob/old"],
            "2 folders hold no pic.*: Eve, Te",
        ),
        ({}, ["Eve/x/y", "Only-hidden"], "2 folders hold no picture.*: Eve, Only-hidden"),
        ({"nested": True}, ["Bob/old"], "1 folder holds no picture.*: Bob/old"),
        ({"level": 2}, ["Bob/old", "Bob/old/er"], "1 folder holds no picture.*: Bob/old$"),
        ({}, [f"p{i}" for i in range(9)], "9 folders hold .*: p0, p1, p2, p3, p4 and 4 more"),
        ({}, ["Bob/old"], None),
    ],
)
def test_folders_of_people_without_a_picture_are_told(tmp_path, caplog, options, folders, told):
    photos = tmp_path / "photos"
    for i, path in enumerate(("Ann/a/1.png", "Ann/a/2.png", "Bob/b/1.png", "Bob/b/2.png")):
        (photos / path).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.full((9, 9 + i, 3), 40 * i, np.uint8)).save(photos / path)
    for folder in folders:
        (photos / folder).mkdir(parents=True, exist_ok=True)
        if "Texts" in folder:
            (photos / folder / "notes.txt").write_text("no picture")
        if "hidden" in folder:
            (photos / folder / ".x").write_text("")
    with caplog.at_level("INFO"):
        run(tmp_path, photos, **options)
    record = read_record(tmp_path / "images.parquet")
    said = re.search(r"folders? holds? no picture", caplog.text)
    assert bool(said) == bool(told) == ("without_pictures" in record["data"])
    if told:
        assert re.search(told, caplog.text, re.MULTILINE)
        assert re.search(r"\d folders? without a picture", caplog.text)
        records = pd.DataFrame({"record": ["r"], "json": [json.dumps(record)]})
        (sentence,) = summary.without_pictures(records)
        assert re.match(rf"{record['data']['dataset']}: \d folder", sentence)


@pytest.mark.parametrize("path", damaged_files.BAD)
def test_what_can_not_be_used_has_a_reason(listing, path):
    assert listing.status[path] == "unreadable"
    assert damaged_files.BAD[path] in listing.reason[path]
    assert listing.reason[path].endswith(".")
    assert listing.identity[path] == path.split("/")[0]


@pytest.mark.parametrize("path", damaged_files.MISNAMED)
def test_a_wrong_extension_is_a_remark(listing, path):
    assert (listing.status[path], listing.reason[path]) == ("ok", damaged_files.MISNAMED[path])
    assert listing.format[path] in damaged_files.MISNAMED[path]


@pytest.mark.parametrize("path", damaged_files.UNUSUAL)
def test_unusual_pictures_are_fine(listing, path):
    assert (listing.status[path], listing.reason[path]) == ("ok", "")
    assert listing.width[path] > 0


def test_width_and_height_are_those_of_the_upright_picture(listing):
    assert (listing.width["Eve/turned.jpg"], listing.height["Eve/turned.jpg"]) == (160, 120)
    upright = listing.loc["Chloé Núñez/n\nl.jpg"]
    assert (upright.width, upright.height) == (140, 160)


@pytest.mark.parametrize("path", damaged_files.DUPLICATES)
def test_the_same_bytes_count_once(listing, path):
    assert listing.status[path] == "duplicate"
    assert damaged_files.DUPLICATES[path] in listing.reason[path]


def test_a_picture_of_nobody_is_not_used(listing):
    assert listing.status["loose.jpg"] == "no-identity"
    assert pd.isna(listing.identity["loose.jpg"])
    assert listing.reason["loose.jpg"] == "It is in no person's folder."


def test_the_table_is_the_same_with_any_number_of_threads(photos, tmp_path):
    one, _ = run(tmp_path / "1", photos, threads=1)
    four, _ = run(tmp_path / "4", photos, threads=4)
    pd.testing.assert_frame_equal(one, four)


@pytest.mark.parametrize("side", [101, 150, 30_000])
def test_a_picture_of_too_many_pixels_is_not_decoded(tmp_path, side):
    (tmp_path / "Ann").mkdir()
    (tmp_path / "Ann" / "1.png").write_bytes(damaged_files.bomb(side))
    Image.new("L", (100, 100)).save(tmp_path / "Ann" / "2.png")
    before = Image.MAX_IMAGE_PIXELS
    images, _ = run(tmp_path / "out", tmp_path / "Ann" / "..", pixels=10_000)
    images = images.set_index("path")
    assert images.reason["Ann/1.png"] == "It has more than 10,000 pixels (limits.pixels)."
    assert images.status["Ann/2.png"] == "ok"
    assert before == Image.MAX_IMAGE_PIXELS


def test_a_postscript_program_is_not_run(tmp_path):
    file = tmp_path / "1.eps"
    damaged_files.cartoon(0, 1).save(file)
    assert "EPS" not in decode_check.readable_formats()
    assert decode_check.inspect(file, 10**7).status == "unreadable"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "TIFF", "BMP", "JPEG2000", "TGA"])
def test_any_format_cut_anywhere_or_with_flipped_bytes_never_fails(tmp_path, kind):
    rng = np.random.default_rng(0)
    whole = damaged_files.encoded(damaged_files.cartoon(1, 1, size=48), kind)
    file = tmp_path / f"1.{kind.lower()}"
    for cut in rng.integers(1, len(whole), 25):
        file.write_bytes(whole[:cut])
        finding = decode_check.inspect(file, 10**7)
        assert finding.status == "ok" or finding.reason
    for _ in range(25):
        broken = bytearray(whole)
        for place in rng.integers(0, len(whole), 8):
            broken[place] ^= int(rng.integers(1, 256))
        file.write_bytes(broken)
        finding = decode_check.inspect(file, 10**7)
        assert finding.status == "ok" or finding.reason


def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "1.jpg")
    assert decode_check.inspect(tmp_path / "1.jpg", 10**7).reason == "It is not a file."


def test_a_name_that_is_not_utf_8_is_a_row_with_a_reason(tmp_path):
    folder = os.fsencode(tmp_path / "photos") + b"/Jos\xe9"
    os.makedirs(folder)
    with open(folder + b"/1.jpg", "wb") as file:
        file.write(damaged_files.encoded(damaged_files.cartoon(0, 1), "JPEG"))
    damaged_files.save(damaged_files.cartoon(1, 1), tmp_path / "photos" / "Zoe" / "1.jpg")
    images, _ = run(tmp_path, tmp_path / "photos")
    assert images.path[0] == r"Jos\xe9/1.jpg"
    assert "not valid UTF-8" in images.reason[0]


def test_a_data_set_without_a_usable_picture_is_refused(tmp_path):
    (tmp_path / "photos" / "Ann").mkdir(parents=True)
    (tmp_path / "photos" / "Ann" / "1.jpg").write_bytes(b"")
    with pytest.raises(UserError, match="none of its pictures can be used: 1 is unreadable"):
        run(tmp_path, tmp_path / "photos")
    damaged_files.save(damaged_files.cartoon(0, 1), tmp_path / "photos" / "1.jpg")
    with pytest.raises(UserError, match="1 is no-identity"):
        run(tmp_path, tmp_path / "photos")


def test_photographs_in_one_folder_are_told_how_to_lie(tmp_path):
    damaged_files.save(damaged_files.cartoon(0, 1), tmp_path / "photos" / "1.jpg")
    with pytest.raises(UserError, match="photos has no folder for a person: put each one's"):
        run(tmp_path, tmp_path / "photos")


def test_links_to_folders_are_followed_and_circles_end(tmp_path):
    damaged_files.save(damaged_files.cartoon(0, 1), tmp_path / "elsewhere" / "1.jpg")
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "Ann").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere" / "around").symlink_to(tmp_path / "elsewhere")
    damaged_files.save(damaged_files.cartoon(1, 1), tmp_path / "photos" / "Bob" / "1.jpg")
    images, _ = run(tmp_path, tmp_path / "photos")
    assert list(images.path) == ["Ann/1.jpg", "Bob/1.jpg"]


def test_a_folder_without_pictures_is_told(tmp_path):
    (tmp_path / "photos").mkdir()
    with pytest.raises(UserError, match=r"datasets.mine: there are no pictures"):
        run(tmp_path, tmp_path / "photos")


def test_what_a_killed_job_had_looked_at_is_not_looked_at_again(photos, tmp_path, monkeypatch):
    paths = sorted(p.relative_to(photos).as_posix() for p in photos.rglob("*.jpg"))
    monkeypatch.setattr(list_images, "PIECE", 5)
    whole = list_images.inspect_files(photos, paths, 10**7, "a", 1, tmp_path / "whole")
    calls = []

    def killed(root, some, *rest):
        if len(calls) == 2:
            raise KeyboardInterrupt
        calls.append(some)
        return decode_check.inspect_all(root, some, *rest)

    monkeypatch.setattr(list_images, "inspect_all", killed)
    with pytest.raises(KeyboardInterrupt):
        list_images.inspect_files(photos, paths, 10**7, "a", 1, tmp_path / "pieces")
    again = []
    monkeypatch.setattr(
        list_images,
        "inspect_all",
        lambda root, some, *rest: again.extend(some) or decode_check.inspect_all(root, some, *rest),
    )
    table = list_images.inspect_files(photos, paths, 10**7, "a", 1, tmp_path / "pieces")
    pd.testing.assert_frame_equal(table, whole)
    assert again == paths[10:]


def test_a_file_that_changed_since_a_killed_job_is_looked_at_again(tmp_path):
    file = tmp_path / "Ann" / "1.jpg"
    damaged_files.save(damaged_files.cartoon(0, 1), file)
    given = tmp_path, ["Ann/1.jpg"], 10**7
    before = list_images.inspect_files(*given, "a", 1, tmp_path / "pieces")
    file.write_bytes(file.read_bytes()[:1000])
    after = list_images.inspect_files(*given, "a", 1, tmp_path / "pieces")
    assert (before.status[0], after.status[0]) == ("ok", "unreadable")


def test_the_record_says_what_was_read(photos, tmp_path):
    run(tmp_path, photos, people=2, seed=3)
    record = read_record(tmp_path / "images.parquet")["data"]
    assert record["reader"] == "folder"
    assert record["options"] == {"people": 2, "seed": 3}
    assert len(record["pictures"]) == 64
    assert record == read_record(tmp_path / "pairs.parquet")["data"]


def test_fewer_people_are_drawn_from_those_with_enough_pictures(photos, tmp_path, listing):
    usable = listing[listing.status == "ok"].identity.value_counts()
    few, _ = run(tmp_path, photos, people=2, min_images=4, seed=1)
    more, _ = run(tmp_path, photos, people=3, min_images=4, seed=1)
    assert few.identity.nunique() == 2
    assert set(few.identity) < set(more.identity)
    assert usable[few.identity.unique()].min() >= 4
    assert set(few.status) == {"ok", "unreadable", "duplicate"}  # theirs, and nobody's are gone
    other, _ = run(tmp_path, photos, people=3, min_images=4, seed=2)
    assert set(other.identity) | set(more.identity) <= set(usable.index[usable >= 4])
    with pytest.raises(UserError, match="9 people are asked for, but only 4 have 4 or more"):
        run(tmp_path, photos, people=9, min_images=4)


def test_fewer_pictures_of_a_person(photos, tmp_path):
    images, _ = run(tmp_path, photos, max_images=2, seed=5)
    ok = images[images.status == "ok"]
    assert (ok.identity.value_counts() == 2).all()
    assert set(damaged_files.BAD) <= set(images.path)


def test_fewer_pictures_of_people_with_enough(photos, tmp_path, listing):
    usable = listing[listing.status == "ok"].identity.value_counts()
    images, _ = run(tmp_path, photos, min_images=4, max_images=4, seed=5)
    counts = images[images.status == "ok"].identity.value_counts()
    assert 0 < len(counts) < len(usable) and (counts == 4).all()
    assert set(counts.index) == set(usable.index[usable >= 4])


def test_a_duplicate_counts_again_when_its_original_is_not_chosen():
    images = pd.DataFrame(
        {
            "image_id": ["x", "y", "x", "z"],
            "path": ["A/1", "A/2", "B/1", "B/2"],
            "identity": ["A", "A", "B", "B"],
            "status": "ok",
            "reason": "",
        }
    )
    marked = selection.mark_duplicates(images)
    assert list(marked.status) == ["ok", "ok", "duplicate", "ok"]
    only_b = selection.mark_duplicates(marked[marked.identity == "B"])
    assert list(only_b.status) == ["ok", "ok"]
    assert list(only_b.reason) == ["", ""]


def test_shuffled_identities_keep_the_people_and_make_the_pairs_random(tmp_path):
    rng = np.random.default_rng(0)
    n = 400
    images = pd.DataFrame(
        {
            "image_id": [f"{i:04d}" for i in range(n)],
            "path": [f"{i // 4}/{i}.jpg" for i in range(n)],
            "identity": [str(i // 4) for i in range(n)],
            "name": [f"N{i // 4}" for i in range(n)],
            "status": np.where(np.arange(n) % 9 == 8, "unreadable", "ok"),
        }
    )
    a, b = rng.integers(0, n, (2, 2000))
    pairs = selection.pairs_of(
        images,
        pd.DataFrame(
            {
                "fold": 1,
                "path_a": images.path[a].to_numpy(),
                "path_b": images.path[np.where(np.arange(2000) % 2, b, a ^ 1)].to_numpy(),
                "same": np.where(np.arange(2000) % 2, a // 4 == b // 4, True),
            }
        ),
    )
    shuffled, new_pairs = selection.shuffle(images, pairs, seed=3)
    ok = images.status == "ok"
    assert sorted(shuffled.identity[ok]) == sorted(images.identity[ok])
    assert (shuffled.identity == images.identity)[ok].mean() < 0.05
    assert (shuffled.identity == images.identity)[~ok].all()
    assert (shuffled.name == "N" + shuffled.identity).all()
    pd.testing.assert_series_equal(new_pairs.same, pairs.same)
    now = shuffled.set_index("image_id")
    usable = new_pairs[
        (now.status[new_pairs.image_id_a].to_numpy() == "ok")
        & (now.status[new_pairs.image_id_b].to_numpy() == "ok")
    ]
    together = (
        now.identity[usable.image_id_a].to_numpy() == now.identity[usable.image_id_b].to_numpy()
    )
    assert (together == usable.same).all()
    assert (now.path[usable.image_id_a].to_numpy() == usable.path_a).all()
    true = images.set_index("image_id").identity
    really = true[usable.image_id_a].to_numpy() == true[usable.image_id_b].to_numpy()
    assert really[usable.same].mean() < 0.05


FILES = {
    "archive": {"name": "faces.tgz", "urls": ["https://a/b"], "sha256": "0" * 64},
    "pairs": {"name": "pairs.txt", "urls": ["https://a/c"], "sha256": "0" * 64},
    "more": {"name": "more.txt", "optional": True},
}


def test_without_local_files_everything_is_fetched():
    found = sources("x", {"reader": "lfw", "files": FILES})
    assert found.pictures == "data/x/images"
    assert found.archive == "data/x/files/faces.tgz"
    assert found.files == {"pairs": "data/x/files/pairs.txt"}


def test_files_beside_a_local_archive_are_used(tmp_path, monkeypatch):
    for name in ("mine.tar", "pairs.txt", "more.txt"):
        (tmp_path / name).touch()
    monkeypatch.setenv("MY_FACES", str(tmp_path))
    found = sources("x", {"reader": "lfw", "files": FILES, "archive": "$MY_FACES/mine.tar"})
    assert found.archive == str(tmp_path / "mine.tar")
    assert found.files == {key: str(tmp_path / f"{key}.txt") for key in ("pairs", "more")}


def test_a_folder_is_used_in_place(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "more.txt").touch()
    found = sources("x", {"reader": "lfw", "files": FILES, "folder": str(tmp_path / "photos")})
    assert (found.pictures, found.archive) == (str(tmp_path / "photos"), None)
    assert found.files == {"pairs": "data/x/files/pairs.txt", "more": str(tmp_path / "more.txt")}


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"reader": "folder"}, "says nowhere where its pictures are"),
        ({"reader": "folder", "folder": "/no/such"}, "x.folder is /no/such, but there is nothing"),
        ({"reader": "folder", "archive": "/no/such.tgz"}, "x.archive is /no/such.tgz"),
        ({"reader": "folder", "archive": "/"}, "x.archive is /, a folder: set datasets.x.folder"),
        ({"reader": "folder", "folder": __file__}, "not a folder: it must be a folder with one"),
        ({"reader": "folder", "folder": "~/$NOT_SET_X"}, r"variable \$NOT_SET_X, which isn't set"),
        (
            {"reader": "celeba", "folder": "/", "files": {"identity": {"name": "who.txt"}}},
            "x needs the file who.txt, which was looked for in /",
        ),
    ],
)
def test_what_is_missing_is_said_in_a_sentence(spec, words):
    with pytest.raises(UserError, match=words):
        sources("x", spec)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "MY_X isn't set, which datasets.x.{key} reads: set it to a {kind}"),
        ("wrong/path", "MY_X (read by datasets.x.{key}) is wrong/path, but there is nothing at /"),
        ("wrong/path", "/wrong/path: set MY_X to a {kind}"),
        (__file__, "which is not a folder: it must be a folder with one folder for each person"),
    ],
)
@pytest.mark.parametrize(
    ("key", "kind"), [("folder", "folder with one folder for each person"), ("archive", "tar or")]
)
def test_a_variable_is_named_with_its_value_and_what_is_expected(
    monkeypatch, value, words, key, kind
):
    monkeypatch.delenv("MY_X", raising=False)
    if value:
        monkeypatch.setenv("MY_X", value)
    if key == "archive" and value == __file__:
        return
    with pytest.raises(UserError) as error:
        sources("x", {"reader": "folder", key: "$MY_X"})
    assert words.format(key=key, kind=kind) in str(error.value)


def test_of_several_places_the_first_that_exists_is_used(tmp_path, monkeypatch):
    (tmp_path / "here.tgz").touch()
    spec = {"reader": "lfw", "files": FILES, "archive": ["$MY_LFW", str(tmp_path / "here.tgz")]}
    monkeypatch.delenv("MY_LFW", raising=False)
    assert sources("x", spec).archive == str(tmp_path / "here.tgz")
    monkeypatch.setenv("MY_LFW", "/no/such.tgz")
    with pytest.raises(
        UserError, match=r"MY_LFW .*/no/such.tgz, but there is nothing at /no/such.tgz"
    ):
        sources("x", spec)
    spec["archive"] = ["$NOT_SET_X", str(tmp_path / "nowhere.tgz")]
    assert sources("x", spec).archive == "data/x/files/faces.tgz"
