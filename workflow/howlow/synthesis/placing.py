"""Where an estimate of a trial stands: its time, its phase, and its place in the declared order."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from howlow.config.settings import Config
from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow


@dataclass(frozen=True)
class Placing:
    """A trial with the rows that its paper prints (none for individual data)."""

    trial: Declaration
    printed: list[PrintedRow]
    config: Config

    def behind(self, outcome: str, at: str) -> list[PrintedRow]:
        """The printed rows behind an outcome at a visit (none for individual data)."""
        return [
            row
            for row in self.printed
            if (row.outcome, row.visit) == (outcome, visit_of(at)) and row.use != "left out"
        ]

    def phase(self, outcome: str, at: str) -> str:
        """The phase that a visit belongs to."""
        if self.trial.phases:
            return self.trial.phases[visit_of(at)]
        behind = self.behind(outcome, at)
        return behind[0].phase if behind else ""

    def weeks(self, outcome: str, at: str) -> float:
        """Weeks from the start of the phase; 0 where they are not printed."""
        if self.trial.weeks:
            return self.trial.weeks[visit_of(at)]
        known = [row.weeks for row in self.behind(outcome, at)]
        return max((weeks for weeks in known if not isnan(weeks)), default=0.0)

    def preference(self, outcome: str, at: str) -> tuple[float, ...]:
        """Sort key: body region, kind of measurement, the longest time; smaller is wanted more."""
        declared, order = self.trial.outcomes[outcome], self.config.preference
        return (
            position(declared.region, order.regions),
            position(declared.measure, order.measures),
            -self.weeks(outcome, at),
        )


def position(word: str, order: tuple[str, ...]) -> float:
    """Place in a declared order; words that are not named come last."""
    return float(order.index(word)) if word in order else float(len(order))


def visit_of(at: str) -> str:
    """The visit of a row, without what it is counted from."""
    return at.split(" - ")[0]
