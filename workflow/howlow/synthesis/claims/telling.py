"""What is said of a verdict: direction, number, and why; all computed."""

from __future__ import annotations

from collections.abc import Sequence

from howlow.analysis.fitting.fits import Combination
from howlow.analysis.rounding import as_percent, magnitude, percent_with_interval
from howlow.synthesis.claims.judging import Judge, Judged
from howlow.synthesis.claims.numbers import TrialNumber
from howlow.synthesis.claims.verdicts import INSIDE, NO_DATA

_REGIONS = {
    "above_zero": "a number above zero",
    "below_zero": "a number below zero",
    "above_margin": "a number above the margin",
    "below_margin": "a number below the margin",
    "within_margin": "a number within the margin",
}


def direction_of(numbers: Sequence[TrialNumber]) -> str:
    """How many trials lie below zero, and what those say that cannot be judged."""
    judged = [number for number in numbers if number.value is not None]
    silent = [number for number in numbers if number.value is None]
    bare = [number for number in silent if number.scale == "log_ratio"]
    own = [number for number in silent if number.scale == "raw"]
    more = " more" if judged else ""
    parts = [f"{_below(judged)} of {len(judged)} below zero"] if judged else []
    if bare:
        prints = "prints" if len(bare) == 1 else "print"
        parts.append(f"{len(bare)}{more} {prints} no spread: {_below(bare)} below zero")
    if own:
        parts.append(f"{len(own)}{more} cannot be put in per cent: {_below(own)} below zero")
    return "; ".join(parts)


def why_part(judge: Judge, found: Judged, numbers: Sequence[TrialNumber]) -> str:
    """The number with its interval, what is claimed of it, and what decided."""
    told = direction_of(numbers)
    silent = f" ({told})" if told else ""
    if found.whole is None:
        return f"{_capital(found.reason)}{silent}."
    rule, value, level = judge.rule, found.whole.value, 1 - judge.alpha
    also = ""
    if rule.claimed == "within_margin":
        narrow = 1 - 2 * judge.alpha
        also = f", {100 * narrow:g} % interval {_bounds(value, narrow)}"
    if rule.always and found.whole.prediction is not None:
        also = f", and {_bounds(found.whole.prediction, level)} for a new trial"
    if rule.number == "change":
        also += ", a change over time with nobody set against it;"
    count = found.whole.trials
    trials = f"{count} trial{'' if count == 1 else 's'}{silent}"
    comma = "" if also.endswith(";") else ","
    return (
        f"Found: {_interval(value, level)}{also}{comma} {trials}. "
        f"Claimed: {_claimed(judge)}. {_capital(found.reason)}{_size(judge, found)}."
    )


def why_whole(parts: Sequence[tuple[str, str]], lacking: Sequence[str]) -> str:
    """The verdicts of the parts that have data, by their labels, and the aspects without any."""
    told = "; ".join(f"{label}: {verdict}" for label, verdict in parts if verdict != NO_DATA)
    if not told:
        return "No trial at hand can be judged."
    rest = f"; nothing on {' and '.join(lacking)}" if lacking else ""
    return f"{_capital(told)}{rest}."


def _claimed(judge: Judge) -> str:
    """The claimed region, with the margin where it has one."""
    claimed = judge.rule.claimed
    if judge.margin is None or not claimed.endswith("margin"):
        return _REGIONS[claimed]
    sign = "±" if claimed == "within_margin" else ""
    return f"{_REGIONS[claimed]} of {sign}{magnitude(as_percent(judge.margin))} %"


def _size(judge: Judge, found: Judged) -> str:
    """How the size of a number that lies inside compares with the margin."""
    if found.whole is None or found.places.number != INSIDE or judge.margin is None:
        return ""
    if not judge.rule.claimed.endswith("zero"):
        return ""
    margin = f"the margin of {magnitude(as_percent(judge.margin))} %"
    low, high = found.whole.value.interval(1 - judge.alpha)
    if min(abs(low), abs(high)) > judge.margin:
        return f"; the number is larger than {margin}"
    if max(abs(low), abs(high)) < judge.margin:
        return f"; the number is smaller than {margin}"
    return f"; whether the number is larger than {margin} is open"


def _interval(value: Combination, level: float) -> str:
    """`−3.1 [−25.7, +26.4] %`."""
    return f"{percent_with_interval(value.estimate, *value.interval(level))} %"


def _bounds(value: Combination, level: float) -> str:
    """`[−25.7, +26.4] %`."""
    return _interval(value, level).split(" ", 1)[1]


def _below(numbers: Sequence[TrialNumber]) -> int:
    """How many lie below zero."""
    return sum(number.estimate < 0 for number in numbers)


def _capital(text: str) -> str:
    """A sentence's first letter."""
    return text[:1].upper() + text[1:]
