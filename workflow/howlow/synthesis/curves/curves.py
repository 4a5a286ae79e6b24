"""Dose-response curves of each construct: within trials, and apart from them between trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from howlow.config.settings import Config
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.curves.averaging import MeanLine, average
from howlow.synthesis.curves.doses import (
    Contrasts,
    Dose,
    Kind,
    LeftOut,
    against_none,
    within_trial,
)
from howlow.synthesis.curves.effort import failure_entry
from howlow.synthesis.curves.fitting import Fitted, Line, fit_shapes
from howlow.synthesis.curves.notes import note_on
from howlow.synthesis.curves.points import points_of
from howlow.synthesis.curves.shapes import LABELS, Name
from howlow.synthesis.curves.steps import first_step
from howlow.synthesis.material import Material
from howlow.synthesis.pooling import FEW_TRIALS


@dataclass(frozen=True)
class Axis:
    """A dose that a curve is drawn over."""

    dose: Dose
    label: str
    unit: str
    shapes: tuple[Name, ...]


AXES = (
    Axis("load", "Load", "% 1RM", ("linear", "log", "spline", "emax")),
    Axis("sessions", "Sessions a week", "a week", ("linear", "log1p", "spline", "emax", "steps")),
    Axis("sets", "Sets a week", "a week", ("linear", "log1p", "spline", "emax")),
)
#: The load that others are set against, where the data reach it.
# ASSUME: 80 % of the one-repetition maximum stands for heavy training.
HEAVY = 80.0
_PLACES = 49


def curves_of(material: Material) -> list[dict[str, Any]]:
    """Every curve of every pooled construct, drawn or not, as written to `curves.json`.

    Estimates are log ratios. A curve is drawn with five trials or more and never beyond the
    smallest and largest dose observed; else `reason` says why not, and its points are there all
    the same.
    """
    return curves_of_arms(material.arms, material.config)


def curves_of_arms(arms: Sequence[TrialArms], config: Config) -> list[dict[str, Any]]:
    """The curves of arms that were fitted together; constructs never mix."""
    found: list[dict[str, Any]] = []
    for construct, known in config.constructs.items():
        if not known.pooled:
            continue
        mine = [one for one in arms if one.construct == construct]
        for axis in AXES:
            found.append(_curve(axis, "within", construct, mine, config))
            found.append(_curve(axis, "between", construct, mine, config))
        found.append(failure_entry(construct, mine, config))
    return found


def _curve(
    axis: Axis, kind: Kind, construct: str, arms: Sequence[TrialArms], config: Config
) -> dict[str, Any]:
    """One curve."""
    contrasts, left_out = _contrasts(axis.dose, kind, arms, config)
    reference = _reference(axis.dose, kind, contrasts)
    entry: dict[str, Any] = {
        "id": f"{axis.dose}:{construct}:{kind}",
        "dose": axis.dose,
        "label": axis.label,
        "unit": axis.unit,
        "construct": construct,
        "kind": kind,
        "trials": len(contrasts),
        "participants": _finite(sum(found.participants for found in contrasts)),
        "models": [],
        "best": None,
        "reference_dose": _finite(reference),
        "reference_label": _reference_label(axis, reference),
        "line": [],
        "left_out": [asdict(one) for one in left_out],
        "steps": {},
    }
    drawn: MeanLine | None = None
    reason = _obstacle(contrasts)
    if not reason:
        drawn, fits, reason = _fit(axis, contrasts, reference, config)
        entry |= fits
    if axis.dose == "sessions" and kind == "within":
        entry["steps"] = next(iter(first_step(arms, config)), {})
    points = points_of(contrasts, axis.dose, config, drawn)
    note = note_on(axis.dose, kind, contrasts, points, drawn)
    return entry | {"drawn": drawn is not None, "reason": reason, "points": points, "note": note}


def _contrasts(
    dose: Dose, kind: Kind, arms: Sequence[TrialArms], config: Config
) -> tuple[list[Contrasts], list[LeftOut]]:
    """What each trial says of a dose, and the arms that stay out."""
    if kind == "between":
        found = [against_none(one, dose, config) for one in arms]
        return [one for one in found if one is not None], []
    pairs = [within_trial(one, dose, config) for one in arms]
    left_out = [out for _, outs in pairs for out in outs]
    return [one for one, _ in pairs if one is not None], left_out


def _reference(dose: Dose, kind: Kind, contrasts: Sequence[Contrasts]) -> float:
    """The dose that the line is set against; NaN where no training itself is (it has no load)."""
    if kind == "between" and dose == "load":
        return float("nan")
    doses = _observed(contrasts)
    if not len(doses):
        return HEAVY if dose == "load" else 0.0
    return float(np.clip(HEAVY, doses.min(), doses.max())) if dose == "load" else float(doses.min())


def _reference_label(axis: Axis, reference: float) -> str:
    """The reference in words."""
    if np.isnan(reference) or (reference == 0 and axis.dose != "load"):
        return "no training"
    return f"{reference:g} {axis.unit}"


def _observed(contrasts: Sequence[Contrasts]) -> np.ndarray:
    """Every dose of every arm; the trained arms of a trial between trials each count."""
    doses = np.concatenate([found.doses for found in contrasts] or [np.empty(0)])
    return np.asarray(doses[~np.isnan(doses)])


def _obstacle(contrasts: Sequence[Contrasts]) -> str:
    """Why no curve is drawn, or nothing."""
    trials = len(contrasts)
    if trials < FEW_TRIALS:
        some = {0: "no trials", 1: "one trial"}.get(trials, f"{trials} trials")
        return f"{some}; a curve takes {FEW_TRIALS}"
    if len(set(_observed(contrasts))) < 3:
        return "fewer than three doses were observed"
    return ""


def _fit(
    axis: Axis, contrasts: Sequence[Contrasts], reference: float, config: Config
) -> tuple[MeanLine | None, dict[str, Any], str]:
    """The models with a line each, their mean, and why there is none."""
    level = 1 - config.alpha
    classes = config.dose_classes.sessions
    fitted = fit_shapes(contrasts, axis.shapes, level=level, classes=classes)
    able = [one for one in fitted if np.isfinite(one.aicc)]
    if not able:
        return None, {}, "too few contrasts to fit a curve"
    drawn = average(contrasts, able, reference)
    places = _places(drawn, _observed(contrasts))
    own = {
        one.shape.name: (one, share) for one, share in zip(drawn.lines, drawn.weights, strict=True)
    }
    fits = {
        "models": [
            _model(one) | _own(places, *own.get(one.shape.name, (None, 0.0))) for one in fitted
        ],
        "best": min(able, key=lambda one: one.aicc).shape.name,
        "line": _line(drawn, places, level),
    }
    return drawn, fits, ""


def _model(fitted: Fitted) -> dict[str, Any]:
    """One model for JSON."""
    entry: dict[str, Any] = {
        "name": fitted.shape.name,
        "label": LABELS[fitted.shape.name],
        "parameters": fitted.parameters,
        "log_likelihood": fitted.log_likelihood,
        "aic": fitted.aic,
        "aicc": _finite(fitted.aicc),
        "converged": fitted.converged,
    }
    if fitted.ed50_range is not None:
        low, high = fitted.ed50_range
        entry["ed50"] = {
            "estimate": fitted.shape.ed50,
            "low": low if low > 0 else None,
            "high": _finite(high),
        }
    return entry


def _own(places: Sequence[float], alone: Line | None, weight: float) -> dict[str, Any]:
    """A model's weight, and its line by itself; none where it has more parameters than it may."""
    line = [{"dose": dose, "estimate": alone.at(dose).estimate} for dose in places if alone]
    return {"weight": float(weight), "line": line}


def _places(drawn: MeanLine, observed: np.ndarray) -> list[float]:
    """Even places between the smallest and largest dose, the reference, and where steps bend."""
    low, high = float(observed.min()), float(observed.max())
    bends = [start for one in drawn.lines for start in one.shape.starts]
    reference = [drawn.reference] if low <= drawn.reference <= high else []
    even = np.linspace(low, high, _PLACES)
    return [float(place) for place in np.unique(np.concatenate([even, bends, reference]))]


def _line(drawn: MeanLine, places: Sequence[float], level: float) -> list[dict[str, float]]:
    """The mean line with its pointwise interval."""
    found = []
    for dose in places:
        value = drawn.at(dose)
        low, high = value.interval(level)
        found.append({"dose": dose, "estimate": value.estimate, "low": low, "high": high})
    return found


def _finite(value: float) -> float | None:
    """A number for JSON; None where it is not finite."""
    return float(value) if np.isfinite(value) else None
