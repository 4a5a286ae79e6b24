"""config/config.yaml: which studies, which outcomes, what margins."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field

from howlow.config.schema import Fault, Label, Name, Strict, StudyId, Text, described
from howlow.config.trial import Estimand

Probability = Annotated[float, Field(gt=0, lt=1)]
Correlation = Annotated[float, Field(gt=-1, lt=1)]


class CorrelationRange(Strict):
    """A correlation that papers leave out: the value assumed and the range it may lie in."""

    value: Correlation = described("The value assumed")
    low: Correlation = described("Lowest value tried in the sensitivity range")
    high: Correlation = described("Highest value tried in the sensitivity range")


class Construct(Strict):
    """What an outcome measures; outcomes of different constructs are never pooled."""

    label: Label = described("Words shown to readers")
    margin_pct: float | None = described(
        "Smallest difference that matters, in per cent of the baseline mean; without one there is "
        "no verdict",
        default=None,
        gt=0,
        lt=100,
    )
    correlation: CorrelationRange | None = described(
        "Correlation between before and after, where a paper does not print it", default=None
    )
    pooled: bool = described("Whether trials are put together in one forest plot", default=True)


class LightLoad(Strict):
    """A load is light where one of these holds."""

    max_pct_1rm: float = described("Highest load, % of the one-repetition maximum", gt=0, lt=100)
    min_rm: float = described("Fewest repetitions to failure (RM)", gt=0)


class HeavyLoad(Strict):
    """A load is heavy where one of these holds."""

    min_pct_1rm: float = described("Lowest load, % of the one-repetition maximum", gt=0, lt=100)
    max_rm: float = described("Most repetitions to failure (RM)", gt=0)


class SessionClasses(Strict):
    """Sessions a week in three classes; no training is 0."""

    once_below: float = described(
        "Fewer sessions a week than this count as once", default=1.5, gt=0
    )
    twice_below: float = described(
        "Fewer than this, and not once, count as twice; the rest as three times", default=2.5, gt=0
    )


class DoseClasses(Strict):
    """Which loads count as light and as heavy; a printed range counts by its midpoint."""

    light: LightLoad = described("What counts as light")
    heavy: HeavyLoad = described("What counts as heavy")
    sessions: SessionClasses = described(
        "What counts as once, twice and three times a week", default=SessionClasses()
    )
    single_set_max: float = described(
        "An exercise with at most so many sets counts as done in a single set", default=1.0, gt=0
    )


class RepetitionTable(Strict):
    """What share of the one-repetition maximum can be lifted a number of times."""

    source: Text = described("Where the table stands")
    pct_1rm: dict[float, float] = described(
        "% 1RM by repetitions to failure; between two rows a straight line, beyond them nothing",
        min_length=2,
    )


Part = Literal["load", "sessions", "sets"]
Dose = Literal["heavy 3", "light 3", "heavy 2", "light 2", "heavy 1", "light 1"]


class Window(Strict):
    """How long a training trial lasts to be put together with others."""

    min_weeks: float = described("Shortest", ge=0)
    max_weeks: float = described("Longest", gt=0)


class Preference(Strict):
    """Which outcome speaks for a trial that measured several of one construct: first named wins."""

    regions: tuple[Name, ...] = described("Body regions, most wanted first")
    measures: tuple[Name, ...] = described("Kinds of measurement, most wanted first")


class Privacy(Strict):
    """What may be told of single people."""

    small_cell: int = described(
        "Smallest number of people that is told in what is released; smaller ones are withheld",
        default=5,
        ge=2,
    )


class Planning(Strict):
    """How many participants would settle a question."""

    power: Probability = described(
        "Chance wanted of showing what is true: a difference of the margin, or equivalence of arms "
        "that are alike",
        default=0.9,
    )


class Config(Strict):
    """The whole of config/config.yaml."""

    studies: tuple[StudyId, ...] = described("Folders in data/, in the order shown", min_length=1)
    outcomes: tuple[Name, ...] = described(
        "Constructs or outcomes to analyse; an empty list means all", default=()
    )
    alpha: Probability = described(
        "Error rate: intervals are 1 - alpha, equivalence is judged by 1 - 2 alpha", default=0.05
    )
    seed: int = described("Seed of every random draw", ge=0)
    constructs: dict[Name, Construct] = described("What outcomes measure", min_length=1)
    limb_correlation: CorrelationRange = described(
        "Correlation between two limbs of one person, where a paper does not print it"
    )
    dose_classes: DoseClasses = described("Which loads count as light and as heavy")
    rm_table: RepetitionTable | None = described(
        "Turns loads that are printed as RM into % 1RM for dose-response curves", default=None
    )
    sequence: tuple[Dose, ...] = described(
        "Doses from the highest down, in the order in which their gain over no training is tested: "
        "`load sessions`, such as `heavy 3`",
        default=("heavy 3", "light 3", "heavy 2", "light 2", "heavy 1", "light 1"),
        min_length=1,
    )
    network: tuple[Part, ...] = described(
        "What tells the prescriptions of the network apart; an arm of which one is not printed "
        "stays out",
        default=("load", "sessions", "sets"),
        min_length=1,
    )
    compare_to: Text | None = described(
        "An earlier results folder; the report then says what changed since", default=None
    )
    training_window: Window = described("How long a training trial lasts to be pooled")
    preference: Preference = described("Which outcome speaks for a trial in a forest plot")
    estimand: Estimand = described(
        "What is done about missed sessions and drop-out, unless a study says otherwise",
        default=Estimand(),
    )
    planning: Planning = described("How many participants would settle it", default=Planning())
    privacy: Privacy = described("What may be told of single people", default=Privacy())


def cross_check(config: Config) -> Iterator[Fault]:
    """What no single key can tell."""
    lists: dict[str, tuple[str, ...]] = {
        "studies": config.studies,
        "sequence": config.sequence,
        "network": config.network,
    }
    for key, entries in lists.items():
        for position, entry in enumerate(entries):
            if entry in entries[:position]:
                yield (key, position), f"'{entry}' is listed twice", "Keep one of them", "G14"
    ranges = {("limb_correlation",): config.limb_correlation} | {
        ("constructs", name, "correlation"): construct.correlation
        for name, construct in config.constructs.items()
        if construct.correlation
    }
    for place, correlation in ranges.items():
        if not correlation.low <= correlation.value <= correlation.high:
            found = f"{correlation.low}, {correlation.value}, {correlation.high}"
            yield place, found, "Expected: low <= value <= high", "G04"
    light, heavy = config.dose_classes.light, config.dose_classes.heavy
    if light.max_pct_1rm >= heavy.min_pct_1rm or light.min_rm <= heavy.max_rm:
        yield ("dose_classes",), "light and heavy overlap", "Keep a gap between them", "G04"
    sessions = config.dose_classes.sessions
    if sessions.once_below >= sessions.twice_below:
        classes = ("dose_classes", "sessions")
        yield classes, "once_below is not below twice_below", "Swap them", "G04"
    if config.training_window.min_weeks >= config.training_window.max_weeks:
        yield ("training_window",), "min_weeks is not below max_weeks", "Swap them", "G04"
    if config.rm_table is not None:
        yield from _check_table(config.rm_table)
    if config.compare_to is not None:
        yield from _check_compared(Path(config.compare_to))


def _check_table(table: RepetitionTable) -> Iterator[Fault]:
    """A load that can be lifted more often is lighter, and none is heavier than the maximum."""
    place, rows = ("rm_table", "pct_1rm"), sorted(table.pct_1rm.items())
    for repetitions, percent in rows:
        if repetitions <= 0 or not 0 < percent <= 100:
            found = f"{repetitions:g} repetitions with {percent:g} % 1RM"
            yield place, found, "Expected: repetitions above 0, and % 1RM from 0 to 100", "G04"
    for (fewer, high), (more, low) in pairwise(rows):
        if low >= high:
            found = f"{fewer:g} repetitions with {high:g} %, {more:g} with {low:g} %"
            yield (
                place,
                found,
                "More repetitions go with a lighter load: correct one of them",
                "G04",
            )


def _check_compared(folder: Path) -> Iterator[Fault]:
    """An earlier results folder is there, and is not the one that this run writes."""
    place, action = ("compare_to",), "Copy the results folder before a run, and name the copy"
    if folder.resolve() == Path("results").resolve():
        yield place, f"'{folder}' is the folder that this run writes", action, "G11"
        return
    missing = [name for name in ("estimates.csv", "claims.csv") if not (folder / name).is_file()]
    if missing:
        found = f"'{folder}' has no {' and no '.join(missing)}"
        if not folder.is_dir():
            found = f"there is no folder '{folder}'"
        yield place, found, f"{action}, or take the key out", "G11"
