"""Rows set beside each other: arms of a trial at baseline, and the same people in two trials."""

from __future__ import annotations

import math
from collections.abc import Iterator

from howlow.data.published.detective.cases import Case, Row, known, number
from howlow.data.published.detective.spreads import USUAL_CV
from howlow.data.published.detective.sums import WHOLE

#: Baseline means of two arms that differ by more than this factor are told.
UNLIKE = 1.1
#: Differences below this many SDs are a note: small trials have them by chance.
MANY_SDS = 0.8
#: Above this factor the arms were hardly measured in the same way.
ANOTHER_UNIT = 3.0
#: Digits a mean and an SD have between them before the equality of two rows says anything, and of
#: one row.
_FEW_DIGITS, _MANY_DIGITS = 5, 7


def unlike_baselines(rows: list[Row]) -> Iterator[Case]:
    """Arms of one trial whose baseline means differ by more than a tenth, also in SDs."""
    groups: dict[tuple[str, str, str], dict[str, Row]] = {}
    for row in rows:
        positive = known(row.mean_pre) and row.mean_pre > 0 and row.what.construct in USUAL_CV
        if row.role in ("arm", "change") and positive and row.what.unit != "%":
            key = row.trial, row.outcome, "" if row.from_baseline else row.visit
            groups.setdefault(key, {}).setdefault(row.arm, row)
    for arms in groups.values():
        low = min(arms.values(), key=lambda row: row.mean_pre)
        high = max(arms.values(), key=lambda row: row.mean_pre)
        ratio = high.mean_pre / low.mean_pre
        rounded = high.half.get("mean_pre", 0.0), low.half.get("mean_pre", 0.0)
        if (high.mean_pre - rounded[0]) / (low.mean_pre + rounded[1]) <= UNLIKE:
            continue
        found = (
            f"baseline {number(high.mean_pre)} in {high.arm}, {number(low.mean_pre)} in {low.arm}: "
            f"a factor of {ratio:.2f}"
        )
        sds = _in_sds(high, low)
        if sds is not None:
            found += f", {sds:.1f} SD"
        action = "Compare changes with care: the arms did not start alike"
        if ratio > ANOTHER_UNIT:
            action = "Check for a slip of the decimal point, another unit, or another test"
        mild = sds is not None and sds < MANY_SDS
        yield Case(
            "D07", (high, low), "mean_pre", found, action, "mild" if mild else "", note_only=mild
        )


def _in_sds(one: Row, other: Row) -> float | None:
    """The difference of two baselines in their pooled SD."""
    if not known(one.sd_pre, other.sd_pre, one.n, other.n) or min(one.n, other.n) < 2:
        return None
    weights = one.n - 1, other.n - 1
    square = (weights[0] * one.sd_pre**2 + weights[1] * other.sd_pre**2) / sum(weights)
    return abs(one.mean_pre - other.mean_pre) / math.sqrt(square) if square > 0 else None


def overlaps(rows: list[Row]) -> Iterator[Case]:
    """Arms with the same n, baseline mean and SD under two trials, told once for two trials.

    Arms of like people may agree to a few digits by chance, so that either the numbers must be
    long, or more than one row must agree. Means of whole numbers have few endings.
    """
    seen: dict[tuple[float, ...], Row] = {}
    alike: dict[tuple[str, str], list[tuple[Row, Row]]] = {}
    for row in rows:
        numbers = (row.n, row.mean_pre, row.sd_pre)
        if not known(*numbers) or _digits(row.mean_pre) + _digits(row.sd_pre) < _FEW_DIGITS:
            continue
        first = seen.setdefault(numbers, row)
        if first.trial != row.trial and first.what.unit == row.what.unit:
            alike.setdefault((first.trial, row.trial), []).append((first, row))
    for (trial, _), pairs in alike.items():
        first, row = max(pairs, key=lambda pair: _digits(pair[1].mean_pre))
        digits = 0 if row.what.unit in WHOLE else _digits(row.mean_pre) + _digits(row.sd_pre)
        if len(pairs) == 1 and digits < _MANY_DIGITS:
            continue
        found = (
            f"n = {row.n:g}, baseline {number(row.mean_pre)} ± {number(row.sd_pre)}, as in "
            f"{trial} (line {first.line})"
        )
        action = "Are they the same people? Then leave one of the two out"
        yield Case("D08", (row, first), "mean_pre", found, action, trial)


def _digits(value: float) -> int:
    """Digits a number has without idle zeros: 3 for 12.5 and 0.125, 2 for 1500."""
    return len(f"{value:.9g}".replace(".", "").replace("-", "").strip("0"))
