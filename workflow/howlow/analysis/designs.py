"""What each design gets: the primary fit of a unit, and the cross-checks that stand beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.regression import ancova_by_statsmodels, fit_changes, fit_paired
from howlow.analysis.primary import Fitted, fit_chain
from howlow.config.trial import sides

if TYPE_CHECKING:
    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.fits import Fit
    from howlow.analysis.units import Unit


def fit_unit(unit: Unit, card: Card) -> Fitted:
    """The primary fit of a unit, for all its visits of comparison.

    With values before and after it is the constrained mixed model. Where a page prints only changes
    the limbs of people share a mixed model of the change, and arms of people keep variances of
    their own: printed SDs of change differ up to threefold.

    Raises
    ------
    DesignError
        If the numbers of participants and visits carry no model.
    """
    if unit.has_levels:
        return fit_chain(unit.cohort, card, unit.at)
    level = unit.baseline
    if unit.trial.limb_pairs and len(unit.cohort.arms) > 1:
        found = fit_chain(unit.cohort, card, unit.at)
        assert found.choice is not None
        method = f"change-{found.choice.structure.name}"
        return replace(found, fit=replace(found.fit, method=method, level=level))
    at = unit.at[0]
    return Fitted(unit.cohort, None, None, fit_changes(unit.pairs(at), at, level))


def cross_checks(unit: Unit, contrast: str, at: str) -> Iterator[tuple[Fit, str]]:
    """Other ways to analyse the contrast that a reader may know, each with a note.

    For people: analysis of covariance of complete cases by statsmodels, and the change with a
    variance for each arm. For limbs: the paired analysis, and what counting limbs as people would
    wrongly have said.
    """
    here = unit.of_arms(sides(contrast)) if unit.trial.limb_pairs else unit
    pairs = here.pairs(at)
    if unit.trial.limb_pairs:
        if len(pairs.arms) == 2 and _whole(pairs.participant) > 2:
            paired = fit_paired(pairs, at, unit.baseline)
            correlation = paired.variances["correlation between limbs"]
            yield paired, f"correlation of change between limbs {correlation:.3f}"
            wrong = "what counting limbs as people would wrongly say"
            yield fit_changes(pairs, at, unit.baseline, "unpaired"), wrong
        return
    if unit.has_levels:
        if len(pairs.arm) > len(pairs.arms) + 1:
            yield ancova_by_statsmodels(pairs, at), ""
        yield fit_changes(pairs, at, unit.baseline), ""


def _whole(participant: np.ndarray) -> int:
    """How many people have two limbs."""
    return int((np.unique(participant, return_counts=True)[1] > 1).sum())
