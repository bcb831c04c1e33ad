"""Install the libraries of requirements.lock into a virtual environment: `make` runs this.

    python3 tools/install.py .venv [cpu | cuda]

It stands alone, and its syntax is old: nothing is installed yet, and this Python may be too old.
"""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
OLDEST = (3, 11)

#: Where PyTorch's own builds for a CPU alone are; PyPI has those for NVIDIA GPUs.
CPU_HOST = "download.pytorch.org"
CPU_INDEX = f"https://{CPU_HOST}/whl/cpu"
#: Libraries that only serve NVIDIA GPUs: the build for a CPU needs none of them.
GPU_ONLY = ("nvidia-", "cuda-", "triton==")

#: GB on the disk, measured on Linux; the build for a CPU is what is left without `GPU_ONLY`.
WHOLE_GB, GPU_GB = 7.3, 4.1

#: pip's settings that uv knows under another name. uv reads nothing of pip's.
FOR_UV = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "constraint": "UV_CONSTRAINT",
    "cert": "SSL_CERT_FILE",
}


def main(venv, choice=""):
    """Install into the folder `venv`; return the exit status.

    choice: `cpu` or `cuda`; empty for what was chosen the last time, or else `cuda`.
    """
    venv = Path(venv)
    sentence = refusal(venv, choice)
    if sentence:
        print(sentence, file=sys.stderr)
        return 2
    before, given = begun(venv), choice
    choice = choice or held(venv) or before or "cuda"
    free = shutil.disk_usage(venv.parent.resolve()).free
    print(announcement(venv, choice, free, asked=bool(given)), flush=True)
    clear = ["--clear"] if before not in ("", choice) else []
    remember(venv, choice)
    if not succeeds([sys.executable, "-m", "venv", *clear, str(venv)]):
        return 1
    remember(venv, choice)
    python = str(venv / "bin" / "python")
    uv = find_uv(venv, python)
    settings = uv_settings(python)
    if choice == "cpu" and "UV_INDEX" in settings:
        # A mirror of PyTorch's index has other libraries, too, in few versions.
        settings.setdefault("UV_INDEX_STRATEGY", "unsafe-best-match")
    build, why = where_torch_is(uv, python, choice, settings)
    if why:
        print(why, file=sys.stderr)
        return 1
    lock = wanted(venv, choice)
    command = with_uv(uv, python, lock, build) if uv else with_pip(python, lock, choice)
    if not succeeds(command, settings if uv else None):
        print(
            "The libraries could not be installed; the reason is above. The same command goes on"
            " from here. Behind a proxy or with a mirror: docs/faq.md.",
            file=sys.stderr,
        )
        return 1
    for name in ("installed", "installed-" + choice):
        (venv / name).touch()
    return 0


def refusal(venv, choice):
    """Return why nothing can be installed, in a sentence; empty if something can."""
    if sys.version_info[:2] < OLDEST:
        return (
            f"facebench needs Python 3.11 or newer; this is {sys.version.split()[0]}. Try: make"
            " PYTHON=python3.11 ..."
        )
    if choice not in ("", "cpu", "cuda"):
        return f"TORCH is {choice!r}; it can be cpu or cuda."
    if venv.is_symlink() and not venv.exists():
        return (
            f"{venv} is a link to {venv.readlink()}, which is gone: remove the link (rm {venv}),"
            " and say it again."
        )
    there = held(venv)
    if choice and there and choice != there:
        return (
            f"{venv} holds PyTorch's build for {there}, and TORCH={choice} asks for another:"
            f" remove {venv} first (rm -r {venv}), and say it again."
        )
    return ""


def held(venv):
    """Return the build that was installed completely, `cpu` or `cuda`; empty if none was."""
    if (venv / "installed-cpu").exists():
        return "cpu"
    return "cuda" if (venv / "installed").exists() else ""


def begun(venv):
    """Return the build that was chosen for `venv`, installed completely or not; empty if none."""
    note = venv / "torch-build"
    return note.read_text() if note.exists() else ""


def remember(venv, choice):
    """Note the build, so that an installation that is stopped goes on with it."""
    venv.mkdir(parents=True, exist_ok=True)
    (venv / "torch-build").write_text(choice)


def announcement(venv, choice, free, asked=False):
    """Return what is going to happen; free: bytes left on the disk; asked: for this very build.

    >>> print(announcement(Path(".venv"), "cpu", 9e9).splitlines()[0])
    Installing the libraries of facebench into .venv, once: about 3.2 GB at most on the disk.
    """
    size = WHOLE_GB if choice == "cuda" else WHOLE_GB - GPU_GB
    lines = [
        "Installing the libraries of facebench into {}, once: about {:.1f} GB{} on the"
        " disk.".format(venv, size, "" if choice == "cuda" else " at most")
    ]
    if choice == "cuda" and not asked:
        lines.append(
            f"{GPU_GB:.1f} GB of that serve NVIDIA GPUs alone. Without one: stop now (Ctrl-C) and"
            f" put TORCH=cpu in front of the same command, where {CPU_HOST} can be reached."
        )
    elif choice == "cpu":
        lines.append(f"PyTorch comes from {CPU_HOST} or a mirror of it, all else from PyPI.")
    lines.append("Minutes, depending on the network; the same command goes on if it is stopped.")
    if free < size * 1e9:
        lines.append(f"warning: only {free / 1e9:.1f} GB are free on this disk.")
    return "\n".join(lines)


