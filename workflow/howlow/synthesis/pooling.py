"""Pooling one effect of each trial in two stages: REML and Hartung-Knapp-Sidik-Jonkman.

The model is that of `howlow.synthesis.meta.model` with a mean for its only coefficient.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.errors import DesignError
from howlow.synthesis.meta.heterogeneity import Heterogeneity, heterogeneity
from howlow.synthesis.meta.model import Block, MetaFit, fit_meta

if TYPE_CHECKING:
    from howlow.analysis.fitting.fits import Vector

#: Fewer trials than this are pooled, but the row says that they are few.
FEW_TRIALS = 5


@dataclass(frozen=True)
class Pool:
    """A pooled effect: the fit of its mean, and the effects it was fitted to, one a block."""

    fit: MetaFit
    blocks: tuple[Block, ...]

    @cached_property
    def mean(self) -> Combination:
        """The mean over trials, by t on k - 1 degrees of freedom."""
        return self.fit.combine(np.ones(1), cautious=False)

    @cached_property
    def cautious(self) -> Combination:
        """The mean with a standard error that is never below that without Hartung and Knapp."""
        return self.fit.combine(np.ones(1), cautious=True)

    @property
    def tau2(self) -> float:
        """Variance between trials."""
        return self.fit.tau2

    @property
    def k(self) -> int:
        """Number of trials."""
        return self.fit.trials

    @property
    def converged(self) -> bool:
        """Whether the variance between trials converged."""
        return self.fit.converged

    def heterogeneity(self, level: float = 0.95) -> Heterogeneity:
        """How much trials differ, tau2 with its interval of that level."""
        return heterogeneity(self.blocks, self.fit, level)

    @property
    def prediction(self) -> Combination:
        """The effect in a new trial, by t on k - 1 degrees of freedom.

        Higgins et al. 2009, J R Stat Soc A 172:137; from the cautious standard error, so that its
        interval is never narrower than that of the mean that stands beside it.
        """
        spread = float(np.hypot(self.cautious.se, np.sqrt(self.tau2)))
        return Combination(self.mean.estimate, spread, self.mean.df)


def pool(effects: Vector, variances: Vector) -> Pool:
    """Pool k effects with known sampling variances, both of shape (k,).

    Raises
    ------
    DesignError
        If there are fewer than two effects, or a variance is not positive.
    """
    if len(effects) < 2:
        raise DesignError(f"{len(effects)} trial cannot be pooled")
    if not (variances > 0).all():
        raise DesignError("a sampling variance is not positive")
    one = np.ones((1, 1))
    blocks = tuple(
        Block(str(k), effects[k : k + 1], variances[k : k + 1, None], one, one)
        for k in range(len(effects))
    )
    return Pool(fit_meta(blocks), blocks)
