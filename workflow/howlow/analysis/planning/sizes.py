"""Which numbers of people to try, and the smallest that is enough."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import ndtr, ndtri

from howlow.analysis.planning.chances import Chance, Target

if TYPE_CHECKING:
    from howlow.analysis.fitting.cohort import Vector
    from howlow.analysis.planning.assumed import Assumed
    from howlow.config.planned import PlannedDesign

#: Fewest and most people tried, in each arm or altogether with limbs.
FEWEST, MOST = 6, 5000
#: Numbers tried around the one that the normal approximation gives, as shares of it.
_AROUND = (0.5, 0.75, 0.9, 1.0, 1.1, 1.3)
#: Two numbers closer than this are not both tried.
_APART = 1.06


def first_guess(
    assumed: Assumed, design: PlannedDesign, drop_out: float, target: Target, power: float
) -> float:
    """The number of people for a chance, by the normal approximation (Julious 2004).

    People in each arm, altogether with limbs; Statistics in Medicine 23:1921. Those who leave are
    counted as lost.
    """
    alpha = assumed.card.alpha
    if target.aim == "equivalence":
        assert assumed.margin is not None
        quantiles, size = ndtri(1 - alpha) + ndtri((1 + power) / 2), assumed.margin
    else:
        quantiles, size = ndtri(1 - alpha / 2) + ndtri(power), abs(target.difference)
    complete = quantiles**2 * assumed.variance(design) / size**2 + ndtri(1 - alpha / 2) ** 2 / 4
    return float(complete / (1 - drop_out))


def numbers_around(guesses: Sequence[float]) -> list[int]:
    """Numbers to try for some first guesses, in order; empty where all are out of reach."""
    wanted = sorted(
        min(max(FEWEST, round(share * guess)), MOST)
        for guess in guesses
        if guess <= MOST
        for share in _AROUND
    )
    kept: list[int] = []
    for number in wanted:
        if not kept or number >= _APART * kept[-1]:
            kept.append(number)
    return kept


def next_number(chances: Sequence[Chance], power: float) -> int | None:
    """A further number to try where those tried lie all on one side of what is enough."""
    numbers = [found.setting.n for found in chances]
    level = rising([found.chance for found in chances])
    if level[-1] < power and numbers[-1] < MOST:
        return min(MOST, math.ceil(1.25 * numbers[-1]))
    if level[0] >= power and numbers[0] > FEWEST:
        return max(FEWEST, math.floor(0.7 * numbers[0]))
    return None


def smallest(chances: Sequence[Chance], power: float) -> tuple[int | None, int | None, int | None]:
    """The smallest number whose chance reaches a power, and its Monte-Carlo interval.

    The simulated chances, made to rise with the number (no other shape is assumed), are
    interpolated on the normal scale. Interpolation wastes less than the smallest number tried whose
    lower limit reaches the power, which would rise as fewer trials are simulated. None where no
    number tried is enough; the upper limit likewise.
    """
    numbers = np.array([float(found.setting.n) for found in chances])
    best = crossing(numbers, rising([found.chance for found in chances]), power)
    low = crossing(numbers, rising([found.high for found in chances]), power)
    high = crossing(numbers, rising([found.low for found in chances]), power)
    return best, low, high


def crossing(numbers: Vector, level: Vector, power: float) -> int | None:
    """The smallest whole number at which a rising curve reaches a power."""
    enough = np.flatnonzero(level >= power)
    if not len(enough):
        return None
    after = int(enough[0])
    if after == 0:
        return int(numbers[0])
    below, above = ndtri(np.clip(level[after - 1 : after + 1], 1e-4, 1 - 1e-4))
    wanted = float(ndtri(power))
    share = 1.0 if above <= below else (wanted - below) / (above - below)
    start, end = numbers[after - 1], numbers[after]
    reached = float(start + min(1.0, max(0.0, share)) * (end - start))
    return math.ceil(reached - 1e-9)


def rising(values: Sequence[float]) -> Vector:
    """The nearest values that never fall (Ayer et al. 1955, Ann Math Stat 26:641)."""
    blocks: list[tuple[float, int]] = []
    for value in values:
        blocks.append((value, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (one, m), (two, k) = blocks[-2:]
            blocks[-2:] = [((m * one + k * two) / (m + k), m + k)]
    found: Vector = np.repeat([mean for mean, _ in blocks], [count for _, count in blocks])
    return found


def curve(chances: Sequence[Chance], at: Vector) -> Vector:
    """The rising curve through simulated chances at some numbers, interpolated as `smallest` is."""
    numbers = np.array([float(found.setting.n) for found in chances])
    level = ndtri(np.clip(rising([found.chance for found in chances]), 1e-4, 1 - 1e-4))
    found: Vector = ndtr(np.interp(at, numbers, level))
    return found
