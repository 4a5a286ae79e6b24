"""Trials of known doses and a known curve, for tests of curves and steps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from howlow.config.trial import Arm, Population
from howlow.data.declaration import Declaration
from howlow.synthesis.arms import TrialArms


def declared(name: str, arms: Mapping[str, Arm], design: str = "parallel") -> Declaration:
    """A trial of which only the arms matter."""
    blank: dict[str, Any] = dict.fromkeys(
        ("collection", "link", "primary_outcome", "start", "read_in", "note"), ""
    )
    return Declaration(
        id=name,
        kind="summary",
        cite=f"{name.title()} (simulated)",
        design=design,
        randomised="yes",
        limb_pairs=False,
        independent_limbs=False,
        simulated=False,
        population=Population(description="Simulated people"),
        arms=dict(arms),
        contrasts=(),
        outcomes={},
        weeks={},
        phases={},
        labels={},
        at=(),
        **blank,
    )


def trial(
    name: str,
    arms: Mapping[str, Arm],
    gains: Sequence[float],
    spread: float | Sequence[float] | np.ndarray = 0.03,
    *,
    construct: str = "strength",
    n: float = 12.0,
    design: str = "parallel",
    assumed: str = "",
) -> TrialArms:
    """One trial's arms with these gains; `spread`: standard errors or a covariance matrix."""
    errors = np.asarray(spread, dtype=float)
    covariance = errors if errors.ndim == 2 else np.diag(np.full(len(arms), 1.0) * errors**2)
    return TrialArms(
        trial=declared(name, arms, design),
        construct=construct,
        outcome="outcome",
        at="week_12",
        weeks=12.0,
        names=tuple(arms),
        gains=np.array(gains, dtype=float),
        covariance=covariance,
        n=np.full(len(arms), n),
        assumed=assumed,
    )


def sessions(*counts: float, **dose: Any) -> dict[str, Arm]:
    """Arms with these sessions a week, all else alike."""
    return {
        f"per_week_{count:g}": Arm(
            label=f"{count:g} a week", sessions_per_week=count, **(dose if count else {})
        )
        for count in counts
    }


def loads(*shares: float, **dose: Any) -> dict[str, Arm]:
    """Arms at these loads (% 1RM), all else alike."""
    return {
        f"load_{share:g}": Arm(label=f"{share:g} %", load_pct_1rm=(share, share), **dose)
        for share in shares
    }


def sets(*counts: float, **dose: Any) -> dict[str, Arm]:
    """Arms with these sets a week in three sessions; zero is no training."""
    return {
        f"sets_{count:g}": Arm(
            label=f"{count:g} sets",
            sets_per_week=count,
            sessions_per_week=3.0 if count else 0.0,
            **dose,
        )
        for count in counts
    }


def simulated(
    designs: Sequence[Mapping[str, Arm]],
    truth: Callable[[Arm], float],
    rng: np.random.Generator,
    *,
    tau: float = 0.03,
    error: float = 0.03,
    construct: str = "strength",
) -> list[TrialArms]:
    """Trials with these arms: the true gain, a shift of the trial, heterogeneity and error.

    Heterogeneity is drawn for each arm with variance tau2 / 2, so that contrasts of one trial have
    variance tau2 and share half of it.
    """
    found = []
    for position, arms in enumerate(designs):
        means = np.array([truth(arm) for arm in arms.values()]) + rng.normal(0, 0.1)
        noise = rng.normal(0, tau / np.sqrt(2), len(means)) + rng.normal(0, error, len(means))
        found.append(
            trial(f"trial-{position + 1}", arms, means + noise, error, construct=construct)
        )
    return found
