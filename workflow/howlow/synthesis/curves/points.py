"""The studies' own contrasts, as points of a curve."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import ndtri

from howlow.config.settings import Config
from howlow.synthesis.curves.doses import Contrasts, Dose

if TYPE_CHECKING:
    from howlow.synthesis.curves.averaging import MeanLine


def points_of(
    contrasts: Sequence[Contrasts], dose: Dose, config: Config, drawn: MeanLine | None = None
) -> list[dict[str, Any]]:
    """Each contrast with its normal interval of level 1 - alpha, as log ratios.

    `shift` is what puts a point at its height on the line: the line at the point's own reference
    (zero where that is the line's too); None where no line is drawn.
    """
    half = float(ndtri(1 - config.alpha / 2))
    return [
        point | {"shift": _shift(point, drawn)}
        for found in contrasts
        for point in _points(found, dose, half)
    ]


def _points(found: Contrasts, dose: Dose, half: float) -> list[dict[str, Any]]:
    """The points of one trial; one where its trained arms count as one."""
    effects, covariance = found.arms.against(found.reference)
    others = found.others
    reference = found.doses[found.reference]
    if not found.averaged:
        return [
            _point(
                found,
                dose,
                [k],
                (effects[place], half * float(np.sqrt(covariance[place, place]))),
                reference,
            )
            for place, k in enumerate(others)
        ]
    mean = np.full(len(effects), 1 / len(effects))
    spread = float(np.sqrt(mean @ covariance @ mean))
    return [_point(found, dose, others, (float(mean @ effects), half * spread), reference)]


def _point(
    found: Contrasts,
    dose: Dose,
    arms: Sequence[int],
    effect: tuple[float, float],
    reference: float,
) -> dict[str, Any]:
    """One point; `effect` is the estimate and half its interval."""
    trial, estimate, half = found.arms.trial, float(effect[0]), effect[1]
    n = float(found.arms.n[[*arms, found.reference]].sum())
    used = [found.arms.doses[k] for k in (*arms, found.reference)]
    from_rm = dose == "load" and any(arm.rm and not arm.load_pct_1rm for arm in used)
    words = [found.arms.assumed, "load from repetitions to failure" if from_rm else ""]
    return {
        "study": trial.id,
        "cite": trial.cite,
        "arm": ", ".join(trial.arms[found.arms.names[k]].label for k in arms),
        "dose": float(found.doses[list(arms)].mean()),
        "reference": None if np.isnan(reference) else float(reference),
        "estimate": estimate,
        "low": estimate - half,
        "high": estimate + half,
        "n": n if np.isfinite(n) else None,
        "matched": found.matched[arms[0]],
        "assumed": "; ".join(word for word in words if word),
    }


def _shift(point: dict[str, Any], drawn: MeanLine | None) -> float | None:
    """The line at a point's own reference."""
    if drawn is None:
        return None
    if point["reference"] is None or point["reference"] == drawn.reference:
        return 0.0
    return drawn.at(point["reference"]).estimate
