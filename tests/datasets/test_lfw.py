"""The real LFW, 600 pairs of it, from archive to accuracy; skipped where the archive isn't."""

import pandas as pd
import pytest

from tests.toys.workflow import NUMBERS, RESULTS, workflow

pytestmark = pytest.mark.workflow


@pytest.fixture(scope="module")
def metrics(lfw_archive, tmp_path_factory):
    """The numbers of dlib and of raw pixels on 600 pairs of View 2."""
    directory = tmp_path_factory.mktemp("lfw")
    study = {
        "evaluate": {
            "attacks": [],
            "datasets": ["lfw-quick"],
            "crops": ["chip", "background"],
            "models": ["pixels", "dlib"],
            "protocols": ["view2", "verify", "identify", "open_set"],
        },
        "datasets": {"lfw-quick": {"archive": str(lfw_archive)}},
    }
    workflow(directory, study, *NUMBERS)
    table = pd.read_parquet(directory / RESULTS / "metrics.parquet")
    return table.set_index(["crop", "model", "protocol", "metric", "at"]).sort_index()


def value(metrics, *key):
    return metrics.loc[key].value


def test_a_face_model_recognises_faces_and_pixels_do_not(metrics):
    dlib = metrics.loc[("chip", "dlib", "view2", "accuracy", "")]
    # Its author publishes 0.9938 on all 6,000 pairs.
    assert dlib.value > 0.97 and dlib.n_images == 901
    assert value(metrics, "chip", "dlib", "view2", "standard_error", "") < 0.01
    pixels = metrics.loc[("chip", "pixels", "view2", "accuracy", "")]
    assert 0.5 < pixels.value < 0.75 and pixels.ci_high < dlib.ci_low


def test_without_the_face_a_face_model_loses_most_of_it(metrics):
    with_face = metrics.loc[("chip", "dlib", "identify", "rank", "1")]
    without = metrics.loc[("background", "dlib", "identify", "rank", "1")]
    assert with_face.value > 0.9 and without.ci_high < 0.4


def test_verification_and_open_set_are_in_the_same_table(metrics):
    assert value(metrics, "chip", "dlib", "verify", "tar", "0.001") > 0.9
    missed = metrics.xs(("chip", "open_set", "fnir", "0.1"), level=[0, 2, 3, 4])
    assert missed.ci_high["dlib"] < 0.3 < 0.9 < missed.ci_low["pixels"]
