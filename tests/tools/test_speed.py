"""The table of speeds: sections run in their smallest size and give ratios; what the page says."""

import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from facebench.indexes import stored
from facebench.vectors.stored import StoredVectors
from tools.speed import jpegs, networks, page, peers, vectors
from tools.speed.__main__ import arguments, main
from tools.speed.environment import python_of
from tools.speed.section import Row, Section, Spent
from tools.speed.sections import NAMES, section_of
from tools.speed.sections.protocols import counts, facebench, pictures_of
from tools.speed.study import defaults
from tools.speed.turns import ROOT, measured, one_round


def rows_of(name, **changes):
    """Return the rows of a section's smallest case."""
    section = section_of(name)
    (case,) = section.cases["smallest"]
    return measured(name, section, {**case, **changes}, rounds=1, cores=1, pythons={})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "count"),
    [("embedding", 5), ("pictures", 1), ("search", 2), ("protocols", 4), ("attacks", 2)],
)
def test_a_section_gives_its_ratios(name, count):
    rows = rows_of(name)
    assert len(rows) == len({row.what for row in rows}) == count
    for row in rows:
        assert min(row.other, row.ours, row.ratio) > 0, row
        assert row.ratio == pytest.approx(row.ours / row.other) or row.ratio == pytest.approx(
            row.other / row.ours
        )


@pytest.mark.slow
def test_approximate_search_is_compared_at_equal_recall():
    speed, recall = rows_of("approximate")
    assert "searches/s at recall" in speed.what and speed.ours > 0
    # Which settings are as fast is chance in so small an index.
    assert 0 < recall.other <= 1 and 0 <= recall.ours <= 1


def spent(wall, **said):
    return Spent(wall, wall, said)


def test_the_fastest_setting_that_finds_as_much_is_chosen():
    best = {
        ("autofaiss", "few"): spent(1, searches=100, recall=0.5),
        ("autofaiss", "some"): spent(2, searches=100, recall=0.699),
        ("autofaiss", "many"): spent(10, searches=100, recall=0.7),
        ("facebench", "fast"): spent(0.1, searches=100, recall=0.6),
        ("facebench", "right"): spent(0.2, searches=100, recall=0.71),
        ("facebench", "slow"): spent(1.9, searches=100, recall=0.95),
        ("facebench", "too slow"): spent(5, searches=100, recall=0.99),
    }
    case = {"people": 10, "each": 2, "dim": 8}
    speed, recall = section_of("approximate").rows(best, case)
    assert (speed.other, speed.ours, speed.ratio) == (50, 500, 10)
    assert (recall.other, recall.ours) == (0.699, 0.95)


def test_an_index_of_as_many_bytes_is_compared():
    from facebench.indexes.faiss_files import learnt, load_faiss
    from tools.speed.sections.approximate import options, recipe_of

    faiss, rows = load_faiss(), vectors.clustered(people=400, each=4, dim=32, groups=4)
    spec, sample = options(len(rows))
    assert spec["kind"] == "ivf-pq" and sample == len(rows)
    held = StoredVectors.of(rows)
    theirs = learnt(held, recipe_of(*rows.shape, sample), sample)
    ours = learnt(held, "IVF32,PQ8x4fs", sample)
    lists = [faiss.try_extract_index_ivf(index) for index in (theirs, ours)]
    assert lists[0].nlist == lists[1].nlist and lists[0].code_size == lists[1].code_size == 4


def test_scores_are_counted_as_the_protocols_make_them(monkeypatch):
    from facebench.protocols import ranks

    made, seen, score = [0], {}, ranks.score

    def counted(probes, gallery):
        made[0] += len(probes) * len(gallery)
        return score(probes, gallery)

    monkeypatch.setattr(ranks, "score", counted)
    parts = facebench(people=20, each=3, dim=16)
    for name in ("identify", "neighbour", "open_set"):
        made[0] = 0
        seen[name] = parts[name]()["scores"] / made[0]
    assert seen == {"identify": 1, "neighbour": 1, "open_set": 1}
    assert counts(people=20, each=3, options=defaults())["verify"] == 60 * 59 / 2
    assert len(pictures_of(people=20, each=3, dim=16).people) == 60


def test_the_start_of_jobs_is_told_by_kind():
    wall = {("plain", part): spent(1.0) for part in ("embeds", "evaluates", "Snakemake")}
    wall |= {("facebench", part): spent(2.0) for part in ("embeds", "evaluates", "Snakemake")}
    wall["facebench", "Snakemake, several"] = spent(4.0)
    *jobs, snakemake = section_of("start").rows(wall, {"jobs": 10})
    assert [row.ratio for row in jobs] == [0.5, 0.5]
    assert snakemake.ours == pytest.approx(0.2) and snakemake.ratio == pytest.approx(5)


