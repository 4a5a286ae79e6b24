"""Which rows of a trial may speak to a claim, and which of them is wanted most."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from howlow.config.claim_rules import Rule, within
from howlow.config.claims import Claim
from howlow.data.declaration import Declaration
from howlow.synthesis.placing import position

if TYPE_CHECKING:
    from howlow.synthesis.material import Material

_TIERS = ("primary", "secondary", "described")
_SCALES = ("raw", "log_ratio")
_SELECTIVE = "selective print"


@dataclass(frozen=True)
class Sought:
    """What is sought in a trial: the number that a claim's rule names, for one construct."""

    material: Material
    claim: Claim
    rule: Rule
    construct: str
    trial: Declaration

    @property
    def all_rows(self) -> list[dict[str, Any]]:
        """Every row of the trial in the table of estimates."""
        return self.material.estimates.get(self.trial.id, [])

    def rows(self) -> Iterator[dict[str, Any]]:
        """Rows on the construct in the phase and the weeks of the claim."""
        placing = self.material.placing(self.trial.id)
        for row in self.all_rows:
            if row["construct"] != self.construct or row["tier"] not in _TIERS:
                continue
            in_phase = row["scale"] in _SCALES and (
                placing.phase(row["outcome"], row["at"]) in self.claim.phases
            )
            if in_phase and self.in_time(placing.weeks(row["outcome"], row["at"])):
                yield row

    def in_time(self, weeks: float) -> bool:
        """Whether a number of weeks is one that the claim is about."""
        return self.claim.weeks is None or within(weeks, self.claim.weeks)

    def rank(self, row: dict[str, Any], named: tuple[str, ...] = ()) -> tuple[float, ...]:
        """Sort key of a row: smaller is wanted more; never by its size or P."""
        placing = self.material.placing(self.trial.id)
        *what, minus_weeks = placing.preference(row["outcome"], row["at"])
        return (
            float(row["scale"] == "raw"),
            float(row["tier"] == "described"),
            *what,
            minus_weeks if self.rule.time == "last" else -minus_weeks,
            position(row["contrast"], named),
        )

    def cautions(self, row: dict[str, Any]) -> str:
        """What a row rests on: its assumptions, and whether a page prints what differed."""
        behind = self.material.placing(self.trial.id).behind(row["outcome"], row["at"])
        words = [row["assumed"]] if row["assumed"] else []
        if _SELECTIVE not in row["assumed"] and any(_SELECTIVE in one.caution for one in behind):
            words.append(_SELECTIVE)
        return "; ".join(words)

    def better(self, outcome: str) -> float:
        """1 where more is better, -1 where less is."""
        return -1.0 if self.trial.outcomes[outcome].higher_is == "worse" else 1.0

    @property
    def turned(self) -> float:
        """-1 where the first arm is taken off the second."""
        return -1.0 if self.rule.order == "second - first" else 1.0
