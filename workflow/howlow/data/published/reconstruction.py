"""From printed means and SDs to measurements of pseudo participants."""

from __future__ import annotations

from collections.abc import Hashable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from howlow.config.settings import Config
from howlow.data.measurements import MEASUREMENT_COLUMNS
from howlow.data.published.printed import Collection
from howlow.data.published.pseudo import correlation_matrix, with_moments
from howlow.data.published.readings import Reading, read_every_way
from howlow.data.tables import LINE
from howlow.errors import DesignError
from howlow.findings import Finding

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
    records: list[tuple[object, ...]] = []
    findings: list[Finding] = []
    for (trial_id, outcome, _), rows in fitted.groupby(["trial", "outcome", "visit"], sort=False):
        unit = collection.trials.outcomes[outcome].unit
        try:
            for reading in read_every_way(collection, trial_id, rows, config):
                records.extend(_participants(reading, trial_id, outcome, unit))
        except DesignError as error:
            line = int(rows[LINE].iloc[0])
            action = "Check the printed SDs; the rows are not fitted"
            findings.append(
                Finding("C15", "warning", shown, line, outcome, str(error), action, trial_id)
            )
    return pd.DataFrame(records, columns=list(MEASUREMENT_COLUMNS)), findings


def _participants(
    reading: Reading, trial: str, outcome: str, unit: str
) -> Iterator[tuple[object, ...]]:
    """Pseudo participants of one reading: each arm its own, or limb pairs that share them."""
    rows = reading.rows.to_dict("records")
    groups = [rows] if reading.limbs is not None else [[row] for row in rows]
    for group in groups:
        yield from _group(group, reading, trial, outcome, unit)


def _group(
    rows: list[dict[Hashable, Any]], reading: Reading, trial: str, outcome: str, unit: str
) -> Iterator[tuple[object, ...]]:
    """Pseudo participants who give one value, or one a limb, to each of the rows."""
    if len({row["n"] for row in rows}) != 1:
        raise DesignError("limbs of the same people, but their numbers differ")
    n, paired = int(rows[0]["n"]), reading.limbs is not None
    names = ("change",) if reading.correlation is None else ("pre", "post")
    means = np.array([row[f"mean_{name}"] for row in rows for name in names], dtype=float)
    sds = np.array([row[f"sd_{name}"] for row in rows for name in names], dtype=float)
    values = with_moments(n, means, sds, correlation_matrix(reading.correlation, reading.limbs))
    visit, start = rows[0]["visit"], START[rows[0]["change_vs"]]
    whose = visit if paired else f"{rows[0]['arm']}-{visit}"
    people = [f"pseudo-{whose}-{number:03d}" for number in range(1, n + 1)]
    for position, column in enumerate(values.T):
        arm, name = rows[position // len(names)]["arm"], names[position % len(names)]
        for person, value in zip(people, column, strict=True):
            yield (
                trial,
                person,
                arm if paired else "",
                arm,
                start if name == "pre" else visit,
                outcome,
                "change" if name == "change" else "level",
                reading.variant,
                value,
                unit,
                "",  # papers print no days,
                "",  # and limbs and arms alone are reconstructed, not periods
            )
