"""Doses: which loads are light or heavy, and which of two arms has the higher dose."""

from __future__ import annotations

from itertools import pairwise

from howlow.config.settings import Config, Part
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


def load_of(arm: Arm, config: Config) -> float | None:
    """Load in % 1RM: as printed (a range by its midpoint), else from RM by the declared table.

    None where neither is printed, or the RM lies beyond the table.
    """
    if arm.load_pct_1rm is not None:
        return sum(arm.load_pct_1rm) / 2
    if arm.rm is None or config.rm_table is None:
        return None
    maximum = sum(arm.rm) / 2
    rows = sorted(config.rm_table.pct_1rm.items())
    for (fewer, high), (more, low) in pairwise(rows):
        if fewer <= maximum <= more:
            return high + (low - high) * (maximum - fewer) / (more - fewer)
    return None


def session_class(arm: Arm, config: Config) -> int | None:
    """0, 1, 2 or 3 sessions a week; None where they are not printed."""
    sessions, classes = arm.sessions_per_week, config.dose_classes.sessions
    if sessions is None or sessions == 0:
        return None if sessions is None else 0
    if sessions < classes.once_below:
        return 1
    return 2 if sessions < classes.twice_below else 3


def weekly_sets(arm: Arm) -> float | None:
    """Sets a week for the muscle measured: as printed, else sets an exercise times sessions."""
    if arm.sessions_per_week == 0:
        return 0.0
    if arm.sets_per_week is not None:
        return arm.sets_per_week
    if arm.sets is None or arm.sessions_per_week is None:
        return None
    # ASSUME: one exercise for the muscle measured, where sets a week are not printed.
    return sum(arm.sets) / 2 * arm.sessions_per_week


#: The prescription of an arm that does not train.
NO_TRAINING = "no training"


def prescription(arm: Arm, config: Config, parts: tuple[Part, ...]) -> str | None:
    """The dose of an arm in words such as `heavy 3 multiple`, or `no training`.

    None where a part is not printed, or the load is neither light nor heavy.
    """
    if arm.sessions_per_week == 0:
        return NO_TRAINING
    load, sessions = dose_class(arm, config), session_class(arm, config)
    sets = None if arm.sets is None else sum(arm.sets) / 2
    words = {
        "load": load if load in ("light", "heavy") else None,
        "sessions": None if sessions is None else str(sessions),
        "sets": None
        if sets is None
        else "single"
        if sets <= config.dose_classes.single_set_max
        else "multiple",
    }
    found = [words[part] for part in parts]
    return None if None in found else " ".join(str(word) for word in found)


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
