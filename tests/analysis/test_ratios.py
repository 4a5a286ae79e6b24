"""Fieller's set of a ratio, against the tests that it inverts, and its coverage."""

import math
from pathlib import Path

import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import stdtrit
from scipy.stats import t, ttest_ind

from howlow.analysis.estimates import Estimate, estimates_table, read_estimates
from howlow.analysis.fitting.fits import CovariancePart, Fit, Parts
from howlow.analysis.questions.ratios import Ratio, fieller, ratio
from howlow.data.measurements import write_table


def regression(design: np.ndarray, values: np.ndarray) -> Fit:
    """Least squares of each response, (R, n), on a design, (n, p): a column is an arm's gain."""
    inverse = np.linalg.inv(design.T @ design)
    coefficients = values @ design @ inverse
    df = len(design) - design.shape[1]
    variance = ((values - coefficients @ design.T) ** 2).sum(axis=1) / df
    return Fit(
        method="least squares",
        cells={(f"arm{k}", "post"): k for k in range(design.shape[1])},
        coefficients=coefficients,
        precision=Parts((CovariancePart(variance[:, None, None] * inverse, df),)),
        n_participants=len(design),
        n_observations=len(design),
    )


def arms(numbers: tuple[int, ...]) -> np.ndarray:
    return np.repeat(np.eye(len(numbers)), numbers, axis=0)


@pytest.mark.parametrize(
    ("gain", "kind"), [(3.0, "interval"), (0.75, "outside"), (0.1, "everything")]
)
def test_the_set_holds_what_the_t_tests_of_statsmodels_do_not_reject(
    gain: float, kind: str
) -> None:
    design = arms((9, 8, 10))
    noise = np.random.default_rng(2).normal(size=27)
    # The means are what is written here; the noise only gives them their errors.
    noise -= design @ np.linalg.lstsq(design, noise, rcond=None)[0]
    wanted = {"interval": 1.8, "outside": 1.9, "everything": 0.4}[kind]
    values = noise + design @ np.array([0.0, wanted, gain])
    fit = regression(design, values[None])
    numerator, denominator = (
        fit.contrast("arm1", "arm0", "post"),
        fit.contrast("arm2", "arm0", "post"),
    )
    found = ratio(fit, numerator, denominator, 0.95)
    assert found.one().kind == kind
    assert found.one().estimate == pytest.approx(wanted / gain)
    model = sm.OLS(values, design).fit()
    for r in np.concatenate([np.linspace(-8, 8, 41), [-1e4, 1e4], [found.one().estimate]]):
        kept = float(model.t_test(numerator - r * denominator).pvalue) >= 0.05
        assert found.holds(r)[0] == kept


def test_the_limits_of_each_kind_of_set_are_roots_of_the_test() -> None:
    rng = np.random.default_rng(4)
    numerator, denominator = rng.normal(1, 1, 500), rng.normal(0.8, 0.8, 500)
    root = rng.normal(size=(500, 2, 2)) * 0.5
    covariance = root @ np.swapaxes(root, 1, 2)
    df = rng.uniform(4, 30, 500)
    found = fieller(numerator, denominator, covariance, df, 0.9)
    assert set(found.kind) == {"interval", "outside", "everything"}
    bounded = found.kind != "everything"
    for limit in (found.low[bounded], found.high[bounded]):
        weights = np.stack([np.ones_like(limit), -limit], axis=1)
        variance = np.einsum("ri,rij,rj->r", weights, covariance[bounded], weights)
        pivot = (numerator[bounded] - limit * denominator[bounded]) / np.sqrt(variance)
        assert np.abs(pivot) == pytest.approx(t.ppf(0.95, df[bounded]), rel=1e-6)
    assert found.holds(0.0).tolist() == [
        bool(kept) for kept in np.abs(numerator / np.sqrt(covariance[:, 0, 0])) <= t.ppf(0.95, df)
    ]
    assert (found.estimate[bounded] != 0).all()
    inside = (found.low <= found.estimate) & (found.estimate <= found.high)
    assert (inside == (found.kind != "outside")).all()


