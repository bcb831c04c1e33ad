"""What the pages of the dashboard are made from: reading, words, charts, checks of uploads."""

import doctest
import json
import shutil
from io import BytesIO
from urllib.parse import parse_qsl, urlsplit

import numpy as np
import pandas as pd
import pytest
import yaml
from PIL import Image

from dashboard import charts, elements, safe_text, sentences, widgets
from dashboard.data import (
    files,
    freshness,
    my_cloaks,
    numbers,
    people,
    pictures,
    poison,
    provenance,
    ranking,
    search,
    settings,
    upload,
)
from facebench.store.tables import write_table
from tests.toys.dashboard_tables import HOSTILE, write_results


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    return write_results(tmp_path_factory.mktemp("parts") / "results")


@pytest.fixture(autouse=True)
def here(results, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(results))
    monkeypatch.setenv("FACEBENCH_FACES", "shown")


@pytest.mark.parametrize("module", [words, sentences, my_cloaks, widgets, provenance])
def test_examples_in_docstrings(module):
    assert doctest.testmod(module).failed == 0


@pytest.mark.parametrize(
    "options",
    [["a", "b"], ["a\n", "a "], ["x" * 130 + "1", "x" * 130 + "2"], ["a", "a ", "a (a)"], [0.5, 1]],
)
def test_no_two_options_have_one_label(options):
    said = widgets.labels(options, lambda one: safe_text.tidy(one, 100))
    assert list(said) == options and len(set(said.values())) == len(options)


def test_a_filter_takes_the_rows_that_pandas_would(results):
    whole = pd.read_parquet(results / "metrics.parquet")
    found = numbers.metrics(crop="full", model=["mini-s", "pixels"], **numbers.CLEAN)
    wanted = whole[
        (whole.crop == "full") & whole.model.isin(["mini-s", "pixels"]) & (whole.attack == "clean")
        & (whole.threat == "none") & (whole.reencode == "none")
    ]  # fmt: skip
    pd.testing.assert_frame_equal(found, wanted.reset_index(drop=True))
    assert numbers.metrics(model="nobody").empty
    assert numbers.distinct("model", crop="full") == list(whole.model.unique())


def test_how_sure_intervals_are_comes_from_their_records(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path))
    made = [{"identify": {"statistics": {"confidence": sure}}} for sure in (0.9, 0.95)]
    rows = pd.DataFrame({"record": ["a", "b"], "json": [json.dumps(one) for one in made]})
    write_table(rows, tmp_path / "records.parquet", {})
    measured = pd.DataFrame({"record": ["a", "b", "lost"], "protocol": "identify"})
    assert numbers.confidence(measured[:1]) == "90 %"
    assert numbers.confidence(measured) == "90 % or 95 %"
    assert numbers.confidence(measured[2:]) == ""


def test_a_changed_file_is_read_again(results, tmp_path, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path))
    for count in (1, 2):
        write_table(pd.DataFrame({"name": ["a"] * count}), tmp_path / "t.parquet", {})
        assert len(files.table("t.parquet")) == count


@pytest.mark.parametrize("name", ["../secret.parquet", "/etc/passwd", "a/../../b"])
def test_no_name_leads_out_of_the_results(name):
    with pytest.raises(files.Missing, match="leads out"):
        files.place(name)


def test_what_is_missing_damaged_or_old_is_said(tmp_path, monkeypatch):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path))
    with pytest.raises(files.Missing, match="There is no"):
        files.table("metrics.parquet")
    (tmp_path / "metrics.parquet").write_bytes(b"PAR1 but not really")
    with pytest.raises(files.Missing, match="can't be read"):
        files.table("metrics.parquet")
    pd.DataFrame({"value": [1.0]}).to_parquet(tmp_path / "metrics.parquet")
    with pytest.raises(files.Missing, match="lacks dataset, model"):
        files.table("metrics.parquet", columns=["dataset", "model", "value"])


def comparisons(*rows):
    table = pd.DataFrame(rows, columns=["model_a", "model_b", "difference", "p_corrected"])
    difference = table.difference.astype(float)
    return table.assign(ci_low=difference - 0.03, ci_high=difference + 0.05)


