"""On balanced data mixed models are classical tests: t, Welch, split-plot ANOVA, ANCOVA."""

from __future__ import annotations

import warnings

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from howlow.model import Inference, MixedModel, RandomTerm, Residual, contrast, fit_mixed


def test_two_limbs_a_person_is_the_paired_t_test():
    rng = np.random.default_rng(2)
    one, three = rng.normal(0, 3, 15) + rng.normal(size=(2, 15))
    y, person = np.r_[one, three], np.tile(np.arange(15), 2)
    X = np.column_stack([np.ones(30), np.repeat([0.0, 1.0], 15)])
    fit = fit_mixed(MixedModel(y, X, ("one", "gain"), [RandomTerm(np.ones(30), person)]))
    expected = stats.ttest_rel(three, one)
    for df in ("kenward-roger", "satterthwaite"):
        found = contrast(fit, [[0, 1]], df)
        assert found.t[0] == pytest.approx(expected.statistic, abs=1e-9)
        assert found.df[0] == pytest.approx(14, abs=1e-9 * 14)
        assert found.p[0] == pytest.approx(expected.pvalue, abs=1e-9)
        interval = expected.confidence_interval()
        assert found.low[0] == pytest.approx(interval.low, abs=1e-9)


def test_unequal_residual_variances_are_welchs_t_test():
    rng = np.random.default_rng(3)
    a, b = rng.normal(0, 1, 9), rng.normal(1, 3, 14)
    y, arm = np.r_[a, b], np.repeat([0.0, 1.0], [9, 14])
    X = np.column_stack([np.ones(23), arm])
    fit = fit_mixed(MixedModel(y, X, ("a", "b-a"), residual=Residual(by=arm)))
    expected = stats.ttest_ind(b, a, equal_var=False)
    for df in ("kenward-roger", "satterthwaite"):
        found = contrast(fit, [[0, 1]], df)
        assert found.t[0] == pytest.approx(expected.statistic, abs=1e-9)
        assert found.df[0] == pytest.approx(expected.df, rel=1e-9)
        assert found.p[0] == pytest.approx(expected.pvalue, abs=1e-9)


def test_ordinary_least_squares_is_ancova():
    rng = np.random.default_rng(4)
    pre, arm = rng.normal(100, 10, 24), np.repeat([0.0, 1.0], 12)
    post = 20 + 0.8 * pre + 3 * arm + rng.normal(0, 4, 24)
    X = np.column_stack([np.ones(24), pre, arm])
    fit = fit_mixed(MixedModel(post, X, ("i", "pre", "arm")))
    beta, rest, *_ = np.linalg.lstsq(X, post, rcond=None)
    cov = rest[0] / 21 * np.linalg.inv(X.T @ X)
    found = contrast(fit, np.eye(3))
    assert fit.beta == pytest.approx(beta, rel=1e-9)
    assert found.se == pytest.approx(np.sqrt(np.diag(cov)), rel=1e-9)
    assert found.df == pytest.approx([21] * 3, rel=1e-9)
    assert found.p == pytest.approx(2 * stats.t.sf(np.abs(beta / found.se), 21), abs=1e-9)


def split_plot(seed):
    rng = np.random.default_rng(seed)
    person, time = (g.ravel() for g in np.indices((24, 3)))
    group = person % 2
    y = rng.normal(0, 2, 24)[person] + 0.4 * time * group + rng.normal(size=72)
    return pd.DataFrame({"y": y, "person": person, "time": time, "group": group})


@pytest.mark.parametrize("seed", [1, 5])
@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite"])
def test_balanced_groups_and_visits_are_the_split_plot_analysis(df, seed):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pingouin

        frame = split_plot(seed)
        table = pingouin.mixed_anova(
            frame, dv="y", within="time", subject="person", between="group", correction=False
        ).set_index("Source")
    sum_coded = np.where(frame["group"] == 0, -1.0, 1.0)
    time = (frame["time"].to_numpy()[:, None] == [1, 2]).astype(float)
    time[frame["time"] == 0] = -1
    X = np.column_stack([np.ones(72), sum_coded, time, time * sum_coded[:, None]])
    names = ("i", "g", "t1", "t2", "gt1", "gt2")
    person = frame["person"].to_numpy()
    model = MixedModel(frame["y"], X, names, [RandomTerm(np.ones(72), person)])
    inference, rows = Inference(fit_mixed(model), df), np.eye(6)
    for source, chosen in (("group", [1]), ("time", [2, 3]), ("Interaction", [4, 5])):
        found, expected = inference.joint_test(rows[chosen]), table.loc[source]
        assert pytest.approx(expected["F"], rel=1e-9) == found.F
        assert found.df_denominator == pytest.approx(expected["DF2"], rel=1e-9)


def test_the_unstructured_model_of_two_complete_visits_is_the_change_score_test():
    rng = np.random.default_rng(6)
    pre = rng.normal(50, 8, 20)
    post = pre + rng.normal(2, 3, 20) + np.repeat([0.0, 2.0], 10)
    y, person = np.r_[pre, post], np.tile(np.arange(20), 2)
    visit, arm = np.repeat([0, 1], 20), np.tile(np.repeat([0.0, 1.0], 10), 2)
    X = np.column_stack([np.ones(40), visit, arm, visit * arm])
    residual = Residual("unstructured", visit=visit, subject=person)
    fit = fit_mixed(MixedModel(y, X, ("i", "post", "arm", "x"), residual=residual))
    change = post - pre
    expected = stats.ttest_ind(change[10:], change[:10])
    found = contrast(fit, [[0, 0, 0, 1]])
    assert found.t[0] == pytest.approx(expected.statistic, abs=1e-9)
    assert found.df[0] == pytest.approx(18, rel=1e-9)
