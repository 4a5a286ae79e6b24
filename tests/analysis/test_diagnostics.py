"""Diagnostics: thresholds against other software, rates of false alarms, and what must be found."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from scipy import stats
from small_trials import analysed, cohort_of_wide, drawn

from howlow.analysis.fitting.longitudinal import Model, fit_cells, fit_model
from howlow.analysis.fitting.structures import AR1H
from howlow.analysis.primary import Fitted, judge_contrast
from howlow.analysis.robustness import thresholds
from howlow.analysis.robustness.diagnostics import DIAGNOSTIC_COLUMNS, diagnose
from howlow.analysis.robustness.influence import _largest_shift
from howlow.model import leave_one_out

ARMS = ("light", "heavy")


def flags(rows: list[dict]) -> set[str]:
    return {row["check"] for row in rows if row["flag"]}


def only(rows: list[dict], check: str) -> dict:
    (found,) = [row for row in rows if row["check"] == check]
    return found


@pytest.mark.parametrize("people", [10, 20, 60])
def test_the_largest_studentised_residual_keeps_its_rate_of_false_alarms(people: int) -> None:
    rng = np.random.default_rng(people)
    design = np.column_stack([np.arange(people) % 2, np.ones(people)]).astype(float)
    hat = design @ np.linalg.pinv(design)
    noise = rng.normal(size=(4000, people))
    away = noise - noise @ hat
    s = np.sqrt((away**2).sum(axis=1, keepdims=True) / (people - 2))
    largest = np.abs(away / (s * np.sqrt(1 - np.diagonal(hat)))).max(axis=1)
    rate = (largest > thresholds.largest_residual(people, people, 2)).mean()
    assert 0.03 < rate < 0.06


@pytest.mark.parametrize("values", [8, 15, 30])
def test_the_skewness_at_the_threshold_is_that_of_dagostinos_test(values: int) -> None:
    # Find a sample whose skewness scipy's test puts at P = 0.05 / 3, by stretching one tail.
    sample = stats.norm.ppf((np.arange(values) + 0.5) / values)
    low, high = 0.0, 5.0
    for _ in range(60):
        middle = (low + high) / 2
        stretched = np.exp(middle * sample)
        low, high = (middle, high) if stats.skewtest(stretched).pvalue > 0.05 / 3 else (low, middle)
    expected = stats.skew(np.exp(low * sample))
    assert thresholds.largest_skewness(values, 3) == pytest.approx(expected, rel=1e-6)


def test_the_ratio_of_spreads_is_fishers() -> None:
    found = thresholds.sd_ratio(10, 10)
    assert found == pytest.approx(np.sqrt(stats.f.ppf(0.975, 9, 9)))


def test_the_ratio_of_paired_spreads_is_pitmans() -> None:
    rng = np.random.default_rng(1)
    first = rng.normal(0, 2, 20)
    second = 0.5 * first + rng.normal(0, 1, 20)
    ratio, r = first.std() / second.std(), np.corrcoef(first, second)[0, 1]
    p = stats.pearsonr(first + second, first - second).pvalue
    assert (max(ratio, 1 / ratio) > thresholds.paired_sd_ratio(20, r)) == (p < 0.05)
    # At the threshold itself P is 0.05: scale one of them until the ratio is just there.
    scaled = second * ratio / thresholds.paired_sd_ratio(20, r)
    p = stats.pearsonr(first + scaled, first - scaled).pvalue
    assert p == pytest.approx(0.05, rel=1e-6)


def test_variances_that_are_right_stay_within_their_bounds() -> None:
    rng = np.random.default_rng(2)
    ratio = rng.chisquare(12, (4000, 3)) / 12
    largest = np.maximum(ratio, 1 / ratio).max(axis=1)
    assert (largest > thresholds.largest_variance_ratio(12, 3)).mean() < 0.05


def test_the_shift_is_bounded_as_in_an_analysis_of_covariance() -> None:
    cohort = drawn(np.random.default_rng(3), people=20, visits=2)
    _, card, primary = analysed(cohort)
    wide = cohort.values[0].reshape(20, 2)
    design = np.column_stack([cohort.arm[::2] == 0, np.ones(20), wide[:, 0]]).astype(float)
    influence = sm.OLS(wide[:, 1], design).fit().get_influence()
    # DFBETAS with the scale of all is leverage times the studentised residual.
    leverage = (influence.dfbeta[:, 0] / influence.resid_studentized_internal) / np.sqrt(
        sm.OLS(wide[:, 1], design).fit().cov_params()[0, 0]
    )
    bound = np.abs(leverage).max() * thresholds.largest_residual(20, 20, 3)
    assert _largest_shift(card, primary, ()) == pytest.approx(bound, rel=1e-9)


def test_sound_trials_are_seldom_flagged() -> None:
    rng, found = np.random.default_rng(4), Counter()
    for _ in range(25):
        found.update(flags(diagnose(*analysed(drawn(rng, people=16, visits=3, missed=0.1)))))
    # With a rate of 1 in 20, six or more of 25 happen once in 800 times.
    assert all(number <= 5 for number in found.values()), found


def test_the_shift_without_each_participant_is_that_of_the_engine() -> None:
    subject, card, primary = analysed(drawn(np.random.default_rng(5), people=24, lost=0.2))
    batch, cells = fit_cells(primary.fitted.cohort, primary.fitted.model)
    fit = batch.fit(0)
    beta = leave_one_out(fit, primary.fitted.cohort.participant).beta
    first, second = (cells[arm, "week_18"] for arm in ARMS)
    shift = np.abs(fit.beta[first] - fit.beta[second] - beta[:, first] + beta[:, second])
    expected = shift.max() / primary.value.se[0, 0]
    row = only(diagnose(subject, card, primary), "leave one out: shift")
    assert row["value"] == pytest.approx(expected, rel=1e-6)


def test_a_slip_of_the_pen_is_found_where_it_is() -> None:
    cohort = drawn(np.random.default_rng(6), people=30)
    values = cohort.values.copy()
    row = np.flatnonzero((cohort.participant == 7) & (cohort.visit == 2))
    values[0, row] += 90
    rows = diagnose(*analysed(cohort.with_values(values)))
    (worst,) = [row for row in rows if row["check"] == "largest residual" and row["flag"]]
    assert (worst["at"], worst["arm"]) == ("week_12", cohort.arms[cohort.arm[row[0]]])
    assert "skewness of residuals" in flags(rows)


def test_one_person_who_decides_the_verdict_is_found() -> None:
    rng = np.random.default_rng(7)
    # Everybody gains the same, but for one: with that person the arms may differ by anything.
    wide = rng.normal(100, 10, 24)[:, None] + rng.normal(0, 1, (24, 2))
    arm = np.arange(24) % 2
    wide[0, 1] += 60
    rows = diagnose(*analysed(cohort_of_wide(wide, arm, ARMS)))
    assert {"leave one out: shift", "leave one out: verdict"} <= flags(rows)
    assert only(rows, "leave one out: verdict")["value"] >= 1
    assert "hangs on" in only(rows, "leave one out: verdict")["words"]


def test_arms_that_spread_unlike_each_other_are_found() -> None:
    rng = np.random.default_rng(8)
    arm = np.arange(40) % 2
    spread = np.where(arm == 0, 12.0, 3.0)
    wide = rng.normal(100, 10, 40)[:, None] + rng.normal(0, 1, (40, 2)) * spread[:, None]
    row = only(diagnose(*analysed(cohort_of_wide(wide, arm, ARMS))), "unequal variances")
    change = wide[:, 1] - wide[:, 0]
    assert row["value"] == pytest.approx(
        change[arm == 0].std(ddof=1) / change[arm == 1].std(ddof=1)
    )
    assert row["flag"]
    assert "in Light as in Heavy" in row["words"]


def test_a_covariance_that_does_not_hold_is_found() -> None:
    rng = np.random.default_rng(9)
    # A level of each person's own, and little noise: correlations do not fade with time.
    wide = rng.normal(100, 10, 60)[:, None] + rng.normal(0, 3, (60, 4))
    cohort = cohort_of_wide(wide, np.arange(60) % 2, ARMS)
    subject, card, primary = analysed(cohort)
    assert "fitted covariance" not in flags(diagnose(subject, card, primary))
    faded = Model(AR1H)
    fitted = Fitted(
        cohort, replace(primary.fitted.choice, structure=AR1H), faded, fit_model(cohort, faded)
    )
    rows = diagnose(subject, card, judge_contrast(fitted, card))
    assert only(rows, "fitted covariance")["value"] > 1.5


def test_how_the_maximisation_ended_is_told() -> None:
    rng = np.random.default_rng(10)
    wide = rng.normal(100, 10, 40)[:, None] + rng.normal(0, 4, (40, 3))
    subject, card, primary = analysed(cohort_of_wide(wide, np.arange(40) % 2, ARMS))
    rows = diagnose(subject, card, primary)
    assert only(rows, "converged")["value"] == 1
    assert only(rows, "gradient")["value"] < 1e-3
    assert not {"converged", "gradient", "boundary"} & flags(rows)


def test_a_likelihood_without_a_maximum_is_told() -> None:
    cohort = drawn(np.random.default_rng(11), people=20, visits=3)
    subject, card, primary = analysed(cohort)
    values = cohort.values.reshape(20, 3).copy()
    # The last visit repeats the first: their difference has no variance at all.
    values[:, 2] = values[:, 0] + 5
    again = cohort.with_values(values.reshape(1, -1))
    fitted = replace(primary.fitted, cohort=again, fit=fit_model(again, primary.fitted.model))
    rows = diagnose(subject, card, replace(primary, fitted=fitted))
    assert {"converged", "boundary"} <= flags(rows)
    assert "no maximum" in only(rows, "converged")["words"]


def test_of_a_printed_trial_only_the_spreads_are_compared() -> None:
    rows = diagnose(*analysed(drawn(np.random.default_rng(11), visits=2), kind="summary"))
    assert [row["check"] for row in rows] == ["unequal variances"]


def test_limbs_of_the_same_people_are_compared_as_pairs() -> None:
    rng = np.random.default_rng(12)
    person, limb, visit = (axis.ravel() for axis in np.indices((16, 2, 2)))
    values = 50 + rng.normal(0, 5, 16)[person] + rng.normal(0, 2, len(person)) + 3 * visit
    cohort = drawn(rng, people=16, visits=2)
    cohort = replace(
        cohort, participant=person, limb=limb, arm=limb, visit=visit, values=values[None]
    )
    rows = diagnose(*analysed(cohort, design="within_participant"))
    checks = {row["check"] for row in rows}
    assert {"unequal variances", "largest residual", "leave one out: shift", "boundary"} <= checks
    assert only(rows, "leave one out: shift")["threshold"] > 0


def test_rows_have_the_columns_of_the_table_and_name_no_one() -> None:
    rows = diagnose(*analysed(drawn(np.random.default_rng(13), lost=0.2)))
    assert all(tuple(row) == DIAGNOSTIC_COLUMNS for row in rows)
    assert not any("{" in row["words"] for row in rows)
