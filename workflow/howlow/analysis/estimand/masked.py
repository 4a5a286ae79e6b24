"""What may be told of an ongoing study: all arms together, and nothing that sets two apart."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.estimates import Estimate
from howlow.analysis.subjects import identity, simulated
from howlow.config.settings import Config
from howlow.data.declaration import Declaration

if TYPE_CHECKING:
    import pandas as pd
    from numpy.typing import NDArray

    Grid = NDArray[np.float64]

#: What stands in place of a contrast, and its words.
MASKED_WORDS = {
    "baseline(all)": "mean before, all arms together",
    "sd(baseline)": "SD before, all arms together",
    "sd(change)": "SD of the change, all arms together",
    "correlation": "correlation of before and after, all arms together",
}
#: What stands beside every spread of all arms together.
BLINDED = (
    "all arms together, masked: the spread holds a possible difference between the arms, and so is "
    "rather too large than too small for planning"
)


def masked_rows(
    trial: Declaration, measurements: pd.DataFrame, config: Config
) -> Iterator[Estimate]:
    """Mean and SD before, SD of the change and correlation up to each visit, over all arms.

    The variance is the total one of the blinded data (Friede and Kieser 2006, Biom J 48:537). Where
    arms are limbs, a limb counts. Nothing is told of fewer people than `privacy.small_cell`.

    Parameters
    ----------
    measurements
        Those of the study; what stands in the column of the arm is not read.
    """
    small = max(config.privacy.small_cell, 3)
    for outcome, declared in trial.outcomes.items():
        if config.outcomes and not {outcome, declared.construct} & set(config.outcomes):
            continue
        mine = measurements[measurements["outcome"] == outcome]
        visits = [trial.start, *(name for name in trial.weeks if name not in _never(trial))]
        values, owner = _grid(mine, visits)
        before = values[:, 0]
        seen = ~np.isnan(before)
        if len(set(owner[seen])) >= small:
            start, who = before[seen], owner[seen]
            yield _row(trial, outcome, "baseline(all)", trial.start, start.mean(), who)
            yield _row(trial, outcome, "sd(baseline)", trial.start, _sd(start), who)
        for number, visit in enumerate(visits[1:], start=1):
            both = seen & ~np.isnan(values[:, number])
            who = owner[both]
            if len(set(who)) < small:
                continue
            at = f"{visit} - {trial.start}"
            start, later = before[both], values[both, number]
            yield _row(trial, outcome, "sd(change)", at, _sd(later - start), who)
            if _sd(start) > 0 and _sd(later) > 0:
                together = float(np.corrcoef(start, later)[0, 1])
                yield _row(trial, outcome, "correlation", at, together, who)


def _never(trial: Declaration) -> set[str]:
    """Visits that no change is counted to: the baseline, and what measures a visit again."""
    return {trial.start, *trial.repeats}


def _grid(rows: pd.DataFrame, visits: list[str]) -> tuple[Grid, NDArray[np.object_]]:
    """Values of each limb (person, where arms are people; period) at each visit, and whose."""
    known = rows[rows["value"].notna() & rows["visit"].isin(visits)]
    wide = known.pivot_table(
        index=["participant", "limb", "period"], columns="visit", values="value", aggfunc="mean"
    ).reindex(columns=visits)
    owner = wide.index.get_level_values("participant").to_numpy()
    return wide.to_numpy(dtype=float), owner


def _sd(values: Grid) -> float:
    """Standard deviation of a sample."""
    return float(values.std(ddof=1))


def _row(
    trial: Declaration,
    outcome: str,
    contrast: str,
    at: str,
    value: float,
    who: NDArray[np.object_],
) -> Estimate:
    """One described row."""
    notes = [simulated(trial), "" if contrast == "baseline(all)" else BLINDED]
    return Estimate(
        **identity(trial, outcome),
        estimand=MASKED_WORDS[contrast],
        tier="described",
        contrast=contrast,
        at=at,
        scale="raw",
        estimate=float(value),
        unit="correlation" if contrast == "correlation" else trial.outcomes[outcome].unit,
        method="masked",
        n_participants=len(set(who.tolist())),
        n_observations=len(who),
        note="; ".join(note for note in notes if note),
    )
