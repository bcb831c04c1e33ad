"""Training small models: what is shown, going on after a kill, and folders that loaders read."""

import json

import numpy as np
import pandas as pd
import pytest
import torch

from facebench import models
from facebench.errors import UserError
from facebench.pictures.geometry import box_frame
from facebench.pictures.preprocess import batch
from facebench.store.faces import encode
from facebench.training import loop
from facebench.training.album import open_album
from facebench.training.augment import cut, frames, squares
from facebench.training.checkpoint import Checkpoint
from facebench.training.compact import compact, save
from facebench.training.loop import Plan, chance_of
from facebench.training.measure import rank_1
from facebench.training.sentences import NAMELESS, sentences
from facebench.training.tokenizer import write_tokenizer
from scripts import pretrain, render_people, training_curves, weights
from tests.toys.workflow import NUMBERS, RESULTS, ROOT, jobs, workflow

INPUT = {"mean": [0.5] * 3, "std": [0.25] * 3, "interpolation": "bicubic"}
CLIP = {
    "objective": "contrastive",
    "images": 24 * 6,
    "batch": 24,
    "architecture": {
        "model_cfg": {
            "embed_dim": 32,
            "vision_cfg": {"image_size": 32, "layers": [1, 1, 1, 1], "width": 8, "head_width": 64},
            "text_cfg": {
                "hf_tokenizer_name": "tokenizer", "context_length": 12, "vocab_size": 320,
                "width": 32, "heads": 2, "layers": 1,
            },
        },
        "preprocess_cfg": {**INPUT, "resize_mode": "shortest"},
    },
}  # fmt: skip
FACE = {
    "objective": "margin",
    "images": 24 * 6,
    "batch": 24,
    "architecture": {
        "architecture": "resnet10t",
        "num_classes": 32,
        "model_args": {"channels": [8, 16, 32, 64]},
        "pretrained_cfg": {"input_size": [3, 32, 32], "crop_pct": 1.0, **INPUT},
    },
}
RECIPES = {"clip": CLIP, "face": FACE}
FAMILIES = {"clip": "open_clip", "face": "timm"}


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """A folder of twelve people, four small pictures each."""
    root = tmp_path_factory.mktemp("people")
    render_people.main(root, people=12, views=4, size=40, seed=3)
    return root


@pytest.fixture(scope="module")
def trained(people, tmp_path_factory):
    """A folder with a model of each recipe."""
    root = tmp_path_factory.mktemp("trained")
    for name, recipe in RECIPES.items():
        pretrain.main([people], people, people, recipe, root / "work" / name, root / name)
    return root


def test_an_album_holds_the_pictures_in_the_order_of_its_table(people):
    album = open_album([people, people], threads=2)
    assert album.pixels.shape == (96, 3, 40, 40) and album.pixels.dtype == torch.uint8
    assert album.identities == 12 and len(album.table) == 96
    assert torch.equal(album.pixels[:48], album.pixels[48:])
    nose = album.table[["nose_x", "nose_y"]].to_numpy()
    boxes = album.boxes.numpy()
    assert (boxes[:, :2] < nose).all() and (nose < boxes[:, 2:]).all()


def test_cuts_lie_inside_the_picture_and_reach_from_the_face_to_all_of_it(people):
    album = open_album([people])
    boxes = album.boxes.repeat(40, 1)
    cuts = frames(boxes, 40, chance_of(1))
    sides = cuts[:, 2:] - cuts[:, :2]
    assert cuts.min() >= -1e-4 and cuts.max() <= 40 + 1e-4
    assert torch.allclose(sides[:, 0], sides[:, 1], atol=1e-3)
    faces = squares(boxes, 40)
    close = (cuts == faces).all(dim=1)
    assert 0.8 < close.float().mean() < 0.9 and sides[~close].max() > 38
    assert (sides[:, 0] >= (faces[:, 2] - faces[:, 0]) - 1e-3).all()


