"""Several comparisons at once: arms with one reference, and outcomes beside the primary one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.sample_size import outdated
from howlow.analysis.verdicts import INCONCLUSIVE
from howlow.model import simultaneous_t

if TYPE_CHECKING:
    from howlow.analysis.estimates import Estimate
    from howlow.analysis.fitting.fits import Fit, Matrix, Vector


@dataclass(frozen=True)
class Simultaneous:
    """A family of q contrasts judged together, in every response.

    Attributes
    ----------
    critical
        What a standard error is multiplied by for the simultaneous interval, shape (R,).
    p_adjusted
        Two-sided P of each contrast, adjusted for the family, shape (R, q).
    """

    critical: Vector
    p_adjusted: Matrix


def simultaneous(fit: Fit, contrasts: Matrix, level: float) -> Simultaneous:
    """Critical value and adjusted P of a family of contrasts, by the multivariate t.

    With one reference this is Dunnett's test (1955, J Am Stat Assoc 50:1096), with the contrasts'
    own correlation at their smallest degrees of freedom (Hothorn, Bretz & Westfall 2008, Biom J
    50:346). A response that the model did not fit has NaN.

    Parameters
    ----------
    fit
        A fit of R responses.
    contrasts
        Weights of the coefficients, shape (q, p).
    level
        Simultaneous level such as 0.95.
    """
    value, covariance = fit.combine(contrasts), fit.covariance(contrasts)
    sd = np.sqrt(np.diagonal(covariance, axis1=1, axis2=2))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = value.estimate / value.se
        correlation = covariance / (sd[:, :, None] * sd[:, None, :])
    critical, p = simultaneous_t(t, correlation, value.df.min(axis=1), level)
    return Simultaneous(np.asarray(critical, dtype=float), np.asarray(p, dtype=float))


def holm(rows: Sequence[Estimate], alpha: float) -> list[Estimate]:
    """The rows with P of secondary outcomes adjusted by Holm (1979, Scand J Stat 6:65).

    A family is one contrast at one visit over the secondary outcomes of a study: all outcomes but
    the one that its primary row names. It starts from `p_adjusted` where a row has one, so that
    neither arms nor outcomes go uncounted. A difference that does not hold after the adjustment is
    inconclusive; a log ratio follows its raw row.

    Parameters
    ----------
    rows
        All estimates of a study or of several; their order is kept.
    alpha
        The error rate of a family.
    """
    found: dict[tuple[str, ...], _Adjusted] = {}
    for family in _families(rows):
        before = [_p(row) for row in family]
        for row, p, one in zip(family, before, holm_adjusted(before), strict=True):
            found[_analysis(row)] = _Adjusted(one, len(family), lost=p <= alpha < one)
    return [
        _judged(row, found[_analysis(row)], alpha) if _analysis(row) in found else row
        for row in rows
    ]


def holm_adjusted(p: Sequence[float]) -> list[float]:
    """Adjusted P of a family, in the order given (Holm 1979, Scand J Stat 6:65)."""
    values = np.asarray(p, dtype=float)
    order, k = np.argsort(values, kind="stable"), len(values)
    stepped = np.maximum.accumulate(values[order] * (k - np.arange(k)))
    adjusted = np.empty(k)
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(one) for one in adjusted]


@dataclass(frozen=True)
class _Adjusted:
    """An adjusted P, over how many outcomes, and whether the difference was lost by it."""

    p: float
    outcomes: int
    lost: bool


def _families(rows: Sequence[Estimate]) -> Iterator[list[Estimate]]:
    """The rows of one contrast at one visit over two or more secondary outcomes of a study."""
    primary = {(row.study, row.outcome) for row in rows if row.tier == "primary"}
    families: dict[tuple[str, str, str], list[Estimate]] = defaultdict(list)
    for row in rows:
        # Secondary is the main reading by the main model; other tiers check or describe it.
        tested = row.scale == "raw" and row.p is not None and np.isfinite(row.p)
        if tested and row.tier == "secondary" and (row.study, row.outcome) not in primary:
            families[row.study, row.contrast, row.at].append(row)
    yield from (family for family in families.values() if len(family) > 1)


def _p(row: Estimate) -> float:
    """P before the adjustment: after that for several arms, where there was one."""
    p = row.p if row.p_adjusted is None or np.isnan(row.p_adjusted) else row.p_adjusted
    return 1.0 if p is None else p


def _analysis(row: Estimate) -> tuple[str, ...]:
    """What a raw row and its log ratio have in common."""
    return row.study, row.outcome, row.contrast, row.at, row.method


def _judged(row: Estimate, adjusted: _Adjusted, alpha: float) -> Estimate:
    """A row with its adjusted P, and the verdict that is left of it."""
    if row.scale not in ("raw", "log_ratio"):
        return row
    over = f"over {adjusted.outcomes} outcomes"
    note = f"not after Holm's adjustment {over}" if adjusted.lost else f"Holm's P {over}"
    overturned = row.verdict.startswith("different") and adjusted.p > alpha
    if overturned:
        row = outdated(row)
    return replace(
        row,
        p_adjusted=adjusted.p if row.scale == "raw" else row.p_adjusted,
        verdict=INCONCLUSIVE if overturned else row.verdict,
        note="; ".join(part for part in (row.note, note) if part),
    )
