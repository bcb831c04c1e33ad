"""Lists of pictures, pairs and attributes as programs and people write them, right and wrong."""

import pandas as pd
import pytest

from facebench.datasets import READERS
from facebench.datasets.listing import Listing
from facebench.errors import UserError
from tests.toys import damaged_files
from tests.toys.listing import listed

NAMES = [f"{i:06d}.jpg" for i in range(1, 5)]
IDENTITIES = "".join(f"{name} {7 + i // 2}\n" for i, name in enumerate(NAMES))
ATTRIBUTES = "4\nMale Young\n" + "".join(f"{name} 1 -1\n" for name in NAMES)
PARTS = "".join(f"{name} {i % 3}\n" for i, name in enumerate(NAMES))
PAIRS = "1\t2\nAnn\t1\t2\nBo\t1\t2\nAnn\t1\tBo\t1\nAnn\t2\tBo\t2\n"
LONG = "9" * 5000


@pytest.fixture
def root(tmp_path):
    """A folder with the pictures that the lists below are about."""
    for i, name in enumerate(NAMES):
        damaged_files.save(damaged_files.cartoon(i // 2, i), tmp_path / "images" / name)
    for person in ("Ann", "Bo"):
        for number in (1, 2):
            path = tmp_path / "images" / person / f"{person}_{number:04d}.jpg"
            damaged_files.save(damaged_files.cartoon(len(person), number + 5), path)
    damaged_files.save(damaged_files.cartoon(9, 9), tmp_path / "private" / "secret.jpg")
    return tmp_path / "images"


def read(root, reader, lists, **options):
    """List `root` with some lists, each text or bytes; return the tables."""
    files = {}
    for key, content in lists.items():
        files[key] = root.parent / f"{key}.txt"
        data = content if isinstance(content, bytes) else content.encode()
        files[key].write_bytes(data)
    return listed(root.parent, root, reader, files, **options)


@pytest.mark.parametrize(
    ("identity", "words"),
    [
        ("../private/secret.jpg 7\n" + IDENTITIES, r"'\.\./private/secret\.jpg', which leads out"),
        ("/etc/000001.jpg 7\n", "leads out of the folder"),
        ("a/../../private/secret.jpg 7\n", "leads out of the folder"),
        (f"000001.jpg {'9' * 23}\n", "isn't as CelebA writes it"),
        (f"000001.jpg {LONG}\n", "isn't as CelebA writes it"),
        ("000001.jpg 1.5\n", "isn't as CelebA writes it"),
        ("000001.jpg\n", "000001.jpg has 0 values and not 1"),
        ("000001.jpg 1 2\n", "000001.jpg has 2 values and not 1"),
        ("000001.jpg 1\n000002.jpg 1 2\n", "isn't as CelebA writes it"),
        ("000001.jpg 1\n000002.jpg\n", "isn't as CelebA writes it"),
        ("000001.jpg 1\n000001.jpg 2\n", "lists a picture twice"),
        ("000001.jpg 1\n000001.png 2\n", "000001.jpg is listed twice"),
        ("", "lists no pictures"),
        (b"\0\1\2\3", "is no text file"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is no text file"),
        ("999.jpg 1\n", "none of its pictures can be used: 1 is unreadable .999.jpg: It is listed"),
    ],
)
def test_a_list_of_identities_that_is_wrong_is_told(root, identity, words):
    if words.startswith("none"):
        for path in root.rglob("*.jpg"):
            path.unlink()
    with pytest.raises(UserError, match=f"datasets.mine: .*{words}"):
        read(root, "celeba", {"identity": identity})


@pytest.mark.parametrize(
    "identity",
    [
        IDENTITIES.encode("utf-16"),
        IDENTITIES.encode("utf-8-sig"),
        IDENTITIES.replace("\n", "\r\n"),
        ("é.jpg 9\n" + IDENTITIES).encode("latin-1"),
        f"{len(NAMES)}\n{IDENTITIES}",
        "image_id,identity\n" + IDENTITIES.replace(" ", ","),
        "image_id;identity\n" + IDENTITIES.replace(" ", ";"),
        "image_id, identity\n" + IDENTITIES.replace(" ", ", "),
        IDENTITIES.replace(" ", "\t"),
        "\n" + IDENTITIES + "\n\n",
        f"{LONG}\n{IDENTITIES}",
    ],
    ids=range(11),
)
def test_a_list_of_identities_is_read_whatever_program_wrote_it(root, identity):
    images, _ = read(root, "celeba", {"identity": identity})
    images = images.set_index("path")
    assert list(images.loc[NAMES, "identity"]) == ["7", "7", "8", "8"]
    assert set(images.loc[NAMES, "status"]) == {"ok"}


@pytest.mark.parametrize(
    ("lists", "words"),
    [
        ({"attributes": ATTRIBUTES.replace("Male", "path")}, "an attribute called 'path'"),
        ({"attributes": ATTRIBUTES.replace("Male", "Identity")}, "an attribute called 'identity'"),
        ({"attributes": ATTRIBUTES.replace("Male", "status")}, "an attribute called 'status'"),
        ({"attributes": ATTRIBUTES.replace("Male", "role")}, "an attribute called 'role'"),
        ({"attributes": ATTRIBUTES.replace("Male", "young")}, "an attribute called 'young'"),
        ({"attributes": ATTRIBUTES.replace(" 1 -1", " 1 -1 1", 1)}, "has 3 values and not 2"),
        ({"attributes": ATTRIBUTES.replace("1 -1", "1 yes", 1)}, "isn't as CelebA writes it"),
        ({"partition": PARTS.replace(" 2", " 7")}, r"the partition 7; there are 0 \(train\), 1"),
        ({"partition": PARTS.replace(" 2", f" {LONG}")}, "isn't as CelebA writes it"),
        ({"landmarks": "000001.jpg 1 2 3\n"}, "has 3 values and not 10"),
    ],
)
def test_what_a_list_says_of_pictures_is_told_if_it_is_wrong(root, lists, words):
    with pytest.raises(UserError, match=words):
        read(root, "celeba", {"identity": IDENTITIES, **lists})


def test_attributes_with_commas_are_read_like_the_official_ones(root):
    commas = "image_id,Male,Young\n" + "".join(f"{name},1,-1\n" for name in NAMES)
    found = [
        read(root, "celeba", {"identity": IDENTITIES, "attributes": text})[0]
        for text in (ATTRIBUTES, commas)
    ]
    pd.testing.assert_frame_equal(*found)
    assert found[0].male.dropna().all() and not found[0].young.dropna().any()


def test_a_list_that_lacks_pictures_is_told(root, caplog):
    read(root, "celeba", {"identity": IDENTITIES, "attributes": "Male\n000001.jpg 1\n"})
    assert "attributes.txt lacks 3 of 4 pictures" in caplog.text


def test_a_picture_of_which_there_are_two_is_asked_for(root):
    (root / "again").mkdir()
    (root / "again" / NAMES[0]).write_bytes((root / NAMES[1]).read_bytes())
    with pytest.raises(UserError, match=f"{NAMES[0]} and again/{NAMES[0]} are both called"):
        read(root, "celeba", {"identity": IDENTITIES})


def changed(before, after):
    return PAIRS.replace(before, after, 1)


@pytest.mark.parametrize(
    ("pairs", "words"),
    [
        (changed("1\t2\n", f"1\t{LONG}\n"), "first line must be like"),
        (f"{LONG}\n" + PAIRS, "first line must be like"),
        ("999999999999\t0\n", "first line must be like"),
        ("-1\t2\n", "first line must be like"),
        (changed("Ann\t1\t2", f"Ann\t1\t{LONG}"), "line 2 must be 'name number number'"),
        (changed("Ann\t1\t2", "Ann\t1\t1"), "line 2 pairs a picture with itself"),
        (changed("Ann\t2\tBo\t2", "Bo\t1\tAnn\t1"), "line 5 is the pair of line 4 again"),
        (changed("Ann\t1\tBo\t1", "Ann\t1\tAnn\t2"), "line 4 is among the pairs of two people"),
        (changed("Ann\t1\t2", "\t1\t2"), "line 2 must be"),
        (changed("Ann", "../private"), "leads out of the folder"),
        (changed("Ann", "/etc"), "leads out of the folder"),
        (changed("Ann", "A\0nn"), "is no text file"),
    ],
)
def test_a_list_of_pairs_that_is_wrong_is_told(root, pairs, words):
    with pytest.raises(UserError, match=words):
        read(root, "lfw", {"pairs": pairs})


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_list_of_pairs_is_read_in_any_encoding(root, encoding):
    text = PAIRS.replace("Bo\t1\t2", "José\t1\t2")
    images, pairs = read(root, "lfw", {"pairs": text.encode(encoding)})
    assert len(pairs) == 4 and "José/José_0001.jpg" in set(images.path)


def test_pairs_of_two_copies_of_one_picture_are_told(root, caplog):
    one = (root / "Ann" / "Ann_0001.jpg").read_bytes()
    (root / "Ann" / "Ann_0002.jpg").write_bytes(one[:2] + b"\xff\xfe\0\4ab" + one[2:])
    images, pairs = read(root, "lfw", {"pairs": PAIRS})
    assert "1 pair is of two copies of one picture" in caplog.text
    # A copy finds its original's picture in every pair.
    assert pairs.image_id_a[0] == pairs.image_id_b[0] == pairs.image_id_a[3]
    assert pairs.image_id_a[0] == images.set_index("path").image_id["Ann/Ann_0001.jpg"]


def test_no_reader_can_list_what_lies_outside():
    for path in ("/etc/passwd", "../a.jpg", "a/../../b.jpg", "a\0.jpg"):
        with pytest.raises(UserError, match="leads out of the folder"):
            Listing(pd.DataFrame({"path": [path], "identity": ["a"]}))
        pairs = pd.DataFrame({"fold": [1], "path_a": ["a"], "path_b": [path], "same": [True]})
        with pytest.raises(UserError, match="leads out of the folder"):
            Listing(pd.DataFrame({"path": ["a"], "identity": ["a"]}), pairs)
    Listing(pd.DataFrame({"path": ["a..b/..c.jpg"], "identity": ["a"]}))


# Folders


def people_in(tmp_path, *paths, **options):
    for path in paths:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).touch()
    images = READERS["folder"](tmp_path, {}, **options).images
    return images.identity.fillna("nobody").tolist()


SPLIT = ("faces/train/Ann/1.jpg", "faces/train/Bob/1.jpg", "faces/val/Ann/2.jpg")


@pytest.mark.parametrize(
    "paths",
    [SPLIT, ("Train/Ann/1.jpg", "TEST/Bob/1.jpg"), ("gallery/1/a.png", "probe/1/b.png")],
)
@pytest.mark.parametrize("options", [{}, {"nested": True}])
def test_divisions_of_a_data_set_are_no_people_without_a_word(tmp_path, paths, options):
    with pytest.raises(UserError, match="are these people, or divisions .* Set level: 2"):
        people_in(tmp_path, *paths, **options)


def test_the_level_says_which_folder_is_the_persons(tmp_path):
    assert people_in(tmp_path, *SPLIT, level=2) == ["Ann", "Bob", "Ann"]
    assert people_in(tmp_path, *SPLIT, level=1) == ["train", "train", "val"]
    assert people_in(tmp_path, *SPLIT, level=2, nested=True) == ["Ann", "Bob", "Ann"]
    assert people_in(tmp_path, *SPLIT, level=3) == ["nobody"] * 3


@pytest.mark.parametrize(
    "paths",
    [
        ("train/1.jpg", "test/1.jpg"),
        ("train/Ann/1.jpg", "Bob/1.jpg"),
        ("Ann/train/1.jpg", "Bob/test/1.jpg"),
        ("train/Ann/1.jpg", "train/Bob/1.jpg"),
    ],
)
def test_other_folders_are_not_asked_about(tmp_path, paths):
    assert len(set(people_in(tmp_path, *paths))) == 2


def test_a_folder_without_a_name_has_none(tmp_path):
    (tmp_path / "_").mkdir()
    (tmp_path / "_" / "1.jpg").touch()
    (tmp_path / "Ann_Lee").mkdir()
    (tmp_path / "Ann_Lee" / "1.jpg").touch()
    images = READERS["folder"](tmp_path, {}, names=True).images
    assert dict(zip(images.identity, images.name.fillna("nameless"), strict=True)) == {
        "Ann_Lee": "Ann Lee",
        "_": "nameless",
    }


@pytest.mark.parametrize("files", [[], [".DS_Store"], ["Thumbs.db", "desktop.ini"]])
def test_a_folder_without_files_is_told(tmp_path, files):
    (tmp_path / "photos" / "Ann").mkdir(parents=True)
    for name in files:
        (tmp_path / "photos" / "Ann" / name).write_bytes(b"x")
    with pytest.raises(UserError, match="datasets.mine: there are no pictures in it"):
        listed(tmp_path, tmp_path / "photos", "folder")


def test_a_folder_with_other_files_alone_is_told(tmp_path):
    (tmp_path / "photos" / "Ann").mkdir(parents=True)
    (tmp_path / "photos" / "Ann" / "notes.txt").write_text("nobody")
    with pytest.raises(UserError, match="there are no pictures in it, only 1 other file"):
        listed(tmp_path, tmp_path / "photos", "folder")


def test_cloaked_versions_beside_their_originals_are_no_pictures(tmp_path, caplog):
    names = ["IMG_1.jpg", "IMG_1_cloaked.png", "2.jpg", "2_Cloaked.PNG", "3_cloaked.png"]
    for person in (0, 1):
        for view, name in enumerate(names):
            path = tmp_path / "photos" / f"p{person}" / name
            damaged_files.save(damaged_files.cartoon(person, view), path)
    damaged_files.save(damaged_files.cartoon(7, 7), tmp_path / "photos" / "p0" / "IMG_1_1.jpg")
    with caplog.at_level("INFO"):
        images, _ = listed(tmp_path, tmp_path / "photos", "folder", cloaks=["_1", "_cloaked"])
    assert list(images.path) == [
        "p0/2.jpg", "p0/3_cloaked.png", "p0/IMG_1.jpg", "p1/2.jpg", "p1/3_cloaked.png",
        "p1/IMG_1.jpg",
    ]  # fmt: skip
    assert "5 files are left to the attacks whose endings they have: _1, _cloaked" in caplog.text
    assert "4 files are called like cloaked pictures, but without an original" in caplog.text
    assert len(listed(tmp_path, tmp_path / "photos", "folder")[0]) == 11
