"""From printed means and SDs to measurements of pseudo participants."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from howlow.config.findings import Finding
from howlow.config.settings import Config
from howlow.data.measurements import MEASUREMENT_COLUMNS
from howlow.data.printed import Collection
from howlow.data.pseudo import correlation_matrix, with_moments
from howlow.data.readings import Reading, read_every_way
from howlow.data.tables import LINE
from howlow.errors import DesignError

if TYPE_CHECKING:
    import pandas as pd

#: The visit that stands for the start of what is measured.
START = {"baseline": "baseline", "end of previous phase": "end_of_previous_phase"}


def reconstruct(
    collection: Collection, config: Config, shown: str
) -> tuple[pd.DataFrame, list[Finding]]:
    """Measurements of pseudo participants for every fitted row, and what could not be fitted."""
    import pandas as pd

    fitted = collection.rows[
        (collection.rows["use"] == "fitted") & (collection.rows["role"] != "contrast")
    ]
    parts: list[pd.DataFrame] = []
    findings: list[Finding] = []
    for (trial_id, outcome, _), rows in fitted.groupby(["trial", "outcome", "visit"], sort=False):
        unit = collection.trials.outcomes[outcome].unit
        try:
            for reading in read_every_way(collection, trial_id, rows, config):
                parts.extend(_participants(reading, trial_id, outcome, unit))
        except DesignError as error:
            line = int(rows[LINE].iloc[0])
            action = "Check the printed SDs; the rows are not fitted"
            findings.append(
                Finding("C15", "warning", shown, line, outcome, str(error), action, trial_id)
            )
    measurements = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()
    return measurements.reindex(columns=list(MEASUREMENT_COLUMNS)), findings


def _participants(reading: Reading, trial: str, outcome: str, unit: str) -> list[pd.DataFrame]:
    """Pseudo participants of one reading: each arm its own, or limb pairs that share them."""
    paired = reading.limbs is not None
    groups = [reading.rows] if paired else [row.to_frame().T for _, row in reading.rows.iterrows()]
    return [_group(rows, reading, trial, outcome, unit) for rows in groups]


def _group(
    rows: pd.DataFrame, reading: Reading, trial: str, outcome: str, unit: str
) -> pd.DataFrame:
    """Pseudo participants who give one value, or one a limb, to each of the rows."""
    import pandas as pd

    if rows["n"].nunique() != 1:
        raise DesignError("limbs of the same people, but their numbers differ")
    n = int(rows["n"].iloc[0])
    levels = reading.correlation is not None
    names = ("pre", "post") if levels else ("change",)
    means = np.array([row[f"mean_{name}"] for _, row in rows.iterrows() for name in names], float)
    sds = np.array([row[f"sd_{name}"] for _, row in rows.iterrows() for name in names], float)
    values = with_moments(n, means, sds, correlation_matrix(reading.correlation, reading.limbs))
    arms, visit = list(rows["arm"]), str(rows["visit"].iloc[0])
    start = START[str(rows["change_vs"].iloc[0])]
    whose = visit if reading.limbs is not None else f"{arms[0]}-{visit}"
    frames = []
    for position, column in enumerate(values.T):
        arm, name = arms[position // len(names)], names[position % len(names)]
        frames.append(
            pd.DataFrame(
                {
                    "study": trial,
                    "participant": [f"pseudo-{whose}-{number:03d}" for number in range(1, n + 1)],
                    "limb": arm if reading.limbs is not None else "",
                    "arm": arm,
                    "visit": start if name == "pre" else visit,
                    "outcome": outcome,
                    "quantity": "change" if name == "change" else "level",
                    "variant": reading.variant,
                    "value": column,
                    "unit": unit,
                }
            )
        )
    return pd.concat(frames, ignore_index=True)
