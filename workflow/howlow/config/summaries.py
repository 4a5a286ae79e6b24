"""How a table of arms from elsewhere is read: which column is what, and what its rows share.

A collection whose table is not howlow's own arms.csv declares three things in study.yaml: which
column is what (`columns`), what holds for every row (`rows`), and, in place of a trials.yaml, which
columns say what the trials, their arms and their outcomes are (`trials_from`).
"""

from __future__ import annotations

from typing import Literal

from howlow.config.schema import Name, Strict, Text, described
from howlow.config.steps import Column
from howlow.config.trial import Design, Phase


class ArmColumns(Strict):
    """Which column of a table of arms is what; one that has its own name need not be listed."""

    trial: Column = described("Trial", default="trial")
    arm: Column = described("Arm", default="arm")
    outcome: Column = described(
        "Outcome; not needed where trials_from.outcomes makes them", default="outcome"
    )
    visit: Column | None = described(
        "Visit; made from the weeks (week_12) where there is none", default=None
    )
    weeks: Column | None = described("Weeks since the start", default=None)
    phase: Column | None = described("training, maintenance, detraining, disuse or recovery", None)
    role: Column | None = described("arm, contrast, change, common phase, group or external", None)
    question: Column | None = described("Questions the row may serve", default=None)
    change_vs: Column | None = described("baseline, or end of previous phase", default=None)
    where: Column | None = described("Where on the page the numbers stand", default=None)
    caution: Column | None = described("What a reader must know of the row", default=None)
    use: Column | None = described(
        "fitted, described or left out; decided by rule where there is none", default=None
    )
    reason: Column | None = described("Why a row is not fitted", default=None)
    n: Column | None = described("Participants in the arm", default=None)
    mean_pre: Column | None = described("Mean before", default=None)
    mean_post: Column | None = described("Mean after", default=None)
    mean_change: Column | None = described("Mean change", default=None)
    sd_pre: Column | None = described("SD before", default=None)
    sd_post: Column | None = described("SD after", default=None)
    sd_change: Column | None = described("SD of the change", default=None)
    se_pre: Column | None = described("Standard error before; SD = SE x sqrt(n)", default=None)
    se_post: Column | None = described("Standard error after", default=None)
    se_change: Column | None = described("Standard error of the change", default=None)
    ci_low: Column | None = described("Lower limit of the 95 % CI of the change", default=None)
    ci_high: Column | None = described("Upper limit of the 95 % CI of the change", default=None)
    t_change: Column | None = described("t of the change; SE = change / t", default=None)
    p_change: Column | None = described(
        "Two-sided P of the change; a P of one digit, such as 0.01, may be a bound and is not used",
        default=None,
    )


class RowDefaults(Strict):
    """What holds for every row whose table has no column for it."""

    phase: Phase = described("Phase of the trial", default="training")
    change_vs: Literal["baseline", "end of previous phase"] = described(
        "What the change is counted from", default="baseline"
    )
    where: Text = described("Where the numbers stand", default="table")


class DoseColumns(Strict):
    """Which columns say what an arm did; the rows of an arm give the lowest and highest."""

    load_pct_1rm: Column | None = described("Load in % of the one-repetition maximum", default=None)
    rm: Column | None = described("Load as repetitions to failure", default=None)
    repetitions: Column | None = described("Repetitions a set", default=None)
    sets: Column | None = described("Sets an exercise", default=None)
    sets_per_week: Column | None = described("Sets a week for the muscle measured", default=None)
    sessions_per_week: Column | None = described("Sessions a week", default=None)
    to_failure: Column | None = described("Whether sets went to failure: yes or no", default=None)


class Rule(Strict):
    """A word for the rows whose cells are among those listed, in every column that is named."""

    where: dict[Column, tuple[str, ...]] = described("column: its cells", min_length=1)
    then: Name = described("The word for these rows")


class OutcomeColumns(Strict):
    """What was measured: columns whose cells say it, or rules, of which the first that holds."""

    id: tuple[Column, ...] = described("Columns whose cells, put together, name it", min_length=1)
    label: tuple[Column, ...] = described("Columns whose cells make its label", min_length=1)
    construct: Column | tuple[Rule, ...] = described(  # type: ignore[assignment]
        "What it measures: a column whose cells are constructs of config.yaml, or rules; "
        "not_mapped where no rule holds"
    )
    unit: Column | None = described("Unit; `not stated` where there is none", default=None)
    measure: Column | tuple[Rule, ...] = described(
        "Kind of measurement, such as one_rm: a column, or rules; `other` where none holds"
    )
    region: Column | tuple[Rule, ...] = described(
        "Body region, such as lower_body: a column, or rules; `other` where none holds"
    )
    higher_is: Column | None = described("better or worse", default=None)


class ControlRows(Strict):
    """How the arms that did not train are told."""

    column: Column = described("The column that tells")
    cells: tuple[str, ...] = described("Its cells for arms that did not train", min_length=1)


class TrialsFrom(Strict):
    """Columns that say of each trial what trials.yaml would; facts are the first that is given."""

    cite: tuple[Column, ...] = described("Columns that make the citation", min_length=1)
    year: Column | None = described("Year of publication", default=None)
    doi: Column | None = described("DOI", default=None)
    url: Text = described("The page the facts were read on")
    read_in: Literal["abstract", "table", "full text", "secondary"] = described(
        "What of the papers was read", default="secondary"
    )
    design: Design = described("How arms were made, in every trial", default="parallel")
    randomised: Column | None = described("Whether chance decided: yes or no", default=None)
    population: tuple[Column, ...] = described("Columns that say who took part", default=())
    mean_age: Column | None = described("Mean age in years", default=None)
    share_male: Column | None = described("Share of men, 0 to 1", default=None)
    training: Column | None = described("untrained, trained or mixed", default=None)
    arm_label: tuple[Column, ...] = described("Columns that make an arm's label", min_length=1)
    doses: DoseColumns = described("What the arms did", default=DoseColumns())
    control: ControlRows | None = described("Which arms did not train", default=None)
    outcomes: OutcomeColumns | None = described(
        "What was measured; where left out, `outcomes` of study.yaml declares it", default=None
    )


#: How a row is named in `question` for an arm set against one that did not train.
TRAINING: Name = "training"
#: The construct of what no rule names.
NOT_MAPPED: Name = "not_mapped"