def test_the_share_of_work_is_read_from_logs(tmp_path):
    (tmp_path / "embed__people").mkdir()
    line = "12:00:01 cpu: 10 s: start 1, load 2, work 7\n"
    (tmp_path / "embed__people" / "mini-s.log").write_text(line)
    work = section_of("work")
    (alone,), (all_of,) = (
        list(work.rows({}, {"logs": tmp_path, "total": total})) for total in (None, 14)
    )
    assert (alone.other, alone.ours, alone.ratio) == (10, 7, 0.7) and all_of.ratio == 0.5
    assert list(work.rows({}, {"logs": None})) == []


def test_the_best_round_of_each_part_counts_and_sides_take_turns():
    class Side:
        parts, asked = ["a", "b"], []

        def __init__(self, name, seconds):
            self.name, self.seconds = name, iter(seconds)

        def ask(self, part):
            self.asked.append((part, self.name))
            return spent(next(self.seconds))

    sides = {"plain": Side("plain", [5, 1, 3, 2]), "facebench": Side("facebench", [4, 4, 4, 1])}
    best = one_round(sides, one_round(sides, {}, ""), "")
    assert {key: one.wall for key, one in best.items()} == {
        ("plain", "a"): 3, ("facebench", "a"): 4, ("plain", "b"): 1, ("facebench", "b"): 1,
    }  # fmt: skip
    order = [("a", "plain"), ("a", "facebench"), ("b", "plain"), ("b", "facebench")]
    assert Side.asked == order * 2


def test_a_side_that_fails_ends_the_run():
    section = section_of("search")
    broken = Section("", "", {}, {"odd": section.sides["facebench"]}, section.rows)
    with pytest.raises(SystemExit, match="ended early"):
        measured("search", broken, {}, rounds=1, cores=1, pythons={})


def test_operations_are_those_of_open_clip_s_list():
    network, _ = networks.plain("ViT-B-32")
    assert networks.gflop(network) == pytest.approx(8.82, rel=0.02)
    assert networks.product(rows=3, inner=4, columns=5, times=2)() == 240 / 1e9


def test_the_settings_of_clip_retrieval_give_rows_of_all_files(tmp_path):
    network, transform = networks.plain("mini-s")
    paths = jpegs.write(tmp_path, jpegs.make(count=5))
    (tmp_path / "broken.jpg").write_bytes(b"no picture")
    files = [*paths, tmp_path / "broken.jpg"]
    found = peers.read(network, files, transform, batch=3, workers=1)
    assert [len(part) for part in found] == [3, 2] and found[0].dtype == "float16"
    assert abs((found[0].astype(float) ** 2).sum(axis=1) - 1).max() < 0.01


def test_the_page_tells_the_load_and_missed_targets(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("tools.speed.machine.load", lambda: 4.8)
    monkeypatch.setattr("tools.speed.__main__.measured", lambda name, *_, **__: [
        Row(f"{name}, GFLOP/s", 100.0, 50.0, 0.5, 0.85),
    ])  # fmt: skip
    file = tmp_path / "page.md"
    main(arguments(["--page", str(file), "--rounds", "2"]), "python -m tools.speed")
    text = file.read_text()
    assert "load 4.8 before the run: **other work was on it**" in " ".join(text.split())
    assert "the best\nof 2 rounds" in text and f"torch {version('torch')}" in text
    assert text.count("| **0.50** | 0.85 |") == sum(
        len(section_of(name).cases["usual"]) for name in NAMES
    )
    assert text.count("\n## ") == len(NAMES) and "{" not in text
    assert max(map(len, text.splitlines())) <= 100


def test_a_run_of_some_sections_leaves_the_page_alone(monkeypatch):
    monkeypatch.setattr("tools.speed.__main__.measured", lambda *_, **__: [])
    before = (ROOT / "docs" / "results-speed.md").read_text()
    main(arguments(["--only", "work"]), "")
    main(arguments(["--smallest"]), "")
    assert (ROOT / "docs" / "results-speed.md").read_text() == before
    assert page.table(section_of("work"), []) == "Not measured in this run.\n"


def test_without_clip_retrieval_the_run_goes_on(tmp_path, capsys):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    assert python_of(tmp_path) is None and "doesn't start" in capsys.readouterr().err


def test_vectors_are_in_clusters(tmp_path):
    rows = vectors.clustered(people=100, each=3, dim=64, groups=10)
    scores = rows @ rows.T
    own = scores[0:300:3, :].reshape(100, 100, 3)[range(100), range(100), 1:]
    assert own.mean() > scores.mean() + 0.2
    stored.make(StoredVectors.of(rows), tmp_path / "index.json", {"kind": "flat"})


def test_the_command_is_explained():
    done = subprocess.run(
        [sys.executable, "-m", "tools.speed", "--help"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0 and all(name in done.stdout for name in NAMES)
    assert Path(ROOT / "tools" / "speed").is_dir()
