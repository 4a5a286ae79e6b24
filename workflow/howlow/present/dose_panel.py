"""The drawing of a dose-response curve: one panel, with the models and the trials beside it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from matplotlib.figure import Figure

from howlow.analysis.rounding import plain, tick_places, ticks
from howlow.present.dose_curve import THICK, CurvePoint, DoseCurve
from howlow.present.page import Page, Scale
from howlow.present.percent_axis import STEP, draw_percents_down, percent_scale
from howlow.present.theme import (
    ARM_COLOURS,
    BAND,
    BODY,
    EDGE,
    FAINT,
    INK,
    LINE,
    PAGE_WIDTH,
    SMALL,
    SOFT,
    TITLE,
    width_of,
    wrap,
)

_LEFT, _RIGHT, _LEGEND = 0.72, 4.72, 4.92
_HEIGHT = 2.9
_COLOUR = ARM_COLOURS[0]
#: Dashes of the models, in their order, each unlike the next without colour.
_DASHES = ((3, 1.5), (1, 1.2), (5, 1.2, 1, 1.2), (6, 2), (5, 1.2, 1, 1.2, 1, 1.2))
_LARGEST, _SMALLEST = 6.5, 3.0
#: Arms of one dose stand this far apart, in inches, where there is room, and no nearer than that.
_APART, _NEAREST = 0.1, 0.05


@dataclass(frozen=True)
class _Panel:
    """Where the curve stands, its lowest and highest dose, and what room letters have taken."""

    page: Page
    shown: DoseCurve
    across: Scale
    down: Scale
    aside: dict[CurvePoint, float]
    doses: tuple[float, float]
    taken: list[tuple[float, float, float, float]]

    def place(self, arm: CurvePoint) -> float:
        """Where an arm stands: at its dose, a little aside where other trials have the same."""
        return self.across(arm.dose) + self.aside[arm]

    def take(self, left: float, top: float, width: float) -> bool:
        """Whether a letter has room at a place, which is then taken."""
        right, bottom = left + width, top + STEP
        if any(
            left < other[2] and other[0] < right and top < other[3] and other[1] < bottom
            for other in self.taken
        ):
            return False
        self.taken.append((left, top, right, bottom))
        return True


def draw_dose_curve(shown: DoseCurve) -> Figure:
    """The figure of one curve."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    top = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.12
    panel = _place(page, shown, top)
    _ground(panel)
    _lines(panel)
    largest = max((point.n for point in shown.points if math.isfinite(point.n)), default=1.0)
    for _, arms in groupby(shown.points, key=lambda point: point.letter):
        _trial(panel, list(arms), largest)
    bottom = max(_axes(panel), _legend(panel, top)) + 0.06
    notes = wrap(" ".join(shown.notes), PAGE_WIDTH - 2 * EDGE, SMALL)
    bottom = page.note(EDGE, bottom, notes)
    return page.finish(bottom + 0.08)


def _place(page: Page, shown: DoseCurve, top: float) -> _Panel:
    """Scales that hold every dose, every estimate and the line."""
    doses = [point.dose for point in shown.points] + [at[0] for at in shown.line]
    doses += [point.reference for point in shown.points if point.reference is not None]
    core = [point.shown[1] for point in shown.points] + [at[1] for at in shown.line]
    core += [estimate for model in shown.models for _, estimate in model.line]
    core += [] if shown.margin is None else [shown.margin, -shown.margin]
    ends = [limit for point in shown.points for limit in (point.shown[0], point.shown[2])]
    ends += [limit for at in shown.line for limit in at[2:]]
    low, high = min(doses), max(doses)
    crowds = Counter(point.dose for point in shown.points)
    below, above = (
        min(0.25, 0.06 + 0.01 * crowds[end]) * ((high - low) or 1.0) for end in (low, high)
    )
    across = Scale(low - below, high + above, _LEFT, _RIGHT)
    down = percent_scale(core, ends, top + _HEIGHT, top)
    return _Panel(page, shown, across, down, _stand_aside(shown.points, across), (low, high), [])


