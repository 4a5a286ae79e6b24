"""The drawing of a network: its graph on the left, its effects against the reference right."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.figure import Figure

from howlow.analysis.rounding import percent_with_interval
from howlow.present.network_graph import NetworkFigure, Node
from howlow.present.page import Page
from howlow.present.percent_axis import STEP, PercentAxis, percent_scale
from howlow.present.theme import EDGE, FAINT, INK, PAGE_WIDTH, SMALL, SOFT, TITLE, wrap

#: The graph's middle and radii, in inches; the columns of the effects.
_MIDDLE, _ACROSS, _DOWN = 1.78, 1.0, 1.25
_LABEL, _PLOT, _PLOT_END, _NUMBERS = 3.62, 4.42, 5.50, 5.62
_LABEL_WIDTH = 0.76
_ROW = 2 * STEP + 0.05
#: The largest circle and the thickest line, in points.
_CIRCLE, _THICK = 16.0, 4.5


@dataclass(frozen=True)
class _Spot:
    """Where a node stands, and on which side its name."""

    x: float
    y: float
    angle: float


def draw_network(shown: NetworkFigure) -> Figure:
    """The figure of one network."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    top = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.1
    y = max(_graph(page, shown, top), _effects(page, shown, top)) + 0.06
    notes = wrap(" ".join(shown.notes), PAGE_WIDTH - 2 * EDGE, SMALL)
    return page.finish(page.note(EDGE, y, notes) + 0.08)


def _graph(page: Page, shown: NetworkFigure, top: float) -> float:
    """Nodes on an ellipse in their order, from the top on; returns where it ends."""
    middle = top + _DOWN + 0.5
    count = len(shown.nodes)
    spots = {
        node.name: _Spot(
            _MIDDLE + _ACROSS * math.sin(2 * math.pi * place / count),
            middle - _DOWN * math.cos(2 * math.pi * place / count),
            2 * math.pi * place / count,
        )
        for place, node in enumerate(shown.nodes)
    }
    most = max((edge.trials for edge in shown.edges), default=1)
    taken: list[tuple[float, float]] = []
    for edge in shown.edges:
        one, other = spots[edge.first], spots[edge.second]
        width = max(0.6, _THICK * edge.trials / most)
        page.line([one.x, other.x], [one.y, other.y], color=FAINT, linewidth=width, zorder=1)
        _count(page, one, other, edge.trials, taken)
    largest = max((node.participants for node in shown.nodes), default=1) or 1
    for node in shown.nodes:
        _node(page, node, spots[node.name], largest)
    return middle + _DOWN + 0.5


def _count(
    page: Page, one: _Spot, other: _Spot, trials: int, taken: list[tuple[float, float]]
) -> None:
    """The number of trials on a line, where no other number stands."""
    for share in (0.5, 0.4, 0.6, 0.33, 0.67, 0.27, 0.73):
        x, y = one.x + share * (other.x - one.x), one.y + share * (other.y - one.y)
        if all(abs(x - a) > 0.12 or abs(y - b) > 0.12 for a, b in taken):
            break
    taken.append((x, y))
    page.shape(x, y, "o", 9.5, color="white", zorder=1.5)
    page.write(x, y, str(trials), SMALL, ha="center", zorder=2)


def _node(page: Page, node: Node, spot: _Spot, largest: int) -> None:
    """A circle, with its name and its people outside the ellipse."""
    size = max(4.0, _CIRCLE * math.sqrt(node.participants / largest))
    fill = INK if node.connected else "white"
    page.shape(spot.x, spot.y, "o", size, color=INK, markerfacecolor=fill, zorder=3)
    lines = [*wrap(node.name, 0.62, SMALL), f"n = {node.participants}"]
    lines += [] if node.connected else ["apart"]
    across, up = math.sin(spot.angle), math.cos(spot.angle)
    away = size / 144 + 0.05
    ha = "left" if across > 0.2 else "right" if across < -0.2 else "center"
    x = spot.x + (0.0 if ha == "center" else math.copysign(away, across))
    height = len(lines) * STEP
    rise = height / 2 + (away + height / 2 if ha == "center" else 0.3 * height) * up
    page.write_lines(x, spot.y - rise, lines, SMALL, ha=ha)


def _effects(page: Page, shown: NetworkFigure, top: float) -> float:
    """Each node against the reference; returns where it ends."""
    margin = shown.margin or 0.0
    core = [margin, -margin, *(one.estimate for one in shown.effects)]
    ends = [limit for one in shown.effects for limit in (one.low, one.high)]
    axis = PercentAxis(page, percent_scale(core, ends, _PLOT, _PLOT_END))
    page.write(_LABEL, top + STEP / 2, f"Against {shown.against}", SMALL, color=SOFT)
    head = f"% [{100 * shown.level:g} % interval]"
    page.write(_NUMBERS, top + STEP / 2, head, SMALL, color=SOFT)
    y = start = top + STEP + 0.07
    page.line([_LABEL, PAGE_WIDTH - EDGE], [y - 0.03] * 2, linewidth=0.6)
    for one in shown.effects:
        lines = wrap(one.node, _LABEL_WIDTH, SMALL)
        middle = y + STEP / 2
        page.write_lines(_LABEL, y, lines, SMALL)
        axis.interval(one.low, one.high, middle, linewidth=1.0)
        fill = "white" if one.indirect_only else INK
        page.shape(axis.scale(one.estimate), middle, "s", 4.6, color=INK, markerfacecolor=fill)
        numbers = percent_with_interval(one.estimate, one.low, one.high)
        page.write(_NUMBERS, middle, numbers, SMALL)
        y += max(_ROW, len(lines) * STEP + 0.05)
    axis.ground(shown.margin, start - 0.02, y)
    return axis.ticks(y, "Difference, per cent")
