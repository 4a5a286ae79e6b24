"""Drop-out: reference-based assumptions against closed forms, and the tipping point against GLS."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm
from small_trials import analysed, cohort_of_wide, drawn

from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.longitudinal import Model, fit_cells, fit_model, mean_design
from howlow.analysis.fitting.structures import AR1H, RANDOM_SLOPE, UNSTRUCTURED
from howlow.analysis.robustness.conditional_means import complete, over_visits
from howlow.analysis.robustness.leaving_out import jackknife_variance, leave_each_out
from howlow.analysis.robustness.missing import MISSING_COLUMNS, missing_rows, tipping_table
from howlow.analysis.robustness.reference_based import STRATEGIES, estimate_strategies
from howlow.analysis.robustness.tipping import Shift, pulls
from howlow.model import leave_one_out

ARMS = ("light", "heavy")
MODEL = Model(UNSTRUCTURED)


def wide_of(cohort: Cohort) -> tuple[np.ndarray, np.ndarray]:
    """Values of people by visits, NaN where unseen, and the arm of each person."""
    wide = np.full((len(cohort.people), len(cohort.visits)), np.nan)
    wide[cohort.participant, cohort.visit] = cohort.values[0]
    arm = np.zeros(len(wide), dtype=int)
    arm[cohort.participant] = cohort.arm
    return wide, arm


def ancova(pre: np.ndarray, post: np.ndarray, arm: np.ndarray) -> float:
    """Difference of arm 0 to arm 1 by statsmodels."""
    design = np.column_stack([arm == 0, np.ones(len(arm)), pre]).astype(float)
    return float(sm.OLS(post, design).fit().params[0])


def test_with_nothing_missing_every_assumption_is_the_analysis_of_covariance() -> None:
    cohort = drawn(np.random.default_rng(1), people=24)
    found, converged = estimate_strategies(cohort, MODEL, ARMS, "week_18")
    wide, arm = wide_of(cohort)
    assert converged
    assert found[0] == pytest.approx([ancova(wide[:, 0], wide[:, 3], arm)] * 4, rel=1e-9)


def test_jump_to_reference_puts_drop_outs_on_the_line_of_the_reference() -> None:
    cohort = drawn(np.random.default_rng(2), people=30, visits=2, lost=0.4)
    wide, arm = wide_of(cohort)
    pre, post = wide.T
    seen = ~np.isnan(post)
    assert 0 < (~seen & (arm == 0)).sum() < 15
    design = np.column_stack([arm == 0, arm == 1, pre]).astype(float)
    lines = np.linalg.lstsq(design[seen], post[seen], rcond=None)[0]
    filled = np.where(seen, post, lines[1] + lines[2] * pre)
    found, _ = estimate_strategies(cohort, MODEL, ARMS, "week_6")
    by_name = dict(zip(STRATEGIES, found[0], strict=True))
    assert by_name["j2r"] == pytest.approx(ancova(pre, filled, arm), rel=1e-6)
    # Nobody who dropped out was seen after the start, so that nothing had been gained.
    assert by_name["cr"] == pytest.approx(by_name["j2r"], rel=1e-6)
    assert by_name["cir"] == pytest.approx(by_name["j2r"], rel=1e-6)
    own = np.where(seen, post, design @ lines)
    assert by_name["mar"] == pytest.approx(ancova(pre, own, arm), rel=1e-6)


def test_under_missing_at_random_the_completed_data_give_the_estimate_of_the_mixed_model() -> None:
    cohort = drawn(np.random.default_rng(3), people=40, lost=0.3, missed=0.1)
    fit = fit_model(cohort, MODEL)
    main = fit.combine(fit.contrast(*ARMS, "week_18")).one()
    found, _ = estimate_strategies(cohort, MODEL, ARMS, "week_18")
    assert found[0, 0] == pytest.approx(main.estimate, rel=1e-6)


def test_three_visits_follow_the_definitions_of_carpenter_roger_and_kenward() -> None:
    cohort = drawn(np.random.default_rng(4), people=40, visits=3, lost=0.5)
    batch, cells = fit_cells(cohort, MODEL)
    V = batch.fit(0).matrices()[0][2]
    own, other = (
        np.array([batch.beta[0, cells[arm, visit]] for visit in cohort.visits]) for arm in ARMS
    )
    wide, arm = wide_of(cohort)
    for i, row in enumerate(wide):
        mean = own if arm[i] == 0 else other
        seen = ~np.isnan(row)
        last = np.flatnonzero(seen)[-1]
        if arm[i] == 0:
            # Copy increments in reference.
            mean = np.where(np.arange(3) <= last, own, own[last] + other - other[last])
        gap = V[np.ix_(~seen, seen)] @ np.linalg.solve(
            V[np.ix_(seen, seen)], row[seen] - mean[seen]
        )
        wide[i, ~seen] = mean[~seen] + gap
    found, _ = estimate_strategies(cohort, MODEL, ARMS, "week_12")
    expected = ancova(wide[:, 0], wide[:, 2], arm)
    assert found[0, list(STRATEGIES).index("cir")] == pytest.approx(expected, rel=1e-8)


def test_drop_outs_who_jump_to_the_reference_dilute_the_true_difference_by_their_share() -> None:
    rng = np.random.default_rng(5)
    pattern = drawn(rng, people=40, visits=2, lost=0.4)
    level = rng.normal(100, 10, (400, 40))
    noise = rng.normal(0, 5, (400, len(pattern.visit)))
    effect = np.where((pattern.arm == 0) & (pattern.visit == 1), 8.0, 0.0)
    cohort = pattern.with_values(level[:, pattern.participant] + noise + effect)
    found, _ = estimate_strategies(cohort, MODEL, ARMS, "week_6")
    light = pattern.of_arms(("light",))
    stayed = light.complete(("week_6",)).mean()
    truth = {"mar": 8.0, "j2r": 8.0 * stayed, "cr": 8.0 * stayed, "cir": 8.0 * stayed}
    error = found.std(axis=0) / np.sqrt(400)
    assert np.all(np.abs(found.mean(axis=0) - list(truth.values())) < 3.5 * error)


def test_the_jackknife_tells_how_the_estimate_varies_between_trials() -> None:
    rng = np.random.default_rng(6)
    pattern = drawn(rng, people=60, visits=2, lost=0.3)
    level = rng.normal(100, 10, (400, 60))
    values = level[:, pattern.participant] + rng.normal(0, 5, (400, len(pattern.visit)))
    # Without a true difference the number of drop-outs does not matter to the estimate.
    found, _ = estimate_strategies(pattern.with_values(values), MODEL, ARMS, "week_6")
    errors = [
        [row.se for row in missing_rows(*analysed(pattern.with_values(values[number])))]
        for number in range(10)
    ]
    ratio = np.sqrt(np.square(errors).mean(axis=0)) / found.std(axis=0)
    assert ratio == pytest.approx(np.ones(4), abs=0.15)
    # Who jumps to the reference borrows from it: the estimate varies less.
    assert found[:, 1].std() < found[:, 0].std()


def test_leaving_out_in_batches_gives_what_leaving_out_one_by_one_gives() -> None:
    cohort = drawn(np.random.default_rng(7), people=24, visits=3, lost=0.3, missed=0.1)
    batch, _ = fit_cells(cohort, MODEL)
    one_by_one = leave_one_out(batch.fit(0), cohort.participant)
    seen = 0
    for rest in leave_each_out(cohort):
        again, _ = fit_cells(rest.cohort, MODEL)
        places = [one_by_one.participants.index(str(number)) for number in rest.left_out]
        assert again.beta == pytest.approx(one_by_one.beta[places], rel=1e-6)
        seen += len(places)
    assert seen == 24


def test_the_jackknife_variance_of_a_mean_is_the_usual_one() -> None:
    values = np.array([3.0, 5, 9, 4, 7])
    without = (values.sum() - values) / 4
    assert jackknife_variance(without[:, None])[0] == pytest.approx(values.var(ddof=1) / 5)


@pytest.mark.parametrize("structure", [UNSTRUCTURED, RANDOM_SLOPE, AR1H])
def test_the_covariance_over_visits_is_the_one_that_was_fitted(structure) -> None:
    cohort = drawn(np.random.default_rng(8), people=40, missed=0.05)
    batch, _ = fit_cells(cohort, Model(structure))
    parts = batch.fit(0).matrices()
    expected = parts[0][2]
    if structure is RANDOM_SLOPE:
        Z = np.column_stack([np.ones(4), np.arange(4) / 3])
        expected = parts[0][2][0, 0] * np.eye(4) + Z @ parts[1][2] @ Z.T
    assert over_visits(batch, cohort, structure)[0] == pytest.approx(expected, rel=1e-9)


def test_a_shift_of_the_unseen_moves_the_contrast_by_delta_times_their_share() -> None:
    subject, card, primary = analysed(
        drawn(np.random.default_rng(9), people=30, lost=0.4, missed=0.1)
    )
    completed = complete(primary.fitted.cohort, MODEL)
    unseen = ~completed.seen[:, 3] & (completed.arm == 0)
    shifted = completed.values[0].copy()
    shifted[unseen, 3] += 7.0
    # Generalised least squares of the completed and shifted data, by hand.
    design, _, cells = mean_design(completed.cohort, MODEL)
    inverse = np.kron(np.eye(30), np.linalg.inv(completed.covariance[0]))
    beta = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ shifted.ravel())
    expected = beta[cells["light", "week_18"]] - beta[cells["heavy", "week_18"]]
    shift = Shift(subject, card, primary, {"light": 1.0}, pulls(primary, card))
    found = shift.at(np.array([7.0]))[0][0]
    assert found == pytest.approx(expected, abs=1e-6)
    assert found - primary.value.estimate[0, 0] == pytest.approx(7 * unseen.sum() / 15)


def test_the_standard_error_of_a_shifted_contrast_is_near_the_jackknifes() -> None:
    wide, arm = wide_of(drawn(np.random.default_rng(10), people=60, visits=3))
    # Who did badly at week 6 is not seen at week 12, so that share and estimate go together.
    wide[wide[:, 1] < np.quantile(wide[:, 1], 0.35), 2] = np.nan
    cohort = cohort_of_wide(wide, arm, ARMS)
    subject, card, primary = analysed(cohort)
    delta = np.array([-25.0, 0.0, 25.0])
    _, low, high, _ = Shift(subject, card, primary, {"light": 1.0}, pulls(primary, card)).at(delta)
    without = []
    for rest in leave_each_out(cohort):
        fit = fit_model(rest.cohort, MODEL)
        light = rest.cohort.of_arms(("light",))
        unseen = 1 - light.complete(("week_12",)).mean()
        main = fit.combine(fit.contrast(*ARMS, "week_12")).estimate
        without.append(main + delta * unseen)
    expected = np.sqrt(jackknife_variance(np.concatenate(without)))
    ratio = (high - low) / (high - low)[1] * primary.value.se[0, 0] / expected
    assert ratio == pytest.approx([1, 1, 1], abs=0.1)


def test_the_tipping_point_is_where_the_verdict_changes() -> None:
    subject, card, primary = analysed(drawn(np.random.default_rng(1), people=60, lost=0.25))
    table = tipping_table(subject, card, primary)
    assert all(tuple(row) == MISSING_COLUMNS for row in table)
    tips = [row for row in table if row["tipping"]]
    assert {row["shifted_arm"] for row in tips} == {"light", "heavy", "light against heavy"}
    for row in tips:
        ways = {"light": 1.0, "heavy": -1.0}
        if " against " not in row["shifted_arm"]:
            ways = {row["shifted_arm"]: 1.0}
        at = Shift(subject, card, primary, ways, pulls(primary, card)).at
        just_before, just_there = at(row["delta"] * np.array([0.999, 1.0]))[3]
        assert just_before == primary.verdict[0]
        assert just_there == row["verdict"] != primary.verdict[0]
        assert f"{abs(row['delta']):.3g} kg" in row["words"]
        assert f"“{primary.verdict[0]}” to “{row['verdict']}”" in row["words"]
        assert row["delta_pct"] == pytest.approx(100 * row["delta"] / subject.baseline)
    unseen = sum(np.isnan(wide_of(primary.fitted.cohort)[0][:, 3]))
    both = [row for row in table if row["shifted_arm"] == "light against heavy"]
    assert both[0]["unseen"] == unseen
    assert both[0]["people"] == 60


def test_no_shift_gives_the_main_analysis_back() -> None:
    subject, card, primary = analysed(drawn(np.random.default_rng(11), people=40, lost=0.3))
    rows = [row for row in tipping_table(subject, card, primary) if row["delta"] == 0]
    assert len(rows) == 3
    for row in rows:
        assert row["estimate"] == pytest.approx(primary.value.estimate[0, 0])
        assert (row["ci_low"], row["ci_high"]) == pytest.approx((primary.low[0], primary.high[0]))
        assert row["verdict"] == primary.verdict[0]


def test_where_everybody_was_seen_there_is_nothing_to_tip() -> None:
    subject, card, primary = analysed(drawn(np.random.default_rng(12)))
    table = tipping_table(subject, card, primary)
    assert [row["words"] for row in table] == [
        "Everybody in Light was seen at week 18: there is nothing to tip.",
        "Everybody in Heavy was seen at week 18: there is nothing to tip.",
    ]
    assert not any(row["tipping"] for row in table)
    assert list(missing_rows(subject, card, primary)) == []


def test_printed_trials_have_no_drop_outs_to_shift() -> None:
    subject, card, primary = analysed(drawn(np.random.default_rng(13), lost=0.3), kind="summary")
    assert tipping_table(subject, card, primary) == []
    assert list(missing_rows(subject, card, primary)) == []


def test_groups_that_chance_did_not_make_have_no_reference_to_follow() -> None:
    cohort = drawn(np.random.default_rng(14), people=40, lost=0.3)
    subject, card, primary = analysed(cohort, randomised="no")
    assert list(missing_rows(subject, card, primary)) == []
    assert any(row["tipping"] for row in tipping_table(subject, card, primary))


def test_limbs_that_were_not_seen_are_counted_as_limbs() -> None:
    rng = np.random.default_rng(15)
    n = 14
    person, limb, visit = (axis.ravel() for axis in np.indices((n, 2, 2)))
    values = 50 + rng.normal(0, 5, n)[person] + rng.normal(0, 2, len(person)) + 3 * visit
    whole = Cohort(
        ARMS, ("pre", "week_6"), np.array([0.0, 6]), person, limb, limb, visit, values[None]
    )
    gone = ((person == 3) & (visit == 1)) | ((person == 5) & (visit == 1) & (limb == 0))
    subject, card, primary = analysed(whole.keep(~gone), design="within_participant")
    table = tipping_table(subject, card, primary)
    light = [row for row in table if row["shifted_arm"] == "light"]
    assert {(row["unseen"], row["people"]) for row in light} == {(2, 14)}
    assert list(missing_rows(subject, card, primary)) == []
    # Both limbs of one person are missing together: shifts the same way then cancel out.
    both = Shift(subject, card, primary, {"light": 1.0, "heavy": 1.0}, np.zeros(n))
    assert both.slope[0] == pytest.approx(1 / 14)
    assert both.slope[1] == pytest.approx(np.var([1 / 14] + [0] * 13, ddof=1) * 14)


def test_sensitivity_rows_say_what_they_assume_and_are_judged_like_the_main_one() -> None:
    subject, card, primary = analysed(drawn(np.random.default_rng(16), people=40, lost=0.3))
    rows = list(missing_rows(subject, card, primary))
    assert [row.method for row in rows] == [f"reference-{name}" for name in STRATEGIES]
    assert {row.tier for row in rows} == {"sensitivity"}
    assert all(row.verdict and row.margin == 5 and row.converged for row in rows)
    assert "jump to the mean of Heavy" in rows[1].estimand
    assert len({row.estimate_id for row in rows}) == 4


def test_covariates_enter_the_imputation_and_the_analysis() -> None:
    cohort = drawn(np.random.default_rng(17), people=30, visits=2)
    age = np.random.default_rng(18).normal(60, 5, 30)
    cohort = replace(cohort, covariates={"age": age})
    found, _ = estimate_strategies(cohort, replace(MODEL, covariates=("age",)), ARMS, "week_6")
    wide, arm = wide_of(cohort)
    design = np.column_stack([arm == 0, np.ones(30), wide[:, 0], age]).astype(float)
    assert found[0, 0] == pytest.approx(sm.OLS(wide[:, 1], design).fit().params[0], rel=1e-9)
