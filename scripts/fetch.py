"""Fetch a file of a data set, or say how to do without a network."""

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.fetching.download import download
from facebench.logs import LOG, log_to, report_result
from facebench.store.records import file_sha256


def mirrors(config: Mapping[str, Any], dataset: str, name: str) -> list[str]:
    """Return the addresses of a file of a data set.

    They are no parameter of the rule: Snakemake keeps those, and an address may have a token in it.
    """
    files = config["datasets"][dataset]["files"].values()
    return next((list(file.get("urls", [])) for file in files if file["name"] == name), [])


def main(dataset: str, file: Mapping[str, Any], keep: str | Path, output: str | Path) -> None:
    """Put `file` (name, urls, sha256) at `output`.

    The file is also kept at `keep`, a second name for the same bytes: it outlives a job that is
    killed or run again, and a copy that the user put there is taken, if its hash is right, and
    never replaced, if it isn't.
    """
    keep = Path(keep)
    if not is_there(keep, file.get("sha256")):
        try:
            if not file.get("urls"):
                raise UserError("It can't be downloaded by a program.")
            download(file["urls"], file["sha256"], keep)
        except UserError as error:
            raise UserError(
                f"{file['name']} of the data set {dataset} is missing. {error} Put it at"
                f" {keep.absolute()}, or set datasets.{dataset}.archive to the archive of the"
                " pictures (its other files in the same folder) or datasets."
                f"{dataset}.folder to the unpacked pictures; docs/adding.md lists the files."
            ) from None
    give(keep, Path(output))
    LOG.info("%s is here and has sha256 %s", file["name"], file_sha256(output))
    report_result(f"{Path(output).stat().st_size / 1e6:,.1f} MB")


def is_there(path: Path, sha256: str | None) -> bool:
    """Return whether the file is at `path`. Raises `UserError` for a file with another hash."""
    if path.is_dir():
        raise UserError(
            f"{path.absolute()} is a folder, and a file belongs there: move it elsewhere."
        )
    if path.exists() and sha256 is not None and (found := file_sha256(path)) != sha256:
        raise UserError(
            f"{path.absolute()} has sha256 {found} and not {sha256}: move it elsewhere. To use it"
            " all the same, set datasets.<name>.archive, or files.<what>.path, to where it is then."
        )
    return path.exists()


def give(keep: Path, output: Path) -> None:
    """Make `output` a second name of `keep`; a copy where the file system has no such thing."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.unlink(missing_ok=True)
    try:
        os.link(keep, output)
    except OSError:
        shutil.copyfile(keep, output)


if __name__ == "__main__":
    log_to(snakemake.log[0])
    file, dataset = snakemake.params.file, snakemake.wildcards.dataset
    main(
        dataset=dataset,
        file={**file, "urls": mirrors(snakemake.config, dataset, file["name"])},
        keep=snakemake.params.keep,
        output=snakemake.output[0],
    )
