"""Checks of a configuration's values that no schema can express."""

import math
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from facebench.datasets import READERS
from facebench.study.config_problems import hint
from facebench.study.jobs import rule_name

#: Values deeper than this are no configuration's.
DEEPEST = 100


def not_plain(value: Any, key: str = "", around: tuple[int, ...] = ()) -> Iterator[str]:
    """Yield a sentence for every value that no configuration has, wherever it is.

    These are keys that are no text, numbers that are not finite, text that no file can hold, and
    values that contain themselves. around: the mappings and lists that the value is in.
    """
    if id(value) in around:
        yield f"{key} contains itself"
    elif len(around) > DEEPEST:
        yield f"{key[:60]}... is nested too deeply"
    elif isinstance(value, Mapping):
        for name, sub in value.items():
            if not isinstance(name, str):
                yield f"{key or 'the configuration'}: the key {name!r} is no text: write '{name}'"
                continue
            yield from not_plain(sub, f"{key}.{name}" if key else name, (*around, id(value)))
    elif isinstance(value, list):
        for i, sub in enumerate(value):
            yield from not_plain(sub, f"{key}[{i}]", (*around, id(value)))
    elif isinstance(value, float) and not math.isfinite(value):
        yield f"{key} is {value}; it must be a number"
    elif isinstance(value, str) and not _is_text(value):
        yield f"{key} has characters that no text has"


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in value


def repeated(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for entries that would be one file, or one rule."""
    rules: dict[str, str] = {}
    for dataset, spec in _mappings(config.get("datasets")):
        if (other := rules.setdefault(rule_name(dataset), dataset)) != dataset:
            yield f"datasets: {other} and {dataset} differ in their signs only; rename one"
        names: dict[str, str] = {}
        for key, file in _mappings(spec.get("files")):
            name = str(file.get("name"))
            if (other := names.setdefault(name, key)) != key:
                yield f"datasets.{dataset}.files: {other} and {key} have the same name {name!r}"


def with_passwords(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every address that has a user name, or a password, in it."""
    for dataset, spec in _mappings(config.get("datasets")):
        for key, file in _mappings(spec.get("files")):
            urls = file.get("urls")
            for i, url in enumerate(urls if isinstance(urls, list) else []):
                if isinstance(url, str) and "@" in _authority(url):
                    yield (
                        f"datasets.{dataset}.files.{key}.urls[{i}] has a user name or a password in"
                        " it: write the address without them, and put them into ~/.netrc (machine"
                        " HOST login USER password PASSWORD)"
                    )
    index = config.get("index")
    uri = index.get("uri") if isinstance(index, Mapping) else None
    if isinstance(uri, str) and "://" in uri and "@" in _authority(uri):
        yield (
            "index.uri has a user name or a password in it: write the address without them, and"
            " name the variable of the environment that holds user:password in index.token"
        )


def _authority(url: str) -> str:
    """Return the host of an address, with all that stands before it.

    >>> _authority("http://me:a/b@host/x"), _authority("http://host/x@2")
    ('me:a/b@host', 'host')
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:  # a password with a slash, or nonsense
        return url.partition("://")[2].rpartition("/")[0]
    return parts.netloc


def not_rendered(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every data set to train on that isn't one of rendered people."""
    pretrain, known = config.get("pretrain"), dict(_mappings(config.get("datasets")))
    for key in ("pictures", "subjects", "strangers", "known"):
        names = pretrain.get(key) if isinstance(pretrain, Mapping) else None
        for name in names if isinstance(names, list) else []:
            if not isinstance(name, str) or name not in known:
                yield f"pretrain.{key}: datasets defines no {name!r}"
            elif (reader := READERS.get(str(known[name].get("reader")))) and not reader.rendered:
                yield f"pretrain.{key}: {name} must be of the reader people"


def likes(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every attack that can't be as large as the one that it names."""
    attacks, study = dict(_mappings(config.get("attacks"))), config.get("evaluate")
    names = study.get("attacks") if isinstance(study, Mapping) else None
    chosen = names if isinstance(names, list) else []
    for attack, spec in attacks.items():
        if not isinstance(like := spec.get("like"), str):
            continue
        where, other = f"attacks.{attack}.like", attacks.get(like)
        if other is None:
            yield f"{where}: attacks defines no {like!r}{hint(like, [*attacks])}"
        elif "like" in other:
            yield f"{where}: {like} is itself like another attack; name that one"
        elif "photographs" in spec or "photographs" in other:
            yield f"{where}: sizes are of crops, so neither attack can have the key photographs"
        elif any(spec.get(key) != other.get(key) for key in ("people", "seed")):
            yield f"{where}: people and seed must be those of {like}, so that both protect the same"
        elif attack in chosen and like not in chosen:
            yield f"evaluate.attacks: {attack} is as large as {like}, which must be there as well"


def _mappings(value: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the entries of a mapping that are mappings."""
    if isinstance(value, Mapping):
        yield from ((key, sub) for key, sub in value.items() if isinstance(sub, Mapping))
