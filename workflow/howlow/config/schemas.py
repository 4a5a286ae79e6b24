"""JSON schemas of the files a user writes, for editors; generated from the models that check them.

An editor that reads the first line of a YAML file (`# yaml-language-server: $schema=...`) offers
the keys, shows what they mean and underlines what is wrong. The check of howlow itself says more.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from howlow.config.claims import Claims
from howlow.config.collection import Trials
from howlow.config.planned import PlannedCohort
from howlow.config.schema import Strict
from howlow.config.settings import Config
from howlow.config.study import KINDS
from howlow.config.truth import Truth

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

#: Name of the schema: the model of the whole file. study.yaml has two, told apart by its `kind`.
_FILES: dict[str, type[Strict]] = {
    "config": Config,
    "trials": Trials,
    "truth": Truth,
    "claims": Claims,
    "planning": PlannedCohort,
}
#: Notes of pydantic that are no JSON schema, or noise in an editor.
_NOT_FOR_EDITORS = ("discriminator", "title")
#: What JavaScript's regular expressions know otherwise: there \w is ASCII, and \Z is a letter.
_END = r"\Z"


def schemas() -> dict[str, dict[str, Any]]:
    """Every schema by its name."""
    made = {name: _finished(model.model_json_schema()) for name, model in _FILES.items()}
    # A file laid over config.yaml may hold any part of it.
    made["config-overlay"] = _without_required(made["config"])
    made["study"] = _study()
    return made


def write_schemas(folder: Path) -> list[Path]:
    """Write every schema as <name>.schema.json into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(schema), encoding="utf-8")
        written.append(path)
    return written


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as the text of its file."""
    return json.dumps(schema, ensure_ascii=False, indent=1) + "\n"


def _study() -> dict[str, Any]:
    """The schema of study.yaml, which depends on its `kind`."""
    definitions: dict[str, Any] = {}
    kinds = {}
    for kind, model in KINDS.items():
        schema = _tidied(model.model_json_schema())
        definitions.update(schema.pop("$defs", {}))
        definitions[model.__name__] = schema
        kinds[kind] = {"$ref": f"#/$defs/{model.__name__}"}
    return {
        "$schema": _DRAFT,
        "type": "object",
        "required": ["kind"],
        "properties": {"kind": {"enum": list(kinds)}},
        "if": {"properties": {"kind": {"const": "summary"}}, "required": ["kind"]},
        "then": kinds["summary"],
        "else": kinds["participants"],
        "$defs": definitions,
    }


def _finished(schema: dict[str, Any]) -> dict[str, Any]:
    """A schema with its draft named first."""
    return {"$schema": _DRAFT} | dict(_tidied(schema))


def _tidied(part: Any, *, names: bool = False) -> Any:
    """A part of a schema without what editors choke on; `names` where its keys are our own."""
    if isinstance(part, list):
        return [_tidied(item) for item in part]
    if not isinstance(part, dict):
        return part
    kept = {}
    for key, value in part.items():
        if not names and key in _NOT_FOR_EDITORS:
            continue
        if not names and key == "pattern":
            if r"\w" not in value and r"\W" not in value:
                kept[key] = value.replace(_END, "$")
            continue
        if not names and key == "patternProperties":
            # Pydantic would let names through that match no pattern.
            ((pattern, inner),) = value.items()
            kept["propertyNames"] = {"pattern": pattern.replace(_END, "$")}
            kept["additionalProperties"] = _tidied(inner)
            continue
        literal = not names and key in ("default", "const", "enum")
        kept[key] = (
            value if literal else _tidied(value, names=not names and key in ("properties", "$defs"))
        )
    return kept


def _without_required(part: Any, *, names: bool = False) -> Any:
    """A part of a schema in which every key may be left out."""
    if isinstance(part, list):
        return [_without_required(item) for item in part]
    if not isinstance(part, dict):
        return part
    return {
        key: _without_required(value, names=not names and key in ("properties", "$defs"))
        for key, value in part.items()
        if names or key not in ("required", "minProperties")
    }
