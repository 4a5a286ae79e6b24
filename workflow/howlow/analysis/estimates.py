"""The one row shape of every estimate in the project; a public interface."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypedDict

from howlow.analysis.fitting.fits import Combination
from howlow.data.measurements import read_table

if TYPE_CHECKING:
    import pandas as pd

Tier = Literal["primary", "secondary", "sensitivity", "cross-check", "described"]
#: `share` is a share of a gain or of a loss (1 is the whole of it).
Scale = Literal["raw", "log_ratio", "d", "share"]


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """One estimate: of a mean (`mean(light)`), of a contrast (`light - heavy`), or pooled.

    `scale` is raw (in `unit`), log_ratio (of means, natural logarithm) or d (on the pooled baseline
    SD). `ci_low` and `ci_high` bound the interval of level `ci_level`, `eq_low` and `eq_high` the
    one that equivalence is judged by. `p` is empty for means, for change over time within one arm
    and for described rows; `p_adjusted` is `p` after the adjustment for several comparisons that
    `method` or `note` names. `n_to_settle` is the number of participants an arm (altogether, where
    limbs are compared within people) that would settle an unsettled verdict with the declared
    power. The order of the fields is that of the public table.
    """

    study: str
    collection: str
    kind: str
    construct: str
    outcome: str
    population: str
    estimand: str
    tier: Tier
    contrast: str
    at: str
    scale: Scale
    estimate: float
    se: float | None = None
    df: float | None = None
    ci_low: float | None = None
    ci_high: float | None = None
    ci_level: float | None = None
    eq_low: float | None = None
    eq_high: float | None = None
    margin: float | None = None
    verdict: str = ""
    p: float | None = None
    p_adjusted: float | None = None
    n_to_settle: int | None = None
    unit: str
    method: str
    n_participants: int | None = None
    n_observations: int | None = None
    n_studies: int = 1
    converged: bool = True
    boundary: bool = False
    assumed: str = ""
    note: str = ""

    @property
    def estimate_id(self) -> str:
        """The stable name of the estimate."""
        parts = (self.study, self.outcome, self.contrast, self.at, self.scale, self.method)
        return "/".join(parts)


def assumptions_of(cells: Iterable[str]) -> str:
    """Every assumption that is named in cells such as `SD presumed; n derived`, each once."""
    return "; ".join(dict.fromkeys(word for cell in cells for word in cell.split("; ") if word))


class Intervals(TypedDict):
    """The fields of an estimate that follow from a combination and the error rate."""

    estimate: float
    se: float
    df: float
    ci_low: float
    ci_high: float
    ci_level: float
    eq_low: float
    eq_high: float


def intervals(value: Combination, alpha: float) -> Intervals:
    """Estimate, standard error, and the intervals of levels 1 - alpha and 1 - 2 alpha."""
    low, high = value.interval(1 - alpha)
    eq_low, eq_high = value.interval(1 - 2 * alpha)
    return Intervals(
        estimate=value.estimate,
        se=value.se,
        df=value.df,
        ci_low=low,
        ci_high=high,
        ci_level=1 - alpha,
        eq_low=eq_low,
        eq_high=eq_high,
    )


#: Columns of every estimates table, in this order; part of the public interface.
ESTIMATE_COLUMNS = ("estimate_id", *(field.name for field in fields(Estimate)))
_NUMBERS = (
    "estimate",
    "se",
    "df",
    "ci_low",
    "ci_high",
    "ci_level",
    "eq_low",
    "eq_high",
    "margin",
    "p",
    "p_adjusted",
    "n_to_settle",
    "n_participants",
    "n_observations",
    "n_studies",
)


def estimates_table(estimates: Iterable[Estimate]) -> pd.DataFrame:
    """Estimates as a table with the public columns.

    Raises
    ------
    ValueError
        If two estimates share an id; ids must be unique for a number to be traced.
    """
    import pandas as pd

    listed = list(estimates)
    names = [name.name for name in fields(Estimate)]
    rows = [
        {"estimate_id": found.estimate_id} | {name: getattr(found, name) for name in names}
        for found in listed
    ]
    table = pd.DataFrame(rows, columns=list(ESTIMATE_COLUMNS))
    twice = table.loc[table["estimate_id"].duplicated(), "estimate_id"]
    if not twice.empty:
        raise ValueError(f"two estimates share the id {twice.iloc[0]}")
    for name in ("n_to_settle", "n_participants", "n_observations", "n_studies"):
        table[name] = table[name].astype("Int64")
    return table


def read_estimates(path: Path) -> pd.DataFrame:
    """An estimates table from disk: numbers as floats (NaN where empty), flags as booleans."""
    import pandas as pd

    table = read_table(path, text=ESTIMATE_COLUMNS)
    for name in _NUMBERS:
        table[name] = pd.to_numeric(table[name].where(table[name] != "", None)).astype(float)
    for name in ("converged", "boundary"):
        table[name] = table[name] == "True"
    return table
