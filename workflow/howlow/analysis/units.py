"""One outcome of a trial in one reading: what is fitted together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimand.population import population
from howlow.analysis.estimates import assumptions_of
from howlow.analysis.fitting.cohort import Cohort, Pairs
from howlow.analysis.fitting.tables import cohort_of
from howlow.config.trial import Estimand
from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow
from howlow.data.published.reconstruction import START

if TYPE_CHECKING:
    import pandas as pd

    from howlow.analysis.fitting.cohort import Positions

#: The visits that a change may be counted from, when the declaration does not name one.
_STARTS = tuple(START.values())


@dataclass(frozen=True)
class Unit:
    """One outcome of a trial in one reading.

    Attributes
    ----------
    start, at
        The baseline, and the visits at which arms are compared.
    cohort
        Its measurements, one response; where a page prints only changes (`has_levels` is false)
        there is one visit, and the values are changes.
    variant
        Empty for the main reading, else another reading that is tried as sensitivity.
    assumed
        What the main reading assumes.
    per_protocol
        Numbers of the participants who came to enough of the planned sessions, where that is known.
    everyone
        The cohort before the estimand left anybody out.
    people
        The participants of the study, with the columns of participants.csv.
    """

    trial: Declaration
    outcome: str
    variant: str
    start: str
    at: tuple[str, ...]
    cohort: Cohort
    has_levels: bool
    assumed: str = ""
    per_protocol: Positions | None = None
    everyone: Cohort | None = None
    people: pd.DataFrame | None = field(default=None, compare=False, repr=False)

    def pairs(self, at: str) -> Pairs:
        """Limbs (periods) with a value before and one at a visit, or with a printed change."""
        if self.has_levels:
            rows = self.cohort
            if rows.period is not None:
                # A person in a period is seen before and after as a limb is.
                rows = replace(rows, limb=rows.period, period=None)
            found = rows.pairs(at)
        else:
            changes = self.cohort
            nothing = np.full(changes.values.shape, np.nan)
            found = Pairs(
                changes.arms,
                changes.participant,
                changes.limb,
                changes.arm,
                nothing,
                changes.values,
            )
        return found.keep(np.ones(len(found.arm), dtype=bool))

    @property
    def baseline(self) -> float | None:
        """Mean before, over all arms; 100 where changes are printed in per cent of it."""
        if self.has_levels and self.start not in self.cohort.visits:
            return None  # a crossover whose periods have no baseline
        if self.has_levels:
            return float(self.cohort.values[0, self.cohort.visit == 0].mean())
        outcome = self.trial.outcomes[self.outcome]
        return 100.0 if outcome.unit == "%" and outcome.ratio_scale else None

    def counted(self, estimand: Estimand) -> Unit:
        """The same with the participants whom an estimand counts; `everyone` keeps all."""
        if not self.has_levels:
            return self
        chosen = population(self.cohort, estimand, self.at, self.per_protocol)
        return replace(self, cohort=chosen, everyone=self.cohort)

    def of_arms(self, names: tuple[str, ...]) -> Unit:
        """The same with the rows of some arms."""
        return replace(self, cohort=self.cohort.of_arms(names))


def units(
    trial: Declaration,
    measurements: pd.DataFrame,
    printed: list[PrintedRow],
    people: pd.DataFrame | None = None,
    estimand: Estimand | None = None,
) -> Iterator[Unit]:
    """Every outcome and reading of a trial that has data.

    Individual data give one unit an outcome, with all its visits. What a paper prints gives one an
    outcome, visit and reading, as its pseudo participants belong to one visit; `printed` says what
    each change is counted from. `people` are the participants of the study, for covariates, and
    `estimand` says who of them counts as per protocol, unless the trial does.
    """
    for (outcome, variant), rows in measurements.groupby(["outcome", "variant"], sort=False):
        if trial.start:
            unit = _individual(trial, outcome, rows, people, estimand)
            if unit is not None:
                yield unit
            continue
        starts = {(row.outcome, row.visit): START[row.change_vs] for row in printed}
        for visit in dict.fromkeys(rows["visit"]):
            if visit not in _STARTS:
                here = [row for row in printed if (row.outcome, row.visit) == (outcome, visit)]
                start = starts[outcome, visit]
                yield _summary(trial, (outcome, variant), rows, (start, visit), _assumed(here))


def _individual(
    trial: Declaration,
    outcome: str,
    rows: pd.DataFrame,
    people: pd.DataFrame | None,
    estimand: Estimand | None,
) -> Unit | None:
    """All visits of an outcome of individual data, but for repeats of another visit."""
    later = [name for name in trial.weeks if name != trial.start and name not in trial.repeats]
    later.sort(key=lambda name: trial.weeks[name])
    cohort = cohort_of(trial, rows, (trial.start, *later), people)
    at = tuple(name for name in trial.at if name in cohort.visits)
    # Periods of a crossover may do without a baseline.
    if not at or (cohort.visits[0] != trial.start and cohort.period is None):
        return None
    seen = rows[rows["visit"].isin(cohort.visits) & rows["value"].notna()]
    kept = _per_protocol(trial, seen, people, trial.estimand or estimand)
    return Unit(
        trial, outcome, "", trial.start, at, cohort, has_levels=True, per_protocol=kept,
        people=people,
    )  # fmt: skip


def _per_protocol(
    trial: Declaration,
    rows: pd.DataFrame,
    people: pd.DataFrame | None,
    estimand: Estimand | None,
) -> Positions | None:
    """Numbers of the participants who came to enough of the planned sessions; None if not known."""
    import pandas as pd

    if trial.planned_sessions is None or people is None or estimand is None:
        return None
    ids = np.unique(rows["participant"].to_numpy(dtype=str))
    came = people.set_index("participant")["sessions_attended"].reindex(ids)
    share = 100 * pd.to_numeric(came, errors="coerce") / trial.planned_sessions
    return np.flatnonzero(share.to_numpy(dtype=float) >= estimand.per_protocol_pct)


def _summary(
    trial: Declaration,
    reading: tuple[str, str],
    rows: pd.DataFrame,
    visits: tuple[str, str],
    assumed: str,
) -> Unit:
    """One printed visit with its own pseudo participants."""
    outcome, variant = reading
    start, visit = visits
    there = rows[rows["visit"] == visit]
    levels = not (there["quantity"] == "change").any()
    if levels:
        there = rows[rows["participant"].isin(there["participant"]) & rows["visit"].isin(visits)]
    cohort = cohort_of(trial, there, visits if levels else (visit,))
    return Unit(trial, outcome, variant, start, (visit,), cohort, levels, assumed)


def _assumed(printed: list[PrintedRow]) -> str:
    """What the main reading of these rows assumes."""
    return assumptions_of(row.assumed for row in printed)
