"""The page Claims."""

import pandas as pd

from tests.toys.pages import missing, texts


def test_every_claim_has_its_test_and_its_verdict_in_words(full, show):
    app = show(full, "claims")
    said = [text.replace("\\", "") for text in texts(app)]
    assert "Bigger isn't better." in [one.value for one in app.header]
    assert any(text.startswith(":red-badge[contradicted] **strangers, full**") for text in said)
    assert any("Claimed by: Somebody. A test." in text for text in said)
    assert missing(app) == []


def test_the_whole_rule_of_a_verdict_is_on_the_page(mine, show):
    path = mine / "claims.parquet"
    rule = "Of the crops `tight` and `full`: " + "supported where it is so, " * 20 + "and not else."
    pd.read_parquet(path).assign(rule=rule).to_parquet(path)
    said = [text.replace("\\", "") for text in texts(show(mine, "claims"))]
    assert any(rule.replace("`", "") in text for text in said)


def test_a_claim_without_numbers_was_not_asked_for(mine, show):
    path = mine / "claims.parquet"
    found = pd.read_parquet(path).iloc[0]
    none = found.copy()
    none["says"], none["people"], none["verdict"] = "Robust.", 0, "not measured in this study"
    pd.DataFrame([found, none]).to_parquet(path)
    told = missing(show(mine, "claims"))
    assert told == ["Not asked for in this study: it has no numbers on this claim."]
