"""The ladder of doses: the fixed sequence from the highest down, each against no training."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from howlow.analysis.rounding import percent_with_interval
from howlow.config.settings import Config
from howlow.config.trial import OLDER_FROM, YOUNG_UNDER
from howlow.present.page import Page
from howlow.present.percent_axis import STEP, PercentAxis, percent_scale
from howlow.present.theme import EDGE, FAINT, INK, PAGE_WIDTH, SMALL, SOFT, TITLE, wrap
from howlow.present.wording import in_sentence

_DOSE, _TRIALS, _N, _PLOT, _PLOT_END, _NUMBERS, _WORDS = EDGE, 1.84, 2.2, 2.36, 3.96, 4.06, 5.24
_GAP = 0.06
#: The sign of each state; shapes and fills alone tell them apart.
SHOWN, NOT_SHOWN, NOT_TESTED, NO_TRIAL = "shown", "not shown", "not tested", "no trial"
_SIGNS = {SHOWN: ("s", INK), NOT_SHOWN: ("s", "white"), NOT_TESTED: ("o", "white")}
_POPULATIONS = {
    "all": "all ages",
    "young": f"people under {YOUNG_UNDER}",
    "older": f"people of {OLDER_FROM} and over",
}


@dataclass(frozen=True)
class Rung:
    """One dose: its gain over no training as log ratio, and what came of its test."""

    words: str
    trials: int
    participants: int
    estimate: float
    low: float
    high: float
    state: str
    why: str
    estimate_id: str

    @property
    def said(self) -> str:
        """The state with its reason, once."""
        if self.state in (SHOWN, NO_TRIAL):
            return self.state
        return self.why if self.why.startswith(self.state) else f"{self.state}: {self.why}"


@dataclass(frozen=True)
class LadderFigure:
    """One ladder, of a construct and a population."""

    stem: str
    construct: str
    construct_label: str
    population: str
    margin: float
    margin_pct: float
    level: float
    rungs: tuple[Rung, ...]
    sentence: str

    kind = "ladder"
    question = ""

    @property
    def estimate_ids(self) -> tuple[str, ...]:
        """Every estimate that is drawn."""
        return tuple(rung.estimate_id for rung in self.rungs if rung.estimate_id)

    @property
    def title(self) -> str:
        """Construct and population."""
        who = _POPULATIONS.get(self.population, self.population)
        return f"How low can you go: {in_sentence(self.construct_label)}, {who}"

    @property
    def notes(self) -> list[str]:
        """What must stand in the figure itself."""
        rule = (
            f"Gain over no training with its {100 * self.level:g} % interval. Tested from the top "
            f"down, each dose against the margin ({self.margin_pct:g} %, shaded: smaller gains); "
            "the first that is not shown ends the sequence. Filled: shown; hollow square: not "
            "shown; circle: not tested."
        )
        return [rule, self.sentence]

    @property
    def caption(self) -> str:
        """What signs are."""
        return " ".join(self.notes)

    @property
    def alt(self) -> str:
        """The ladder in numbers."""
        rungs = "; ".join(_rung_words(rung) for rung in self.rungs)
        return f"{self.title}. Gain over no training, per cent: {rungs}. {self.sentence}"


def ladder_figures(ladders: Iterable[dict[str, Any]], config: Config) -> Iterator[LadderFigure]:
    """The ladders that have an estimate, in the order of their file."""
    for found in ladders:
        construct = config.constructs.get(found["construct"])
        rungs = tuple(_rung(rung) for rung in found["sequence"])
        drawn = any(math.isfinite(rung.estimate) for rung in rungs)
        if construct is None or construct.margin_pct is None or not drawn:
            continue
        yield LadderFigure(
            stem=f"ladder-{found['construct']}-{found['population']}",
            construct=found["construct"],
            construct_label=construct.label,
            population=found["population"],
            margin=math.log1p(construct.margin_pct / 100),
            margin_pct=construct.margin_pct,
            level=1 - config.alpha,
            rungs=rungs,
            sentence=found["sentence"],
        )


def _rung(found: dict[str, Any]) -> Rung:
    """One dose; one that no trial tried, or that was not tested, says so."""
    estimate, low, high = (
        math.nan if found[name] is None else float(found[name])
        for name in ("estimate", "low", "high")
    )
    if math.isnan(estimate):
        state = NO_TRIAL
    elif found["shown"]:
        state = SHOWN
    else:
        state = NOT_TESTED if found["why"].startswith(NOT_TESTED) else NOT_SHOWN
    people = int(found["participants"])
    numbers = (int(found["trials"]), people, estimate, low, high)
    return Rung(found["words"], *numbers, state, found["why"], found.get("estimate_id") or "")


def _rung_words(rung: Rung) -> str:
    """One dose in words."""
    if rung.state == NO_TRIAL:
        return f"{rung.words}: no trial"
    numbers = percent_with_interval(rung.estimate, rung.low, rung.high)
    trials = f"{rung.trials} trial{'' if rung.trials == 1 else 's'}"
    return f"{rung.words} {numbers} ({trials}, n = {rung.participants}), {rung.said}"


def draw_ladder(shown: LadderFigure) -> Figure:
    """The figure of one ladder."""
    page = Page(PAGE_WIDTH)
    title = wrap(shown.title, PAGE_WIDTH - 2 * EDGE, TITLE, bold=True)
    y = page.write_lines(EDGE, 0.06, title, TITLE, weight="bold") + 0.1
    tried = [rung for rung in shown.rungs if math.isfinite(rung.estimate)]
    core = [shown.margin, -shown.margin, *(rung.estimate for rung in tried)]
    ends = [limit for rung in tried for limit in (rung.low, rung.high)]
    axis = PercentAxis(page, percent_scale(core, ends, _PLOT, _PLOT_END))
    y = start = _heads(page, shown, y)
    for rung in shown.rungs:
        y = _draw_rung(axis, rung, y)
    axis.ground(shown.margin, start - 0.02, y)
    y = axis.ticks(y, "Gain over no training, per cent") + 0.05
    for note in shown.notes:
        y = page.note(EDGE, y, wrap(note, PAGE_WIDTH - 2 * EDGE, SMALL))
    return page.finish(y + 0.08)


def _heads(page: Page, shown: LadderFigure, y: float) -> float:
    """The head of the table; returns where its rows begin."""
    middle = y + STEP / 2
    page.write(_DOSE, middle, "Dose, from the highest down", SMALL, color=SOFT)
    page.write(_TRIALS, middle, "trials", SMALL, color=SOFT, ha="right")
    page.write(_N, middle, "n", SMALL, color=SOFT, ha="right")
    page.write(_NUMBERS, middle, f"% [{100 * shown.level:g} % interval]", SMALL, color=SOFT)
    page.write(_WORDS, middle, "more than the margin?", SMALL, color=SOFT)
    y += STEP + 0.03
    page.line([EDGE, PAGE_WIDTH - EDGE], [y, y], linewidth=0.6)
    return y + 0.04


def _draw_rung(axis: PercentAxis, rung: Rung, y: float) -> float:
    """One dose; returns where the next begins."""
    page, middle = axis.page, y + STEP / 2
    lone = rung.state == NO_TRIAL
    ink = SOFT if rung.state in (NO_TRIAL, NOT_TESTED) else INK
    label = wrap(rung.words, _TRIALS - 0.36 - _DOSE, SMALL)
    said = wrap(rung.said, PAGE_WIDTH - EDGE - _WORDS, SMALL)
    page.write_lines(_DOSE, y, label, SMALL, color=ink)
    weight = "bold" if rung.state == SHOWN else "normal"
    page.write_lines(_WORDS, y, said, SMALL, color=ink, weight=weight)
    page.write(_TRIALS, middle, str(rung.trials), SMALL, color=ink, ha="right")
    page.write(_N, middle, "–" if lone else str(rung.participants), SMALL, color=ink, ha="right")
    if not lone:
        marker, fill = _SIGNS[rung.state]
        numbers = percent_with_interval(rung.estimate, rung.low, rung.high)
        page.write(_NUMBERS, middle, numbers, SMALL, color=ink)
        axis.interval(rung.low, rung.high, middle, linewidth=1.0, color=ink)
        x = axis.scale(rung.estimate)
        page.shape(x, middle, marker, 4.8, color=ink, markerfacecolor=fill, markeredgewidth=0.9)
    y += max(len(label), len(said)) * STEP + _GAP
    page.line([EDGE, PAGE_WIDTH - EDGE], [y - 0.04] * 2, linewidth=0.3, color=FAINT, zorder=0.6)
    return y
