"""What stands behind each pooled row: heterogeneity, influence of each trial, small-study tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from math import nan
from pathlib import Path
from typing import Any

from howlow.data.measurements import read_table, write_table

#: The method of the row that leads and carries the verdict, of its cautious interval, of the row
#: without cautioned or selectively printed members, and where one trial is all there is.
MAIN, CAUTIOUS, UNCAUTIONED = "reml-hksj", "reml-hksj-adhoc", "reml-hksj[uncautioned]"
ONE_TRIAL = "one trial"
#: What stands between the ids of a pool's members.
BETWEEN = " | "


@dataclass(frozen=True)
class PoolDetails:
    """Details of one pooled estimate, on its scale.

    Attributes
    ----------
    tau, tau2_low, tau2_high
        Standard deviation between trials, and the Q-profile interval of its square.
    i2
        Share of the variance that lies between trials, per cent.
    q, q_df, q_p
        Cochran's Q, its degrees of freedom, and P of equal effects.
    prediction_low, prediction_high
        Interval for the effect in a new trial.
    members
        The ids of the estimates that entered.
    """

    estimate_id: str
    tau: float
    i2: float
    q: float
    prediction_low: float
    prediction_high: float
    q_df: int = 0
    q_p: float = nan
    tau2_low: float = nan
    tau2_high: float = nan
    members: str = ""


@dataclass(frozen=True)
class Influence:
    """A pooled estimate without one of its trials, by its cautious interval."""

    estimate_id: str
    left_out: str
    estimate: float
    ci_low: float
    ci_high: float
    verdict: str


@dataclass(frozen=True)
class SmallStudies:
    """A test of whether small trials of a pool show other effects than large ones.

    `df` is NaN where the statistic has none.
    """

    estimate_id: str
    test: str
    statistic: float
    df: float
    p: float
    trials: int


def write_pools(pools: Iterable[PoolDetails], path: Path) -> None:
    """Write the details of all pools as a table."""
    _write(PoolDetails, pools, path)


def write_influence(rows: Iterable[Influence], path: Path) -> None:
    """Write what each pool is without each of its trials as a table."""
    _write(Influence, rows, path)


def write_small_studies(rows: Iterable[SmallStudies], path: Path) -> None:
    """Write the small-study tests of all pools as a table."""
    _write(SmallStudies, rows, path)


def read_pools(path: Path) -> dict[str, PoolDetails]:
    """The details of all pools by the id of the estimate."""
    rows = read_table(path, text=["estimate_id", "members"]).to_dict("records")
    return {row["estimate_id"]: PoolDetails(**row) for row in rows}


def _write(kind: type[Any], rows: Iterable[Any], path: Path) -> None:
    """Write objects of one kind as a table with their fields for columns."""
    import pandas as pd

    columns = [field.name for field in fields(kind)]
    write_table(pd.DataFrame([asdict(row) for row in rows], columns=columns), path)
