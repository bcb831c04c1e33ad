"""What the steps that are stopped on purpose are given: a study, and a slow server."""

import urllib.request

import pytest
import yaml
from snakemake.utils import update_config

from facebench.study.config import checked
from tools import interrupt_steps
from tools.interrupt_study import ROOT


@pytest.mark.parametrize("source", [{"archive": "made.tar"}, {"folder": "made"}])
def test_the_study_is_one(source):
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    update_config(config, interrupt_steps.study(source))
    assert checked(config, ROOT / "rules" / "schema")["datasets"]["made"]["reader"] == "folder"


def test_the_server_goes_on_from_any_byte(tmp_path):
    (tmp_path / "made.tar").write_bytes(bytes(range(200)))
    with interrupt_steps.served(tmp_path / "made.tar") as address:
        asked = urllib.request.Request(address, headers={"Range": "bytes=150-"})
        with urllib.request.urlopen(asked) as answer:
            assert answer.status == 206 and answer.read() == bytes(range(150, 200))
        with urllib.request.urlopen(address) as answer:
            assert answer.read() == bytes(range(200))
