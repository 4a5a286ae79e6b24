"""Which prescription each arm of a trial falls under, and what keeps an arm out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.config.doses import NO_TRAINING, dose_class, prescription, session_class
from howlow.config.settings import Config
from howlow.config.trial import Arm
from howlow.synthesis.arms import TrialArms

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix, Vector

_RANKS = {"light": 0, "heavy": 1, "single": 0, "multiple": 1}


@dataclass(frozen=True)
class LeftOut:
    """An arm that is in no network, and why."""

    study: str
    arm: str
    reason: str


@dataclass(frozen=True, eq=False)
class TrialNodes:
    """The arms of one trial, those of one prescription averaged.

    Attributes
    ----------
    nodes
        Its prescriptions in ladder order, at least two: also its design.
    gains, covariance
        Log ratio of means of each and their sampling covariance, (nodes,) and (nodes, nodes); only
        differences are to be used.
    n
        Participants or limbs of each.
    arms
        How many arms each is made of.
    people
        Participants of the trial in these arms.
    """

    study: str
    nodes: tuple[str, ...]
    gains: Vector
    covariance: Matrix
    n: Vector
    arms: tuple[int, ...]
    people: int
    assumed: str = ""

    def contrasts(self) -> Matrix:
        """Weights of every node after the first less the first, (nodes - 1, nodes)."""
        others = len(self.nodes) - 1
        return np.column_stack([-np.ones(others), np.eye(others)])


def ladder(node: str) -> tuple[int, ...]:
    """Sort key of a prescription: no training, then light before heavy, fewer before more."""
    if node == NO_TRAINING:
        return (0,)
    words = node.split()
    return (1, *(int(word) if word.isdigit() else _RANKS[word] for word in words))


def place_arms(trial: TrialArms, config: Config) -> tuple[TrialNodes | None, list[LeftOut]]:
    """A trial's arms by prescription, and those that cannot be placed.

    Arms of one prescription are averaged by generalised least squares. A trial whose arms fall
    under fewer than two prescriptions has none.
    """
    study = trial.trial.id
    found = [prescription(arm, config, config.network) for arm in trial.doses]
    nodes = tuple(sorted({node for node in found if node is not None}, key=ladder))
    out = [
        LeftOut(study, name, _obstacle(arm, config))
        for name, arm, node in zip(trial.names, trial.doses, found, strict=True)
        if node is None
    ]
    kept = [k for k, node in enumerate(found) if node is not None]
    placed = trial.keep(kept)
    if len(nodes) < 2:
        alike = "its other arms have the same prescription"
        reason = alike if len(kept) > 1 else "no other arm of the trial can be placed"
        return None, out + [LeftOut(study, name, reason) for name in placed.names]
    membership = np.array([[float(found[k] == node) for node in nodes] for k in kept])
    made = _averaged(placed, nodes, membership)
    weights = made.contrasts()
    if not np.linalg.eigvalsh(weights @ made.covariance @ weights.T)[0] > 0:
        reason = "the sampling covariance of its arms is not positive definite"
        return None, out + [LeftOut(study, name, reason) for name in placed.names]
    return made, out


def _averaged(trial: TrialArms, nodes: tuple[str, ...], membership: Matrix) -> TrialNodes:
    """Generalised least squares of the arms on their nodes, membership of shape (arms, nodes)."""
    weights = membership.T
    if len(trial.names) > len(nodes):
        solved = np.linalg.solve(trial.covariance, membership)
        weights = np.linalg.solve(membership.T @ solved, solved.T)
    return TrialNodes(
        study=trial.trial.id,
        nodes=nodes,
        gains=weights @ trial.gains,
        covariance=weights @ trial.covariance @ weights.T,
        n=membership.T @ trial.n,
        arms=tuple(int(count) for count in membership.sum(axis=0)),
        people=_people(trial),
        assumed=trial.assumed,
    )


def _people(trial: TrialArms) -> int:
    """Participants behind all arms."""
    if trial.trial.design == "crossover":
        return int(trial.n.max())
    # ASSUME: a participant whose limbs are compared gives two of them.
    limbs = 2 if trial.trial.design == "within_participant" else 1
    return round(float(trial.n.sum()) / limbs)


def _obstacle(arm: Arm, config: Config) -> str:
    """What keeps an arm from having a prescription."""
    loads = {
        "restricted": "restricted blood flow",
        "moderate": "load neither light nor heavy",
        "unknown": "load not printed",
    }
    reasons = {
        "load": loads.get(dose_class(arm, config), ""),
        "sessions": "" if session_class(arm, config) is not None else "sessions not printed",
        "sets": "" if arm.sets is not None else "sets an exercise not printed",
    }
    return "; ".join(reasons[part] for part in config.network if reasons[part])
