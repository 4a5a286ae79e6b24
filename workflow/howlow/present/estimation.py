"""Estimation plots (Gardner & Altman 1986; Ho et al. 2019): the arms, and their difference."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.figure import Figure

from howlow.analysis.rounding import percent_with_interval, with_interval
from howlow.present.marks import draw_arms, draw_contrasts
from howlow.present.page import Page
from howlow.present.panels import PANEL_HEIGHT, Panels, place_panels
from howlow.present.theme import (
    EDGE,
    INK,
    NO_BREAK,
    PAGE_WIDTH,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    WATERMARK,
    wrap,
)
from howlow.present.trials import ArmShown, ContrastShown, TrialFigure
from howlow.present.wording import difference_unit, in_sentence, notes, verdict_words

_OWN_SCALES = "The two panels have scales of their own."


def draw_estimation(shown: TrialFigure) -> Figure:
    """The figure of one outcome of one trial at one visit."""
    page = Page(PAGE_WIDTH)
    y = _heading(page, shown)
    panels = place_panels(shown, y)
    if shown.simulated:
        _watermark(page, panels, y)
    below = [y + PANEL_HEIGHT]
    if shown.arms:
        draw_arms(page, shown, panels)
        below += [
            _under(page, panels.arm(k), y + PANEL_HEIGHT, panels.slot, _arm_lines(arm, shown))
            for k, arm in enumerate(shown.arms)
        ]
    draw_contrasts(page, shown, panels)
    below += [
        _under(page, panels.contrast(k), y + PANEL_HEIGHT, panels.slot, _difference_lines(one))
        for k, one in enumerate(shown.contrasts)
    ]
    y = _table(page, shown, max(below) + 0.12)
    y += 0.05
    own = [] if panels.reference is not None or not shown.arms else [_OWN_SCALES]
    for note in [*notes(shown), *own]:
        y = page.note(EDGE, y, wrap(note, PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _heading(page: Page, shown: TrialFigure) -> float:
    """Outcome, visit and trial; a simulated study says so."""
    width = PAGE_WIDTH - 2 * EDGE - (1.9 if shown.simulated else 0)
    if shown.simulated:
        page.write(
            PAGE_WIDTH - EDGE,
            0.14,
            "SIMULATED, not evidence",
            TITLE,
            ha="right",
            weight="bold",
            color=WARNING,
        )
    title = wrap(f"{shown.outcome_label}, {in_sentence(shown.visit)}", width, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold")
    return page.note(EDGE, y, wrap(f"{shown.cite}; {shown.design}", width, SMALL)) + 0.14


def _watermark(page: Page, panels: Panels, top: float) -> None:
    """The word across the panels, so that a cropped figure still says it."""
    middle = (panels.left[0] + panels.right[1]) / 2
    page.write(
        middle,
        top + PANEL_HEIGHT / 2,
        "SIMULATED",
        54,
        ha="center",
        color=WATERMARK,
        weight="bold",
        zorder=0,
    )


def _arm_lines(arm: ArmShown, shown: TrialFigure) -> list[str]:
    """Label and number of an arm."""
    what = " limbs" if shown.limb_pairs else ""
    return [arm.label, "n not printed" if arm.n is None else f"n = {arm.n}{what}"]


def _difference_lines(one: ContrastShown) -> list[str]:
    """Label of a contrast; the minus sign stays with what it takes away."""
    return [one.first, f"−{NO_BREAK}{one.second}"]


def _under(page: Page, x: float, top: float, slot: float, texts: list[str]) -> float:
    """Labels below a slot, wrapped; returns where they end."""
    lines = [line for text in texts for line in wrap(text, slot - 0.06, SMALL)]
    return page.write_lines(x, top + 0.08, lines, SMALL, ha="center")


def _table(page: Page, shown: TrialFigure, y: float) -> float:
    """Each contrast in numbers and in words."""
    lefts, rights = (EDGE, 2.16, 3.56, 4.82, 5.24), (2.06, 3.5, 4.76, 5.14, PAGE_WIDTH - 0.02)
    widths = [right - left for left, right in zip(lefts, rights, strict=True)]
    level = f"[{100 * shown.level:g} %{NO_BREAK}interval]"
    heads = (
        "Difference",
        f"{difference_unit(shown)} {level}",
        f"per cent {level}",
        "n",
        "Verdict against the margin",
    )
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    y = _cells(page, lefts, widths, heads, y + 0.04, SOFT)
    for one in shown.contrasts:
        ratio = "no baseline" if shown.ratio_scale else "not on a ratio scale"
        if one.ratio is not None:
            ratio = percent_with_interval(one.ratio.estimate, one.ratio.low, one.ratio.high)
        cells = (
            f"{one.first} −{NO_BREAK}{one.second}",
            with_interval(one.raw.estimate, one.raw.low, one.raw.high),
            ratio,
            "–" if one.n is None else str(one.n),
            verdict_words(one),
        )
        y = _cells(page, lefts, widths, cells, y, INK)
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    return y


def _cells(
    page: Page,
    lefts: Sequence[float],
    widths: Sequence[float],
    cells: Sequence[str],
    y: float,
    colour: str,
) -> float:
    """One row of the table; returns where the next begins."""
    bottoms = [
        page.write_lines(left, y, wrap(cell, width, SMALL), SMALL, color=colour)
        for left, width, cell in zip(lefts, widths, cells, strict=True)
    ]
    return max(bottoms) + 0.03
