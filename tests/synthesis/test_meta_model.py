"""The random-effects kernel against metafor, against direct maximisation, and at the edges."""

import json
import math

import numpy as np
import pytest
from meta_data import bcg, blocks_of, odds_ratios
from scipy import linalg, optimize, stats
from statsmodels.stats.meta_analysis import combine_effects

from howlow.errors import DesignError
from howlow.synthesis.meta.heterogeneity import heterogeneity
from howlow.synthesis.meta.left_out import leave_one_out
from howlow.synthesis.meta.model import Block, fit_meta, several_arms
from howlow.synthesis.meta.small_studies import rank_test, regression_test

ONE = np.ones(1)


@pytest.fixture(scope="module")
def oracle(repo):
    # metafor 3.8-1: rma(yi, vi, method = "REML", test = "z" or "knha").
    records = json.loads((repo / "tests/oracle/oracle.json").read_text(encoding="utf-8"))
    return {"z": records["meta_z"], "knha": records["meta_knha"]}


def several_arm_blocks(seed: int, trials: int = 8) -> list[Block]:
    """Trials of two to four arms with two coefficients."""
    rng = np.random.default_rng(seed)
    blocks = []
    for k in range(trials):
        m = 1 + k % 3
        root = rng.normal(size=(m, m + 2)) * 0.1
        design = np.column_stack([np.ones(m), rng.normal(size=m)])
        pattern = several_arms(m)
        total = root @ root.T + 0.03 * pattern
        effects = design @ [0.2, 0.1] + rng.multivariate_normal(np.zeros(m), total)
        blocks.append(Block(str(k), effects, root @ root.T, design, pattern))
    return blocks


def whole(blocks: list[Block], tau2: float):
    """Effects, design and covariance of all trials in one."""
    covariance = linalg.block_diag(*(b.covariance + tau2 * b.pattern for b in blocks))
    return (
        np.concatenate([b.effects for b in blocks]),
        np.concatenate([b.design for b in blocks]),
        covariance,
    )


def restricted(tau2: float, blocks: list[Block]) -> float:
    """The restricted log likelihood as the density of error contrasts."""
    effects, design, covariance = whole(blocks, tau2)
    contrasts = linalg.null_space(design.T)
    inside = contrasts.T @ covariance @ contrasts
    return float(stats.multivariate_normal.logpdf(contrasts.T @ effects, cov=inside))


def test_reml_and_its_intervals_are_those_of_metafor(oracle) -> None:
    z, knha = oracle["z"], oracle["knha"]
    blocks = blocks_of(np.array(z["yi"]), np.array(z["vi"]))
    fit = fit_meta(blocks)
    found = heterogeneity(blocks, fit)
    plain, adjusted = float(np.sqrt(fit.covariance[0, 0])), fit.combine(ONE, cautious=False)
    assert fit.coefficients[0] == pytest.approx(z["est"], abs=1e-6)
    assert plain == pytest.approx(z["se"], abs=1e-6)
    half = stats.norm.ppf(0.975) * plain
    assert (z["est"] - half, z["est"] + half) == pytest.approx(tuple(z["ci"]), abs=1e-6)
    assert adjusted.se == pytest.approx(knha["se"], abs=1e-6)
    assert adjusted.interval(0.95) == pytest.approx(tuple(knha["ci"]), abs=1e-6)
    assert adjusted.p == pytest.approx(knha["p"], abs=1e-6)
    assert fit.tau2 == pytest.approx(knha["tau2"], abs=1e-6)
    assert found.i2 == pytest.approx(knha["I2"], abs=1e-6)
    assert fit.q == found.q == pytest.approx(knha["QE"], abs=1e-6)


def test_the_trials_of_bcg_vaccine_give_the_known_results() -> None:
    effects, variances, _ = bcg()
    blocks = blocks_of(effects, variances)
    fit = fit_meta(blocks)
    found = heterogeneity(blocks, fit)
    assert round(float(fit.coefficients[0]), 4) == -0.7145
    assert round(float(np.sqrt(fit.covariance[0, 0])), 4) == 0.1798
    assert fit.tau2 == pytest.approx(0.313243325980895, abs=1e-6)
    assert fit.q == pytest.approx(152.233008082373, abs=1e-9)
    assert round(found.i2, 2) == 92.22
    assert (found.df, found.p) == (12, pytest.approx(stats.chi2.sf(fit.q, 12)))
    assert (round(found.tau2_low, 4), round(found.tau2_high, 4)) == (0.1197, 1.1115)
    egger = regression_test(effects, variances)
    assert (round(egger.statistic, 4), egger.df, round(egger.p, 4)) == (-1.4013, 11, 0.1887)
    # Hartung and Knapp by another route: statsmodels' weighted mean at the same tau2.
    other = combine_effects(effects, variances + fit.tau2)
    assert fit.combine(ONE, cautious=False).se == pytest.approx(other.sd_eff_w_fe_hksj, rel=1e-9)


