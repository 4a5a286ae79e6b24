"""How sure it is that one prescription brings more than the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix, Vector


def p_scores(differences: Matrix, errors: Matrix, df: float = np.inf) -> Vector:
    """The P-score of each node: the mean certainty that it brings more than another.

    A node's one-sided confidence that its effect is larger, averaged over the other nodes: 1 is
    surely the best, 0 surely the worst (Ruecker & Schwarzer 2015, BMC Med Res Methodol 15:58, who
    use the normal distribution: `df` infinite). It says nothing of how large differences are.

    Parameters
    ----------
    differences, errors
        Row's node less column's, and standard errors, (nodes, nodes) each; more is better.
    """
    from scipy.special import stdtr

    count = len(differences)
    other = ~np.eye(count, dtype=bool)
    certainty = stdtr(df, differences[other] / errors[other])
    scores: Vector = certainty.reshape(count, count - 1).mean(axis=1)
    return scores
