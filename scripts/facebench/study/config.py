"""Checks of the configuration: every message names the key, what is wrong and what is allowed."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from copy import deepcopy
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from facebench.attacks import ATTACKS
from facebench.datasets import READERS
from facebench.errors import UserError
from facebench.evaluation import PROTOCOLS
from facebench.indexes.kinds import INDEXES
from facebench.models import FAMILIES
from facebench.store.layout import EXTENSIONS, RESERVED
from facebench.study import features, fusions, seeds
from facebench.study.config_files import read_yaml
from facebench.study.config_problems import choices, hint, problem
from facebench.study.config_values import likes, not_plain, not_rendered, repeated, with_passwords
from facebench.study.model_files import with_registry

#: What a name may look like: a legal wildcard and a legal folder on every system.
NAME = r"[a-z0-9][a-z0-9.-]{0,99}"
REGISTRIES = ("datasets", "crops", "models", "attacks", "reencodings")


def checked(config: Mapping[str, Any], schema_folder: str | Path) -> dict[str, Any]:
    """Return `config` with the registry of models under it and the schema's defaults filled in.

    The features and the fusions that a study asks for are models of it.

    Raises `UserError` that lists every problem, one a line.
    """
    if problems := [*not_plain(config)]:
        raise _unusable(problems)
    schema = read_schema(schema_folder)
    filled = with_registry(deepcopy(dict(config)))
    errors = sorted(_Validator(schema).iter_errors(filled), key=lambda error: str(error.json_path))
    checks = (
        _undefined, _surrogates, likes, repeated, with_passwords, not_rendered, features.unusable,
        fusions.unusable, _not_asked, seeds.clashing,
    )  # fmt: skip
    problems = [problem(error) for error in errors]
    if problems := [*problems, *(sentence for check in checks for sentence in check(filled))]:
        raise _unusable(problems)
    return fusions.with_fusions(features.with_features(seeds.with_seeds(filled)))


def _unusable(problems: Iterable[str]) -> UserError:
    return UserError("The configuration can't be used:\n  " + "\n  ".join(problems))


def read_schema(folder: str | Path) -> dict[str, Any]:
    """Return the JSON Schema of a configuration, put together from the files of a folder.

    What a reader, a family, an attack, an index or a protocol may be called comes from the
    registries, so that a new one is an entry there.
    """
    schema: dict[str, Any] = read_yaml(Path(folder) / "study.yaml")
    order = schema.pop("x-sections")
    sections = {path.stem: path for path in (Path(folder) / "sections").glob("*.yaml")}
    definitions = sorted((Path(folder) / "definitions").glob("*.yaml"))
    order += sorted(sections.keys() - set(order))
    schema["properties"] = {name: read_yaml(sections[name]) for name in order}
    schema["$defs"] = {path.stem: read_yaml(path) for path in definitions}
    options = Path(folder) / "options"
    _allow(schema["$defs"]["dataset"], "reader", READERS, options / "readers")
    _allow(schema["$defs"]["model"], "family", FAMILIES, options / "families")
    _allow(schema["$defs"]["attack"], "kind", ATTACKS, options / "attacks")
    _allow(schema["properties"]["index"], "kind", INDEXES, options / "indexes")
    study = schema["properties"]["evaluate"]["properties"]
    for chosen in (study, study["only"]["additionalProperties"]["properties"]):
        chosen["protocols"]["items"] = {"enum": [*PROTOCOLS]}
    for registry in REGISTRIES:
        names = schema["properties"][registry]
        names["propertyNames"] = {**names["propertyNames"], "not": _taken(registry)}
    made = study["fusions"]
    made["propertyNames"] = {**made["propertyNames"], "not": _taken("models")}
    schema["properties"]["study"]["not"] = _taken("study")
    return schema


def _taken(kind: str) -> dict[str, Any]:
    """Return the schema of the names that entries of a registry, or a study, can't have."""
    return {"anyOf": [{"enum": RESERVED[kind]}, {"pattern": rf".*\.({'|'.join(EXTENSIONS)})"}]}


def _allow(node: dict[str, Any], key: str, names: Iterable[str], folder: Path) -> None:
    """Let `key` be one of `names`, each with the keys of `node` and those of its file in `folder`.

    Such a file has `properties` and may have `required`. A key of `node` with an `x-default` has
    that default unless the file gives another.
    """
    node["properties"][key] = {**node["properties"][key], "enum": [*names]}
    common = {
        name: {"default": sub.pop("x-default")} if "x-default" in sub else {}
        for name, sub in node["properties"].items()
    }
    node["allOf"] = []
    for name in names:
        file = folder / f"{name}.yaml"
        own = read_yaml(file) if file.exists() else {}
        properties = {**common, **own.get("properties", {})}
        node["allOf"].append(
            {
                "if": {"properties": {key: {"const": name}}, "required": [key]},
                "then": {**own, "additionalProperties": False, "properties": properties},
            }
        )


