"""Thresholds to take home, on the page Models."""

import json

import pandas as pd
import pytest

from tests.toys.pages import missing, texts


def shown(app):
    """Return the table of thresholds of a page."""
    (table,) = [one.value for one in app.dataframe if "impostor_pairs" in one.value]
    return table


def test_every_threshold_is_there_with_what_it_was_found_on_and_how_to_use_it(full, show):
    app = show(full, "models", crop="full")
    table = shown(app)
    assert table.model.nunique() == 5 and list(table.rate[:2]) == ["1 %", "0.1 %"]
    known, rare = table.iloc[0], table.iloc[1]
    assert known.threshold == pytest.approx(0.612) and known.interval == "[0.58, 0.64]"
    assert known.accepted == pytest.approx(70) and known.impostor_pairs == 3915
    assert pd.isna(rare.threshold) and rare.refused == "FAR 0.001 is refused: too few pairs."
    said = " ".join(texts(app))
    assert "at or above the threshold" in said and "neither to another crop nor to other" in said


def test_a_filter_of_models_is_one_of_thresholds(full, show):
    table = shown(show(full, "models", crop="full", kinds="raw pixels"))
    assert set(table.model) == {"pixels"}


def test_a_study_without_the_file_says_so_and_a_file_of_another_version_too(mine, show):
    path = mine / "thresholds.json"
    held = json.loads(path.read_text())
    for one in held["thresholds"]:
        del one["impostor_pairs"]
    path.write_text(json.dumps(held))
    assert any("it lacks impostor_pairs" in text for text in missing(show(mine, "models")))
    path.unlink()
    assert any("There is no" in text for text in missing(show(mine, "models")))
