"""Prediction, simulation, influence, comparison, intervals and batches."""

from __future__ import annotations

import numpy as np
import pytest
from oracle_models import fitted, model

from howlow.model import (
    BatchInference,
    Inference,
    MixedModel,
    ModelError,
    RandomTerm,
    Residual,
    bootstrap_intervals,
    criteria,
    fit_batch,
    fit_mixed,
    leave_one_out,
    likelihood_ratio,
    predict_population,
    predict_rows,
    profile_interval,
    random_effects,
    scaled_residuals,
    simulate,
)
from howlow.model.marginal_covariance import covariance_of_rows


def test_blups_of_sleepstudy_are_those_lme4_prints():
    # lme4 vignette (Bates et al. 2015, JSS 67(1)): ranef(fm1)$Subject, rows 308 and 309
    (effects,) = random_effects(fitted("sleep_rs"))
    assert effects.levels[:2] == ("308", "309")
    assert effects.values[0] == pytest.approx([2.2585, 9.1990], abs=2e-4)
    assert effects.values[1] == pytest.approx([-40.3986, -8.6197], abs=2e-4)


def test_predictions_add_the_blups_to_the_population():
    fit = fitted("sleep_rs")
    (effects,) = random_effects(fit)
    (term,) = fit.model.random
    population = predict_population(fit, fit.model.X)
    own = (term.columns * effects.values[term.codes]).sum(axis=1)
    assert predict_rows(fit) == pytest.approx(population + own, abs=1e-8)


@pytest.mark.parametrize("name", ["sleep_rs", "orth_mmrm_us", "ipd_ri"])
def test_scaled_residuals_have_the_sum_of_squares_of_the_likelihood(name):
    fit = fitted(name)
    residual = fit.model.y - fit.model.X @ fit.beta
    V = covariance_of_rows(fit, np.arange(len(residual)))
    expected = residual @ np.linalg.solve(V, residual)
    assert np.sum(scaled_residuals(fit) ** 2) == pytest.approx(expected, rel=1e-9)


def test_simulated_responses_have_the_fitted_covariance():
    fit = fitted("orth_mmrm_us")
    drawn = simulate(fit, 20000, np.random.default_rng(1))
    rows = np.arange(4)
    expected = covariance_of_rows(fit, rows)
    found = np.cov(drawn[:, rows].T)
    assert np.max(np.abs(found - expected)) < 0.06 * expected.max()
    assert drawn.mean(axis=0) == pytest.approx(fit.model.X @ fit.beta, abs=0.1)


@pytest.mark.parametrize("name", ["sleep_rs", "crossover", "orth_mmrm_us", "penicillin"])
def test_a_batch_gives_what_single_fits_give(name):
    fit = fitted(name)
    responses = np.vstack([fit.model.y, simulate(fit, 4, np.random.default_rng(2))])
    batch = fit_batch(fit.model, responses)
    assert len(batch) == 5
    for number, y in enumerate(responses):
        one = fit_mixed(MixedModel(
            y, fit.model.X, fit.model.names, fit.model.random, fit.model.residual
        ))  # fmt: skip
        assert batch.loglik[number] == pytest.approx(one.loglik, abs=1e-8)
        assert batch.beta[number] == pytest.approx(one.beta, rel=1e-7, abs=1e-9)
        again = batch.fit(number)
        assert again.loglik == pytest.approx(one.loglik, abs=1e-8)
        assert again.cov == pytest.approx(one.cov, rel=1e-6, abs=1e-10)


def test_leaving_a_participant_out_is_fitting_the_others():
    spec, _, frame = model("crossover")
    found = leave_one_out(fitted("crossover"), frame["pid"].to_numpy())
    assert found.converged.all()
    kept = (frame["pid"] != "C3").to_numpy()
    alone = fit_mixed(MixedModel(
        spec.y[kept], spec.X[kept], spec.names,
        [RandomTerm(np.ones(kept.sum()), frame["pid"].to_numpy()[kept])],
    ))  # fmt: skip
    assert found.beta[found.participants.index("C3")] == pytest.approx(alone.beta, rel=1e-9)
    assert found.shift.shape == (12, 3)
    assert np.all(found.cook >= 0)


def test_a_participant_the_design_needs_gives_no_number():
    y, person = np.array([1.0, 2.0, 3.0, 5.0, 4.0, 7.0]), np.repeat([0, 1, 2], 2)
    X = np.column_stack([np.ones(6), person == 2])
    fit = fit_mixed(MixedModel(y, X, ("i", "only C"), [RandomTerm(np.ones(6), person)]))
    found = leave_one_out(fit, person)
    assert np.isnan(found.beta[2]).all()
    assert np.isfinite(found.beta[:2]).all()


