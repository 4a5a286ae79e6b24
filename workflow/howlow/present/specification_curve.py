"""Specification curves: all choices by size above, which choice made each below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure

from howlow.analysis.verdicts import (
    DIFFERENT,
    DIFFERENT_BEYOND,
    EQUIVALENT,
    INCONCLUSIVE,
    NO_ASSAY,
    NOT_INFERIOR,
    TRIVIAL,
)
from howlow.present.page import Page, Scale
from howlow.present.specification import RESPECTS, Specification
from howlow.present.specification_words import NO_VERDICT, contrast_words, specification_notes
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
    WARNING,
    wrap,
)
from howlow.present.wording import in_sentence

#: Shape and colour of each verdict; the shapes alone tell them apart.
VERDICT_STYLES = {
    DIFFERENT_BEYOND: ("D", ARM_COLOURS[0]),
    DIFFERENT: ("s", ARM_COLOURS[5]),
    TRIVIAL: ("v", ARM_COLOURS[4]),
    EQUIVALENT: ("o", ARM_COLOURS[2]),
    NOT_INFERIOR: ("P", ARM_COLOURS[3]),
    NO_ASSAY: ("X", ARM_COLOURS[1]),
    INCONCLUSIVE: ("^", SOFT),
    "": ("o", INK),
}
_HEIGHT, _STEP = 2.1, 0.14
#: Left end of the values and of the curve, and both ends of the strip of those left out.
_VALUES, _CURVE, _STRIP = 1.02, 2.72, (6.02, PAGE_WIDTH - 0.1)
#: Space between the curve and the strip.
_APART = 0.3
#: The tint of the primary column; the word across the band of the margin.
_TINT, _WATERMARK = "#e3edf5", "#dfd5d0"


@dataclass(frozen=True)
class _Panel:
    """Where the curve stands: a scale down the page, and the middle of each choice across it."""

    scale: Scale
    middles: tuple[float, ...]
    top: float
    end: float

    @property
    def bottom(self) -> float:
        """Where the curve ends."""
        return self.top + _HEIGHT


def draw_specification(shown: Specification) -> Figure:
    """The figure of one primary contrast."""
    page = Page(PAGE_WIDTH)
    panel = _place(shown, _heading(page, shown) + 0.2)
    if shown.simulated:
        middle = (_CURVE + panel.end) / 2
        page.write(
            middle, panel.top + _HEIGHT / 2, "SIMULATED", 44, ha="center", color=_WATERMARK,
            weight="bold", zorder=0.05,
        )  # fmt: skip
    rows = list(_rows(shown))
    _mark_primary(page, shown, panel, panel.bottom + 0.1 + len(rows) * _STEP)
    _draw_curve(page, shown, panel)
    legend = _legend(page, shown, panel.top)
    if shown.left_out:
        _draw_strip(page, shown, panel)
    y = _matrix(page, shown, panel, rows)
    y = max(y, legend) + 0.06
    for note in specification_notes(shown):
        y = page.note(EDGE, y, wrap(note, PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _heading(page: Page, shown: Specification) -> float:
    """The contrast, how many choices agree, and the trial; a simulated study says so."""
    width = PAGE_WIDTH - 2 * EDGE - (1.9 if shown.simulated else 0)
    if shown.simulated:
        page.write(
            PAGE_WIDTH - EDGE, 0.14, "SIMULATED, not evidence", TITLE, ha="right", weight="bold",
            color=WARNING,
        )  # fmt: skip
    title = wrap(shown.agreement.words, width, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold")
    what = (
        f"{shown.outcome_label}, {in_sentence(shown.visit)}: {contrast_words(shown)}; {shown.cite}"
    )
    return page.note(EDGE, y, wrap(what, width, SMALL))


def _place(shown: Specification, top: float) -> _Panel:
    """The scale that holds all estimates, and intervals up to thrice as wide as the primary one."""
    primary, every = shown.primary, (*shown.choices, *shown.left_out)
    reach = 1.5 * (primary.high - primary.low)
    lowest = max(min(choice.low for choice in every), primary.low - reach)
    highest = min(max(choice.high for choice in every), primary.high + reach)
    values = [lowest, highest, 0.0, *(choice.estimate for choice in every)]
    values += [] if primary.margin is None else [-primary.margin, primary.margin]
    spare = 0.04 * (max(values) - min(values))
    scale = Scale(min(values) - spare, max(values) + spare, top + _HEIGHT, top)
    end = _STRIP[0] - _APART if shown.left_out else _STRIP[1]
    slot = (end - _CURVE) / len(shown.choices)
    middles = tuple(_CURVE + (k + 0.5) * slot for k in range(len(shown.choices)))
    return _Panel(scale, middles, top, end)


def _mark_primary(page: Page, shown: Specification, panel: _Panel, end: float) -> None:
    """A tinted column from the word above it down through the matrix."""
    place = next(k for k, choice in enumerate(shown.choices) if choice.primary)
    x, half = panel.middles[place], 0.5 * (panel.end - _CURVE) / len(shown.choices)
    top = panel.top
    page.area([x - half, x + half, x + half, x - half], [top, top, end, end], _TINT, zorder=0.1)
    page.write(x, panel.top - 0.09, "primary", SMALL, ha="center", weight="bold")


def _draw_curve(page: Page, shown: Specification, panel: _Panel) -> None:
    """Margin, zero, axis, and each choice with its two intervals."""
    scale, margin, ends = panel.scale, shown.primary.margin, (_CURVE, panel.end)
    _grounds(page, scale, margin, ends)
    title = wrap(f"Difference ({shown.unit})", _HEIGHT, BODY)
    page.axis_down(scale, _CURVE, title)
    for x, choice in zip(panel.middles, shown.choices, strict=True):
        marker, colour = VERDICT_STYLES[choice.verdict]
        page.line([x, x], [scale(choice.low), scale(choice.high)], color=colour, linewidth=1.0)
        limits = [scale(choice.eq_low), scale(choice.eq_high)]
        page.line([x, x], limits, color=colour, linewidth=2.2)
        for limit, tip in ((choice.low, "v"), (choice.high, "^")):
            if not scale.holds(limit):
                page.shape(x, scale(limit), tip, 3.5, color=colour, markeredgewidth=0)
        size = 6.5 if choice.primary else 5.0
        page.shape(x, scale(choice.estimate), marker, size, color=colour,
                   markeredgecolor=INK, markeredgewidth=1.2 if choice.primary else 0.5)  # fmt: skip


def _grounds(page: Page, scale: Scale, margin: float | None, ends: tuple[float, float]) -> None:
    """The margin's band and the line at no difference."""
    if margin is not None:
        low, high = scale(-margin), scale(margin)
        page.area([ends[0], ends[1], ends[1], ends[0]], [low, low, high, high], BAND, zorder=0)
        for place in (low, high):
            page.line(ends, [place] * 2, color=FAINT, linewidth=0.5, linestyle=(0, (1, 2)))
    page.zero(ends, scale(0))


