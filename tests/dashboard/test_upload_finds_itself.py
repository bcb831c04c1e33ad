"""A picture of a data set, uploaded, is found first in its own index, in every crop on offer."""

import pandas as pd
import pytest
from PIL import Image

from dashboard.data import live_models, search, upload
from facebench.datasets.listing import LANDMARK_COLUMNS
from facebench.store import layout
from facebench.store.tables import read_table
from scripts import crop, embed, landmarks, render_people, weights
from tests.toys.faces import SETTINGS
from tests.toys.listing import listed

OPTIONS = {"detector": "dlib", "upsample": 0, "tries": 2, "neural": False}
OPTIONS |= {"choose": "centre", "max_side": 1024}
CROPS = {
    "tight": {"kind": "box", "margin": 0.0, "max_side": 512},
    "aligned": {"kind": "similarity", "template": "arcface", "max_side": 512},
    "chip": {"kind": "similarity", "template": "dlib", "max_side": 512},
    "full": {"kind": "whole", "max_side": 512},
    "small": {"kind": "whole", "max_side": 64},
    "background": {"kind": "masked", "size": 1.0, "grey": 128, "max_side": 512},
}
#: Where the places of faces came with the data, only crops that need none.
WHOLE = ["full", "small"]


@pytest.fixture(scope="module")
def rendered(tmp_path_factory):
    """A folder of rendered people, and the table of what is on the pictures."""
    root = tmp_path_factory.mktemp("rendered")
    return root, render_people.main(root, people=3, views=2, size=128, seed=4)


def people(root, rendered):
    """As rendered: boxes and landmarks are the renderer's."""
    return rendered[0], {}


def folder(root, rendered):
    """A folder a person, in other formats too, one picture lying on its side."""
    pictures = root / "photos"
    for number, path in enumerate(sorted(rendered[0].rglob("*.jpg"))):
        to = pictures / path.parent.name / path.name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
        if number == 0:
            exif = Image.Exif()
            exif[0x0112] = 6
            with Image.open(path) as image:
                image.transpose(Image.Transpose.ROTATE_90).save(to, exif=exif, quality=95)
        elif number < 3:
            with Image.open(path) as image:
                image.save(to.with_suffix([".png", ".webp"][number - 1]))
            to.unlink()
    return pictures, {}


def lfw(root, rendered):
    """LFW's layout."""
    for path in sorted(rendered[0].rglob("*.jpg")):
        name = f"Ana_{path.parent.name}"
        to = root / "lfw" / name / f"{name}_{int(path.stem) + 1:04d}.jpg"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(path.read_bytes())
    return root / "lfw", {}


def celeba(root, rendered, with_landmarks=False):
    """CelebA's layout; its landmarks are a file that may be absent."""
    table = rendered[1]
    names = [f"{i + 1:06d}.jpg" for i in range(len(table))]
    (root / "celeba").mkdir()
    for name, path in zip(names, table.path, strict=True):
        (root / "celeba" / name).write_bytes((rendered[0] / path).read_bytes())
    who = pd.factorize(table.identity)[0]
    texts = {"identity": [f"{name} {one}" for name, one in zip(names, who, strict=True)]}
    if with_landmarks:
        points = table[LANDMARK_COLUMNS].round().astype(int).to_numpy()
        rows = [f"{name} {' '.join(map(str, p))}" for name, p in zip(names, points, strict=True)]
        texts["landmarks"] = [str(len(rows)), " ".join(LANDMARK_COLUMNS), *rows]
    files = {}
    for key, lines in texts.items():
        files[key] = root / f"{key}.txt"
        files[key].write_text("\n".join(lines) + "\n")
    return root / "celeba", files


def celeba_with_landmarks(root, rendered):
    """CelebA's layout with its landmarks."""
    return celeba(root, rendered, with_landmarks=True)


#: Kind of data set -> its reader, and the crops that an upload can be cut to as its pictures were.
KINDS = {
    people: ("people", WHOLE),
    folder: ("folder", list(CROPS)),
    lfw: ("lfw", list(CROPS)),
    celeba: ("celeba", list(CROPS)),
    celeba_with_landmarks: ("celeba", WHOLE),
}


def made(root, pictures, files, reader):
    """Make lists, crops and vectors of a data set as the workflow does; return where files are."""
    home = root / layout.images("x")
    home.parent.mkdir(parents=True)
    listed(home.parent, pictures, reader, files, dataset="x")
    places = root / "landmarks.parquet"
    landmarks.main(
        images=home, pictures=pictures, options=OPTIONS, code="0", threads=2,
        work=root / "work", output=places,
    )  # fmt: skip
    faces = [root / layout.faces("x", name) for name in CROPS]
    crop.main(
        images=home, landmarks=places, pictures=pictures, crops=list(CROPS),
        specs=list(CROPS.values()), code="0", threads=2, outputs=faces,
    )  # fmt: skip
    weights.main(model="pixels", spec={"family": "pixels"}, output=root / layout.model("pixels"))
    embed.main(
        faces=faces, weights=[root / layout.model("pixels")], part=0, parts=1, settings=SETTINGS,
        work=root / "embedding",
        embeddings=[root / layout.embeddings("x", name, "clean", "pixels") for name in CROPS],
        metadata=[root / layout.metadata("x", name, "clean", "pixels") for name in CROPS],
    )  # fmt: skip
    return dict(zip(CROPS, faces, strict=True))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_the_very_file_is_found_first_in_every_crop_on_offer(tmp_path, monkeypatch, rendered, kind):
    reader, offered = KINDS[kind]
    pictures, files = kind(tmp_path, rendered)
    faces = made(tmp_path, pictures, files, reader)
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / "a"))
    assert upload.made_again("x", list(CROPS)) == offered
    for name in offered:
        table = read_table(faces[name]).query("status == 'ok'")
        assert len(table) >= 4, name
        for row in table.itertuples():
            image = upload.checked((pictures / row.path).read_bytes())
            face = upload.cropped(image, "x", name)
            vector = live_models.of_picture(
                "pixels", face, upload.preprocessing("x", name, "pixels")
            )
            found = search.nearest("x", name, "pixels", vector, 2)
            assert found.image_id[0] == row.image_id, (name, row.path)
            assert found.similarity[0] == pytest.approx(1, abs=5e-7), (name, row.path)
