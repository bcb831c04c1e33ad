"""Provenance: every number has an address and a command of its own."""

from urllib.parse import parse_qsl, urlsplit

import pandas as pd
import pytest

from dashboard.data import commands, numbers, places, provenance
from facebench.report.headlines import HEADLINES

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
        ("nobody-s", "all --directory", True),
    ],
)
def test_the_command_names_the_configuration_of_a_study(tmp_path, monkeypatch, name, option, lacks):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results" / name))
    assert option in commands.snakemake(places.result("metrics.parquet"), "--force")
    assert commands.known() is not lacks


@pytest.mark.parametrize(
    ("protocol", "page", "part"),
    [("identify", "recognition", None), ("name", "names", None), ("poison", "poisoning", None),
     ("index_poison", "poisoning", "Index"), ("hubs", "poisoning", "Hubs"),
     ("hubs_by_name", "poisoning", "Hubs"), ("scale", "recognition", "Larger galleries"),
     ("identity_inference", "names", "Names read"), ("open_set_by_name", "names", "Strangers")],
)  # fmt: skip
def test_from_a_number_a_way_leads_back_to_its_page(show, full, protocol, page, part):
    row = numbers.metrics(crop="background", protocol=protocol).iloc[0]
    assert provenance.shown_on(row)[0] == page and provenance.shown_on(row)[1].get("part") == part
    app = show(full, "provenance", number=row.record, protocol=protocol, crop="background")
    links = [link.proto for link in app.get("page_link")]
    assert [link.label.partition(" ")[0] for link in links] == ["Back", "Choose"]
    assert "crop=background" in links[0].query_string and "study=default" in links[0].query_string


def test_a_number_is_called_what_its_table_calls_it():
    for headline in HEADLINES:
        found = numbers.metrics(protocol=headline.protocol, metric=headline.metric, crop="full")
        for row in found[found["at"] == headline.at].head(1).to_dict("records"):
            assert provenance.title(row) == headline.title


def test_a_good_model_is_offered_first(show, full):
    app = show(full, "provenance")
    assert app.selectbox(key="model").value == "mini-s"
    assert app.selectbox(key="protocol").value == "identify"
