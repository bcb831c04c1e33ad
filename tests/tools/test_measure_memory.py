"""The memory of every step, measured as its page says."""

import pytest

from tools import measure_memory


@pytest.mark.slow
def test_every_step_runs_and_is_measured(tmp_path, capsys):
    options = {"model": "pixels", "side": 32, "kind": "JPEG", "steps": measure_memory.STEPS}
    measure_memory.main([30], tmp_path, **options)
    head, *lines = capsys.readouterr().out.splitlines()
    assert head.split() == ["pictures", "step", "peak", "MB", "own", "MB", "seconds"]
    assert [line.split()[1] for line in lines] == list(measure_memory.STEPS)
    for line in lines:
        peak, own, seconds = map(float, line.split()[2:])
        assert peak > own > 0 and seconds > 0
