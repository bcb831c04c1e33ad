"""Published figures on the page Models."""

import pandas as pd
import pytest

from facebench.report import published
from facebench.store.tables import write_table
from tests.toys.dashboard_tables import DATASET, row
from tests.toys.pages import linked, texts

TABLE = f"""
[[tables]]
paper = "A paper"
table = "Table 3"
dataset = "{DATASET}"
protocol = "all_pairs"
at = [0.01, 0.001]
rows = [
  {{named = "Small", model = "mini-s", feature = "projection", whole = [90, 50]}},
  {{named = "Medium", model = "mini-m", feature = "class token", whole = [95, 55]}},
  {{named = "Theirs", feature = "not known", whole = [99, 60]}},
]
[tables.crops.whole]
said = "the whole picture"
metric = "tmr_with_itself"
beside = ["full"]
same = true
"""


@pytest.fixture
def told(mine, tmp_path, monkeypatch):
    """A study with numbers of two models that a paper has, too."""
    table = tmp_path / "published.toml"
    table.write_text(TABLE)
    monkeypatch.setattr(published, "PUBLISHED", table)
    metrics = pd.read_parquet(mine / "metrics.parquet")
    more = [
        row("full", model, "all_pairs", "tmr_with_itself", at, value, 30, 90)
        for model in ("mini-s", "mini-m")
        for at, value in (("0.01", 0.85), ("0.001", 0.4))
    ]
    write_table(pd.concat([metrics, pd.DataFrame(more)]), mine / "metrics.parquet", {})
    return mine


def test_figures_stand_beside_ours_with_their_source_and_what_differs(told, show):
    app = show(told, "models")
    assert "Beside published figures" in texts(app)
    (table,) = [one for one in linked(app) if "published" in one]
    table = table.set_index("named")
    assert table.ours["Small"] == "85.0 % [80.0, 90.0]" and table.published["Small"] == 90
    assert table.points["Small"] == -5 and "protocol=all_pairs" in table.record["Small"]
    assert table.differs["Medium"] == "feature differs" and table.differs["Small"] == ""
    assert table.ours["Theirs"] == "not measured here"
    assert (table.source == "A paper, Table 3").all()
    assert not table.index.duplicated().any()
    app = show(told, "models", fmr="0.001")
    (table,) = [one for one in linked(app) if "published" in one]
    assert table.set_index("named").points["Small"] == -10


def test_a_data_set_without_figures_has_no_such_part(told, show):
    assert "Beside published figures" not in texts(show(told, "models", crop="background"))
