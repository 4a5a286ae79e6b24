"""The drawing of all claims: words and verdicts left, intervals against their region right."""

from __future__ import annotations

import math

from matplotlib.figure import Figure

from howlow.present.claims_strip import ClaimPart, ClaimsFigure, ShownClaim, signed_verdict
from howlow.present.page import Page
from howlow.present.percent_axis import STEP, PercentAxis, percent_scale
from howlow.present.theme import BAND, EDGE, FAINT, INK, PAGE_WIDTH, SMALL, SOFT, TITLE, wrap

#: Columns, in inches: names, words, trials of a part, verdicts, the plot, numbers.
_NAME, _WORDS, _COUNTED, _VERDICT = EDGE, 0.46, 1.62, 2.98
_PLOT, _PLOT_END, _NUMBERS = 3.96, 5.5, 5.6
_GAP = 0.04


def draw_claims(shown: ClaimsFigure) -> Figure:
    """The figure of all claims."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.1
    core = [0.02, -0.02, *(part.estimate for part in shown.parts)]
    ends = [limit for part in shown.parts for limit in (part.low, part.high)]
    axis = PercentAxis(page, percent_scale(core, ends, _PLOT, _PLOT_END))
    y = start = _heads(page, shown, y)
    for claim in shown.claims:
        y = _claim(axis, claim, y)
    if shown.parts:
        axis.ground(None, start - 0.02, y)
        y = axis.ticks(y, "Per cent")
    notes = wrap(" ".join(shown.notes), PAGE_WIDTH - 2 * EDGE, SMALL)
    return page.finish(page.note(EDGE, y + 0.05, notes) + 0.08)


def _heads(page: Page, shown: ClaimsFigure, y: float) -> float:
    """The head of the table; returns where its rows begin."""
    heads = {_NAME: "Claim", _VERDICT: "Verdict"}
    heads[_NUMBERS] = f"% [{100 * shown.level:g} % interval]"
    for x, words in heads.items():
        page.write(x, y + STEP / 2, words, SMALL, color=SOFT)
    y += STEP + 0.03
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    return y + 0.05


def _claim(axis: PercentAxis, claim: ShownClaim, y: float) -> float:
    """One claim with its parts; returns where the next begins."""
    page = axis.page
    page.write(_NAME, y + STEP / 2, claim.name.upper(), SMALL, weight="bold")
    words = wrap(claim.statement, _VERDICT - 0.1 - _WORDS, SMALL)
    verdict = wrap(signed_verdict(claim.verdict), _PLOT - 0.1 - _VERDICT, SMALL, bold=True)
    page.write_lines(_VERDICT, y, verdict, SMALL, weight="bold")
    y = max(page.write_lines(_WORDS, y, words, SMALL), y + len(verdict) * STEP) + _GAP
    for part in claim.parts:
        y = _part(axis, part, y)
    if claim.parts and claim.without:
        rest = f"no number: {'; '.join(label.lower() for label in claim.without)}"
        lines = wrap(rest, _PLOT - 0.1 - _WORDS, SMALL)
        y = page.write_lines(_WORDS, y, lines, SMALL, color=SOFT) + _GAP
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.4, color=FAINT, zorder=0.6)
    return y + _GAP


def _part(axis: PercentAxis, part: ClaimPart, y: float) -> float:
    """One part; returns where the next begins."""
    page, middle = axis.page, y + STEP / 2
    label = wrap(part.label, _COUNTED - 0.06 - _WORDS, SMALL)
    verdict = wrap(signed_verdict(part.verdict), _PLOT - 0.1 - _VERDICT, SMALL)
    height = max(len(label), len(verdict)) * STEP
    page.write_lines(_WORDS, y, label, SMALL, color=SOFT)
    page.write(_COUNTED, middle, part.counted, SMALL, color=SOFT)
    page.write_lines(_VERDICT, y, verdict, SMALL, color=SOFT)
    page.write(_NUMBERS, middle, part.numbers, SMALL)
    if part.drawn:
        _region(axis, part, y, y + height)
        axis.interval(part.low, part.high, middle, linewidth=1.0)
        page.shape(axis.scale(part.estimate), middle, "s", 4.4, color=INK)
    return y + height + _GAP


def _region(axis: PercentAxis, part: ClaimPart, top: float, bottom: float) -> None:
    """Where the number lies if the claim is true."""
    if part.region is not None:
        low, high = (
            axis.scale(math.copysign(1e6, limit) if math.isinf(limit) else limit)
            for limit in part.region
        )
        xs, ys = [low, high, high, low], [top, top, bottom, bottom]
        axis.page.area(xs, ys, BAND, zorder=0)
