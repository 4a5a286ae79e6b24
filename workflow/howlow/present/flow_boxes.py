"""The flow of participants drawn: boxes from the top down, and the arrows between them."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from howlow.present.flow import FlowFigure, Stop
from howlow.present.page import Page
from howlow.present.theme import (
    BODY,
    EDGE,
    FAINT,
    LINE,
    PAGE_WIDTH,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    wrap,
)

#: Space between columns, within a box, and the widest box, in inches.
_BETWEEN, _INSIDE, _WIDEST = 0.14, 0.07, 2.6
_ARROW = 0.26


def draw_flow(shown: FlowFigure) -> Figure:
    """The figure; every text is wrapped to its box, and a row is as high as its fullest box."""
    page = Page(PAGE_WIDTH)
    colour = {"color": WARNING} if shown.trial.simulated else {}
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold", **colour)
    y = page.note(EDGE, y, wrap(shown.trial.cite, PAGE_WIDTH - 2 * EDGE, SMALL)) + 0.12
    count = len(shown.columns)
    room = PAGE_WIDTH - 2 * EDGE
    width = min(_WIDEST if count > 1 else 1.3 * _WIDEST, (room + _BETWEEN) / count - _BETWEEN)
    start = (PAGE_WIDTH - count * width - (count - 1) * _BETWEEN) / 2
    middles = [start + k * (width + _BETWEEN) + width / 2 for k in range(count)]
    centre = PAGE_WIDTH / 2
    y = _box(page, centre, y, 1.3 * _WIDEST, shown.everybody)
    y = _spread(page, centre, middles, y)
    for row in range(len(shown.columns[0])):
        stops = [column[row] for column in shown.columns]
        # A line runs past where an arm has no box, if it has one further down.
        goes_on = [any(column[row:]) for column in shown.columns]
        if row:
            y = _arrows(page, middles, y, width, stops, goes_on)
        height = _height(stops, width)
        for middle, stop, more in zip(middles, stops, goes_on, strict=True):
            if stop is not None:
                _box(page, middle, y, width, stop, height)
            elif more:
                page.line([middle, middle], [y, y + height], color=FAINT)
        y += height
    return page.finish(y + 0.1)


def _spread(page: Page, centre: float, middles: list[float], y: float) -> float:
    """The lines from the first box to each column."""
    half = _ARROW / 2 + 0.04
    page.line([centre, centre], [y, y + half], color=FAINT)
    if len(middles) > 1:
        page.line([middles[0], middles[-1]], [y + half, y + half], color=FAINT)
    for middle in middles:
        _arrow(page, middle, y + half, y + 2 * half)
    return y + 2 * half


def _arrow(page: Page, x: float, top: float, bottom: float) -> None:
    """A line down with its point."""
    page.line([x, x], [top, bottom - 0.05], color=FAINT)
    page.area([x - 0.035, x + 0.035, x], [bottom - 0.06, bottom - 0.06, bottom], FAINT)


def _arrows(
    page: Page,
    middles: list[float],
    y: float,
    width: float,
    stops: Sequence[Stop | None],
    goes_on: Sequence[bool],
) -> float:
    """The way to the next row of boxes, with what stands beside it."""
    step = SMALL * LINE
    beside = [_beside(stop, width) for stop in stops]
    height = max(_ARROW, max(map(len, beside)) * step + 0.1)
    for middle, stop, lines, more in zip(middles, stops, beside, goes_on, strict=True):
        if stop is not None:
            _arrow(page, middle, y, y + height)
        elif more:
            page.line([middle, middle], [y, y + height], color=FAINT)
        top = y + (height - len(lines) * step) / 2 - 0.02
        page.write_lines(middle + 0.08, top, lines, SMALL, color=SOFT)
    return y + height


def _beside(stop: Stop | None, width: float) -> list[str]:
    """The lines beside an arrow."""
    texts = stop.beside if stop else ()
    return [line for text in texts for line in wrap(text, width / 2 - 0.08, SMALL)]


def _lines(stop: Stop, width: float) -> tuple[list[str], list[str]]:
    """The lines of a box: its heading, and what stands below."""
    inside = width - 2 * _INSIDE
    heading = wrap(stop.heading, inside, BODY, bold=True)
    return heading, [line for text in stop.lines for line in wrap(text, inside, SMALL)]


def _height(stops: Sequence[Stop | None], width: float) -> float:
    """The height of a row of boxes, as its fullest needs it."""
    return max((_needs(stop, width) for stop in stops if stop is not None), default=0.0)


def _needs(stop: Stop, width: float) -> float:
    """The height that one box needs."""
    heading, below = _lines(stop, width)
    return (len(heading) * BODY + len(below) * SMALL) * LINE + 2 * _INSIDE


def _box(
    page: Page, middle: float, y: float, width: float, stop: Stop, height: float | None = None
) -> float:
    """A box with its texts; returns where it ends."""
    end = y + (_needs(stop, width) if height is None else height)
    left, right = middle - width / 2, middle + width / 2
    page.line([left, right, right, left, left], [y, y, end, end, y], color=SOFT)
    heading, below = _lines(stop, width)
    text = page.write_lines(middle, y + _INSIDE, heading, BODY, ha="center", weight="bold")
    page.write_lines(middle, text, below, SMALL, ha="center")
    return end
