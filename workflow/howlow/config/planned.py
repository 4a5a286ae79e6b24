"""A planning file: what a new cohort is assumed to look like, and what it is to show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field

from howlow.config.documents import Document, read_yaml
from howlow.config.schema import (
    Fault,
    Label,
    Strict,
    StudyId,
    Text,
    UnitName,
    check,
    described,
    unknown,
)
from howlow.config.settings import Config, Probability
from howlow.config.study import Participants, Study
from howlow.config.units import UNITS

Positive = Annotated[float, Field(gt=0)]
#: A share of people who leave.
Share = Annotated[float, Field(ge=0, lt=0.9)]
People = Annotated[int, Field(ge=4, le=5000)]
PlannedDesign = Literal["parallel", "within_participant"]


class PlannedVisit(Strict):
    """A visit of the new cohort."""

    label: Label = described("Words shown to readers")
    week: float = described("Weeks since baseline", ge=0)


class Simulation(Strict):
    """What is simulated, and how often."""

    designs: tuple[PlannedDesign, ...] = described(
        "parallel: different people in each arm; within_participant: each person trains one limb "
        "with each arm's training",
        default=("parallel", "within_participant"),
        min_length=1,
    )
    drop_out: tuple[Share, ...] = described(
        "Shares of people who will have left by the last visit, 0.15 for 15 %; the answer is given "
        "for the first",
        default=(0.15, 0.0, 0.3),
        min_length=1,
    )
    n: tuple[People, ...] | None = described(
        "Numbers to try: people in each arm, or altogether where limbs are compared; by default "
        "they are found",
        default=None,
        min_length=2,
    )
    power: Probability | None = described(
        "Chance wanted of showing what is true; else `planning.power` of config.yaml", default=None
    )
    alpha: Probability | None = described("Error rate; else that of config.yaml", default=None)
    trials: int = described("Trials simulated for each number", default=500, ge=50, le=100_000)
    seed: int | None = described("Seed of every draw; else that of config.yaml", default=None, ge=0)


class PlannedCohort(Strict):
    """A new cohort as it is assumed, all in the unit of its outcome."""

    name: StudyId = described("Name of the plan and of its folder")
    outcome: Label = described("What is measured, without the unit")
    unit: UnitName = described("Unit of its values (kg, g, N·m, cm², mm, s, %)")
    higher_is: Literal["better", "worse"] = described(
        "Direction: whether a larger value is better", default="better"
    )
    arms: tuple[Label, Label] = described("The new arm, then the one that it is set against")
    visits: tuple[PlannedVisit, ...] = described(
        "Visits in order, the baseline first; arms are compared at the last", min_length=2
    )
    baseline_mean: Positive = described("Mean before training")
    gain: float = described(
        "Mean gain of the second arm by the last visit; arms can be shown alike only where it "
        "exceeds the margin, as the analysis asks too"
    )
    sd: Positive = described("Standard deviation between people before training")
    sd_growth_pct: float = described(
        "By how many per cent the standard deviation has grown by the last visit",
        default=0.0,
        ge=-50,
        le=200,
    )
    correlation: float = described(
        "Correlation of the baseline with each later visit, and of these with each other",
        ge=0,
        lt=1,
    )
    limb_correlation: float | None = described(
        "Correlation between the two limbs of one person at a visit; else the value of "
        "`limb_correlation` in config.yaml",
        default=None,
        ge=0,
        lt=1,
    )
    margin: Positive | None = described(
        "Smallest difference that matters, in the unit; give this or margin_pct", default=None
    )
    margin_pct: float | None = described(
        "Smallest difference that matters, in per cent of the baseline mean", None, gt=0, lt=100
    )
    difference: float | None = described(
        "A true difference, in the unit, that is to be detected, beside one of the margin",
        default=None,
    )
    simulation: Simulation = described("What is simulated, and how often", default=Simulation())
    note: Text | None = described("Where these assumptions come from", default=None)


def cross_check(plan: PlannedCohort) -> Iterator[Fault]:
    """What no single key can tell."""
    if (plan.margin is None) == (plan.margin_pct is None):
        found = "neither margin nor margin_pct" if plan.margin is None else "margin and margin_pct"
        yield ("margin",), found, "Give one of margin and margin_pct", "G01"
    if plan.arms[0] == plan.arms[1]:
        yield ("arms",), f"'{plan.arms[0]}' against itself", "Name two arms", "G14"
    if plan.unit not in UNITS:
        yield ("unit",), f"'{plan.unit}' is no unit", unknown(plan.unit, UNITS), "C09"
    if plan.difference == 0:
        action = "Leave it out: arms that do not differ are simulated in any case"
        yield ("difference",), "a difference of 0", action, "G04"
    weeks = [visit.week for visit in plan.visits]
    for position in range(1, len(weeks)):
        if weeks[position] <= weeks[position - 1]:
            place = ("visits", position, "week")
            found = f"week {weeks[position]:g} after week {weeks[position - 1]:g}"
            yield place, found, "Put the visits in order", "G04"


def read_planned_cohort(path: Path) -> PlannedCohort:
    """The plan declared in a YAML file; raise InputError with all its faults."""
    return check(PlannedCohort, read_yaml(path), [cross_check])


def with_said(simulation: Simulation, said: Mapping[str, Any]) -> Simulation:
    """A simulation with what is said on the command line; raise InputError with all faults."""
    values = simulation.model_dump(mode="json") | dict(said)
    return check(Simulation, Document("command line", values, {(): 0}))


def can_be_planned(study: Study, config: Config) -> bool:
    """Whether a new cohort can be planned from a study's primary outcome as it is declared."""
    if not isinstance(study, Participants) or not study.contrasts:
        return False
    outcome = study.outcomes[study.primary_outcome]
    margin = outcome.margin or config.constructs[outcome.construct].margin_pct
    return study.design in ("parallel", "within_participant") and margin is not None
