"""Trajectories: every participant's values over time beside the arm's mean, for looking.

Only studies with individual data have them, where an outcome was measured at three visits or more.
Nothing is tested here; a line is a person (or a limb), the thick one the mean of those measured.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import matplotlib
from matplotlib.figure import Figure

from howlow.data.declaration import Declaration
from howlow.present.theme import (
    BODY,
    FAINT,
    PAGE_WIDTH,
    SMALL,
    SOFT,
    TITLE,
    WARNING,
    arm_style,
    wrap,
)

if TYPE_CHECKING:
    import pandas as pd

#: Fewest visits that make a trajectory.
FEWEST_VISITS = 3
_HEIGHT = 2.9


@dataclass(frozen=True)
class Trajectories:
    """One outcome of one study over all its visits.

    `table` has who (participant, or limb of one), arm, week and value, one row a measurement.
    """

    trial: Declaration
    outcome: str
    table: pd.DataFrame

    @property
    def stem(self) -> str:
        """Name of the file."""
        return f"trajectories-{self.trial.id}-{self.outcome}"

    @property
    def title(self) -> str:
        """What is shown."""
        label = self.trial.outcomes[self.outcome].label
        simulated = "SIMULATED: " if self.trial.simulated else ""
        return f"{simulated}{label} over time"

    @property
    def arms(self) -> list[str]:
        """Arms with data, in the declared order."""
        there = set(self.table["arm"])
        return [arm for arm in self.trial.arms if arm in there]

    @property
    def caption(self) -> str:
        """How to read it."""
        lines = "limb" if self.trial.limb_pairs else "participant"
        return (
            f"A thin line is a {lines}; the thick line joins the means of those measured at each "
            "visit, so that it may move because people left. For looking, not for inference."
        )

    @property
    def alt(self) -> str:
        """The means at the first and the last visit, in words."""
        unit = self.trial.outcomes[self.outcome].unit
        parts = []
        for arm in self.arms:
            mine = self.table[self.table["arm"] == arm]
            means = mine.groupby("week")["value"].mean()
            parts.append(
                f"{self.trial.arms[arm].label}: mean {means.iloc[0]:.4g} {unit} at week "
                f"{means.index[0]:g} and {means.iloc[-1]:.4g} {unit} at week {means.index[-1]:g}, "
                f"{mine['who'].nunique()} lines"
            )
        return f"{self.title}. {'; '.join(parts)}."


def trajectories(trial: Declaration, measurements: pd.DataFrame) -> Iterator[Trajectories]:
    """The trajectories of a study with individual data; none where the arms are masked."""
    measurements = measurements[measurements["arm"].isin(list(trial.arms))]
    # What measures the baseline again is no point of anybody's course.
    measurements = measurements[~measurements["visit"].isin(list(trial.repeats))]
    rows = measurements.assign(
        week=measurements["visit"].map(trial.weeks),
        who=measurements["participant"].str.cat(measurements[["limb", "period"]], sep=" "),
    )
    for outcome in trial.outcomes:
        mine = rows[rows["outcome"] == outcome]
        if mine["week"].nunique() >= FEWEST_VISITS:
            table = mine[["who", "arm", "week", "value"]].sort_values(["arm", "who", "week"])
            yield Trajectories(trial, outcome, table.reset_index(drop=True))


def draw_trajectories(shown: Trajectories) -> Figure:
    """One panel an arm, on a common scale."""
    import seaborn

    arms = shown.arms
    figure = Figure(figsize=(PAGE_WIDTH, _HEIGHT))
    panels = figure.subplots(1, len(arms), sharey=True, squeeze=False)[0]
    figure.subplots_adjust(left=0.09, right=0.99, bottom=0.16, top=0.76, wspace=0.06)
    for position, (arm, panel) in enumerate(zip(arms, panels, strict=True)):
        mine = shown.table[shown.table["arm"] == arm]
        colour, shape = arm_style(position)
        seaborn.lineplot(
            mine,
            x="week",
            y="value",
            units="who",
            estimator=None,
            color=colour,
            ax=panel,
            linewidth=0.5,
            alpha=0.4,
        )
        seaborn.lineplot(
            mine,
            x="week",
            y="value",
            estimator="mean",
            errorbar=None,
            color=colour,
            ax=panel,
            linewidth=1.8,
            marker=shape,
            markersize=4.5,
            markeredgewidth=0,
        )
        label = wrap(shown.trial.arms[arm].label, 0.88 * PAGE_WIDTH / len(arms), SMALL)
        number = f"n = {mine['who'].nunique()}{' limbs' if shown.trial.limb_pairs else ''}"
        panel.set_title("\n".join([*label[:2], number]), fontsize=SMALL, color=SOFT)
        panel.set_xlabel("Weeks", fontsize=SMALL)
        panel.tick_params(labelsize=SMALL, length=2.5, width=0.6)
        for phase_start in _phase_starts(shown):
            panel.axvline(phase_start, color=FAINT, linewidth=0.6, linestyle=":")
        seaborn.despine(ax=panel)
    outcome = shown.trial.outcomes[shown.outcome]
    panels[0].set_ylabel(f"{outcome.label} ({outcome.unit})", fontsize=SMALL)
    colour = WARNING if shown.trial.simulated else matplotlib.rcParams["text.color"]
    figure.text(0.012, 0.97, shown.title, fontsize=TITLE, weight="bold", va="top", color=colour)
    figure.text(0.012, 0.9, shown.trial.cite, fontsize=BODY - 0.75, va="top", color=SOFT)
    return figure


def _phase_starts(shown: Trajectories) -> list[float]:
    """Weeks at which another phase begins: half way from the last visit of the one before."""
    visits = sorted((week, shown.trial.phases[name]) for name, week in shown.trial.weeks.items())
    there = set(shown.table["week"])
    known = [(week, phase) for week, phase in visits if week in there]
    return [
        (before + week) / 2
        for (before, earlier), (week, phase) in itertools.pairwise(known)
        if phase != earlier and earlier != "baseline"
    ]
