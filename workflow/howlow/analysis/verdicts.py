"""The verdict on a contrast: an interval judged against a margin that was declared beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Intervals

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

DIFFERENT_BEYOND = "different (by more than the margin)"
DIFFERENT = "different (size unsettled)"
TRIVIAL = "different but trivial"
EQUIVALENT = "equivalent"
NOT_INFERIOR = "not inferior"
NO_ASSAY = "inconclusive: cannot tell from no training"
INCONCLUSIVE = "inconclusive"

#: Verdicts from the one that claims most to the one that claims least.
STRENGTH = (
    DIFFERENT_BEYOND,
    EQUIVALENT,
    TRIVIAL,
    NOT_INFERIOR,
    DIFFERENT,
    NO_ASSAY,
    INCONCLUSIVE,
)


def judge_all(
    interval: tuple[ArrayLike, ArrayLike],
    equivalence: tuple[ArrayLike, ArrayLike],
    margin: ArrayLike,
    assay_sensitive: ArrayLike,
    *,
    not_inferior: ArrayLike = False,
) -> NDArray[np.str_]:
    """The verdicts of many intervals against their margins, all of shape (R,) or scalars.

    Equivalence is judged by the interval of level 1 - 2 alpha (TOST; Schuirmann 1987, J
    Pharmacokinet Biopharm 15:657). Without a margin (NaN) there is no verdict. Two arms are
    equivalent, or one not inferior, only where the trial could have shown a difference from no
    training (`assay_sensitive`; ICH E10, 2000, section 1.5).

    Parameters
    ----------
    interval, equivalence
        Lower and upper limits of levels 1 - alpha and 1 - 2 alpha.
    margin
        Positive, in the unit of the limits.
    assay_sensitive
        Whether the reference arm was shown to gain more than the margin.
    not_inferior
        Whether non-inferiority was declared and the limit lies on the right side.
    """
    low, high = (np.asarray(limit, dtype=float) for limit in interval)
    eq_low, eq_high = (np.asarray(limit, dtype=float) for limit in equivalence)
    size, assay = np.asarray(margin, dtype=float), np.asarray(assay_sensitive, dtype=bool)
    excludes_zero = (low > 0) | (high < 0)
    inside = (-size < eq_low) & (eq_high < size)
    known = ~np.isnan(size) & ~np.isnan(low)
    conditions = [
        ~known,
        (low >= size) | (high <= -size),
        inside & excludes_zero,
        inside & assay,
        np.asarray(not_inferior, dtype=bool) & assay & ~excludes_zero,
        inside,
        excludes_zero,
    ]
    words = ["", DIFFERENT_BEYOND, TRIVIAL, EQUIVALENT, NOT_INFERIOR, NO_ASSAY, DIFFERENT]
    shape = np.broadcast_shapes(*(np.shape(condition) for condition in conditions))
    return np.select([np.broadcast_to(one, shape) for one in conditions], words, INCONCLUSIVE)


def judge(found: Intervals, margin: float | None, *, assay_sensitive: bool) -> str:
    """The verdict of an estimate's intervals against a margin; see `judge_all`."""
    size = np.nan if margin is None else margin
    interval = found["ci_low"], found["ci_high"]
    equivalence = found["eq_low"], found["eq_high"]
    return str(judge_all(interval, equivalence, size, assay_sensitive))


def weakest(verdicts: Sequence[str]) -> str:
    """The verdict that claims least among those that a range of assumptions gives.

    Verdicts that claim different things (one a difference, one equivalence) settle nothing.
    """
    found = [verdict for verdict in verdicts if verdict]
    if not found:
        return ""
    alike = [verdict for verdict in found if verdict in (EQUIVALENT, NOT_INFERIOR)]
    if alike and any(verdict in (DIFFERENT_BEYOND, DIFFERENT) for verdict in found):
        return INCONCLUSIVE
    # A trivial difference, too, lies inside the margin: beside equivalence it claims more.
    left = [verdict for verdict in found if verdict != TRIVIAL] if alike else found
    return max(left, key=STRENGTH.index)
