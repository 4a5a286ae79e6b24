"""Several comparisons at once, against scipy, statsmodels and printed tables."""

import time
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.multitest import multipletests

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.fits import CovariancePart, Fit, Parts
from howlow.analysis.questions.several_arms import holm, holm_adjusted, simultaneous
from howlow.analysis.verdicts import DIFFERENT, EQUIVALENT, INCONCLUSIVE, TRIVIAL
from howlow.model import simultaneous_t


def one_way(groups: list[np.ndarray]) -> Fit:
    """Means of independent groups, (R, n) each, with one variance: the model of Dunnett (1955)."""
    df = sum(group.shape[1] - 1 for group in groups)
    spread = sum(((g - g.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) for g in groups)
    unscaled = np.diag([1 / group.shape[1] for group in groups])
    covariance = (spread / df)[:, None, None] * unscaled
    return Fit(
        method="one-way",
        cells={(f"arm{k}", "post"): k for k in range(len(groups))},
        coefficients=np.stack([group.mean(axis=1) for group in groups], axis=1),
        precision=Parts((CovariancePart(covariance, df),)),
        n_participants=0,
        n_observations=0,
    )


def to_reference(fit: Fit) -> np.ndarray:
    return np.stack(
        [fit.contrast(f"arm{k}", "arm0", "post") for k in range(1, fit.coefficients.shape[1])]
    )


@pytest.mark.parametrize("sizes", [(8, 8, 8), (20, 7, 11), (12, 12, 9, 10), (10, 6, 9, 8, 12)])
def test_differences_to_one_reference_are_those_of_scipys_dunnett(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(7)
    groups = [rng.normal(0.7 * k, 1.0, (1, n)) for k, n in enumerate(sizes)]
    fit = one_way(groups)
    found = simultaneous(fit, to_reference(fit), 0.95)
    expected = stats.dunnett(*(g[0] for g in groups[1:]), control=groups[0][0], rng=rng)
    assert found.p_adjusted[0] == pytest.approx(expected.pvalue, abs=2e-4)
    value = fit.combine(to_reference(fit))
    interval = expected.confidence_interval(0.95)
    half = found.critical[0] * value.se[0]
    assert value.estimate[0] - half == pytest.approx(interval.low, abs=2e-3)
    assert value.estimate[0] + half == pytest.approx(interval.high, abs=2e-3)


@pytest.mark.parametrize(
    ("k", "df", "level", "printed"),
    [
        # Dunnett (1964, Biometrics 20:482), two-sided, equal groups
        (2, 10, 0.95, 2.57),
        (2, 20, 0.95, 2.38),
        (3, 10, 0.95, 2.76),
        (3, 20, 0.95, 2.54),
        (5, 20, 0.95, 2.73),
        (9, 30, 0.95, 2.86),
        (2, 20, 0.99, 3.13),
    ],
)
def test_critical_values_are_those_of_dunnetts_table(
    k: int, df: int, level: float, printed: float
) -> None:
    correlation = np.full((1, k, k), 0.5) + 0.5 * np.eye(k)
    critical, p = simultaneous_t(np.full((1, k), printed), correlation, np.array([df]), level)
    assert critical[0] == pytest.approx(printed, abs=0.0051)
    assert p[0] == pytest.approx(np.full(k, 1 - level), abs=1e-3)


@pytest.mark.parametrize("correlation", [0.0, -0.6, 0.95, 0.9999])
@pytest.mark.parametrize("df", [2.5, 20.0, np.inf])
def test_two_contrasts_have_the_bivariate_probability_of_scipy(
    correlation: float, df: float
) -> None:
    matrix = np.array([[1.0, correlation], [correlation, 1.0]])
    critical, p = simultaneous_t(np.array([[1.7, -2.4]]), matrix[None], np.array([df]), 0.95)
    for limit, found in ((critical[0], 0.05), (1.7, p[0, 0]), (2.4, p[0, 1])):
        reach = np.full(2, limit)
        if np.isinf(df):
            inside = stats.multivariate_normal(cov=matrix, allow_singular=True).cdf(
                reach, lower_limit=-reach
            )
        else:
            joint = stats.multivariate_t(shape=matrix, df=df, allow_singular=True, seed=1)
            inside = joint.cdf(reach, lower_limit=-reach, maxpts=20_000)
        assert 1 - inside == pytest.approx(found, abs=2e-4)


def test_a_family_without_a_common_reference_goes_by_the_lattice_sum() -> None:
    steps = np.array([[1.0, -1, 0, 0], [0, 1, -1, 0], [0, 0, 1, -1]])
    correlation = steps @ steps.T / 2
    critical, p = simultaneous_t(
        np.array([[2.0, 2.5, 3.0]]), correlation[None], np.array([20]), 0.9
    )
    joint = stats.multivariate_t(shape=correlation, df=20, seed=1)
    for limit, found in ((critical[0], 0.1), (2.0, p[0, 0]), (3.0, p[0, 2])):
        inside = joint.cdf(np.full(3, limit), lower_limit=np.full(3, -limit), maxpts=20_000)
        assert 1 - inside == pytest.approx(found, abs=3e-4)


def test_one_contrast_is_the_t_test() -> None:
    rng = np.random.default_rng(3)
    groups = [rng.normal(size=(4, 9)), rng.normal(size=(4, 9))]
    fit = one_way(groups)
    found = simultaneous(fit, to_reference(fit), 0.95)
    expected = stats.ttest_ind(groups[1], groups[0], axis=1)
    assert found.p_adjusted[:, 0] == pytest.approx(expected.pvalue)
    assert found.critical == pytest.approx(np.full(4, stats.t.ppf(0.975, 16)))


def test_a_response_that_was_not_fitted_has_no_critical_value() -> None:
    groups = [np.random.default_rng(k).normal(size=(3, 6)) for k in range(3)]
    groups[0][1] = np.nan
    fit = one_way(groups)
    found = simultaneous(fit, to_reference(fit), 0.95)
    assert np.isnan(found.critical).tolist() == [False, True, False]
    assert np.isnan(found.p_adjusted).any(axis=1).tolist() == [False, True, False]


def test_the_family_errs_as_often_as_declared_and_a_thousand_responses_take_seconds() -> None:
    rng = np.random.default_rng(11)
    fit = one_way([rng.normal(size=(2000, n)) for n in (9, 7, 12)])
    start = time.process_time()
    found = simultaneous(fit, to_reference(fit), 0.95)
    assert time.process_time() - start < 2000 * 0.005
    wrong = (found.p_adjusted < 0.05).any(axis=1)
    # three standard errors of 2,000 draws are 0.0146
    assert wrong.mean() == pytest.approx(0.05, abs=0.0146)
    value = fit.combine(to_reference(fit))
    outside = np.abs(value.estimate) > found.critical[:, None] * value.se
    assert (outside.any(axis=1) == wrong).all()


def row(outcome: str, p: float | None, **fields: object) -> Estimate:
    """A row of a study of strength at one visit."""
    given: dict[str, object] = {
        "study": "trial", "collection": "", "kind": "participants", "construct": "strength",
        "outcome": outcome, "population": "adults", "estimand": "", "tier": "secondary",
        "contrast": "light - heavy", "at": "post", "scale": "raw", "estimate": 1.0, "unit": "kg",
        "method": "clda", "p": p,
    }  # fmt: skip
    return Estimate(**(given | fields))  # type: ignore[arg-type]


@pytest.mark.parametrize("k", [1, 2, 5, 12])
def test_holms_p_is_that_of_statsmodels(k: int) -> None:
    p = np.random.default_rng(k).uniform(size=k) ** 3
    assert holm_adjusted(p.tolist()) == pytest.approx(multipletests(p, method="holm")[1])


def test_a_difference_that_falls_to_holm_is_inconclusive_and_its_log_ratio_follows() -> None:
    rows = [
        row("squat", 0.0001, tier="primary", verdict=DIFFERENT),
        row("press", 0.010, verdict=DIFFERENT, note="SIMULATED"),
        row("pull", 0.030, verdict=DIFFERENT, note="SIMULATED"),
        row("pull", 0.020, scale="log_ratio", verdict=DIFFERENT),
        row("pull", 0.020, scale="d"),
        row("row", 0.400, verdict=EQUIVALENT),
        row("pull", 0.001, tier="cross-check", method="ancova"),
        row("pull", None, contrast="mean(light)"),
        row("press", 0.04, contrast="heavy - control", verdict=DIFFERENT),
    ]
    found = holm(rows, 0.05)
    # 3 x .010, 2 x .030, 1 x .400
    assert [one.p_adjusted for one in found] == pytest.approx(
        [None, 0.03, 0.06, None, None, 0.4, None, None, None]
    )
    assert [one.verdict for one in found] == [
        DIFFERENT, DIFFERENT, INCONCLUSIVE, INCONCLUSIVE, "", EQUIVALENT, "", "", DIFFERENT,
    ]  # fmt: skip
    assert found[2].note == "SIMULATED; not after Holm's adjustment over 3 outcomes"
    assert found[1].note == "SIMULATED; Holm's P over 3 outcomes"
    assert found[0] is rows[0]
    assert found[4] is rows[4]


def test_outcomes_are_adjusted_on_top_of_arms() -> None:
    rows = [
        row("press", 0.020, p_adjusted=0.038, verdict=DIFFERENT),
        row("pull", 0.010, p_adjusted=0.019, verdict=TRIVIAL),
    ]
    found = holm(rows, 0.05)
    assert [one.p_adjusted for one in found] == pytest.approx([0.038, 0.038])
    assert [one.verdict for one in found] == [DIFFERENT, TRIVIAL]


def test_each_study_and_visit_is_a_family_of_its_own() -> None:
    rows = [row("press", 0.04), row("pull", 0.04)]
    elsewhere = [replace(one, study="other") for one in rows]
    later = [replace(rows[0], at="week 20")]
    found = holm([*rows, *elsewhere, *later], 0.05)
    assert [one.p_adjusted for one in found] == pytest.approx([0.08, 0.08, 0.08, 0.08, None])
