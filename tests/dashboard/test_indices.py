"""The page Index."""

from tests.toys.pages import texts


def test_each_index_has_its_numbers_and_what_it_loses(full, show):
    app = show(full, "indices")
    (table,) = [one.value for one in app.dataframe if "recall1" in one.value]
    assert list(table["index"]) == ["flat", "ivf-pq", "ivf-pq"]
    assert list(table.probes[1:]) == [4, 64] and table.probes.isna().iloc[0]
    assert list(table.recall1) == [100, 60, 90] and list(table.lost) == [0, 32, 8]
    assert list(table.bytes) == [1024, 40, 40] and list(table.build_seconds) == [0.5, 9, 9]
    assert any(
        "in 80.0 % of the searches: the model's own error is 20.0 %" in t for t in texts(app)
    )