CLIPS = pd.DataFrame(
    {
        "model": ["s", "m", "l"],
        "kind": "CLIP",
        "parameters_m": [1.0, 3.0, 8.0],
        "value": [0.2, 0.3, 0.4],
        "ci_low": 0.1,
        "ci_high": 0.5,
    }
)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [("s", "m", -0.1, 0.01), ("s", "l", -0.2, 0.01), ("l", "m", 0.1, 0.02)],
            "Yes, for these weights: in all 3 pairs",
        ),
        (
            [("s", "m", -0.1, 0.01), ("s", "l", -0.2, 0.01), ("m", "l", -0.1, 0.2)],
            "Mostly, for these weights: in 2",
        ),
        ([("s", "m", 0.1, 0.01), ("s", "l", -0.2, 0.01), ("m", "l", -0.1, 0.2)], "Not always"),
        (
            [("s", "m", 0.1, 0.3), ("s", "l", -0.2, 0.3), ("m", "l", -0.1, 0.2)],
            "It can't be told from all 3 pairs",
        ),
        (
            [("s", "m", 0.1, 0.01), ("s", "l", -0.2, 0.3), ("m", "l", 0.1, 0.2)],
            "Rather not, for these weights: in 1",
        ),
        (
            [("s", "m", 0.1, 0.01), ("s", "l", 0.2, 0.01), ("m", "l", 0.1, 0.02)],
            "No, not for these weights: in all 3",
        ),
        ([], "were not compared"),
    ],
)
def test_whether_bigger_is_better_is_said_as_it_is(rows, said):
    both = comparisons(*rows)
    other = both.assign(
        model_a=both.model_b, model_b=both.model_a, difference=-both.difference.astype(float),
        ci_low=-both.ci_high, ci_high=-both.ci_low,
    )  # fmt: skip
    assert said in sentences.bigger(CLIPS, pd.concat([both, other]))


def test_models_that_are_not_told_apart_are_not_called_alike():
    told = sentences.bigger(CLIPS, comparisons(("s", "m", -0.1, 0.01), ("m", "l", -0.1, 0.2)))
    assert safe_text.plain("l less m +10.0 points [5.0, 13.0]") in told
    assert "doesn't show that they are alike" in told and "another training" in told


@pytest.mark.parametrize(("protocol", "too_sure"), [("open_set", True), ("identify", False)])
def test_a_comparison_at_held_thresholds_says_that_it_is_too_sure(protocol, too_sure):
    row = next(comparisons(("s", "m", 0.1, 0.01)).assign(protocol=protocol).itertuples())
    said = sentences.difference(row)
    assert said.startswith("+10.0 points [7.0, 15.0], p 0.010: told apart")
    assert ("thresholds are held" in said) == too_sure


def test_one_clip_is_not_compared_with_itself():
    assert "Only one trained CLIP" in sentences.bigger(CLIPS.head(1), comparisons())


@pytest.mark.parametrize(("low", "said"), [(0.3, "Largely"), (-0.1, "No help was shown")])
def test_whether_a_cloak_helps_is_said_as_it_is(low, said):
    found = poison.measured("strangers", "full")
    gains = found.metric == "protection_gain"
    found.loc[gains, "ci_low"] = low
    assert said in sentences.cloaks(found, poison.whole(found))


def test_without_a_written_index_the_same_is_found(results, tmp_path, monkeypatch):
    who = search.vectors("strangers", "full", "clean", "mini-s")
    with_one = search.nearest("strangers", "full", "mini-s", who.of(who.ids[0]), 5)
    shutil.copytree(results, tmp_path / "results")
    for path in (tmp_path / "results").glob("*/*/*/*/index.faiss"):
        path.unlink()
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path / "results"))
    without = search.nearest("strangers", "full", "mini-s", who.of(who.ids[0]), 5)
    pd.testing.assert_frame_equal(with_one, without)


def test_models_are_offered_with_the_best_first():
    offered = ranking.best_first("strangers", "full", ["pixels", "mini-s", "unknown"])
    assert offered == ["mini-s", "pixels", "unknown"]


