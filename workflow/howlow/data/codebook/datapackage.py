"""The tidy tables of a study as a Frictionless Data Package, for programs that check a table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from howlow.config.collection import Trials
from howlow.config.study import Participants, Study
from howlow.data.codebook.column_words import (
    MEASUREMENTS,
    PARTICIPANTS,
    PSEUDO,
    Column,
    caution_of,
    outcomes_of,
)
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS


def datapackage(study: Study, trials: Trials | None) -> dict[str, Any]:
    """The tables as a Frictionless Data Package."""
    source = study.source
    package: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": study.id,
        "title": study.title,
        "description": caution_of(study) or "Tidy tables of one study, made by howlow.",
        "citation": source.citation,
        "licenses": [_licence(source.licence)],
        "sources": _sources(study),
    }
    people = isinstance(study, Participants)
    package["resources"] = [
        {
            "profile": "tabular-data-resource",
            "name": "participants",
            "path": "participants.csv",
            "description": "One row a participant." if people else "Empty: nobody's data.",
            **_FORMAT,
            "schema": {
                "fields": [
                    _field(name, PARTICIPANTS.get(name), _constraints(study, trials, name, False))
                    for name in PARTICIPANT_COLUMNS
                ],
                "missingValues": [""],
                "primaryKey": ["study", "participant"],
            },
        },
        {
            "profile": "tabular-data-resource",
            "name": "measurements",
            "path": "measurements.csv",
            "description": "One row a measured value." if people else f"{PSEUDO}.",
            **_FORMAT,
            "schema": {
                "fields": [
                    _field(name, MEASUREMENTS.get(name), _constraints(study, trials, name, True))
                    for name in MEASUREMENT_COLUMNS
                ],
                "missingValues": [""],
                "primaryKey": [
                    *("study", "participant", "limb", "arm", "visit", "outcome"),
                    *("quantity", "variant", "period"),
                ],
            },
        },
    ]
    if people:
        key = ["study", "participant"]
        package["resources"][1]["schema"]["foreignKeys"] = [
            {"fields": key, "reference": {"resource": "participants", "fields": key}}
        ]
    return package


_FORMAT = {"format": "csv", "mediatype": "text/csv", "encoding": "utf-8"}


def _field(name: str, known: Column | None, constraints: dict[str, Any]) -> dict[str, Any]:
    """One column as the package declares it."""
    known = known or Column(name, "")
    field = {
        "name": name,
        "title": known.label,
        "description": f"{known.meaning} ({known.unit})" if known.unit else known.meaning,
        "type": known.type,
    }
    return field | ({"constraints": constraints} if constraints else {})


def _constraints(
    study: Study, trials: Trials | None, name: str, measurements: bool
) -> dict[str, Any]:
    """What the cells of a column may be; arms are not listed while they are masked."""
    always = {"study", "participant"}
    if measurements:
        always |= {"arm", "visit", "outcome", "quantity", "value", "unit"}
    required = {"required": True} if name in always else {}
    outcomes = outcomes_of(study, trials)
    words: Iterable[str] = ()
    if name == "outcome":
        words = outcomes
    elif name == "unit":
        words = dict.fromkeys(outcome.unit for outcome in outcomes.values())
    elif name == "quantity":
        words = ("level", "change")
    elif name == "left":
        words = ("yes", "no")
    elif name == "study":
        words = (study.id,) if isinstance(study, Participants) else _trial_words(trials)
    elif isinstance(study, Participants):
        if name == "arm" and study.status != "ongoing":
            words = study.arms
        elif name == "visit":
            words = study.visits
    elif name == "arm" and trials is not None:
        words = dict.fromkeys(arm for trial in trials.trials.values() for arm in trial.arms)
    return required | ({"enum": list(words)} if words else {})


def _trial_words(trials: Trials | None) -> Iterable[str]:
    """The ids of a collection's trials."""
    return trials.trials if trials is not None else ()


def _licence(licence: str) -> dict[str, str]:
    """A licence by its short name, if it is one."""
    name = re.fullmatch(r"[A-Za-z0-9][\w.+-]*", licence)
    return {"name": licence} if name else {"name": "other", "title": licence}


def _sources(study: Study) -> list[dict[str, str]]:
    """Where the data are from: the paper, and each public file."""
    link = {"path": study.source.link} if study.source.link else {}
    sources = [{"title": study.source.citation, **link}]
    for file in study.source.files:
        public = {"path": file.url} if file.url else {}
        sources.append({"title": f"{file.file} (SHA-256 {file.sha256})", **public})
    return sources
