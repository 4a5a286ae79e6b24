"""Whom an estimand counts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from howlow.analysis.estimand.cards import Card
    from howlow.analysis.fitting.cohort import Cohort, Positions
    from howlow.config.trial import Estimand


def population(
    cohort: Cohort,
    meant: Card | Estimand,
    compared: Sequence[str],
    per_protocol: Positions | None = None,
) -> Cohort:
    """The participants whom an estimand counts; completers were seen at all visits compared."""
    chosen = cohort
    if meant.missed_sessions == "per_protocol" and per_protocol is not None:
        chosen = chosen.of_people(per_protocol)
    if meant.drop_out == "completers" and set(compared) <= set(chosen.visits):
        whole = chosen.complete((chosen.visits[0], *compared))
        chosen = chosen.of_people(chosen.people[whole])
    return chosen