def _draw_strip(page: Page, shown: Specification, panel: _Panel) -> None:
    """The estimates without one participant each: a point for each, in order of size alone."""
    scale, (start, end) = panel.scale, _STRIP
    _grounds(page, scale, shown.primary.margin, _STRIP)
    count = len(shown.left_out)
    inside = end - start - 0.12
    widest = [min(one.low for one in shown.left_out), max(one.high for one in shown.left_out)]
    middle = (start + end) / 2
    page.line([middle] * 2, [scale(limit) for limit in widest], color=FAINT, linewidth=0.8)
    for verdict, (marker, colour) in VERDICT_STYLES.items():
        mine = [(k, one) for k, one in enumerate(shown.left_out) if one.verdict == verdict]
        if mine:
            page.line(
                [start + 0.06 + inside * (k + 0.5) / count for k, _ in mine],
                [scale(one.estimate) for _, one in mine],
                linestyle="none", marker=marker, markersize=2.6, color=colour, markeredgewidth=0,
            )  # fmt: skip
    lines = wrap("one person left out", end - start + 0.1, SMALL)
    page.write_lines(middle, panel.bottom + 0.06, lines, SMALL, ha="center", color=SOFT)


def _legend(page: Page, shown: Specification, y: float) -> float:
    """Shapes of the verdicts that are drawn; returns where it ends."""
    used = {choice.verdict for choice in (*shown.choices, *shown.left_out)}
    width = _CURVE - 0.75 - EDGE - 0.16
    for verdict, (marker, colour) in VERDICT_STYLES.items():
        if verdict in used:
            page.shape(EDGE + 0.06, y + 0.5 * SMALL * LINE, marker, 5, color=colour,
                       markeredgecolor=INK, markeredgewidth=0.5)  # fmt: skip
            lines = wrap(verdict or NO_VERDICT, width, SMALL)
            y = page.write_lines(EDGE + 0.16, y, lines, SMALL) + 0.05
    return y


def _rows(shown: Specification) -> Iterator[tuple[str, str, str]]:
    """Rows of the matrix: the respect's words at its first value, the respect, and a value."""
    for respect, values in shown.rows:
        for number, value in enumerate(values):
            yield ("" if number else RESPECTS[respect]), respect, value


def _matrix(
    page: Page, shown: Specification, panel: _Panel, rows: Sequence[tuple[str, str, str]]
) -> float:
    """Which choice is what: a point for each choice in the rows of its values."""
    y = panel.bottom + 0.1
    for head, respect, value in rows:
        middle = y + _STEP / 2
        if head:
            page.line([EDGE, panel.end], [y, y], color=BAND, linewidth=0.6)
            page.write(EDGE, middle, head, SMALL, color=SOFT)
        page.write(_VALUES, middle, _fitting(value), SMALL)
        usual = dict(shown.primary.traits)[respect]
        mine = [
            x
            for x, choice in zip(panel.middles, shown.choices, strict=True)
            if dict(choice.traits)[respect] == value
        ]
        colour = FAINT if value == usual else INK
        page.line(mine, [middle] * len(mine), linestyle="none", marker="o", markersize=3.2,
                  color=colour, markeredgewidth=0)  # fmt: skip
        y += _STEP
    return y


def _fitting(value: str) -> str:
    """A value cut to the width of its column."""
    width = _CURVE - _VALUES - 0.04
    lines = wrap(value, width, SMALL)
    return lines[0] if len(lines) == 1 else f"{wrap(value, width - 0.1, SMALL)[0]}…"
