"""Simulated trials of this field's shapes, with the models that are fitted to them.

No trial has an effect of arm or of loading; `Trial.single` is the row of the last visit's effect,
`Trial.joint` the rows of all of them. ``missing`` is the share of participants who are not seen at
the last visit: they leave at a visit drawn evenly from those after baseline.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1] / "workflow"))

from howlow.model import MixedModel, RandomTerm, Residual

Floats = NDArray[np.float64]
Generator = np.random.Generator
Responses = Callable[[Generator, int], Floats]

GROWTH_3 = np.array([[1.0, 0.8, 0.7], [0.8, 1.3, 1.0], [0.7, 1.0, 1.8]])
GROWTH_5 = np.array(
    [
        [1.0, 0.85, 0.8, 0.7, 0.6],
        [0.85, 1.2, 1.0, 0.9, 0.8],
        [0.8, 1.0, 1.4, 1.2, 1.1],
        [0.7, 0.9, 1.2, 1.7, 1.5],
        [0.6, 0.8, 1.1, 1.5, 2.1],
    ]
)


@dataclass(frozen=True)
class Trial:
    """A model with its response, the rows that are tested, and who was seen throughout.

    ``draw`` gives more responses for the same rows; ``complete`` counts participants seen at every
    visit, less the groups with means of their own.
    """

    model: MixedModel
    single: Floats
    joint: Floats
    draw: Responses
    complete: int = 10**6


def stays(rng: Generator, people: int, visits: int, missing: float) -> Floats:
    """Return the number of visits at which each participant is seen."""
    leaves = rng.random(people) < missing
    return np.where(leaves, rng.integers(1, visits, people), visits)


def parallel(
    rng: Generator, people: int, covariance: Floats, fitted: str, missing: float = 0.15
) -> Trial:
    """Return two arms of ``people`` with this covariance over visits, analysed as ``fitted``."""
    visits = len(covariance)
    pid, visit = np.repeat(np.arange(2 * people), visits), np.tile(np.arange(visits), 2 * people)
    arm = (pid >= people).astype(float)
    seen = stays(rng, 2 * people, visits, missing)
    kept, complete = visit < seen[pid], int((seen == visits).sum()) - 2

    def responses(rng: Generator, number: int) -> Floats:
        """Return outcomes of the same rows."""
        drawn = rng.multivariate_normal(np.zeros(visits), covariance, (number, 2 * people))
        return drawn.reshape(number, -1)[:, kept]

    model, rows = _parallel_model(
        responses(rng, 1)[0], pid[kept], visit[kept], arm[kept], visits, fitted
    )
    return Trial(model, rows[-1:], rows, responses, complete)


def _parallel_model(
    y: Floats, pid: Floats, visit: Floats, arm: Floats, visits: int, fitted: str
) -> tuple[MixedModel, Floats]:
    """Return the visit by arm model with a random or residual structure, and its arm rows."""
    later = (visit[:, None] == np.arange(1, visits)).astype(float)
    X = np.column_stack([np.ones(len(y)), later, arm, later * arm[:, None]])
    names = [f"b{k}" for k in range(X.shape[1])]
    one, t = np.ones(len(y)), visit / (visits - 1)
    random, residual = [], Residual()
    if fitted == "intercept":
        random = [RandomTerm(one, pid, label="pid")]
    elif fitted == "slope":
        random = [RandomTerm(np.column_stack([one, t]), pid, ("(Intercept)", "t"), label="pid")]
    else:
        residual = Residual(fitted, visit=visit, subject=pid, visit_levels=tuple(range(visits)))
    rows = np.eye(X.shape[1])[-(visits - 1) :]
    return MixedModel(y, X, names, random, residual), rows


def limbs(rng: Generator, people: int, fitted: str, missing: float = 0.1) -> Trial:
    """Return two limbs a person, before and after, people differing in response."""
    person, limb, time = (g.ravel() for g in np.indices((people, 2, 2)))
    seen = stays(rng, people, 2, missing)
    kept, complete = time < seen[person], int((seen == 2).sum()) - 1
    person, limb, time = person[kept], limb[kept], time[kept]
    leg, occasion = person * 2 + limb, person * 2 + time

    def responses(rng: Generator, number: int) -> Floats:
        """Return outcomes of the same rows."""
        level = rng.normal(0, 2, (number, people))[:, person]
        level = level + rng.normal(0, 0.5, (number, 2 * people))[:, leg]
        gain = time * rng.normal(0, 0.8, (number, people))[:, person]
        return level + gain + rng.normal(0, 0.5, (number, len(time)))

    y = responses(rng, 1)[0]
    one, loaded, post = np.ones(len(y)), limb.astype(float), time.astype(float)
    X = np.column_stack([one, post, loaded, post * loaded])
    random, residual = [], Residual()
    if fitted == "unstructured":
        residual = Residual(
            fitted, visit=limb * 2 + time, subject=person, visit_levels=(0, 1, 2, 3)
        )
    else:
        random = [RandomTerm(one, leg, label="limb"), RandomTerm(one, person, label="person")]
        if fitted == "participant-by-time":
            random.insert(1, RandomTerm(one, occasion, label="person by time"))
    row = np.eye(4)[-1:]
    names = ("i", "post", "loaded", "x")
    model = MixedModel(y, X, names, random, residual)
    return Trial(model, row, np.eye(4)[1:], responses, complete)


def limb_changes(rng: Generator, people: int) -> Trial:
    """Return the change of each limb, with a participant intercept."""
    person, limb = (g.ravel() for g in np.indices((people, 2)))
    kept = rng.random(len(person)) > 0.1
    person, loaded = person[kept], limb[kept].astype(float)

    def responses(rng: Generator, number: int) -> Floats:
        """Return outcomes of the same rows."""
        change = rng.normal(0, 0.8, (number, people))[:, person]
        return change + rng.normal(0, 0.7, (number, len(person)))

    y = responses(rng, 1)[0]
    X = np.column_stack([np.ones(len(y)), loaded])
    model = MixedModel(y, X, ("i", "loaded"), [RandomTerm(np.ones(len(y)), person, label="person")])
    return Trial(model, np.eye(2)[-1:], np.eye(2), responses)


def pooled(rng: Generator, trials: int, people: int = 12) -> Trial:
    """Return participants of several trials whose effects differ, trial effects being random."""
    trial, person = (g.ravel() for g in np.indices((trials, 2 * people)))
    arm = (person >= people) * 1.0
    kept = rng.random(len(trial)) > 0.15
    trial, arm = trial[kept], arm[kept]

    def responses(rng: Generator, number: int) -> Floats:
        """Return outcomes of the same rows."""
        level = rng.normal(0, 1, (number, trials))[:, trial]
        effect = arm * rng.normal(0, 0.6, (number, trials))[:, trial]
        return level + effect + rng.normal(size=(number, len(trial)))

    y = responses(rng, 1)[0]
    X = np.column_stack([(trial[:, None] == np.arange(trials)) * 1.0, arm])
    term = RandomTerm(arm, trial, ("arm",), label="trial")
    names = [f"b{k}" for k in range(trials + 1)]
    row = np.eye(trials + 1)[-1:]
    return Trial(MixedModel(y, X, names, [term]), row, row, responses)


def intercept_covariance(visits: int, between: float = 2.25) -> Floats:
    """Return the covariance of a random intercept and unit residuals."""
    return np.eye(visits) + between


def slope_covariance(visits: int, intercept: float = 2.25, slope: float = 1.0) -> Floats:
    """Return the covariance of uncorrelated random intercepts and slopes and unit residuals."""
    t = np.linspace(0, 1, visits)
    return np.eye(visits) * 0.25 + intercept + slope * np.outer(t, t)


Draw = Callable[[Generator, int], Trial]
CELLS: dict[str, tuple[Draw, tuple[int, ...]]] = {
    "intercept": (lambda r, n: parallel(r, n, intercept_covariance(3), "intercept"), (8, 12, 20)),
    "slope": (lambda r, n: parallel(r, n, slope_covariance(3), "slope"), (8, 12, 20)),
    "unstructured 3": (lambda r, n: parallel(r, n, GROWTH_3, "unstructured"), (8, 12, 20)),
    "unstructured 5": (lambda r, n: parallel(r, n, GROWTH_5, "unstructured"), (8, 12, 20)),
    "limbs, participant-by-time": (lambda r, n: limbs(r, n, "participant-by-time"), (8, 12, 20)),
    "limbs, unstructured": (lambda r, n: limbs(r, n, "unstructured"), (8, 12, 20)),
    "limbs, change": (lambda r, n: limb_changes(r, n), (8, 12, 20)),
    "unstructured, fitted intercept": (
        lambda r, n: parallel(r, n, GROWTH_5, "intercept"),
        (8, 12, 20),
    ),
    "trials as random": (lambda r, n: pooled(r, n), (3, 5, 10)),
    "limbs, participant / limb only": (lambda r, n: limbs(r, n, "nested"), (12,)),
}