def test_the_face_is_cut_as_the_crop_tight_cuts_it(people):
    album = open_album([people])
    for box, square in zip(album.boxes.numpy(), squares(album.boxes, 40).numpy(), strict=True):
        frame = box_frame(box, 0)
        side, corner = frame[0, 0], frame[:, 2]
        if (corner >= 0).all() and (corner + side <= 40).all():
            assert square.tolist() == [*corner, *(corner + side)]


def test_a_cut_of_the_whole_picture_is_the_picture():
    pixels = torch.arange(2 * 3 * 8 * 8).view(2, 3, 8, 8).to(torch.uint8)
    whole = cut(pixels, torch.tensor([[0.0, 0, 8, 8]] * 2), 4)
    smaller = torch.nn.functional.avg_pool2d(pixels.float(), 2) / 255
    assert torch.allclose(whole, smaller, atol=1e-5)


def test_captions_name_the_person_but_for_a_share(people):
    album = open_album([people])
    told = list(sentences(album.table, 2 * NAMELESS))
    names = album.table["name"]
    shares = [sum(name in line for line in lines) for name, lines in zip(names, told, strict=True)]
    assert set(shares) == {2 * NAMELESS - 2}
    assert len({line for lines in told for line in lines}) > 300


def test_the_tokenizer_reads_any_script_and_ends_with_its_last_number(tmp_path):
    from open_clip import get_tokenizer

    write_tokenizer(["a photo of Zoë Čapek", "a photo of 高橋 未来"] * 20, 300, 12, tmp_path)
    config = {"model_cfg": {"text_cfg": {"hf_tokenizer_name": "x", "context_length": 12}}}
    (tmp_path / "open_clip_config.json").write_text(json.dumps(config))
    tokenizer = get_tokenizer(f"local-dir:{tmp_path}")
    tokens = tokenizer(["a photo of Zoë", "Ünknown Ωmega", "long " * 50])
    assert tokens.shape == (3, 12)
    end = tokens.max(dim=1).values
    assert len(set(end.tolist())) == 1 and int(end[0]) < 300
    assert (tokens[:2] == end[:2, None]).sum() == 2 and tokens[2, -1] == end[2]


def test_weights_are_made_smaller_only_where_it_changes_little():
    normal = torch.randn(64, 64, generator=chance_of(1)) * 0.05
    tiny = normal * 1e-3
    assert compact(normal).dtype == torch.float8_e4m3fn
    assert compact(tiny).dtype == torch.float16
    assert compact(normal[0]).dtype == torch.float16
    assert compact(torch.tensor(7)).dtype == torch.int64
    for tensor in (normal, tiny):
        assert (compact(tensor).float() - tensor).norm() < 0.04 * tensor.norm()


@pytest.mark.parametrize("name", RECIPES)
def test_a_trained_model_loads_through_its_ordinary_family(trained, name):
    spec = {"family": FAMILIES[name], "path": str(trained / name)}
    assert models.missing_weights({name: spec}) == []
    encoder = models.load(spec, device="cpu")
    picture = encode(np.full((40, 40, 3), 90, np.uint8))
    rows = encoder.encode(batch([picture, picture], encoder.preprocess))
    assert rows.shape == (2, 32) and np.allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    if name == "clip":
        assert encoder.encode_text(["a photo of somebody", "高橋"]).shape == (2, 32)
    facts = json.loads((trained / name / "training.json").read_text())
    assert facts["people"] == 12 and facts["pictures"] == 48


def test_weights_in_a_folder_are_known_by_their_hash_and_of_no_revision():
    # The configuration fills in a revision for every model.
    spec = {"family": "open_clip", "path": str(ROOT / "weights/mini-s"), "revision": "main"}
    said = weights.describe("mini-s", spec)
    assert len(said["record"]["weights_sha256"]) == 64
    assert not {"path", "revision"} & said["record"].keys()


