"""Funnel plots: effects against their standard errors, for pools of ten trials or more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from howlow.analysis.rounding import percent_with_interval, plain, tick_places, ticks
from howlow.config.settings import Config
from howlow.present.effects import POOLED
from howlow.present.page import Page, Scale
from howlow.present.percent_axis import PercentAxis, percent_scale
from howlow.present.questions import QUESTIONS
from howlow.present.theme import BODY, EDGE, FAINT, INK, PAGE_WIDTH, SMALL, TITLE, wrap
from howlow.present.wording import in_sentence, p_words
from howlow.synthesis.pools import MAIN

if TYPE_CHECKING:
    import pandas as pd

#: Small-study effects are not to be told from chance with fewer trials: Sterne et al. (2011), BMJ
#: 343:d4002.
FEWEST = 10
_LEFT, _RIGHT, _HEIGHT = 0.95, 5.95, 2.7
#: The funnel's sides, in standard errors: within them 95 % of trials of one common effect.
_SIDE = 1.959964


@dataclass(frozen=True)
class FunnelFigure:
    """Trials as log ratio, standard error and whether cautioned; the mean; tests in words."""

    question: str
    construct: str
    construct_label: str
    trials: tuple[tuple[float, float, bool], ...]
    mean: float
    tests: tuple[str, ...]
    estimate_ids: tuple[str, ...]

    kind = "funnel"

    @property
    def stem(self) -> str:
        """Name of the file."""
        return f"funnel-{self.question}-{self.construct}"

    @property
    def title(self) -> str:
        """The question and the construct."""
        opening = QUESTIONS[self.question][0]
        return f"{opening}, small and large trials: {in_sentence(self.construct_label)}"

    @property
    def notes(self) -> list[str]:
        """What must stand in the figure itself."""
        what = (
            "Each point is a trial; precise trials stand above. Line: the mean over trials; "
            "dashed: 95 % of trials of one common effect would lie between."
        )
        found = [what]
        if any(cautioned for _, _, cautioned in self.trials):
            found.append("Hollow: rests on an assumption or a caution.")
        return [*found, *self.tests]

    @property
    def caption(self) -> str:
        """What points and lines are."""
        return " ".join([f"{len(self.trials)} trials.", *self.notes])

    @property
    def alt(self) -> str:
        """The funnel in numbers."""
        points = "; ".join(
            f"{percent_with_interval(estimate, math.nan, math.nan)} (standard error {se:.3f})"
            for estimate, se, _ in self.trials
        )
        mean = percent_with_interval(self.mean, math.nan, math.nan)
        tests = f" {' '.join(self.tests)}" if self.tests else ""
        return f"{self.title}. Mean {mean} per cent. Trials, per cent: {points}.{tests}"


def funnel_figures(
    evidence: pd.DataFrame, estimates: pd.DataFrame, tests: pd.DataFrame, config: Config
) -> Iterator[FunnelFigure]:
    """A funnel for each pool of all ages that is large enough."""
    pooled = estimates[(estimates["method"] == MAIN) & (estimates["scale"] == "log_ratio")]
    for _, row in pooled.iterrows():
        question, construct = row["study"].removeprefix(POOLED), row["construct"]
        if question not in QUESTIONS or construct not in config.constructs:
            continue
        mine = evidence[
            (evidence["question"] == question)
            & (evidence["construct"] == construct)
            & evidence["pooled"]
        ]
        if len(mine) < FEWEST:
            continue
        values = zip(mine["estimate"], mine["se"], mine["assumed"] != "", strict=True)
        found = tests[(tests["estimate_id"] == row["estimate_id"]) & (tests["p"] != "")]
        yield FunnelFigure(
            question=question,
            construct=construct,
            construct_label=config.constructs[construct].label,
            trials=tuple((float(one), float(se), bool(marked)) for one, se, marked in values),
            mean=float(row["estimate"]),
            tests=tuple(_test(test) for _, test in found.iterrows()),
            estimate_ids=(row["estimate_id"],),
        )


def _test(row: pd.Series) -> str:
    """A test of small-study effects in words."""
    freedom = f", {float(row['df']):g} df" if row["df"] else ""
    statistic = f" {float(row['statistic']):.2f}" if row["statistic"] else ""
    return f"{row['test']}:{statistic}{freedom}, P = {p_words(float(row['p']))}."


def draw_funnel(shown: FunnelFigure) -> Figure:
    """The figure of one pool."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    top = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.12
    widest = 1.06 * max(se for _, se, _ in shown.trials)
    bottom = top + _HEIGHT
    down = Scale(0.0, widest, top, bottom)
    edges = [shown.mean - _SIDE * widest, shown.mean + _SIDE * widest]
    core = [shown.mean, *(estimate for estimate, _, _ in shown.trials), *edges]
    axis = PercentAxis(page, percent_scale(core, (), _LEFT, _RIGHT))
    axis.ground(None, top, bottom)
    x = axis.scale(shown.mean)
    page.line([x, x], [top, bottom], color=INK, linewidth=0.9)
    for edge in edges:
        page.line([x, axis.scale(edge)], [top, bottom], color=FAINT, linewidth=0.9, dashes=(3, 2))
    for estimate, se, cautioned in shown.trials:
        fill = "white" if cautioned else INK
        place = (axis.scale(estimate), down(se))
        page.shape(*place, "o", 4.6, color=INK, markerfacecolor=fill, markeredgewidth=0.8, zorder=3)
    _errors_down(page, down)
    y = axis.sides(axis.ticks(bottom, "Difference, per cent"), *QUESTIONS[shown.question][1:])
    notes = wrap(" ".join(shown.notes), PAGE_WIDTH - 2 * EDGE, SMALL)
    return page.finish(page.note(EDGE, y + 0.05, notes) + 0.08)


def _errors_down(page: Page, down: Scale) -> None:
    """The axis of standard errors, zero on top."""
    page.line([_LEFT, _LEFT], [down.start, down.end])
    values = ticks(down.low, down.high, 6)
    places = tick_places(values)
    for value in values:
        y = down(value)
        page.line([_LEFT - 0.045, _LEFT], [y, y])
        page.write(_LEFT - 0.075, y, plain(value, places), SMALL, ha="right")
    middle = (down.start + down.end) / 2
    words = "Standard error (log ratio)"
    page.write(_LEFT - 0.45, middle, words, BODY, ha="center", rotation=90)
