"""Which number of each trial speaks to a claim: one for a trial and a construct.

By what is declared (question, arms, phase, weeks, ages) and the declared order of preference, never
by size or P. A number comes from the declared contrast where there is one; where the arms that a
claim needs were set against something else, or more than two are needed, from the arms of the trial
that were fitted together.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from howlow.config.claims import Claim
from howlow.data.declaration import Declaration
from howlow.synthesis.claims.arm_sums import arm_sum
from howlow.synthesis.claims.candidates import Sought
from howlow.synthesis.claims.declared import declared_number
from howlow.synthesis.claims.numbers import TrialNumber
from howlow.synthesis.claims.over_time import change_number

if TYPE_CHECKING:
    from howlow.synthesis.arms import TrialArms
    from howlow.synthesis.evidence import Effect
    from howlow.synthesis.material import Material

#: Of recovery, what is still missing after it is judged.
_CHANGES = {"recovery": "deficit"}


@dataclass(frozen=True)
class Selection:
    """The numbers of all trials for the claims; simulated and ongoing trials have none."""

    material: Material
    _arms: dict[str, list[TrialArms]] = field(default_factory=dict)

    def numbers(self, claim: Claim, construct: str) -> tuple[TrialNumber, ...]:
        """One number for each trial that speaks to a part of a claim, in the order of the data."""
        if claim.rule is None:
            return ()
        over_time = claim.rule.number in ("change", "ages")
        found = self._changes if over_time else self._between_arms
        return tuple(found(claim, construct))

    def _between_arms(self, claim: Claim, construct: str) -> Iterator[TrialNumber]:
        """Numbers that set arms against each other."""
        for trial in self.material.real:
            if claim.rule is None or trial.randomised == "no" or not _of_age(trial, claim):
                continue
            sought = Sought(self.material, claim, claim.rule, construct, trial)
            number = declared_number(sought) if claim.rule.number == "contrast" else None
            if number is None and claim.arms:
                number = arm_sum(sought, self._arms_as)
            if number is not None:
                yield number

    def _changes(self, claim: Claim, construct: str) -> Iterator[TrialNumber]:
        """What happened over time to those of each trial who did not train."""
        question = _CHANGES.get(str(claim.question), claim.question)
        groups: dict[str, list[Effect]] = {}
        for effect in self.material.effects:
            if (effect.question, effect.construct) == (question, construct):
                groups.setdefault(effect.study, []).append(effect)
        for trial in self.material.real:
            if claim.rule is None or not _of_age(trial, claim):
                continue
            sought = Sought(self.material, claim, claim.rule, construct, trial)
            mine = [one for one in groups.get(trial.id, []) if sought.in_time(one.weeks)]
            if mine:
                yield change_number(sought, mine)

    def _arms_as(self, reading: str) -> list[TrialArms]:
        """The arms under a reading of the pages; each is read once."""
        if reading not in self._arms:
            material = self.material
            self._arms[reading] = material.arms_as(reading) if reading else material.arms
        return self._arms[reading]


def _of_age(trial: Declaration, claim: Claim) -> bool:
    """Whether a trial's people are of the ages a claim is about; children are of none."""
    age = trial.population.age
    return age != "children" and (not claim.ages or age in claim.ages)
