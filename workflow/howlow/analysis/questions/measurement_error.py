"""Measurement error from a baseline that was measured again before anything was done."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from math import inf, sqrt
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.tables import cohort_of
from howlow.analysis.subjects import identity, simulated

if TYPE_CHECKING:
    import pandas as pd

    from howlow.analysis.fitting.cohort import Cohort, Matrix, Vector
    from howlow.config.settings import Config
    from howlow.data.declaration import Declaration

#: From the typical error to the smallest change of one person that is told from error at 95 %.
MDC95 = 1.96 * sqrt(2)
#: Fewest people measured twice.
FEWEST = 3


@dataclass(frozen=True)
class TypicalError:
    """The SD of one measurement about a person's true value, in the outcome's unit.

    Attributes
    ----------
    df
        Its degrees of freedom; infinite where it is declared and so taken as known.
    source
        Where it comes from, in words.
    people, correlation
        How many were measured again, and the intraclass correlation ICC(3,1); none if declared.
    """

    value: float
    df: float
    source: str
    people: int | None = None
    correlation: float | None = None

    def interval(self, level: float) -> tuple[float, float]:
        """Confidence interval by the chi-squared distribution."""
        from scipy.special import chdtri

        tail = (1 - level) / 2
        low, high = (self.value * sqrt(self.df / chdtri(self.df, p)) for p in (tail, 1 - tail))
        return low, high


def declared_error(mdc: float) -> TypicalError:
    """The typical error behind a declared MDC95."""
    return TypicalError(mdc / MDC95, inf, "the declared MDC95, taken as known")


def measured_error(
    trial: Declaration, outcome: str, measurements: pd.DataFrame
) -> TypicalError | None:
    """The typical error of an outcome from its repeated baselines, by people measured each time.

    With two occasions it is the SD of the differences over the root of two; a shift of everybody,
    such as learning, is no error (Hopkins 2000, Sports Med 30:1). None where the baseline was not
    repeated, or by fewer than `FEWEST` people.

    Parameters
    ----------
    trial
        Its `repeats` name the visits that measure the baseline again.
    measurements
        Those of the trial, all visits among them, with the columns of `howlow.data.measurements`.
    """
    repeats = [visit for visit, of in trial.repeats.items() if of == trial.start]
    rows = measurements[(measurements["outcome"] == outcome) & (measurements["variant"] == "")]
    occasions = [visit for visit in (trial.start, *repeats) if (rows["visit"] == visit).any()]
    if len(occasions) < 2:
        return None
    cohort = cohort_of(trial, rows, occasions)
    table, people = _wide(cohort)
    if people < FEWEST:
        return None
    variance, correlation = error_variance(table[None])
    df = (people - 1.0) * (len(occasions) - 1)
    error = float(sqrt(variance[0]))
    return TypicalError(error, df, "repeated baseline", people, float(correlation[0]))


def _wide(cohort: Cohort) -> tuple[Matrix, int]:
    """Values of those measured each time, shape (limbs, occasions), and how many people that is."""
    limbs, place = np.unique(cohort.limbs, return_inverse=True)
    table = np.full((len(limbs), len(cohort.visits)), np.nan)
    table[place, cohort.visit] = cohort.values[0]
    owner = np.zeros(len(limbs), dtype=np.intp)
    owner[place] = cohort.participant
    whole = ~np.isnan(table).any(axis=1)
    # ASSUME: the limbs of one person err together, so that people count, not limbs.
    return table[whole], len(np.unique(owner[whole]))


def error_variance(values: Matrix) -> tuple[Vector, Vector]:
    """Error variance and intraclass correlation ICC(3,1) of measurements made again.

    The residual mean square of people by occasions, and (between - residual) / (between + (k - 1)
    residual) of the mean squares (Shrout & Fleiss 1979, Psychol Bull 86:420). `values` has shape
    (R, people, k occasions); both results have shape (R,).
    """
    people, occasions = values.shape[1:]
    of_people = values.mean(axis=2, keepdims=True)
    grand = of_people.mean(axis=1, keepdims=True)
    residual = values - of_people - values.mean(axis=1, keepdims=True) + grand
    within = (residual**2).sum(axis=(1, 2)) / ((people - 1) * (occasions - 1))
    between = occasions * ((of_people - grand) ** 2).sum(axis=(1, 2)) / (people - 1)
    return within, (between - within) / (between + (occasions - 1) * within)


def measurement_error_rows(
    trial: Declaration, outcome: str, error: TypicalError, config: Config
) -> Iterator[Estimate]:
    """The typical error and the minimal detectable change MDC95, in the outcome's unit."""
    low, high = error.interval(1 - config.alpha)
    names = {
        "typical_error": ("typical error: SD of one measurement about the true value", 1.0),
        "mdc95": ("smallest change of one person that is told from error (95 %)", MDC95),
    }
    icc = f"intraclass correlation {error.correlation:.3f}"
    for contrast, (words, factor) in names.items():
        yield Estimate(
            **identity(trial, outcome),
            estimand=words,
            tier="secondary",
            contrast=contrast,
            at=trial.start,
            scale="raw",
            estimate=factor * error.value,
            df=error.df,
            ci_low=factor * low,
            ci_high=factor * high,
            ci_level=1 - config.alpha,
            unit=trial.outcomes[outcome].unit,
            method="repeated baseline",
            n_participants=error.people,
            note="; ".join(part for part in (simulated(trial), icc) if part),
        )
