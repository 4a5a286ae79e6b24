"""What a forest plot holds: effects, those that are described only, and the mean over trials."""

from __future__ import annotations

import math
from dataclasses import dataclass

from howlow.analysis.rounding import percent_with_interval, with_interval
from howlow.present.questions import CHANGES


@dataclass(frozen=True)
class Effect:
    """One row: a log ratio of means, with its interval or (described) without."""

    estimate_id: str
    cite: str
    label: str
    weeks: float
    n: float
    estimate: float
    low: float
    high: float
    weight: float
    pooled: bool
    marks: str
    #: The interval that a spread borrowed from other trials gives, and what was borrowed.
    borrowed_low: float = math.nan
    borrowed_high: float = math.nan
    borrowed: str = ""

    @property
    def described(self) -> bool:
        """Whether no spread is printed, so that there is no interval."""
        return not math.isfinite(self.low)

    @property
    def is_borrowed(self) -> bool:
        """Whether a borrowed spread gives the interval that is not printed."""
        return self.described and math.isfinite(self.borrowed_low)

    @property
    def limits(self) -> tuple[float, float]:
        """The interval that is drawn: its own, else the borrowed one, else not a number."""
        return (self.borrowed_low, self.borrowed_high) if self.described else (self.low, self.high)


@dataclass(frozen=True)
class Beside:
    """Another way to the mean over trials, as log ratio (or in per cent, on a scale of its own)."""

    estimate_id: str
    words: str
    estimate: float
    low: float
    high: float
    participants: float
    own_scale: bool = False

    @property
    def numbers(self) -> str:
        """Estimate and interval in per cent."""
        if self.own_scale:
            return with_interval(self.estimate, self.low, self.high, 1)
        return percent_with_interval(self.estimate, self.low, self.high)


@dataclass(frozen=True)
class Pooled:
    """The mean over trials by its widest interval, and the one that is not widened beside it.

    An interval is widened where trials agree by chance. `prediction` is for a new trial.
    """

    estimate_id: str
    at: str
    estimate: float
    low: float
    high: float
    unwidened_id: str
    unwidened: tuple[float, float] | None
    prediction: tuple[float, float] | None
    studies: int
    participants: float
    judged: str
    beside: tuple[Beside, ...] = ()


@dataclass(frozen=True)
class ForestFigure:
    """All effects on one construct that speak to one question."""

    stem: str
    question: str
    construct: str
    construct_label: str
    margin_pct: float | None
    level: float
    effects: tuple[Effect, ...]
    described: tuple[Effect, ...]
    pooled: tuple[Pooled, ...]
    assumptions: tuple[tuple[str, str], ...]
    reasons: tuple[str, ...]

    @property
    def over_time(self) -> bool:
        """Whether rows are changes of one arm, not contrasts between two."""
        return self.question in CHANGES

    @property
    def margin(self) -> float | None:
        """The margin as a log ratio."""
        return None if self.margin_pct is None else math.log1p(self.margin_pct / 100)

    @property
    def estimate_ids(self) -> tuple[str, ...]:
        """Every estimate that is drawn."""
        ids = [row.estimate_id for row in (*self.effects, *self.described)]
        for row in self.pooled:
            ids += [row.estimate_id, *([row.unwidened_id] if row.unwidened_id else [])]
            ids += [other.estimate_id for other in row.beside]
        return tuple(ids)
