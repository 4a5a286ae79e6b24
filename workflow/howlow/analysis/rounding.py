"""How numbers are written for readers: rounded by their interval, with a true minus sign."""

from __future__ import annotations

import itertools
import math

MINUS = "\N{MINUS SIGN}"

#: Most decimals ever shown.
_MOST_DECIMALS = 4


def decimals(estimate: float, low: float = math.nan, high: float = math.nan) -> int:
    """Decimals that give the half width of the interval (else the estimate) two digits."""
    width = (high - low) / 2
    size = width if math.isfinite(width) and width > 0 else abs(estimate) / 5
    if not math.isfinite(size) or size == 0:
        return 1
    return min(_MOST_DECIMALS, max(0, 1 - math.floor(math.log10(size))))


def signed(value: float, places: int) -> str:
    """A difference or a change, always with its sign; zero has none."""
    text = f"{value:+.{places}f}"
    if float(text) == 0:
        return text[1:]
    return text.replace("-", MINUS)


def plain(value: float, places: int) -> str:
    """A number with a true minus sign."""
    text = f"{value:.{places}f}"
    return (text.lstrip("-") if float(text) == 0 else text).replace("-", MINUS)


def magnitude(value: float) -> str:
    """A size to three digits, without idle zeros: 13.7, 86, 0.468, 5."""
    places = min(_MOST_DECIMALS, max(0, 2 - math.floor(math.log10(abs(value))))) if value else 0
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def with_interval(estimate: float, low: float, high: float, places: int | None = None) -> str:
    """`+1.2 [−0.3, +2.7]`, or the estimate alone where there is no interval."""
    digits = decimals(estimate, low, high) if places is None else places
    if not (math.isfinite(low) and math.isfinite(high)):
        return signed(estimate, digits)
    return f"{signed(estimate, digits)} [{signed(low, digits)}, {signed(high, digits)}]"


def as_percent(log_ratio: float) -> float:
    """A log ratio of means as a per cent difference."""
    return 100 * math.expm1(log_ratio)


def percent_with_interval(estimate: float, low: float, high: float) -> str:
    """Log ratios as `+1.2 [−0.3, +2.7]` per cent, one decimal."""
    return with_interval(as_percent(estimate), as_percent(low), as_percent(high), 1)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """Round numbers inside a range, about as many as wanted, zero among them if inside."""
    span = high - low
    if not math.isfinite(span) or span <= 0:
        return [low]
    rough = span / wanted
    power = 10 ** math.floor(math.log10(rough))
    step = next(size * power for size in (1, 2, 5, 10) if size * power >= rough * 0.999)
    first = math.ceil(low / step - 1e-9)
    last = math.floor(high / step + 1e-9)
    return [round(position * step, 10) for position in range(first, last + 1)]


def tick_places(values: list[float]) -> int:
    """Decimals that tick labels need."""
    step = min((b - a for a, b in itertools.pairwise(values)), default=1.0)
    return max(0, -math.floor(math.log10(step) + 1e-9)) if step > 0 else 0
