"""Uploaded photographs: what is refused, and with whom the others are compared."""

import json
from io import BytesIO

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from dashboard.data import live_models, upload
from facebench.pictures.detectors import Detection
from facebench.pictures.reading import read_picture
from facebench.store import layout
from facebench.store.tables import write_table


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no JPEG"), (b"GIF89a" + b"\0" * 50, "no JPEG"), (b"\0" * (11 * 2**20), "MB")],
)
def test_uploads_that_are_no_pictures_are_refused(content, said):
    with pytest.raises(upload.Refused, match=said):
        upload.checked(content)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(kind):
    big = BytesIO()
    Image.new("L", (6000, 6000)).save(big, kind)
    whole = big.getvalue()
    # Who decoded the rest would call it damaged. (A WebP file of another length isn't even opened.)
    half = whole[: len(whole) // 2]
    with pytest.raises(upload.Refused, match="pixels"):
        upload.checked(half.ljust(len(whole), b"\0") if kind == "WEBP" else half)


def turned():
    """Return a picture that lies on its side, and says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return Image.fromarray(np.arange(60, dtype=np.uint8).reshape(4, 5, 3)), {"exif": exif}


UNUSUAL = {
    "transparent": (Image.fromarray(np.tile(np.uint8([10, 20, 30, 40]), (4, 4, 1))), {}),
    "grey, transparent": (Image.fromarray(np.tile(np.uint8([90, 0]), (4, 4, 1)), "LA"), {}),
    "16 bits": (Image.fromarray(np.arange(64, dtype=np.uint16).reshape(8, 8) * 1000), {}),
    "palette": (Image.radial_gradient("L").convert("P"), {"transparency": 3}),
    "turned": turned(),
}


@pytest.mark.parametrize("name", UNUSUAL)
def test_an_upload_has_the_pixels_that_the_pipeline_reads(tmp_path, name):
    image, options = UNUSUAL[name]
    image.save(tmp_path / "a.png", **options)
    found = upload.checked((tmp_path / "a.png").read_bytes())
    assert np.array_equal(np.asarray(found), read_picture(tmp_path / "a.png"))


@pytest.mark.parametrize(
    ("reader", "own", "allowed"),
    [("people", [], True), ("lfw", ["x"], False), ("folder", [], False), ("folder", ["x"], True)],
)
def test_uploads_meet_only_invented_people_or_ones_own(tmp_path, monkeypatch, reader, own, allowed):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / "a"))
    study = tmp_path / "study.yaml"
    study.write_text(json.dumps({"dashboard": {"own": own}}))
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    record = {"data": {"reader": reader}}
    write_table(pd.DataFrame({"a": [1]}), tmp_path / layout.images("x"), record)
    assert upload.may_be_matched("x") is allowed


@pytest.mark.parametrize(
    ("made", "upsample", "by"),
    [
        ({"source": "data set"}, 2, "largest"),
        (
            {"source": "detector", "detector": "other", "upsample": 1, "choose": "centre"},
            1,
            "centre",
        ),
    ],
)
def test_a_face_is_found_by_the_detector_of_the_data_set_or_else_of_the_configuration(
    tmp_path, monkeypatch, made, upsample, by
):
    study, asked = tmp_path / "study.yaml", []

    face = Detection(np.array([1.1, 2, 8, 9]), np.full((5, 2), 4.1))

    def detector(**options):
        return lambda pixels: asked.append(options) or [face]

    def choose(faces, width, height, by):
        asked.append(by)
        return faces[0]

    study.write_text("{landmarks: {detector: other, upsample: 2, choose: largest}}")
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    monkeypatch.setattr("facebench.pictures.detectors.DETECTORS", {"other": detector})
    monkeypatch.setattr("facebench.pictures.detectors.choose", choose)
    live_models.detector.cache_clear()
    found = upload.detected(Image.new("RGB", (9, 9)), made)
    assert found.box == pytest.approx(face.box) and found.landmarks[0, 0] == np.float32(4.1)
    assert asked[0]["upsample"] == upsample and asked[0]["max_side"] == 1024 and asked[1] == by
