"""Install the libraries of requirements.lock into a virtual environment: `make` runs this.

    python3 tools/install.py .venv [cpu | cuda]

It stands alone, and its syntax is old: nothing is installed yet, and this Python may be too old.
"""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

LOCK = Path(__file__).resolve().parent.parent / "requirements.lock"
OLDEST = (3, 11)

#: Where PyTorch's own builds for a CPU alone are; PyPI has those for NVIDIA GPUs.
CPU_INDEX = "https://download.pytorch.org/whl/cpu"
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

    choice: `cpu` or `cuda`; empty for what is installed there, or else `cuda`.
    """
    venv = Path(venv)
    sentence = refusal(venv, choice)
    if sentence:
        print(sentence, file=sys.stderr)
        return 2
    choice = choice or held(venv) or "cuda"
    print(announcement(venv, choice, shutil.disk_usage(venv.parent.resolve()).free), flush=True)
    begun = venv / "torch-build"
    again = begun.exists() and begun.read_text() != choice
    if not succeeds([sys.executable, "-m", "venv", *(["--clear"] if again else []), str(venv)]):
        return 1
    begun.write_text(choice)
    python = str(venv / "bin" / "python")
    lock = wanted(venv, choice)
    uv = find_uv(venv, python)
    done = bool(uv) and succeeds(with_uv(uv, python, lock, choice), uv_settings(python))
    if uv and not done:
        print("uv could not install them; pip tries.", flush=True)
    if not done and not succeeds(with_pip(python, lock, choice)):
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


def announcement(venv, choice, free):
    """Return what is going to happen; free: bytes left on the disk.

    >>> print(announcement(Path(".venv"), "cpu", 9e9).splitlines()[0])
    Installing the libraries of facebench into .venv, once: about 3.2 GB at most on the disk.
    """
    size = WHOLE_GB if choice == "cuda" else WHOLE_GB - GPU_GB
    lines = [
        "Installing the libraries of facebench into {}, once: about {:.1f} GB{} on the"
        " disk.".format(venv, size, "" if choice == "cuda" else " at most")
    ]
    if choice == "cuda":
        lines.append(
            f"{GPU_GB:.1f} GB of that serve NVIDIA GPUs alone. Without one: stop now (Ctrl-C) and"
            " type TORCH=cpu make run."
        )
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


def with_uv(uv, python, lock, choice):
    """Return the command that installs with uv."""
    build = ["--torch-backend", "cpu"] if choice == "cpu" else []
    return [uv, "pip", "install", "--python", python, *build, "-r", lock]


def with_pip(python, lock, choice):
    """Return the command that installs with pip, which prefers a build `+cpu` that it sees."""
    build = ["--extra-index-url", CPU_INDEX] if choice == "cpu" else []
    quiet = "--disable-pip-version-check"
    return [python, "-m", "pip", "install", quiet, *build, "-r", lock]


def find_uv(venv, python):
    """Return uv's path: the machine's own, or one that pip puts into `venv`; else None."""
    found = shutil.which("uv")
    if found:
        return found
    pin = next(line.strip() for line in LOCK.read_text().splitlines() if line.startswith("uv=="))
    print("Getting uv, which installs several times as fast as pip ...", flush=True)
    quiet = ["--quiet", "--disable-pip-version-check"]
    if succeeds([python, "-m", "pip", "install", *quiet, pin]):
        return str(venv / "bin" / "uv")
    return None


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