def test_bcg_without_its_first_trial_is_that_of_metafor() -> None:
    left = leave_one_out(*bcg()[:2])
    assert left.estimate[0] == pytest.approx(-0.707083788031436, abs=1e-6)
    assert left.tau2[0] == pytest.approx(0.336156745300306, abs=1e-6)
    effects, variances, _ = bcg()
    fit = fit_meta(blocks_of(effects[1:], variances[1:]))
    assert np.sqrt(fit.covariance[0, 0]) == pytest.approx(0.189961024702717, abs=1e-6)
    assert fit.q == pytest.approx(151.582572747109, abs=1e-9)


def test_full_likelihoods_of_bcg_are_those_of_metafor() -> None:
    effects, variances, latitude = bcg()
    mean = fit_meta(blocks_of(effects, variances), "ml")
    line = fit_meta(blocks_of(effects, variances, latitude), "ml")
    assert round(mean.log_likelihood, 4) == -12.6651
    assert round(line.log_likelihood, 4) == -7.6857


def test_diuretics_have_the_published_variances_and_interval() -> None:
    # Viechtbauer 2007, Stat Med 26:37, Table II.
    blocks = blocks_of(*odds_ratios("diuretics")[:2])
    fit = fit_meta(blocks)
    found = heterogeneity(blocks, fit)
    assert round(fit_meta(blocks, "ml").tau2, 3) == 0.239
    assert round(fit.tau2, 3) == 0.301
    assert (round(found.tau2_low, 3), round(found.tau2_high, 3)) == (0.072, 2.203)


def test_small_study_tests_are_those_of_metafor() -> None:
    effects, variances, participants = odds_ratios("magnesium")
    by_size = regression_test(effects, variances, 1 / np.sqrt(participants))
    assert round(by_size.statistic, 4) == -5.6083
    rank = rank_test(effects, variances)
    assert rank.statistic == pytest.approx(0.15)
    assert round(rank.p, 4) == 0.4503
    mixed = fit_meta(blocks_of(effects, variances, np.sqrt(variances)))
    assert round(float(mixed.coefficients[1] / np.sqrt(mixed.covariance[1, 1])), 4) == -4.6686


def test_eggers_regression_is_the_weighted_line_of_numpy() -> None:
    effects, variances, _ = odds_ratios("magnesium")
    found = regression_test(effects, variances)
    root = np.sqrt(variances)
    line, covariance = np.polyfit(root, effects, 1, w=1 / root, cov=True)
    t = line[0] / np.sqrt(covariance[0, 0])
    assert found.statistic == pytest.approx(t)
    assert (found.df, found.p) == (14, pytest.approx(2 * stats.t.sf(abs(t), 14)))


def test_the_rank_test_with_ties_or_many_trials_is_that_of_scipy() -> None:
    rng = np.random.default_rng(3)
    for variances in (rng.integers(1, 5, 30) / 100, rng.uniform(0.01, 0.1, 60)):
        effects = rng.normal(0, np.sqrt(variances))
        weights = 1 / variances
        mean = weights @ effects / weights.sum()
        deviates = (effects - mean) / np.sqrt(variances - 1 / weights.sum())
        other = stats.kendalltau(deviates, variances, method="asymptotic")
        found = rank_test(effects, variances)
        assert found.statistic == pytest.approx(other.statistic)
        assert found.p == pytest.approx(other.pvalue)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_trials_of_several_arms_maximise_the_restricted_likelihood(seed: int) -> None:
    blocks = several_arm_blocks(seed)
    fit = fit_meta(blocks)
    best = optimize.minimize_scalar(
        lambda tau2: -restricted(tau2, blocks), bounds=(0, 1), options={"xatol": 1e-10}
    )
    assert fit.converged
    assert fit.tau2 == pytest.approx(best.x, abs=1e-6)
    # Orthonormal error contrasts hold the constant log |X'X| / 2 that metafor adds.
    assert fit.log_likelihood == pytest.approx(restricted(fit.tau2, blocks), abs=1e-9)


