"""Run the experiments with attacks on a data set under one model, in every attacked crop."""

from collections.abc import Callable, Mapping

from facebench.evaluation.hub_pictures import hub_pictures, hub_pictures_by_name
from facebench.evaluation.poison import poison
from facebench.evaluation.results import write_results
from facebench.evaluation.task import AttackTask, Result
from facebench.evaluation.typographic import typographic
from facebench.logs import LOG, log_to, report_result
from facebench.store import layout
from facebench.store.keys import key_of, read_content, read_key
from facebench.texts import counted
from facebench.vectors.names import read_names_key
from facebench.vectors.stored import content_of

EXPERIMENTS: Mapping[str, Callable[[AttackTask], Result]] = {
    "poison": poison,
    "typographic": typographic,
    "hub_pictures": hub_pictures,
    "hub_pictures_by_name": hub_pictures_by_name,
}
#: Those that look at the names of people.
WITH_NAMES = ("typographic", "hub_pictures_by_name")


def main(*, experiment: str, task: AttackTask, study: str, code: str) -> None:
    """Write the metrics and the outcomes of one experiment in one crop.

    What was made of the same vectors in the same way is kept.
    """
    where = (study, task.where["dataset"], task.where["crop"], task.where["model"])
    metrics, outcomes = layout.metrics(*where, experiment), layout.outcomes(*where, experiment)
    LOG.info("%s: %s", experiment, ", ".join(where[1:]))
    vectors = {"": task.clean, **task.variants, **{f"/{k}": v for k, v in task.decoys.items()}}
    key = key_of(
        step=experiment,
        vectors={name: content_of(files) for name, files in vectors.items()},
        images=read_content(task.images),
        names=read_names_key(task.names) if experiment in WITH_NAMES else "",
        asked=[task.attacks, task.reencodings, task.options, task.statistics],
        hubs=task.hubs if experiment.startswith("hub_pictures") else {},
        code=code,
    )
    if read_key(metrics) == key == read_key(outcomes):
        LOG.info("kept")
        return
    write_results(
        EXPERIMENTS[experiment](task),
        metrics=metrics,
        outcomes=outcomes,
        code=code,
        key=key,
        tell=experiment != "poison",
    )


if __name__ == "__main__":
    log_to(snakemake.log[0])
    params, model = snakemake.params, snakemake.wildcards.model
    for crop in params.crops:
        for experiment in params.experiments:
            names = params.variants[experiment]
            main(
                experiment=experiment,
                task=AttackTask(
                    clean=layout.vector_files(
                        params.dataset, crop, layout.CLEAN, model, params.parts[params.dataset]
                    ),
                    variants={
                        name: layout.vector_files(
                            params.dataset, crop, name, model, params.parts[params.dataset]
                        )
                        for name in names
                    },
                    decoys={
                        name: layout.vector_files(
                            name, crop, layout.CLEAN, model, params.parts[name]
                        )
                        for name in params.decoys
                    },
                    images=layout.images(params.dataset),
                    names=layout.names(params.dataset, model),
                    attacks=params.attacks,
                    reencodings=params.reencodings,
                    options=params.options,
                    where={"dataset": params.dataset, "crop": crop, "model": model},
                    statistics=params.statistics,
                    hubs=params.hubs,
                ),
                study=params.study,
                code=params.code,
            )
    tried = {name.partition("+")[0] for names in params.variants.values() for name in names}
    attacks = counted(len(tried - {layout.CLEAN}), "attack")
    report_result(f"{counted(len(params.crops), 'crop')}, {attacks}")
