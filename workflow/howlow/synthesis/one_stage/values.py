"""The values of each trial before and after, as the one-stage model takes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.units import units
from howlow.config.trial import sides
from howlow.data.measurements import read_measurements, read_participants
from howlow.errors import DesignError
from howlow.synthesis.one_stage.model import TrialValues

if TYPE_CHECKING:
    import pandas as pd

    from howlow.analysis.fitting.cohort import Flags, Pairs, Positions
    from howlow.analysis.units import Unit
    from howlow.synthesis.evidence import Effect
    from howlow.synthesis.material import Material


@dataclass(frozen=True)
class Values:
    """The measurements behind the effects of a material; each table is read once."""

    material: Material
    tables: dict[Path, pd.DataFrame] = field(default_factory=dict, repr=False)

    def outcome(self, effect: Effect) -> str:
        """The outcome that an effect is of."""
        mine = self.material.estimates[effect.study]
        return next(str(row["outcome"]) for row in mine if row["estimate_id"] == effect.estimate_id)

    def measure(self, effect: Effect) -> str:
        """The kind of measurement that an effect is of."""
        return self.material.trials[effect.study].outcomes[self.outcome(effect)].measure

    def of(self, effect: Effect) -> TrialValues:
        """The values of the two arms of an effect, in per cent of their common mean before.

        Where a page prints changes in per cent of the start alone, those, without values before.
        Turned as the effect is: more is better, the first-named arm is the treated one. Of limbs
        the differences between those of one person.

        Raises
        ------
        DesignError
            If the trial has neither values before and after nor changes in per cent.
        """
        trial = self.material.trials[effect.study]
        first, second = sides(effect.contrast)
        unit = self._unit(effect)
        pairs = unit.pairs(effect.at).of_arms((first, second))
        if set(pairs.arms) != {first, second}:
            raise DesignError("an arm without values before and after")
        level = float(pairs.pre.mean()) if unit.has_levels else 100.0
        if level <= 0:
            raise DesignError("a mean before that is not positive")
        turn = -1.0 if trial.outcomes[unit.outcome].higher_is == "worse" else 1.0
        treated = pairs.arm == pairs.arms.index(first)
        before, after = turn * 100 / level * pairs.pre[0], turn * 100 / level * pairs.post
        who = treated.astype(float)
        if trial.limb_pairs:
            one, other = _limbs(pairs, treated)
            before, after = before[one] - before[other], after[:, one] - after[:, other]
            who = np.ones(len(before))
        known = before if unit.has_levels else None
        return TrialValues(effect.study, who, known, after, paired=trial.limb_pairs)

    def _unit(self, effect: Effect) -> Unit:
        """The outcome behind an effect, in the main reading, as its trial was analysed."""
        trial, outcome = self.material.trials[effect.study], self.outcome(effect)
        if trial.design == "crossover":
            raise DesignError("a crossover")
        rows = self._measured(effect.study)
        rows = rows[(rows["outcome"] == outcome) & (rows["variant"] == "")]
        if not len(rows):
            raise DesignError("a difference only")
        people = None
        if trial.kind == "participants":
            people = read_participants(self.material.folders[effect.study] / "participants.csv")
        printed = self.material.printed.get(effect.study, [])
        estimand = trial.estimand or self.material.config.estimand
        for unit in units(trial, rows, printed, people, estimand):
            if effect.at in unit.at:
                if not unit.has_levels and trial.outcomes[outcome].unit != "%":
                    raise DesignError("changes in a unit of its own")
                return unit.counted(estimand)
        raise DesignError("no values at this visit")

    def _measured(self, study: str) -> pd.DataFrame:
        """The measurements of a trial."""
        folder = self.material.folders[study]
        if folder not in self.tables:
            self.tables[folder] = read_measurements(folder / "measurements.csv")
        table = self.tables[folder]
        return table[table["study"] == study]


def _limbs(pairs: Pairs, treated: Flags) -> tuple[Positions, Positions]:
    """Rows of the treated and of the other limb of each person who has one of each."""
    of_one = dict(zip(pairs.participant[treated].tolist(), np.flatnonzero(treated), strict=True))
    of_other = dict(
        zip(pairs.participant[~treated].tolist(), np.flatnonzero(~treated), strict=True)
    )
    both = sorted(of_one.keys() & of_other.keys())
    one, other = (
        np.array([rows[one] for one in both], dtype=np.intp) for rows in (of_one, of_other)
    )
    return one, other
