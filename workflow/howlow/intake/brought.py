"""What each trial brings to the claims: declarations and counts, one shape for every study."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from howlow.config.collection import Trials
from howlow.config.study import Participants
from howlow.config.trial import Arm, Contrast, Outcome, Population
from howlow.data.published.printed_rows import split_questions

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Brought:
    """What one trial brings, whatever its results.

    `outcomes` are those that are, or will be, measured; `visits` pairs a phase with weeks since the
    start; `people` counts participants an arm and is empty where nothing may be counted yet.
    """

    id: str
    design: str
    randomised: str
    population: Population
    arms: Mapping[str, Arm]
    contrasts: Sequence[Contrast]
    outcomes: Sequence[Outcome]
    visits: Sequence[tuple[str, float]]
    people: Mapping[str, int] = field(default_factory=dict)
    simulated: bool = False
    ongoing: bool = False
    questions: frozenset[str] = frozenset()


def brought_by_study(study: Participants, flow: pd.DataFrame | None = None) -> Brought:
    """What a study with individual data brings; without its flow, as far as it is declared."""
    visits, outcomes, people = set(study.visits), set(study.outcomes), {}
    ongoing = study.status == "ongoing"
    if flow is not None and not ongoing:
        # Rows of an arm alone have no visit, and rows of a reason nobody measured.
        found = flow[flow["reason"] == ""]
        found = found[found["measured"].astype("int") > 0]
        visits &= set(found["visit"])
        outcomes &= set(found["outcome"])
        whole = found[found["visit"] == ""]
        people = {
            arm: int(number) for arm, number in zip(whole["arm"], whole["measured"], strict=True)
        }
    return Brought(
        id=study.id,
        design=study.design,
        randomised=study.randomised,
        population=study.population,
        arms=study.arms,
        contrasts=study.contrasts,
        outcomes=[study.outcomes[name] for name in study.outcomes if name in outcomes],
        visits=[
            (visit.phase, visit.week) for name, visit in study.visits.items() if name in visits
        ],
        people=people,
        simulated=study.simulated,
        ongoing=ongoing,
    )


def brought_by_trial(name: str, trials: Trials, rows: pd.DataFrame) -> Brought:
    """What one trial of a collection brings: what is declared of it, and the rows it prints."""
    trial = trials.trials[name]
    own = rows[(rows["trial"] == name) & (rows["use"] != "left out")]
    own = own[~own["role"].isin(["external", "common phase"])]
    people = own.groupby("arm")["n"].max().dropna()
    visits = own[["phase", "weeks"]].drop_duplicates()
    questions = {word for cell in own["question"].unique() for word in split_questions(cell)}
    return Brought(
        id=name,
        design=trial.design,
        randomised=trial.randomised,
        population=trial.population,
        arms=trial.arms,
        contrasts=trial.contrasts,
        outcomes=[trials.outcomes[outcome] for outcome in own["outcome"].unique()],
        visits=[(str(phase), float(week)) for phase, week in visits.itertuples(index=False)],
        people={str(arm): int(number) for arm, number in people.items()},
        questions=frozenset(questions),
    )
