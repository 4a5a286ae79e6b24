"""A dose-response curve: the trials' own points, the models thin, and the line of their mean."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from howlow.analysis.rounding import magnitude, percent_with_interval
from howlow.config.settings import Config
from howlow.present.wording import in_sentence

#: A dose with the line's estimate, low and high limit there, as log ratios.
Place = tuple[float, float, float, float]
#: What the thick line is.
THICK = "the mean of the models by their weights"
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
#: What the points of each kind of curve are.
_KINDS = {
    "within": (
        "within trials",
        "Each point is an arm against another arm of its own trial, drawn by lot.",
    ),
    "between": (
        "between trials",
        "Each point is a trial's gain over no training; trials differ in more than the dose.",
    ),
}


@dataclass(frozen=True)
class CurvePoint:
    """An arm against its trial's reference, as log ratio; `shift` is the line at that reference."""

    letter: str
    cite: str
    dose: float
    reference: float | None
    estimate: float
    low: float
    high: float
    n: float
    assumed: bool
    shift: float

    @property
    def shown(self) -> tuple[float, float, float]:
        """Low limit, estimate and high limit as drawn: from the line at the trial's reference."""
        return (self.low + self.shift, self.estimate + self.shift, self.high + self.shift)


@dataclass(frozen=True)
class CurveModel:
    """A model: its words, its weight, and its line where it has one of its own."""

    label: str
    weight: float
    line: tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class DoseCurve:
    """One curve; `line` is dose, estimate, low and high of the mean line, within the data."""

    stem: str
    construct: str
    construct_label: str
    label: str
    unit: str
    within: bool
    trials: int
    participants: int
    reference_dose: float | None
    against: str
    margin_pct: float | None
    level: float
    line: tuple[Place, ...]
    models: tuple[CurveModel, ...]
    points: tuple[CurvePoint, ...]
    note: str

    kind = "curve"
    question = ""
    estimate_ids: tuple[str, ...] = ()

    @property
    def margin(self) -> float | None:
        """The margin as a log ratio."""
        return None if self.margin_pct is None else math.log1p(self.margin_pct / 100)

    @property
    def title(self) -> str:
        """Dose, construct, and which evidence."""
        kind = _KINDS["within" if self.within else "between"][0]
        return f"{self.label}: {in_sentence(self.construct_label)}, {kind}"

    @property
    def axis_title(self) -> str:
        """The dose with its unit."""
        return self.label if self.label.endswith(self.unit) else f"{self.label}, {self.unit}"

    @property
    def notes(self) -> list[str]:
        """What must stand in the figure itself."""
        words = _KINDS["within" if self.within else "between"][1]
        found = [f"{words} Larger: more people; arms of one dose stand side by side."]
        if self.within:
            found.append("Lines join the arms of one trial.")
        if self.reference_dose is not None:
            found.append(f"Diamond: {self.against}, which the gain is counted against.")
        if any(point.shift for point in self.points):
            found.append(
                "A trial's reference arm (small cross) stands on the line, for only differences "
                "within a trial are known."
            )
        if self.models:
            thin = "; thin: each of them" if any(model.line for model in self.models) else ""
            found.append(
                f"Thick: {THICK}, with its {100 * self.level:g} % interval{thin}. No line goes "
                "beyond the doses tried."
            )
        if self.margin_pct is not None:
            found.append(f"Shaded: differences smaller than the margin, {self.margin_pct:g} %.")
        if any(point.assumed for point in self.points):
            found.append("Hollow: rests on an assumption or a caution.")
        return [*found, *([self.note] if self.note else [])]

    @property
    def caption(self) -> str:
        """What lines and points are."""
        opening = (
            f"Gain against {self.against}, as per cent, by {in_sentence(self.label)}: "
            f"{self.trials} trials, {self.participants} participants."
        )
        return " ".join([opening, *self.notes])

    @property
    def alt(self) -> str:
        """The curve in numbers."""
        parts = [f"{self.title}. Gain against {self.against}, per cent."]
        if self.models:
            line = "; ".join(
                f"{magnitude(dose)} {percent_with_interval(estimate, low, high)}"
                for dose, estimate, low, high in _some(self.line)
            )
            parts.append(f"Line, {THICK}, at a dose of ({self.axis_title}): {line}.")
        points = "; ".join(_point_words(point) for point in self.points)
        return " ".join([*parts, f"Points: {points}."])


def dose_curves(curves: Iterable[dict[str, Any]], config: Config) -> Iterator[DoseCurve]:
    """The curves that are drawn and have a line, in the order of their file."""
    for found in curves:
        if found["drawn"] and found["line"] and found["construct"] in config.constructs:
            yield _curve(found, config)


def _curve(found: dict[str, Any], config: Config) -> DoseCurve:
    """One curve."""
    construct = config.constructs[found["construct"]]
    line = tuple(
        (float(at["dose"]), float(at["estimate"]), _number(at["low"]), _number(at["high"]))
        for at in found["line"]
    )
    trials = list(dict.fromkeys(point["study"] for point in found["points"]))
    letters = {trial: letter_of(place) for place, trial in enumerate(trials)}
    return DoseCurve(
        stem=f"curve-{found['id']}".replace(":", "-"),
        construct=found["construct"],
        construct_label=construct.label,
        label=found["label"],
        unit=found["unit"],
        within=found["kind"] == "within",
        trials=int(found["trials"]),
        participants=int(found["participants"]),
        reference_dose=found["reference_dose"],
        against=found["reference_label"],
        margin_pct=construct.margin_pct,
        level=1 - config.alpha,
        line=line,
        models=tuple(_model(model) for model in found["models"]),
        points=tuple(
            _point(point, letters[point["study"]])
            for point in sorted(found["points"], key=lambda one: trials.index(one["study"]))
        ),
        note=found.get("note") or "",
    )


def letter_of(place: int) -> str:
    """A to z, then aa to zz."""
    return _LETTERS[place % 26] * (1 + place // 26)


def _model(found: dict[str, Any]) -> CurveModel:
    """One model; one without a line of its own is only named."""
    line = tuple((float(at["dose"]), float(at["estimate"])) for at in found.get("line") or ())
    return CurveModel(found["label"], _number(found["weight"]), line)


def _point(found: dict[str, Any], letter: str) -> CurvePoint:
    """One point; its trial's reference arm is set on the line, by `shift`."""
    reference = found["reference"]
    return CurvePoint(
        letter=letter,
        cite=found["cite"],
        dose=float(found["dose"]),
        reference=None if reference is None else float(reference),
        estimate=float(found["estimate"]),
        low=_number(found["low"]),
        high=_number(found["high"]),
        n=_number(found["n"]),
        assumed=bool(found["assumed"]),
        shift=float(found.get("shift") or 0.0),
    )


def _number(value: float | None) -> float:
    """A number, or not a number where there is none."""
    return math.nan if value is None else float(value)


def _some(line: tuple[Place, ...]) -> list[tuple[float, ...]]:
    """A few places along a line, its ends among them."""
    step = max(1, (len(line) - 1) // 4)
    return [*line[:-1:step], line[-1]] if line else []


def _point_words(point: CurvePoint) -> str:
    """One point in words."""
    against = "no training" if point.reference is None else magnitude(point.reference)
    numbers = percent_with_interval(point.estimate, point.low, point.high)
    n = f", n = {point.n:.0f}" if math.isfinite(point.n) else ""
    return f"{point.cite} {magnitude(point.dose)} against {against} {numbers}{n}"
