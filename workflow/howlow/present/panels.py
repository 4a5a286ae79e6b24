"""Where the two panels of an estimation plot stand, and on which scales."""

from __future__ import annotations

import math
from dataclasses import dataclass

from howlow.present.page import Scale
from howlow.present.theme import PAGE_WIDTH
from howlow.present.trials import ContrastShown, TrialFigure

#: Height of the panels, in inches.
PANEL_HEIGHT = 2.25
#: How far a density is drawn, in half widths of the interval.
TAILS = 1.32
_AXIS = 0.72
_WIDEST_SLOT = 1.78
#: The two panels share one scale only where the difference fills this share of it.
_LEAST_SHARE = 0.35


@dataclass(frozen=True)
class Panels:
    """Where things stand: the scales of both panels, their edges and slots."""

    changes: Scale
    differences: Scale
    left: tuple[float, float]
    right: tuple[float, float]
    slot: float
    reference: float | None

    def arm(self, position: int) -> float:
        """The middle of an arm's slot."""
        return self.left[0] + (position + 0.5) * self.slot

    def contrast(self, position: int) -> float:
        """The middle of a contrast's slot."""
        return self.right[0] + (position + 0.5) * self.slot


def place_panels(shown: TrialFigure, top: float) -> Panels:
    """Scales and slots: one scale for both panels where that leaves the difference readable."""
    arms, contrasts = len(shown.arms), len(shown.contrasts)
    between = 0.12 if arms else 0.0
    room = PAGE_WIDTH - 2 * _AXIS - between
    slot = min(_WIDEST_SLOT, room / (arms + contrasts))
    changes = _reach(
        [0.0]
        + [value for arm in shown.arms for _, value in arm.changes]
        + [
            limit
            for arm in shown.arms
            for limit in (arm.mean.estimate, arm.mean.low, arm.mean.high)
        ]
    )
    differences = _reach([0.0, *(limit for one in shown.contrasts for limit in _limits(one))])
    reference = _reference(shown)
    if reference is not None:
        shifted = (differences[0] + reference, differences[1] + reference)
        both = (min(changes[0], shifted[0]), max(changes[1], shifted[1]))
        if differences[1] - differences[0] >= _LEAST_SHARE * (both[1] - both[0]):
            changes, differences = both, (both[0] - reference, both[1] - reference)
        else:
            reference = None
    alone = (PAGE_WIDTH - contrasts * slot) / 2
    left = (_AXIS, _AXIS + arms * slot) if arms else (alone, alone)
    start = left[1] + between
    return Panels(
        Scale(*changes, top + PANEL_HEIGHT, top),
        Scale(*differences, top + PANEL_HEIGHT, top),
        left,
        (start, start + contrasts * slot),
        slot,
        reference,
    )


def _limits(one: ContrastShown) -> tuple[float, ...]:
    """Values the scale of differences must hold; a margin far out is cut off."""
    low, high = one.raw.low, one.raw.high
    tail = TAILS * (high - low) / 2
    margin = min(one.margin or 0.0, 2 * max(abs(low), abs(high), high - low))
    return (one.raw.estimate - tail, one.raw.estimate + tail, margin, -margin)


def _reach(values: list[float]) -> tuple[float, float]:
    """Lowest and highest value with some air around."""
    finite = [value for value in values if math.isfinite(value)]
    low, high = min(finite), max(finite)
    air = 0.04 * (high - low) or 1.0
    return low - air, high + air


def _reference(shown: TrialFigure) -> float | None:
    """The mean of the arm that the only contrast is against, to set its zero by."""
    if len(shown.contrasts) != 1:
        return None
    against = shown.contrasts[0].second
    return next((arm.mean.estimate for arm in shown.arms if arm.label == against), None)


def mean_place(shown: TrialFigure, position: int, panels: Panels) -> float:
    """Where an arm's mean stands: beside its individuals, outside the lines that join limbs."""
    middle = panels.arm(position)
    if not shown.arms[position].changes:
        return middle
    return middle + (-0.27 if shown.limb_pairs and position == 0 else 0.27) * panels.slot
