"""A step that fails and is tried again: why it failed is told once, and not at the end."""

from facebench.terminal.lines import Run, Step


def test_a_step_that_is_tried_again_has_not_failed(tmp_path):
    run = Run(start=0)
    run.plan({"embed": 1}, now=0)
    step = Step("embed", "people", [str(tmp_path / "none.log")], ["a.npy"], start=0)
    run.begin(1, step)
    run.fail(1, "It was cancelled.", step.logs, now=5)
    assert run.again(1) == ["embed people is tried again. It was cancelled."]
    assert run.again(2) == []
    run.begin(1, step)
    run.finish(1, now=9)
    assert run.done == 1 and not run.failed
