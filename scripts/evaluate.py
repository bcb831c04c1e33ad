"""Evaluate one model on a data set: every protocol of the job, in every crop."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

from facebench.evaluation import PROTOCOLS
from facebench.evaluation.pictures import load, warn_of_narrow_scores
from facebench.evaluation.results import write_results
from facebench.evaluation.task import Result, Task
from facebench.logs import LOG, log_to, report_result
from facebench.places import local
from facebench.store import layout
from facebench.store.keys import key_of, read_content, read_key
from facebench.store.layout import VectorFiles
from facebench.store.records import file_sha256
from facebench.texts import counted
from facebench.vectors.names import read_names_key
from facebench.vectors.stored import content_of

#: The numbers that the terminal shows of a finished evaluation: (protocol, metric, at) -> name.
HEADLINES = {
    ("view2", "accuracy", ""): "View 2",
    ("identify", "rank", "1"): "rank-1",
    ("neighbour", "rank", "1"): "nearest right",
    ("name", "top1", "all"): "naming",
    ("hubs", "one_entry", "1"): "one entry first",
    ("hubs_by_name", "one_entry", "1"): "one entry first for names",
}


class Where(NamedTuple):
    """What the numbers are of: the columns of their rows."""

    study: str
    dataset: str
    crop: str
    model: str


def main(
    *,
    where: Where,
    protocols: Sequence[str],
    vectors: VectorFiles,
    files: Mapping[str, str],
    index: Mapping[str, Any],
    options: Mapping[str, Mapping[str, Any]],
    statistics: Mapping[str, Any],
    code: Mapping[str, str],
    strangers: Mapping[str, VectorFiles] = MappingProxyType({}),
    strangers_names: Mapping[str, str] = MappingProxyType({}),
    lists: Mapping[str, str] = MappingProxyType({}),
) -> list[str]:
    """Write the metrics and the outcomes of each of `protocols` in one crop.

    files: paths of `pairs`, `names` and `index`, where a protocol needs them; strangers: other data
    sets' vectors, by name, and strangers_names: the text vectors of their names; lists: text files
    that list pictures, by name; index: its section of the configuration. options: the protocols'
    sections. code: the hash of each one's sources. What was made of the same vectors in the same
    way is kept. Returns the headline numbers as text.
    """
    LOG.info("%s, %s, %s", where.dataset, where.crop, where.model)
    pictures, found = None, []
    for protocol in protocols:
        needs = PROTOCOLS[protocol]
        wanted = options[protocol].get(needs.strangers, []) if needs.strangers else []
        others = {name: strangers[name] for name in wanted if name in strangers}
        called = {name: strangers_names[name] for name in others} if needs.names else {}
        key = key_of(
            step=protocol,
            vectors=content_of(vectors),
            pairs=read_content(files["pairs"]) if needs.pairs else "",
            names=read_names_key(files["names"]) if needs.names else "",
            index=index if needs.index else "",
            **({"strangers": strangers_of(others)} if needs.strangers else {}),
            **({"their_names": keys_of_names(called)} if called else {}),
            **({"lists": contents_of(lists)} if needs.lists else {}),
            options=options[protocol], statistics=statistics, code=code[protocol],
        )  # fmt: skip
        metrics = layout.metrics(*where, protocol)
        outcomes = layout.outcomes(*where, protocol)
        if read_key(metrics) == key == read_key(outcomes):
            LOG.info("%s: kept", protocol)
            continue
        if pictures is None:
            pictures = load(*vectors)
            warn_of_narrow_scores(pictures, where.model)
        task = Task(
            pictures=pictures,
            where={"dataset": where.dataset, "crop": where.crop, "model": where.model},
            options=options[protocol],
            statistics=statistics,
            files={"faces": vectors.faces, **files},
            strangers=others,
            strangers_names=called,
            lists=lists if needs.lists else {},
        )
        result = needs(task)
        found += headline(result, where.crop)
        write_results(result, metrics=metrics, outcomes=outcomes, code=code[protocol], key=key)
    return found


def strangers_of(vectors: Mapping[str, VectorFiles]) -> dict[str, Any]:
    """Return what the vectors of other data sets are, for the key."""
    return {name: content_of(files) for name, files in vectors.items()}


def keys_of_names(files: Mapping[str, str]) -> dict[str, str]:
    """Return the keys of text vectors of other data sets' names, for the key."""
    return {name: read_names_key(path) for name, path in files.items()}


def contents_of(lists: Mapping[str, str]) -> dict[str, str]:
    """Return a hash of each list of pictures, for the key."""
    return {name: file_sha256(local(path)) for name, path in lists.items()}


def headline(result: Result, crop: str) -> list[str]:
    """Return a protocol's headline number, if it has one."""
    for row in result.numbers.rows:
        name = HEADLINES.get((result.numbers.protocol, row["metric"], row["at"]))
        if name and row["value"] == row["value"]:
            return [f"{crop} {name} {100 * row['value']:.1f} %"]
    return []


if __name__ == "__main__":
    log_to(snakemake.log[0])
    params, wildcards = snakemake.params, snakemake.wildcards
    found = []
    for crop in params.crops:
        place = (params.dataset, crop, layout.CLEAN, wildcards.model)
        found += main(
            where=Where(params.study, params.dataset, crop, wildcards.model),
            protocols=params.protocols,
            vectors=layout.vector_files(*place, params.parts),
            files={
                "pairs": layout.pairs(params.dataset),
                "names": layout.names(params.dataset, wildcards.model),
                "index": layout.index(*place),
            },
            strangers={
                name: layout.vector_files(
                    name, crop, layout.CLEAN, wildcards.model, params.strangers[name]
                )
                for name in params.strangers
            },
            strangers_names={
                name: layout.names(name, wildcards.model) for name in params.strangers
            },
            index=params.index,
            options=params.options,
            statistics=params.statistics,
            code=params.code,
            lists=params.lists,
        )
    report_result(", ".join(found) or counted(len(params.protocols), "protocol"))
