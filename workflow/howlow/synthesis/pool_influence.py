"""How much a pool hangs on each of its trials."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.special import stdtrit

from howlow.analysis.estimates import Estimate
from howlow.analysis.verdicts import judge_all
from howlow.synthesis.evidence import Effect
from howlow.synthesis.meta.left_out import leave_one_out
from howlow.synthesis.pooling import FEW_TRIALS
from howlow.synthesis.pools import Influence

#: With fewer trials nothing is left to pool when one is left out.
_FEWEST = 3


def influence_of(main: Estimate, members: list[Effect], alpha: float) -> Iterator[Influence]:
    """The pool without each of its trials in turn, by its cautious interval.

    Without a verdict where fewer than five trials are left.
    """
    if len(members) < _FEWEST:
        return
    estimates = np.array([one.estimate for one in members], dtype=float)
    left = leave_one_out(estimates, np.array([one.se**2 for one in members], dtype=float))
    bounds = [
        (left.estimate - half, left.estimate + half)
        for half in (stdtrit(left.df, 1 - tail) * left.se for tail in (alpha / 2, alpha))
    ]
    margin = np.nan if main.margin is None else main.margin
    verdicts = judge_all(bounds[0], bounds[1], margin, False)
    few = len(members) - 1 < FEW_TRIALS
    for one, value, low, high, verdict in zip(
        members, left.estimate, *bounds[0], verdicts, strict=True
    ):
        said = "" if few else str(verdict)
        yield Influence(main.estimate_id, one.study, float(value), float(low), float(high), said)