def study_name(config: Mapping[str, Any], files: Sequence[str | Path]) -> str:
    """Return the name of a study: its key `study`, else the name of its file, else `default`.

    Raises `UserError` for a file whose name can't be a folder's.

    >>> study_name({}, []), study_name({}, ["studies/lfw.yaml"]), study_name({"study": "a"}, [])
    ('default', 'lfw', 'a')
    """
    if "study" in config:
        return str(config["study"])
    name = Path(files[-1]).stem.lower() if files else "default"
    if not _Validator({"pattern": NAME}).is_valid(name):
        raise UserError(
            f"{files[-1]} gives no valid name for a study. Use letters, digits, '.' and '-',"
            " beginning with a letter or digit; or set the key `study`."
        )
    if _Validator(_taken("study")).is_valid(name):
        raise UserError(
            f"{files[-1]} can't give its name to the study: the program itself has folders and"
            f" files called {name}. Give the file another name, or set the key `study`."
        )
    return name


def _undefined(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every name in `evaluate` that its registry doesn't define."""
    study = config.get("evaluate")
    for kind in REGISTRIES:
        known = config.get(kind)
        if not isinstance(known, Mapping) or not isinstance(study, Mapping):
            continue  # the schema has said so
        for where, names in _named(study, kind):
            for name in names:
                if not isinstance(name, str):
                    continue  # the schema has said so
                if name not in known:
                    yield f"{where}: {kind} defines no {name!r}{hint(str(name), list(known))}"


def _not_asked(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every model that only `indices` names."""
    study, section = config.get("evaluate"), config.get("indices")
    named = section.get("models") if isinstance(section, Mapping) else None
    if not isinstance(named, list) or not isinstance(study, Mapping):
        return  # the schema has said so
    try:
        asked = [
            *study["models"],
            *study["fusions"],
            *(row for *_, row in features.rows_of(config)),
        ]
    except (AttributeError, KeyError, TypeError):
        return  # the schema has said so
    for name in named:
        if name not in asked:
            yield f"indices.models: evaluate asks for no {name!r}{hint(str(name), asked)}"


def _named(study: Mapping[str, Any], kind: str) -> Iterator[tuple[str, list[Any]]]:
    """Yield (key, names) of all that `evaluate` names of a registry."""
    places: dict[str, Any] = {f"evaluate.{kind}": study.get(kind)}
    only = study.get("only")
    if isinstance(only, Mapping) and kind == "datasets":
        places["evaluate.only"] = list(only)
    if isinstance(only, Mapping) and kind == "crops":
        for dataset, chosen in only.items():
            for key in ("crops", "attacked_crops"):
                if isinstance(chosen, Mapping):
                    places[f"evaluate.only.{dataset}.{key}"] = chosen.get(key)
    for where, names in places.items():
        if isinstance(names, list):
            yield where, names


def _surrogates(config: Mapping[str, Any]) -> Iterator[str]:
    """Yield a sentence for every surrogate that isn't defined or that has no gradients."""
    models, attacks = config.get("models"), config.get("attacks")
    if not isinstance(models, Mapping) or not isinstance(attacks, Mapping):
        return  # the schema has said so
    usable = [
        name
        for name, spec in models.items()
        if isinstance(spec, Mapping)
        and (family := FAMILIES.get(str(spec.get("family"))))
        and family.gradients
    ]
    for attack, spec in attacks.items():
        names = spec.get("surrogates", []) if isinstance(spec, Mapping) else []
        for name in names if isinstance(names, list) else []:
            where = f"attacks.{attack}.surrogates"
            if not isinstance(name, str):
                continue  # the schema has said so
            if name not in models:
                yield f"{where}: models defines no {name!r}{hint(str(name), usable)}"
            elif name not in usable:
                yield (
                    f"{where}: {name} can't be a surrogate, since family"
                    f" {models[name].get('family')} has no gradients; allowed: {choices(usable)}"
                )


def _fill_defaults(validator: Any, properties: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for name, sub in properties.items():
            if "default" in sub:
                instance.setdefault(name, deepcopy(sub["default"]))
    yield from Draft202012Validator.VALIDATORS["properties"](
        validator, properties, instance, schema
    )


def _whole_pattern(validator: Any, pattern: str, instance: Any, schema: Any) -> Iterator[Any]:
    """Match all of a text: `$` would let a line break pass behind it."""
    if isinstance(instance, str) and not re.fullmatch(pattern, instance):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


def _is_integer(_: Any, value: Any) -> bool:
    """Return whether a value is one to Python, too: JSON Schema takes 12.0 for an integer."""
    return isinstance(value, int) and not isinstance(value, bool)


_Validator = extend(
    Draft202012Validator,
    {"properties": _fill_defaults, "pattern": _whole_pattern},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("integer", _is_integer),
)
