"""The units outcomes may have, and what one is in another.

The names are ours, as the field prints them; what they are worth is pint's business.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pint import UnitRegistry

#: Name as printed: the same in pint's words. A name that maps to nothing has no size of its own.
UNITS: dict[str, str] = {
    "kg": "kilogram",
    "g": "gram",
    "lb": "pound",
    "N": "newton",
    "kN": "kilonewton",
    "kgf": "kilogram_force",
    "lbf": "pound_force",
    "N·m": "newton * meter",
    "kgf·m": "kilogram_force * meter",
    "ft·lb": "foot * pound_force",
    "N/kg": "newton / kilogram",
    "N·m/kg": "newton * meter / kilogram",
    "N/cm²": "newton / centimeter ** 2",
    "mm": "millimeter",
    "cm": "centimeter",
    "m": "meter",
    "in": "inch",
    "mm²": "millimeter ** 2",
    "cm²": "centimeter ** 2",
    "cm³": "centimeter ** 3",
    "mL": "milliliter",
    "L": "liter",
    "kg/m²": "kilogram / meter ** 2",
    "m/s": "meter / second",
    "s": "second",
    "ms": "millisecond",
    "min": "minute",
    "W": "watt",
    "W/kg": "watt / kilogram",
    "J": "joule",
    "%": "percent",
    "%/d": "percent / day",
    "%/y": "percent / year",
    "%/decade": "percent / (10 * year)",
    "% of gain": "",
    "repetitions": "",
    "points": "",
    "not stated": "",
}

#: Other ways a unit is written in tables, English and Dutch: the name it has here. Signs that stand
#: for times, a square or a space are read alike and need no row of their own.
SPELLINGS: dict[str, str] = {
    "KG": "kg",
    "Kg": "kg",
    "KGS": "kg",
    "kgs": "kg",
    "kilo": "kg",
    "kilos": "kg",
    "kilogram": "kg",
    "kilograms": "kg",
    "gr": "g",
    "gram": "g",
    "grams": "g",
    "LB": "lb",
    "LBS": "lb",
    "Lbs": "lb",
    "lbs": "lb",
    "pound": "lb",
    "pounds": "lb",
    "newton": "N",
    "newtons": "N",
    "Newton": "N",
    "kilonewton": "kN",
    "kp": "kgf",
    "lb·ft": "ft·lb",
    "ft·lbs": "ft·lb",
    "ft·lbf": "ft·lb",
    "Nm": "N·m",
    "NM": "N·m",
    "Nm/kg": "N·m/kg",
    "newton·metre": "N·m",
    "newton·meter": "N·m",
    "newton·metres": "N·m",
    "newton·meters": "N·m",
    "newtonmeter": "N·m",
    "newtonmetre": "N·m",
    "MM": "mm",
    "millimeter": "mm",
    "millimetre": "mm",
    "millimeters": "mm",
    "millimetres": "mm",
    "CM": "cm",
    "centimeter": "cm",
    "centimetre": "cm",
    "centimeters": "cm",
    "centimetres": "cm",
    "meter": "m",
    "metre": "m",
    "meters": "m",
    "metres": "m",
    "inch": "in",
    "inches": "in",
    "sqcm": "cm²",
    "sqmm": "mm²",
    "ml": "mL",
    "cc": "cm³",
    "l": "L",
    "liter": "L",
    "litre": "L",
    "sec": "s",
    "secs": "s",
    "second": "s",
    "seconds": "s",
    "msec": "ms",
    "mins": "min",
    "minute": "min",
    "minutes": "min",
    "watt": "W",
    "watts": "W",
    "Watt": "W",
    "joule": "J",
    "joules": "J",
    "pct": "%",
    "percent": "%",
    "per cent": "%",
    "procent": "%",
    "rep": "repetitions",
    "reps": "repetitions",
    "repetition": "repetitions",
}

#: Signs that people write for the ones used here, the longest first.
_SIGNS = {
    "**2": "²",
    "**3": "³",
    "^2": "²",
    "^3": "³",
    "*": "·",
    "⋅": "·",
    "∙": "·",
    "•": "·",
    "×": "·",
    ".": "·",
    "-": "·",
    "\u00a0": " ",
}


def unit_named(word: str) -> str | None:
    """The unit that a word in a table stands for, or None."""
    word = word.strip()
    for name in dict.fromkeys((word, word.rstrip("."))):
        for spelled in dict.fromkeys(_spelled(name)):
            if spelled in UNITS:
                return spelled
            if spelled in SPELLINGS:
                return SPELLINGS[spelled]
    return None


def _spelled(word: str) -> Iterator[str]:
    """A word as it stands, with our signs, with a digit for the power, and without spaces."""
    yield word
    for theirs, ours in _SIGNS.items():
        word = word.replace(theirs, ours)
    yield word
    powers = re.sub(r"(?<=[A-Za-z])([23])(?![0-9])", lambda sign: "²³"[int(sign[0]) - 2], word)
    yield powers
    bare = powers.replace(" ", "")
    yield bare
    yield powers.replace(" ", "·")


@functools.cache
def factor(unit: str, to: str) -> float | None:
    """What values in one known unit are multiplied by to be in another; None if they cannot be.

    Work and torque have the same dimension and are different things: J is no N·m.
    """
    if unit == to:
        return 1.0
    if not UNITS[unit] or not UNITS[to] or "J" in (unit, to):
        return None
    ours, theirs = (_registry().parse_expression(UNITS[name]) for name in (unit, to))
    if ours.dimensionality != theirs.dimensionality:
        return None
    return float((ours / theirs).to_base_units().magnitude)


@functools.cache
def _registry() -> UnitRegistry[float]:
    """Pint's units, read once: reading them takes longer than all conversions together."""
    import pint

    return pint.UnitRegistry()
