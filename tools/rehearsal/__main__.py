"""Run the paper's studies at small size, without a network; say what of them did not run.

    make rehearsal
    make rehearsal ARGS="--gigabytes 20"

Networks of each family of architectures get random weights, in the files that their makers publish,
and a server on this machine gives them to the hub's own client. Rendered people fill the files of
CelebA and of perturbed_faces. The studies are the project's own, with these models. Ends with a
table of what ran, and with 1 if anything is missing. docs/adding.md says what it shows.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tools.rehearsal import celeba, outcome, study
from tools.rehearsal.families import Chosen
from tools.rehearsal.hub import hub
from tools.rehearsal.tried import broken
from tools.rehearsal.weights import write_repository

STUDIES = ("paper", "paper-cloaks")

#: Runs Snakemake with some arguments and variables; returns its exit status.
Run = Callable[[Sequence[str], Mapping[str, str]], int]


def run_snakemake(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run Snakemake, and show what it says."""
    command = [sys.executable, "-m", "snakemake", *arguments]
    # Nothing of the command comes from outside.
    return subprocess.run(command, cwd=study.ROOT, env=environment).returncode  # noqa: S603


def rehearse(
    folder: Path,
    studies: Sequence[str] = STUDIES,
    gigabytes: float = 0,
    people: int = 16,
    views: int = 3,
    published: int = 6,
    cores: str = "2",
    run: Run = run_snakemake,
) -> list[outcome.Part]:
    """Run studies in a folder; return their parts, and print a table of them.

    gigabytes: see `families.chosen`. people, views, published: see `celeba.write_datasets`.
    """
    folder = folder.resolve()
    models = study.models_of(studies, gigabytes)
    repos = {str(one.spec["repo"]): folder / "served" / one.called for one in written(models)}
    for one in written(models):
        write_repository(folder / "served" / one.called, one.spec, one.real)
    found = [
        outcome.Part("family", f"{one} ({why})", ran=False) for one, why in broken(models, repos)
    ]
    if found:
        print(*outcome.lines("all", found), sep="\n", flush=True)
        return found
    places = celeba.write_datasets(folder / "sets", people, views, published)
    commits = {str(o.spec["repo"]): str(o.spec["revision"]) for o in models if "revision" in o.spec}
    start = ["--snakefile", str(study.ROOT / "Snakefile"), "--cores", cores]
    start += ["--directory", str(folder)]
    table = []
    with hub(repos, commits=commits) as (address, _):
        # A repository has other files where its network has another size.
        own = {"HF_ENDPOINT": address, "HF_HOME": str(folder / f"hub-{gigabytes:g}")}
        variables = {**knows_no_hub(), **places, **own}
        for name in studies:
            file = study.write_study(folder / "studies", name, models)
            page = f"results/{name}/report.html"
            for asked in (["--", "report"], ["--report", page, "--", "report"]):
                run(
                    [*start, "--configfile", str(study.file_of(name)), str(file), *asked], variables
                )
            config = study.config_of(name, file)
            parts = outcome.parts(config, {one.called: one.family for one in models}, folder)
            table += outcome.lines(name, parts)
            found += parts
    print("", *table, sep="\n", flush=True)
    return found


def written(models: Sequence[Chosen]) -> list[Chosen]:
    """Return the models whose weights are written and served."""
    return [one for one in models if one.written]


def knows_no_hub() -> dict[str, str]:
    """Return the variables of this process, without those of another hub or of a proxy."""
    left = {k: v for k, v in os.environ.items() if not k.startswith("HF_")}
    return {**left, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 1 if a part of a study is missing."""
    words = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    words.add_argument("folder", nargs="?", type=Path, default=Path("work", "rehearsal"))
    words.add_argument(
        "--gigabytes",
        type=float,
        default=0,
        help="disk for networks in their own size; without it, all are made smaller",
    )
    words.add_argument("--studies", nargs="+", default=STUDIES, help="which; both by default")
    words.add_argument("--people", type=int, default=16, help="how many are rendered")
    words.add_argument("--cores", default="all", help="of Snakemake")
    chosen = vars(words.parse_args(arguments))
    return int(not all(part.ran for part in rehearse(**chosen)))


if __name__ == "__main__":
    sys.exit(main())
