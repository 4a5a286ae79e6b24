"""Which R function fits each covariance model, and what howlow gives by that function's method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.analysis.fitting.longitudinal import fit_cells
from howlow.model import BatchInference

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Vector
    from howlow.analysis.subjects import Subject

#: How far R may be off: in standard errors, and as a share of the standard error.
TIGHT = 0.001
#: The same for lme, whose optimiser stops earlier.
LOOSE = 0.01

_MMRM_WHY = (
    "mmrm takes the observed information of the covariances where howlow takes the expected one, "
    "so its SE and df differ a little from the printed ones; both are Kenward and Roger's (1997). "
    "`same` is howlow's number with the observed information."
)
_LME_WHY = (
    "Free matrices over visits of people and of their limbs: the limbs' matrix takes the "
    "residual's place, as one value a limb and visit leaves nothing beside it. lme knows no "
    "Kenward-Roger: its SE is without the small-sample adjustment, and it has no df of that kind. "
    "`same` is howlow's number without the adjustment."
)


@dataclass(frozen=True)
class Engine:
    """An R function for a covariance model: its package, its text, and how it differs.

    `model` is what `fit_mmrm` and `fit_lmer` of the script take as covariance or random terms.
    `information` is that of the covariances; none where the function has no adjustment at all.
    """

    package: Literal["mmrm", "lmerTest", "nlme"]
    model: tuple[str, ...]
    information: Literal["observed", "expected", "none"]
    why: str = ""
    tolerance: float = TIGHT


def _mmrm(covariance: str) -> Engine:
    """A covariance over visits within participants."""
    return Engine("mmrm", (covariance,), "observed", _MMRM_WHY)


def _lmer(*terms: str) -> Engine:
    """Random terms beside one residual variance."""
    return Engine("lmerTest", terms, "expected")


#: The engine of each covariance model of the chains, by its name.
ENGINES = {
    "unstructured": _mmrm("us(visit | {subject})"),
    "ar1h": _mmrm("ar1h(visit | {subject})"),
    "limb-by-visit": _mmrm("us(slot | {subject})"),
    "slope": _lmer("(1 + week | participant)"),
    "person-by-visit": _lmer("(1 | limb)", "(1 | person_visit)", "(1 | participant)"),
    "person-and-limb": Engine("nlme", (), "none", _LME_WHY, LOOSE),
}


def same_method(subject: Subject, engine: Engine, weights: Vector) -> Combination:
    """A combination of a subject's coefficients by the method of the R function.

    Its degrees of freedom are infinite where the function gives none.

    Raises
    ------
    ModelError
        As `fit_cells`.
    """
    printed = subject.fit.combine(weights).one()
    if engine.information == "expected":
        return printed
    if engine.information == "observed" and subject.model.inference == "satterthwaite":
        return printed
    batch, _ = fit_cells(subject.cohort, subject.model)
    inference = (
        BatchInference(batch, "kenward-roger", information="observed")
        if engine.information == "observed"
        else BatchInference(batch, "infinite")
    )
    found = inference.contrast(np.atleast_2d(weights))
    return Combination(float(found.estimate[0, 0]), float(found.se[0, 0]), float(found.df[0, 0]))
