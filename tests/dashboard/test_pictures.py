"""Pictures of faces: from their row groups, blurred where it is asked for."""

from io import BytesIO

import numpy as np
import pytest
import yaml
from PIL import Image

from dashboard.data import pictures, settings
from dashboard.data.missing import Missing
from facebench.store import layout

pytestmark = pytest.mark.usefixtures("study")


def face_like(side=96):
    """Return a picture with a face's layout: two dark eyes and a mouth, in a light oval."""
    y, x = np.mgrid[:side, :side] / side
    light = np.where((x - 0.5) ** 2 / 0.16 + (y - 0.5) ** 2 / 0.22 < 1, 220, 90)
    for left, top, wide, high in ((0.25, 0.32, 0.16, 0.1), (0.59, 0.32, 0.16, 0.1)):
        light[(x > left) & (x < left + wide) & (y > top) & (y < top + high)] = 20
    light[(x > 0.35) & (x < 0.65) & (y > 0.68) & (y < 0.76)] = 60
    buffer = BytesIO()
    Image.fromarray(np.repeat(light[:, :, None], 3, 2).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def detail(image):
    """Return the steepest step between neighbouring pixels."""
    return np.abs(np.diff(np.asarray(image.convert("L"), np.int16), axis=1)).max()


@pytest.mark.parametrize(
    ("variable", "study"),
    [("blurred", "{}"), ("anything else", "{}"), ("", "{dashboard: {faces: blurred}}")],
)
def test_blurred_faces_can_not_be_told_apart(tmp_path, monkeypatch, variable, study):
    assert detail(pictures.opened(face_like())) > 100
    (tmp_path / "study.yaml").write_text(study)
    monkeypatch.setenv("FACEBENCH_FACES", variable)
    monkeypatch.setenv("FACEBENCH_STUDY", str(tmp_path / "study.yaml"))
    assert detail(pictures.opened(face_like())) < 10


def test_a_study_that_is_not_there_shows_no_faces(monkeypatch):
    monkeypatch.setenv("FACEBENCH_FACES", "")
    monkeypatch.setenv("FACEBENCH_STUDY", "no/such/study.yaml")
    with pytest.raises(Missing, match="no configuration"):
        pictures.opened(face_like())


def test_the_configuration_is_parsed_once_and_again_when_it_changes(tmp_path, monkeypatch):
    study, parsed = tmp_path / "study.yaml", []
    load = yaml.safe_load
    monkeypatch.setattr("yaml.safe_load", lambda text: parsed.append(text) or load(text))
    monkeypatch.setenv("FACEBENCH_FACES", "")
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    study.write_text("{}")
    assert not any(settings.blurred() for _ in range(20)) and len(parsed) <= 2
    study.write_text("{dashboard: {faces: blurred}}")
    assert settings.blurred()


def test_pictures_come_from_their_row_groups():
    ids = [f"{i:016x}" for i in (0, 17, 89)]
    found = pictures.encoded([*ids, "nobody"], layout.faces("strangers", "full"))
    assert list(found) == ids and all(one.startswith(b"\x89PNG") for one in found.values())
