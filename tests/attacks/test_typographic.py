"""Names on pictures: whose, how large, and the controls under the same label."""

import numpy as np
import pytest

from facebench.attacks.typographic import LEAST, label, sticker
from facebench.errors import UserError
from facebench.pictures.lettering import drawable
from facebench.store.faces import iter_rows, write_faces
from tests.toys.attacks import NAMES, faces_file, pictures, run

OPTIONS = {"kind": "typographic", "area": 0.25, "place": "bottom"}
LATIN = [name for name in NAMES if name != "Дина"]


@pytest.fixture(scope="module")
def faces(tmp_path_factory):
    return faces_file(tmp_path_factory.mktemp("faces") / "faces.parquet")


@pytest.fixture(scope="module")
def labelled(faces, tmp_path_factory):
    """By text: the table, and the pictures."""
    folder = tmp_path_factory.mktemp("texts")
    return {
        text: run(faces, folder / f"{text}.parquet", text=text, **OPTIONS)
        for text in ("other", "letters", "blank", "own")
    }


def changed(before, after):
    """Return where two pictures differ, bool (height, width)."""
    return (before != after).any(axis=2)


def test_another_persons_name_is_written_the_same_on_all_pictures(labelled):
    table, _ = labelled["other"]
    ok = table[table.status == "ok"]
    assert (ok.attack_status == "ok").all() and (ok.written != ok["name"]).all()
    assert (ok.groupby("identity").written.nunique() == 1).all()
    assert set(ok.written) <= set(LATIN)
    whose = dict(zip(table["name"], table.identity, strict=True))
    assert (ok.target == ok.written.map(whose)).all()


def test_nobody_is_given_the_own_name(tmp_path):
    two = faces_file(tmp_path / "two.parquet", people=2, views=4)
    for seed in range(4):
        output = tmp_path / f"{seed}.parquet"
        table, _ = run(two, output, text="other", seed=seed, **OPTIONS)
        ok = table[table.status == "ok"]
        assert (ok.written != ok["name"]).all()


def test_letters_have_the_shape_of_the_name_and_are_none(labelled):
    names = labelled["other"][0].written.dropna()
    letters = labelled["letters"][0].written.dropna()
    assert list(names.index) == list(letters.index)
    shapes = [[len(word) for word in drawable(text).split()] for text in names]
    assert shapes == [[len(word) for word in text.split()] for text in letters]
    assert not set(letters) & set(NAMES)


def test_the_own_name_only_where_it_can_be_written(labelled):
    table, images = labelled["own"]
    ok = table[table.status == "ok"]
    assert (ok.written == ok["name"]).all()
    left_out = table[(table["name"] == "Дина") & (table.status != "no-face")]
    assert len(left_out) and (left_out.status == "not-attacked").all()
    assert left_out.attack_reason.str.contains("Latin").all()
    assert all(images[i] is None for i in left_out.index)


def test_the_label_is_the_same_whatever_is_written(faces, labelled):
    _, before = pictures(faces)
    blank = labelled["blank"]
    assert blank[0].written.isna().all()
    for i, clean in enumerate(before):
        if clean is None:
            continue
        box = changed(clean, blank[1][i])
        rows, columns = np.flatnonzero(box.any(1)), np.flatnonzero(box.any(0))
        inside = np.zeros(box.shape, bool)
        inside[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = True
        assert (blank[1][i][inside] == 255).all()
        assert inside.mean() == pytest.approx(0.25, rel=0.08)
        for text in ("other", "letters", "own"):
            written = labelled[text][1][i]
            if written is not None:
                assert not (changed(clean, written) & ~inside).any()
                ink = (written[inside] < 128).mean()
                assert 0.02 < ink < 0.6, text


@pytest.mark.parametrize("area", [0.02, 0.1, 0.5, 0.9])
@pytest.mark.parametrize("place", ["bottom", "anywhere"])
def test_a_label_covers_its_share_within_the_picture(area, place):
    rng = np.random.default_rng(0)
    for width, height in [(100, 100), (300, 60), (60, 300), (512, 380)]:
        box = sticker(width, height, area, place, rng)
        assert 0 <= box.left < box.right <= width and 0 <= box.top < box.bottom <= height
        covered = (box.right - box.left) * (box.bottom - box.top) / (width * height)
        assert covered == pytest.approx(area, rel=0.12)


def test_text_stays_on_its_label_and_fills_it():
    grey = np.full((120, 200, 3), 90, np.uint8)
    box = sticker(200, 120, 0.2, "bottom", np.random.default_rng(0))
    for text in ("Jo", "Ann Archer", "Wilhelmina Abendrot Thistlewaine"):
        picture, size = label(grey, box, text)
        outside = picture.copy()
        outside[box.top : box.bottom, box.left : box.right] = 90
        assert (outside == 90).all() and size >= LEAST
        ink = np.argwhere((picture[box.top : box.bottom, box.left : box.right] < 128).all(2))
        spread = np.ptp(ink, axis=0) / [box.bottom - box.top, box.right - box.left]
        assert spread.max() > 0.6


def test_letters_that_nobody_can_read_have_failed(faces, tmp_path):
    table, images = run(
        faces, tmp_path / "t.parquet", kind="typographic", text="other", area=0.02, place="bottom"
    )
    ok = table[table.status == "ok"]
    assert (ok.attack_status == "failed to cloak").all() and ok.written.notna().all()
    assert ok.attack_reason.str.contains("pixels").all() and images[0] is not None


def test_places_are_drawn_by_picture(faces, tmp_path):
    options = {**OPTIONS, "place": "anywhere", "text": "blank", "area": 0.1}
    _, first = run(faces, tmp_path / "a.parquet", **options)
    _, again = run(faces, tmp_path / "b.parquet", **options, threads=2)
    tops = set()
    for old, one, two in zip(pictures(faces)[1], first, again, strict=True):
        if old is not None:
            np.testing.assert_array_equal(one, two)
            tops.add(int(np.flatnonzero(changed(old, one).any(1))[0]))
    assert len(tops) > 4


def test_a_data_set_without_names_is_refused(faces, tmp_path):
    nameless = [{**row, "name": None} for row in iter_rows(faces)]
    write_faces(nameless, tmp_path / "faces.parquet", {})
    with pytest.raises(UserError, match="names"):
        run(tmp_path / "faces.parquet", tmp_path / "t.parquet", text="other", **OPTIONS)
    assert not (tmp_path / "t.parquet").exists()
