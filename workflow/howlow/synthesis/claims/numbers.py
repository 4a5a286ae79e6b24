"""What one trial says about one part of a claim."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from howlow.analysis.fitting.fits import Combination

#: A sensitivity row is named after the method and what was read otherwise: `change[r_low]`.
_READING = re.compile(r"\[((?:limb_)?r_(?:low|high)|spread_\w+|n_(?:low|high))\]\Z")
#: What a number depends on where another reading of the page would change its verdict.
READINGS = {
    "r": "r",
    "limb_r": "r between limbs",
    "spread": "which spread is printed",
    "n": "n in an arm",
}


@dataclass(frozen=True)
class TrialNumber:
    """The number of one trial, turned to the claim, for one construct.

    Attributes
    ----------
    estimate
        Log ratio, or, where `scale` is raw, in the trial's own unit.
    value
        The estimate with its standard error; None where no spread is printed, or only raw numbers
        are: such a trial is counted and its direction told, and no more.
    in_unit
        The same in the trial's own unit, where that is all there is: enough to tell the side of
        zero it lies on, and nothing more.
    readings
        The same under other readings of what the page leaves out, by reading.
    assay
        What the reference arm was shown to gain on by more than the margin: `control`, `baseline`,
        or nothing.
    estimate_ids
        The estimates it was made of.
    """

    study: str
    cite: str
    construct: str
    age: str
    estimate: float
    value: Combination | None
    scale: str
    n: float
    contrast: str
    at: str
    weeks: float
    assumed: str = ""
    assay: str = ""
    estimate_ids: tuple[str, ...] = ()
    in_unit: Combination | None = None
    readings: Mapping[str, Combination] = field(default_factory=dict)

    def read_as(self, reading: str) -> Combination:
        """The value under a reading; the main one where the trial does not have it."""
        if self.value is None:
            raise ValueError(f"{self.study} has no value to read otherwise")
        return self.readings.get(reading, self.value)


def combination(
    row: Mapping[str, Any], sign: float, scale: str = "log_ratio"
) -> Combination | None:
    """A row of the table of estimates as a number with its error; None on another scale."""
    if not row["se"] > 0 or row["scale"] != scale:
        return None
    df = row["df"] if row["df"] > 0 else float("inf")
    return Combination(sign * row["estimate"], row["se"], df)


def other_readings(
    rows: Iterable[Mapping[str, Any]], main: Mapping[str, Any], sign: float
) -> dict[str, Combination]:
    """The same estimate under each other reading of the page, by reading."""
    key = ("outcome", "contrast", "at", "scale")
    found = {}
    for row in rows:
        reading = _READING.search(row["method"])
        if (
            reading
            and row["tier"] == "sensitivity"
            and all(row[name] == main[name] for name in key)
        ):
            value = combination(row, sign)
            if value is not None:
                found[reading.group(1)] = value
    return found


def readings_of(rows: Iterable[Mapping[str, Any]], outcome: str, at: str) -> list[str]:
    """The other readings of a page that an outcome has at a visit."""
    found = {
        reading.group(1)
        for row in rows
        if row["tier"] == "sensitivity" and (row["outcome"], row["at"]) == (outcome, at)
        if (reading := _READING.search(row["method"]))
    }
    return sorted(found)


def reading_in_words(reading: str) -> str:
    """What a reading is about: `limb_r_low` is about `r between limbs`."""
    return READINGS[reading.rsplit("_", 1)[0]]


def averaged(values: list[Combination]) -> Combination:
    """The mean of independent numbers of one trial, weighted by their precision.

    # ASSUME: groups of one trial that went through the same share one mean. Degrees of freedom by
    Satterthwaite (1946, Biometrics Bulletin 2:110).
    """
    weights = [1 / value.se**2 for value in values]
    total = sum(weights)
    mean = sum(w * value.estimate for w, value in zip(weights, values, strict=True)) / total
    parts = sum((w / total) ** 2 / value.df for w, value in zip(weights, values, strict=True))
    df = 1 / parts if parts > 0 else float("inf")
    return Combination(mean, total**-0.5, df)
