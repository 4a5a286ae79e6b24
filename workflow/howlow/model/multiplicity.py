"""Adjustment of several contrasts: Holm, multivariate t (Dunnett where it applies), Tukey."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from .arrays import Floats
from .distributions import t_quantile
from .dunnett import simultaneous_t
from .effects import Contrast
from .errors import ModelError
from .simultaneous import studentized_range_cdf, studentized_range_quantile

Method = Literal["none", "holm", "multivariate-t", "tukey"]


@dataclass(frozen=True)
class Adjusted:
    """Contrasts with adjusted p values and intervals, and what was done to them."""

    contrast: Contrast
    method: str
    note: str


def adjust(contrast: Contrast, method: Method, means: int | None = None) -> Adjusted:
    """Adjust the p values and intervals of a family of contrasts.

    Parameters
    ----------
    contrast
        The family.
    method
        ``holm`` (Holm 1979; the intervals are Bonferroni's), ``multivariate-t`` (from the
        correlation of the contrasts at the smallest df; Dunnett's test for differences to one
        reference; Hothorn, Bretz & Westfall 2008), ``tukey`` (all pairwise differences, exact for
        equal variances) or ``none``.
    means
        The number of means compared, for ``tukey``.

    Raises
    ------
    ModelError
        If Tukey's method is asked for anything but all pairs of means.
    """
    if method == "none" or len(contrast) == 1:
        return Adjusted(contrast, method, "not adjusted")
    if method == "holm":
        return _adjusted(
            contrast, *_holm(contrast), method, "Holm's p values, Bonferroni's intervals"
        )
    df, quantile = float(np.min(contrast.df)), np.empty(len(contrast))
    t = np.abs(contrast.t)
    if method == "tukey":
        if means is None or len(contrast) != means * (means - 1) // 2:
            raise ModelError("Tukey's method needs all pairwise differences of its means")
        p = np.array([1 - studentized_range_cdf(value * np.sqrt(2), means, df) for value in t])
        quantile[:] = studentized_range_quantile(contrast.level, means, df) / np.sqrt(2)
    elif method == "multivariate-t":
        correlation = contrast.cov / np.outer(contrast.se, contrast.se)
        limit, several = simultaneous_t(t[None], correlation[None], np.array([df]), contrast.level)
        p, quantile[:] = several[0], limit[0]
    else:
        raise ModelError(f"{method!r} is not none, holm, multivariate-t or tukey")
    note = f"{method} over {len(contrast)} contrasts at the smallest df, {df:.1f}"
    return _adjusted(contrast, np.clip(p, 0, 1), quantile, method, note)


def _holm(contrast: Contrast) -> tuple[Floats, Floats]:
    """Return Holm's p values and Bonferroni's quantiles."""
    k = len(contrast)
    order = np.argsort(contrast.p)
    stepped = np.maximum.accumulate(contrast.p[order] * (k - np.arange(k)))
    p = np.empty(k)
    p[order] = np.minimum(stepped, 1.0)
    tail = 1 - (1 - contrast.level) / (2 * k)
    return p, np.array([t_quantile(tail, df) for df in contrast.df])


def _adjusted(contrast: Contrast, p: Floats, quantile: Floats, method: str, note: str) -> Adjusted:
    """Return the contrasts with these p values and quantiles."""
    reach = quantile * contrast.se
    changed = replace(contrast, p=p, low=contrast.estimate - reach, high=contrast.estimate + reach)
    return Adjusted(changed, method, note)
