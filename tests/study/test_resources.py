"""What jobs ask a cluster for."""

import re

import pytest

from tests.toys.workflow import ROOT


@pytest.mark.parametrize("path", sorted((ROOT / "rules").glob("*.smk")), ids=lambda path: path.stem)
def test_every_rule_asks_for_more_when_it_is_tried_again(path):
    asked = re.findall(r"^\s+(?:mem_mb|runtime)=(.*),$", path.read_text(), re.MULTILINE)
    assert [each for each in asked if not each.startswith("more(")] == []
    assert bool(asked) == (path.stem not in ("common", "terminal"))
