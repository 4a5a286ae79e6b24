"""Leave one out: the mean over trials without each trial in turn, for pools of three or more."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from howlow.analysis.rounding import percent_with_interval
from howlow.config.settings import Config
from howlow.present.effects import POOLED, widest_of
from howlow.present.page import Page
from howlow.present.percent_axis import STEP, PercentAxis, percent_scale
from howlow.present.questions import QUESTIONS
from howlow.present.theme import EDGE, FAINT, INK, PAGE_WIDTH, SMALL, SOFT, TITLE, wrap
from howlow.present.wording import in_sentence
from howlow.synthesis.pooling import FEW_TRIALS
from howlow.synthesis.pools import MAIN

if TYPE_CHECKING:
    import pandas as pd

_TRIAL, _PLOT, _PLOT_END, _NUMBERS, _WORDS = EDGE, 2.24, 3.94, 4.04, 5.26
_GAP = 0.05
#: Fewer trials than this in a pool, and leaving one out leaves no pool.
_FEWEST = 3


@dataclass(frozen=True)
class LeftOut:
    """The mean without one trial, as log ratio, with its verdict."""

    cite: str
    estimate: float
    low: float
    high: float
    verdict: str

    @property
    def numbers(self) -> str:
        """Estimate and interval in per cent."""
        return percent_with_interval(self.estimate, self.low, self.high)


@dataclass(frozen=True)
class InfluenceFigure:
    """The mean over all trials of a pool (`cite` empty), and that without each."""

    question: str
    construct: str
    construct_label: str
    margin_pct: float | None
    level: float
    whole: LeftOut
    rows: tuple[LeftOut, ...]
    estimate_ids: tuple[str, ...]

    kind = "influence"

    @property
    def stem(self) -> str:
        """Name of the file."""
        return f"influence-{self.question}-{self.construct}"

    @property
    def margin(self) -> float | None:
        """The margin as a log ratio."""
        return None if self.margin_pct is None else math.log1p(self.margin_pct / 100)

    @property
    def title(self) -> str:
        """The question and the construct."""
        opening = QUESTIONS[self.question][0]
        return f"{opening}, one trial left out: {in_sentence(self.construct_label)}"

    @property
    def notes(self) -> list[str]:
        """What must stand in the figure itself."""
        found = ["Diamond and line across: all trials. Squares: the mean without the trial named."]
        if self.margin_pct is not None:
            found.append(f"Shaded: differences smaller than the margin, {self.margin_pct:g} %.")
        verdicts = {row.verdict for row in self.rows if row.verdict != self.whole.verdict}
        if self.whole.verdict and verdicts:
            found.append("Bold: the verdict would be another without this trial.")
        if self.margin is not None and not all(row.verdict for row in (self.whole, *self.rows)):
            found.append(f"No verdict with fewer than {FEW_TRIALS} trials.")
        return found

    @property
    def caption(self) -> str:
        """What signs are, by which method."""
        method = (
            "Random effects by restricted maximum likelihood, the wider of the "
            "Hartung-Knapp-Sidik-Jonkman interval and that with its factor held at one or more."
        )
        return " ".join([method, *self.notes])

    @property
    def alt(self) -> str:
        """The means in numbers."""
        rows = "; ".join(f"without {row.cite} {row.numbers}{_verdict(row)}" for row in self.rows)
        level = f"{100 * self.level:g} % interval"
        whole = f"all trials {self.whole.numbers}{_verdict(self.whole)}"
        return f"{self.title}. Per cent with {level}: {whole}; {rows}."


def _verdict(row: LeftOut) -> str:
    """A verdict behind its numbers, if there is one."""
    return f", {row.verdict}" if row.verdict else ""


def influence_figures(
    influence: pd.DataFrame, estimates: pd.DataFrame, evidence: pd.DataFrame, config: Config
) -> Iterator[InfluenceFigure]:
    """A figure for each pool of all ages from which trials were left out."""
    cites = dict(zip(evidence["study"], evidence["cite"], strict=True))
    for name, group in influence.groupby("estimate_id", sort=False):
        pooled = estimates[(estimates["estimate_id"] == name)]
        if pooled.empty or len(group) < _FEWEST:
            continue
        row = pooled.iloc[0]
        question = row["study"].removeprefix(POOLED)
        construct = config.constructs.get(row["construct"])
        if construct is None or question not in QUESTIONS or row["method"] != MAIN:
            continue
        widest = widest_of(row, estimates)
        limits = (float(widest["ci_low"]), float(widest["ci_high"]))
        yield InfluenceFigure(
            question=question,
            construct=row["construct"],
            construct_label=construct.label,
            margin_pct=construct.margin_pct,
            level=1 - config.alpha,
            whole=LeftOut("", float(row["estimate"]), *limits, row["verdict"]),
            rows=tuple(_left_out(one, cites) for _, one in group.iterrows()),
            estimate_ids=tuple(dict.fromkeys([str(name), widest["estimate_id"]])),
        )


def _left_out(row: pd.Series, cites: dict[str, str]) -> LeftOut:
    """The mean without one trial."""
    cite = cites.get(row["left_out"], row["left_out"])
    estimate, low, high = (float(row[name]) for name in ("estimate", "ci_low", "ci_high"))
    return LeftOut(cite, estimate, low, high, row["verdict"])


def draw_influence(shown: InfluenceFigure) -> Figure:
    """The figure of one pool."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.1
    margin, every = shown.margin or 0.0, (shown.whole, *shown.rows)
    core = [margin, -margin, *(row.estimate for row in every)]
    ends = [limit for row in every for limit in (row.low, row.high)]
    axis = PercentAxis(page, percent_scale(core, ends, _PLOT, _PLOT_END))
    y = start = _heads(page, shown, y)
    for row in every:
        y = _row(axis, shown, row, y)
    x = axis.scale(shown.whole.estimate)
    page.line([x, x], [start, y], color=SOFT, linewidth=0.7, dashes=(2, 2), zorder=0.7)
    axis.ground(shown.margin, start - 0.02, y)
    what = "Difference, per cent"
    y = axis.sides(axis.ticks(y, what), *QUESTIONS[shown.question][1:]) + 0.05
    y = page.note(EDGE, y, wrap(" ".join(shown.notes), PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _heads(page: Page, shown: InfluenceFigure, y: float) -> float:
    """The head of the table; returns where its rows begin."""
    heads = {_TRIAL: "Mean over", _WORDS: "verdict"}
    heads[_NUMBERS] = f"% [{100 * shown.level:g} % interval]"
    for x, words in heads.items():
        page.write(x, y + STEP / 2, words, SMALL, color=SOFT)
    y += STEP + 0.03
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    return y + 0.04


def _row(axis: PercentAxis, shown: InfluenceFigure, row: LeftOut, y: float) -> float:
    """One mean; returns where the next begins."""
    page, middle = axis.page, y + STEP / 2
    whole = row is shown.whole
    words = "all trials" if whole else f"without {row.cite.partition(' (')[0]}"
    label = wrap(words, _PLOT - 0.1 - _TRIAL, SMALL)
    verdict = wrap(row.verdict or "none", PAGE_WIDTH - EDGE - _WORDS, SMALL, bold=True)
    bold = whole or (shown.whole.verdict and row.verdict != shown.whole.verdict)
    weight = "bold" if bold else "normal"
    page.write_lines(_TRIAL, y, label, SMALL, weight="bold" if whole else "normal")
    page.write_lines(_WORDS, y, verdict, SMALL, weight=weight, color=INK if bold else SOFT)
    page.write(_NUMBERS, middle, row.numbers, SMALL, weight="bold" if whole else "normal")
    if whole:
        axis.rhombus((row.low, row.estimate, row.high), middle, INK)
    else:
        axis.interval(row.low, row.high, middle, linewidth=1.0)
        page.shape(axis.scale(row.estimate), middle, "s", 4.4, color=INK)
    y += max(len(label), len(verdict)) * STEP + _GAP
    if whole:
        page.line([EDGE, PAGE_WIDTH - EDGE], [y - 0.02] * 2, linewidth=0.4, color=FAINT)
        y += 0.02
    return y
