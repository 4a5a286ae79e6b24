"""Rows of estimates that need no fit: differences that a page prints, and points without spread."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scipy.special import stdtrit

from howlow.analysis.estimates import Estimate, Scale, intervals
from howlow.analysis.fitting.fits import Combination
from howlow.analysis.subjects import identity
from howlow.analysis.verdicts import judge
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.declaration import Declaration
from howlow.data.published.printed_rows import PrintedRow
from howlow.data.published.reconstruction import START

#: Level of the intervals that pages print.
PRINTED_LEVEL = 0.95


def contrast_only(
    trial: Declaration, printed: list[PrintedRow], config: Config
) -> Iterator[Estimate]:
    """Differences between arms that a page prints with their 95 % interval.

    The standard error is the interval's half width over the t quantile with n - 3 degrees of
    freedom (two arms and a baseline), which gives the printed interval back.
    """
    for row in printed:
        if (row.use, row.role) != ("fitted", "contrast"):
            continue
        outcome = trial.outcomes[row.outcome]
        df = row.n - 3
        se = (row.ci_high - row.ci_low) / 2 / float(stdtrit(df, (1 + PRINTED_LEVEL) / 2))
        value = Combination(row.mean_change, se, df)
        found = intervals(value, config.alpha)
        yield Estimate(
            **identity(trial, row.outcome),
            estimand="difference in mean, adjusted for baseline, as printed",
            tier="secondary",
            contrast=trial.contrasts[0].contrast,
            at=row.visit,
            scale="raw",
            unit=outcome.unit,
            method="printed",
            **found,
            margin=outcome.margin,
            verdict=judge(found, outcome.margin, assay_sensitive=False),
            p=value.p,
            n_participants=int(row.n),
            assumed=row.assumed,
            note="baseline not printed, so no margin in this unit" if not outcome.margin else "",
        )


def described(trial: Declaration, printed: list[PrintedRow]) -> Iterator[Estimate]:
    """Points without intervals, where no spread is printed: of arms, and between arms."""
    rows = [row for row in printed if row.use == "described"]
    for row in rows:
        at = f"{row.visit} - {START[row.change_vs]}"
        logs = _log_gain(row, trial)
        yield from _points(trial, row, f"mean({row.arm})", at, (row.gain, logs))
    arms = {(row.outcome, row.visit, row.arm): row for row in rows if row.role == "arm"}
    for outcome, visit in dict.fromkeys((row.outcome, row.visit) for row in rows):
        # Two described arms of a declared contrast make a described difference.
        for contrast in trial.contrasts:
            pair = [arms.get((outcome, visit, arm)) for arm in sides(contrast.contrast)]
            first, second = pair
            if first is None or second is None:
                continue
            if contrast.question not in set(first.questions) & set(second.questions):
                continue
            one, other = _log_gain(first, trial), _log_gain(second, trial)
            difference = (first.gain - second.gain, one - other)
            yield from _points(trial, first, contrast.contrast, visit, difference)


def _points(
    trial: Declaration, row: PrintedRow, contrast: str, at: str, values: tuple[float, float]
) -> Iterator[Estimate]:
    """A described point in its unit and as a log ratio; a value that is not known is left out."""
    mean = contrast.startswith("mean(")
    scales: tuple[Scale, ...] = ("raw", "log_ratio")
    for scale, value in zip(scales, values, strict=True):
        if math.isnan(value):
            continue
        yield Estimate(
            **identity(trial, row.outcome),
            estimand="mean change as printed" if mean else "difference in mean change as printed",
            tier="described",
            contrast=contrast,
            at=at,
            scale=scale,
            estimate=value,
            unit=trial.outcomes[row.outcome].unit if scale == "raw" else "log ratio",
            method="described",
            n_participants=int(row.n) if mean and not math.isnan(row.n) else None,
            assumed=row.caution,
            note=row.reason,
        )


def _log_gain(row: PrintedRow, trial: Declaration) -> float:
    """Log ratio of after to before; NaN without a baseline or a per cent change."""
    outcome = trial.outcomes[row.outcome]
    baseline = 100.0 if outcome.unit == "%" else row.mean_pre
    ratio = 1 + row.gain / baseline if outcome.ratio_scale and baseline else math.nan
    return math.log(ratio) if ratio > 0 else math.nan