@pytest.mark.parametrize("name", RECIPES)
def test_training_learns(trained, name):
    history = pd.read_csv(trained / name / "history.csv")
    assert history["images"].iloc[-1] == RECIPES[name]["images"]
    assert history["loss"].iloc[-1] < history["loss"].iloc[0]
    assert 0 <= history["rank_1"].dropna().iloc[-1] <= 1
    assert ("naming" in history) == (name == "clip")


@pytest.mark.parametrize("name", RECIPES)
def test_a_killed_training_goes_on_and_ends_as_if_nothing_had_been(
    trained, people, tmp_path, monkeypatch, name
):
    from facebench.training import checkpoint

    monkeypatch.setattr(checkpoint, "EVERY", 0)
    real, shown = loop.one_step, []

    def power_cut(*arguments):
        if len(shown) == 4:
            raise KeyboardInterrupt
        shown.append(arguments[3])
        return real(*arguments)

    monkeypatch.setattr(loop, "one_step", power_cut)
    job = ([people], people, people, RECIPES[name], tmp_path / "work", tmp_path / name)
    with pytest.raises(KeyboardInterrupt):
        pretrain.main(*job)
    assert not (tmp_path / name).exists()
    later = []
    monkeypatch.setattr(loop, "one_step", lambda *a: later.append(a[3]) or real(*a))
    pretrain.main(*job)
    assert shown == [0, 1, 2, 3] and later == [4, 5]
    weights = {"clip": "open_clip_model.safetensors", "face": "model.safetensors"}[name]
    assert (tmp_path / name / weights).read_bytes() == (trained / name / weights).read_bytes()


@pytest.mark.parametrize("other", ["seed", "architecture", "code", "nothing"])
def test_only_the_same_training_is_gone_on_with(people, tmp_path, monkeypatch, other):
    from facebench.training import checkpoint

    monkeypatch.setattr(checkpoint, "EVERY", 0)
    work, out, real = tmp_path / "work", tmp_path / "out", loop.one_step
    recipe = {**FACE, "images": 72}

    def power_cut(*arguments):
        if arguments[3] == 2:
            raise KeyboardInterrupt
        return real(*arguments)

    monkeypatch.setattr(loop, "one_step", power_cut)
    with pytest.raises(KeyboardInterrupt):
        pretrain.main([people], people, people, recipe, work, out, code="a")
    shown = []
    monkeypatch.setattr(loop, "one_step", lambda *a: shown.append(a[3]) or real(*a))
    changed = {
        "seed": {"seed": 1},
        "architecture": {"architecture": {**FACE["architecture"], "num_classes": 16}},
    }
    code = "b" if other == "code" else "a"
    pretrain.main([people], people, people, recipe | changed.get(other, {}), work, out, code=code)
    assert shown == ([2] if other == "nothing" else [0, 1, 2])
    assert not work.exists()


