"""The primary analysis without one participant, for each of them in turn."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combinations
from howlow.analysis.fitting.longitudinal import fit_model
from howlow.analysis.robustness.candidates import answer, engine_batch
from howlow.analysis.robustness.choices import Choice, NotFitted, Setting
from howlow.errors import DesignError
from howlow.model import BatchFit, BatchInference, ModelError, refit_without_each

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Matrix

#: Refits that are held in memory at once.
AT_ONCE = 4000
NAME = "one-left-out"
WORDS = "without one participant"


def leave_one_out(setting: Setting) -> tuple[list[Choice], list[NotFitted]]:
    """The primary analysis without each participant in turn, in order of the estimate.

    The first choice is the one with the smallest estimate in each response, whoever is left out, so
    that no number points to a person.
    """
    try:
        found = _refits(setting, engine_batch(setting))
    except (DesignError, ModelError) as error:
        return [], [NotFitted(NAME, WORDS, str(error))]
    estimate, se, df = found
    order = np.argsort(np.where(np.isfinite(estimate), estimate, np.inf), axis=1, kind="stable")
    estimate, se, df = (np.take_along_axis(part, order, axis=1) for part in found)
    people, count = setting.primary.fitted.fit.n_participants - 1, estimate.shape[1]
    names = [f"{NAME}-{place + 1}" for place in range(count)]
    value = Combinations(estimate, se, df)
    judged = setting.judge_each(names, WORDS, setting.usual, value, people, left_out=True)
    choices = [choice for choice in judged if np.isfinite(choice.estimate).any()]
    failed = count - len(choices)
    if not failed:
        return choices, []
    reason = f"{failed} of {count} refits are not possible or did not converge"
    return choices, [NotFitted(NAME, WORDS, reason)]


def _refits(setting: Setting, batch: BatchFit) -> tuple[Matrix, Matrix, Matrix]:
    """Estimate, standard error and df without each participant, shape (R, people)."""
    people, responses = len(setting.main.people), len(batch)
    at_once = max(AT_ONCE // people, 1)
    pieces = [
        _piece(setting, batch.take(np.arange(first, min(first + at_once, responses))))
        for first in range(0, responses, at_once)
    ]
    table = np.concatenate(pieces, axis=1)
    for place in np.flatnonzero(np.isnan(table[0]).all(axis=0)).tolist():
        table[:, :, place] = _alone(setting, int(setting.main.people[place]), responses)
    estimate, se, df = table
    return estimate, se, df


def _piece(setting: Setting, batch: BatchFit) -> Matrix:
    """Estimate, standard error and df of some responses, shape (3, responses, people)."""
    left = refit_without_each(batch, setting.main.participant)
    inference = BatchInference(left.batch, setting.model.inference)
    found = inference.contrast(setting.primary.weights)
    estimate = np.where(left.batch.converged, found.estimate[:, 0], np.nan)
    table = np.full((3, len(batch), len(left.estimable)), np.nan)
    for row, part in enumerate((estimate, found.se[:, 0], found.df[:, 0])):
        table[row][:, left.estimable] = part.reshape(len(batch), -1)
    return table


def _alone(setting: Setting, person: int, responses: int) -> Matrix:
    """The same without one participant whom a cell of the means depends on."""
    rows = setting.main.without(person)
    try:
        value = answer(fit_model(rows, setting.model), setting)
    except (DesignError, ModelError):
        return np.full((3, responses), np.nan)
    return np.array([value.estimate[:, 0], value.se[:, 0], value.df[:, 0]])
