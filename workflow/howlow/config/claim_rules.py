"""How a claim is judged, in a few general kinds: the number, and the region it claims for it.

All of it is data: no claim brings code of its own, and none holds a verdict.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from howlow.config.doses import dose_class
from howlow.config.schema import HTTPS, Name, Strict, Text, described
from howlow.config.settings import Config
from howlow.config.trial import Arm

Pair = tuple[float, float]
#: What is judged; see `Rule.number`.
JudgedNumber = Literal["contrast", "change", "ages", "interaction", "steps"]
#: Where the number lies if the claim is true.
Region = Literal["above_zero", "below_zero", "above_margin", "below_margin", "within_margin"]


class InTwoLanguages(Strict):
    """The same in English and in Dutch."""

    en: Text = described("English")
    nl: Text = described("Dutch")


class ArmNeeded(Strict):
    """An arm that a study must have; what is left out may be anything."""

    dose: Literal["light", "moderate", "heavy"] | None = described(
        "Dose class by `dose_classes` in config.yaml", default=None
    )
    sessions_per_week: Pair | None = described(
        "Sessions a week, fewest and most; [0, 0] is no training", default=None
    )
    load_pct_1rm: Pair | None = described(
        "Middle of the load in % 1RM, lowest and highest", default=None
    )
    rm: Pair | None = described(
        "Middle of the load in RM, fewest and most; an arm that fits this or load_pct_1rm will do",
        default=None,
    )
    to_failure: bool | None = described("Whether sets went to failure", default=None)


class Rule(Strict):
    """What number of the trials is judged, and where it lies if the claim is true."""

    number: JudgedNumber = described(
        "contrast: a difference between the first two of `arms` (as declared, where the claim "
        "needs none); change: what happened over time to those who did not train; ages: that "
        "change in older less that in young people; interaction: a contrast less that between the "
        "arms of `against`; steps: the step from the third of `arms` (no training) to the first, "
        "less that from the first to the second"
    )
    order: Literal["first - second", "second - first"] = described(
        "contrast: which of the first two of `arms` is taken off", default="first - second"
    )
    against: tuple[ArmNeeded, ...] = described(
        "interaction: the two arms whose difference is taken off", default=()
    )
    claimed: Region = described(
        "Where the number lies if the claim is true; the margin is that of the construct in "
        "config.yaml"
    )
    always: bool = described(
        "Whether the claim is about each trial and not their mean: then the prediction interval "
        "has to lie there, and one trial wholly on the other side contradicts",
        default=False,
    )
    time: Literal["first", "last"] = described(
        "Which visit of a trial speaks within `weeks`", default="last"
    )


class Reported(Strict):
    """What somebody else found: a fact with its source, kept apart from our estimates."""

    cite: Text = described("Who, and when")
    doi: Text | None = described("DOI, without the address of the resolver", default=None)
    url: Annotated[str, Field(pattern=HTTPS)] | None = described(
        "Its address, where it has no DOI", default=None
    )
    sentence: InTwoLanguages = described("What was found, in our own words")
    verified: bool = described("Whether the numbers were read on the page itself")

    @property
    def link(self) -> str:
        """Where it can be read, or nothing."""
        return f"https://doi.org/{self.doi}" if self.doi else self.url or ""


class Review(Reported):
    """What another review or study found about a claim."""

    answers: bool = described(
        "Whether it measures the very estimand: a cohort's or survey's claim is then cited",
        default=False,
    )


class PublishedAnswer(Reported):
    """The best published synthesis on a construct, which stands beside our answer."""

    construct: Name = described("A key of `constructs` in config.yaml")  # type: ignore[assignment]


def arm_fits(arm: Arm, need: ArmNeeded, config: Config) -> bool:
    """Whether an arm is one that is needed; one with restricted blood flow never is."""
    if arm.blood_flow_restriction:
        return False
    sessions, loads = arm.sessions_per_week, (need.load_pct_1rm, need.rm)
    no_training = sessions == 0
    wants_none = need.sessions_per_week is not None and need.sessions_per_week[1] == 0
    if no_training != wants_none:
        return False
    return (
        (need.dose is None or dose_class(arm, config) == need.dose)
        and (need.sessions_per_week is None or within(sessions, need.sessions_per_week))
        and (need.to_failure is None or arm.to_failure is need.to_failure)
        and (
            loads == (None, None)
            or within(_middle(arm.load_pct_1rm), need.load_pct_1rm)
            or within(_middle(arm.rm), need.rm)
        )
    )


def within(value: float | None, pair: Pair | None) -> bool:
    """Whether a value is known and lies in a range."""
    return value is not None and pair is not None and pair[0] <= value <= pair[1]


def _middle(pair: Pair | None) -> float | None:
    """The middle of a printed range."""
    return None if pair is None else sum(pair) / 2