def test_a_denominator_at_the_edge_of_being_shown_gives_a_half_line() -> None:
    edge = np.full(2, stdtrit(12, (1 + 0.95) / 2))
    covariance = np.broadcast_to(np.diag([0.09, 1.0]), (2, 2, 2))
    found = fieller(np.array([2.0, -2.0]), edge, covariance, np.full(2, 12.0), 0.95)
    assert found.kind.tolist() == ["at least", "at most"]
    assert found.holds(1e6).tolist() == [True, False]
    assert found.holds(-1e6).tolist() == [False, True]
    limit = found.low[0]
    assert (2.0 - limit * edge[0]) ** 2 / (0.09 + limit**2) == pytest.approx(edge[0] ** 2)
    assert found.high[1] == -limit


@pytest.mark.parametrize("gain", [3.0, 0.6, 0.0001])
def test_the_set_covers_the_true_ratio_however_small_the_denominator(gain: float) -> None:
    design, responses = arms((8, 8, 8)), 4000
    true = design @ np.array([0.0, 0.5 * gain, gain])
    values = true + np.random.default_rng(8).normal(size=(responses, 24))
    fit = regression(design, values)
    numerator, denominator = (
        fit.contrast("arm1", "arm0", "post"),
        fit.contrast("arm2", "arm0", "post"),
    )
    found = ratio(fit, numerator, denominator, 0.95)
    # three standard errors of 4,000 draws
    assert found.holds(0.5).mean() == pytest.approx(0.95, abs=0.0103)


def test_arms_of_unlike_spread_take_the_smallest_degrees_of_freedom() -> None:
    rng = np.random.default_rng(5)
    groups = [rng.normal(scale=6, size=40), rng.normal(2, 1, size=6), rng.normal(4, 2, size=9)]
    variances = [float(group.var(ddof=1) / len(group)) for group in groups]
    parts = tuple(
        CovariancePart(variance * np.outer(np.eye(3)[k], np.eye(3)[k])[None], len(groups[k]) - 1)
        for k, variance in enumerate(variances)
    )
    means = np.array([[float(group.mean()) for group in groups]])
    fit = Fit("welch", {(f"arm{k}", "post"): k for k in range(3)}, means, Parts(parts), 55, 55)
    numerator, denominator = (
        fit.contrast("arm1", "arm0", "post"),
        fit.contrast("arm2", "arm0", "post"),
    )
    pairs = [(1, 0), (2, 0), (1, 2)]
    welch = [ttest_ind(groups[i], groups[j], equal_var=False).df for i, j in pairs]
    assert min(welch) == welch[2]
    found = ratio(fit, numerator, denominator, 0.95).one()
    assert found.df == pytest.approx(min(welch))


def test_a_reader_is_told_what_an_unbounded_set_is() -> None:
    gain = "the gain of three sessions"
    assert Ratio(0.8, 0.42, 1.31, "interval", 20).words(gain) == "0.42 to 1.31"
    outside = Ratio(9.0, 0.41, 3.12, "outside", 20)
    assert outside.words(gain) == (
        "everything but 0.4 to 3.1: the gain of three sessions is itself not shown"
    )
    assert outside.limits == (-math.inf, math.inf)
    everything = Ratio(9.0, -math.inf, math.inf, "everything", 20)
    assert everything.words(gain) == "no bound: the gain of three sessions is itself not shown"
    assert Ratio(2.0, 0.7, math.inf, "at least", 20).words(gain).startswith("0.70 or more: ")
    assert Ratio(0.8, 0.42, 1.31, "interval", 20).note(gain) == ""


def test_limits_without_a_bound_survive_the_table(tmp_path: Path) -> None:
    given = {
        "study": "trial", "collection": "", "kind": "participants", "construct": "strength",
        "outcome": "press", "population": "adults", "estimand": "", "tier": "secondary",
        "at": "post", "scale": "share", "estimate": 0.5, "unit": "share", "method": "clda",
    }  # fmt: skip
    rows = [
        Estimate(contrast="a", ci_low=-math.inf, ci_high=math.inf, **given),  # type: ignore[arg-type]
        Estimate(contrast="b", ci_low=0.25, ci_high=math.inf, **given),  # type: ignore[arg-type]
        Estimate(contrast="c", **given),  # type: ignore[arg-type]
    ]
    write_table(estimates_table(rows), tmp_path / "estimates.csv")
    back = read_estimates(tmp_path / "estimates.csv")
    assert back["ci_low"].tolist()[:2] == [-math.inf, 0.25]
    assert back["ci_high"].tolist()[:2] == [math.inf, math.inf]
    assert back[["ci_low", "ci_high"]].isna().all(axis=1).tolist() == [False, False, True]
