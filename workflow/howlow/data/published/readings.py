"""How a paper's numbers may be read: the main reading, and each assumption tried the other way.

A page that does not say what follows its plus-minus sign, how many were in an arm, or how before
and after correlate, is read in one declared way. Every other way that is declared becomes a
`variant`, which takes the same road through the same models.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from howlow.config.collection import Assumption, Trial
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.published.printed import Collection, changes_only
from howlow.data.published.pseudo import correlation_from_sds, sd_from_p
from howlow.errors import DesignError

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Reading:
    """One reading of the rows of a trial, outcome and visit.

    `variant` is empty for the main reading; `correlation` is that of before and after (None where
    only changes are printed), `limbs` that between two limbs of a person (None where arms are
    different people).
    """

    variant: str
    rows: pd.DataFrame
    correlation: float | None
    limbs: float | None


def read_every_way(
    collection: Collection, trial_id: str, rows: pd.DataFrame, config: Config
) -> Iterator[Reading]:
    """The main reading and its variants for the fitted rows of one trial, outcome and visit."""
    trial = collection.trials.trials[trial_id]
    outcome_id = str(rows["outcome"].iloc[0])
    construct = config.constructs[collection.trials.outcomes[outcome_id].construct]
    paired = trial.analyse_as == "limb pairs" and rows["arm"].nunique() == 2
    rows = _overruled(rows, trial, outcome_id)
    recovered = None if changes_only(rows) else _recovered(rows)
    assumed = construct.correlation
    levels = not changes_only(rows) and (recovered is not None or assumed is not None)
    limbs = config.limb_correlation if paired else None
    main = Reading(
        "",
        rows,
        (recovered if recovered is not None else assumed.value if assumed else None)
        if levels
        else None,
        limbs.value if limbs else None,
    )
    yield main
    if levels and recovered is None and assumed:
        yield replace(main, variant="r_low", correlation=assumed.low)
        yield replace(main, variant="r_high", correlation=assumed.high)
    if limbs:
        yield replace(main, variant="limb_r_low", limbs=limbs.low)
        yield replace(main, variant="limb_r_high", limbs=limbs.high)
    for assumption in trial.assume:
        if not assumption.outcomes or outcome_id in assumption.outcomes:
            yield from _other_ways(main, assumption)


def assumptions(collection: Collection, trial_id: str, reading: Reading, outcome: str) -> list[str]:
    """What the main reading assumes, in the words that tables and captions show."""
    trial = collection.trials.trials[trial_id]
    words = []
    if reading.correlation is not None and _recovered(reading.rows) is None:
        words.append(f"correlation before-after {reading.correlation:g}")
    if reading.limbs is not None:
        words.append(f"correlation between limbs {reading.limbs:g}")
    if trial.analyse_as == "independent arms":
        words.append("limbs treated as independent arms (conservative)")
    for assumed in trial.assume:
        if not assumed.outcomes or outcome in assumed.outcomes:
            words.append(f"{assumed.taken_as} presumed" if assumed.taken_as else "n derived")
    cautions = {word for cell in reading.rows["caution"] for word in cell.split("; ") if word}
    words += sorted(cautions - {"SEM presumed", "SD presumed", "n derived", "not an arm value"})
    return list(dict.fromkeys(words))


def assumed_column(collection: Collection, config: Config) -> pd.Series:
    """What each row of the table of arms assumes where it is fitted; empty text elsewhere."""
    import pandas as pd

    words = pd.Series("", index=collection.rows.index, dtype="str")
    fitted = collection.rows[collection.rows["use"] == "fitted"]
    for (trial, outcome, _), rows in fitted.groupby(["trial", "outcome", "visit"], sort=False):
        try:
            main = next(read_every_way(collection, trial, rows, config))
        except DesignError:
            continue  # reconstruct tells it
        words.loc[rows.index] = "; ".join(assumptions(collection, trial, main, outcome))
    return words


def _other_ways(main: Reading, assumption: Assumption) -> Iterator[Reading]:
    """The readings that an assumption leaves open."""
    rows = main.rows
    if assumption.what == "n":
        for name, n in (("n_low", assumption.low), ("n_high", assumption.high)):
            if n is not None and (rows["n"] != n).any():
                yield replace(main, variant=name, rows=rows.assign(n=float(n)))
        return
    other = "SEM" if assumption.taken_as == "SD" else "SD"
    # A spread that was an SEM was multiplied by sqrt(n) to get the SD, and the other way round.
    factor = np.sqrt(rows["n"]) if other == "SEM" else 1 / np.sqrt(rows["n"])
    scaled = {name: rows[name] * factor for name in ("sd_pre", "sd_post", "sd_change")}
    yield replace(main, variant=f"spread_{other}", rows=rows.assign(**scaled))


def _overruled(rows: pd.DataFrame, trial: Trial, outcome: str) -> pd.DataFrame:
    """Rows whose rounded SD of change is replaced by the one that an exact P gives."""
    for printed in trial.printed:
        chosen = rows["arm"].isin(sides(printed.contrast))
        if printed.outcome != outcome or chosen.sum() != 2:
            continue
        first, second = rows[chosen]["mean_change"]
        n = rows[chosen]["n"].astype(int)
        sd = sd_from_p(first - second, printed.p, (n.iloc[0], n.iloc[1]))
        rows = rows.assign(sd_change=rows["sd_change"].where(~chosen, sd))
    return rows


def _recovered(rows: pd.DataFrame) -> float | None:
    """Correlation of before and after where all three SDs of every row are printed."""
    sds = rows[["sd_pre", "sd_post", "sd_change"]]
    if sds.isna().any(axis=None):
        return None
    return float(np.mean([correlation_from_sds(*row) for row in sds.to_numpy()]))
