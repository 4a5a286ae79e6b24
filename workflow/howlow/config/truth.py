"""data/<study>/truth.yaml: what a SIMULATED cohort is drawn from."""

from __future__ import annotations

from howlow.config.schema import Name, Strict, described
from howlow.config.trial import Design


class TrueOutcome(Strict):
    """The truth about one outcome, all in its unit."""

    baseline: float = described("Mean before")
    gain: dict[Name, dict[Name, float]] = described("arm: {visit: true mean gain over baseline}")
    sd_person: float = described("SD between people, constant over time", ge=0)
    sd_response: float = described("SD of how people differ in response, after baseline", ge=0)
    sd_limb: float = described("SD between the limbs of a person", default=0.0, ge=0)
    sd_error: float = described("SD of measurement, each time anew", ge=0)


class Truth(Strict):
    """A whole cohort, declared."""

    design: Design = described("parallel or within_participant")
    participants: int = described("Participants in each arm, or altogether if limbs are", ge=4)
    visits: tuple[Name, ...] = described("Visits in order, baseline first", min_length=2)
    repeats: tuple[Name, ...] = described(
        "Visits that measure the baseline again, with an error anew", default=()
    )
    dropout: float = described("Chance to leave before each visit after baseline", ge=0, lt=1)
    outcomes: dict[Name, TrueOutcome] = described("The truth about each outcome", min_length=1)
