"""The installation: what it says first, which build of PyTorch it asks for, with uv or with pip."""

import subprocess
import sys
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from zipfile import ZipFile

import pytest

from tools import install

ROOT = Path(__file__).parents[2]


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Return the commands that an installation gives, none of which is run; uv is there."""
    commands = []

    def succeeds(command, environ=None):
        commands.append(command)
        if "venv" in command:
            (tmp_path / ".venv").mkdir(exist_ok=True)
        return True

    monkeypatch.setattr(install, "succeeds", succeeds)
    monkeypatch.setattr(install, "uv_settings", lambda python: {})
    monkeypatch.setattr(install, "knows_builds", lambda uv: True)
    builds = {"cuda": ([], ""), "cpu": (["--torch-backend", "cpu"], "")}
    monkeypatch.setattr(install, "where_torch_is", lambda uv, py, choice, settings: builds[choice])
    monkeypatch.setattr(install.shutil, "which", lambda name: f"/bin/{name}")
    return commands


@pytest.mark.parametrize(
    ("choice", "uv", "pip"),
    [
        ("cuda", [], []),
        ("cpu", ["--torch-backend", "cpu"], ["--extra-index-url", install.CPU_INDEX]),
    ],
)
def test_each_build_is_asked_for_in_the_words_of_the_installer(choice, uv, pip):
    assert install.with_uv("uv", "py", "list", uv) == [
        "uv", "pip", "install", "--python", "py", *uv, "-r", "list",
    ]  # fmt: skip
    said = install.with_pip("py", "list", choice)
    assert said[:4] == ["py", "-m", "pip", "install"] and said[-2:] == ["-r", "list"]
    assert [word for word in said if word in pip] == pip and "--quiet" not in said


def test_the_list_for_a_cpu_lacks_what_only_gpus_need_and_nothing_else(tmp_path):
    assert install.wanted(tmp_path, "cuda") == str(install.LOCK)
    short = Path(install.wanted(tmp_path, "cpu")).read_text().splitlines()
    whole = install.LOCK.read_text().splitlines()
    left_out = [line.split("==")[0] for line in whole if line not in short]
    assert len(left_out) > 10
    assert all(name.startswith(("nvidia-", "cuda-")) or name == "triton" for name in left_out)
    assert any(line.startswith("torch==") for line in short)


def test_it_says_first_what_it_takes_and_what_a_cpu_build_saves(asked, tmp_path, capsys):
    assert install.main(tmp_path / ".venv") == 0
    said = capsys.readouterr().out
    assert "7.3 GB on the disk" in said and "4.1 GB of that serve NVIDIA GPUs" in said
    assert (
        "TORCH=cpu in front of the same command, where download.pytorch.org can be reached" in said
    )
    assert asked[-1][:3] == ["/bin/uv", "pip", "install"] and str(install.LOCK) in asked[-1]
    assert "only 1.0 GB are free" in install.announcement(Path(".venv"), "cuda", 1e9)
    cpu = install.announcement(Path(".venv"), "cpu", 1e11)
    assert "TORCH" not in cpu and "PyTorch comes from download.pytorch.org" in cpu


def test_the_choice_is_remembered_and_another_is_refused(asked, tmp_path, capsys):
    venv = tmp_path / ".venv"
    assert install.main(venv, "cpu") == 0 and (venv / "installed-cpu").exists()
    assert install.main(venv) == 0 and "--torch-backend" in asked[-1]
    before = len(asked)
    assert install.main(venv, "cuda") == 2 and len(asked) == before
    assert f"remove {venv} first" in capsys.readouterr().err


def test_another_choice_after_a_stop_begins_with_an_empty_folder(asked, tmp_path):
    venv = tmp_path / ".venv"
    venv.mkdir()
    (venv / "torch-build").write_text("cuda")
    assert install.main(venv, "cpu") == 0 and "--clear" in asked[0]


@pytest.mark.parametrize("found", [None, "/bin/uv"])
def test_pip_does_it_where_uv_is_not_to_be_had_or_of_no_use(monkeypatch, asked, tmp_path, found):
    monkeypatch.setattr(install.shutil, "which", lambda name: found)
    monkeypatch.setattr(install, "knows_builds", lambda uv: False)
    assert install.main(tmp_path / ".venv") == 0
    assert asked[-1][1:4] == ["-m", "pip", "install"] and str(install.LOCK) in asked[-1]
    assert any(word.startswith("uv==") for word in asked[-2])


def test_pip_does_not_try_again_what_uv_could_not_do(monkeypatch, asked, tmp_path, capsys):
    real = install.succeeds
    monkeypatch.setattr(install, "succeeds", lambda c, e=None: real(c, e) and "-r" not in c)
    assert install.main(tmp_path / ".venv") == 1
    assert [command[0] for command in asked if "-r" in command] == ["/bin/uv"]
    assert "could not be installed; the reason is above" in capsys.readouterr().err


def test_an_installation_that_was_stopped_goes_on_with_its_build(monkeypatch, asked, tmp_path):
    venv = tmp_path / ".venv"

    def stopped(command, environ=None):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(install, "succeeds", stopped)
        install.main(venv, "cpu")
    assert not (venv / "installed").exists() and install.main(venv) == 0
    assert (venv / "installed-cpu").exists() and "--clear" not in asked[0]


@pytest.mark.parametrize(
    ("text", "uses"),
    [("exit 1", False), ("echo '--python'", False), ("echo '  --torch-backend <X>'", True)],
)
def test_a_uv_that_fails_or_is_too_old_is_of_no_use(tmp_path, text, uses):
    uv = tmp_path / "uv"
    uv.write_text(f"#!/bin/sh\n{text}\n")
    assert not install.knows_builds(str(uv))  # no program yet
    uv.chmod(0o755)
    assert install.knows_builds(str(uv)) == uses


def test_a_choice_that_is_none_and_an_old_python_are_told(monkeypatch, tmp_path):
    assert "it can be cpu or cuda" in install.refusal(tmp_path, "rocm")
    monkeypatch.setattr(install.sys, "version_info", (3, 9, 2))
    assert "Python 3.11 or newer" in install.refusal(tmp_path, "")


def test_uv_gets_the_settings_of_pip_and_its_own_come_first(monkeypatch, tmp_path):
    (tmp_path / "pip.conf").write_text("[global]\nindex-url = https://one/simple\n")
    monkeypatch.setenv("PIP_CONFIG_FILE", str(tmp_path / "pip.conf"))
    monkeypatch.setenv("PIP_EXTRA_INDEX_URL", "https://two/simple https://three/simple")
    found = install.uv_settings(sys.executable, {"A": "b"})
    assert found["UV_DEFAULT_INDEX"] == "https://one/simple" and found["A"] == "b"
    assert found["UV_INDEX"] == "https://two/simple https://three/simple"
    own = install.uv_settings(sys.executable, {"UV_DEFAULT_INDEX": "https://own/simple"})
    assert own["UV_DEFAULT_INDEX"] == "https://own/simple"


def write_index(folder, version):
    """Write a simple index that has an empty wheel of torch."""
    name = f"torch-{version}-py3-none-any.whl"
    about = f"torch-{version}.dist-info"
    (folder / "torch").mkdir(parents=True)
    with ZipFile(folder / "torch" / name, "w") as wheel:
        wheel.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: torch\nVersion: {version}"
        )
        wheel.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any"
        )
        wheel.writestr(f"{about}/RECORD", "")
    link = f'<a href="{name.replace("+", "%2B")}">{name}</a>'
    (folder / "torch" / "index.html").write_text(link)


class Quiet(SimpleHTTPRequestHandler):
    """Serves files, and says nothing."""

    def log_message(self, *_):
        """Say nothing."""


@pytest.fixture
def indices(tmp_path):
    """Serve an index with torch 9.9.9 at pypi/, and one with its build for a CPU at cpu/."""
    write_index(tmp_path / "pypi", "9.9.9")
    write_index(tmp_path / "cpu", "9.9.9+cpu")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    ("choice", "chosen"), [("cuda", "torch-9.9.9\n"), ("cpu", "torch-9.9.9+cpu\n")]
)
def test_pip_chooses_the_build_that_was_asked_for(monkeypatch, tmp_path, indices, choice, chosen):
    monkeypatch.setattr(install, "CPU_INDEX", f"{indices}/cpu")
    (tmp_path / "list.txt").write_text("torch==9.9.9\n")
    command = install.with_pip(sys.executable, str(tmp_path / "list.txt"), choice)
    env = {
        "PIP_CONFIG_FILE": "/dev/null",
        "PIP_INDEX_URL": f"{indices}/pypi",
        "HOME": str(tmp_path),
    }
    options = ["--dry-run", "--ignore-installed", "--no-deps", "--no-cache-dir"]
    done = subprocess.run([*command, *options], capture_output=True, text=True, env=env)
    assert f"Would install {chosen}" in done.stdout, done.stdout + done.stderr


#: A proxy that isn't there: no host can be reached.
CUT_OFF = "http://127.0.0.1:9"
BY_UV = str(Path(sys.executable).parent / "uv")


@pytest.mark.parametrize(
    ("choice", "index", "cut_off", "build", "said"),
    [
        ("cuda", "", False, [], []),
        ("cpu", "cpu", False, [], []),  # a mirror of PyTorch's index that the user names
        (
            "cpu", "", True, [],
            ["download.pytorch.org could not be reached", "make TORCH=cuda run", "UV_INDEX"],
        ),
        ("cuda", "", True, [], ["pypi.invalid could not be reached", "UV_DEFAULT_INDEX"]),
    ],
)  # fmt: skip
def test_where_torch_is_is_known_before_anything_is_installed(
    monkeypatch, tmp_path, choice, index, cut_off, build, said
):
    pin = install.pinned("torch==").removeprefix("torch==")
    write_index(tmp_path / "pypi", pin)
    write_index(tmp_path / "cpu", f"{pin}+cpu")
    settings = {"PATH": "/bin", "HOME": str(tmp_path), "HTTPS_PROXY": CUT_OFF, "UV_NO_CACHE": "1"}
    settings["UV_DEFAULT_INDEX"] = f"file://{tmp_path}/pypi"
    if choice == "cuda" and cut_off:
        settings["UV_DEFAULT_INDEX"] = "https://pypi.invalid/simple"
    if index:
        settings["UV_INDEX"] = f"file://{tmp_path}/{index}"
    monkeypatch.setattr(install.sys, "platform", "linux")
    found, why = install.where_torch_is(BY_UV, sys.executable, choice, settings)
    assert found == build and bool(why) == cut_off, why
    assert all(words in why for words in said) and why.count("\n") == 0


def test_pip_is_asked_for_the_build_too(monkeypatch, tmp_path, indices):
    pin = install.pinned("torch==").removeprefix("torch==")
    write_index(tmp_path / "mirror", f"{pin}+cpu")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_INDEX_URL", f"{indices}/pypi")
    for name in ("PIP_FIND_LINKS", "PIP_EXTRA_INDEX_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(install.sys, "platform", "linux")
    monkeypatch.setattr(install, "CPU_INDEX", f"{indices}/mirror")
    assert install.where_torch_is(None, sys.executable, "cpu", {}) == ([], "")
    monkeypatch.setattr(install, "CPU_INDEX", "http://127.0.0.1:9/cpu")
    _, why = install.where_torch_is(None, sys.executable, "cpu", {})
    assert "127.0.0.1:9 could not be reached" in why and "make TORCH=cuda run" in why


def made(folder, *arguments):
    """Return what `make` would run in a folder with the Makefile and its lock."""
    for name in ("Makefile", "requirements.lock"):
        (folder / name).write_bytes((ROOT / name).read_bytes())
    return subprocess.run(
        ["make", "-n", *arguments], cwd=folder, capture_output=True, text=True, check=True
    ).stdout


def test_make_hands_the_choice_on_and_installs_once(tmp_path):
    assert "tools/install.py .venv cpu\n" in made(tmp_path, "run", "TORCH=cpu")
    assert "tools/install.py .venv \n" in made(tmp_path, "run")
    (tmp_path / ".venv").mkdir()
    (tmp_path / "requirements.lock").touch()
    (tmp_path / ".venv" / "installed").touch()
    said = subprocess.run(["make", "-n", "run"], cwd=tmp_path, capture_output=True, text=True)
    assert "install.py" not in said.stdout
    said = subprocess.run(
        ["make", "-n", "run", "TORCH=cpu"], cwd=tmp_path, capture_output=True, text=True
    )
    assert "tools/install.py .venv cpu" in said.stdout


def test_help_explains_the_settings():
    said = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True).stdout
    for name in ("STUDY=", "TORCH=cpu", "CORES=", "ARGS=", "RESULTS=", "PYTHON=", "mine.yaml"):
        assert name in said


def test_a_link_to_a_folder_that_is_gone_is_told(tmp_path):
    venv = tmp_path / ".venv"
    venv.symlink_to(tmp_path / "gone")
    told = install.refusal(venv, "")
    assert "which is gone" in told and f"rm {venv}" in told
    (tmp_path / "gone").mkdir()
    assert install.refusal(venv, "") == ""
