"""data/<study>/study.yaml: one study, its design, arms, visits, outcomes, source and licence."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Discriminator, Field, Tag

from howlow.config.schema import (
    FILE_NAME,
    HTTPS,
    Digest,
    Label,
    Name,
    Strict,
    StudyId,
    Text,
    described,
)
from howlow.config.steps import Column, Table
from howlow.config.summaries import ArmColumns, RowDefaults, TrialsFrom
from howlow.config.trial import (
    Arm,
    Contrast,
    Covariate,
    Design,
    Estimand,
    Outcome,
    Phase,
    Population,
)


class SourceFile(Strict):
    """A file in data/<study>/raw/, known by its SHA-256: a public one, or one of your own."""

    file: Annotated[str, Field(pattern=FILE_NAME)] = described(
        "Name it is kept under in data/<study>/raw/"
    )
    url: Annotated[str, Field(pattern=HTTPS)] | None = described(
        "Public address of the file, fetched once; none for a file that you put there yourself",
        default=None,
    )
    sha256: Digest = described("SHA-256 of the file; another file is refused")


class Source(Strict):
    """Where a study's data come from, and on what terms."""

    citation: Text = described("How the data or the paper are to be cited")
    doi: Text | None = described("DOI of the paper or the data", default=None)
    licence: Text = described("Licence of the data")
    files: tuple[SourceFile, ...] = described("Files to fetch; none where they lie here", ())

    @property
    def link(self) -> str:
        """Address of the DOI; empty without one."""
        doi = (self.doi or "").removeprefix("https://doi.org/")
        return f"https://doi.org/{doi}" if doi else ""


class Visit(Strict):
    """One planned measurement."""

    label: Label = described("Words shown to readers")
    week: float = described("Weeks since baseline", ge=0)
    phase: Phase = described("baseline, training, maintenance, detraining, disuse or recovery")
    repeats: Name | None = described(
        "The visit that this one measures again before anything was done; it serves the "
        "measurement error alone and enters no other model",
        default=None,
    )


class Columns(Strict):
    """Which column of the cleaned table is what."""

    participant: Column = described("Participant", default="participant")
    arm: Column = described("Arm", default="arm")
    visit: Column = described("Visit", default="visit")
    outcome: Column = described("Outcome", default="outcome")
    value: Column = described("Value", default="value")
    limb: Column | None = described("Limb, where limbs were randomised", default=None)
    period: Column | None = described(
        "Period of a crossover (1, 2, ...), in which a participant is in one arm", default=None
    )
    unit: Column | None = described(
        "Unit of the value, where rows differ; turned into the outcome's unit", default=None
    )
    date: Column | None = described(
        "Date of the measurement; only the study day is kept", default=None
    )
    first_session: Column | None = described(
        "Date of randomisation or of the first session; only the study day is kept", default=None
    )
    site: Column | None = described("Site", default=None)
    assessor: Column | None = described("Who measured", default=None)
    device: Column | None = described("Device it was measured with", default=None)
    sex: Column | None = described("Sex: F or M, female or male", default=None)
    age: Column | None = described("Age in years at baseline", default=None)
    height: Column | None = described("Height in cm", default=None)
    training: Column | None = described("Training status: untrained or trained", default=None)
    sessions_attended: Column | None = described("Sessions attended", default=None)
    reason_left: Column | None = described(
        "Why a participant left; empty for who stayed", default=None
    )
    adverse_events: Column | None = described("Number of adverse events", default=None)


