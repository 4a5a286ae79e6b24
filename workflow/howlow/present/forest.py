"""Forest plots: one row an effect on the common scale, described rows apart, the pool below."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from howlow.analysis.rounding import (
    as_percent,
    percent_with_interval,
    plain,
    signed,
    tick_places,
    ticks,
)
from howlow.present.effects import IN_DAYS, QUESTIONS, Effect, ForestFigure, Pooled
from howlow.present.page import Page, Scale
from howlow.present.theme import (
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
from howlow.present.wording import forest_notes, forest_title

#: Columns, in inches: trial and arms from the left; n and time to their right edges; the plot; and
#: numbers from the left.
_TRIAL, _LABEL, _N, _TIME = EDGE, 1.36, 3.06, 3.40
_PLOT, _PLOT_END, _NUMBERS = 3.54, 5.12, 5.22
_GAP = 0.05
_STEP = SMALL * LINE
#: The scale reaches this many times the spread of the estimates beyond them; what lies further out
#: is cut with an arrow, so that one wide interval does not flatten all others.
_REACH = 1.0


@dataclass(frozen=True)
class _Canvas:
    """The page, what is shown on it, its scale, and the weight of the largest square."""

    page: Page
    shown: ForestFigure
    scale: Scale
    heaviest: float


def draw_forest(shown: ForestFigure) -> Figure:
    """The forest of one question and construct."""
    page = Page(PAGE_WIDTH)
    heaviest = max((row.weight for row in shown.effects), default=0.0)
    canvas = _Canvas(page, shown, _scale(shown), heaviest)
    title = wrap(forest_title(shown), PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.1
    y = top = _heads(canvas, y)
    for row in shown.effects:
        y = _row(canvas, row, y)
    for pooled in shown.pooled:
        y = _diamond(canvas, pooled, y)
    if shown.described:
        y = _block_title(canvas, y)
        for row in shown.described:
            y = _row(canvas, row, y)
    _behind(canvas, top - 0.02, y)
    y = _axis(canvas, y) + 0.05
    for note in forest_notes(shown):
        y = page.note(EDGE, y, wrap(note, PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _scale(shown: ForestFigure) -> Scale:
    """Log ratios to inches."""
    margin = shown.margin or 0.0
    rows = (*shown.effects, *shown.described)
    core = [0.0, margin, -margin, *(row.estimate for row in rows)]
    core += [pooled.estimate for pooled in shown.pooled]
    ends = [limit for row in shown.effects for limit in (row.low, row.high)]
    for pooled in shown.pooled:
        ends += [pooled.low, pooled.high, *(pooled.prediction or ())]
    low, high = min(core), max(core)
    reach = _REACH * max(high - low, 0.02)
    low = max(min([low, *ends]), low - reach)
    high = min(max([high, *ends]), high + reach)
    air = 0.04 * (high - low)
    return Scale(low - air, high + air, _PLOT, _PLOT_END)


def _heads(canvas: _Canvas, y: float) -> float:
    """The head of the table."""
    shown, page = canvas.shown, canvas.page
    middle = y + _STEP / 2
    page.write(_TRIAL, middle, "Trial", SMALL, color=SOFT)
    page.write(_LABEL, middle, "Group" if shown.over_time else "Arms", SMALL, color=SOFT)
    page.write(_N, middle, "n", SMALL, color=SOFT, ha="right")
    unit = "days" if shown.question in IN_DAYS else "weeks"
    page.write(_TIME, middle, unit, SMALL, color=SOFT, ha="right")
    level = f"per cent [{100 * shown.level:g} % interval]"
    page.write(_NUMBERS, middle, level, SMALL, color=SOFT)
    y += _STEP + 0.03
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    return y + 0.04


def _row(canvas: _Canvas, row: Effect, y: float) -> float:
    """One effect; returns where the next row begins."""
    page = canvas.page
    ink = SOFT if row.described else INK
    trial = _short(row.cite)
    label = wrap(row.label.replace(" - ", " − "), _N - 0.3 - _LABEL, SMALL)
    height = max(len(trial), len(label)) * _STEP
    page.write_lines(_TRIAL, y, trial, SMALL, color=ink)
    page.write_lines(_LABEL, y, label, SMALL, color=ink)
    # Numbers and symbols stand at the height of a row's first line.
    middle = y + _STEP / 2
    page.write(_N, middle, _whole(row.n), SMALL, color=ink, ha="right")
    page.write(_TIME, middle, _time(row, canvas.shown), SMALL, color=ink, ha="right")
    numbers = percent_with_interval(row.estimate, row.low, row.high)
    marks = f" †{row.marks}" if row.marks else ""
    page.write(_NUMBERS, middle, numbers + marks, SMALL, color=ink)
    if row.described:
        x = canvas.scale(row.estimate)
        page.shape(x, middle, "o", 4.2, color=SOFT, markerfacecolor="white", markeredgewidth=0.9)
        return y + height + _GAP
    _interval(canvas, row.low, row.high, middle, linewidth=1.0)
    share = math.sqrt(row.weight / canvas.heaviest) if canvas.heaviest else 1.0
    page.shape(
        canvas.scale(row.estimate),
        middle,
        "s",
        2.4 + 3.6 * share,
        color=INK,
        markerfacecolor=INK if row.pooled or not canvas.shown.pooled else "white",
        markeredgewidth=0.9,
    )
    return y + height + _GAP


def _short(cite: str) -> list[str]:
    """The citation in lines; one of more than two lines goes without its remark in brackets."""
    width = _LABEL - _TRIAL - 0.08
    lines = wrap(cite, width, SMALL)
    bare = cite.partition(" (")[0]
    return wrap(bare, width, SMALL) if len(lines) > 2 and bare else lines


def _interval(canvas: _Canvas, low: float, high: float, y: float, **style: Any) -> None:
    """A horizontal interval, with an arrow where it leaves the scale."""
    scale, page = canvas.scale, canvas.page
    page.line([scale(low), scale(high)], [y, y], **style)
    for limit, marker in ((low, "<"), (high, ">")):
        if not scale.holds(limit):
            page.shape(scale(limit), y, marker, 3.6, color=INK)


def _whole(number: float) -> str:
    """A count, or a dash."""
    return f"{number:.0f}" if math.isfinite(number) else "–"


def _time(row: Effect, shown: ForestFigure) -> str:
    """Weeks, or days for disuse and what follows it; a dash where they are not printed."""
    if not math.isfinite(row.weeks) or row.weeks <= 0:
        return "–"
    return f"{7 * row.weeks:.0f}" if shown.question in IN_DAYS else f"{row.weeks:.3g}"


def _diamond(canvas: _Canvas, pooled: Pooled, y: float) -> float:
    """The mean over trials as a diamond, and the interval for a new trial as a line."""
    page = canvas.page
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.4, color=FAINT)
    y += 0.05
    middle = y + _STEP / 2
    page.write(_TRIAL, middle, "Mean over trials", SMALL, weight="bold")
    page.write(_LABEL, middle, f"{pooled.studies} trials, {pooled.at}", SMALL, weight="bold")
    page.write(_N, middle, _whole(pooled.participants), SMALL, ha="right", weight="bold")
    numbers = percent_with_interval(pooled.estimate, pooled.low, pooled.high)
    page.write(_NUMBERS, middle, numbers, SMALL, weight="bold")
    _rhombus(canvas, (pooled.low, pooled.estimate, pooled.high), middle, INK)
    y += _STEP + _GAP
    if pooled.unwidened is not None:
        lines = wrap("widened, because the trials agree by chance", _N - _LABEL, SMALL)
        y = page.write_lines(_LABEL, y, lines, SMALL, color=SOFT) + _GAP
        low, high = pooled.unwidened
        _rhombus(canvas, (low, pooled.estimate, high), y + _STEP / 2, "white")
        y = _limits(canvas, "not widened", pooled.unwidened, y)
    if pooled.prediction is not None:
        _interval(canvas, *pooled.prediction, y + _STEP / 2, linewidth=0.8, dashes=(3, 1.5))
        y = _limits(canvas, "a new trial would lie within", pooled.prediction, y)
    lines = wrap(pooled.judged, _N - 0.1 - _LABEL, SMALL)
    return page.write_lines(_LABEL, y, lines, SMALL) + _GAP


def _rhombus(canvas: _Canvas, values: tuple[float, float, float], y: float, fill: str) -> None:
    """A diamond from limit to limit, cut with an arrow where it leaves the scale."""
    half = 0.06
    low, middle, high = (canvas.scale(value) for value in values)
    xs, ys = [low, middle, high, middle], [y, y - half, y, y + half]
    canvas.page.area(xs, ys, fill, edgecolor=INK, linewidth=0.7, zorder=3)
    for limit, marker in ((values[0], "<"), (values[2], ">")):
        if not canvas.scale.holds(limit):
            canvas.page.shape(canvas.scale(limit), y, marker, 3.6, color=INK, zorder=4)


def _limits(canvas: _Canvas, what: str, limits: tuple[float, float], y: float) -> float:
    """A further interval of the mean over trials, in words and numbers."""
    low, high = (signed(as_percent(limit), 1) for limit in limits)
    canvas.page.write(_LABEL, y + _STEP / 2, what, SMALL, color=SOFT)
    canvas.page.write(_NUMBERS, y + _STEP / 2, f"[{low}, {high}]", SMALL, color=SOFT)
    return y + _STEP + _GAP


def _block_title(canvas: _Canvas, y: float) -> float:
    """The head of the rows that have no interval."""
    page = canvas.page
    page.line([EDGE, PAGE_WIDTH - EDGE], [y + 0.03] * 2, linewidth=0.4, color=FAINT)
    y += 0.07
    page.write(_TRIAL, y + _STEP / 2, "Described only: no spread printed", SMALL, style="italic")
    return y + _STEP + _GAP


def _behind(canvas: _Canvas, top: float, bottom: float) -> None:
    """The margin as a band, and the line of no difference."""
    page, scale = canvas.page, canvas.scale
    if canvas.shown.margin is not None:
        low, high = scale(-canvas.shown.margin), scale(canvas.shown.margin)
        page.area([low, high, high, low], [top, top, bottom, bottom], BAND, zorder=0)
    page.line([scale(0)] * 2, [top, bottom], color=FAINT, linewidth=0.8, zorder=0.5)


def _axis(canvas: _Canvas, y: float) -> float:
    """Ticks at round per cents on the scale of log ratios, and whose side is whose."""
    page, scale = canvas.page, canvas.scale
    page.line([_PLOT, _PLOT_END], [y, y])
    values = ticks(as_percent(scale.low), as_percent(scale.high), 8)
    places = tick_places(values)
    taken: list[float] = []
    # From zero outwards: a label that would touch another is left out, its tick is not.
    for value in sorted(values, key=abs):
        x, text = scale(math.log1p(value / 100)), plain(value, places)
        page.line([x, x], [y, y + 0.04])
        if all(abs(x - other) > width_of(text, SMALL) + 0.06 for other in taken):
            page.write(x, y + 0.06 + _STEP / 2, text, SMALL, ha="center")
            taken.append(x)
    y += 0.08 + _STEP
    what = "Change, per cent" if canvas.shown.over_time else "Difference, per cent"
    page.write((_PLOT + _PLOT_END) / 2, y + BODY * LINE / 2, what, BODY, ha="center")
    y += BODY * LINE + 0.02
    _, below, above = QUESTIONS[canvas.shown.question]
    page.write(scale(0) - 0.06, y + _STEP / 2, f"← {below}", SMALL, ha="right", color=SOFT)
    page.write(scale(0) + 0.06, y + _STEP / 2, f"{above} →", SMALL, color=SOFT)
    return y + _STEP
