"""Rows of estimates that need no fit: differences that a page prints, and points without spread."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.contrasts import identity
from howlow.analysis.estimates import Estimate
from howlow.analysis.fits import Combination
from howlow.analysis.verdicts import judge
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.declaration import Declaration
from howlow.data.printed import questions
from howlow.data.reconstruction import START

if TYPE_CHECKING:
    import pandas as pd

#: Level of the intervals that pages print.
PRINTED_LEVEL = 0.95


def contrast_only(trial: Declaration, printed: pd.DataFrame, config: Config) -> Iterator[Estimate]:
    """Differences between arms that a page prints with their 95 % interval.

    The standard error is the interval's half width over the t quantile with n - 3 degrees of
    freedom (two arms and a baseline), which gives the printed interval back.
    """
    from scipy.special import stdtrit

    rows = printed[(printed["use"] == "fitted") & (printed["role"] == "contrast")]
    for _, row in rows.iterrows():
        outcome = trial.outcomes[row["outcome"]]
        df = row["n"] - 3
        se = (row["ci_high"] - row["ci_low"]) / 2 / stdtrit(df, (1 + PRINTED_LEVEL) / 2)
        value = Combination(float(row["mean_change"]), float(se), float(df))
        interval = value.interval(1 - config.alpha)
        equivalence = value.interval(1 - 2 * config.alpha)
        yield Estimate(
            **identity(trial, row["outcome"]),
            estimand="difference in mean, adjusted for baseline, as printed",
            tier="secondary",
            contrast=trial.contrasts[0].contrast,
            at=row["visit"],
            scale="raw",
            estimate=value.estimate,
            unit=outcome.unit,
            method="printed",
            se=value.se,
            df=value.df,
            ci_low=interval[0],
            ci_high=interval[1],
            ci_level=1 - config.alpha,
            eq_low=equivalence[0],
            eq_high=equivalence[1],
            margin=outcome.margin,
            verdict=judge(interval, equivalence, outcome.margin, assay_sensitive=False),
            p=value.p,
            n_participants=int(row["n"]),
            assumed=row["assumed"],
            note="baseline not printed, so no margin in this unit" if not outcome.margin else "",
        )


def described(trial: Declaration, printed: pd.DataFrame, config: Config) -> Iterator[Estimate]:
    """Points without intervals, where no spread is printed: of arms, and between arms."""
    rows = printed[printed["use"] == "described"]
    for (outcome, visit), group in rows.groupby(["outcome", "visit"], sort=False):
        for _, row in group.iterrows():
            at = f"{visit} - {START[row['change_vs']]}"
            gain = _gain(row)
            yield from _points(
                trial, outcome, f"mean({row['arm']})", at, gain, _log_gain(row, trial), row
            )
        # Two described arms of a declared contrast make a described difference.
        arms = {row["arm"]: row for _, row in group[group["role"] == "arm"].iterrows()}
        for contrast in trial.contrasts:
            first, second = sides(contrast.contrast)
            if first not in arms or second not in arms:
                continue
            pair = arms[first], arms[second]
            if not all(contrast.question in questions(row["question"]) for row in pair):
                continue
            logs = [_log_gain(row, trial) for row in pair]
            ratio = None if None in logs else logs[0] - logs[1]  # type: ignore[operator]
            gain = _gain(pair[0]) - _gain(pair[1])
            yield from _points(trial, outcome, contrast.contrast, visit, gain, ratio, pair[0])


def _points(
    trial: Declaration,
    outcome: str,
    contrast: str,
    at: str,
    raw: float,
    log_ratio: float | None,
    row: pd.Series,
) -> Iterator[Estimate]:
    """A described point on each scale it can be given on."""
    values = {"raw": raw, "log_ratio": log_ratio}
    mean = contrast.startswith("mean(")
    n = None if np.isnan(row["n"]) or not mean else int(row["n"])
    for scale, value in values.items():
        if value is None or np.isnan(value):
            continue
        yield Estimate(
            **identity(trial, outcome),
            estimand="mean change as printed" if mean else "difference in mean change as printed",
            tier="described",
            contrast=contrast,
            at=at,
            scale=scale,  # type: ignore[arg-type]
            estimate=float(value),
            unit=trial.outcomes[outcome].unit if scale == "raw" else "log ratio",
            method="described",
            n_participants=n,
            assumed=row["caution"],
            note=row["reason"],
        )


def _gain(row: pd.Series) -> float:
    """Printed change, or after less before."""
    if not np.isnan(row["mean_change"]):
        return float(row["mean_change"])
    return float(row["mean_post"] - row["mean_pre"])


def _log_gain(row: pd.Series, trial: Declaration) -> float | None:
    """Log ratio of after to before, where a baseline or a per cent change is printed."""
    outcome = trial.outcomes[row["outcome"]]
    if not outcome.ratio_scale:
        return None
    baseline = 100.0 if outcome.unit == "%" else row["mean_pre"]
    ratio = 1 + _gain(row) / baseline
    return float(np.log(ratio)) if np.isfinite(ratio) and ratio > 0 else None