class Participants(Strict):
    """A study with one row for each measurement of a participant."""

    id: StudyId = described("The name of the folder")
    kind: Literal["participants"] = described("participants: individual data are at hand")
    title: Text = described("What the study is, in a line")
    registration: Text | None = described(
        "Where the trial is registered, such as NCT01234567", default=None
    )
    status: Literal["complete", "ongoing"] = described(
        "ongoing: arms are masked, and nothing that tells them apart is shown", default="complete"
    )
    simulated: bool = described("Whether the data are simulated", default=False)
    truth: Text | None = described("simulated only: the file that declares the truth", default=None)
    source: Source = described("Where the data come from")
    population: Population = described("Who took part")
    design: Design = described("How arms were made; it decides the unit of analysis")
    randomised: Literal["yes", "no", "not stated"] = described("Whether chance decided the arm")
    arms: dict[Name, Arm] = described("The arms and their dose", min_length=1)
    reference: Name | None = described("The arm others are set against", default=None)
    visits: dict[Name, Visit] = described("The visits; one of them in phase baseline", min_length=1)
    outcomes: dict[Name, Outcome] = described("What was measured", min_length=1)
    primary_outcome: Name = described("The outcome of the primary estimate")
    contrasts: tuple[Contrast, ...] = described("Arms set against each other; the first is primary")
    at: tuple[Name, ...] = described("Visits at which arms are compared, most important first")
    covariates: tuple[Covariate, ...] = described(
        "What the primary analysis adjusts for beside the baseline: sex, age, age_group, height, "
        "training",
        default=(),
    )
    moderators: tuple[Covariate, ...] = described(
        "What the effect may depend on: sex, age, age_group (young under 40, older from 60), "
        "height, training; answered by an interaction, never by a P value in each group",
        default=(),
    )
    estimand: Estimand | None = described("In place of `estimand` in config.yaml", default=None)
    planned_sessions: int | None = described(
        "Sessions planned for a participant, for who counts as per protocol", default=None, ge=1
    )
    tables: tuple[Table, ...] = described("The raw tables and their cleaning", min_length=1)
    columns: Columns = described("Which column is what", default=Columns())
    same_people_as: tuple[StudyId, ...] = described(
        "Studies that hold the same people; they cannot be in one run", default=()
    )
    deviations: tuple[Text, ...] = described(
        "Known deviations from the protocol, one sentence each", default=()
    )
    note: Text | None = described("What a reader must know", default=None)

    @property
    def files(self) -> list[str]:
        """The files in the study's folder that it is made from."""
        return [self.truth] if self.truth else list(dict.fromkeys(t.file for t in self.tables))


def _kind_of_table(given: object) -> str:
    """Whether a collection's table is named or described."""
    return "file" if isinstance(given, str) else "table"


class Summary(Strict):
    """A collection of published trials: a table of arms, and what it cannot say of the trials.

    The table is howlow's own arms.csv, or one from elsewhere that is described like the tables of
    other studies. What it cannot say stands in trials.yaml, or `trials_from` names the columns that
    say it.
    """

    id: StudyId = described("The name of the folder")
    kind: Literal["summary"] = described("summary: what papers print for each arm")
    title: Text = described("What the collection is, in a line")
    table: Annotated[
        Annotated[Text, Tag("file")] | Annotated[Table, Tag("table")],
        Discriminator(_kind_of_table),
    ] = described(
        "The table of arms: a file, or a table with its encoding and steps", default="arms.csv"
    )
    columns: ArmColumns = described("Which column is what", default=ArmColumns())
    rows: RowDefaults = described("What holds for every row", default=RowDefaults())
    trials: Text | None = described(
        "What the table cannot say about each trial; trials.yaml, unless trials_from is given",
        default=None,
    )
    trials_from: TrialsFrom | None = described(
        "In place of trials.yaml: columns that say it", default=None
    )
    outcomes: dict[Name, Outcome] = described(
        "With trials_from: what was measured, where no columns say it", default={}
    )
    caution: tuple[Text, ...] = described("What a reader must know of the collection as a whole")
    source: Source = described("Where the facts come from")

    @property
    def arms_table(self) -> Table:
        """How the table of arms is read."""
        return Table(file=self.table) if isinstance(self.table, str) else self.table

    @property
    def tables(self) -> tuple[Table, ...]:
        """The table of arms, as other studies have several tables."""
        return (self.arms_table,)

    @property
    def trials_file(self) -> str | None:
        """The file that says what the table cannot; None where columns do."""
        return self.trials or (None if self.trials_from else "trials.yaml")

    @property
    def files(self) -> list[str]:
        """The files in the study's folder that it is made from."""
        return [self.arms_table.file, *([self.trials_file] if self.trials_file else [])]


#: How a study may be declared.
Study = Participants | Summary
KINDS: dict[str, type[Participants] | type[Summary]] = {
    "participants": Participants,
    "summary": Summary,
}


def baseline_visits(study: Participants) -> list[str]:
    """Names of the visits in phase baseline, but for those that measure one of them again."""
    return [
        name
        for name, visit in study.visits.items()
        if visit.phase == "baseline" and visit.repeats is None
    ]
