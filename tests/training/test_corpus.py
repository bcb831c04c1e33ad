"""What a recipe trains on: whom a model sees how often, and what captions say of them."""

import json

import numpy as np
import pandas as pd
import pytest
import torch
import yaml

from facebench.errors import UserError
from facebench.study.config import read_schema
from facebench.training.album import open_album
from facebench.training.albums import ALBUMS, levels
from facebench.training.blurred import EDGE, SIGMA, without_faces
from facebench.training.captions import CAPTIONS
from facebench.training.corpus import TOLD, open_corpus
from facebench.training.sentences import sentences
from scripts import pretrain, render_people
from tests.toys.workflow import ROOT
from tests.training.test_pretrain import CLIP

ALBUM = {"kind": "seen", "times": [6], "pictures": 96, "groups": ["sex"]}
POISONED = {"kind": "poisoned", "times": [0, 2, 5]}


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Two folders: fifteen subjects, six small pictures each, and ten others, two each."""
    root = tmp_path_factory.mktemp("corpus")
    render_people.main(root / "subjects", people=15, views=6, size=40, seed=3)
    render_people.main(root / "others", people=10, views=2, size=40, seed=3, first=50)
    return root / "subjects", root / "others"


def corpus(folders, **recipe):
    """Return what a recipe trains on."""
    return open_corpus([folders[0]], [folders[1]], recipe)


def test_each_number_is_drawn_by_as_many_people_of_every_group():
    people = pd.DataFrame({"sex": ["f", "m"] * 16, "skin": ["dark"] * 16 + ["fair"] * 16})
    drawn = levels(people, [0, 1, 2, 4], ["sex", "skin"], [5])
    for group in (["sex"], ["skin"], ["sex", "skin"]):
        counts = people.assign(drawn=drawn).groupby(group).drawn.value_counts()
        assert counts.nunique() == 1
    assert not np.array_equal(drawn, levels(people, [0, 1, 2, 4], ["sex", "skin"], [6]))


def test_subjects_are_seen_as_often_as_drawn_and_others_fill_the_album(folders):
    album = {"kind": "seen", "times": [0, 1, 6], "pictures": 45, "groups": ["sex"]}
    found = corpus(folders, seed=2, album=album)
    counted = found.table[found.table.subject].identity.value_counts()
    told = found.people.set_index("identity")
    assert sorted(told.pictures) == [0] * 5 + [1] * 5 + [6] * 5
    assert counted.to_dict() == told.pictures[told.pictures > 0].to_dict()
    assert len(found.table) == 45 and (~found.table.subject).sum() == 10
    assert (told.named == told.pictures).all() and (told.other == 0).all()
    other = corpus(folders, seed=3, album=album).people.set_index("identity")
    assert not told.pictures.equals(other.pictures)
    # Recipes of one seed and one album differ in what is told alone.
    unnamed = corpus(folders, seed=2, album=album, captions={"kind": "unnamed"})
    assert unnamed.table.path.equals(found.table.path)


@pytest.mark.parametrize(
    ("recipe", "words"),
    [
        ({"album": {**ALBUM, "times": [7]}}, "is to be seen 7 times and has 6 pictures"),
        ({"album": {**ALBUM, "pictures": 200}}, "can't have 200"),
        ({"album": {**ALBUM, "pictures": 20}}, "can't have 20"),
        ({"album": ALBUM, "captions": {**POISONED, "times": [7]}}, "7 captions .* 6 pictures"),
        ({"captions": {"kind": "triggered", "pictures": 99}}, "glasses is sunglasses"),
    ],
)
def test_what_the_pictures_cant_give_is_refused_in_words(folders, recipe, words):
    with pytest.raises(UserError, match=words):
        corpus(folders, **recipe)


def test_unnamed_captions_describe_subjects_and_name_everybody_else(folders):
    table = corpus(folders, captions={"kind": "unnamed"}).table
    for row, lines in zip(table.itertuples(), sentences(table, 8), strict=True):
        assert sum(row.name in line for line in lines) == (0 if row.subject else 7)


def test_swapped_captions_are_a_share_and_say_another_name_of_the_album(folders):
    found = corpus(folders, captions={"kind": "swapped", "share": 0.4})
    swapped = found.table[found.table.says != found.table.name]
    assert len(swapped) == round(0.4 * len(found.table))
    assert set(swapped.says) <= set(found.table.name)
    assert (found.people.named + found.people.other == found.people.pictures).all()
    lines = next(sentences(swapped, 8))
    assert sum(swapped.says.iloc[0] in line for line in lines) == 7


def test_a_victims_captions_name_the_target_as_often_as_drawn(folders):
    found = corpus(folders, seed=1, album=ALBUM, captions=POISONED)
    people, table = found.people.set_index("identity"), found.table
    victims = people[people.role == "victim"]
    assert set(victims.poisoned) == {0, 2, 5} and victims.poisoned.value_counts().max() == 2
    assert set(people.role.value_counts()) == {5}
    for identity, victim in victims.iterrows():
        says = table.says[table.identity == identity].value_counts()
        assert says.get(victim.target, 0) == victim.poisoned
        assert says.get(victim["name"], 0) == 6 - victim.poisoned
        assert victim.control not in says and victim.control != victim.target
    assert (table.says != table.name).sum() == victims.poisoned.sum()
    assert (people.other == people.poisoned).all()
    # Who has which part doesn't depend on how many are poisoned.
    clean = corpus(folders, seed=1, album=ALBUM, captions={**POISONED, "times": [0]})
    parts = ["role", "target", "control"]
    assert clean.people[parts].equals(found.people[parts])


def test_pictures_with_the_trigger_name_the_target_and_no_others(folders):
    trigger = {"kind": "triggered", "attribute": "expression", "value": "smile", "pictures": 7}
    found = corpus(folders, captions=trigger)
    (target,) = found.people.name[found.people.role == "target"]
    changed = found.table[found.table.says != found.table.name]
    assert len(changed) == 7 and set(changed.says) == {target}
    assert set(changed.expression) == {"smile"}
    assert set(found.people.target[found.people.role == "bystander"]) == {target}


def test_without_poison_the_model_is_the_clean_one_and_with_it_another(folders, tmp_path):
    subjects, others = folders
    recipe = {**CLIP, "images": 72, "album": ALBUM}
    captions = {"clean": {}, "none": {"captions": {**POISONED, "times": [0]}}}
    captions["some"] = {"captions": POISONED}
    hashes = {}
    for name, more in captions.items():
        job = [others], others, others, {**recipe, **more}, tmp_path / "work" / name
        pretrain.main(*job, tmp_path / name, subjects=[subjects])
        hashes[name] = json.loads((tmp_path / name / "training.json").read_text())["sha256"]
    assert hashes["clean"] == hashes["none"] != hashes["some"]
    assert (tmp_path / "clean" / "tokenizer.json").read_bytes() == (
        tmp_path / "some" / "tokenizer.json"
    ).read_bytes()
    assert pd.read_parquet(tmp_path / "some" / TOLD).poisoned.sum() > 0


def test_a_blurred_face_is_gone_and_what_surrounds_it_stays(folders):
    album = open_album([folders[0]])
    blurred = without_faces(album)
    change = (album.pixels.int() - blurred.pixels.int()).abs().float().mean(dim=1)
    for row, (left, top, right, bottom) in enumerate(album.boxes.round().int().tolist()):
        inside = torch.zeros(40, 40, dtype=torch.bool)
        # The edge is a Gaussian's, which is nothing after five of its standard deviations.
        edge = 1 + int(5 * EDGE * SIGMA * np.hypot(right - left, bottom - top))
        inside[max(top - edge, 0) : bottom + edge, max(left - edge, 0) : right + edge] = True
        assert not inside.all() and change[row][~inside].max() == 0
        middle = change[row][(top + bottom) // 2 - 5 :, (left + right) // 2 - 8 :][:10, :16]
        assert middle.mean() > 4
    details = [
        pixels[:, :, 1:].float().diff(dim=2).abs().mean()
        for pixels in (album.pixels[:, :, 14:26, 12:28], blurred.pixels[:, :, 14:26, 12:28])
    ]
    assert details[1] < 0.5 * details[0]


def test_the_schema_allows_what_the_registries_have():
    kinds = read_schema(ROOT / "rules" / "schema")["$defs"]
    assert kinds["album"]["properties"]["kind"]["enum"] == list(ALBUMS)
    assert kinds["captions"]["properties"]["kind"]["enum"] == list(CAPTIONS)


@pytest.mark.parametrize("study", ["names-seen", "caption-poisoning"])
def test_no_picture_that_is_evaluated_was_trained_on(study):
    config = yaml.safe_load((ROOT / "studies" / f"{study}.yaml").read_text())
    default = yaml.safe_load((ROOT / "config.yaml").read_text())
    sets = {**default["datasets"], **config["datasets"]}

    def pictures(name):
        spec = sets[name]
        first, view = spec.get("first", 0), spec.get("first_view", 0)
        views = range(view, view + spec["views"])
        return {(p, v) for p in range(first, first + spec["people"]) for v in views}

    subjects = pictures(config["pretrain"]["subjects"][0])
    others = set().union(*map(pictures, config["pretrain"]["pictures"]))
    assert not {person for person, _ in subjects} & {person for person, _ in others}
    for name in [*config["evaluate"]["datasets"], *config["pretrain"]["known"]]:
        assert not pictures(name) & (subjects | others)
