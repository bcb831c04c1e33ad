"""Files appear whole or not at all."""

import pytest

from facebench.store.atomic import replacing


def test_a_file_appears_when_all_of_it_is_written(tmp_path):
    path = tmp_path / "new" / "folder" / "a.txt"
    with replacing(path) as part:
        part.write_text("whole")
        assert part.parent == path.parent and not path.exists()
    assert path.read_text() == "whole" and list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
@pytest.mark.parametrize("before", [None, "old"])
def test_a_failure_leaves_what_was_there_and_nothing_half_written(tmp_path, error, before):
    path = tmp_path / "a.txt"
    if before is not None:
        path.write_text(before)
    with pytest.raises(error), replacing(path) as part:
        part.write_text("ha")
        raise error
    assert list(tmp_path.iterdir()) == ([] if before is None else [path])
    assert before is None or path.read_text() == before


def test_a_failure_before_anything_is_written_is_told_as_it_is(tmp_path):
    with pytest.raises(ZeroDivisionError), replacing(tmp_path / "a.txt"):
        raise ZeroDivisionError
    with pytest.raises(FileNotFoundError), replacing(tmp_path / "a.txt"):
        pass
    assert list(tmp_path.iterdir()) == []
