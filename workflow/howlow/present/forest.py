"""Forest plots: one row an effect on the common scale, described rows apart, the pool below."""

from __future__ import annotations

import math
from dataclasses import dataclass

from matplotlib.figure import Figure

from howlow.analysis.rounding import as_percent, percent_with_interval, signed
from howlow.present.forest_figure import Beside, Effect, ForestFigure, Pooled
from howlow.present.forest_words import effect_numbers, forest_notes, forest_title
from howlow.present.page import Page, Scale
from howlow.present.percent_axis import STEP, PercentAxis, percent_scale
from howlow.present.questions import IN_DAYS, QUESTIONS
from howlow.present.theme import EDGE, FAINT, INK, PAGE_WIDTH, SMALL, SOFT, TITLE, wrap

#: Columns, in inches: trial and arms from the left; n and time to their right edges; the plot; and
#: numbers from the left.
_TRIAL, _LABEL, _N, _TIME = EDGE, 1.36, 3.06, 3.40
_PLOT, _PLOT_END, _NUMBERS = 3.54, 5.12, 5.22
_GAP = 0.05


@dataclass(frozen=True)
class _Canvas:
    """The page, what is shown on it, its scale, and the weight of the largest square."""

    page: Page
    shown: ForestFigure
    axis: PercentAxis
    heaviest: float


