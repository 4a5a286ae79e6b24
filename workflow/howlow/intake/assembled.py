"""A study as guessed from its tables: arms, visits and outcomes, each with its spellings."""

from __future__ import annotations

from dataclasses import dataclass, field

from howlow.intake.columns import TableGuess


@dataclass
class Word:
    """An arm, visit or outcome: its name in study.yaml, its label, its spellings in the files."""

    name: str
    label: str
    spellings: list[str] = field(default_factory=list)
    why: str = ""


@dataclass
class ArmWord(Word):
    """An arm, and the dose its name holds."""

    dose: tuple[str, tuple[float, float]] | None = None


@dataclass
class PlannedVisit(Word):
    """A visit: when, and what happened up to it."""

    week: float = 0.0
    phase: str = "training"
    assumed: bool = False
    order: float = 0.0


@dataclass
class OutcomeWord(Word):
    """An outcome: what it measures, its unit, and the range its values lie in."""

    construct: str = "not_mapped"
    unit: str = "not stated"
    measure: str = "not_stated"
    region: str = "whole_body"
    low: float | None = None
    high: float | None = None
    assumed_unit: bool = False


@dataclass
class Assembled:
    """A study as guessed from all its tables."""

    tables: list[TableGuess]
    arms: list[ArmWord]
    visits: list[PlannedVisit]
    outcomes: list[OutcomeWord]
    design: str
    why_design: str
    sides: dict[str, str]
    unlike: list[str]

    @property
    def has_limbs(self) -> bool:
        """Whether limbs are set against each other."""
        return self.design == "within_participant"

    def roster(self) -> TableGuess | None:
        """The table of participants, if there is one."""
        return next((guess for guess in self.tables if guess.holds == "participants"), None)