def test_in_the_heat_map_the_best_recogniser_is_first_and_controls_are_last(results, monkeypatch):
    def best(dataset, crop, models):
        return ["pixels", "mini-face", "random-s", *sorted({*models} - {*CONTROLS, "mini-face"})]

    monkeypatch.setattr(ranking, "best_first", best)
    whole = ranking.rows_best_first(
        poison.whole(poison.measured("strangers", "full")), "strangers", "full"
    )
    table = poison.beside_nothing(whole)
    order = ["mini-face", "mini-m", "mini-s", "pixels", "random-s"]
    assert list(dict.fromkeys(table.model)) == order
    assert (
        charts.heat(table, "attack", "model", "").layer[0].to_dict()["encoding"]["y"]["sort"]
        == order
    )
    assert table.attack.iloc[0] == "no cloak"


CONTROLS = ("pixels", "random-s")


def test_a_heat_map_of_many_attacks_grows_downwards(results):
    few = poison.beside_nothing(poison.whole(poison.measured("strangers", "full")))
    names = [f"attack-{i}" for i in range(14)]
    many = pd.concat([few.assign(attack=name) for name in names])
    for table, side, rows in ((few, "attack", "model"), (many, "model", "attack")):
        encoding = charts.heat(table, "attack", "model", "").layer[0].to_dict()["encoding"]
        assert encoding["x"]["field"] == side and encoding["y"]["field"] == rows


def test_a_change_that_aims_at_nobody_is_told_as_a_control():
    found = poison.measured("strangers", "full")
    whole = poison.whole(found)
    first, other = list(whole[whole.fraction > 0].attack.unique())[:2]
    transfer = pd.DataFrame({"attack": [first, other], "kind": ["noise", "clip-cloak"]})
    transfer = transfer.assign(victim="nobody", made_on=False, models=1)
    said = sentences.cloaks(found, whole, transfer)
    assert f"aim at nobody, the control: {safe_text.plain(first)}" in said
    assert f"with {safe_text.plain(other)}, the strongest here" in said


def test_long_curves_are_thinned_and_keep_their_ends():
    table = pd.DataFrame({"model": ["a"] * 5000 + ["b"] * 3, "x": range(5003)})
    thin = charts.thinned(table, "model")
    assert len(thin) <= charts.LONGEST + 1 + 3
    assert {0, 4999, 5000, 5002} <= set(thin.x)


def test_charts_hold_their_intervals():
    clean = numbers.metrics(crop="full", protocol="identify", **numbers.CLEAN)
    table = clean.assign(kind="CLIP", rank=clean["at"].astype(float))
    spec = charts.curves(table, "rank", "k", "found", log=True).to_dict()
    drawn = json.dumps(spec)
    assert '"ci_low"' in drawn and '"ci_high"' in drawn
    assert not {"n_identities", "ci_low"} & set(titles(spec))


def titles(node):
    """Return every title in a chart."""
    if isinstance(node, dict):
        own = [node["title"]] if isinstance(node.get("title"), str) else []
        return own + [title for value in node.values() for title in titles(value)]
    return [title for value in node for title in titles(value)] if isinstance(node, list) else []


def all_charts():
    """Return every chart, by name, drawn from the made-up results."""
    clean = ranking.kinds(numbers.metrics(dataset="strangers", crop="full", **numbers.CLEAN))
    question = ranking.first(clean, "identify")
    table = ranking.answers(clean[numbers.COLUMNS], question)
    models = list(table.model)
    matrix = ranking.matrix("strangers", "full", question, models).assign(said="")
    found = poison.measured("strangers", "full")
    whole = poison.whole(found)
    alarm = people.alarm_curve("strangers", "full", "mini-s")
    missed = ranking.along(clean, "open_set", "fnir", "rate")
    named = clean[(clean.metric == "top1") & (clean["at"] == "all")]
    crops = ranking.kinds(numbers.metrics(protocol="identify", at="1", **numbers.CLEAN))
    ways = ranking.three_ways(table, table, named)
    bars = pd.DataFrame({"step": ["a", "b"], "minutes": [1.0, 2.0]})
    counted = pd.DataFrame({"band": ["never", "always"], "count": [1, 2]})
    ranks = ranking.along(clean, "identify", "rank", "rank")
    paid = poison.against_cost(found, whole[whole.fraction > 0], "dssim")
    return {
        "accuracy_against_size": charts.accuracy_against_size(table, "found"),
        "without_sizes": charts.accuracy_against_size(table.assign(parameters_m=np.nan), "found"),
        "who_beats_whom": charts.who_beats_whom(matrix, models),
        "one_way": charts.intervals(ways[ways.way == "By name"], "found", ["mini-s"], most=1.0),
        "intervals": charts.intervals(table, "found", models, chance=0.1),
        "grouped": charts.grouped(crops, "crop", models, "found"),
        "curves": charts.curves(ranks, "rank", "k", "found", log=True),
        "alarms": charts.alarms(alarm, missed),
        "bars": charts.bars(bars, "minutes", "step", "minutes"),
        "share_histogram": charts.share_histogram(counted, "found"),
        "heat": charts.heat(poison.beside_nothing(whole), "attack", "model", "cloak"),
        "against_cost": charts.against_cost(paid, "DSSIM", reverse=False),
        "transfer": charts.transfer(poison.across("transfer", "strangers", "full")),
        "before_after": charts.before_after(my_cloaks.people("strangers").head(5)),
    }


