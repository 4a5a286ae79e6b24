"""Contrasts between arms that are known by their doses alone."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

from howlow.config.summaries import TRAINING
from howlow.config.trial import Arm

#: What tells two arms apart, and the question that it asks.
_DOSES: dict[str, Callable[[Arm], float | None]] = {
    "load": lambda arm: sum(arm.load_pct_1rm) / 2 if arm.load_pct_1rm else _by_repetitions(arm),
    "frequency": lambda arm: arm.sessions_per_week,
    "volume": lambda arm: sum(arm.sets) / 2 if arm.sets else None,
    "failure": lambda arm: None if arm.to_failure is None else float(arm.to_failure),
}


def _by_repetitions(arm: Arm) -> float | None:
    """A load told as repetitions to failure: below zero, and rising with the load."""
    return -sum(arm.rm) / 2 if arm.rm else None


def contrasts(arms: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Each arm that trained against the one that did not, and arms that differ in one dose only.

    The lower dose stands first. Arms that differ in two doses, or in one that is known for one of
    them only, are not set against each other: what made the difference could not be told.
    """
    made = {name: Arm.model_validate_json(json.dumps(arm)) for name, arm in arms.items()}
    idle = [name for name, arm in made.items() if arm.sessions_per_week == 0]
    trained = [name for name in made if name not in idle]
    for name in trained if idle else []:
        yield {"contrast": f"{name} - {idle[0]}", "question": TRAINING}
    for first, second in itertools.combinations(trained, 2):
        doses = {
            question: (dose(made[first]), dose(made[second])) for question, dose in _DOSES.items()
        }
        unlike = [question for question, pair in doses.items() if pair[0] != pair[1]]
        low, high = doses[unlike[0]] if len(unlike) == 1 else (None, None)
        if low is None or high is None or low * high < 0:
            continue  # below zero: one load in repetitions, the other in % 1RM
        pair = (first, second) if low < high else (second, first)
        yield {"contrast": " - ".join(pair), "question": unlike[0]}
