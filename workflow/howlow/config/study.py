"""data/<study>/study.yaml: one study, its design, arms, visits, outcomes, source and licence."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Annotated, Literal

from pydantic import Field

from howlow.config.schema import (
    Digest,
    Fault,
    Label,
    Name,
    Strict,
    StudyId,
    Text,
    described,
    did_you_mean,
    unknown,
)
from howlow.config.steps import Column, LookUp, Table, Unit
from howlow.config.trial import (
    Arm,
    Contrast,
    Design,
    Outcome,
    Phase,
    Population,
    check_arms,
    check_contrasts,
    check_outcomes,
    check_single_arm,
)
from howlow.config.units import UNITS, factor


class SourceFile(Strict):
    """A file in data/<study>/raw/, known by its SHA-256: a public one, or one of your own."""

    file: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")] = described(
        "Name it is kept under in data/<study>/raw/"
    )
    url: Annotated[str, Field(pattern=r"^https://\S+$")] | None = described(
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


class Visit(Strict):
    """One planned measurement."""

    label: Label = described("Words shown to readers")
    week: float = described("Weeks since baseline", ge=0)
    phase: Phase = described("baseline, training, maintenance, detraining, disuse or recovery")


class Columns(Strict):
    """Which column of the cleaned table is what."""

    participant: Column = described("Participant", default="participant")
    arm: Column = described("Arm", default="arm")
    visit: Column = described("Visit", default="visit")
    outcome: Column = described("Outcome", default="outcome")
    value: Column = described("Value", default="value")
    limb: Column | None = described("Limb, where limbs were randomised", default=None)
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
    tables: tuple[Table, ...] = described("The raw tables and their cleaning", min_length=1)
    columns: Columns = described("Which column is what", default=Columns())
    deviations: tuple[Text, ...] = described(
        "Known deviations from the protocol, one sentence each", default=()
    )
    note: Text | None = described("What a reader must know", default=None)


class Summary(Strict):
    """A collection of published trials: arms.csv and trials.yaml stand beside study.yaml."""

    id: StudyId = described("The name of the folder")
    kind: Literal["summary"] = described("summary: what papers print for each arm")
    title: Text = described("What the collection is, in a line")
    table: Text = described("The table of arms", default="arms.csv")
    trials: Text = described("What the table cannot say about each trial", default="trials.yaml")
    caution: tuple[Text, ...] = described("What a reader must know of the collection as a whole")
    source: Source = described("Where the facts come from")


#: How a study may be declared.
Study = Participants | Summary
KINDS: dict[str, type[Participants] | type[Summary]] = {
    "participants": Participants,
    "summary": Summary,
}


def baseline_visits(study: Participants) -> list[str]:
    """Names of the visits in phase baseline."""
    return [name for name, visit in study.visits.items() if visit.phase == "baseline"]


def cross_check(study: Study, folder: str, constructs: set[str]) -> Iterator[Fault]:
    """What no single key can tell."""
    if study.id != folder:
        yield ("id",), f"'{study.id}'", f"Write '{folder}', the name of the folder", "G12"
    if isinstance(study, Summary):
        return
    yield from check_outcomes(study.outcomes, constructs)
    yield from check_arms(study.arms)
    yield from check_contrasts(study.contrasts, study.arms)
    yield from check_single_arm(study.design, study.contrasts)
    named: tuple[tuple[str, str | None, Collection[str]], ...] = (
        ("reference", study.reference, study.arms),
        ("primary_outcome", study.primary_outcome, study.outcomes),
        *((("at", visit, study.visits)) for visit in study.at),
    )
    for key, name, known in named:
        if name is not None and name not in known:
            yield (key,), f"'{name}' is not declared", unknown(name, known), "G14"
    if len(baseline_visits(study)) != 1:
        found = f"{len(baseline_visits(study))} visits in phase baseline"
        yield ("visits",), found, "Declare exactly one", "K08"
    if (study.design == "within_participant") != (study.columns.limb is not None):
        found = f"design {study.design}, columns.limb {study.columns.limb or 'not given'}"
        yield (
            ("design",),
            found,
            "within_participant needs columns.limb; other designs have no limb",
            "G15",
        )
    if study.design != "single_arm" and len(study.arms) < 2:
        yield ("arms",), "one arm", "Declare two, or design: single_arm", "K10"
    yield from _check_tables(study)
    if study.simulated != (study.truth is not None):
        yield ("truth",), "simulated and truth do not go together", "Give both or neither", "G01"


def _check_tables(study: Participants) -> Iterator[Fault]:
    """Tables and steps that name what is not there, or units that cannot be turned into another."""
    listed = [source.file for source in study.source.files]
    people = [table.name for table in study.tables if table.holds == "participants" and table.name]
    if all(table.holds == "participants" for table in study.tables):
        yield (
            ("tables",),
            "no table holds measurements",
            "Add one with `holds: measurements`",
            "G14",
        )
    for position, table in enumerate(study.tables):
        place: tuple[str | int, ...] = ("tables", position)
        if table.file.startswith("raw/") and table.file.removeprefix("raw/") not in listed:
            action = f"{did_you_mean(table.file.removeprefix('raw/'), listed)}Declare it"
            yield (*place, "file"), f"'{table.file}' is not under source.files", action, "G11"
        for number, step in enumerate(table.steps):
            where = (*place, "steps", number)
            if isinstance(step, LookUp) and step.table not in people:
                found = f"'{step.table}' is no table that holds participants"
                yield (*where, "table"), found, unknown(step.table, people), "G14"
            if isinstance(step, Unit):
                yield from _check_units(step, where)


def _check_units(step: Unit, place: tuple[str | int, ...]) -> Iterator[Fault]:
    """Units that are not known, or that measure different things."""
    strangers = [name for name in ("unit", "to") if getattr(step, name) not in UNITS]
    for name in strangers:
        word = getattr(step, name)
        yield (*place, name), f"'{word}' is no unit", unknown(word, UNITS), "C09"
    if not strangers and factor(step.unit, step.to) is None:
        found = f"{step.unit} cannot be turned into {step.to}"
        yield (*place, "to"), found, "They measure different things", "C09"
