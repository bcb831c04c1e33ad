"""Unpack the pictures of a data set."""

import shutil
from pathlib import Path

from facebench.fetching.archives import MADE, unpack_archive
from facebench.logs import log_to, report_result
from facebench.store.atomic import move_folder


def main(archive: str | Path, ratio: float, gigabytes: float, output: str | Path) -> None:
    """Unpack `archive` into the folder `output`, which appears when it is complete."""
    part = Path(f"{output}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        files = unpack_archive(archive, part, ratio, gigabytes)
        # Snakemake's own comes later: a run that is killed before would look like a user's folder.
        (part / MADE).touch()
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    shutil.rmtree(output, ignore_errors=True)
    move_folder(part, output)
    report_result(f"{files:,} files of {archive}")


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        archive=snakemake.input.archive,
        ratio=snakemake.params.ratio,
        gigabytes=snakemake.params.gigabytes,
        output=snakemake.output[0],
    )
