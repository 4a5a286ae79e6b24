"""The exchange rate from heavy to light loads, against closed forms and simulation."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import optimize, stats

from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm, Population
from howlow.data.declaration import Declaration
from howlow.synthesis.answer.exchange import Exchange, TwoGains, exchange_of, exchange_rate
from howlow.synthesis.evidence import Effect
from howlow.synthesis.material import Material

#: Two made-up trials: light and heavy gains with their standard errors.
TRIALS = {"a-2001": ((0.17, 0.02), (0.31, 0.03)), "b-2002": ((0.13, 0.025), (0.20, 0.035))}


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def gains_of(name: str, light: float, heavy: float, *, se: float = 0.02) -> TwoGains:
    """A trial of different people in each arm."""
    return TwoGains(name, np.array([light, heavy]), np.diag([se**2, se**2]), 20.0)


def material_of(config: Config, *, limb_pairs: bool = False, contrast_se: float = 0.03) -> Material:
    """The estimates of the two trials, as tables hold them, with rows that must not be taken."""
    effects, trials, estimates = [], {}, {}
    for name, ((light, light_se), (heavy, heavy_se)) in TRIALS.items():
        trials[name] = _trial(name, limb_pairs)
        effects.append(_effect(name, light - heavy))
        estimates[name] = [
            _row(name, "light - heavy", "week_10", light - heavy, contrast_se, "ancova"),
            _row(name, "mean(light)", "week_10 - baseline", light, light_se, "change"),
            _row(name, "mean(heavy)", "week_10 - baseline", heavy, heavy_se, "change"),
            _row(name, "mean(light)", "week_10 - baseline", 9.0, light_se, "change[r_low]"),
            _row(name, "mean(light)", "week_5 - baseline", 9.0, light_se, "change"),
            _row(name, "mean(none)", "week_10 - baseline", 9.0, light_se, "change"),
        ]
    material = Material(config, {}, estimates, {})
    material.__dict__.update(effects=effects, trials=trials)
    return material


def _trial(name: str, limb_pairs: bool) -> Declaration:
    """A trial declared in no more than is needed."""
    return Declaration(
        id=name,
        collection="",
        kind="summary",
        cite=name,
        link="",
        design="within_participant" if limb_pairs else "parallel",
        randomised="yes",
        limb_pairs=limb_pairs,
        independent_limbs=False,
        simulated=False,
        population=Population(description="people"),
        arms={"light": Arm(label="light"), "heavy": Arm(label="heavy")},
        contrasts=(),
        primary_outcome="press",
        outcomes={},
        weeks={},
        phases={},
        labels={},
        start="",
        at=("week_10",),
        read_in="",
        note="",
    )


def _row(
    name: str, contrast: str, at: str, estimate: float, se: float, method: str
) -> dict[str, Any]:
    """A record of the table of estimates, as far as it is used."""
    return {
        "estimate_id": f"{name}/{contrast}/{at}/{method}",
        "outcome": "press",
        "contrast": contrast,
        "at": at,
        "scale": "log_ratio",
        "method": method,
        "estimate": estimate,
        "se": se,
        "df": 10.0,
    }


def _effect(name: str, estimate: float) -> Effect:
    """The effect that the pool of the load question holds."""
    return Effect(
        question="load",
        construct="strength",
        study=name,
        collection="",
        cite=name,
        estimate_id=f"{name}/light - heavy/week_10/ancova",
        contrast="light - heavy",
        label="light - heavy",
        at="week_10",
        weeks=10.0,
        estimate=estimate,
        se=0.03,
        ci_low=estimate - 0.06,
        ci_high=estimate + 0.06,
        n=20.0,
        scale="log_ratio",
        unit="log ratio",
        tier="primary",
        pooled=True,
        assumed="",
        note="",
    )


def strength(material: Material) -> Exchange:
    """The exchange rate of strength."""
    return next(found for found in exchange_of(material) if found.construct == "strength")


def test_two_trials_give_the_rate_found_by_hand(config: Config) -> None:
    # Both trials agree (tau2 = 0, factor below one), so the rate solves the weighted mean alone.
    light = np.array([gains[0][0] for gains in TRIALS.values()])
    heavy = np.array([gains[1][0] for gains in TRIALS.values()])
    v_light = np.array([gains[0][1] ** 2 for gains in TRIALS.values()])
    v_heavy = np.array([gains[1][1] ** 2 for gains in TRIALS.values()])

    def off(rate: float) -> float:
        weights = 1 / (v_light + rate**2 * v_heavy)
        return float(weights @ (light - rate * heavy))

    expected = optimize.brentq(off, 0.1, 2.0)
    found = strength(material_of(config)).ratio
    assert found is not None
    assert found.estimate == pytest.approx(expected, rel=1e-8)
    # With one degree of freedom t is 12.7: the heavy gain is not told from zero, and the limits
    # are those of a gap.
    weights = 1 / (v_light + expected**2 * v_heavy)
    weights /= weights.sum()
    t = stats.t.ppf(0.975, 1)
    assert weights @ heavy < t * np.sqrt(weights**2 @ v_heavy)
    assert found.kind == "outside"
    for edge in (found.low, found.high):
        se = np.sqrt(weights**2 @ (v_light + edge**2 * v_heavy))
        assert abs(weights @ (light - edge * heavy)) == pytest.approx(t * se)


def test_the_interval_is_where_the_test_does_not_reject(config: Config) -> None:
    rng = np.random.default_rng(5)
    heavy = rng.uniform(0.15, 0.4, 6)
    found = [gains_of(f"t{k}", 0.6 * gain, gain) for k, gain in enumerate(heavy)]
    ratio = exchange_rate(found, 0.95)
    assert ratio.estimate == pytest.approx(0.6, rel=1e-9)
    # All trials weigh alike: the mean of light - r heavy against its standard error.
    mean = heavy.mean()

    def over(rate: float) -> float:
        se = np.sqrt(0.02**2 * (1 + rate**2) / 6)
        return float(abs(0.6 * mean - rate * mean) / se - stats.t.ppf(0.975, 5))

    assert ratio.low == pytest.approx(optimize.brentq(over, 0.1, 0.6), rel=1e-8)
    assert ratio.high == pytest.approx(optimize.brentq(over, 0.6, 1.5), rel=1e-8)


def test_rows_of_other_visits_arms_and_readings_are_not_taken(config: Config) -> None:
    found = strength(material_of(config)).found
    assert [one.gains.tolist() for one in found] == [[0.17, 0.31], [0.13, 0.20]]
    assert found[0].covariance == pytest.approx(np.diag([0.02**2, 0.03**2]))


def test_limbs_of_one_person_share_what_their_difference_leaves(config: Config) -> None:
    found = strength(material_of(config, limb_pairs=True, contrast_se=0.02)).found[0]
    across = np.array([1.0, -1.0])
    assert across @ found.covariance @ across == pytest.approx(0.02**2)
    # A difference more precise than any correlation allows stays a covariance.
    narrow = strength(material_of(config, limb_pairs=True, contrast_se=0.001)).found[0]
    assert np.linalg.eigvalsh(narrow.covariance)[0] > 0


def test_an_effect_that_is_not_pooled_or_has_no_spread_is_left_out(config: Config) -> None:
    material = material_of(config)
    first, second = material.effects
    material.__dict__["effects"] = [replace(first, pooled=False), second]
    material.estimates["b-2002"][1]["se"] = float("nan")
    found = strength(material)
    assert found.ratio is None
    assert found.record()["estimate"] is None
    assert "no trial" in found.sentence


def test_a_rate_without_a_bound_says_so(config: Config) -> None:
    found = strength(material_of(config))
    record = found.record()
    assert record["bounded"] is False
    assert (record["low"], record["high"]) == (None, None)
    assert "are ruled out, as the heavy gain is itself not told from zero" in found.sentence
    assert "less in 2 of 2 trials, too few for a verdict" in found.sentence
    assert "not of the effect of training" in found.sentence


def test_the_rate_does_not_depend_on_how_much_trials_gain(config: Config) -> None:
    # Gains differ fourfold between trials; the rate is the same in all, and stays precise.
    heavy = np.linspace(0.1, 0.4, 8)
    found = [gains_of(f"t{k}", 0.5 * gain, gain, se=0.01) for k, gain in enumerate(heavy)]
    ratio = exchange_rate(found, 0.95)
    assert ratio.estimate == pytest.approx(0.5)
    assert ratio.high - ratio.low < 0.1


def test_a_unit_of_the_logarithm_does_not_change_the_rate() -> None:
    found = [gains_of("a", 0.1, 0.2), gains_of("b", 0.15, 0.21), gains_of("c", 0.2, 0.5)]
    scaled = [replace(one, gains=3 * one.gains, covariance=9 * one.covariance) for one in found]
    assert exchange_rate(scaled, 0.95).estimate == pytest.approx(
        exchange_rate(found, 0.95).estimate, rel=1e-6
    )


@pytest.mark.parametrize("tau", [0.0, 0.03])
def test_the_interval_holds_the_true_rate_as_often_as_it_says(tau: float) -> None:
    rng = np.random.default_rng(20260109)
    draws, trials = 300, 8
    held = 0
    for _ in range(draws):
        heavy = rng.uniform(0.15, 0.4, trials)
        light = 0.6 * heavy + tau * rng.normal(size=trials)
        seen = zip(
            light + 0.02 * rng.normal(size=trials),
            heavy + 0.02 * rng.normal(size=trials),
            strict=True,
        )
        found = [gains_of(f"t{k}", *pair) for k, pair in enumerate(seen)]
        low, high = exchange_rate(found, 0.95).limits
        held += low <= 0.6 <= high
    assert held / draws >= 0.95 - 3 * np.sqrt(0.95 * 0.05 / draws)
