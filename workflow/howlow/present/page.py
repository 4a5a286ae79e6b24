"""A figure as a page to write and draw on, in inches from its top left corner.

There are no matplotlib axes: a figure is a few dozen lines, areas and texts on scales of their own,
which costs a tenth of an Axes with its ticks and leaves nothing to be laid out by trial and error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from matplotlib.text import Text
from matplotlib.transforms import Affine2D

from howlow.analysis.rounding import plain, tick_places, ticks
from howlow.present.theme import BODY, FAINT, INK, LINE, SMALL, SOFT, width_of


@dataclass(frozen=True)
class Scale:
    """A straight line from values to inches; values outside are held at the ends."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        """The place of a value."""
        held = min(max(value, self.low), self.high)
        return self.start + (held - self.low) / (self.high - self.low) * (self.end - self.start)

    def holds(self, value: float) -> bool:
        """Whether a value lies inside."""
        return self.low <= value <= self.high


class Page:
    """A figure of a fixed width whose height is set when all is on it."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.figure = Figure(figsize=(width, 1.0))
        self._down = Affine2D()
        self._place = self._down + self.figure.dpi_scale_trans

    def finish(self, height: float) -> Figure:
        """The figure, cut to a height."""
        self.figure.set_size_inches(self.width, height)
        self._down.clear().scale(1, -1).translate(0, height)
        return self.figure

    def line(self, xs: Sequence[float], ys: Sequence[float], **style: Any) -> None:
        """A line through points; also a row of shapes, with `marker` and no `linestyle`."""
        style = {"color": INK, "linewidth": 0.8, "solid_capstyle": "butt", **style}
        self.figure.add_artist(Line2D(xs, ys, transform=self._place, **style))

    def shape(self, x: float, y: float, marker: str, size: float, **style: Any) -> None:
        """One shape of a size in points."""
        self.line([x], [y], marker=marker, markersize=size, linestyle="none", **style)

    def area(self, xs: Sequence[float], ys: Sequence[float], colour: str, **style: Any) -> None:
        """A filled area without an edge."""
        style = {"facecolor": colour, "edgecolor": "none", "closed": True, **style}
        corners = list(zip(xs, ys, strict=True))
        self.figure.add_artist(Polygon(corners, transform=self._place, **style))

    def write(self, x: float, y: float, text: str, size: float = BODY, **style: Any) -> None:
        """A line of text; its letters stand centred on `y` unless told otherwise."""
        style = {"color": INK, "ha": "left", "va": "center_baseline", **style}
        shown = "".join(letter if letter.isprintable() else " " for letter in text)
        self.figure.add_artist(
            Text(
                x,
                y,
                shown,
                fontsize=size,
                parse_math=False,
                rotation_mode="anchor",
                transform=self._place,
                **style,
            )
        )

    def write_lines(
        self, x: float, y: float, lines: Sequence[str], size: float = BODY, **style: Any
    ) -> float:
        """Lines of text from the top `y` down; returns where the next line would begin."""
        step = size * LINE
        for position, line in enumerate(lines):
            self.write(x, y + (position + 0.5) * step, line, size, **style)
        return y + len(lines) * step

    def axis_down(
        self, scale: Scale, x: float, title: Sequence[str], *, right: bool = False
    ) -> None:
        """A vertical axis at `x` with its ticks and its title, on its left or its right."""
        side = 1 if right else -1
        self.line([x, x], [scale.start, scale.end], color=INK)
        values = ticks(scale.low, scale.high)
        places = tick_places(values)
        for value in values:
            self.line([x, x + side * 0.045], [scale(value)] * 2)
            self.write(
                x + side * 0.075,
                scale(value),
                plain(value, places),
                SMALL,
                ha="left" if right else "right",
            )
        middle = (scale.start + scale.end) / 2
        step = BODY * LINE
        widest = max(width_of(plain(value, places), SMALL) for value in values)
        for position, line in enumerate(title):
            row = position if right else len(title) - 1 - position
            away = 0.075 + widest + (0.8 + row) * step
            self.write(x + side * away, middle, line, BODY, ha="center", rotation=90)

    def zero(self, xs: tuple[float, float], y: float) -> None:
        """A line at no change or no difference."""
        self.line(xs, [y, y], color=FAINT, linewidth=0.8)

    def note(self, x: float, y: float, lines: Sequence[str]) -> float:
        """Small grey text."""
        return self.write_lines(x, y, lines, SMALL, color=SOFT)
