"""How large a trial would settle a question: from the spread that trials of a construct have."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, log1p, sqrt
from statistics import median
from typing import TYPE_CHECKING

from howlow.analysis.sample_size import Observed, n_for_difference, n_for_equivalence

if TYPE_CHECKING:
    from howlow.synthesis.material import Material


#: Fewer arms tell no typical spread.
FEWEST_ARMS = 3


@dataclass(frozen=True)
class Spread:
    """Standard deviation of people's log-ratio change: the median over `arms` arms."""

    sd: float
    arms: int


def spread_of(material: Material, construct: str) -> Spread | None:
    """The typical spread of change in a construct, or None where no arm tells one.

    Each arm's is the standard error of its mean change, as a log ratio, times the root of n; over
    its outcomes and visits the median. Fewer than three arms tell none.
    """
    arms: dict[tuple[str, str], list[float]] = {}
    for trial in material.real:
        for row in material.estimates.get(trial.id, []):
            if (
                (row["construct"], row["scale"], row["method"])
                == (construct, "log_ratio", "change")
                and row["contrast"].startswith("mean(")
                and row["se"] > 0
                and row["n_participants"] > 1
            ):
                sd = row["se"] * sqrt(row["n_participants"])
                arms.setdefault((trial.id, row["contrast"]), []).append(sd)
    if len(arms) < FEWEST_ARMS:
        return None
    return Spread(median(median(sds) for sds in arms.values()), len(arms))


def needed_per_arm(material: Material, construct: str) -> int | None:
    """Participants an arm with which one trial of two arms would settle a question alone.

    The larger of the number that shows a difference of the margin and the number that shows
    equivalence of arms that are alike, with the declared power; None where no spread or margin is
    known, or no trial is large enough.
    """
    config = material.config
    percent, spread = config.constructs[construct].margin_pct, spread_of(material, construct)
    if percent is None or spread is None:
        return None
    margin, alpha, power = log1p(percent / 100), config.alpha, config.planning.power
    # ASSUME: analysed as changes; an analysis that uses the baseline needs no more.
    observed = Observed(se=spread.sd * sqrt(2.0), df=inf, n=1.0)
    apart = n_for_difference(observed, margin, power, alpha)
    alike = n_for_equivalence(observed, margin, power, alpha)
    return None if apart is None or alike is None else max(apart, alike)