def draw_forest(shown: ForestFigure) -> Figure:
    """The forest of one question and construct."""
    page = Page(PAGE_WIDTH)
    heaviest = max((row.weight for row in shown.effects), default=0.0)
    canvas = _Canvas(page, shown, PercentAxis(page, _scale(shown)), heaviest)
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
    canvas.axis.ground(shown.margin, top - 0.02, y)
    y = canvas.axis.ticks(y, f"{'Change' if shown.over_time else 'Difference'}, per cent")
    y = canvas.axis.sides(y, *QUESTIONS[shown.question][1:]) + 0.05
    for note in forest_notes(shown):
        y = page.note(EDGE, y, wrap(note, PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _scale(shown: ForestFigure) -> Scale:
    """Log ratios to inches."""
    margin = shown.margin or 0.0
    rows = (*shown.effects, *shown.described)
    core = [0.0, margin, -margin, *(row.estimate for row in rows)]
    core += [pooled.estimate for pooled in shown.pooled]
    ends = [limit for row in rows for limit in row.limits]
    for pooled in shown.pooled:
        ends += [pooled.low, pooled.high, *(pooled.prediction or ())]
        beside = [one for one in pooled.beside if not one.own_scale]
        ends += [limit for one in beside for limit in (one.low, one.high)]
    return percent_scale(core, ends, _PLOT, _PLOT_END)


def _heads(canvas: _Canvas, y: float) -> float:
    """The head of the table."""
    shown, page = canvas.shown, canvas.page
    middle = y + STEP / 2
    page.write(_TRIAL, middle, "Trial", SMALL, color=SOFT)
    page.write(_LABEL, middle, "Group" if shown.over_time else "Arms", SMALL, color=SOFT)
    page.write(_N, middle, "n", SMALL, color=SOFT, ha="right")
    unit = "days" if shown.question in IN_DAYS else "weeks"
    page.write(_TIME, middle, unit, SMALL, color=SOFT, ha="right")
    level = f"per cent [{100 * shown.level:g} % interval]"
    page.write(_NUMBERS, middle, level, SMALL, color=SOFT)
    y += STEP + 0.03
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    return y + 0.04


def _row(canvas: _Canvas, row: Effect, y: float) -> float:
    """One effect; returns where the next row begins."""
    page = canvas.page
    ink = SOFT if row.described else INK
    trial = _short(row.cite)
    label = wrap(row.label.replace(" - ", " − "), _N - 0.3 - _LABEL, SMALL)
    height = max(len(trial), len(label)) * STEP
    page.write_lines(_TRIAL, y, trial, SMALL, color=ink)
    page.write_lines(_LABEL, y, label, SMALL, color=ink)
    # Numbers and symbols stand at the height of a row's first line.
    middle = y + STEP / 2
    page.write(_N, middle, _whole(row.n), SMALL, color=ink, ha="right")
    page.write(_TIME, middle, _time(row, canvas.shown), SMALL, color=ink, ha="right")
    marks = f" †{row.marks}" if row.marks else ""
    page.write(_NUMBERS, middle, effect_numbers(row) + marks, SMALL, color=ink)
    x = canvas.axis.scale(row.estimate)
    if row.described:
        if row.is_borrowed:
            limits, dashes = row.limits, (2, 1.6)
            canvas.axis.interval(*limits, middle, color=FAINT, linewidth=0.9, dashes=dashes)
        page.shape(x, middle, "o", 4.2, color=SOFT, markerfacecolor="white", markeredgewidth=0.9)
        return y + height + _GAP
    canvas.axis.interval(row.low, row.high, middle, linewidth=1.0)
    share = math.sqrt(row.weight / canvas.heaviest) if canvas.heaviest else 1.0
    page.shape(
        x,
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
    middle = y + STEP / 2
    page.write(_TRIAL, middle, "Mean over trials", SMALL, weight="bold")
    page.write(_LABEL, middle, f"{pooled.studies} trials, {pooled.at}", SMALL, weight="bold")
    page.write(_N, middle, _whole(pooled.participants), SMALL, ha="right", weight="bold")
    numbers = percent_with_interval(pooled.estimate, pooled.low, pooled.high)
    page.write(_NUMBERS, middle, numbers, SMALL, weight="bold")
    canvas.axis.rhombus((pooled.low, pooled.estimate, pooled.high), middle, INK)
    y += STEP + _GAP
    if pooled.unwidened is not None:
        lines = wrap("widened, because the trials agree by chance", _N - _LABEL, SMALL)
        y = page.write_lines(_LABEL, y, lines, SMALL, color=SOFT) + _GAP
        low, high = pooled.unwidened
        canvas.axis.rhombus((low, pooled.estimate, high), y + STEP / 2, "white")
        y = _limits(canvas, "not widened", pooled.unwidened, y)
    if pooled.prediction is not None:
        canvas.axis.interval(*pooled.prediction, y + STEP / 2, linewidth=0.8, dashes=(3, 1.5))
        y = _limits(canvas, "a new trial would lie within", pooled.prediction, y)
    lines = wrap(pooled.judged, _N - 0.1 - _LABEL, SMALL)
    y = page.write_lines(_LABEL, y, lines, SMALL) + _GAP
    for beside in pooled.beside:
        y = _beside(canvas, beside, y)
    return y


def _beside(canvas: _Canvas, beside: Beside, y: float) -> float:
    """Another way to the mean, under it."""
    page = canvas.page
    lines = wrap(beside.words, _N - 0.3 - _LABEL, SMALL)
    page.write(_N, y + STEP / 2, _whole(beside.participants), SMALL, color=SOFT, ha="right")
    page.write(_NUMBERS, y + STEP / 2, beside.numbers, SMALL, color=SOFT)
    if not beside.own_scale:
        style = {"color": SOFT, "markerfacecolor": "white", "markeredgewidth": 0.9}
        canvas.axis.interval(beside.low, beside.high, y + STEP / 2, linewidth=0.9, color=SOFT)
        page.shape(canvas.axis.scale(beside.estimate), y + STEP / 2, "D", 3.6, **style)
    return page.write_lines(_LABEL, y, lines, SMALL, color=SOFT) + _GAP


def _limits(canvas: _Canvas, what: str, limits: tuple[float, float], y: float) -> float:
    """A further interval of the mean over trials, in words and numbers."""
    low, high = (signed(as_percent(limit), 1) for limit in limits)
    canvas.page.write(_LABEL, y + STEP / 2, what, SMALL, color=SOFT)
    canvas.page.write(_NUMBERS, y + STEP / 2, f"[{low}, {high}]", SMALL, color=SOFT)
    return y + STEP + _GAP


def _block_title(canvas: _Canvas, y: float) -> float:
    """The head of the rows that have no interval."""
    page = canvas.page
    page.line([EDGE, PAGE_WIDTH - EDGE], [y + 0.03] * 2, linewidth=0.4, color=FAINT)
    y += 0.07
    words = "Described only, in no mean and no verdict: no spread printed"
    if any(row.is_borrowed for row in canvas.shown.described):
        words += "; dashed, in ( ): borrowed spread"
    page.write(_TRIAL, y + STEP / 2, words, SMALL, style="italic", color=SOFT)
    return y + STEP + _GAP
