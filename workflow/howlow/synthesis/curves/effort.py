"""Repetitions to failure or not: one step, pooled over contrasts within trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.config.doses import dose_class
from howlow.config.settings import Config
from howlow.errors import DesignError
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.curves.doses import Contrasts, within_trial
from howlow.synthesis.curves.points import points_of
from howlow.synthesis.curves.shapes import Shape
from howlow.synthesis.meta.model import Block, MetaFit, fit_meta
from howlow.synthesis.pooling import FEW_TRIALS

if TYPE_CHECKING:
    from howlow.analysis.fitting.fits import Combination

_STEP = Shape("linear")


def failure_entry(construct: str, arms: Sequence[TrialArms], config: Config) -> dict[str, Any]:
    """What training to failure adds to stopping short of it, and whether the load changes that.

    An entry of `curves.json` without a line: its `steps` hold the pooled step, and with at least
    two trials of light and two of heavy loads one step each and their difference.
    """
    found = [within_trial(one, "failure", config) for one in arms]
    contrasts = [one for one, _ in found if one is not None]
    trials, reason = len(contrasts), ""
    if trials < FEW_TRIALS:
        some = {0: "no trials", 1: "one trial"}.get(trials, f"{trials} trials")
        reason = f"{some}; a pooled step takes {FEW_TRIALS}"
    participants = float(np.sum([one.participants for one in contrasts]))
    return {
        "id": f"failure:{construct}:within",
        "dose": "failure",
        "label": "Repetitions to failure",
        "unit": "",
        "construct": construct,
        "kind": "within",
        "drawn": not reason,
        "reason": reason,
        "trials": trials,
        "participants": participants if np.isfinite(participants) else None,
        "models": [],
        "best": None,
        "reference_dose": 0.0,
        "reference_label": "short of failure",
        "line": [],
        "points": points_of(contrasts, "failure", config),
        "left_out": [asdict(out) for _, outs in found for out in outs],
        "steps": {} if reason else _steps(contrasts, config),
        "note": (
            "Contrasts within trials whose arms differ in effort: 0 is short of failure, 1 to "
            "failure; repetitions and sets may follow."
        ),
    }


def _steps(contrasts: Sequence[Contrasts], config: Config) -> dict[str, Any]:
    """The pooled step, and the steps by load where there are data."""
    blocks = [one.block(_STEP.basis) for one in contrasts]
    fit = fit_meta(blocks, "reml")
    step = _told(fit.combine(np.ones(1)), config) | {"words": "short of failure to failure"}
    return {
        "steps": [{"from": 0, "to": 1} | step],
        "tau2": fit.tau2,
        "by_load": _by_load(contrasts, blocks, config),
    }


def _by_load(
    contrasts: Sequence[Contrasts], blocks: Sequence[Block], config: Config
) -> dict[str, Any] | None:
    """The step with light and with heavy loads, and the difference: light less heavy."""
    classes = [dose_class(one.arms.doses[0], config) for one in contrasts]
    if classes.count("light") < 2 or classes.count("heavy") < 2:
        return None
    split: list[Block] = []
    for block, load in zip(blocks, classes, strict=True):
        if load in ("light", "heavy"):
            column = int(load == "heavy")
            design = np.zeros((len(block.effects), 2))
            design[:, [column]] = block.design
            split.append(Block(block.name, block.effects, block.covariance, design, block.pattern))
    try:
        fit: MetaFit = fit_meta(split, "reml")
    except DesignError:
        return None
    sides = {"light": [1.0, 0.0], "heavy": [0.0, 1.0], "difference": [1.0, -1.0]}
    return {
        name: _told(fit.combine(np.array(weights)), config)
        | {"trials": classes.count(name) if name != "difference" else len(split)}
        for name, weights in sides.items()
    }


def _told(value: Combination, config: Config) -> dict[str, Any]:
    """A combination with its interval for JSON."""
    low, high = value.interval(1 - config.alpha)
    return {"estimate": value.estimate, "low": low, "high": high}
