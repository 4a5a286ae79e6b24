"""What the columns of the tidy tables are, in words, and what must be known of nobody's data."""

from __future__ import annotations

from dataclasses import dataclass

from howlow.config.collection import Trials
from howlow.config.study import Participants, Study
from howlow.config.trial import Outcome

#: Fewest people of whom percentiles are told.
FEWEST_PEOPLE = 10

PSEUDO = (
    "Nobody's values: pseudo individuals, made so that each arm has the mean and the spread that "
    "its paper prints"
)
SIMULATED = "SIMULATED: nobody was measured"


@dataclass(frozen=True)
class Column:
    """What is always true of a column."""

    label: str
    meaning: str
    type: str = "string"
    unit: str = ""
    declared: str = ""


PARTICIPANTS = {
    "study": Column("Study", "Name of the study"),
    "participant": Column("Participant", "One person; a code of howlow's", declared="participant"),
    "arm": Column(
        "Arm", "The arm the person was in; empty where each limb has its own", declared="arm"
    ),
    "sex": Column("Sex", "F or M", declared="sex"),
    "age": Column("Age", "Age at baseline", "number", "years", "age"),
    "height": Column("Height", "Body height", "number", "cm", "height"),
    "training": Column("Training status", "untrained or trained", declared="training"),
    "site": Column("Site", "Number of the site", declared="site"),
    "sessions_attended": Column(
        "Sessions attended", "How many sessions", "number", "", "sessions_attended"
    ),
    "left": Column("Left", "Whether the person left the study", declared="reason_left"),
    "adverse_events": Column("Adverse events", "How many", "number", "", "adverse_events"),
    "first_day": Column(
        "Day of the first session",
        "Study day, counted from the person's first baseline",
        "number",
        "days",
        "first_session",
    ),
}
MEASUREMENTS = {
    "study": Column("Study", "Name of the study"),
    "participant": Column("Participant", "The person measured", declared="participant"),
    "limb": Column("Limb", "The limb measured, where limbs have conditions", declared="limb"),
    "arm": Column("Arm", "The arm of the person, or of the limb", declared="arm"),
    "visit": Column("Visit", "When it was measured", declared="visit"),
    "day": Column(
        "Study day", "Counted from the person's first baseline", "number", "days", "date"
    ),
    "outcome": Column("Outcome", "What was measured", declared="outcome"),
    "quantity": Column("Quantity", "level: a value; change: a change up to the visit"),
    "variant": Column("Reading", "Empty for the main reading of a paper"),
    "value": Column("Value", "The value, in the unit beside it", "number", "", "value"),
    "unit": Column("Unit", "Unit of the value", declared="unit"),
    "period": Column("Period", "Period of a crossover trial: 1, 2, ...", declared="period"),
}


def caution_of(study: Study) -> str:
    """What must be known of data that are nobody's."""
    if not isinstance(study, Participants):
        return f"{PSEUDO}."
    return f"{SIMULATED}." if study.simulated else ""


def outcomes_of(study: Study, trials: Trials | None) -> dict[str, Outcome]:
    """Every outcome of a study or of a collection."""
    if isinstance(study, Participants):
        return study.outcomes
    return trials.outcomes if trials else {}
