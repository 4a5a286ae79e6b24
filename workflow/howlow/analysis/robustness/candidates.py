"""A choice before it is made, and what choices are made with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combinations, SmallSample
from howlow.analysis.robustness.choices import Choice, Setting
from howlow.errors import DesignError

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Cohort
    from howlow.analysis.fitting.fits import Fit
    from howlow.model import BatchFit


@dataclass(frozen=True)
class Candidate:
    """A choice before it is made: its name, words for readers, and what makes it."""

    name: str
    words: str
    make: Callable[[], Choice]


def answer(fit: Fit, setting: Setting) -> Combinations:
    """The contrast in a fit, NaN where a response did not converge.

    Raises
    ------
    DesignError
        If an arm was not seen at the visit.
    """
    at = setting.card.at
    absent = [arm for arm in (setting.first, setting.second) if (arm, at) not in fit.cells]
    if absent:
        raise DesignError(f"{', '.join(absent)}: nobody at {at}")
    value = fit.combine(fit.contrast(setting.first, setting.second, at))
    bad = ~np.broadcast_to(fit.converged, len(value.estimate))[:, None]
    return replace(value, estimate=np.where(bad, np.nan, value.estimate))


def engine_batch(setting: Setting) -> BatchFit:
    """The engine's fit of the primary analysis.

    Raises
    ------
    DesignError
        If the primary analysis is no mixed model.
    """
    precision = setting.primary.fitted.fit.precision
    if not isinstance(precision, SmallSample):
        raise DesignError("the primary analysis is no mixed model")
    return precision.inference.batch


def at_hand(cohort: Cohort) -> tuple[str, ...]:
    """The covariates that differ between the cohort's participants, in order of their names."""
    found = []
    for name in sorted(cohort.covariates):
        values = cohort.covariates[name][cohort.people]
        if len(np.unique(values[~np.isnan(values)])) > 1:
            found.append(name)
    return tuple(found)


def with_known(cohort: Cohort, names: tuple[str, ...]) -> Cohort:
    """The participants of whom all these covariates are known."""
    unknown = np.zeros(int(cohort.people.max(initial=0)) + 1, dtype=bool)
    for name in names:
        unknown |= np.isnan(cohort.covariates[name][: len(unknown)])
    return cohort.keep(~unknown[cohort.participant])
