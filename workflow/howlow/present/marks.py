"""What is drawn in the two panels of an estimation plot: arms on the left, differences right."""

from __future__ import annotations

import math

import numpy as np

from howlow.present.page import Page, Scale
from howlow.present.panels import PANEL_HEIGHT, TAILS, Panels, mean_place
from howlow.present.theme import BAND, BODY, DENSITY, FAINT, SOFT, arm_style, wrap
from howlow.present.trials import ContrastShown, TrialFigure
from howlow.present.wording import difference_unit, in_sentence


def draw_arms(page: Page, shown: TrialFigure, panels: Panels) -> None:
    """The left panel."""
    x0, x1 = panels.left
    unit = f"({shown.unit})"
    title = wrap(f"Change in {in_sentence(shown.outcome_label)} {unit}", PANEL_HEIGHT, BODY)
    page.axis_down(panels.changes, x0, title[:3])
    page.zero((x0, x1), panels.changes(0))
    if shown.limb_pairs:
        _join_limbs(page, shown, panels)
    for position in range(len(shown.arms)):
        _draw_arm(page, shown, position, panels)


def _join_limbs(page: Page, shown: TrialFigure, panels: Panels) -> None:
    """Thin lines between the limbs of one person, from arm to arm."""
    xs: list[float] = []
    ys: list[float] = []
    for position, (one, other) in enumerate(zip(shown.arms, shown.arms[1:], strict=False)):
        partner = dict(other.changes)
        for person, change in one.changes:
            if person in partner:
                xs += [panels.arm(position), panels.arm(position + 1), math.nan]
                ys += [panels.changes(change), panels.changes(partner[person]), math.nan]
    if xs:
        page.line(xs, ys, color=FAINT, linewidth=0.4)


def _draw_arm(page: Page, shown: TrialFigure, position: int, panels: Panels) -> None:
    """Individuals as small points, and the mean with its interval beside them."""
    arm = shown.arms[position]
    colour, marker = arm_style(position)
    scale, middle = panels.changes, panels.arm(position)
    if arm.changes:
        values = [change for _, change in arm.changes]
        # Joined limbs stand in a column of their own, so that each line ends in its point.
        spread = 0.0 if shown.limb_pairs else 0.16 * panels.slot
        page.line(
            [middle + spread * offset for offset in _swarm(values, scale)],
            [scale(value) for value in values],
            color=colour,
            alpha=0.6,
            linestyle="none",
            marker=marker,
            markersize=3.0,
            markeredgewidth=0,
        )
    middle = mean_place(shown, position, panels)
    place = scale(arm.mean.estimate)
    if math.isfinite(arm.mean.low):
        limits = [scale(arm.mean.low), scale(arm.mean.high)]
        page.line([middle] * 2, limits, color=colour, linewidth=1.8)
        page.shape(middle, place, marker, 6, color=colour)
    else:
        page.shape(middle, place, marker, 6, color=SOFT, markerfacecolor="white")


def _swarm(values: list[float], scale: Scale) -> list[float]:
    """Offsets in [-1, 1]: points of nearly the same height move apart, by order alone."""
    offsets = [0.0] * len(values)
    taken: dict[int, int] = {}
    for index in sorted(range(len(values)), key=lambda k: (values[k], k)):
        row = round(scale(values[index]) / 0.05)
        count = taken.get(row, 0)
        taken[row] = count + 1
        step = (count + 1) // 2 * (1 if count % 2 else -1)
        offsets[index] = max(-1.0, min(1.0, step / 4))
    return offsets


def draw_contrasts(page: Page, shown: TrialFigure, panels: Panels) -> None:
    """The right panel: margin, zero, density, intervals."""
    scale, (x0, x1) = panels.differences, panels.right
    for position, one in enumerate(shown.contrasts):
        if one.margin:
            edges = (x0 + position * panels.slot, x0 + (position + 1) * panels.slot)
            _band(page, scale, edges, one.margin)
    page.zero((x0, x1), scale(0))
    if panels.reference is not None:
        arm = next(k for k, a in enumerate(shown.arms) if a.label == shown.contrasts[0].second)
        ends = (mean_place(shown, arm, panels), x1)
        page.line(ends, [scale(0)] * 2, color=SOFT, linewidth=0.8, linestyle=(0, (3, 2)))
    for position, one in enumerate(shown.contrasts):
        _draw_contrast(page, one, panels.contrast(position) - 0.16 * panels.slot, panels)
    unit = difference_unit(shown)
    title = wrap(f"Difference ({unit})", PANEL_HEIGHT, BODY)
    page.axis_down(scale, x1, title, right=True)


def _band(page: Page, scale: Scale, edges: tuple[float, float], margin: float) -> None:
    """The margin as a shaded band with fine edges where it ends inside the panel."""
    low, high = scale(-margin), scale(margin)
    page.area([edges[0], edges[1], edges[1], edges[0]], [low, low, high, high], BAND)
    for value in (-margin, margin):
        if scale.holds(value):
            page.line(edges, [scale(value)] * 2, color=FAINT, linewidth=0.5, linestyle=(0, (1, 2)))


def _draw_contrast(page: Page, one: ContrastShown, x: float, panels: Panels) -> None:
    """Half a violin of the t density, the two intervals and the estimate."""
    scale = panels.differences
    if one.se > 0 and math.isfinite(one.df):
        half = TAILS * (one.raw.high - one.raw.low) / 2
        values = np.linspace(one.raw.estimate - half, one.raw.estimate + half, 81)
        density = (1 + ((values - one.raw.estimate) / one.se) ** 2 / one.df) ** (-(one.df + 1) / 2)
        ys = [scale(float(value)) for value in values]
        xs = [x + float(height) * 0.5 * panels.slot for height in density]
        page.area([x, *xs, x], [ys[0], *ys, ys[-1]], DENSITY)
    page.line([x] * 2, [scale(one.raw.low), scale(one.raw.high)], linewidth=1.3)
    if all(math.isfinite(limit) for limit in one.equivalence):
        page.line([x] * 2, [scale(limit) for limit in one.equivalence], linewidth=3.4)
    page.shape(x, scale(one.raw.estimate), "o", 6.5, markerfacecolor="white", markeredgewidth=1.4)
