"""Provenance: what computed this page, from what, and by which settings."""

from __future__ import annotations

import hashlib
import platform
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from howlow import __version__
from howlow.report.inputs import Inputs
from howlow.report.sections.left_out import relative

#: The libraries that decide numbers and figures.
LIBRARIES = (
    "numpy",
    "scipy",
    "pandas",
    "statsmodels",
    "matplotlib",
    "seaborn",
    "pydantic",
    "jinja2",
    "snakemake",
)


@dataclass(frozen=True)
class SourceRow:
    """Where a study's data come from."""

    title: str
    citation: str
    link: str
    licence: str
    simulated: bool


@dataclass(frozen=True)
class Provenance:
    """What a reader needs to get the same page again."""

    howlow: str
    python: str
    libraries: tuple[tuple[str, str], ...]
    inputs: tuple[tuple[str, str], ...]
    digest: str
    sources: tuple[SourceRow, ...]
    settings: tuple[tuple[str, str], ...]


def provenance_of(inputs: Inputs) -> Provenance:
    """Versions, digests and settings; no path of this machine and no name of its user."""
    digests = inputs.provenance["inputs"]
    listed = tuple((relative(name), str(digest)) for name, digest in sorted(digests.items()))
    text = "".join(f"{digest}  {name}\n" for name, digest in listed)
    return Provenance(
        howlow=__version__,
        python=platform.python_version(),
        libraries=tuple((name, found) for name in LIBRARIES if (found := _version(name))),
        inputs=listed,
        digest=hashlib.sha256(text.encode()).hexdigest() if listed else "",
        sources=tuple(_sources(inputs)),
        settings=tuple(_settings(inputs)),
    )


def _version(library: str) -> str:
    """The version that is installed, or nothing."""
    try:
        return version(library)
    except PackageNotFoundError:
        return ""


def _sources(inputs: Inputs) -> list[SourceRow]:
    """The source of each study."""
    return [
        SourceRow(
            title=source.study.title,
            citation=source.study.source.citation,
            link=source.study.source.link,
            licence=source.study.source.licence,
            simulated=any(trial.simulated for trial in source.trials),
        )
        for source in inputs.sources
    ]


def _settings(inputs: Inputs) -> list[tuple[str, str]]:
    """The configuration, key by key; the studies have sections of their own."""
    declared = inputs.config.model_dump(mode="json", exclude={"studies"})
    if inputs.config.compare_to:
        declared["compare_to"] = relative(inputs.config.compare_to)
    return [(key, value) for name, found in declared.items() for key, value in _flat(name, found)]


def _flat(key: str, value: Any) -> list[tuple[str, str]]:
    """A nested value as lines `key.key: value`; what is not set is left out."""
    if isinstance(value, dict):
        return [line for name, inner in value.items() for line in _flat(f"{key}.{name}", inner)]
    if value is None:
        return []
    if isinstance(value, list):
        return [(key, ", ".join(str(item) for item in value) or "all")]
    return [(key, {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value))]
