"""The exchange rate from heavy to light loads: what share of the heavy gain a light load brings.

Both gains are changes from before to after in the same trial (light_i and heavy_i, log ratios), so
the rate is one of changes, not of effects of training. Trials differ in how much everybody gains;
the rate takes each as it is:

    light_i = r heavy_i + u_i,   var(u_i) = tau2,   both gains observed with known error.

Trial i weighs by the inverse of the variance of light_i - r heavy_i, tau2 by REML; r is where the
weighted mean of light_i - r heavy_i is zero, and its interval the set of r for which that mean does
not differ from zero (Fieller 1954, J R Stat Soc B 16:175), with the Hartung-Knapp factor, at least
one, and trials - 1 degrees of freedom. A ratio of two pools would need the correlation between how
the heavy gain and the difference vary from trial to trial, which few trials cannot tell.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.analysis.questions.ratios import Ratio, fieller
from howlow.config.trial import sides
from howlow.synthesis.answer.sentences import share_record, share_words, trials
from howlow.synthesis.pooling import FEW_TRIALS, pool

if TYPE_CHECKING:
    from howlow.config.settings import Config
    from howlow.synthesis.evidence import Effect
    from howlow.synthesis.material import Material
    from howlow.synthesis.meta.model import Matrix, Vector

_MOST_STEPS = 100


@dataclass(frozen=True)
class TwoGains:
    """The changes of the light and the heavy arm of one trial.

    Attributes
    ----------
    gains, covariance
        Log ratios of after to before, light first, (2,), and their sampling covariance, (2, 2).
    df
        Smaller degrees of freedom of the two.
    """

    trial: str
    gains: Vector
    covariance: Matrix
    df: float


@dataclass(frozen=True)
class Exchange:
    """The exchange rate of a construct; `ratio` is None without a trial."""

    construct: str
    found: tuple[TwoGains, ...]
    ratio: Ratio | None
    config: Config

    def record(self) -> dict[str, Any]:
        """As it stands in answer.json; the rate is a share, 1 being alike."""
        none = {"estimate": None, "low": None, "high": None, "bounded": False}
        numbers = none if self.ratio is None else share_record(self.ratio)
        return (
            {"construct": self.construct, "trials": len(self.found)}
            | numbers
            | {"sentence": self.sentence}
        )

    @property
    def sentence(self) -> str:
        """The rate with its interval, how many trials, and what it is a rate of."""
        label = self.config.constructs[self.construct].label
        if self.ratio is None:
            return f"{label}: no trial prints the change under light and under heavy loads."
        less = sum(found.gains[0] < found.gains[1] for found in self.found)
        words = share_words(self.ratio, 1 - self.config.alpha, "the heavy gain")
        count = trials(len(self.found))
        few = ", too few for a verdict" if len(self.found) < FEW_TRIALS else ""
        return (
            f"{label}: light loads brought {words} of what heavy loads brought; less in {less} of "
            f"{count}{few}. This is a share of the change from before to after, not of the effect "
            "of training."
        )


def exchange_of(material: Material) -> list[Exchange]:
    """The exchange rate of each construct that is pooled."""
    config = material.config
    return [
        _exchange(construct, tuple(_found(material, construct)), config)
        for construct, declared in config.constructs.items()
        if declared.pooled
    ]


def exchange_rate(found: Sequence[TwoGains], level: float) -> Ratio:
    """The rate r with Fieller's set at a level such as 0.95.

    One trial has its own degrees of freedom.
    """
    gains = np.stack([one.gains for one in found])
    covariances = np.stack([one.covariance for one in found])
    rate = float(gains[:, 0].sum() / gains[:, 1].sum())
    for _ in range(_MOST_STEPS):
        tau2, factor, weights = _weigh(found, rate)
        light, heavy = weights @ gains
        previous, rate = rate, float(light / heavy)
        if abs(rate - previous) <= 1e-10 * (1 + abs(rate)):
            break
    squares = weights**2
    covariance = np.einsum("i,ijk->jk", squares, covariances)
    covariance[0, 0] += tau2 * squares.sum()
    df = len(found) - 1.0 if len(found) > 1 else found[0].df
    return fieller(
        np.array([light]), np.array([heavy]), factor * covariance[None], np.array([df]), level
    ).one()


def _weigh(found: Sequence[TwoGains], rate: float) -> tuple[float, float, Vector]:
    """Between-trial variance, Hartung-Knapp factor (at least one) and weights at a rate."""
    across = np.array([1.0, -rate])
    variances = np.array([across @ one.covariance @ across for one in found])
    if len(found) == 1:
        return 0.0, 1.0, np.ones(1)
    together = pool(np.array([across @ one.gains for one in found]), variances)
    weights = 1 / (variances + together.tau2)
    return together.tau2, max(1.0, together.fit.factor), weights / weights.sum()


def _exchange(construct: str, found: tuple[TwoGains, ...], config: Config) -> Exchange:
    """The exchange rate of one construct."""
    ratio = exchange_rate(found, 1 - config.alpha) if found else None
    return Exchange(construct, found, ratio, config)


def _found(material: Material, construct: str) -> Iterator[TwoGains]:
    """The two changes of each trial that the pool of the load question holds."""
    for effect in material.effects:
        if effect.question == "load" and effect.construct == construct and effect.pooled:
            gains = _two_gains(material, effect)
            if gains is not None:
                yield gains


def _two_gains(material: Material, effect: Effect) -> TwoGains | None:
    """The changes of the two arms of an effect; None where one has no spread."""
    rows = material.estimates[effect.study]
    contrast = next(row for row in rows if row["estimate_id"] == effect.estimate_id)
    trial = material.trials[effect.study]
    means = [
        row
        for row in rows
        if row["outcome"] == contrast["outcome"]
        and row["scale"] == "log_ratio"
        and row["method"] == "change"
        and row["at"].startswith(f"{effect.at} - ")
        and row["at"].endswith(trial.start)
        and row["se"] > 0
    ]
    by_arm = {row["contrast"]: row for row in reversed(means)}
    pair = [by_arm.get(f"mean({arm})") for arm in sides(effect.contrast)]
    if pair[0] is None or pair[1] is None:
        return None
    variances = np.array([pair[0]["se"], pair[1]["se"]]) ** 2
    shared = 0.0
    if trial.limb_pairs:
        # Two limbs of one person: var(light - heavy) tells what the two changes share, and no
        # more than their own spread allows.
        most = 0.99 * float(np.sqrt(variances.prod()))
        shared = float(np.clip((variances.sum() - contrast["se"] ** 2) / 2, -most, most))
    covariance = np.diag(variances) + shared * (1 - np.eye(2))
    gains = np.array([pair[0]["estimate"], pair[1]["estimate"]])
    return TwoGains(effect.study, gains, covariance, min(pair[0]["df"], pair[1]["df"]))
