"""How many participants would settle a question."""

import math

import numpy as np
import pytest
from scipy import stats
from scipy.integrate import quad
from scipy.special import ndtr
from statsmodels.stats.power import TTestIndPower

from howlow.analysis.sample_size import (
    LARGEST,
    Observed,
    n_for_difference,
    n_for_equivalence,
    n_to_settle,
    power_of_difference,
    power_of_equivalence,
)
from howlow.analysis.verdicts import DIFFERENT, EQUIVALENT, INCONCLUSIVE, NO_ASSAY


def ancova(correlation: float, n: int, *, known: bool) -> Observed:
    """A trial of two arms in units of the SD, adjusted for a baseline with that correlation."""
    df = math.inf if known else 2 * n - 3
    return Observed(math.sqrt(2 * (1 - correlation**2) / n), df, n)


@pytest.mark.parametrize(("correlation", "needed"), [(0.95, 53), (0.90, 103)])
def test_a_margin_of_a_fifth_of_an_sd_needs_the_numbers_of_the_textbook(
    correlation: float, needed: int
) -> None:
    # The textbook takes the SD as known; that it has to be estimated costs one more an arm.
    assert n_for_equivalence(ancova(correlation, 20, known=True), 0.2, 0.9, 0.05) == needed
    assert n_for_equivalence(ancova(correlation, needed, known=False), 0.2, 0.9, 0.05) == needed + 1


@pytest.mark.parametrize("df", [3, 10, 38, 400, 9000])
@pytest.mark.parametrize("difference", [0.0, 0.4])
@pytest.mark.parametrize("se", [0.1, 0.35, 0.6])
def test_power_of_equivalence_is_the_integral_over_the_chi_distribution(
    df: float, difference: float, se: float
) -> None:
    quantile = stats.t.ppf(0.95, df)

    def reject(s: float) -> float:
        low, high = -1 + quantile * s * se, 1 - quantile * s * se
        density = stats.chi.pdf(s * math.sqrt(df), df) * math.sqrt(df)
        chance = ndtr((high - difference) / se) - ndtr((low - difference) / se)
        return float(max(0.0, chance) * density)

    spread = 9 / math.sqrt(2 * df)
    high = min(1 / (quantile * se), 1 + spread)
    low = max(0.0, 1 - spread)
    expected = quad(reject, low, high, epsabs=1e-12)[0] if high > low else 0.0
    found = power_of_equivalence(1.0, se, df, 0.05, difference)
    assert found == pytest.approx(expected, abs=1e-8)


def test_power_of_equivalence_is_how_often_simulated_intervals_lie_inside_the_margin() -> None:
    random = np.random.default_rng(1)
    estimate = random.normal(0.2, 0.45, 400_000)
    half = stats.t.ppf(0.95, 18) * 0.45 * np.sqrt(random.chisquare(18, 400_000) / 18)
    inside = ((estimate - half > -1) & (estimate + half < 1)).mean()
    assert power_of_equivalence(1.0, 0.45, 18, 0.05, 0.2) == pytest.approx(inside, abs=0.003)


@pytest.mark.parametrize("n", [6, 20, 100])
@pytest.mark.parametrize("size", [0.1, 0.5, 1.2])
def test_power_of_a_difference_is_that_of_statsmodels(n: int, size: float) -> None:
    expected = TTestIndPower().power(size, n, 0.05, alternative="two-sided")
    found = power_of_difference(size, math.sqrt(2 / n), 2 * n - 2, 0.05)
    # Rejecting on the wrong side shows nothing, and is not counted here.
    df, quantile = 2 * n - 2, stats.t.ppf(0.975, 2 * n - 2)
    wrong = stats.nct.cdf(-quantile, df, size * math.sqrt(n / 2))
    assert found + wrong == pytest.approx(expected, abs=1e-9)


def test_the_number_is_the_smallest_one_with_the_power_wanted() -> None:
    trial = Observed(se=1.1, df=21, n=12)
    needed = n_for_difference(trial, 2.0, 0.9, 0.05)
    assert needed is not None
    assert power_of_difference(2.0, *trial.with_n(needed), 0.05) >= 0.9
    assert power_of_difference(2.0, *trial.with_n(needed - 1), 0.05) < 0.9


def test_an_inconclusive_trial_needs_enough_for_either_answer() -> None:
    trial = Observed(se=1.1, df=21, n=12)
    found = n_to_settle(trial, 2.0, INCONCLUSIVE, 0.7, 0.9, 0.05)
    alike = n_for_equivalence(trial, 2.0, 0.9, 0.05)
    apart = n_for_difference(trial, 2.0, 0.9, 0.05)
    assert alike is not None
    assert apart is not None
    assert found.n == max(alike, apart)
    # Nothing but the precision of the trial counts.
    assert n_to_settle(trial, 2.0, INCONCLUSIVE, -1.9, 0.9, 0.05).n == found.n


def test_a_large_trial_that_is_inconclusive_has_a_difference_below_the_margin() -> None:
    trial = Observed(se=0.5, df=98, n=50)
    found = n_to_settle(trial, 2.0, INCONCLUSIVE, 0.95, 0.9, 0.05)
    assert found.n is not None
    assert found.n > trial.n
    assert "the one observed" in found.words


def test_a_difference_of_unsettled_size_is_settled_beyond_or_inside_the_margin() -> None:
    trial = Observed(se=1.0, df=38, n=20)
    beyond = n_to_settle(trial, 2.0, DIFFERENT, 3.0, 0.9, 0.05)
    assert beyond.n == n_for_difference(trial, 1.0, 0.9, 0.05)
    inside = n_to_settle(trial, 4.0, DIFFERENT, -2.5, 0.9, 0.05)
    assert inside.n == n_for_equivalence(trial, 4.0, 0.9, 0.05, 2.5)
    at_it = n_to_settle(trial, 2.0, DIFFERENT, 2.01, 0.9, 0.05)
    assert at_it.n is None
    assert f"{LARGEST:,}" in at_it.words


def test_no_number_of_participants_stands_in_for_an_arm_without_training() -> None:
    trial = Observed(se=0.5, df=38, n=20)
    found = n_to_settle(trial, 2.0, NO_ASSAY, 0.1, 0.9, 0.05)
    assert found.n is None
    assert "without training" in found.words
    assert n_to_settle(trial, 2.0, EQUIVALENT, 0.1, 0.9, 0.05).words == ""