def _stand_aside(points: Sequence[CurvePoint], across: Scale) -> dict[CurvePoint, float]:
    """Arms of one dose side by side, in the order of their trials, in inches from that dose."""
    doses = sorted({point.dose for point in points})
    gaps = [across(high) - across(low) for low, high in pairwise(doses)]
    found: dict[CurvePoint, float] = {}
    for dose in doses:
        here = [point for point in points if point.dose == dose]
        room = 0.8 * min(gaps, default=_RIGHT - _LEFT) / len(here)
        edge = 2 * min(across(dose) - _LEFT, _RIGHT - across(dose)) / len(here)
        step = min(_APART, max(room, _NEAREST), edge)
        for place, point in enumerate(here):
            found[point] = step * (place - (len(here) - 1) / 2)
    return found


def _ground(panel: _Panel) -> None:
    """The margin's band, no difference, and the dose that others are set against."""
    page, down, margin = panel.page, panel.down, panel.shown.margin
    if margin is not None:
        ends, limits = (_LEFT, _RIGHT), (down(-margin), down(margin))
        corners = ([ends[0], ends[1], ends[1], ends[0]], [limits[0]] * 2 + [limits[1]] * 2)
        page.area(*corners, BAND, zorder=0)
    page.zero((_LEFT, _RIGHT), down(0))
    reference = panel.shown.reference_dose
    if reference is not None and panel.across.holds(reference):
        x = panel.across(reference)
        page.line([x, x], [down.start, down.end], color=FAINT, linewidth=0.8, dashes=(1, 2))
        page.shape(x, down(0), "D", 3.6, color=INK, zorder=4)


def _lines(panel: _Panel) -> None:
    """The line of the mean over its band; the models thin and dashed."""
    page, shown, across, down = panel.page, panel.shown, panel.across, panel.down
    for place, model in enumerate(shown.models):
        if model.line:
            xs, ys = [across(at[0]) for at in model.line], [down(at[1]) for at in model.line]
            dashes = _DASHES[place % len(_DASHES)]
            page.line(xs, ys, color=SOFT, linewidth=0.7, dashes=dashes, zorder=1.5)
    if shown.line:
        xs = [across(at[0]) for at in shown.line]
        page.line(xs, [down(at[1]) for at in shown.line], color=_COLOUR, linewidth=2.0, zorder=2)
        limits = [at for at in shown.line if math.isfinite(at[2]) and math.isfinite(at[3])]
        places = [across(at[0]) for at in limits]
        low, high = [down(at[2]) for at in limits], [down(at[3]) for at in limits]
        if places:
            xs, ys = [*places, *reversed(places)], [*low, *reversed(high)]
            page.area(xs, ys, _COLOUR, alpha=0.16, zorder=1)


def _trial(panel: _Panel, arms: list[CurvePoint], largest: float) -> None:
    """The arms of one trial, joined where they were drawn by lot, with its letter at each."""
    page, across, down = panel.page, panel.across, panel.down
    if panel.shown.within:
        places = {(panel.place(arm), down(arm.shown[1])) for arm in arms}
        known = [arm for arm in arms if arm.reference is not None]
        places |= {(across(arm.reference or 0.0), down(arm.shift)) for arm in known}
        xs, ys = zip(*sorted(places), strict=True)
        page.line(xs, ys, color=FAINT, linewidth=0.6, zorder=2)
    for arm in arms:
        if arm.reference is not None and arm.shift:
            page.shape(across(arm.reference), down(arm.shift), "x", 3.0, color=SOFT, zorder=3)
        _point(panel, arm, largest)


def _point(panel: _Panel, arm: CurvePoint, largest: float) -> None:
    """One arm with its interval and its letter."""
    page, x = panel.page, panel.place(arm)
    low, middle, high = (panel.down(value) for value in arm.shown)
    if math.isfinite(arm.low):
        page.line([x, x], [low, high], color=SOFT, linewidth=0.7, zorder=2.5)
        for value, place, marker in ((arm.shown[0], low, "v"), (arm.shown[2], high, "^")):
            if not panel.down.holds(value):
                page.shape(x, place, marker, 3.0, color=SOFT, zorder=2.5)
    share = math.sqrt(arm.n / largest) if math.isfinite(arm.n) else 0.0
    size = _SMALLEST + (_LARGEST - _SMALLEST) * share
    fill = "white" if arm.assumed else INK
    page.shape(x, middle, "o", size, color=INK, markerfacecolor=fill, markeredgewidth=0.8, zorder=3)
    _letter(panel, arm.letter, x, _ends(low, middle, high))