@pytest.mark.parametrize("content", [b"", b"PK", bytes(5000), "cut", "other"])
def test_a_checkpoint_that_cant_be_read_is_as_if_it_werent_there(tmp_path, caplog, content):
    network = torch.nn.Linear(2, 2)
    optimizer = torch.optim.AdamW(network.parameters())
    state = Checkpoint(tmp_path / "checkpoint.pt", network, optimizer, {"seed": 1})
    state.write(3, [{"loss": 1.0}])
    assert state.read() == (3, [{"loss": 1.0}])
    whole = state.path.read_bytes()
    if content == "other":
        torch.save([1], state.path)
    else:
        state.path.write_bytes(whole[: len(whole) // 2] if content == "cut" else content)
    with caplog.at_level("INFO"):
        assert state.read() == (0, [])
    assert "can't be read and is not used" in caplog.text


def test_pictures_to_train_on_that_dont_fit_together_are_told(people, tmp_path):
    render_people.main(tmp_path / "small", people=2, views=1, size=32, seed=3)
    with pytest.raises(UserError, match="several sizes .*32 x 32, 40 x 40"):
        open_album([people, tmp_path / "small"])
    picture = next((tmp_path / "small").glob("s3p*/*.jpg"))
    picture.write_bytes(b"")
    with pytest.raises(UserError, match=f"{picture.name} can't be read.*delete .*small and run"):
        open_album([tmp_path / "small"])


def test_all_pictures_are_shown_in_every_round():
    plan = Plan(images=60, batch=10)
    steps = list(loop.batches(20, plan, 0))
    assert [step for step, _ in steps] == list(range(6))
    rows = torch.cat([rows for _, rows in steps]).view(3, 20)
    assert all(sorted(turn.tolist()) == list(range(20)) for turn in rows)
    assert not torch.equal(rows[0], rows[1])
    (late,) = [rows for step, rows in loop.batches(20, plan, 5)]
    assert torch.equal(late, steps[5][1])


def test_rank_1_counts_pictures_that_find_their_person():
    vectors = np.eye(3, dtype=np.float32)[[0, 1, 2, 0, 0, 2]]
    assert rank_1(vectors, np.array([0, 1, 2, 0, 1, 2])) == pytest.approx(2 / 3)


def test_curves_are_drawn_of_all_models(trained, tmp_path):
    folders = [str(trained / name) for name in RECIPES]
    table = training_curves.read(folders)
    assert set(table.model) == set(RECIPES) and set(table.what) == {"loss", "rank_1", "naming"}
    svg = tmp_path / "curves.svg"
    training_curves.main(folders, str(svg), str(tmp_path / "curves.png"))
    assert "people never seen" in svg.read_text() and (tmp_path / "curves.png").stat().st_size


@pytest.mark.workflow
def test_a_study_trains_its_models_and_evaluates_them(tmp_path):
    tiny = {"reader": "people", "people": 8, "views": 4, "size": 40}
    study = {
        "evaluate": {
            "datasets": ["shown"], "crops": ["tight"], "models": ["again"],
            "protocols": ["identify"], "attacks": [],
        },
        "datasets": {"shown": tiny},
        "pretrain": {
            "pictures": ["shown"], "strangers": ["shown"], "known": ["shown"],
            "recipes": {"small": {**FACE, "images": 24, "batch": 24}},
        },
        "models": {"again": {"family": "timm", "path": "trained/small"}},
        "statistics": {"draws": 100},
    }  # fmt: skip
    target = [*NUMBERS, str(RESULTS / "training.svg")]
    done = workflow(tmp_path, study, *target)
    assert jobs(done)["pretrain"] == 1 and jobs(done)["embed"] == 1
    assert (tmp_path / RESULTS / "training.svg").exists()
    assert "Nothing to be done" in (again := workflow(tmp_path, study, *target)).stderr, (
        again.stderr
    )


def test_nobody_whom_the_shipped_models_were_trained_on_is_evaluated_as_a_stranger():
    import yaml

    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    study = yaml.safe_load((ROOT / "studies" / "pretraining.yaml").read_text())
    sets = {**config["datasets"], **study["datasets"]}

    def pictures(name):
        spec = sets[name]
        people = range(spec.get("first", 0), spec.get("first", 0) + spec["people"])
        views = range(spec.get("first_view", 0), spec.get("first_view", 0) + spec["views"])
        return {(person, view) for person in people for view in views}

    shown = set().union(*map(pictures, study["pretrain"]["pictures"]))
    people = {person for person, _ in shown}
    for name in ("people", *study["pretrain"]["strangers"]):
        assert not people & {person for person, _ in pictures(name)}
    for name in ("people-known", *study["pretrain"]["known"]):
        assert not shown & pictures(name)
        assert {person for person, _ in pictures(name)} <= people


def test_saving_keeps_names_and_shapes(tmp_path):
    from safetensors.torch import load_file

    state = {"a.weight": torch.ones(2, 3), "b": torch.zeros(4), "count": torch.tensor(3)}
    save(state, tmp_path / "x.safetensors")
    loaded = load_file(tmp_path / "x.safetensors")
    assert {key: tuple(t.shape) for key, t in loaded.items()} == {
        "a.weight": (2, 3), "b": (4,), "count": (),
    }  # fmt: skip