@pytest.mark.parametrize("seed", [1, 2])
def test_coefficients_are_generalised_least_squares(seed: int) -> None:
    blocks = several_arm_blocks(seed)
    for method in ("reml", "ml", "common"):
        fit = fit_meta(blocks, method)
        effects, design, covariance = whole(blocks, fit.tau2)
        weights = np.linalg.inv(covariance)
        expected = np.linalg.inv(design.T @ weights @ design)
        assert fit.covariance == pytest.approx(expected)
        assert fit.coefficients == pytest.approx(expected @ design.T @ weights @ effects)
        rest = effects - design @ fit.coefficients
        assert fit.factor == pytest.approx(rest @ weights @ rest / fit.df)


def test_one_contrast_of_each_trial_is_the_same_model_whatever_the_blocks() -> None:
    effects, variances, _ = bcg()
    together = Block("all", effects, np.diag(variances), np.ones((13, 1)), np.eye(13))
    one, many = fit_meta([together]), fit_meta(blocks_of(effects, variances))
    assert one.tau2 == pytest.approx(many.tau2, abs=1e-12)
    assert one.coefficients == pytest.approx(many.coefficients)


def test_no_variance_between_trials_is_zero_and_not_nearly_zero() -> None:
    effects, variances = np.array([0.10, 0.11, 0.09, 0.10]), np.full(4, 0.02)
    blocks = blocks_of(effects, variances)
    fit = fit_meta(blocks)
    found = heterogeneity(blocks, fit)
    assert fit.tau2 == 0.0
    assert fit.converged
    assert (found.i2, found.tau2_low, found.tau2_high) == (0.0, 0.0, 0.0)
    assert fit.combine(ONE).se == pytest.approx(math.sqrt(0.02 / 4))


@pytest.mark.parametrize("scale", [1e-6, 1.0, 1e6])
def test_the_unit_of_the_effects_does_not_matter(scale: float) -> None:
    effects, variances, _ = bcg()
    fit = fit_meta(blocks_of(scale * effects, scale**2 * variances))
    assert fit.tau2 / scale**2 == pytest.approx(0.31324326, abs=1e-7)


def test_no_variance_on_a_fine_grid_is_likelier_than_the_one_found() -> None:
    rng = np.random.default_rng(5)
    for _ in range(60):
        k = int(rng.integers(2, 7))
        # Variances over six powers of ten: the likelihood may have several maxima.
        variances = 10 ** rng.uniform(-5, 1, k)
        effects = rng.standard_t(2, k)
        fit = fit_meta(blocks_of(effects, variances))
        grid = np.concatenate([[0, fit.tau2], np.geomspace(1e-7, 100, 3000)])[:, None]
        weights = 1 / (variances + grid)
        mean = (weights @ effects / weights.sum(axis=1))[:, None]
        heights = (
            -np.log(variances + grid).sum(axis=1)
            - np.log(weights.sum(axis=1))
            - (weights * (effects - mean) ** 2).sum(axis=1)
        )
        assert heights[1] >= heights.max() - 1e-9
        assert fit.converged


def test_each_trial_left_out_at_once_is_each_left_out_by_itself() -> None:
    rng = np.random.default_rng(7)
    for k in (3, 4, 11):
        variances = 10 ** rng.uniform(-4, -1, k)
        effects = 50 + rng.normal(0, np.sqrt(variances + 0.01 * (k > 4)))
        left = leave_one_out(effects, variances)
        for out in range(k):
            fit = fit_meta(blocks_of(np.delete(effects, out), np.delete(variances, out)))
            found = fit.combine(ONE)
            assert left.tau2[out] == pytest.approx(fit.tau2, abs=1e-9)
            assert left.estimate[out] == pytest.approx(found.estimate, abs=1e-9)
            assert left.se[out] == pytest.approx(found.se, rel=1e-6)
        assert left.df == k - 2


def test_what_cannot_be_fitted_is_refused() -> None:
    effects, variances = np.array([0.1, 0.2, 0.3]), np.array([0.1, 0.1, 0.1])
    with pytest.raises(DesignError, match="1 effects for 1 coefficients"):
        fit_meta(blocks_of(effects[:1], variances[:1]))
    with pytest.raises(DesignError, match="tell the coefficients apart"):
        fit_meta(blocks_of(effects, variances, np.ones(3)))
    with pytest.raises(DesignError, match="2: a sampling covariance"):
        fit_meta(blocks_of(effects, np.array([0.1, 0.1, 0.0])))
