"""A part of a claim judged: its trials together, each left out, and every reading of the pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from howlow.analysis.fitting.fits import Combination
from howlow.config.claim_rules import Rule
from howlow.synthesis.claims.numbers import TrialNumber, reading_in_words
from howlow.synthesis.claims.pooled import Together, older_less_young, together
from howlow.synthesis.claims.verdicts import (
    BETWEEN,
    CONTRADICTED,
    INSIDE,
    NO_DATA,
    NOT_SHOWN,
    OUTSIDE,
    PARTLY,
    SUPPORTED,
    Places,
    part_verdict,
    place_of,
    weakest_verdict,
)
from howlow.synthesis.pooling import FEW_TRIALS


@dataclass(frozen=True)
class Judge:
    """How the numbers of one part are judged.

    Attributes
    ----------
    margin
        As a log ratio; None where none is declared.
    mixes
        Whether trials of the construct may be pooled; else each stands by itself.
    """

    rule: Rule
    margin: float | None
    alpha: float
    mixes: bool = True


@dataclass(frozen=True)
class Judged:
    """The verdict on a part and what it rests on; `depends_on` is in words."""

    verdict: str
    reason: str
    whole: Together | None
    places: Places
    depends_on: tuple[str, ...] = ()


def judge_part(numbers: Sequence[TrialNumber], judge: Judge) -> Judged:
    """Judge the trials that have an interval, under every reading; others are passed over."""
    judged = tuple(number for number in numbers if number.value is not None)
    in_unit = {
        number.study: place_of(number.in_unit, judge.rule.claimed, None, judge.alpha)
        for number in numbers
        if number.value is None and number.in_unit is not None
    }
    main = _Reading(judged, judge, in_unit).judged()
    if main.verdict not in (SUPPORTED, PARTLY, CONTRADICTED):
        # The weakest there is: no reading can weaken it.
        return main
    readings = sorted({reading for number in judged for reading in number.readings})
    under = {
        reading: _Reading(judged, judge, in_unit, reading).judged().verdict for reading in readings
    }
    verdict = weakest_verdict([main.verdict, *under.values()])
    if verdict == main.verdict:
        return main
    moved = [reading for reading, found in under.items() if found != main.verdict]
    words = tuple(dict.fromkeys(reading_in_words(reading) for reading in moved))
    reason = f"{main.verdict} as the pages are read, but it depends on {' and '.join(words)}"
    return Judged(verdict, reason, main.whole, main.places, words)


@dataclass(frozen=True)
class _Reading:
    """The trials of a part under one reading of their pages."""

    numbers: tuple[TrialNumber, ...]
    judge: Judge
    in_unit: dict[str, str]
    reading: str = ""

    def judged(self) -> Judged:
        """The verdict, and what decided it."""
        rule, ages = self.judge.rule, {number.age for number in self.numbers}
        if rule.number == "ages" and len(ages) == 1:
            nothing = Places(BETWEEN, {}, BETWEEN, {})
            return Judged(NO_DATA, f"only {ages.pop()} people were followed", None, nothing)
        whole = self._together(self.numbers) if self.numbers else None
        places = self._places(whole)
        if self.numbers and self.judge.margin is None and rule.claimed.endswith("margin"):
            return Judged(NOT_SHOWN, "no margin is declared to judge it by", whole, places)
        if not self.judge.mixes and len(self.numbers) > 1:
            return Judged(*_side_by_side(places), None, places)
        return Judged(*part_verdict(places, FEW_TRIALS), whole, places)

    def _places(self, whole: Together | None) -> Places:
        """Where the number lies, and where it goes when trials are left out."""
        sound = tuple(number for number in self.numbers if not number.assumed)
        always, several = self.judge.rule.always, len(self.numbers) > 1
        judged_by = (whole.prediction if always else whole.value) if whole else None
        cautioned = len(sound) < len(self.numbers)
        return Places(
            number=self._place(judged_by),
            mean=self._place(whole.value if whole else None),
            left_out={
                left.study: self._place_of(tuple(n for n in self.numbers if n is not left))
                for left in self.numbers
                if several
            },
            # One trial's own interval knows nothing of how much trials differ.
            sound=BETWEEN if cautioned and len(sound) < 2 else self._place_of(sound),
            trials={
                number.study: self._place(number.read_as(self.reading)) for number in self.numbers
            },
            always=always,
            uncontrolled=self.judge.rule.number == "change",
            in_unit=self.in_unit,
            can_tell=self.judge.rule.claimed != "within_margin"
            or all(number.assay for number in self.numbers),
        )

    def _together(self, numbers: tuple[TrialNumber, ...]) -> Together | None:
        """The number of several trials; None where there is none."""
        values = [number.read_as(self.reading) for number in numbers]
        if self.judge.rule.number == "ages":
            return older_less_young(values, [number.age == "older" for number in numbers])
        return together(values) if values else None

    def _place_of(self, numbers: tuple[TrialNumber, ...]) -> str:
        """Where the number of some of the trials lies."""
        found = self._together(numbers)
        always = self.judge.rule.always
        return self._place((found.prediction if always else found.value) if found else None)

    def _place(self, value: Combination | None) -> str:
        """Where a number lies; between, where there is none."""
        if value is None:
            return BETWEEN
        return place_of(value, self.judge.rule.claimed, self.judge.margin, self.judge.alpha)


def _side_by_side(places: Places) -> tuple[str, str]:
    """The verdict where measures do not mix, so that each trial stands by itself."""
    found = set(places.trials.values())
    many = f"{len(places.trials)} trials whose measures do not mix"
    if found == {INSIDE}:
        return PARTLY, f"each of {many} lies there"
    if found == {OUTSIDE}:
        return CONTRADICTED, f"each of {many} lies elsewhere"
    return NOT_SHOWN, f"{many}, and not all lie on one side"
