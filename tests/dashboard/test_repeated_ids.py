"""Pictures with one id: unusable files that are equal, and usable ones of another make."""

import numpy as np
import pandas as pd
import pytest

from dashboard.data import people, pictures, search
from facebench.store import layout
from facebench.store.tables import read_record, write_table
from tests.toys.dashboard_tables import DATASET
from tests.toys.pages import VIEWS, missing


def changed(root, place, change):
    """Write tables again, as `change` returns them."""
    paths = list(root.glob(place))
    assert paths
    for path in paths:
        write_table(change(pd.read_parquet(path)), path, read_record(path), rows_a_group=16)


def with_empty_files(table):
    """Return a list of pictures with two more files, both empty: what has no bytes has one id."""
    two = table.head(2).assign(image_id="e3b0c44298fc1c14", status="unreadable", reason="Empty.")
    for column in {"image", "attack_status"} & set(table):
        two[column] = None
    return pd.concat([two.head(1), table, two.tail(1)], ignore_index=True)


def with_one_id(table):
    """Return a table in which the first two pictures have one id."""
    return table.assign(image_id=[table.image_id[0], *table.image_id[:1], *table.image_id[2:]])


@pytest.mark.parametrize(("page", "part"), VIEWS)
@pytest.mark.parametrize("repeat", [with_empty_files, with_one_id])
def test_every_page_is_whole(mine, show, page, part, repeat):
    root = mine.parents[1]
    for place in (layout.images(DATASET), layout.faces(DATASET, "*", "*")):
        changed(root, place, repeat)
    if repeat is with_one_id:
        changed(root, layout.metadata(DATASET, "*", "*", "mini-s"), repeat)
        models = pd.read_parquet(mine / "models.parquet")
        write_table(pd.concat([models, models]), mine / "models.parquet", {})
    assert missing(show(mine, page, part)) == []


def test_an_id_means_the_first_usable_picture_that_has_it(mine, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(mine))
    root = mine.parents[1]
    faces = layout.faces(DATASET, "full")
    ids = [f"{number:016x}" for number in (0, 2, 3)]
    before = pictures.encoded(ids, faces)
    for place in (layout.images(DATASET), layout.faces(DATASET, "full", "*")):
        changed(root, place, lambda table: with_empty_files(with_one_id(table)))
    assert pictures.encoded([*ids, "e3b0c44298fc1c14"], faces) == before
    assert people.images(DATASET).index.is_unique
    first = search.vectors(DATASET, "full", "clean", "mini-s").of(ids[0])
    changed(root, layout.metadata(DATASET, "full", "clean", "mini-s"), with_one_id)
    found = search.vectors(DATASET, "full", "clean", "mini-s")
    assert np.array_equal(found.of(ids[0]), first)
    assert found.places([ids[0], ids[1], "nobody"]).tolist() == [0, 2, -1]
