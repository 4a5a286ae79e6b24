"""What each further session a week brings, over trials, and whether the first is the biggest step.

A cell-means model of session classes on contrasts within trials: one mean for each class against no
training, REML with the Hartung-Knapp factor (never below one), and steps as differences of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.analysis.questions.ratios import Ratio, fieller
from howlow.analysis.rounding import percent_with_interval
from howlow.config.settings import Config
from howlow.errors import DesignError
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.curves.doses import Contrasts, LeftOut, within_trial
from howlow.synthesis.curves.shapes import Shape, class_of
from howlow.synthesis.meta.model import MetaFit, fit_meta
from howlow.synthesis.pooling import FEW_TRIALS

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix, Vector

#: A biggest step needs two to choose from.
_FEWEST_CLASSES = 3
_WORDS = {0: "no training", 1: "once a week", 2: "twice a week", 3: "three times a week or more"}


@dataclass(frozen=True)
class Steps:
    """Steps between neighbouring session classes, from no training up.

    Attributes
    ----------
    classes
        The classes observed, 0 first; steps are between neighbours of these.
    fit
        Its coefficients are the steps, in this order.
    used
        The contrasts that it rests on.
    direct
        Whether a trial sets once a week against no training.
    """

    classes: tuple[int, ...]
    fit: MetaFit
    used: tuple[Contrasts, ...]
    left_out: tuple[LeftOut, ...]
    direct: bool

    @property
    def sizes(self) -> Vector:
        """The steps, (classes - 1,), log ratios."""
        return self.fit.coefficients

    @property
    def covariance(self) -> Matrix:
        """Their covariance with the Hartung-Knapp factor."""
        return self.fit.adjusted()

    @property
    def participants(self) -> float:
        """People in the arms that it rests on."""
        return float(np.sum([found.participants for found in self.used]))

    def step(self, position: int) -> Combination:
        """One step with its t distribution."""
        return self.fit.combine(np.eye(len(self.sizes))[position])

    def smallest_lead(self) -> Combination:
        """The first step less the biggest of the others: the smallest of the differences."""
        return min(self._leads(), key=lambda found: found.estimate)

    def p(self) -> float:
        """One-sided P of the first step not being the biggest.

        An intersection-union test: each comparison at the whole level, and all must hold (Berger
        1982, Technometrics 24:295).
        """
        from scipy.special import stdtr

        return max(float(stdtr(lead.df, -lead.estimate / lead.se)) for lead in self._leads())

    def bound(self, alpha: float) -> float:
        """The lower bound of level 1 - alpha of the first step less every other."""
        return min(lead.interval(1 - 2 * alpha)[0] for lead in self._leads())

    def shown(self, alpha: float) -> bool:
        """Whether the first step is shown to be the biggest, trials setting it against none."""
        return self.direct and self.p() < alpha

    def share(self, level: float) -> Ratio:
        """The share of the gain of the highest class that once a week brings (Fieller's set)."""
        first, whole = np.zeros(len(self.sizes)), np.ones(len(self.sizes))
        first[0] = 1.0
        rows = np.stack([first, whole])
        gains, covariance = rows @ self.sizes, rows @ self.covariance @ rows.T
        df = np.array([float(self.fit.df)])
        return fieller(gains[:1], gains[1:], covariance[None], df, level).one()

    def _leads(self) -> list[Combination]:
        """The first step less each other."""
        weights = np.eye(len(self.sizes))
        return [self.fit.combine(weights[0] - other) for other in weights[1:]]


def steps_over_trials(arms: Sequence[TrialArms], config: Config) -> Steps | str:
    """The steps over the trials of one construct, or why there are none.

    Arms of a trial count where they differ in sessions a week alone (sets a week may follow).
    Two classes that no trial observed between count as one step.
    """
    found = [within_trial(one, "sessions", config) for one in arms]
    left_out = tuple(out for _, outs in found for out in outs)
    cuts = config.dose_classes.sessions
    used = [
        contrasts
        for contrasts, _ in found
        if contrasts is not None and len({class_of(dose, cuts) for dose in contrasts.doses}) > 1
    ]
    joined = _joined_to_none(used, config)
    if not joined:
        return "no trial that can be used sets sessions a week against no training"
    classes = tuple(sorted(joined))
    if 1 not in classes:
        return "no trial that can be used joins once a week to no training"
    if len(classes) < _FEWEST_CLASSES:
        return "no trial goes on from once a week to more sessions"
    kept = tuple(one for one in used if class_of(one.doses[0], cuts) in joined)
    shape = Shape("steps", levels=classes[1:], classes=cuts)
    try:
        fit = fit_meta([one.block(shape.basis) for one in kept], "reml")
    except DesignError as error:
        return f"too few contrasts: {error}"
    direct = any({0, 1} <= {class_of(dose, cuts) for dose in one.doses} for one in kept)
    return Steps(classes, fit, kept, left_out, direct)


def first_step(arms: Sequence[TrialArms], config: Config) -> list[dict[str, Any]]:
    """Of each pooled construct that a trial of sessions measured: the steps, test and share.

    Each entry has `construct, trials, participants, steps, test, share, sentence`; without trials
    that reach from no training past once a week, `steps` is empty and the sentence says why.
    """
    entries = []
    for construct, known in config.constructs.items():
        mine = [one for one in arms if one.construct == construct]
        if known.pooled and mine:
            entries.append(_entry(construct, steps_over_trials(mine, config), config))
    return entries


def _entry(construct: str, found: Steps | str, config: Config) -> dict[str, Any]:
    """One construct's entry."""
    empty: dict[str, Any] = {
        "trials": 0,
        "participants": None,
        "steps": [],
        "test": None,
        "share": None,
    }
    if isinstance(found, str):
        return {"construct": construct, **empty, "sentence": f"Not shown: {found}."}
    level = 1 - config.alpha
    lead, share = found.smallest_lead(), found.share(level)
    return {
        "construct": construct,
        "trials": found.fit.trials,
        "participants": found.participants if np.isfinite(found.participants) else None,
        "steps": [_step(found, k, level) for k in range(len(found.sizes))],
        "test": {
            "estimate": lead.estimate,
            "low": found.bound(config.alpha),
            "p": found.p(),
            "alpha": config.alpha,
            "shown": found.shown(config.alpha) and found.fit.trials >= FEW_TRIALS,
        },
        "share": share_entry(share, _WORDS[found.classes[-1]]),
        "sentence": sentence(found, config),
    }


def share_entry(share: Ratio, most: str) -> dict[str, Any]:
    """A share for JSON: limits that are not finite are null."""
    low, high = (limit if np.isfinite(limit) else None for limit in share.limits)
    return {
        "estimate": share.estimate if np.isfinite(share.estimate) else None,
        "low": low,
        "high": high,
        "bounded": share.kind == "interval",
        "words": share.words(f"the gain of training {most}"),
    }


def _step(found: Steps, position: int, level: float) -> dict[str, Any]:
    """One step for JSON."""
    value = found.step(position)
    low, high = value.interval(level)
    lower, upper = found.classes[position : position + 2]
    numbers = {"estimate": value.estimate, "low": low, "high": high}
    return {"from": lower, "to": upper, "words": _from_to(lower, upper), **numbers}


def sentence(found: Steps, config: Config) -> str:
    """What the trials say of the first step, in one or two sentences."""
    parts = []
    for position, (lower, upper) in enumerate(pairwise(found.classes)):
        value = found.step(position)
        interval = value.interval(1 - config.alpha)
        size = percent_with_interval(value.estimate, *interval)
        parts.append(f"from {_from_to(lower, upper)} {size} %")
    trials = found.fit.trials
    few = f"; {trials} trials, fewer than {FEW_TRIALS}, settle nothing"
    told = f"{'; '.join(parts)} ({trials} trial{'' if trials == 1 else 's'})"
    test = f"one-sided P {_p_words(found.p())} at {config.alpha:g}"
    if not found.direct:
        lacking = "no trial that can be used sets once a week against no training"
        return f"Not shown: {lacking}. Through others: {told}."
    if found.shown(config.alpha) and trials >= FEW_TRIALS:
        return f"Shown: the step from none to once a week is the biggest ({test}): {told}."
    why = few if trials < FEW_TRIALS else ""
    return (
        f"Not shown: that the step from none to once a week is the biggest ({test}){why}: {told}."
    )


def _p_words(p: float) -> str:
    """P with two digits, or that it lies below 0.001."""
    return "below 0.001" if p < 0.001 else f"{p:.2g}"


def _from_to(lower: int, upper: int) -> str:
    """`no training to once a week`."""
    return f"{_WORDS[lower]} to {_WORDS[upper]}"


def _joined_to_none(used: Sequence[Contrasts], config: Config) -> set[int]:
    """The session classes that trials join to no training, directly or through others."""
    cuts = config.dose_classes.sessions
    sets = [{class_of(dose, cuts) for dose in one.doses} for one in used]
    joined = {0} if any(0 in one for one in sets) else set()
    while more := [one for one in sets if one & joined and not one <= joined]:
        joined |= set.union(*more)
    return joined
