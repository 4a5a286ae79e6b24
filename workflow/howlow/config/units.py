"""The units outcomes may have, and what one is in another.

The names are ours, as the field prints them; what they are worth is pint's business.
"""

from __future__ import annotations

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
    "%/decade": "percent / decade",
    "% of gain": "",
    "repetitions": "",
    "points": "",
    "not stated": "",
}

#: Other ways a unit is written in tables: the name it has here.
SPELLINGS: dict[str, str] = {
    "Nm": "N·m",
    "N.m": "N·m",
    "N*m": "N·m",
    "Nm/kg": "N·m/kg",
    "cm2": "cm²",
    "mm2": "mm²",
    "cm3": "cm³",
    "kgs": "kg",
    "Kg": "kg",
    "KG": "kg",
    "lbs": "lb",
    "ft-lb": "ft·lb",
    "gram": "g",
    "kilogram": "kg",
    "pounds": "lb",
    "sec": "s",
    "ml": "mL",
    "l": "L",
    "reps": "repetitions",
}


def unit_named(word: str) -> str | None:
    """The unit that a word in a table stands for, or None."""
    return word if word in UNITS else SPELLINGS.get(word)


def factor(unit: str, to: str) -> float | None:
    """What values in one known unit are multiplied by to be in another; None if they cannot be."""
    if unit == to:
        return 1.0
    if not UNITS[unit] or not UNITS[to]:
        return None
    import pint

    registry: UnitRegistry[float] = pint.UnitRegistry()
    try:
        return float(registry.Quantity(1.0, UNITS[unit]).to(UNITS[to]).magnitude)
    except pint.DimensionalityError:
        return None
