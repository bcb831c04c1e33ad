"""The laboratory as its users run it: recipes of several seeds, trained, evaluated, compared."""

import pandas as pd
import pytest

from tests.toys.workflow import RESULTS, jobs, workflow
from tests.training.test_pretrain import CLIP

pytestmark = pytest.mark.workflow
RECIPE = {**CLIP, "images": 48, "seeds": [0, 3]}
SEEN = {"kind": "seen", "pictures": 54, "groups": ["sex"]}
STUDY = {
    "evaluate": {
        "datasets": ["known"], "crops": ["tight"], "attacks": [], "models": ["seen", "poisoned"],
        "protocols": ["name", "identify"],
    },
    "datasets": {
        "subjects": {"reader": "people", "people": 12, "views": 4, "size": 40},
        "others": {"reader": "people", "first": 50, "people": 15, "views": 2, "size": 40},
        "known": {"reader": "people", "people": 12, "views": 2, "first_view": 9, "size": 40},
    },
    "pretrain": {
        "subjects": ["subjects"], "pictures": ["others"],
        "strangers": ["others"], "known": ["known"],
        "recipes": {
            "seen": {**RECIPE, "album": {**SEEN, "times": [0, 4]}},
            "poisoned": {**RECIPE, "album": {**SEEN, "times": [4], "blurred": True},
                         "captions": {"kind": "poisoned", "times": [0, 4]}},
        },
    },
    "models": {
        name: {"family": "open_clip", "path": f"trained/{name}", "threads": 1, "mem_mb": 1000}
        for name in ("seen", "poisoned")
    },
    "name": {"templates": ["a photo of {}"], "distractors": 30, "candidates": [10]},
    "identify": {"galleries": 2},
    "statistics": {"draws": 100},
}  # fmt: skip


def test_recipes_of_several_seeds_are_trained_and_compared_by_how_often_people_were_seen(tmp_path):
    target = str(RESULTS / "names-seen.svg")
    done = workflow(tmp_path, STUDY, "--", target)
    assert jobs(done)["pretrain"] == 4 and jobs(done)["names_seen"] == 1
    table = pd.read_parquet(tmp_path / RESULTS / "names-seen.parquet")
    assert set(table.n_seeds) == {2} and table.refused.isna().all()
    seen = table.query("recipe == 'seen' and metric == 'naming'")
    assert seen.times.fillna(-1).tolist() == [-1, 0, 4] and seen.n_identities.iloc[0] == 12
    victims = table.query("recipe == 'poisoned' and role == 'victim' and metric == 'targeted'")
    assert victims.times.fillna(-1).tolist() == [-1, 0, 4]
    assert set(victims.against) == {"seen"} and victims.difference.notna().all()
    assert table.query("recipe == 'seen'").against.isna().all()
    told = pd.read_parquet(tmp_path / "trained" / "seen-3" / "told.parquet")
    assert sorted(told.pictures) == [0] * 6 + [4] * 6 and "sex" in told
