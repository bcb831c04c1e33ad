"""Tables of hubs in the texts, of numbers that are known."""

from types import SimpleNamespace

import pandas as pd

from tools.quoting import hubs

WHERE = {"dataset": "d", "crop": "c", "protocol": "hubs", "attack": "clean"}


def number(threat, at, value, model="a", metric="hits_by_index"):
    interval = {"ci_low": value - 0.01, "ci_high": value + 0.01}
    same = {"threat": threat, "at": at, "model": model, "metric": metric}
    return {**WHERE, **same, "value": value, **interval}


def test_a_number_of_an_index_is_found_by_its_name_and_probes():
    rows = [
        number("hub-centroid", "1/10/ivf-pq 1", 0.1),
        number("hub-centroid", "1/10/ivf-pq 4", 0.3),
        number("hub-centroid", "1/10/ivf-pq 4", 0.2, model="b"),
        number("hub-natural", "1/10/ivf-pq 4", float("nan")),
        number("hub-centroid", "1/10", 0.6, metric="hits"),
    ]
    results = SimpleNamespace(table=lambda name: pd.DataFrame(rows))
    asked = ("d", "c", "hubs")
    heads, lines = hubs.reached(results, *asked, "hits_by_index", "1/10/ivf-pq", "4")
    assert heads == ["entries", "a", "b"]
    assert lines == [["centroid", "30.0 [29.0, 31.0]", "20.0 [19.0, 21.0]"]]
    assert hubs.reached(results, *asked, "hits", "1/10")[1] == [["centroid", "60.0 [59.0, 61.0]"]]
