"""Arms of unlike size keep variances of their own, by numbers that are fixed before fitting."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats
from small_trials import analysed, cohort_of_wide

from howlow.analysis.fitting.arm_sizes import unlike_numbers
from howlow.analysis.fitting.cohort import Cohort

ARMS = ("light", "heavy")


def trial(light: int, heavy: int, visits: int = 2, seed: int = 4) -> tuple[Cohort, np.ndarray]:
    """A cohort whose smaller arm varies twice as much, and its values, people by visits."""
    rng = np.random.default_rng(seed)
    arm = np.repeat([0, 1], [light, heavy])
    spread = np.where(arm == 0, 8.0, 4.0)[:, None]
    wide = 100 + rng.normal(0, 10, (len(arm), 1)) + rng.normal(0, 1, (len(arm), visits)) * spread
    return cohort_of_wide(wide, arm, ARMS), wide


def test_few_people_in_unlike_arms_are_compared_by_welchs_t_of_the_change() -> None:
    cohort, wide = trial(7, 14)
    subject, _, primary = analysed(cohort)
    assert subject.fit.method == "mmrm-unstructured-by-arm"
    change = wide[:, 1] - wide[:, 0]
    welch = stats.ttest_ind(change[:7], change[7:], equal_var=False)
    assert primary.value.estimate[0, 0] == pytest.approx(
        change[:7].mean() - change[7:].mean(), rel=1e-8
    )
    assert primary.value.df[0, 0] == pytest.approx(welch.df, rel=1e-6)
    assert primary.p[0] == pytest.approx(welch.pvalue, rel=1e-6)


def test_more_people_in_unlike_arms_share_their_baseline_mean_and_no_covariance() -> None:
    subject, _, _ = analysed(trial(12, 24)[0])
    assert subject.fit.method == "clda-unstructured-by-arm"


def test_arms_of_like_size_share_a_covariance_whatever_their_variances() -> None:
    subject, _, _ = analysed(trial(12, 12)[0])
    assert subject.fit.method == "clda-unstructured"


def test_fewer_visits_come_before_a_shared_covariance() -> None:
    cohort, _ = trial(12, 24, visits=7)
    subject, _, _ = analysed(cohort)
    assert subject.cohort.visits == (cohort.visits[0], cohort.visits[-1])
    assert subject.fit.method == "clda-unstructured-by-arm"


def test_only_arms_of_people_are_counted() -> None:
    cohort, _ = trial(7, 14)
    assert unlike_numbers(cohort)
    assert not unlike_numbers(replace(cohort, period=np.zeros_like(cohort.arm)))
    assert not unlike_numbers(cohort.of_arms(("light",)))
