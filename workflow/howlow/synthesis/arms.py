"""The arms of each trial that were fitted together: of these are curves, networks and ladders."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.relative_means import RELATIVE_COLUMNS
from howlow.config.settings import Config
from howlow.config.trial import Arm, sides
from howlow.data.declaration import Declaration
from howlow.data.measurements import read_table
from howlow.data.published.printed_rows import read_printed
from howlow.synthesis.placing import Placing

if TYPE_CHECKING:
    import pandas as pd

    from howlow.synthesis.meta.model import Matrix, Vector


@dataclass(frozen=True)
class TrialArms:
    """The arms of one trial for one construct: one outcome at one visit of the training phase.

    Attributes
    ----------
    names
        The arms, keys of `trial.arms`; at least two.
    gains, covariance
        Log ratio of each arm's mean to the common baseline mean, (arms,), turned so that more is
        better, and their sampling covariance, (arms, arms). Only differences between arms are to
        be used: the baseline is taken as known.
    n
        Participants or limbs of each arm.
    """

    trial: Declaration
    construct: str
    outcome: str
    at: str
    weeks: float
    names: tuple[str, ...]
    gains: Vector
    covariance: Matrix
    n: Vector
    assumed: str

    @property
    def doses(self) -> tuple[Arm, ...]:
        """What each arm did."""
        return tuple(self.trial.arms[name] for name in self.names)

    @property
    def tells(self) -> bool:
        """Whether its differences have a spread: values that are all alike leave none."""
        _, differences = self.against(0)
        smallest = float(np.linalg.eigvalsh(differences)[0])
        return smallest > _NO_SPREAD * float(np.abs(np.diag(self.covariance)).max())

    def keep(self, wanted: Iterable[int]) -> TrialArms:
        """Some of the arms, by their positions."""
        kept = list(wanted)
        return TrialArms(
            trial=self.trial,
            construct=self.construct,
            outcome=self.outcome,
            at=self.at,
            weeks=self.weeks,
            names=tuple(self.names[k] for k in kept),
            gains=self.gains[kept],
            covariance=self.covariance[np.ix_(kept, kept)],
            n=self.n[kept],
            assumed=self.assumed,
        )

    def against(self, reference: int) -> tuple[Vector, Matrix]:
        """Each other arm less the arm at that position, (arms - 1,), with their covariance."""
        others = [k for k in range(len(self.names)) if k != reference]
        weights = np.zeros((len(others), len(self.names)))
        weights[np.arange(len(others)), others] = 1.0
        weights[:, reference] = -1.0
        return weights @ self.gains, weights @ self.covariance @ weights.T


def trial_arms(
    folder: Path, trials: tuple[Declaration, ...], config: Config, *, reading: str = ""
) -> list[TrialArms]:
    """The arms of each trial of a study's results folder, one outcome and visit for a construct.

    Chosen as the evidence is, by the declared order; within the declared window of weeks of
    training. Trials whose arms are not drawn by lot, of children, simulated ones and those that go
    on have none.
    `reading` names another reading of what a paper leaves out (such as `r_low`): trials that have
    it come with it, the others as they are.
    """
    table = read_table(folder / "relative_means.csv", text=_TEXT)
    printed = read_printed(folder / "printed.csv")
    found: list[TrialArms] = []
    by_trial = dict(iter(table.groupby("study", sort=False)))
    for trial in trials:
        hidden = trial.simulated or trial.interim or trial.ongoing
        if hidden or trial.randomised == "no" or trial.population.age == "children":
            continue
        if trial.id in by_trial:
            placing = Placing(trial, printed.get(trial.id, []), config)
            found.extend(_chosen(by_trial[trial.id], placing, reading))
    return found


#: Variances below this share of the largest are rounding.
_NO_SPREAD = 1e-8
#: The questions whose contrasts make an arm part of a curve or a network.
QUESTIONS = ("load", "frequency", "volume", "failure", "training")
_TEXT = tuple(name for name in RELATIVE_COLUMNS if name not in ("estimate", "covariance", "n"))


def _chosen(rows: pd.DataFrame, placing: Placing, reading: str) -> Iterator[TrialArms]:
    """The first-ranked outcome and visit of each construct."""
    window = placing.config.training_window
    for construct, mine in rows.groupby("construct", sort=False):
        candidates = []
        for (outcome, at), here in mine.groupby(["outcome", "at"], sort=False):
            weeks = placing.weeks(outcome, at)
            in_window = window.min_weeks <= weeks <= window.max_weeks
            if in_window and placing.phase(outcome, at) == "training":
                candidates.append((placing.preference(outcome, at), outcome, at, weeks, here))
        if candidates:
            _, outcome, at, weeks, here = min(candidates, key=lambda found: found[:3])
            readings = set(here["reading"])
            here = here[here["reading"] == (reading if reading in readings else "")]
            yield from _arms(placing.trial, (str(construct), outcome, at), weeks, here)


def _arms(
    trial: Declaration, key: tuple[str, str, str], weeks: float, rows: pd.DataFrame
) -> Iterator[TrialArms]:
    """One block of arms from its rows; none where fewer than two speak to a question."""
    asked = {
        arm for one in trial.contrasts if one.question in QUESTIONS for arm in sides(one.contrast)
    }
    names = tuple(arm for arm in dict.fromkeys(rows["arm"]) if arm in asked)
    if len(names) < 2:
        return
    sign = -1.0 if trial.outcomes[key[1]].higher_is == "worse" else 1.0
    square = rows.set_index(["arm", "other"])["covariance"]
    own = rows[rows["arm"] == rows["other"]].set_index("arm")
    covariance = np.array([[square[arm, other] for other in names] for arm in names], dtype=float)
    found = TrialArms(
        trial=trial,
        construct=key[0],
        outcome=key[1],
        at=key[2],
        weeks=weeks,
        names=names,
        gains=sign * own.loc[list(names), "estimate"].to_numpy(dtype=float),
        covariance=covariance,
        n=own.loc[list(names), "n"].to_numpy(dtype=float),
        assumed=rows["assumed"].iloc[0],
    )
    if found.tells:
        yield found
