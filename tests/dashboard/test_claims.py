"""The page Claims."""

from tests.toys.pages import missing, texts


def test_every_claim_has_its_test_and_its_verdict_in_words(full, show):
    app = show(full, "claims")
    said = [text.replace("\\", "") for text in texts(app)]
    assert "Bigger isn't better." in [one.value for one in app.header]
    assert any(text.startswith(":red-badge[contradicted] **strangers, full**") for text in said)
    assert any("Claimed by: Somebody. A test." in text for text in said)
    assert missing(app) == ["Not asked for in this study: it has no numbers on this claim."]
