"""Tables that are written as they come: the same files, without all rows in memory."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facebench.store.keys import read_content, read_key
from facebench.store.tables import iter_table, read_record, write_stream, write_table
from facebench.vectors.stored import save_blocks, save_rows

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def tables(*sizes):
    """Yield tables of these sizes whose rows are counted through."""
    start = 0
    for size in sizes:
        rows = range(start, start + size)
        yield pa.table({"n": rows, "text": [f"t{row}" for row in rows]}, schema=SCHEMA)
        start += size


@pytest.mark.parametrize("sizes", [(), (0,), (7,), (3, 0, 4)])
def test_what_fits_into_a_row_group_is_the_same_file(tmp_path, sizes):
    whole = pa.concat_tables([SCHEMA.empty_table(), *tables(*sizes)])
    write_table(whole, tmp_path / "a", {"x": 1}, key="k")
    assert write_stream(tables(*sizes), SCHEMA, tmp_path / "b", {"x": 1}, key="k") == sum(sizes)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_a_longer_one_has_the_same_rows_and_a_content_of_its_rows_alone(tmp_path):
    for name, sizes in (("a", (9, 9, 2)), ("b", (20,)), ("c", (19,))):
        write_stream(tables(*sizes), SCHEMA, tmp_path / name, {"x": 1}, rows_a_group=8, key="k")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    assert read_content(tmp_path / "a") != read_content(tmp_path / "c")
    assert read_key(tmp_path / "a") == "k" and read_record(tmp_path / "a") == {"x": 1}
    assert pq.read_metadata(tmp_path / "a").num_row_groups == 3
    parts = list(iter_table(tmp_path / "a", ["n"], rows=5))
    assert max(map(len, parts)) <= 5
    assert pa.concat_tables(parts)["n"].to_pylist() == list(range(20))


def test_vectors_in_blocks_are_the_file_of_all_at_once(tmp_path):
    rows = np.random.default_rng(0).random((10, 3)).astype(np.float32)
    save_rows(rows, tmp_path / "a.npy")
    save_blocks(iter([rows[:4], rows[4:]]), rows.shape, tmp_path / "b.npy")
    assert (tmp_path / "a.npy").read_bytes() == (tmp_path / "b.npy").read_bytes()
    with pytest.raises(ValueError, match="6 rows came"):
        save_blocks([rows[4:]], rows.shape, tmp_path / "c.npy")
    assert not (tmp_path / "c.npy").exists()
