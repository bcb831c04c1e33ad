"""The answer in words for every person: are they found, and did the cloak change that?"""

from collections.abc import Iterable, Mapping

from facebench.logs import LOG, log_to
from facebench.protocols.poison.my_cloaks import people
from facebench.protocols.poison.variants import attack_table
from facebench.report.my_cloaks import answer
from facebench.store.atomic import replacing
from facebench.store.records import code_version
from facebench.store.tables import read_record, read_table, write_table


def main(
    *,
    outcomes: Mapping[tuple[str, str], str],
    attacks: Mapping[str, str],
    decoys: Mapping[str, str],
    invented: bool,
    trained_on: Mapping[str, str],
    controls: Mapping[str, str],
    code: str,
    text: str,
    table: str,
) -> None:
    """Write the page `text` and the numbers it is made from, `table`.

    outcomes: paths by crop and model. attacks: each one's faces. decoys: each data set's faces.
    trained_on: what each model learnt from; empty where the configuration doesn't say. controls:
    attacks, each with the attack that is noise of its size.
    """
    found = people({key: read_table(path) for key, path in outcomes.items()}, controls)
    pictures = {name: attack_table(path) for name, path in attacks.items()}
    out = {name: left_out(name, outcomes.values()) for name in decoys}
    crowd = {
        name: read_table(path, columns=["identity"])["identity"].nunique() - len(out[name])
        for name, path in decoys.items()
    }
    page = answer(found, pictures, crowd, invented, trained_on, out, controls)
    with replacing(text) as part:
        part.write_text(page, encoding="utf-8")
    write_table(found, table, {"my_cloaks": {"code": code_version(code)}})
    LOG.info("%s is written", text)


def left_out(decoys: str, outcomes: Iterable[str]) -> list[str]:
    """Return the people of a data set of decoys who took no part, according to the records."""
    steps = [read_record(path).get("poison", {}) for path in outcomes]
    return sorted({one for step in steps for one in step.get("left_out", {}).get(decoys, [])})


if __name__ == "__main__":
    log_to(snakemake.log[0])
    params = snakemake.params
    main(
        outcomes=dict(zip(map(tuple, params.places), snakemake.input.outcomes, strict=True)),
        attacks=dict(zip(params.attacks, snakemake.input.attacked, strict=True)),
        decoys=dict(zip(params.decoys, snakemake.input.decoys, strict=True)),
        invented=params.invented,
        trained_on=params.trained_on,
        controls=params.controls,
        code=params.code,
        text=snakemake.output.text,
        table=snakemake.output.table,
    )
