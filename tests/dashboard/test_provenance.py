"""Provenance: every number has an address and a command of its own."""

from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest

from dashboard.data import commands, numbers, places, provenance

pytestmark = pytest.mark.usefixtures("study")


def test_every_number_has_an_address_of_its_own():
    rows = numbers.metrics(crop="full", model="mini-s")
    for place, address in enumerate(provenance.addresses(rows)):
        asked = dict(parse_qsl(urlsplit(address).query, keep_blank_values=True))
        found = provenance.chosen(provenance.asked(asked))
        pd.testing.assert_series_equal(found, rows.loc[place], check_names=False)
    titles = [provenance.title(row) for row in rows.to_dict("records")]
    told = pd.DataFrame({"attack": rows.attack, "protocol": rows.protocol, "title": titles})
    assert not told.duplicated().any(), told[told.duplicated(keep=False)]


def test_a_number_is_made_again_by_its_commit_and_its_job():
    row = pd.Series({"dataset": "a b", "crop": "full", "model": "m", "protocol": "identify"})
    command = provenance.command(row, {"identify": {"code": {"commit": "abc-dirty"}}})
    assert command.splitlines()[0] == "git checkout abc"
    assert command.endswith("--force -- 'results/default/a b/full/m/metrics/identify.parquet'")


@pytest.mark.parametrize(
    ("name", "option", "lacks"),
    [
        ("default", "all --directory", False),
        ("lfw", "all --configfile studies/lfw.yaml --directory", False),
        ("mine", "all --directory", True),
    ],
)
def test_the_command_names_the_configuration_of_a_study(tmp_path, monkeypatch, name, option, lacks):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / name))
    assert option in commands.snakemake(places.result("metrics.parquet"), "--force")
    assert commands.known() is not lacks
