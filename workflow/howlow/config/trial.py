"""The words every trial is declared in, whether its participants or only its paper is at hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from howlow.config.schema import (
    Fault,
    Label,
    Name,
    Strict,
    Text,
    UnitName,
    described,
    unknown,
)
from howlow.config.units import UNITS

Design = Literal["parallel", "within_participant", "crossover", "single_arm"]
Phase = Literal["baseline", "training", "maintenance", "detraining", "disuse", "recovery"]
Question = Literal[
    "load",
    "frequency",
    "volume",
    "failure",
    "training",
    "countermeasure",
    "disuse",
    "recovery",
    "detraining",
    "maintenance",
    "critical_illness",
    "supplement",
    "rest_interval",
    "exercise",
]


class Outcome(Strict):
    """One thing that was measured."""

    label: Label = described("Words shown to readers, without the unit")
    construct: Name = described(  # type: ignore[assignment]  # see howlow.config.schema
        "What it measures: a key of `constructs` in config.yaml"
    )
    unit: UnitName = described("Unit of its values (kg, g, N·m, cm², mm, s, %)")
    instrument: Label | None = described(
        "What it was measured with, such as Lunar iDXA or Biodex System 4", default=None
    )
    measure: Name = described("Kind of measurement, such as one_rm, isometric, csa, dxa")
    region: Name = described("Body region, such as knee_extensors, upper_body, whole_body")
    higher_is: Literal["better", "worse"] = described(
        "Direction: whether a larger value is better", default="better"
    )
    ratio_scale: bool = described("Whether per cent change makes sense", default=True)
    margin: float | None = described(
        "Smallest difference that matters in this unit; else the construct's per cent applies",
        default=None,
        gt=0,
    )
    mdc: float | None = described(
        "Measurement error in this unit: the smallest change of one person that can be told from "
        "noise (MDC95)",
        default=None,
        gt=0,
    )
    range: tuple[float, float] | None = described(
        "Lowest and highest plausible value", default=None
    )


class Arm(Strict):
    """One arm and its dose; leave out what was not printed."""

    label: Label = described("Words shown to readers")
    load_pct_1rm: tuple[float, float] | None = described(
        "Load in % of the one-repetition maximum, lowest and highest", default=None
    )
    rm: tuple[float, float] | None = described(
        "Load as repetitions to failure (RM), fewest and most", default=None
    )
    repetitions: tuple[float, float] | None = described(
        "Repetitions a set where they are not a load, fewest and most", default=None
    )
    sets: tuple[float, float] | None = described("Sets an exercise, fewest and most", default=None)
    sets_per_week: float | None = described(
        "Sets a week for the muscle measured", default=None, ge=0
    )
    sessions_per_week: float | None = described(
        "Sessions a week for the muscle measured; 0 is no training", default=None, ge=0
    )
    to_failure: bool | None = described("Whether sets went to failure", default=None)
    supervision: Literal["supervised", "partly", "unsupervised"] | None = described(
        "Whether somebody watched the sessions", default=None
    )
    planned: int | None = described(
        "Participants planned for this arm, or put on the randomisation list", default=None, ge=1
    )
    blood_flow_restriction: bool = described(
        "Whether the limb was restricted; such an arm is not plain light load", default=False
    )


class Contrast(Strict):
    """Two arms set against each other."""

    contrast: Label = described("`arm - arm`: the reference stands second")
    question: Question = described("The question it speaks to")
    aim: Literal["difference", "non_inferiority"] = described(
        "non_inferiority: the first arm is to be shown not worse than the second by the margin, by "
        "a one-sided interval of level 1 - alpha / 2; equivalence is judged of every contrast",
        default="difference",
    )


MissedSessions = Literal["treatment_policy", "per_protocol"]
DropOut = Literal["missing_at_random", "completers"]
#: What is known of a participant before the first session; age_group is young (under 40) or older
#: (60 and over), from the age.
Covariate = Literal["sex", "age", "age_group", "height", "training"]
#: The column that a covariate is read from, where it is not its own.
COVARIATE_COLUMNS = {"age_group": "age"}
ADULT_FROM, YOUNG_UNDER, OLDER_FROM = 18, 40, 60


class Estimand(Strict):
    """What is done about sessions that were missed and people who left; see docs/statistics.md."""

    missed_sessions: MissedSessions = described(
        "treatment_policy: all count in their arm however often they came; per_protocol: those who "
        "came to `per_protocol_pct` of the planned sessions",
        default="treatment_policy",
    )
    drop_out: DropOut = described(
        "missing_at_random: what would have been seen had nobody left, by the likelihood; "
        "completers: those with a value before and after",
        default="missing_at_random",
    )
    per_protocol_pct: float = described(
        "Sessions attended, % of those planned, from which a participant counts as per protocol",
        default=80.0,
        gt=0,
        le=100,
    )


class Population(Strict):
    """Who took part, as far as it is printed."""

    description: Text = described("Who, in a few words")
    age: Literal["children", "young", "middle", "older", "mixed"] | None = described(
        "children: under 18, who enter no pool, curve or claim; young: under 40; middle: 40 to 59; "
        "older: 60 and over",
        default=None,
    )
    mean_age: float | None = described("Mean age in years", default=None, ge=0)
    sex: Label | None = described("F, M, or the mix as printed", default=None)
    training: Literal["untrained", "trained", "mixed"] | None = described(
        "Training status", default=None
    )


class RiskOfBias(Strict):
    """The five domains of RoB 2, each judged or not assessed."""

    randomisation: str = described("low, some concerns, high or not assessed", "not assessed")
    deviations: str = described("low, some concerns, high or not assessed", "not assessed")
    missing_data: str = described("low, some concerns, high or not assessed", "not assessed")
    measurement: str = described("low, some concerns, high or not assessed", "not assessed")
    selection: str = described("low, some concerns, high or not assessed", "not assessed")


def sides(contrast: str) -> tuple[str, str]:
    """The two arms of `light - heavy`, minuend first."""
    first, _, second = contrast.partition(" - ")
    return first.strip(), second.strip()


def check_outcomes(outcomes: dict[Name, Outcome], constructs: set[str]) -> Iterator[Fault]:
    """Outcomes whose construct config.yaml does not know, or whose range is upside down."""
    known = sorted(constructs)
    for name, outcome in outcomes.items():
        if outcome.construct not in known:
            place = ("outcomes", name, "construct")
            yield (
                place,
                f"'{outcome.construct}' is no construct",
                unknown(outcome.construct, known),
                "G14",
            )
        if outcome.unit not in UNITS:
            place = ("outcomes", name, "unit")
            yield place, f"'{outcome.unit}' is no unit", unknown(outcome.unit, UNITS), "C09"
        yield from _check_pair(outcome.range, ("outcomes", name, "range"))


def check_arms(arms: dict[Name, Arm], place: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """Doses whose lowest value stands second."""
    for name, arm in arms.items():
        for key in ("load_pct_1rm", "rm", "repetitions", "sets"):
            yield from _check_pair(getattr(arm, key), (*place, "arms", name, key))


def check_single_arm(
    design: Design, contrasts: tuple[Contrast, ...], place: tuple[str | int, ...] = ()
) -> Iterator[Fault]:
    """Contrasts of a trial that has nothing to set an arm against."""
    if design == "single_arm" and contrasts:
        action = "Write `contrasts: []`, or correct the design"
        yield (*place, "contrasts"), "design: single_arm has no contrasts", action, "G15"


def _check_pair(pair: tuple[float, float] | None, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """A pair whose lowest value stands second."""
    if pair is not None and pair[0] > pair[1]:
        low, high = sorted(pair)
        found = f"{pair[0]:g} is above {pair[1]:g}"
        yield place, found, f"Write the lowest first: [{low:g}, {high:g}]", "G04"


def check_contrasts(
    contrasts: tuple[Contrast, ...], arms: dict[Name, Arm], place: tuple[str | int, ...] = ()
) -> Iterator[Fault]:
    """Contrasts that name an arm there is not, or an arm against itself."""
    for position, contrast in enumerate(contrasts):
        where = (*place, "contrasts", position, "contrast")
        first, second = sides(contrast.contrast)
        for arm in (first, second):
            if arm not in arms:
                yield where, f"'{arm}' is no arm", unknown(arm, arms), "G14"
        if first == second:
            yield where, f"'{first}' against itself", "Name two arms", "G14"