def _ends(*places: float) -> tuple[float, float]:
    """The upper and lower end of what is drawn of an arm, in inches from the top."""
    finite = [place for place in places if math.isfinite(place)]
    return min(finite), max(finite)


def _letter(panel: _Panel, letter: str, x: float, ends: tuple[float, float]) -> None:
    """A trial's letter over the end of its interval, or under the other, where there is room."""
    width = width_of(letter, SMALL)
    for rise in range(4):
        for top in (ends[0] - 0.04 - (1 + rise) * STEP, ends[1] + 0.04 + rise * STEP):
            inside = panel.down.end - 0.02 <= top <= panel.down.start - STEP
            if inside and panel.take(x - width / 2, top, width):
                panel.page.write(x, top + STEP / 2, letter, SMALL, ha="center", zorder=4)
                return


def _axes(panel: _Panel) -> float:
    """Both axes with their units; returns where they end."""
    page, shown = panel.page, panel.shown
    title = wrap(f"Gain against {shown.against}, per cent", _HEIGHT, BODY)
    draw_percents_down(page, panel.down, _LEFT, title)
    y = panel.down.start
    page.line([_LEFT, _RIGHT], [y, y])
    values = ticks(panel.across.low, panel.across.high, 8)
    lowest, highest = panel.doses
    for value in (value for value in values if lowest <= value <= highest):
        x = panel.across(value)
        page.line([x, x], [y, y + 0.04])
        page.write(x, y + 0.06 + STEP / 2, plain(value, tick_places(values)), SMALL, ha="center")
    y += 0.08 + STEP
    page.write((_LEFT + _RIGHT) / 2, y + BODY * LINE / 2, shown.axis_title, BODY, ha="center")
    return y + BODY * LINE


def _legend(panel: _Panel, y: float) -> float:
    """The models with their weights, and the trials with their letters."""
    page, width = panel.page, PAGE_WIDTH - EDGE - _LEGEND
    y = page.write_lines(_LEGEND, y, ["Models (weight)"], SMALL, color=SOFT) + 0.02
    if panel.shown.line:
        page.line([_LEGEND, _LEGEND + 0.24], [y + STEP / 2] * 2, color=_COLOUR, linewidth=2.0)
        lines = wrap(THICK[4:], width - 0.32, SMALL)
        y = page.write_lines(_LEGEND + 0.32, y, lines, SMALL) + 0.02
    for place, model in enumerate(panel.shown.models):
        middle = y + STEP / 2
        if model.line:
            dashes = _DASHES[place % len(_DASHES)]
            xs = [_LEGEND, _LEGEND + 0.24]
            page.line(xs, [middle] * 2, color=SOFT, linewidth=0.7, dashes=dashes)
        weight = f" ({model.weight:.2f})" if math.isfinite(model.weight) else ""
        lines = wrap(f"{model.label}{weight}", width - 0.32, SMALL)
        y = page.write_lines(_LEGEND + 0.32, y, lines, SMALL) + 0.02
    y = page.write_lines(_LEGEND, y + 0.06, ["Trials (n)"], SMALL, color=SOFT) + 0.02
    for letter, arms in groupby(panel.shown.points, key=lambda point: point.letter):
        mine = list(arms)
        people = [f"{arm.n:.0f}" if math.isfinite(arm.n) else "–" for arm in mine]
        cite = mine[0].cite.partition(" (")[0]
        page.write(_LEGEND, y + STEP / 2, letter, SMALL)
        lines = wrap(f"{cite} ({', '.join(people)})", width - 0.2, SMALL)
        y = page.write_lines(_LEGEND + 0.2, y, lines, SMALL)
    return y
