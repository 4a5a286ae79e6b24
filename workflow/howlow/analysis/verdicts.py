"""The verdict on a contrast: an interval judged against a margin that was declared beforehand."""

from __future__ import annotations

from collections.abc import Sequence

from howlow.analysis.estimates import Intervals

DIFFERENT_BEYOND = "different (by more than the margin)"
DIFFERENT = "different (size unsettled)"
TRIVIAL = "different but trivial"
EQUIVALENT = "equivalent"
NO_ASSAY = "inconclusive: cannot tell from no training"
INCONCLUSIVE = "inconclusive"

#: Verdicts from the one that claims most to the one that claims least.
STRENGTH = (DIFFERENT_BEYOND, EQUIVALENT, TRIVIAL, DIFFERENT, NO_ASSAY, INCONCLUSIVE)


def judge(
    found: Intervals,
    margin: float | None,
    *,
    assay_sensitive: bool,
) -> str:
    """The verdict of an estimate's intervals against a margin.

    Equivalence is judged by the interval of level 1 - 2 alpha (TOST; Schuirmann 1987, J
    Pharmacokinet Biopharm 15:657). Without a margin there is no verdict. Two arms are equivalent
    only where the trial could have shown a difference from no training (`assay_sensitive`; ICH E10,
    2000, section 1.5).
    """
    if margin is None:
        return ""
    interval = found["ci_low"], found["ci_high"]
    equivalence = found["eq_low"], found["eq_high"]
    excludes_zero = interval[0] > 0 or interval[1] < 0
    inside = -margin < equivalence[0] and equivalence[1] < margin
    if interval[0] >= margin or interval[1] <= -margin:
        return DIFFERENT_BEYOND
    if inside and excludes_zero:
        return TRIVIAL
    if inside:
        return EQUIVALENT if assay_sensitive else NO_ASSAY
    return DIFFERENT if excludes_zero else INCONCLUSIVE


def weakest(verdicts: Sequence[str]) -> str:
    """The verdict that claims least among those that a range of assumptions gives.

    Verdicts that claim different things (one a difference, one equivalence) settle nothing.
    """
    found = [verdict for verdict in verdicts if verdict]
    if not found:
        return ""
    kinds = {"equivalent" if verdict == EQUIVALENT else "other" for verdict in found}
    if len(kinds) == 2:
        return INCONCLUSIVE
    return max(found, key=STRENGTH.index)
