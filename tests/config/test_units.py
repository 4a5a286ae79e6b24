"""Units: each is known to the registry, turns into what it can, and into nothing else."""

import pint
import pytest

from howlow.config.units import SPELLINGS, UNITS, factor, unit_named


def test_every_unit_is_one_that_the_registry_knows() -> None:
    registry = pint.UnitRegistry()
    for unit, words in UNITS.items():
        assert factor(unit, unit) == 1.0
        if words:
            assert registry.parse_expression(words).magnitude > 0


def test_every_two_units_turn_into_each_other_or_not_at_all() -> None:
    for unit in UNITS:
        for to in UNITS:
            there, back = factor(unit, to), factor(to, unit)
            assert (there is None) == (back is None)
            assert there is None or back is None or there * back == pytest.approx(1.0, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "to", "multiply"),
    [
        # Exact by definition: NIST SP 811 (2008), appendix B.8.
        ("lb", "kg", 0.45359237),
        ("kg", "lb", 1 / 0.45359237),
        ("g", "kg", 0.001),
        ("kgf", "N", 9.80665),
        ("lbf", "N", 0.45359237 * 9.80665),
        ("ft·lb", "N·m", 0.3048 * 0.45359237 * 9.80665),
        ("kgf·m", "N·m", 9.80665),
        ("cm²", "mm²", 100.0),
        ("in", "cm", 2.54),
        ("L", "mL", 1000.0),
        ("min", "s", 60.0),
        ("%/d", "%/y", 365.25),
        ("%/y", "%/decade", 10.0),
    ],
)
def test_a_unit_turns_into_another_of_its_kind(unit: str, to: str, multiply: float) -> None:
    assert factor(unit, to) == pytest.approx(multiply, rel=1e-12)


@pytest.mark.parametrize(
    ("unit", "to"),
    [
        ("kg", "cm²"),
        ("kg", "N"),
        ("N", "N·m"),
        ("mm", "mm²"),
        ("J", "N·m"),
        ("repetitions", "kg"),
        ("points", "%"),
        ("not stated", "kg"),
    ],
)
def test_a_unit_does_not_turn_into_one_of_another_kind(unit: str, to: str) -> None:
    assert factor(unit, to) is None


@pytest.mark.parametrize(
    ("word", "unit"),
    [
        ("kg", "kg"),
        (" kg ", "kg"),
        ("Kg", "kg"),
        ("lbs", "lb"),
        ("lbs.", "lb"),
        ("Nm", "N·m"),
        ("N.m", "N·m"),
        ("N*m", "N·m"),
        ("N m", "N·m"),
        ("N-m", "N·m"),
        ("N⋅m", "N·m"),
        ("Nm/kg", "N·m/kg"),
        ("ft-lb", "ft·lb"),
        ("ft lbs", "ft·lb"),
        ("cm2", "cm²"),
        ("cm^2", "cm²"),
        ("mm**2", "mm²"),
        ("cm3", "cm³"),
        ("kg/m2", "kg/m²"),
        ("sec", "s"),
        ("per cent", "%"),
        ("reps", "repetitions"),
    ],
)
def test_a_unit_is_known_by_the_ways_people_write_it(word: str, unit: str) -> None:
    assert unit_named(word) == unit


@pytest.mark.parametrize("word", ["", "nm", "M", "stone", "kilobyte", "(est.)", "heavy", "2"])
def test_what_is_no_unit_or_may_be_another_is_none(word: str) -> None:
    assert unit_named(word) is None


def test_every_other_spelling_leads_to_a_unit() -> None:
    assert set(SPELLINGS.values()) <= set(UNITS)
    assert not set(SPELLINGS) & set(UNITS)
