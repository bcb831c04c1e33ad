"""An index that Milvus holds, in a database on this disk and on a server, which are real ones."""

import json
import logging
import re
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
import yaml

from facebench.errors import Unreachable, UserError
from facebench.indexes import milvus_collection, milvus_server, stored
from facebench.indexes.milvus_server import connected
from facebench.indexes.search import nearest
from facebench.logs import log_to
from facebench.study.config import checked
from facebench.vectors.stored import StoredVectors
from tests.toys.milvus import milvus
from tests.toys.workflow import ROOT

TOKEN = "root:very-secret"
NEEDED = "needs pymilvus and milvus-lite: make milvus (as .ci/run does)"


@pytest.fixture(scope="module", autouse=True)
def installed():
    for name in ("pymilvus", "milvus_lite"):
        pytest.importorskip(name, reason=NEEDED)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The address of a server that asks for `TOKEN`."""
    with milvus(tmp_path_factory.mktemp("server") / "data", TOKEN) as address:
        yield address


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MILVUS_TOKEN", TOKEN)
    monkeypatch.setattr(milvus_server, "CALL", 1.0)
    monkeypatch.setattr(milvus_server, "HELD", 0.3)


@pytest.fixture(scope="module")
def rows():
    """Unit rows, of which each is there twice, in clusters as pictures of people are."""
    random = np.random.default_rng(0)
    found = np.repeat(random.normal(size=(15, 16)), 4, axis=0)
    found += 0.3 * random.normal(size=found.shape)
    found = np.concatenate([found, found])
    return (found / np.linalg.norm(found, axis=1, keepdims=True)).astype(np.float32)


def spec(uri="milvus", **options):
    """Return the section `index` with all defaults."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    given = {"kind": "milvus", "uri": str(uri), "token": "$MILVUS_TOKEN", **options}
    return checked({**config, "index": given}, ROOT / "rules" / "schema")["index"]


def made(rows, uri="milvus", model="mini", **options):
    """Make an index as the workflow does; return the path of what describes it."""
    path = Path("store", "people", "tight", "clean", model, "index", "index.json")
    stored.make(StoredVectors.of(rows), path, spec(uri, **options))
    return path


def asking(path):
    """Return a client of the server or the database of an index, open in a `with`, and the name."""
    described = json.loads(path.read_text())
    place = milvus_collection.place_of(path.parent, described)
    return connected(place, described["token"]), described["collection"]


def names(path):
    """Return the names of the collections where an index is."""
    client, _ = asking(path)
    with client as opened:
        return sorted(opened.list_collections())


@pytest.mark.parametrize("on_server", [False, True])
def test_the_lists_are_those_of_an_exact_index(server, rows, monkeypatch, on_server):
    monkeypatch.setattr(milvus_collection, "QUERIES", 50)
    vectors = StoredVectors.of(rows)
    path = made(rows, server if on_server else "milvus")
    index = stored.read(path, vectors)
    stored.make(vectors, "flat/index.json", {"kind": "flat"})
    flat = stored.read("flat/index.json", vectors)
    stored.make(
        vectors, "ivf/index.json", {"kind": "ivf-flat", "probes": 99, "rerank": 99, "sample": 99}
    )
    again = stored.read("ivf/index.json", vectors)
    # More queries than are asked at a time, and one alone; more rows than there are.
    for queries, k in ((rows, 7), (rows[:1], 7), (rows[:3], 999)):
        scores, found = nearest(index, queries, k)
        exact, right = nearest(flat, queries, k)
        assert found.shape == right.shape == (len(queries), min(k, 120))
        np.testing.assert_allclose(scores, exact, atol=1e-6)
        # Rows whose scores differ in the last digit may change places.
        every = queries @ rows.T
        mine, theirs = (np.take_along_axis(every, one, 1) for one in (found, right))
        np.testing.assert_allclose(mine, theirs, atol=1e-6)
        assert all(map(np.array_equal, nearest(again, queries, k), (scores, found)))
    # Of two equal rows the first one comes first.
    assert (nearest(index, rows[60:70], 2)[1] == [[i, i + 60] for i in range(10)]).all()


def test_no_more_rows_than_milvus_finds_are_asked_for(rows, monkeypatch):
    monkeypatch.setattr(milvus_collection, "MOST", 5)
    index = stored.read(made(rows), StoredVectors.of(rows))
    scores, found = index.searcher.search(rows[:2], 9)
    assert (found[:, :5] >= 0).all() and (found[:, 5:] == -1).all()
    assert np.isneginf(scores[:, 5:]).all()
    right = np.argsort(-(rows[:2] @ rows.T), axis=1, kind="stable")[:, :9]
    assert (nearest(index, rows[:2], 9)[1] == right).all()


