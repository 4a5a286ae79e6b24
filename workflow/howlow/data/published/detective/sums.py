"""Sums that do not come out: changes, intervals, and means of whole numbers."""

from __future__ import annotations

import math
from collections.abc import Iterator

from scipy.special import stdtrit

from howlow.data.published.detective.cases import Case, Row, known, number

#: Units that count whole things. Kilograms are no such unit: plates come in steps of 2.5.
WHOLE = frozenset({"repetitions"})
#: Slack on top of rounding, as a share of the number: spreadsheets cut where they should round.
SLACK = 1e-6
#: How far a half width may be from that of the SD: the t quantile may have been taken as 1.96 or 2.
HALF_WIDTH_SLACK = 0.15


def changes(rows: list[Row]) -> Iterator[Case]:
    """Rows in which after - before is not the printed change."""
    for row in rows:
        if row.role == "contrast" or not known(row.mean_pre, row.mean_post, row.mean_change):
            continue
        computed = row.mean_post - row.mean_pre
        off = abs(computed - row.mean_change)
        if off <= _slack(row, "mean_pre", "mean_post", "mean_change") or row.what.unit == "%":
            continue
        shown = (
            f"{number(row.mean_post)} - {number(row.mean_pre)} = {number(computed)}, "
            f"but the change says {number(row.mean_change)}"
        )
        slack = _slack(row, "mean_pre", "mean_post", "mean_change")
        if computed * row.mean_change < 0 and abs(computed + row.mean_change) <= slack:
            found = f"{shown}: the same size with the other sign"
            action = "Check which column is before, or whether a fall is given as a gain"
            yield Case("D06", (row,), "mean_change", found, action, "sign")
        elif _is_percent(row, computed):
            found = f"{shown}, which is the change in per cent of {number(row.mean_pre)}"
            action = "Give the change in the unit of the outcome, or as an outcome in %"
            yield Case("D03", (row,), "mean_change", found, action, "percent")
        else:
            action = "Check for a typing error, or for a change of fewer people"
            yield Case("D03", (row,), "mean_change", shown, action, "change")


def _is_percent(row: Row, computed: float) -> bool:
    """Whether the printed change is the per cent change."""
    if row.mean_pre == 0:
        return False
    percent = 100 * computed / row.mean_pre
    around = 100 * _slack(row, "mean_pre", "mean_post") / abs(row.mean_pre)
    return abs(percent - row.mean_change) <= around + row.half.get("mean_change", 0.0)


def _slack(row: Row, *names: str) -> float:
    """What rounding explains, and a little for how spreadsheets round."""
    values = [abs(float(getattr(row, name))) for name in names]
    return sum(row.half.get(name, 0.0) for name in names) * 1.001 + SLACK * max(values) + 1e-9


def intervals(rows: list[Row]) -> Iterator[Case]:
    """Confidence intervals that do not hold their mean in the middle, or do not go with the SD."""
    for row in rows:
        if not known(row.ci_low, row.ci_high):
            continue
        if row.ci_low > row.ci_high:
            found = f"the interval runs from {number(row.ci_low)} to {number(row.ci_high)}"
            yield Case("D09", (row,), "ci_low", found, "Write the lower limit first", "order")
            continue
        half = (row.ci_high - row.ci_low) / 2
        if known(row.mean_change):
            middle = (row.ci_low + row.ci_high) / 2
            allowed = _slack(row, "ci_low", "ci_high", "mean_change")
            # Limits on a log scale lie off the middle; a tenth of the half width is let pass.
            if abs(middle - row.mean_change) > allowed + 0.1 * half:
                found = (
                    f"({number(row.ci_low)} + {number(row.ci_high)}) / 2 = {number(middle)}, "
                    f"but the mean says {number(row.mean_change)}"
                )
                yield Case("D09", (row,), "ci_low", found, "Check the three numbers", "middle")
        if row.role == "contrast" or not known(row.sd_change, row.n) or row.n < 2:
            continue
        expected = float(stdtrit(row.n - 1, 0.975)) * row.sd_change / math.sqrt(row.n)
        allowed = HALF_WIDTH_SLACK * expected + _slack(row, "ci_low", "ci_high")
        # With few people the t quantile is far above 1.96, which some take all the same.
        normal = 1.96 * row.sd_change / math.sqrt(row.n)
        if abs(half - expected) > allowed and abs(half - normal) > allowed:
            found = (
                f"half of {number(row.ci_low)} to {number(row.ci_high)} is {number(half)}, but "
                f"t × SD / √n = {number(expected)} (SD {number(row.sd_change)}, n = {row.n:g})"
            )
            action = "Check whether the SD is a standard error, or the level is not 95 %"
            yield Case("D09", (row,), "ci_low", found, action, "width")


def whole_numbers(rows: list[Row]) -> Iterator[Case]:
    """Means of counts that no whole numbers give (GRIM), and their SDs (GRIMMER)."""
    for row in rows:
        if row.what.unit not in WHOLE or not known(row.n) or row.n < 2 or row.n % 1:
            continue
        for part in ("pre", "post"):
            mean, sd = float(getattr(row, f"mean_{part}")), float(getattr(row, f"sd_{part}"))
            half = row.half.get(f"mean_{part}", 0.0)
            if not known(mean) or not half:
                continue
            sums = whole_sums(mean, half, int(row.n))
            if not sums:
                near = round(mean * row.n)
                found = (
                    f"{row.n:g} whole numbers have no mean of {number(mean)} (GRIM): "
                    f"{near} / {row.n:g} = {near / row.n:.4f}"
                )
                action = "Check the mean and n; somebody may be missing"
                yield Case("C15", (row,), f"mean_{part}", found, action, "grim")
            elif known(sd) and not sd_possible(
                sd, row.half.get(f"sd_{part}", 0.0), int(row.n), sums
            ):
                found = (
                    f"{row.n:g} whole numbers with mean {number(mean)} have no SD of {number(sd)} "
                    "(GRIMMER): no whole sum of squares gives it"
                )
                action = "Check the SD and n; it may be a standard error"
                yield Case("C15", (row,), f"sd_{part}", found, action, "grimmer")


def whole_sums(mean: float, half: float, n: int) -> list[int]:
    """The whole sums of n numbers whose mean rounds to the printed one."""
    low, high = (mean - half) * n, (mean + half) * n
    return list(range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1))


def sd_possible(sd: float, half: float, n: int, sums: list[int]) -> bool:
    """Whether whole numbers with one of the sums have an SD that rounds to the printed one.

    Their sum of squares is whole, and even where the sum is even.
    """
    low, high = max(sd - half, 0.0), sd + half
    for total in sums:
        least = math.ceil((n - 1) * low**2 + total**2 / n - 1e-9)
        most = math.floor((n - 1) * high**2 + total**2 / n + 1e-9)
        if any(squares % 2 == total % 2 for squares in range(least, min(most, least + 1) + 1)):
            return True
    return False
