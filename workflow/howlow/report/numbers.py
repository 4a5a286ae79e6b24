"""How numbers are shown: as the figures show them, with true minus signs, log ratios as per cent.

An estimate and its limits share one number of decimals: in its own unit so many as give the half
width of the interval two digits, in per cent one.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from howlow.analysis.estimates import Estimate
from howlow.analysis.rounding import MINUS, as_percent, decimals, plain, signed

NO_BREAK = "\N{NO-BREAK SPACE}"
INFINITE = "\N{INFINITY}"
#: What stands where there is no number.
NO_NUMBER = "\N{EN DASH}"
#: Methods whose rows are levels or spreads.
_LEVELS = ("repeated baseline", "masked")
#: Decimals of a per cent, everywhere on the page and in the figures.
PERCENT_DECIMALS = 1


@dataclass(frozen=True)
class Shown:
    """An estimate as it is shown: texts for the reader, `value` (9 digits) for a program."""

    estimate_id: str
    value: str
    text: str
    low: str
    high: str
    unit: str

    @property
    def interval(self) -> str:
        """The interval in brackets; a bound on one side alone in words; nothing without one."""
        if not self.low:
            return ""
        below, above = (limit.endswith(INFINITE) for limit in (self.low, self.high))
        if above and not below:
            return f"at least {self.low}"
        if below and not above:
            return f"at most {self.high}"
        return f"[{self.low}, {self.high}]"


def shown(found: Estimate) -> Shown:
    """An estimate on its own scale: raw in its unit, a log ratio as per cent, d and shares bare."""
    unit = {"log_ratio": "%", "d": "", "share": ""}.get(found.scale, raw_unit(found))
    values = (found.estimate, found.ci_low, found.ci_high)
    level = found.scale == "share" or found.method in _LEVELS
    return shown_as(found.estimate_id, values, unit, ratio=found.scale == "log_ratio", level=level)


def shown_as(
    estimate_id: str,
    values: tuple[float, float | None, float | None],
    unit: str,
    *,
    ratio: bool,
    level: bool = False,
) -> Shown:
    """An estimate and its limits (None or NaN where there is no interval) as texts.

    What is no difference or change but a `level` goes without a plus sign.
    """
    write = plain if level else signed
    known = [math.nan if value is None else value for value in values]
    estimate, low, high = [as_percent(value) for value in known] if ratio else known
    places = PERCENT_DECIMALS if ratio else decimals(estimate, low, high)
    limits = ("", "")
    if not (math.isnan(low) or math.isnan(high)):
        limits = (_limit(low, places, write), _limit(high, places, write))
    return Shown(estimate_id, f"{estimate:.9g}", write(estimate, places), *limits, unit)


def _limit(value: float, places: int, write: Callable[[float, int], str]) -> str:
    """A limit; a side without a bound is infinite."""
    if math.isinf(value):
        return f"{MINUS if value < 0 else '+'}{INFINITE}"
    return write(value, places)


def percent_interval(low: float, high: float) -> str:
    """Two log ratios as `[a, b] %`."""
    texts = [signed(as_percent(value), PERCENT_DECIMALS) for value in (low, high)]
    return f"[{texts[0]}, {texts[1]}]{NO_BREAK}%"


def percent_text(estimate: float, low: float = math.nan, high: float = math.nan) -> str:
    """A log ratio with its limits as `+1.2 [−0.3, +2.7] %`; an en dash where there is none."""
    if math.isnan(estimate):
        return NO_NUMBER
    return in_line(shown_as("", (estimate, low, high), "%", ratio=True))


def share_text(share: float, low: float = math.nan, high: float = math.nan) -> str:
    """A share of a gain with its limits as `85 [60, 110] %`; an en dash where there is none."""
    if math.isnan(share):
        return NO_NUMBER
    known = not (math.isnan(low) or math.isnan(high))
    below, above = (_limit(100 * limit, 0, plain) if known else "" for limit in (low, high))
    return in_line(Shown("", "", plain(100 * share, 0), below, above, "%"))


def in_line(found: Shown) -> str:
    """A number with its interval and its unit, which stays with them."""
    value = f"{found.text} {found.interval}" if found.interval else found.text
    return f"{value}{NO_BREAK}{found.unit}" if found.unit else value


def number_text(value: float, places: int) -> str:
    """A number that is no difference, to some places; an en dash where there is none."""
    return NO_NUMBER if math.isnan(value) else plain(value, places)


def plain_percent(value: float) -> str:
    """A number of per cent that is declared, such as a level or a margin: `95 %`."""
    return f"{value:g}{NO_BREAK}%"


def p_value(p: float | None) -> str:
    """A P value of a contrast; three decimals, and never a zero."""
    if p is None:
        return ""
    return "<0.001" if p < 0.001 else f"{p:.3f}"


def p_words(p: float) -> str:
    """A P value with its letter: `p = 0.012`, `p <0.001`."""
    text = p_value(p)
    return f"p {text}" if text.startswith("<") else f"p = {text}"


def raw_unit(found: Estimate) -> str:
    """The unit of a raw estimate; a difference between percentages is in percentage points."""
    if found.unit == "%" and not found.contrast.startswith("mean("):
        return "percentage points"
    return "" if found.unit == "correlation" else found.unit


def count(amount: int, singular: str, plural: str = "") -> str:
    """`1 trial`, `2 trials`."""
    return f"{amount}{NO_BREAK}{singular if amount == 1 else plural or singular + 's'}"
