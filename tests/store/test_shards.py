"""Long work in pieces: what was finished is used again, unless what it depends on changed."""

import logging

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from facebench.store.shards import forget, in_shards


class Killed(Exception):
    pass


def squares(calls, die_at=None):
    """Return a piece of work that counts its calls and dies at a row."""

    def work(span):
        if die_at is not None and span.start >= die_at:
            raise Killed
        calls.append(span)
        return pa.table({"square": [row * row for row in range(span.start, span.stop)]})

    return work


@pytest.mark.parametrize("size", [1, 3, 10, 100])
def test_the_result_does_not_depend_on_the_size_of_the_shards(tmp_path, size):
    table = in_shards(tmp_path / "w", {}, rows=10, size=size, work=squares([]))
    assert table["square"].to_pylist() == [row * row for row in range(10)]


@pytest.mark.parametrize("sizes", [[10], [1, 4, 2, 3], [9, 1]])
def test_shards_may_have_sizes_of_their_own(tmp_path, sizes):
    calls = []
    table = in_shards(tmp_path / "w", {}, rows=10, size=sizes, work=squares(calls))
    assert table["square"].to_pylist() == [row * row for row in range(10)]
    assert [span.stop - span.start for span in calls] == sizes


def test_no_rows_give_an_empty_table_with_the_right_columns(tmp_path):
    table = in_shards(tmp_path / "w", {}, rows=0, size=4, work=squares([]))
    assert table.num_rows == 0 and table.column_names == ["square"]


def test_killed_work_loses_at_most_one_shard(tmp_path):
    with pytest.raises(Killed):
        in_shards(tmp_path / "w", {"model": "a"}, 10, 3, squares([], die_at=6))
    calls = []
    table = in_shards(tmp_path / "w", {"model": "a"}, 10, 3, squares(calls))
    assert calls == [slice(6, 9), slice(9, 10)]
    assert table["square"].to_pylist() == [row * row for row in range(10)]


@pytest.mark.parametrize("change", [{"key": {"model": "b"}}, {"rows": 11}, {"size": 2}])
def test_pieces_made_under_other_conditions_are_thrown_away(tmp_path, change):
    common = {"key": {"model": "a"}, "rows": 10, "size": 3}
    with pytest.raises(Killed):
        in_shards(tmp_path / "w", **common, work=squares([], die_at=6))
    calls = []
    in_shards(tmp_path / "w", **{**common, **change}, work=squares(calls))
    assert calls[0].start == 0


@pytest.mark.parametrize("how", ["cut", "emptied", "fewer rows", "gone", "folder"])
def test_a_piece_that_cant_be_read_is_made_again_with_those_after_it(tmp_path, caplog, how):
    folder = tmp_path / "w"
    with pytest.raises(Killed):
        in_shards(folder, {}, 10, 2, squares([], die_at=8))
    piece = folder / "000000000004.parquet"
    whole = piece.read_bytes()
    piece.unlink()
    if how == "folder":
        piece.mkdir()
    elif how == "fewer rows":
        piece.write_bytes((folder / "000000000002.parquet").read_bytes())
        pq.write_table(pa.table({"square": [16]}), piece)
    elif how != "gone":
        piece.write_bytes(whole[:-40] if how == "cut" else b"")
    calls = []
    with caplog.at_level(logging.INFO):
        table = in_shards(folder, {}, 10, 2, squares(calls))
    # `work` may prepare ahead: nothing behind the first piece that it makes may be left out.
    assert calls == [slice(4, 6), slice(6, 8), slice(8, 10)]
    assert table["square"].to_pylist() == [row * row for row in range(10)]
    assert ("is made again" in caplog.text) == (how != "gone")


@pytest.mark.parametrize("key", [b"", b"{", b"\xff\xfe", b"[1]"])
def test_a_key_that_cant_be_read_is_another_key(tmp_path, key):
    with pytest.raises(Killed):
        in_shards(tmp_path / "w", {}, 4, 2, squares([], die_at=2))
    (tmp_path / "w" / "key.json").write_bytes(key)
    calls = []
    in_shards(tmp_path / "w", {}, 4, 2, squares(calls))
    assert calls[0].start == 0


def test_a_half_written_piece_is_done_again(tmp_path):
    folder = tmp_path / "w"
    in_shards(folder, {}, 4, 2, squares([]))
    (folder / "000000000002.parquet").unlink()
    (folder / "000000000002.parquet.part").write_bytes(b"half")
    calls = []
    in_shards(folder, {}, 4, 2, squares(calls))
    assert calls == [slice(2, 4)]


def test_forget_removes_the_pieces(tmp_path):
    in_shards(tmp_path / "w", {}, 4, 2, squares([]))
    forget(tmp_path / "w")
    assert not (tmp_path / "w").exists()
