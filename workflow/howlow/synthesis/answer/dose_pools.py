"""Each dose against no training, in one trial and over trials, with what two doses share.

In a trial all arms of one dose become one by generalised least squares; the gain of a dose is that
less the gain of no training. Over trials each dose has a pool of its own (REML, Hartung-Knapp with
a factor of at least one), so that what is said of a dose rests on its own trials and its own spread
between them. Two doses of one trial share the arm that did not train, and two pools the trials that
tried both doses: their covariance follows from the weights.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.config.doses import NO_TRAINING, prescription
from howlow.config.settings import Config, Part
from howlow.synthesis.pooling import pool

if TYPE_CHECKING:
    from howlow.synthesis.arms import TrialArms
    from howlow.synthesis.meta.model import Matrix, Vector

#: What tells the doses of the sequence apart.
PARTS: tuple[Part, ...] = ("load", "sessions")
#: Correlation of the heterogeneity of two doses that are set against the same arm; see
#: `meta.model.several_arms`.
_SHARED = 0.5


@dataclass(frozen=True)
class TrialDoses:
    """The doses of one trial against its no training.

    Attributes
    ----------
    gains, covariance
        Log ratios to no training, (doses,), and their sampling covariance.
    participants
        Of each dose with those who did not train, (doses,).
    df
        Participants or limbs less arms: of each dose with no training, (doses,).
    """

    trial: str
    doses: tuple[str, ...]
    gains: Vector
    covariance: Matrix
    participants: Vector
    df: Vector
    assumed: str


def trial_doses(arms: TrialArms, config: Config) -> TrialDoses | None:
    """A trial's doses against no training; None where it has no such arm or no other dose.

    Arms whose load is neither light nor heavy, or whose dose is not printed, stay out.
    """
    named = [prescription(arm, config, PARTS) for arm in arms.doses]
    doses = tuple(dict.fromkeys(name for name in named if name not in (None, NO_TRAINING)))
    if NO_TRAINING not in named or not doses:
        return None
    known = arms.keep(place for place, name in enumerate(named) if name is not None)
    names = [name for name in named if name is not None]
    groups = (NO_TRAINING, *doses)
    member = np.array([[name == group for group in groups] for name in names], dtype=float)
    solved = np.linalg.solve(known.covariance, np.column_stack([member, known.gains]))
    covariance = np.linalg.inv(member.T @ solved[:, :-1])
    contrast = np.column_stack([-np.ones(len(doses)), np.eye(len(doses))])
    n = known.n @ member
    # In a trial of limbs each person counts once, not with both limbs.
    people = n / (2 if arms.trial.design == "within_participant" else 1)
    return TrialDoses(
        trial=arms.trial.id,
        doses=tuple(str(dose) for dose in doses),
        gains=contrast @ covariance @ (member.T @ solved[:, -1]),
        covariance=contrast @ covariance @ contrast.T,
        participants=np.ceil(people[1:] + people[0]),
        df=n[1:] + n[0] - member.sum(axis=0)[1:] - member.sum(axis=0)[0],
        assumed=arms.assumed,
    )


@dataclass(frozen=True)
class DosePool:
    """One dose against no training over trials.

    Attributes
    ----------
    mean
        Log ratio with its cautious t distribution; of one trial, that trial's own.
    weights
        Of each trial in the mean, (trials,); they sum to one.
    factor
        The Hartung-Knapp factor, at least one.
    """

    dose: str
    trials: tuple[TrialDoses, ...]
    mean: Combination
    weights: Vector
    tau2: float
    factor: float
    converged: bool

    @property
    def participants(self) -> int:
        """Those who trained at this dose, and those in their trials who did not train."""
        return int(sum(found.participants[found.doses.index(self.dose)] for found in self.trials))


def dose_pool(dose: str, found: Iterable[TrialDoses]) -> DosePool | None:
    """The pool of a dose from the trials that have it; None where none has."""
    trials = tuple(trial for trial in found if dose in trial.doses)
    if not trials:
        return None
    places = [trial.doses.index(dose) for trial in trials]
    pairs = list(zip(trials, places, strict=True))
    effects = np.array([trial.gains[k] for trial, k in pairs])
    variances = np.array([trial.covariance[k, k] for trial, k in pairs])
    if len(trials) == 1:
        # ASSUME: one trial alone has the degrees of freedom of its participants or limbs.
        df = max(1.0, float(trials[0].df[places[0]]))
        own = Combination(float(effects[0]), float(np.sqrt(variances[0])), df)
        return DosePool(dose, trials, own, np.ones(1), 0.0, 1.0, True)
    together = pool(effects, variances)
    weights = 1 / (variances + together.tau2)
    return DosePool(
        dose=dose,
        trials=trials,
        mean=together.cautious,
        weights=weights / weights.sum(),
        tau2=together.tau2,
        factor=max(1.0, together.fit.factor),
        converged=together.fit.converged,
    )


def pooled_covariance(first: DosePool, second: DosePool) -> Matrix:
    """Covariance of the means of two pools, (2, 2): by the trials that tried both doses."""
    shared = 0.0
    own = {trial.trial: k for k, trial in enumerate(second.trials)}
    for weight, trial in zip(first.weights, first.trials, strict=True):
        if trial.trial in own:
            one, other = trial.doses.index(first.dose), trial.doses.index(second.dose)
            between = _SHARED * np.sqrt(first.tau2 * second.tau2)
            both = trial.covariance[one, other] + between
            shared += weight * second.weights[own[trial.trial]] * both
    shared *= np.sqrt(first.factor * second.factor)
    return np.array([[first.mean.se**2, shared], [shared, second.mean.se**2]])
