"""What a specification curve shows: every defensible choice around a trial's primary contrast.

Simonsohn, Simmons & Nelson (2020, Nat Hum Behav 4:1208) draw all estimates by size, and below them
which choice made each. What is drawn is picked from the table of choices that the analysis wrote.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from howlow.analysis.robustness.multiverse import MULTIVERSE_COLUMNS, PRIMARY
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.data.declaration import Declaration
from howlow.present.notes import INTERIM
from howlow.present.trials import visit_words
from howlow.present.wording import READINGS

if TYPE_CHECKING:
    import pandas as pd

#: Fewest choices, the primary one among them, that make a curve.
FEWEST_CHOICES = 4
#: The respects in which choices differ, as columns of the table, and their words.
RESPECTS = {
    "model": "Model",
    "covariance": "Covariance",
    "inference": "Inference",
    "baseline": "Baseline mean",
    "covariates": "Adjusted for",
    "population": "Who counts",
    "reading": "Reading",
    "scale": "Scale",
}
#: What is called otherwise for readers than in the table.
_VALUES = {
    "kenward-roger": "Kenward-Roger",
    "kenward-roger, one comparison": "not simultaneous",
    "satterthwaite": "Satterthwaite",
    "ar1h": "AR(1), SD of each visit",
    "person-by-visit-ar1h": "person by visit, AR(1)",
    "slope": "random slope",
    "all": "everybody",
    "first and compared visit": "two visits only",
    "r_low": "lowest r over time",
    "r_high": "highest r over time",
    "limb_r_low": "lowest r of limbs",
    "limb_r_high": "highest r of limbs",
    "spread_SEM": "± read as SEM",
    "spread_SD": "± read as SD",
    "n_low": "fewest in each arm",
    "n_high": "most in each arm",
}


@dataclass(frozen=True)
class Choice:
    """One way to analyse a contrast, as the table of choices has it."""

    name: str
    words: str
    traits: tuple[tuple[str, str], ...]
    left_out: bool
    estimate: float
    low: float
    high: float
    eq_low: float
    eq_high: float
    margin: float | None
    verdict: str
    agrees: bool
    n: int

    @property
    def primary(self) -> bool:
        """Whether it is the primary analysis itself."""
        return self.name == PRIMARY


@dataclass(frozen=True)
class Agreement:
    """How many other choices, and analyses without one participant, show the same."""

    others: int
    agree: int
    left_out: int
    left_out_agree: int

    @property
    def words(self) -> str:
        """The shares as a sentence, without its full stop."""
        said = [f"{self.agree} of {self.others} other choices agree"]
        if self.left_out:
            said.append(f"{self.left_out_agree} of {self.left_out} with one person left out")
        return "; ".join(said)


@dataclass(frozen=True)
class Specification:
    """All that is drawn around one primary contrast; `choices` by size, `left_out` too."""

    stem: str
    study: str
    collection: str
    cite: str
    construct: str
    outcome: str
    at: str
    outcome_label: str
    unit: str
    visit: str
    first: str
    second: str
    simulated: bool
    level: float
    equivalence_level: float
    primary_id: str
    choices: tuple[Choice, ...]
    left_out: tuple[Choice, ...]

    @property
    def primary(self) -> Choice:
        """The primary analysis."""
        return next(choice for choice in self.choices if choice.primary)

    @property
    def agreement(self) -> Agreement:
        """How many choices show the same."""
        return agreement((*self.choices, *self.left_out))

    @property
    def rows(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Respects in which the choices differ, each with its values, that of the primary first."""
        ordered = sorted(self.choices, key=lambda choice: not choice.primary)
        found = []
        for respect in RESPECTS:
            values = dict.fromkeys(dict(choice.traits)[respect] for choice in ordered)
            if len(values) > 1:
                found.append((respect, tuple(values)))
        return tuple(found)


def agreement(choices: Iterable[Choice]) -> Agreement:
    """How many choices other than the primary one show what it shows."""
    others = [choice for choice in choices if not choice.primary]
    left = [choice.agrees for choice in others if choice.left_out]
    rest = [choice.agrees for choice in others if not choice.left_out]
    return Agreement(len(rest), sum(rest), len(left), sum(left))


#: Study, outcome, contrast and visit of what was analysed in several ways.
Key = tuple[str, str, str, str]


def read_choices(path: Path) -> dict[Key, list[Choice]]:
    """The table of choices that the analysis wrote, by study, outcome, contrast and visit."""
    found: dict[Key, list[Choice]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            study, outcome, contrast, at = (row[name] for name in MULTIVERSE_COLUMNS[:4])
            found.setdefault((study, outcome, contrast, at), []).append(_choice(row))
    return found


def _choice(row: dict[str, str]) -> Choice:
    """A row of the table."""
    reading = row["population"] in READINGS
    said = row | {
        "reading": row["population"] if reading else "as declared",
        "population": "all" if reading else row["population"],
        "covariates": row["covariates"] or "the baseline alone",
    }
    words = row["words"]
    if reading:
        words = words.removesuffix(row["population"]) + READINGS[row["population"]]
    return Choice(
        name=row["choice"],
        words=words,
        traits=tuple((respect, value_words(said[respect])) for respect in RESPECTS),
        left_out=row["left_out"] == "True",
        estimate=float(row["estimate"]),
        low=float(row["ci_low"]),
        high=float(row["ci_high"]),
        eq_low=float(row["eq_low"]),
        eq_high=float(row["eq_high"]),
        margin=float(row["margin"]) if row["margin"] else None,
        verdict=row["verdict"],
        agrees=row["agrees"] == "True",
        n=int(row["n_participants"]),
    )


def value_words(value: str) -> str:
    """What a choice is in one respect, for readers."""
    return _VALUES.get(value, value.replace("-", " "))


def specification(
    trial: Declaration,
    estimates: pd.DataFrame,
    choices: dict[Key, list[Choice]],
    config: Config,
) -> Specification | None:
    """The curve of a trial's primary contrast; None where it was analysed in too few ways.

    An interim look has none either, for it has no verdict. `estimates` are the trial's own.
    """
    main = estimates[(estimates["tier"] == "primary") & (estimates["scale"] == "raw")]
    if main.empty or main.iloc[0]["note"].startswith(INTERIM):
        return None
    row = main.iloc[0]
    mine = choices.get((trial.id, row["outcome"], row["contrast"], row["at"]), [])
    shown = _by_size(choice for choice in mine if not choice.left_out)
    if len(shown) < FEWEST_CHOICES:
        return None
    outcome, (first, second) = trial.outcomes[row["outcome"]], sides(row["contrast"])
    return Specification(
        stem=f"choices-{trial.id}-{row['outcome']}-{row['at']}",
        study=trial.id,
        collection=trial.collection,
        cite=trial.cite,
        construct=outcome.construct,
        outcome=row["outcome"],
        at=row["at"],
        outcome_label=outcome.label,
        unit="percentage points" if outcome.unit == "%" else outcome.unit,
        visit=visit_words(trial, row["at"]),
        first=trial.arms[first].label,
        second=trial.arms[second].label,
        simulated=trial.simulated,
        level=float(row["ci_level"]),
        equivalence_level=1 - 2 * config.alpha,
        primary_id=row["estimate_id"],
        choices=tuple(shown),
        left_out=tuple(_by_size(choice for choice in mine if choice.left_out)),
    )


def _by_size(choices: Iterable[Choice]) -> Sequence[Choice]:
    """Choices from the smallest estimate to the largest; those alike stay in their order."""
    return sorted(choices, key=lambda choice: choice.estimate)
