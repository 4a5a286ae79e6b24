"""data/<collection>/: what papers print, many trials in one table of arms.

`study.yaml` says what the collection is, `trials.yaml` what the table cannot say about each trial.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from howlow.config.schema import Fault, Label, Name, Strict, StudyId, Text, described, unknown
from howlow.config.trial import (
    Arm,
    Contrast,
    Design,
    Outcome,
    Population,
    RiskOfBias,
    check_contrasts,
    check_outcomes,
)


class Assumption(Strict):
    """Something the page does not print, with the reason and what else it might be.

    Each is carried into every table and figure that uses the rows, and tried the other way.
    """

    what: Literal["spread", "n"] = described(
        "`spread`: what the plus-minus sign stands for; `n`: how many were in each arm"
    )
    taken_as: Literal["SD", "SEM"] | None = described(
        "For a spread: how it was read; the other reading is tried as sensitivity", default=None
    )
    low: int | None = described("For n: the fewest an arm may have had", default=None, ge=2)
    high: int | None = described("For n: the most an arm may have had", default=None, ge=2)
    outcomes: tuple[Name, ...] = described(
        "The outcomes it concerns; none named means all", default=()
    )
    because: Text = described("The reason for the reading")


class Printed(Strict):
    """An exact result of a comparison that overrules a rounded spread."""

    contrast: Label = described("The contrast, as in `contrasts`")
    outcome: Name = described("The outcome")
    p: Annotated[float, Field(gt=0, lt=1)] = described("Two-sided P as printed")


class Trial(Strict):
    """One trial of a collection."""

    cite: Text = described("Authors and year, as a reader would cite it")
    year: int | None = described("Year of publication", default=None, ge=1800, le=2100)
    doi: Text | None = described("DOI, without the address of the resolver", default=None)
    via_doi: Text | None = described("DOI of the review it was read in", default=None)
    url: Text = described("The page that was read")
    read_in: Literal["abstract", "table", "full text", "secondary"] = described(
        "What of the paper was read"
    )
    kind: Literal["summary", "contrast"] = described(
        "summary: values of each arm; contrast: only a difference is printed", default="summary"
    )
    population: Population = described("Who took part")
    design: Design = described("How arms were made; it decides the unit of analysis")
    randomised: Literal["yes", "no", "not stated"] = described(
        "Whether chance decided who got what"
    )
    analyse_as: Literal["limb pairs", "independent arms"] | None = described(
        "within_participant only: limb pairs where each person gave a limb to each arm; "
        "independent arms (conservative) where limbs were spread over more arms than a person has",
        default=None,
    )
    arms: dict[Name, Arm] = described("The arms and their dose", min_length=1)
    reference: Name | None = described("The arm others are set against", default=None)
    contrasts: tuple[Contrast, ...] = described("Arms set against each other", default=())
    primary_outcome: Name | None = described(
        "The outcome of the primary estimate; its contrast is the first one", default=None
    )
    assume: tuple[Assumption, ...] = described(
        "What the page does not print and is assumed", default=()
    )
    printed: tuple[Printed, ...] = described(
        "Exact results that overrule a rounded spread", default=()
    )
    risk_of_bias: RiskOfBias | None = described(
        "RoB 2 by domain; not assessed if left out", default=None
    )
    note: Text | None = described("What a reader must know, in a sentence or two", default=None)


class Trials(Strict):
    """The whole of trials.yaml."""

    outcomes: dict[Name, Outcome] = described("What was measured, over all trials", min_length=1)
    trials: dict[StudyId, Trial] = described("The trials", min_length=1)


def cross_check(trials: Trials, constructs: set[str]) -> Iterator[Fault]:
    """What no single key can tell."""
    yield from check_outcomes(trials.outcomes, constructs)
    for name, trial in trials.trials.items():
        place = ("trials", name)
        yield from check_contrasts(trial.contrasts, trial.arms, place)
        if trial.reference is not None and trial.reference not in trial.arms:
            action = unknown(trial.reference, trial.arms)
            yield (*place, "reference"), f"'{trial.reference}' is no arm", action, "G14"
        if (trial.design == "within_participant") != (trial.analyse_as is not None):
            found = f"design {trial.design}, analyse_as {trial.analyse_as}"
            yield (
                (*place, "design"),
                found,
                "within_participant needs analyse_as, others do not have it",
                "G15",
            )
        named = [name for assumed in trial.assume for name in assumed.outcomes]
        named += [printed.outcome for printed in trial.printed]
        named += [trial.primary_outcome] if trial.primary_outcome else []
        for outcome in named:
            if outcome not in trials.outcomes:
                action = unknown(outcome, trials.outcomes)
                yield place, f"'{outcome}' is no outcome", action, "G14"
        for position, assumed in enumerate(trial.assume):
            right = (
                assumed.taken_as is not None
                if assumed.what == "spread"
                else assumed.low is not None and assumed.high is not None
            )
            if not right:
                yield (
                    (*place, "assume", position),
                    f"what: {assumed.what} is incomplete",
                    "A spread needs taken_as (SD or SEM); n needs low and high",
                    "G01",
                )
