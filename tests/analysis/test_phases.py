"""Losses in disuse and what comes back, from one model of all visits."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from small_trials import analysed, cohort_of_wide, trial_of

from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.questions.phases import phase_rows

PHASES = {"pre": "baseline", "week_6": "disuse", "week_12": "disuse", "week_18": "recovery"}
ARMS = ("exercise", "control")


@pytest.fixture(scope="module")
def wide() -> np.ndarray:
    """People by visits: before, twice in disuse, after recovery; every other one exercises."""
    rng = np.random.default_rng(11)
    steps = np.array([[0.0, -2, -4, -1], [0.0, -6, -10, -4]])[np.arange(24) % 2]
    return 80 + rng.normal(0, 9, (24, 1)) + steps + rng.normal(0, 2, (24, 4))


def rows_of(
    wide: np.ndarray,
    at: tuple[str, ...] = ("week_12", "week_18"),
    phases: dict[str, str] = PHASES,
    randomised: str = "yes",
) -> dict[tuple[str, str, str], Estimate]:
    cohort = cohort_of_wide(wide, np.arange(len(wide)) % 2, ARMS)
    outcome = trial_of(cohort).outcomes["press"].model_copy(update={"mdc": 5.0})
    subject, _, _ = analysed(
        cohort, at[0], outcomes={"press": outcome}, phases=phases, randomised=randomised
    )
    subject = replace(subject, trial=replace(subject.trial, at=at))
    return {(row.contrast, row.at, row.scale): row for row in phase_rows(subject)}


def test_changes_of_groups_are_those_of_the_t_test(wide: np.ndarray) -> None:
    rows = rows_of(wide, randomised="no")
    change = wide[:, 3] - wide[:, 2]
    one, other = change[::2], change[1::2]
    found = rows["exercise - control", "week_18 - week_12", "raw"]
    expected = stats.ttest_ind(one, other)
    assert found.estimate == pytest.approx(one.mean() - other.mean())
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    low, high = expected.confidence_interval(0.95)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), rel=1e-6)
    assert "association" in found.estimand
    pooled = np.sqrt((one.var(ddof=1) + other.var(ddof=1)) / 2 / 12)
    loss = rows["mean(control)", "week_18 - week_12", "raw"]
    assert (loss.estimate, loss.se) == pytest.approx((other.mean(), pooled), rel=1e-6)


def test_a_log_ratio_has_the_delta_method_s_error(wide: np.ndarray) -> None:
    rows = rows_of(wide, randomised="no")
    residual = np.concatenate([part - part.mean(axis=0) for part in (wide[::2], wide[1::2])])
    covariance = residual.T @ residual / 22 / 12
    means = wide[1::2].mean(axis=0)
    gradient = np.array([-1 / means[0], 0, 1 / means[2], 0])
    found = rows["mean(control)", "week_12 - pre", "log_ratio"]
    assert found.estimate == pytest.approx(np.log(means[2] / means[0]), rel=1e-6)
    assert found.se == pytest.approx(np.sqrt(gradient @ covariance @ gradient), rel=1e-6)


def test_the_share_that_came_back_has_limits_at_which_it_just_differs(wide: np.ndarray) -> None:
    rows = rows_of(wide, randomised="no")
    found = rows["recovery_fraction(control)", "week_18 - week_12", "share"]
    means = wide[1::2].mean(axis=0)
    assert found.estimate == pytest.approx((means[3] - means[2]) / (means[0] - means[2]), rel=1e-6)
    residual = np.concatenate([part - part.mean(axis=0) for part in (wide[::2], wide[1::2])])
    covariance = residual.T @ residual / 22 / 12
    for limit in (found.ci_low, found.ci_high):
        weights = np.array([-limit, 0, -1 + limit, 1])
        t = weights @ means / np.sqrt(weights @ covariance @ weights)
        assert abs(t) == pytest.approx(stats.t.ppf(0.975, 22), rel=1e-5)


def test_an_unshown_loss_leaves_the_share_without_a_bound() -> None:
    rng = np.random.default_rng(3)
    wide = 80 + rng.normal(0, 9, (24, 1)) + rng.normal(0, 2, (24, 4))
    # The control arm (every other person) lost a little on average, far within its error.
    wide[:, 2] -= wide[1::2, 2].mean() - wide[:, 0].mean() + 2.0
    found = rows_of(wide)["recovery_fraction(control)", "week_18 - week_12", "share"]
    assert np.isinf([found.ci_low, found.ci_high]).any()
    assert "the loss is itself not shown" in found.note


def test_arms_of_chance_share_their_mean_before(wide: np.ndarray) -> None:
    rows = rows_of(wide)
    shift = [
        rows[f"mean({arm})", "week_18 - pre", "raw"].estimate
        - rows[f"mean({arm})", "week_18 - week_12", "raw"].estimate
        - rows[f"mean({arm})", "week_12 - pre", "raw"].estimate
        for arm in ARMS
    ]
    assert shift == pytest.approx([0, 0], abs=1e-9)


def test_no_change_within_an_arm_has_a_p_value(wide: np.ndarray) -> None:
    rows = rows_of(wide)
    assert all((row.p is None) == (row.contrast != "exercise - control") for row in rows.values())
    assert estimates_table(rows.values())["estimate_id"].is_unique


def test_a_loss_is_held_against_the_error_of_one_measurement(wide: np.ndarray) -> None:
    rows = rows_of(wide)
    assert "is beyond what" in rows["mean(control)", "week_12 - pre", "raw"].note
    assert "mean loss" in rows["mean(exercise)", "week_12 - pre", "raw"].note
    assert "is within what" in rows["mean(exercise)", "week_12 - pre", "raw"].note


def test_what_the_declared_contrasts_say_is_not_said_twice(wide: np.ndarray) -> None:
    twice = ("exercise - control", "week_12 - pre", "raw")
    assert twice not in rows_of(wide)
    assert twice in rows_of(wide, at=("week_18",))


def test_a_trial_without_disuse_has_no_such_rows(wide: np.ndarray) -> None:
    assert rows_of(wide, phases=dict.fromkeys(PHASES, "training")) == {}
    early = PHASES | {"week_6": "recovery", "week_18": "training"}
    assert rows_of(wide, phases=early) == {}


def test_an_arm_that_was_not_followed_up_is_left_out(wide: np.ndarray) -> None:
    wide = wide.copy()
    wide[::2, 3] = np.nan
    names = {contrast for contrast, _, _ in rows_of(wide, at=("week_12",))}
    assert names == {"mean(control)", "recovery_fraction(control)"}


def test_an_arm_that_lost_nothing_has_no_share_of_it(wide: np.ndarray) -> None:
    gained = wide + np.outer(np.arange(len(wide)) % 2 == 0, [0.0, 6, 12, 14])
    rows = rows_of(gained)
    key = "week_18 - week_12", "share"
    assert ("recovery_fraction(control)", *key) in rows
    assert ("recovery_fraction(exercise)", *key) not in rows
    # Each arm counts its own people.
    mean = rows["mean(control)", "week_12 - pre", "raw"]
    assert mean.n_participants == len(wide) // 2
