"""Find a model's weights, download them if need be, and describe them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from facebench.errors import UserError
from facebench.logs import LOG, log_to, report_result
from facebench.models import (
    FAMILIES,
    Spec,
    arguments,
    find,
    other_hashes,
    read_description,
    reads_text,
)
from facebench.store.atomic import write_json
from facebench.store.records import file_sha256


def main(*, model: str, spec: Spec, output: str | Path, parts: Sequence[str | Path] = ()) -> None:
    """Write what `describe` says of the model to the JSON file `output`.

    parts: of a fusion, the files of its two models.
    """
    facts = describe(model, spec)
    if parts:
        facts |= of_both(facts["record"], [read_description(path) for path in parts])
    write_json(output, facts)
    where = facts["files"].get("weights", "needs no weights")
    LOG.info("%s: %s", model, where)
    image, total = facts["parameters_m"], facts["total_parameters_m"]
    with_text = f" ({total:.1f} with its text tower)" if total > image else ""
    size = f", {image:.1f} million parameters{with_text}" if total else ""
    report_result(f"{facts['kind']}{size}")


def describe(model: str, spec: Spec) -> dict[str, Any]:
    """Return where a model's files are and what they are.

    `parameters_m` counts the image tower, `total_parameters_m` the text tower too, in millions.

    Raises `UserError` if a file can't be found or downloaded, or has another `sha256` than given.
    """
    found = find(spec)
    weights = found.files.get("weights")
    sha256 = None if weights is None else file_sha256(weights)
    if spec.get("sha256", sha256) != sha256:
        raise UserError(
            f"{model}: {weights} has the sha256 {sha256}, but the configuration expects"
            f" {spec['sha256']}; delete the file to get it again, or correct the key."
        )
    own, family = arguments(spec), FAMILIES[spec["family"]]
    total, image = family.parameters(files=found.files, **own)
    # `path` is where, not what; the sha256 says what, where there are weights or vectors. A folder
    # is of no revision.
    hashed = weights is not None or family.elsewhere
    unsaid = {"path", "ids", "revision"} if "path" in own and hashed else set()
    pin = {} if found.revision is None else {"revision": found.revision}
    return {
        "model": model,
        "family": spec["family"],
        "kind": family.kind,
        "text": reads_text(spec),
        "control": family.control,
        "spec": {"family": spec["family"], **own},
        "files": {what: str(path.absolute()) for what, path in found.files.items()},
        "record": {
            "model": model,
            "family": spec["family"],
            **{k: v for k, v in own.items() if k not in unsaid},
            **pin,
            "weights_sha256": sha256,
            **other_hashes(spec["family"], found.files),
            "parameters": total,
            "image_parameters": image,
        },
        "parameters_m": image / 1e6,
        "total_parameters_m": total / 1e6,
    }


def of_both(record: dict[str, Any], parts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what the descriptions of two models say of their fusion, whose record is given.

    Its size is that of both, a model with itself counted once; it is a control where both are.
    """
    each = {part["model"]: part for part in parts}.values()
    total, image = (
        sum(part["record"][key] for part in each) for key in ("parameters", "image_parameters")
    )
    sizes = {"parameters": total, "image_parameters": image}
    return {
        "control": all(part["control"] for part in parts),
        "record": {**record, **sizes, "parts": [part["record"] for part in parts]},
        "parameters_m": image / 1e6,
        "total_parameters_m": total / 1e6,
    }


if __name__ == "__main__":
    log_to(snakemake.log[0])
    main(
        model=snakemake.wildcards.model,
        spec=snakemake.params.spec,
        output=snakemake.output[0],
        parts=snakemake.input.parts,
    )
