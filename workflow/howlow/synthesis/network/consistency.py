"""Whether trials of different designs agree: the design-by-treatment interaction.

A design is the set of nodes that a trial compares. Cochran's Q of the network under a common effect
is the sum of what differs between trials of one design and of what differs between designs (Krahn,
Binder & Koenig 2013, BMC Med Res Methodol 13:35). With random effects every design gets effects of
its own, and a test asks whether these are differences of one set of effects (Higgins et al. 2012,
Res Synth Methods 3:98; White et al. 2012, Res Synth Methods 3:111). Their Wald statistic is divided
by its degrees of freedom and by the Hartung-Knapp factor of that model and held against F (Jackson
& Riley 2014, Stat Med 33:3059): by chi-squared, as if tau2 were known, it rejects too often.
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
#: A factor this small is rounding: trials of each design agree wholly.
_NO_REST = 1e-9


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
class Interaction:
    """The test of the design-by-treatment interaction under random effects.

    Attributes
    ----------
    wald
        Weighted squared distance of the designs' own effects from one set of effects.
    df, rest_df
        Degrees of freedom of the interaction, and within designs.
    factor
        Hartung-Knapp factor of the model in which every design has effects of its own; it may lie
        below one, where the test would else find too little.
    tau2
        Between-trial variance within designs.
    """

    wald: float
    df: int
    factor: float
    rest_df: int
    tau2: float

    @property
    def f(self) -> float | None:
        """The F statistic; None where trials of each design agree wholly."""
        return self.wald / (self.df * self.factor) if self.factor > _NO_REST else None

    @property
    def p(self) -> float:
        """P by the F distribution; by chi-squared where there is no F."""
        from scipy.special import chdtrc, fdtrc

        if self.f is None:
            return float(chdtrc(self.df, self.wald))
        return float(fdtrc(self.df, self.rest_df, self.f))


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
        The test under random effects; None where designs cannot disagree (no closed loop) or none
        was tried twice (tau2 cannot be told from inconsistency).
    """

    total: QStatistic
    within: QStatistic
    between: QStatistic
    designs: dict[Design, tuple[int, QStatistic]]
    interaction: Interaction | None

    def rejected(self, alpha: float) -> bool:
        """Whether trials of different designs disagree at a level such as 0.05."""
        return self.interaction is not None and self.interaction.p < alpha

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
    interaction = _interaction(designs) if between.df and within.df else None
    return Consistency(total, within, between, parts, interaction)


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


def _interaction(designs: dict[Design, list[TrialNodes]]) -> Interaction:
    """The model with effects for every design, and how far these are from one set of effects."""
    widths = [len(design) - 1 for design in designs]
    starts = np.concatenate([[0], np.cumsum(widths)])
    nodes = sorted({node for design in designs for node in design}, key=ladder)
    blocks, shared = [], []
    for start, width, members in zip(starts, widths, designs.values(), strict=False):
        own = np.zeros((width, starts[-1]))
        own[:, start : start + width] = np.eye(width)
        blocks += [trial_block(trial, own) for trial in members]
        shared.append(node_design(members[0], nodes))
    fit, design = fit_meta(blocks), np.concatenate(shared)
    wald = _distance(fit.coefficients, fit.covariance, design)
    return Interaction(wald, design.shape[0] - design.shape[1], fit.factor, fit.df, fit.tau2)


def _distance(effects: Vector, covariance: Matrix, design: Matrix) -> float:
    """The weighted squared distance of effects from what a design can fit."""
    solved = np.linalg.solve(covariance, np.column_stack([design, effects]))
    fitted = np.linalg.solve(design.T @ solved[:, :-1], design.T @ solved[:, -1])
    rest = effects - design @ fitted
    return float(rest @ np.linalg.solve(covariance, rest))
