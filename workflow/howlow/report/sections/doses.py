"""Dose-response: each curve that is drawn with its models and steps, or why it is not drawn."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from howlow.analysis.rounding import magnitude
from howlow.present.wording import in_sentence
from howlow.report.figures import Figure
from howlow.report.inputs import Inputs
from howlow.report.numbers import NO_NUMBER, count, number_text, percent_text
from howlow.report.synthesised import number_of

#: What a curve compares.
KINDS = {
    "within": "arms of the same trial against each other",
    "between": "trials against each other, so that anything else may differ too",
}


@dataclass(frozen=True)
class ModelLine:
    """One model that was fitted to the same effects."""

    label: str
    parameters: str
    log_likelihood: str
    aicc: str
    weight: str
    best: bool
    note: str


@dataclass(frozen=True)
class StepLine:
    """One step of the dose: a label and what it brings."""

    label: str
    shown: str
    note: str


@dataclass(frozen=True)
class PointLine:
    """One arm as it is drawn."""

    cite: str
    anchor: str
    dose: str
    shown: str
    n: str
    assumed: str


@dataclass(frozen=True)
class Curve:
    """One curve that is drawn."""

    anchor: str
    title: str
    compares: str
    counted: str
    figure: Figure | None
    models: tuple[ModelLine, ...]
    against: str
    line: tuple[StepLine, ...]
    steps: tuple[StepLine, ...]
    points: tuple[PointLine, ...]
    note: str


@dataclass(frozen=True)
class Place:
    """A curve in the table of all: the place where it is drawn, or why it is not."""

    anchor: str
    words: str


@dataclass(frozen=True)
class Doses:
    """The curves that are drawn, and a table of all: doses down, constructs across."""

    drawn: tuple[Curve, ...]
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[Place, ...]], ...]


def doses_of(inputs: Inputs, figures: Iterable[Figure]) -> Doses:
    """The curves in the order of their file."""
    curves = inputs.synthesised.curves
    by_stem = {figure.stem: figure for figure in figures}
    constructs = list(dict.fromkeys(found["construct"] for found in curves))
    doses = dict.fromkeys((found["label"], found["kind"]) for found in curves)
    places = {
        (found["label"], found["kind"], found["construct"]): _place(found) for found in curves
    }
    none = Place("", NO_NUMBER)
    return Doses(
        drawn=tuple(_curve(found, inputs, by_stem) for found in curves if found["drawn"]),
        columns=tuple(_construct(name, inputs) for name in constructs),
        rows=tuple(
            (label, KINDS[kind], tuple(places.get((label, kind, one), none) for one in constructs))
            for label, kind in doses
        ),
    )


def _anchor(found: dict[str, Any]) -> str:
    """The place of a curve, which is the name of its figure too."""
    return "curve-" + str(found["id"]).replace(":", "-")


def _place(found: dict[str, Any]) -> Place:
    """A curve in the table of all."""
    if found["drawn"]:
        return Place(_anchor(found), _counted(found))
    return Place("", found["reason"])


def _construct(name: str, inputs: Inputs) -> str:
    """A construct's label."""
    found = inputs.config.constructs.get(name)
    return found.label if found else name


def _title(found: dict[str, Any], inputs: Inputs) -> str:
    """The dose and the construct."""
    return f"{found['label']}: {in_sentence(_construct(found['construct'], inputs))}"


def _counted(found: dict[str, Any]) -> str:
    """How many trials and participants."""
    people = found.get("participants")
    more = f", {count(int(people), 'participant')}" if people else ""
    return count(int(found["trials"] or 0), "trial") + more


def _curve(found: dict[str, Any], inputs: Inputs, figures: dict[str, Figure]) -> Curve:
    """A curve that is drawn."""
    return Curve(
        anchor=_anchor(found),
        title=_title(found, inputs),
        compares=KINDS[found["kind"]],
        counted=_counted(found),
        figure=figures.get(_anchor(found)),
        models=tuple(_model(model, found) for model in found["models"]),
        line=tuple(_along(found)),
        against=found["reference_label"],
        steps=tuple(_steps(found)),
        points=tuple(_point(point, found, inputs) for point in found["points"]),
        note=found.get("note") or "",
    )


def _model(model: dict[str, Any], found: dict[str, Any]) -> ModelLine:
    """One model."""
    return ModelLine(
        label=model["label"],
        parameters=str(model["parameters"]),
        log_likelihood=number_text(number_of(model["log_likelihood"]), 2),
        aicc=number_text(number_of(model["aicc"]), 1),
        weight=number_text(number_of(model["weight"]), 2),
        best=model["name"] == found["best"],
        note="" if model.get("converged", True) else "did not converge: do not rely on it",
    )


def _dose(value: float, unit: str) -> str:
    """A dose with its unit."""
    return f"{magnitude(value)} {unit}".strip() if value else f"0 {unit}".strip()


#: So many places of a curve are told in numbers.
_TOLD = 5


def _along(found: dict[str, Any]) -> Iterator[StepLine]:
    """Some places along the curve, from its start to its end."""
    line = found["line"]
    last = len(line) - 1
    places = (
        dict.fromkeys(round(last * part / (_TOLD - 1)) for part in range(_TOLD)) if line else ()
    )
    for place in places:
        at = line[place]
        values = (number_of(at[name]) for name in ("estimate", "low", "high"))
        yield StepLine(_dose(at["dose"], found["unit"]), percent_text(*values), "")


#: The steps that are told beside the step over all loads.
_BY_LOAD = {
    "light": "the same with light loads",
    "heavy": "the same with heavy loads",
    "difference": "light less heavy loads",
}


def _steps(found: dict[str, Any]) -> Iterator[StepLine]:
    """What a dose of two levels brings, by load too; other steps stand under the first step."""
    if found["line"]:
        return
    steps = found["steps"]
    by_load = steps.get("by_load") or {}
    told = [(step["words"], step) for step in steps.get("steps") or ()]
    told += [(words, by_load[name]) for name, words in _BY_LOAD.items() if name in by_load]
    for words, step in told:
        values = (number_of(step[name]) for name in ("estimate", "low", "high"))
        note = count(int(step["trials"]), "trial") if "trials" in step else ""
        yield StepLine(words, percent_text(*values), note)


def _point(point: dict[str, Any], found: dict[str, Any], inputs: Inputs) -> PointLine:
    """One arm against the arm it is counted from."""
    values = (number_of(point[name]) for name in ("estimate", "low", "high"))
    n = number_of(point["n"])
    return PointLine(
        cite=point["cite"],
        anchor=f"study-{point['study']}" if point["study"] in inputs.by_study else "",
        dose=_compared(point, found),
        shown=percent_text(*values),
        n="" if n != n else f"{n:g}",
        assumed=point["assumed"] if isinstance(point["assumed"], str) else "",
    )


def _compared(point: dict[str, Any], found: dict[str, Any]) -> str:
    """The dose of an arm, and what it is set against."""
    if found["dose"] == "failure":
        return "to failure against short of it"
    unit, reference = found["unit"], point["reference"]
    none = reference is None or (reference == 0 and found["dose"] != "load")
    against = "no training" if none else _dose(reference, unit)
    return f"{_dose(point['dose'], unit)} against {against}"
