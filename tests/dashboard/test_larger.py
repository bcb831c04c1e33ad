"""Larger galleries on the page Recognition."""

from tests.toys.pages import linked, texts


def test_measured_and_simulated_strangers_are_told_apart_and_laws_with_their_errors(full, show):
    app = show(full, "recognition", "Larger galleries")
    found, missed = linked(app)
    assert set(found.line) == {"people", "simulated vectors"}
    assert sorted(found.strangers.unique()) == [1000, 10000, 100000]
    assert (missed.value < 50).all() and (found.value > 50).all()
    assert any("vectors of people, moved at random" in text for text in texts(app))
    (laws,) = [one.value for one in app.dataframe if "law" in one.value]
    assert set(laws["its prediction, points"]) == {"1.2 too high"}
    assert laws["1,000,000,000 entries"].str.startswith("31.0 % [").all()