def test_every_chart_can_be_drawn_and_has_no_raw_names():
    drawn = all_charts()
    assert {name for name in charts.__all__ if name.islower()} - {"thinned"} <= set(drawn)
    for name, picture in drawn.items():
        assert b"<svg" in elements.image(picture, "svg"), name
        raw = [title for title in titles(picture.to_dict()) if "_" in title]
        assert raw == [], name


def test_downloads_are_pictures_and_harmless_tables():
    clean = numbers.metrics(crop="full", protocol="identify", at="1", **numbers.CLEAN)
    table = clean.assign(kind="CLIP", parameters_m=1.0)
    picture = charts.accuracy_against_size(table, "found")
    assert elements.image(picture, "png").startswith(b"\x89PNG")
    assert b"<svg" in elements.image(picture, "svg")[:200]
    text = elements.csv(
        pd.DataFrame({"name": ['=HYPERLINK("http://x")', "Ana"], "n": [-1, 2]})
    ).decode()
    assert "\"'=HYPERLINK" in text and "-1" in text


@pytest.mark.parametrize("name", HOSTILE)
def test_harm_in_markdown_is_taken_away(name):
    assert "](" not in safe_text.plain(name) and "<img" not in safe_text.plain(name).replace(
        "\\<", ""
    )
    assert "![" not in my_cloaks.harmless(name) and "<" not in my_cloaks.harmless(name)


