"""Doses: which loads are light or heavy, and which of two arms has the higher dose."""

from __future__ import annotations

from howlow.config.settings import Config
from howlow.config.trial import Arm


def dose_class(arm: Arm, config: Config) -> str:
    """Light, moderate, heavy, restricted or unknown; a range counts by its midpoint."""
    light, heavy = config.dose_classes.light, config.dose_classes.heavy
    if arm.blood_flow_restriction:
        return "restricted"
    if arm.load_pct_1rm is not None:
        load = sum(arm.load_pct_1rm) / 2
        if load <= light.max_pct_1rm:
            return "light"
        return "heavy" if load >= heavy.min_pct_1rm else "moderate"
    if arm.rm is not None:
        maximum = sum(arm.rm) / 2
        if maximum >= light.min_rm:
            return "light"
        return "heavy" if maximum <= heavy.max_rm else "moderate"
    return "unknown"


def higher_dose_first(question: str, first: Arm, second: Arm) -> bool:
    """Whether the first arm has the higher dose of what a question is about."""
    doses = {
        "load": (_load(first), _load(second)),
        "frequency": (first.sessions_per_week, second.sessions_per_week),
        "volume": (_sets(first), _sets(second)),
        "failure": (first.to_failure, second.to_failure),
    }
    one, other = doses.get(question, (None, None))
    return one is not None and other is not None and float(one) > float(other)


def _sets(arm: Arm) -> float | None:
    """Sets a week where they are printed, else sets an exercise."""
    if arm.sets_per_week is not None:
        return arm.sets_per_week
    return None if arm.sets is None else sum(arm.sets) / 2


def _load(arm: Arm) -> float | None:
    """Something that rises with the load: % 1RM, or minus the repetitions to failure."""
    if arm.load_pct_1rm is not None:
        return sum(arm.load_pct_1rm) / 2
    return None if arm.rm is None else -sum(arm.rm) / 2
