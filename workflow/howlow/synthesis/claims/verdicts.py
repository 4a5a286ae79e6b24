"""The verdict on a part of a claim, and on the claim as a whole: tables, not judgement.

A part is a claim for one construct. Its number lies *inside* the claimed region (the interval
wholly), *outside* (wholly on the other side) or *between*; equivalence goes by the interval of
level 1 - 2 alpha. Then

| trials | number | left out, one at a time, and all cautioned rows | verdict |
|---|---|---|---|
| none | | | no data |
| five or more | inside | stays inside | supported |
| any | inside | otherwise, or fewer trials | partly |
| two or more | outside | outside whichever trial is left out | contradicted |
| any | outside | otherwise: one small trial contradicts no general claim | not shown |
| any | between | | not shown |

A claim about every trial (`always`) is judged by the prediction interval, so one trial alone shows
nothing of it, and contradicted by any one trial that lies wholly outside. A change over time with
nobody set against it is at most partly shown, however many trials there are. Equivalence without
assay sensitivity is not shown. A verdict that changes with another reading of the pages is its
weakest value.

The claim as a whole, by the verdicts of its parts that have data:

| parts | claim |
|---|---|
| none has data | no data |
| all supported, every aspect has data | supported |
| all contradicted | contradicted |
| at least one supported or partly, else | partly |
| otherwise | not shown |
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from howlow.analysis.fitting.fits import Combination
from howlow.config.claim_rules import Region

SUPPORTED, PARTLY, CONTRADICTED = "supported", "partly", "contradicted"
NOT_SHOWN, NO_DATA, CITED = "not shown", "no data", "cited"
VERDICTS = (SUPPORTED, PARTLY, CONTRADICTED, NOT_SHOWN, NO_DATA, CITED)
INSIDE, OUTSIDE, BETWEEN = "inside", "outside", "between"


def place_of(value: Combination, region: Region, margin: float | None, alpha: float) -> str:
    """Where a number lies: inside the claimed region, outside it, or between.

    `margin` is positive and on the scale of the number; without one a region that needs it is
    never reached.
    """
    low, high = value.interval(1 - alpha)
    if region in ("below_zero", "below_margin"):
        low, high = -high, -low
    if region in ("above_zero", "below_zero"):
        return INSIDE if low > 0 else OUTSIDE if high < 0 else BETWEEN
    if margin is None:
        return BETWEEN
    if region in ("above_margin", "below_margin"):
        return INSIDE if low > margin else OUTSIDE if high < margin else BETWEEN
    eq_low, eq_high = value.interval(1 - 2 * alpha)
    if -margin < eq_low and eq_high < margin:
        return INSIDE
    return OUTSIDE if low > margin or high < -margin else BETWEEN


@dataclass(frozen=True)
class Places:
    """Where the number of a part lies, and where it goes when trials are left out.

    Attributes
    ----------
    number
        Of all trials; of their prediction interval where the claim is about each trial.
    left_out
        Without each trial, by its name; empty where there is but one.
    sound
        Without the cautioned rows; the same as `number` where no row is cautioned, and `between`
        where fewer than two trials are left.
    trials
        Of each trial alone.
    in_unit
        Of each trial that has a number in its own unit only; counted where one trial is enough.
    uncontrolled
        Whether the number is a change over time with nobody set against it.
    can_tell
        Whether equivalence may be concluded; True where it is not what is claimed.
    """

    number: str
    left_out: Mapping[str, str]
    sound: str
    trials: Mapping[str, str]
    always: bool = False
    can_tell: bool = True
    mean: str = ""
    in_unit: Mapping[str, str] = field(default_factory=dict)
    uncontrolled: bool = False


def part_verdict(places: Places, enough: int) -> tuple[str, str]:
    """The verdict on a part by its table, and what decided it; `enough` is five trials."""
    count, alone = len(places.trials), {**places.trials, **places.in_unit}
    against = [name for name, place in alone.items() if place == OUTSIDE]
    if places.always and against:
        return CONTRADICTED, f"one trial is enough, and this is one: {against[0]}"
    if count == 0:
        return NO_DATA, "no trial can be judged"
    if places.number == INSIDE and not places.can_tell:
        return (
            NOT_SHOWN,
            "the interval lies there, but nothing shows that a difference would have been seen",
        )
    if places.number == INSIDE:
        return _inside(places, count, enough)
    if places.always and places.mean == INSIDE:
        return NOT_SHOWN, "the mean lies there, but not all that a new trial may find"
    if places.number != OUTSIDE:
        return NOT_SHOWN, "the interval lies only partly there"
    if places.left_out and all(place == OUTSIDE for place in places.left_out.values()):
        return CONTRADICTED, "the interval lies wholly elsewhere, whichever trial is left out"
    if count == 1:
        return NOT_SHOWN, "the interval lies elsewhere, but one trial contradicts no general claim"
    decisive = next(name for name, place in places.left_out.items() if place != OUTSIDE)
    return NOT_SHOWN, f"the interval lies elsewhere, but no longer without {decisive}"


_RESTING = ", and it rests on rows that carry a caution"


def _inside(places: Places, count: int, enough: int) -> tuple[str, str]:
    """The verdict where the number lies inside."""
    if count < enough:
        few = f"{count} trial{'' if count == 1 else 's'}"
        resting = "" if places.sound == INSIDE else _RESTING
        return PARTLY, f"the interval lies there, with {few} of the {enough} that it takes{resting}"
    decisive = [name for name, place in places.left_out.items() if place != INSIDE]
    if decisive:
        return PARTLY, f"the interval lies there, but no longer without {decisive[0]}"
    if places.sound != INSIDE:
        return (
            PARTLY,
            "the interval lies there, but no longer without the rows that carry a caution",
        )
    if places.uncontrolled:
        return (
            PARTLY,
            "the interval lies there, but a change with nobody set against it is no effect",
        )
    return SUPPORTED, "the interval lies there, whichever trial or cautioned rows are left out"


#: Verdicts from the one that claims most to the one that claims least.
_STRENGTH = (SUPPORTED, PARTLY, NOT_SHOWN, NO_DATA)


def weakest_verdict(verdicts: Sequence[str]) -> str:
    """The verdict that claims least; for and against together show nothing."""
    found = set(verdicts)
    if CONTRADICTED in found:
        return CONTRADICTED if found == {CONTRADICTED} else NOT_SHOWN
    return max(found, key=_STRENGTH.index)


def claim_verdict(parts: Mapping[str, Collection[str]]) -> str:
    """The verdict on a claim by its table, from the verdicts of the parts of each aspect."""
    told = {verdict for verdicts in parts.values() for verdict in verdicts} - {NO_DATA}
    whole = all(set(verdicts) - {NO_DATA} for verdicts in parts.values())
    if not told:
        return NO_DATA
    if told == {SUPPORTED} and whole:
        return SUPPORTED
    if told == {CONTRADICTED}:
        return CONTRADICTED
    return PARTLY if told & {SUPPORTED, PARTLY} else NOT_SHOWN