def face_like(side=96):
    """Return a picture with a face's layout: two dark eyes and a mouth, in a light oval."""
    y, x = np.mgrid[:side, :side] / side
    light = np.where((x - 0.5) ** 2 / 0.16 + (y - 0.5) ** 2 / 0.22 < 1, 220, 90)
    for left, top, wide, high in ((0.25, 0.32, 0.16, 0.1), (0.59, 0.32, 0.16, 0.1)):
        light[(x > left) & (x < left + wide) & (y > top) & (y < top + high)] = 20
    light[(x > 0.35) & (x < 0.65) & (y > 0.68) & (y < 0.76)] = 60
    buffer = BytesIO()
    Image.fromarray(np.repeat(light[:, :, None], 3, 2).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def detail(image):
    """Return the steepest step between neighbouring pixels."""
    return np.abs(np.diff(np.asarray(image.convert("L"), np.int16), axis=1)).max()


@pytest.mark.parametrize(
    ("variable", "study"),
    [("blurred", "{}"), ("anything else", "{}"), ("", "{dashboard: {faces: blurred}}")],
)
def test_blurred_faces_can_not_be_told_apart(tmp_path, monkeypatch, variable, study):
    assert detail(pictures.opened(face_like())) > 100
    (tmp_path / "study.yaml").write_text(study)
    monkeypatch.setenv("FACEBENCH_FACES", variable)
    monkeypatch.setenv("FACEBENCH_STUDY", str(tmp_path / "study.yaml"))
    assert detail(pictures.opened(face_like())) < 10


def test_a_study_that_is_not_there_shows_no_faces(monkeypatch):
    monkeypatch.setenv("FACEBENCH_FACES", "")
    monkeypatch.setenv("FACEBENCH_STUDY", "no/such/study.yaml")
    with pytest.raises(files.Missing, match="no configuration"):
        pictures.opened(face_like())


def test_the_configuration_is_parsed_once_and_again_when_it_changes(tmp_path, monkeypatch):
    study, parsed = tmp_path / "study.yaml", []
    load = yaml.safe_load
    monkeypatch.setattr("yaml.safe_load", lambda text: parsed.append(text) or load(text))
    monkeypatch.setenv("FACEBENCH_FACES", "")
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    study.write_text("{}")
    assert not any(settings.blurred() for _ in range(20)) and len(parsed) <= 2
    study.write_text("{dashboard: {faces: blurred}}")
    assert settings.blurred()


def test_what_was_made_of_files_is_kept_until_one_of_them_changes(tmp_path):
    path, made = tmp_path / "a", []

    @freshness.kept(most=1)
    def read(name):
        freshness.look(path)
        made.append(name)
        return path.read_text()

    path.write_text("old")
    assert [read("x"), read("x")] == ["old", "old"] and made == ["x"]
    path.write_text("newer")
    page = freshness.begin()
    assert read("x") == "newer" and read("x") == "newer" and made == ["x", "x"]
    assert not freshness.changed(page)
    path.unlink()
    assert freshness.changed(page)


def test_pictures_come_from_their_row_groups():
    ids = [f"{i:016x}" for i in (0, 17, 89)]
    found = pictures.encoded([*ids, "nobody"], "strangers", "full", "clean", "faces.parquet")
    assert list(found) == ids and all(one.startswith(b"\x89PNG") for one in found.values())


def test_an_index_finds_what_a_product_finds(results):
    known = search.vectors("strangers", "full", "clean", "mini-s")
    vector = known.of(f"{5:016x}")
    found = search.nearest("strangers", "full", "mini-s", vector, 4, f"{5:016x}")
    exact = np.argsort(-(np.asarray(known.rows) @ vector), kind="stable")
    assert list(found.image_id) == list(known.ids[exact[exact != 5][:4]])


def test_a_cloaked_gallery_holds_the_cloaked_pictures_of_one_person():
    known = search.vectors("strangers", "full", "clean", "mini-s")
    who = known.identity[0]
    vector = known.of(f"{0:016x}")
    found = search.nearest("strangers", "full", "mini-s", vector, 90, cloaked=("clip-cloak", who))
    cloaked = found[found.variant == "clip-cloak"]
    assert set(cloaked.identity) == {who} and len(cloaked) == 3 and len(found) == 90


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "no JPEG"), (b"GIF89a" + b"\0" * 50, "no JPEG"), (b"\0" * (11 * 2**20), "MB")],
)
def test_uploads_that_are_no_pictures_are_refused(content, said):
    with pytest.raises(upload.Refused, match=said):
        upload.checked(content)


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_decoded(kind):
    big = BytesIO()
    Image.new("L", (6000, 6000)).save(big, kind)
    whole = big.getvalue()
    # Who decoded the rest would call it damaged. (A WebP file of another length isn't even opened.)
    half = whole[: len(whole) // 2]
    with pytest.raises(upload.Refused, match="pixels"):
        upload.checked(half.ljust(len(whole), b"\0") if kind == "WEBP" else half)


@pytest.mark.parametrize(
    ("reader", "own", "allowed"),
    [("people", [], True), ("lfw", ["x"], False), ("folder", [], False), ("folder", ["x"], True)],
)
def test_uploads_meet_only_invented_people_or_ones_own(tmp_path, monkeypatch, reader, own, allowed):
    monkeypatch.setenv("FACEBENCH_RESULTS", str(tmp_path))
    study = tmp_path / "study.yaml"
    study.write_text(json.dumps({"dashboard": {"own": own}}))
    monkeypatch.setenv("FACEBENCH_STUDY", str(study))
    record = {"data": {"reader": reader}}
    write_table(pd.DataFrame({"a": [1]}), tmp_path / "x" / "images.parquet", record)
    assert upload.may_be_matched("x") is allowed


def test_groups_have_intervals_that_hold_their_value():
    table = people.by_group("strangers", "full", ["mini-s"], "identify", "skin_tone")
    known = table.dropna(subset=["ci_low"])
    assert len(known) and ((known.ci_low <= known.value) & (known.value <= known.ci_high)).all()
    assert table.searches.sum() == 90


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
    row = pd.Series(
        {"dataset": "a b", "crop": "full", "attack": "clean", "model": "m", "protocol": "identify"}
    )
    command = provenance.command(row, {"identify": {"code": {"commit": "abc-dirty"}}})
    assert command.splitlines()[0] == "git checkout abc"
    assert command.endswith("'results/a b/full/clean/m/metrics/identify.parquet'")
