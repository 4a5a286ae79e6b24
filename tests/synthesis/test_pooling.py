"""Pooling against R's metafor, and against a case worked by hand."""

import json

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.meta_analysis import combine_effects

from howlow.errors import DesignError
from howlow.synthesis.pooling import pool


@pytest.fixture(scope="module")
def oracle(repo):
    # metafor 3.8-1: rma(yi, vi, method = "REML", test = "z" or "knha").
    records = json.loads((repo / "tests/oracle/oracle.json").read_text(encoding="utf-8"))
    knha = records["meta_knha"]
    return {"yi": knha["yi"], "vi": knha["vi"], "knha": knha, "z": records["meta_z"]}


def test_reml_with_knapp_and_hartung_is_that_of_metafor(oracle) -> None:
    found = pool(np.array(oracle["yi"]), np.array(oracle["vi"]))
    expected = oracle["knha"]
    assert found.mean.estimate == pytest.approx(expected["est"], abs=1e-6)
    assert found.mean.se == pytest.approx(expected["se"], abs=1e-6)
    assert found.mean.interval(0.95) == pytest.approx(tuple(expected["ci"]), abs=1e-6)
    assert found.mean.p == pytest.approx(expected["p"], abs=1e-6)
    assert found.tau2 == pytest.approx(expected["tau2"], abs=1e-6)
    assert found.heterogeneity().i2 == pytest.approx(expected["I2"], abs=1e-5)
    assert found.fit.q == pytest.approx(expected["QE"], abs=1e-9)
    assert found.converged


def test_without_the_factor_it_is_the_ordinary_standard_error(oracle) -> None:
    found = pool(np.array(oracle["yi"]), np.array(oracle["vi"]))
    factor = (oracle["knha"]["se"] / oracle["z"]["se"]) ** 2
    assert factor > 1
    assert found.cautious == found.mean


def test_trials_that_agree_by_chance_get_the_wider_interval_beside() -> None:
    effects, variances = np.array([-0.130, -0.131]), np.array([0.0012, 0.0023])
    found = pool(effects, variances)
    assert found.tau2 == 0
    assert found.mean.se < found.cautious.se
    assert found.cautious.se == pytest.approx(1 / np.sqrt((1 / variances).sum()))


def test_equal_variances_give_the_one_sample_t_interval() -> None:
    effects = np.array([0.1, -0.2, 0.4, 0.05, 0.3])
    found = pool(effects, np.full(5, 0.001))
    expected = stats.t.interval(0.95, 4, effects.mean(), stats.sem(effects))
    assert found.mean.interval(0.95) == pytest.approx(expected, rel=1e-9)
    assert found.tau2 == pytest.approx(effects.var(ddof=1) - 0.001)


def test_the_mean_agrees_with_statsmodels_at_the_same_tau(oracle) -> None:
    effects, variances = np.array(oracle["yi"]), np.array(oracle["vi"])
    found = pool(effects, variances)
    weights = 1 / (variances + found.tau2)
    by_statsmodels = combine_effects(effects, variances + found.tau2).mean_effect_fe
    assert found.mean.estimate == pytest.approx(by_statsmodels, rel=1e-12)
    assert found.mean.estimate == pytest.approx(weights @ effects / weights.sum(), rel=1e-12)


def test_the_prediction_interval_holds_the_spread_between_trials(oracle) -> None:
    found = pool(np.array(oracle["yi"]), np.array(oracle["vi"]))
    half = stats.t.ppf(0.975, 5) * np.sqrt(found.tau2 + found.mean.se**2)
    low, high = found.prediction.interval(0.95)
    assert (high - low) / 2 == pytest.approx(half)


def test_heterogeneity_comes_with_its_interval(oracle) -> None:
    found = pool(np.array(oracle["yi"]), np.array(oracle["vi"]))
    between = found.heterogeneity(0.9)
    assert (between.q, between.df) == (found.fit.q, found.k - 1)
    # The interval is where the weighted squares are a likely draw of chi-squared on k - 1 df.
    for tau2, tail in ((between.tau2_low, 0.95), (between.tau2_high, 0.05)):
        weights = 1 / (np.array(oracle["vi"]) + tau2)
        rest = np.array(oracle["yi"]) - np.average(oracle["yi"], weights=weights)
        assert weights @ rest**2 == pytest.approx(stats.chi2.ppf(tail, 5))


@pytest.mark.parametrize(
    ("effects", "variances", "says"),
    [([0.1], [0.1], "1 trial"), ([0.1, 0.2], [0.1, 0.0], "positive")],
)
def test_what_cannot_be_pooled_is_refused(effects, variances, says) -> None:
    with pytest.raises(DesignError, match=says):
        pool(np.array(effects), np.array(variances))
