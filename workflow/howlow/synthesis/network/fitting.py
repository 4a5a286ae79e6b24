"""Network meta-analysis based on contrasts, with random effects.

Each trial's contrasts against one of its own arms, with their full sampling covariance, are
differences of the nodes' effects; heterogeneity is one variance tau2, shared by all comparisons,
with correlation 1/2 between contrasts of one trial (Lu & Ades 2004, Stat Med 23:3105; Higgins et
al. 2012, Res Synth Methods 3:98). The choice of the arm changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.synthesis.meta.model import Block, MetaFit, Method, fit_meta, several_arms
from howlow.synthesis.network.nodes import TrialNodes, ladder

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix


@dataclass(frozen=True)
class NetworkFit:
    """Effects of every node against the first, at a common tau2."""

    nodes: tuple[str, ...]
    fit: MetaFit

    def differences(self, *, cautious: bool = True) -> tuple[Matrix, Matrix]:
        """Every row's node less every column's, and standard errors: (nodes, nodes) each.

        `cautious` multiplies by the Hartung-Knapp factor where it is above one; else the errors are
        those of generalised least squares, as in netmeta and metafor's `rma.mv`.
        """
        values = np.concatenate([[0.0], self.fit.coefficients])
        known = self.fit.adjusted() if cautious else self.fit.covariance
        covariance = np.pad(known, (1, 0))
        own = np.diag(covariance)
        variances = own[:, None] + own[None, :] - 2 * covariance
        return values[:, None] - values[None, :], np.sqrt(np.maximum(variances, 0.0))

    def compare(self, first: str, second: str) -> Combination:
        """One node less another, cautious, by t with the fit's degrees of freedom."""
        weights = np.zeros(len(self.nodes))
        weights[self.nodes.index(first)] += 1.0
        weights[self.nodes.index(second)] -= 1.0
        return self.fit.combine(weights[1:])


def node_design(trial: TrialNodes, nodes: Sequence[str]) -> Matrix:
    """A trial's contrasts as differences of the nodes' effects, (contrasts, nodes - 1)."""
    columns = [list(nodes).index(node) for node in trial.nodes]
    full = np.zeros((len(columns) - 1, len(nodes)))
    full[:, columns] = trial.contrasts()
    return full[:, 1:]


def trial_block(trial: TrialNodes, design: Matrix) -> Block:
    """A trial's contrasts with their covariance and the given design."""
    weights = trial.contrasts()
    return Block(
        name=trial.study,
        effects=weights @ trial.gains,
        covariance=weights @ trial.covariance @ weights.T,
        design=design,
        pattern=several_arms(len(weights)),
    )


def fit_network(trials: Sequence[TrialNodes], method: Method = "reml") -> NetworkFit:
    """Fit the consistency model to trials that are connected.

    Raises
    ------
    DesignError
        If the trials are not connected, or make no more comparisons than there are effects.
    """
    nodes = tuple(sorted({node for trial in trials for node in trial.nodes}, key=ladder))
    blocks = [trial_block(trial, node_design(trial, nodes)) for trial in trials]
    return NetworkFit(nodes, fit_meta(blocks, method))


def pool_direct(
    trials: Sequence[TrialNodes], first: str, second: str
) -> tuple[int, Combination] | None:
    """The trials that compare two nodes within them: how many, and their pooled difference.

    A single trial stands for itself. None where there is no such trial.
    """
    blocks = []
    for trial in trials:
        if first in trial.nodes and second in trial.nodes:
            weights = np.array([float(node == first) - (node == second) for node in trial.nodes])
            effect, variance = weights @ trial.gains, weights @ trial.covariance @ weights
            one = np.ones((1, 1))
            blocks.append(Block(trial.study, np.array([effect]), variance * one, one, one))
    if not blocks:
        return None
    if len(blocks) == 1:
        error = float(np.sqrt(blocks[0].covariance[0, 0]))
        # ASSUME: one trial's sampling variance is known, so that its interval is normal.
        return 1, Combination(float(blocks[0].effects[0]), error, np.inf)
    return len(blocks), fit_meta(blocks).combine(np.ones(1))