@pytest.mark.parametrize(
    ("index_type", "build", "search"),
    [("HNSW", {"M": 16}, {"ef": 200}), ("IVF_FLAT", {"nlist": 4}, {"nprobe": 4})],
)
def test_other_index_types_find_the_same_with_enough_effort(rows, index_type, build, search):
    path = made(rows, index_type=index_type, build=build, search=search)
    assert json.loads(path.read_text())["index_type"] == index_type
    found = nearest(stored.read(path, StoredVectors.of(rows)), rows[:50], 5)[1]
    right = np.argsort(-(rows[:50] @ rows.T), axis=1, kind="stable")[:, :5]
    assert (found == right).mean() > 0.95


def test_the_parameters_of_a_type_are_obeyed(rows):
    path = made(rows, index_type="IVF_FLAT", build={"nlist": 12}, search={"nprobe": 1})
    few = stored.read(path, StoredVectors.of(rows)).searcher.search(rows[:20], 60)[1]
    assert (few[:, -1] == -1).all() and (few[:, 0] >= 0).all()


def test_a_type_that_milvus_does_not_have_is_named(rows):
    with pytest.raises(UserError, match=r"refuses what it is asked for: .*NONSENSE"):
        made(rows, index_type="NONSENSE")
    assert not Path("store/people/tight/clean/mini/index/index.json").exists()


def test_what_a_killed_job_left_is_never_searched_and_made_anew(rows, monkeypatch):
    class Killed(Exception):
        pass

    def step(self, n):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(milvus_collection, "SENT", 64 * 30)
        patched.setattr(milvus_collection.Progress, "step", step)
        with pytest.raises(Killed):
            made(rows)
    path = Path("store/people/tight/clean/mini/index/index.json")
    assert not path.exists()
    path = made(rows)
    left = path.read_text()
    with monkeypatch.context() as patched:
        patched.setattr(milvus_collection, "SENT", 64 * 30)
        patched.setattr(milvus_collection.Progress, "step", step)
        with pytest.raises(Killed):
            made(rows)
    path.write_text(left)  # as of a copy of the study
    with pytest.raises(UserError, match=r"has 30 rows instead of 120. Delete .*index.json and"):
        stored.read(path, StoredVectors.of(rows))
    assert names(made(rows)) == [json.loads(left)["collection"]]
    assert len(stored.read(path, StoredVectors.of(rows))) == 120


def test_a_collection_that_changes_under_an_open_index_is_noticed(server, rows):
    path = made(rows, server)
    index = stored.read(path, StoredVectors.of(rows))
    client, name = asking(path)
    with client as opened:
        opened.delete(name, ids=[3])
    with pytest.raises(UserError, match="has 119 rows instead of 120"):
        nearest(index, rows[:1], 3)
    client, name = asking(path)
    with client as opened:
        opened.drop_collection(name)
    with pytest.raises(UserError, match=f"there is no collection {name}. Delete .*and run again"):
        nearest(index, rows[:1], 3)
    with connected(server, "$MILVUS_TOKEN") as opened:
        milvus_collection.fill(opened, name, StoredVectors.of(rows[:, :8]))
    with pytest.raises(UserError, match="has vectors of 8 numbers instead of 16"):
        stored.read(path, StoredVectors.of(rows))


def test_new_vectors_replace_the_old_ones_and_no_others(server, rows):
    one, other = made(rows, server, model="one"), made(rows, server, model="other")
    first, kept = (json.loads(path.read_text())["collection"] for path in (one, other))
    assert first != kept and {first, kept} <= set(names(one))
    made(rows[::-1], server, model="one")
    second = json.loads(one.read_text())["collection"]
    assert second != first and first not in names(one) and {second, kept} <= set(names(one))
    # The same data set of another study is another folder.
    mine = milvus_collection.stem_of(Path("a/store/p/tight/clean/m/index"), "facebench")
    yours = milvus_collection.stem_of(Path("b/store/p/tight/clean/m/index"), "facebench")
    assert mine != yours and mine[:-8] == yours[:-8] == "facebench_p_tight_clean_m_"