def test_influence_keeps_the_visits_of_a_structure():
    spec, _, frame = model("orth_mmrm_us")
    found = leave_one_out(fitted("orth_mmrm_us"), frame["Subject"].to_numpy())
    assert found.converged.all()
    assert spec.residual.visit_levels is None


def test_profile_intervals_are_those_lme4_prints():
    # lme4 1.1 help page of confint.merMod, example fm1: .sig01, .sig03, .sigma
    fit = fit_mixed(model("sleep_rs")[0], reml=False)
    for row, term, low, high in (
        ("(Intercept)", "Subject", 14.3814, 37.7160),
        ("Days", "Subject", 3.8012, 8.7534),
        ("residual", "residual", 22.8983, 28.8580),
    ):
        found = profile_interval(fit, term, row)
        assert [found.low, found.high] == pytest.approx([low, high], rel=2e-4)


def test_the_profile_of_a_variance_on_its_boundary_starts_at_zero():
    found = profile_interval(fitted("dyestuff2"), "Batch", "(Intercept)")
    assert found.low == 0
    assert found.high > 0.5
    with pytest.raises(ModelError, match="no free standard deviation"):
        profile_interval(fitted("dyestuff2"), "Batch", "slope")


def test_bootstrap_intervals_hold_the_estimate():
    found = bootstrap_intervals(fitted("sleep_rs"), 400, np.random.default_rng(5))
    assert [interval.row for interval in found] == ["residual", "(Intercept)", "Days"]
    for interval in found:
        assert interval.low < interval.estimate < interval.high
    sigma = found[0]
    assert [sigma.low, sigma.high] == pytest.approx([22.8, 28.6], abs=0.6)


def test_likelihood_ratio_and_criteria_of_sleepstudy():
    large, small = (fitted(name, False) for name in ("sleep_rs", "sleep_ri"))
    found = likelihood_ratio(small, large)
    # lme4 anova(fm1, fm0): Chisq 42.139, Df 2, p 7.072e-10; AIC 1763.9 and 1802.1
    assert (found.statistic, found.df) == (pytest.approx(42.139, abs=1e-3), 2)
    assert found.p == pytest.approx(7.072e-10, rel=1e-3)
    assert criteria(large).aic == pytest.approx(1763.9, abs=0.05)
    assert criteria(small).aic == pytest.approx(1802.1, abs=0.05)
    assert criteria(large).bic == pytest.approx(1783.1, abs=0.05)


def test_comparisons_that_mean_nothing_are_refused():
    with pytest.raises(ModelError, match="maximum likelihood"):
        criteria(fitted("sleep_rs"))
    with pytest.raises(ModelError, match="one method"):
        likelihood_ratio(fitted("sleep_ri", False), fitted("sleep_rs"))
    with pytest.raises(ModelError, match="-2 more parameters"):
        likelihood_ratio(fitted("sleep_rs", False), fitted("sleep_ri", False))


def test_too_few_complete_participants_are_said_to_leave_no_maximum():
    rng = np.random.default_rng(7)
    person, visit = (g.ravel() for g in np.indices((7, 5)))
    y = rng.normal(size=7)[person] + rng.normal(size=35)
    kept = (visit < 4) | (person < 3)
    X = np.column_stack([np.ones(35)] + [visit == k for k in range(1, 5)]).astype(float)
    fit = fit_mixed(MixedModel(
        y[kept], X[kept], tuple("abcde"),
        residual=Residual("unstructured", visit=visit[kept], subject=person[kept]),
    ))  # fmt: skip
    assert not fit.converged
    assert "no maximum" in fit.messages[-1]


@pytest.mark.parametrize("df", ["kenward-roger", "satterthwaite", "infinite"])
@pytest.mark.parametrize("name", ["sleep_rs", "crossover", "orth_mmrm_us", "ipd_ri"])
def test_the_tests_of_a_batch_are_those_of_single_fits(name, df):
    fit = fitted(name)
    batch = fit_batch(fit.model, simulate(fit, 6, np.random.default_rng(3)))
    rows = np.eye(len(fit.beta))
    found = BatchInference(batch, df)
    contrasts, joint = found.contrast(rows), found.joint_test(rows[1:])
    for number in range(6):
        alone = Inference(batch.fit(number), df)
        one, test = alone.contrast(rows), alone.joint_test(rows[1:])
        for piece in ("estimate", "se", "t", "p", "low", "high"):
            values = getattr(contrasts, piece)[number]
            assert values == pytest.approx(getattr(one, piece), rel=1e-7, abs=1e-12)
        assert contrasts.df[number] == pytest.approx(one.df, rel=1e-7)
        assert joint.F[number] == pytest.approx(test.F, rel=1e-7)
        assert joint.p[number] == pytest.approx(test.p, rel=1e-6, abs=1e-12)
