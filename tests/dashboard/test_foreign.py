"""Results of another make: columns that hold something else, records and models of any form."""

from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.data import columns, files, places
from dashboard.data.missing import Missing
from dashboard.elements import BROKEN
from facebench.store import layout
from facebench.store.tables import read_record, write_table
from tests.toys.dashboard_tables import DATASET, STUDY, job
from tests.toys.pages import PATIENCE, VIEWS, missing

RIGHT = {"text": "a", "number": 0.5, "truth": True}
#: What a column may hold instead -> whether the same is right for a kind of column.
WRONG = {
    "texts": (["a", "b"], {"text"}),
    "texts in codes": (pa.array(["a", "b"]).dictionary_encode(), {"text"}),
    "numbers": ([1, 2], {"number"}),
    "truths": ([True, False], {"truth"}),
    "nothing": ([None, None], set()),
    "a cell that is empty": (None, set()),
    "lists": ([[1], [2]], set()),
    "times": (pa.array([0, 1], pa.timestamp("s")), set()),
    "mappings": ([{"a": 1}, {"a": 2}], set()),
}
HELD = [(file, kind, name) for file, kinds in columns.HELD.items() for kind in kinds
        for name in kinds[kind].split()]  # fmt: skip


@pytest.mark.parametrize(("file", "kind", "name"), HELD)
def test_a_column_that_holds_something_else_is_named(tmp_path, monkeypatch, file, kind, name):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / "a"))
    path = Path(file) if file.endswith(".parquet") else Path(file, "one.parquet")
    place = places.result(str(path))
    path = places.absolute(place)
    path.parent.mkdir(parents=True)
    right = RIGHT[kind.rstrip("?")]
    for harm, (values, allowed) in WRONG.items():
        values = [right, None] if values is None else values
        pq.write_table(pa.table({name: values, "unused": [1, 2]}), path)
        empty = harm in ("nothing", "a cell that is empty")
        if kind.rstrip("?") in allowed or (empty and kind.endswith("?")):
            files.table(place, [name])
        else:
            with pytest.raises(Missing, match=f"{path.name} .*its column {name}"):
                files.table(place, [name])
        path.unlink()


def replaced(path, **values):
    """Replace columns of a table, whatever they held."""
    table = pd.read_parquet(path)
    write_table(table.assign(**values), path, read_record(path))


@pytest.mark.parametrize(("page", "part"), VIEWS)
@pytest.mark.parametrize(
    ("column", "value"), [("value", "much"), ("n_images", None), ("record", None)]
)
def test_numbers_of_another_make_are_told_on_every_page(mine, show, page, part, column, value):
    replaced(mine / "metrics.parquet", **{column: value})
    told = " ".join(missing(show(mine, page, part)))
    # These read other tables alone.
    assert f"its column {column}" in told or page in ("claims", "cost", "find_me")


@pytest.mark.parametrize(
    "text",
    ["[1]", "null", "not JSON", '"text"', "{}", '{"identify": [1]}', '{"identify": {"code": "x"}}',
     '{"identify": {"refused": [1], "statistics": 5}}', '{"a":' * 5000 + "1" + "}" * 5000],
    ids=str.__len__,
)  # fmt: skip
def test_records_of_another_make_are_shown_or_told(mine, show, text):
    replaced(mine / "records.parquet", json=text)
    for page, part in (("provenance", ""), ("models", ""), ("recognition", "Curves")):
        show(mine, page, part)


@pytest.mark.parametrize(
    "described",
    ["[1]", "null", "{", '{"text": true}', '{"text": true, "spec": {}, "files": {}}',
     '{"text": true, "spec": {"family": "another"}, "files": {}}',
     '{"text": true, "spec": [1], "files": [2], "record": 3, "model": 4}',
     '{"text": true, "spec": {"family": "pixels"}, "files": {"weights": "/dev/zero"}}'],
)  # fmt: skip
def test_models_of_another_make_are_told(mine, show, described):
    for path in mine.parents[1].glob(layout.model("*")):
        path.write_text(described)
    app = show(mine, "search", "Words", words="somebody")
    assert missing(app)


def test_one_address_of_a_number_that_these_results_lack_is_told(full, show):
    known = job("full", "mini-s", "identify")
    for number, wrong in (("0" * 12, {}), (known, {"metric": "no such"})):
        app = show(full, "provenance", number=number, **wrong)
        (told,) = [one.value for one in app.warning]
        assert number in told and "no such number" in told
    assert not show(full, "provenance", number=known).warning
    assert not show(full, "provenance").warning


def test_what_nobody_foresaw_is_told_in_its_place_and_the_page_goes_on():
    def page():
        import streamlit as st

        from dashboard.elements import section

        with section("One"):
            raise KeyError("<b>secret path</b>")
        st.text("the rest")

    app = AppTest.from_function(page, default_timeout=PATIENCE).run()
    assert not app.exception and app.text[0].value == "the rest"
    (told,) = missing(app)
    assert told.startswith(BROKEN) and "KeyError" in told and "secret" not in told


def test_the_columns_that_pages_ask_for_are_checked():
    """Every table that the workflow writes has its columns in the list."""
    assert {path.rpartition("/")[2] for path in (
        layout.result(STUDY, "metrics.parquet"), layout.images(DATASET),
        layout.faces(DATASET, "full"), layout.my_cloaks(STUDY, DATASET, "parquet"),
    )} <= set(columns.HELD)  # fmt: skip