def test_a_study_with_its_databases_can_be_moved(rows, tmp_path, monkeypatch):
    path = made(rows)
    assert str(tmp_path) not in path.read_text()
    Path("store").rename("moved-store")
    Path("new").mkdir()
    Path("moved-store").rename("new/store")
    Path("milvus").rename("new/milvus")
    monkeypatch.chdir("/")  # as the dashboard is started elsewhere
    index = stored.read(tmp_path / "new" / path, StoredVectors.of(rows))
    assert nearest(index, rows[5:6], 1)[1] == [[5]]
    assert not (tmp_path / "milvus").exists()


def test_the_token_is_written_nowhere(server, rows, capfd, monkeypatch):
    logging.getLogger().handlers, before = [], logging.getLogger().handlers
    try:
        log_to("step.log")
        path = made(rows, server)
        logging.getLogger("facebench").info("what if %s", TOKEN)
        monkeypatch.setenv("MILVUS_TOKEN", TOKEN + "-but-wrong")
        with pytest.raises(Unreachable, match=r"refuses the token in \$MILVUS_TOKEN") as refused:
            stored.read(path, StoredVectors.of(rows))
    finally:
        logging.getLogger().handlers = before
    printed = "".join(capfd.readouterr())
    assert json.loads(path.read_text())["token"] == "$MILVUS_TOKEN"
    log = Path("step.log").read_text()
    assert "120 of 120 vectors" in log and "what if $MILVUS_TOKEN" in log
    for text in (path.read_text(), log, printed, str(refused.value)):
        assert "very-secret" not in text
    assert "Traceback" not in printed + log


@pytest.mark.parametrize(
    ("token", "value", "said"),
    [
        ("", TOKEN, "refuses to answer without a token: see index.token"),
        ("$MILVUS_TOKEN", "", r"index.token is \$MILVUS_TOKEN, and the environment has no such"),
    ],
)
def test_a_token_that_is_missing_is_asked_for(server, rows, monkeypatch, token, value, said):
    monkeypatch.setenv("MILVUS_TOKEN", value)
    with pytest.raises(Unreachable, match=said):
        made(rows, server, token=token)


def test_an_address_with_a_password_and_a_plain_token_are_refused():
    with pytest.raises(UserError, match="index.uri has a user name or a password in it"):
        spec("https://root:secret@host:19530")
    with pytest.raises(UserError, match=r"index.token"):
        spec("https://host:19530", token=TOKEN)


def answering(listener):
    """Say to everyone who calls what no Milvus says, until the listener is closed."""
    while True:
        try:
            caller, _ = listener.accept()
        except OSError:
            return
        with caller:
            caller.sendall(b"HTTP/1.1 200 OK\r\n\r\nhello")


@pytest.mark.parametrize("nonsense", [False, True])
def test_a_server_that_is_away_or_no_milvus_is_told_in_a_sentence(rows, capfd, nonsense):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if nonsense:
            listener.listen()
            Thread(target=answering, args=[listener], daemon=True).start()
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        said = f"Milvus at {address} doesn't answer: start it, or name another one in index.uri"
        with pytest.raises(Unreachable, match=said):
            made(rows, address)
        if nonsense:
            listener.shutdown(socket.SHUT_RDWR)
    assert "Traceback" not in "".join(capfd.readouterr())


def test_a_database_that_cant_be_used_is_named(rows):
    path = made(rows)
    [database] = Path("milvus").iterdir()
    with milvus(database), pytest.raises(Unreachable, match=r"\.db is in use by another process"):
        stored.read(path, StoredVectors.of(rows))
    assert len(stored.read(path, StoredVectors.of(rows))) == 120
    database.rename("elsewhere")
    database.write_text("SQLite format 3")  # such as milvus-lite wrote until its version 2
    with pytest.raises(UserError, match=r"\.db can't be used as a database of Milvus .*remove it"):
        stored.read(path, StoredVectors.of(rows))


@pytest.mark.parametrize("name", ["pymilvus", "milvus_lite.adapter.grpc.server"])
def test_without_its_libraries_it_is_said_how_to_install_them(rows, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(UserError, match=r"needs pymilvus and milvus-lite, .* \(make milvus\)"):
        made(rows)


def test_planning_loads_no_client():
    code = "import facebench.study.jobs, sys; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT / "scripts", capture_output=True, text=True
    )
    assert "facebench.indexes.kinds" in done.stdout.split()
    assert not re.findall(r"pymilvus|grpc|faiss|milvus_", done.stdout)
