"""Whether trials of different designs agree: the design-by-treatment interaction.

A design is the set of nodes that a trial compares. Cochran's Q of the network under a common effect
is the sum of what differs between trials of one design and of what differs between designs (Krahn,
Binder & Koenig 2013, BMC Med Res Methodol 13:35). With random effects every design gets effects of
its own, and a Wald test asks whether these are differences of one set of effects (Higgins et al.
2012, Res Synth Methods 3:98; White et al. 2012, Res Synth Methods 3:111).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.synthesis.meta.model import fit_meta
from howlow.synthesis.network.fitting import fit_network, node_design, trial_block
from howlow.synthesis.network.nodes import TrialNodes, ladder

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix, Vector

Design = tuple[str, ...]


@dataclass(frozen=True)
class QStatistic:
    """A Q statistic with its degrees of freedom."""

    q: float
    df: int

    @property
    def p(self) -> float | None:
        """P by the chi-squared distribution; None without degrees of freedom."""
        from scipy.special import chdtrc

        return float(chdtrc(self.df, max(self.q, 0.0))) if self.df else None


@dataclass(frozen=True)
class Consistency:
    """The parts of Q, and the test of consistency under random effects.

    Attributes
    ----------
    total, within, between
        Cochran's Q under a common effect: of the network, within designs, between designs.
    designs
        Q within each design, with its trials; designs of one trial have no degrees of freedom.
    interaction
        Wald statistic of the interaction under random effects; None where designs cannot disagree
        (no closed loop) or none was tried twice (tau2 cannot be told from inconsistency).
    tau2
        Between-trial variance within designs; None without `interaction`.
    """

    total: QStatistic
    within: QStatistic
    between: QStatistic
    designs: dict[Design, tuple[int, QStatistic]]
    interaction: QStatistic | None
    tau2: float | None

    def rejected(self, alpha: float) -> bool:
        """Whether trials of different designs disagree at a level such as 0.05."""
        p = self.interaction.p if self.interaction else None
        return p is not None and p < alpha

    def sentence(self, alpha: float) -> str:
        """What the test says, or why there is none."""
        if not self.between.df:
            return "Nothing to test: no closed loop of comparisons by different trials."
        if self.interaction is None:
            return (
                "Nothing to test: no design was tried twice, so that trials that differ cannot be "
                "told from designs that disagree."
            )
        if self.rejected(alpha):
            return "Trials of different designs disagree: direct and indirect evidence conflict."
        return (
            "No sign that trials of different designs disagree; with few trials the test finds "
            "little."
        )


def check_consistency(trials: Sequence[TrialNodes]) -> Consistency:
    """Decompose Q and test the design-by-treatment interaction of connected trials.

    Raises
    ------
    DesignError
        If the trials are not connected, or make no more comparisons than there are effects.
    """
    designs = _by_design(trials)
    network = fit_network(trials, "common").fit
    total = QStatistic(network.q, network.df)
    parts = {design: (len(members), _within_design(members)) for design, members in designs.items()}
    within = QStatistic(
        sum(part.q for _, part in parts.values()), sum(part.df for _, part in parts.values())
    )
    between = QStatistic(max(0.0, total.q - within.q), total.df - within.df)
    interaction, tau2 = None, None
    if between.df and within.df:
        tau2, statistic = _interaction(designs)
        interaction = QStatistic(statistic, between.df)
    return Consistency(total, within, between, parts, interaction, tau2)


def _by_design(trials: Sequence[TrialNodes]) -> dict[Design, list[TrialNodes]]:
    """Trials by the nodes that they compare, in ladder order."""
    found: dict[Design, list[TrialNodes]] = {}
    for trial in trials:
        found.setdefault(trial.nodes, []).append(trial)
    ordered = sorted(found, key=lambda design: tuple(ladder(node) for node in design))
    return {design: found[design] for design in ordered}


def _within_design(members: Sequence[TrialNodes]) -> QStatistic:
    """Q of trials of one design around their own common effects."""
    width = len(members[0].nodes) - 1
    if len(members) < 2:
        return QStatistic(0.0, 0)
    fit = fit_meta([trial_block(trial, np.eye(width)) for trial in members], "common")
    return QStatistic(fit.q, fit.df)


def _interaction(designs: dict[Design, list[TrialNodes]]) -> tuple[float, float]:
    """Tau2 of the model with effects for every design, and the Wald statistic of consistency."""
    widths = [len(design) - 1 for design in designs]
    starts = np.concatenate([[0], np.cumsum(widths)])
    nodes = sorted({node for design in designs for node in design}, key=ladder)
    blocks, shared = [], []
    for start, width, members in zip(starts, widths, designs.values(), strict=False):
        own = np.zeros((width, starts[-1]))
        own[:, start : start + width] = np.eye(width)
        blocks += [trial_block(trial, own) for trial in members]
        shared.append(node_design(members[0], nodes))
    fit = fit_meta(blocks)
    return fit.tau2, _distance(fit.coefficients, fit.covariance, np.concatenate(shared))


def _distance(effects: Vector, covariance: Matrix, design: Matrix) -> float:
    """The weighted squared distance of effects from what a design can fit."""
    solved = np.linalg.solve(covariance, np.column_stack([design, effects]))
    fitted = np.linalg.solve(design.T @ solved[:, :-1], design.T @ solved[:, -1])
    rest = effects - design @ fitted
    return float(rest @ np.linalg.solve(covariance, rest))
