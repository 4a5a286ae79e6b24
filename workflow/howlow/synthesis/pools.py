"""What stands behind each pooled row: heterogeneity and the prediction interval."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from pathlib import Path

from howlow.data.measurements import read_table, write_table


@dataclass(frozen=True)
class PoolDetails:
    """Details of one pooled estimate, on its scale.

    `tau` is the standard deviation between trials, `i2` the share of the variance that lies between
    them in per cent, `q` Cochran's Q, and the prediction interval is for the effect in a new trial.
    """

    estimate_id: str
    tau: float
    i2: float
    q: float
    prediction_low: float
    prediction_high: float


def write_pools(pools: list[PoolDetails], path: Path) -> None:
    """Write the details of all pools as a table."""
    import pandas as pd

    columns = [field.name for field in fields(PoolDetails)]
    write_table(pd.DataFrame([asdict(found) for found in pools], columns=columns), path)


def read_pools(path: Path) -> dict[str, PoolDetails]:
    """The details of all pools by the id of the estimate."""
    rows = read_table(path, text=["estimate_id"]).to_dict("records")
    return {row["estimate_id"]: PoolDetails(**row) for row in rows}
