"""A horizontal axis of log ratios, read as per cent, with the intervals that stand on it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from howlow.analysis.rounding import as_percent, plain, tick_places, ticks
from howlow.present.page import Page, Scale
from howlow.present.theme import BAND, BODY, FAINT, INK, LINE, SMALL, SOFT, width_of

#: Height of a line of small text, in inches.
STEP = SMALL * LINE
#: The scale reaches this many times the spread of the estimates beyond them; what lies further out
#: is cut with an arrow, so that one wide interval does not flatten all others.
_REACH = 1.0
_HALF_RHOMBUS = 0.06


@dataclass(frozen=True)
class PercentAxis:
    """A page and the scale that stands on it, from log ratios to inches."""

    page: Page
    scale: Scale

    def interval(self, low: float, high: float, y: float, **style: Any) -> None:
        """An interval, with an arrow where it leaves the scale."""
        scale, page = self.scale, self.page
        page.line([scale(low), scale(high)], [y, y], **style)
        colour = style.get("color", INK)
        for limit, marker in ((low, "<"), (high, ">")):
            if not scale.holds(limit):
                page.shape(scale(limit), y, marker, 3.6, color=colour)

    def rhombus(self, values: tuple[float, float, float], y: float, fill: str) -> None:
        """A diamond from limit to limit, cut with an arrow where it leaves the scale."""
        low, middle, high = (self.scale(value) for value in values)
        xs, ys = [low, middle, high, middle], [y, y - _HALF_RHOMBUS, y, y + _HALF_RHOMBUS]
        self.page.area(xs, ys, fill, edgecolor=INK, linewidth=0.7, zorder=3)
        for limit, marker in ((values[0], "<"), (values[2], ">")):
            if not self.scale.holds(limit):
                self.page.shape(self.scale(limit), y, marker, 3.6, color=INK, zorder=4)

    def ground(self, margin: float | None, top: float, bottom: float) -> None:
        """The margin as a band, and the line of no difference."""
        if margin is not None:
            low, high = self.scale(-margin), self.scale(margin)
            self.page.area([low, high, high, low], [top, top, bottom, bottom], BAND, zorder=0)
        x = self.scale(0)
        self.page.line([x, x], [top, bottom], color=FAINT, linewidth=0.8, zorder=0.5)

    def ticks(self, y: float, title: str) -> float:
        """Ticks at round per cents and the axis's title; returns where it ends."""
        page, scale = self.page, self.scale
        page.line([scale.start, scale.end], [y, y])
        values = ticks(as_percent(scale.low), as_percent(scale.high), 8)
        places = tick_places(values)
        taken: list[float] = []
        # From zero outwards: a label that would touch another is left out, its tick is not.
        for value in sorted(values, key=abs):
            x, text = scale(math.log1p(value / 100)), plain(value, places)
            page.line([x, x], [y, y + 0.04])
            if all(abs(x - other) > width_of(text, SMALL) + 0.06 for other in taken):
                page.write(x, y + 0.06 + STEP / 2, text, SMALL, ha="center")
                taken.append(x)
        y += 0.08 + STEP
        page.write((scale.start + scale.end) / 2, y + BODY * LINE / 2, title, BODY, ha="center")
        return y + BODY * LINE + 0.02

    def sides(self, y: float, below: str, above: str) -> float:
        """Whose side is whose, under the axis; returns where it ends."""
        x = self.scale(0)
        self.page.write(x - 0.06, y + STEP / 2, f"← {below}", SMALL, ha="right", color=SOFT)
        self.page.write(x + 0.06, y + STEP / 2, f"{above} →", SMALL, color=SOFT)
        return y + STEP


def draw_percents_down(page: Page, scale: Scale, x: float, title: Sequence[str]) -> None:
    """A vertical axis of log ratios at `x`, read as per cent, with its title on the left."""
    page.line([x, x], [scale.start, scale.end])
    values = ticks(as_percent(scale.low), as_percent(scale.high), 7)
    places = tick_places(values)
    for value in values:
        y = scale(math.log1p(value / 100))
        page.line([x - 0.045, x], [y, y])
        page.write(x - 0.075, y, plain(value, places), SMALL, ha="right")
    widest = max(width_of(plain(value, places), SMALL) for value in values)
    for position, line in enumerate(reversed(title)):
        away = 0.075 + widest + (0.8 + position) * BODY * LINE
        middle = (scale.start + scale.end) / 2
        page.write(x - away, middle, line, BODY, ha="center", rotation=90)


def percent_scale(core: Iterable[float], ends: Iterable[float], start: float, end: float) -> Scale:
    """A scale that holds zero and the core, and limits as far as they do not flatten it."""
    inside = [0.0, *(value for value in core if math.isfinite(value))]
    limits = [value for value in ends if math.isfinite(value)]
    low, high = min(inside), max(inside)
    reach = _REACH * max(high - low, 0.02)
    low = max(min([low, *limits]), low - reach)
    high = min(max([high, *limits]), high + reach)
    air = 0.04 * (high - low)
    return Scale(low - air, high + air, start, end)
