"""Spreads: an SD or a standard error, and the correlation that three SDs imply."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator

from scipy.special import chdtr, chdtrc

from howlow.data.published.detective.cases import Case, Row, known, number

#: Usual SD in per cent of the mean: the lowest and highest of a construct. The lowest are those of
#: the baselines in data/published (strength 18.2 to 41.3 in 24 rows, size 16.1 to 21.6 in 6,
#: thickness 10.4 to 20.6 in 8); the highest are half as much again, for samples of both sexes
#: and all ages. For lean mass, which no row there prints, they are set wide.
USUAL_CV = {
    "strength": (18.0, 62.0),
    "muscle_size": (16.0, 40.0),
    "muscle_thickness": (10.0, 32.0),
    "lean_whole_body": (8.0, 32.0),
    "lean_leg": (8.0, 32.0),
}
#: Mean change in SDs of the change: no row of data/published whose page says what follows its ± has
#: more than 3.0 (43 rows).
USUAL_GAIN = 3.0
#: How rarely chance may give a spread as far from the usual as the one that is told.
CHANCE = 0.01
#: The lowest correlation of before and after that is declared for a pooled construct (strength),
#: and the one below which a printed one is told, if chance does not explain it.
LOWEST_DECLARED, LOW = 0.75, 0.2
#: The normal quantile of 99.5 %.
_FAR = 2.576


def sd_or_sem(rows: list[Row]) -> Iterator[Case]:
    """Spreads of levels that are unusual as an SD, but usual if they were a standard error.

    The arms of a trial and outcome are taken together: the sum of (n - 1) (CV / usual)² is
    chi-squared if the usual CV is the true one.
    """
    measured = [
        row
        for row in rows
        if row.what.construct in USUAL_CV
        and row.what.ratio_scale
        and row.n > 1
        and (known(row.mean_pre, row.sd_pre) or known(row.mean_post, row.sd_post))
    ]
    key = lambda row: (row.trial, row.outcome)  # noqa: E731  # used twice, in the next line
    for _, found in itertools.groupby(sorted(measured, key=key), key=key):
        arms = list({row.arm: row for row in reversed(list(found))}.values())[::-1]
        yield from _of_trial(arms)
    for row in rows:
        yield from _of_change(row)


def _of_change(row: Row) -> Iterator[Case]:
    """A mean change of so many SDs that everybody would have changed alike."""
    if row.role == "contrast" or not known(row.mean_change, row.sd_change, row.n):
        return
    if row.n < 2 or row.sd_change <= 0 or row.mean_change == 0:
        return
    gain, root = abs(row.mean_change) / row.sd_change, math.sqrt(row.n)

    def by_chance(gain: float) -> float:
        return float(chdtr(row.n - 1, (row.n - 1) * (USUAL_GAIN / gain) ** 2))

    if by_chance(gain) < CHANCE <= by_chance(gain / root):
        found = (
            f"a change of {number(row.mean_change)} ± {number(row.sd_change)} with n = {row.n:g} "
            f"is {gain:.1f} SDs (usually under {USUAL_GAIN:g}). Read as a standard error, "
            f"{number(row.sd_change)} × √{row.n:g} = {number(row.sd_change * root)}, "
            f"{gain / root:.1f} SDs"
        )
        action = "See what the page says after its ±; if it is the SE, give it as SE"
        yield Case("D01", (row,), "", found, action, "change")


def _of_trial(rows: list[Row]) -> Iterator[Case]:
    """The spreads of the arms of one trial and outcome, one row an arm."""
    low, high = USUAL_CV[rows[0].what.construct]
    values = [(row, *_level(row)) for row in rows]
    if any(mean <= 0 or sd <= 0 for _, mean, sd in values):
        return
    df = sum(row.n - 1 for row in rows)

    def distance(usual: float) -> float:
        return sum((row.n - 1) * (100 * sd / mean / usual) ** 2 for row, mean, sd in values)

    row, mean, sd = values[0]
    cv, root = 100 * sd / mean, math.sqrt(row.n)
    shown = f"±{number(sd)} of {number(mean)} with n = {row.n:g} is a CV of {cv:.1f} %"
    if chdtr(df, distance(low)) < CHANCE and all(
        100 * sd * math.sqrt(row.n) / mean <= high for row, mean, sd in values
    ):
        found = (
            f"{shown}, low for an SD (usually {low:g} to {high:g} %). Read as a standard error, "
            f"{number(sd)} × √{row.n:g} = {number(sd * root)}, {cv * root:.1f} %"
        )
        action = "See what the page says after its ±; if it is the SE, give it as SE"
        yield Case("D01", tuple(rows), "", found, action, "low")
    elif (
        chdtrc(df, distance(high)) < CHANCE
        and cv < 100
        and all(low <= 100 * sd / math.sqrt(row.n) / mean <= high for row, mean, sd in values)
    ):
        found = (
            f"{shown}, high for an SD (usually {low:g} to {high:g} %). If the page printed an SD "
            f"that was taken for an SE, it was {number(sd / root)}, {cv / root:.1f} %"
        )
        action = "See what the page says after its ±; it may have been multiplied by √n for nothing"
        yield Case("D01", tuple(rows), "", found, action, "high")


def _level(row: Row) -> tuple[float, float]:
    """Mean and SD before, else after."""
    if known(row.mean_pre, row.sd_pre):
        return row.mean_pre, row.sd_pre
    return row.mean_post, row.sd_post


def correlations(rows: list[Row]) -> Iterator[Case]:
    """Three SDs that need a correlation outside -1 to 1, or one that is lower than is credible."""
    for row in rows:
        sds = (row.sd_pre, row.sd_post, row.sd_change)
        if not known(*sds) or min(sds) <= 0:
            continue
        low, high = _range(row)
        r = _implied(*sds)
        shown = (
            f"r = ({number(sds[0])}² + {number(sds[1])}² - {number(sds[2])}²) / "
            f"(2 × {number(sds[0])} × {number(sds[1])}) = {r:.2f}"
        )
        if low > 1 or high < -1:
            found = f"{shown}; no correlation of before and after lies outside -1 to 1"
            action = "Check the three SDs; one may be a standard error"
            yield Case("D02", (row,), "sd_change", found, action, "impossible")
        elif (
            row.what.construct in USUAL_CV
            and row.n > 3
            and high < LOW
            and _beyond_chance(high, row.n)
        ):
            found = (
                f"{shown}; tests of strength or size repeated in the same people give .75 to .99"
            )
            action = (
                "Check the three SDs; one of before and after may be a standard error, or a t or P "
                "that of another test"
            )
            yield Case("D02", (row,), "sd_change", found, action, "low")


def _beyond_chance(r: float, n: float) -> bool:
    """Whether n people whose true correlation is the lowest declared hardly give this one."""
    if r <= -1:
        return True
    return math.atanh(r) + _FAR / math.sqrt(n - 3) < math.atanh(LOWEST_DECLARED)


def _implied(pre: float, post: float, change: float) -> float:
    """The correlation of before and after that three SDs imply."""
    return (pre**2 + post**2 - change**2) / (2 * pre * post)


def _range(row: Row) -> tuple[float, float]:
    """Lowest and highest correlation that the SDs imply, each within its rounding."""
    ends = [
        [
            max(value - row.half.get(name, 0.0), 1e-9),
            value,
            value + row.half.get(name, 0.0),
        ]
        for name, value in (
            ("sd_pre", row.sd_pre),
            ("sd_post", row.sd_post),
            ("sd_change", row.sd_change),
        )
    ]
    found = [_implied(*values) for values in itertools.product(*ends)]
    return min(found), max(found)