def wanted(venv, choice):
    """Return the list to install: the lock, or a copy of it without what only GPUs need."""
    if choice == "cuda":
        return str(LOCK)
    lines = LOCK.read_text().splitlines(True)
    short = venv / "requirements-cpu.txt"
    short.write_text("".join(line for line in lines if not line.startswith(GPU_ONLY)))
    return str(short)


def where_torch_is(uv, python, choice, settings):
    """Return uv's arguments with which the build of PyTorch is found, and why it isn't, or "".

    Asked before anything is installed, of one library and with one new try, because an installer
    would try again and again, for every library. The user's own indices come first: a mirror of
    PyTorch's may be among them.
    """
    pin = pinned("torch==")
    said = ""
    for build in [[]] if choice == "cuda" else [[], ["--torch-backend", "cpu"]]:
        if uv:
            ask = [uv, "pip", "compile", "-", "--no-deps", "--python", python, *build]
            environ = {"UV_HTTP_RETRIES": "1", **settings}
        else:
            where = ["--extra-index-url", CPU_INDEX] if choice == "cpu" else []
            ask = [python, "-m", "pip", "index", "versions", "torch", *where]
            ask, environ = [*ask, "--retries", "1", "--timeout", "15"], None
        answer = subprocess.run(  # noqa: S603 (ours)
            ask, input=pin, env=environ, capture_output=True, text=True, check=False
        )
        said = answer.stderr
        known = choice == "cuda" or sys.platform == "darwin" or f"{pin[7:]}+cpu" in answer.stdout
        if answer.returncode == 0 and known:
            return build, ""
        if not uv:
            break
    return [], unreachable(said, choice)


def unreachable(said, choice):
    """Return the sentence for an installer that found no PyTorch; `said`: its messages.

    >>> unreachable("error: Failed to fetch: https://a.org/simple/torch/", "cuda")[:60]
    'PyTorch could not be found: a.org could not be reached. Try '
    """
    found = re.search(r"https?://(?:[^/\s@]*@)?([^/\s:`]+)|host='([^']+)'", said)
    host = (found[1] or found[2]) if found else CPU_INDEX.split("/")[2]
    cut_off = re.search(r"(?i)failed to fetch|error sending|connection|timed? ?out|resolve", said)
    fault = "could not be reached" if cut_off else f"has no {pinned('torch==')}"
    if choice == "cuda":
        return (
            f"PyTorch could not be found: {host} {fault}. Try again where it can be, or name a"
            " mirror of PyPI (UV_DEFAULT_INDEX or PIP_INDEX_URL) or a proxy (HTTPS_PROXY)."
        )
    return (
        f"PyTorch's build for a CPU could not be found: {host} {fault}. Try again where it can be;"
        f" or take the build that PyPI has ({GPU_GB} GB more): make TORCH=cuda run; or name a"
        f" mirror of {CPU_INDEX} (UV_INDEX or PIP_EXTRA_INDEX_URL) or a proxy (HTTPS_PROXY)."
    )


def pinned(start):
    """Return the line of the lock that starts so, such as `uv==0.9.1`."""
    lines = LOCK.read_text().splitlines()
    return next(line.partition(";")[0].strip() for line in lines if line.startswith(start))


def with_uv(uv, python, lock, build):
    """Return the command that installs with uv; build: see `where_torch_is`."""
    return [uv, "pip", "install", "--python", python, *build, "-r", lock]


def with_pip(python, lock, choice):
    """Return the command that installs with pip, which prefers a build `+cpu` that it sees."""
    build = ["--extra-index-url", CPU_INDEX] if choice == "cpu" else []
    quiet = "--disable-pip-version-check"
    return [python, "-m", "pip", "install", quiet, *build, "-r", lock]


def find_uv(venv, python):
    """Return the path of a uv that can be used: the machine's, or one that pip gets; else None."""
    found = shutil.which("uv")
    if found and knows_builds(found):
        return found
    print("Getting uv, which installs several times as fast as pip ...", flush=True)
    quiet = ["--quiet", "--disable-pip-version-check", "--retries", "1", "--timeout", "15"]
    mine = str(venv / "bin" / "uv")
    if succeeds([python, "-m", "pip", "install", *quiet, pinned("uv==")]) and knows_builds(mine):
        return mine
    print("uv can't be had; pip installs instead.", flush=True)
    return None


def knows_builds(uv):
    """Return whether this uv runs, and is new enough to know PyTorch's builds."""
    try:
        asked = subprocess.run(  # noqa: S603 (the user's own, or ours)
            [uv, "pip", "install", "--help"], capture_output=True, text=True, check=False
        )
    except OSError:
        return False
    return asked.returncode == 0 and "--torch-backend" in asked.stdout


def uv_settings(python, environ=os.environ):
    """Return the environment for uv: with pip's indices, certificates and folders of files."""
    listed = subprocess.run(  # noqa: S603 (our own Python)
        [python, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, text=True, check=False
    ).stdout
    settings = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        name, _, value = line.partition("=")
        known = FOR_UV.get(name.rpartition(".")[2])
        if known and value:
            settings[known] = " ".join(ast.literal_eval(value).split())
    if "UV_INDEX" in settings:  # as pip does: the newest of all indices, not of the first
        settings["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    return {**settings, **environ}


def succeeds(command, environ=None):
    """Run a command whose output is shown; return whether it succeeded."""
    return subprocess.run(command, env=environ, check=False).returncode == 0  # noqa: S603 (ours)


if __name__ == "__main__":
    try:
        sys.exit(main(*sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on from here.")
