"""Numbers, doses and people in words, as the sentences of the front page say them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from howlow.analysis.questions.ratios import Ratio
from howlow.analysis.rounding import as_percent, plain, signed
from howlow.config.trial import OLDER_FROM, YOUNG_UNDER

if TYPE_CHECKING:
    from howlow.analysis.fitting.fits import Combination
    from howlow.config.settings import Construct

#: A per cent sign that stays with its number.
PER_CENT = "\N{NO-BREAK SPACE}%"
#: Whose trials: all, or those of one age.
POPULATIONS = {
    "all": "all ages",
    "young": f"people under {YOUNG_UNDER}",
    "older": f"people of {OLDER_FROM} and over",
}
_OFTEN = {"1": "once a week", "2": "twice a week", "3": "three times a week or more"}


def trials(count: int) -> str:
    """`no trial`, `1 trial`, `2 trials`."""
    return f"{count or 'no'} trial{'s' if count > 1 else ''}"


def percent(log_ratio: float) -> str:
    """A log ratio in per cent, as figures and tables show it, without the sign for per cent."""
    return signed(as_percent(log_ratio), 1)


def with_interval(values: tuple[float, float, float], level: float) -> str:
    """Log ratios as per cent: the estimate and its interval."""
    estimate, low, high = (percent(value) for value in values)
    return f"{estimate}{PER_CENT}, {100 * level:g}{PER_CENT} interval {low} to {high}{PER_CENT}"


def mean_words(mean: Combination, level: float) -> str:
    """A pooled log ratio as per cent with its interval."""
    return with_interval((mean.estimate, *mean.interval(level)), level)


def margin_words(construct: Construct) -> str:
    """The declared margin."""
    return f"{construct.margin_pct:g}{PER_CENT}"


def short_label(construct: Construct) -> str:
    """`muscle size` for `Muscle size (CSA or volume)`."""
    return construct.label.split(" (")[0].lower()


def dose_words(dose: str) -> str:
    """`heavy 3` as `heavy loads three times a week or more`; what is not of that form, as it is."""
    load, _, sessions = dose.partition(" ")
    if load in ("light", "heavy") and sessions in _OFTEN:
        return f"{load} loads {_OFTEN[sessions]}"
    return dose


def listed(words: list[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


def share_words(found: Ratio, level: float, denominator: str) -> str:
    """A share in per cent with Fieller's set; `denominator` such as `the gain of heavy loads`."""
    low, high = (f"{plain(100 * limit, 0)}{PER_CENT}" for limit in (found.low, found.high))
    bare = low.removesuffix(PER_CENT)
    level_words = f"{100 * level:g}{PER_CENT}"
    limits = {
        "interval": f"{level_words} interval {bare} to {high}",
        "outside": f"at {level_words} only shares between {bare} and {high} are ruled out",
        "at least": f"at {level_words} only shares below {low} are ruled out",
        "at most": f"at {level_words} only shares above {high} are ruled out",
        "everything": f"at {level_words} no share is ruled out",
    }[found.kind]
    why = "" if found.kind == "interval" else f", as {denominator} is itself not told from zero"
    return f"{plain(100 * found.estimate, 0)}{PER_CENT} ({limits}{why})"


def share_record(found: Ratio) -> dict[str, Any]:
    """A ratio and its smallest interval as JSON can hold them: no limit where there is no bound."""
    low, high = (limit if math.isfinite(limit) else None for limit in found.limits)
    bounded = found.kind == "interval"
    return {"estimate": found.estimate, "low": low, "high": high, "bounded": bounded}
