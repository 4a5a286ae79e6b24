"""Pseudo individual data have the printed moments, exactly."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from howlow.data.published.pseudo import (
    correlation_from_sds,
    correlation_matrix,
    sd_from_p,
    standard_scores,
    with_moments,
)
from howlow.errors import DesignError

means = st.floats(-200, 500)
sds = st.floats(0.5, 100)


@given(
    n=st.integers(5, 400),
    mean=st.tuples(means, means, means, means),
    sd=st.tuples(sds, sds, sds, sds),
    r=st.floats(-0.95, 0.99),
    limbs=st.floats(-0.5, 0.95),
)
def test_moments_are_those_that_were_asked_for(n, mean, sd, r, limbs) -> None:
    correlation = correlation_matrix(r, limbs)
    values = with_moments(n, np.array(mean), np.array(sd), correlation)
    size = np.abs(mean).max() + np.max(sd)
    np.testing.assert_allclose(values.mean(axis=0), mean, rtol=0, atol=1e-12 * size)
    np.testing.assert_allclose(values.std(axis=0, ddof=1), sd, rtol=1e-12 * size / min(sd) + 1e-12)
    np.testing.assert_allclose(
        np.corrcoef(values.T), correlation, atol=1e-12 * size / min(sd) + 1e-12
    )


def test_printed_means_and_sds_come_back_to_1e_12() -> None:
    # Kikuchi et al. 2017: bench press 60.0 (12.1) before and 65.0 (12.1) kg after, n = 9.
    values = with_moments(
        9, np.array([60.0, 65.0]), np.array([12.1, 12.1]), correlation_matrix(0.89, None)
    )
    np.testing.assert_allclose(values.mean(axis=0), [60, 65], rtol=0, atol=1e-12)
    np.testing.assert_allclose(values.std(axis=0, ddof=1), [12.1, 12.1], rtol=0, atol=1e-12)
    assert np.corrcoef(values.T)[0, 1] == pytest.approx(0.89, abs=1e-12)


def test_the_same_call_gives_the_same_bits() -> None:
    assert (standard_scores(17, 3) == standard_scores(17, 3)).all()


def test_the_correlation_comes_back_from_three_sds() -> None:
    # var(post - pre) = 10² + 12² - 2 x 0.8 x 10 x 12 = 52, worked by hand.
    assert correlation_from_sds(10, 12, np.sqrt(52)) == pytest.approx(0.8, abs=1e-15)


def test_sds_that_cannot_be_are_refused() -> None:
    # A change cannot vary by more than the sum of both SDs: (100 + 100 - 500) / 200 = -1.5.
    with pytest.raises(DesignError, match=r"a correlation of -1\.50"):
        correlation_from_sds(10, 10, np.sqrt(500))


def test_three_columns_need_more_than_three_people() -> None:
    with pytest.raises(DesignError, match="3 participants cannot carry 3"):
        standard_scores(3, 3)


def test_an_exact_p_gives_the_sd_that_a_rounded_sem_hides() -> None:
    # Morton et al. 2016: +9 and +14 kg, n = 24 and 25, P = 0.012; t(47) = 2.613.
    sd = sd_from_p(5, 0.012, (24, 25))
    assert sd == pytest.approx(6.69, abs=0.01)
    from scipy.stats import ttest_ind_from_stats

    assert ttest_ind_from_stats(9, sd, 24, 14, sd, 25).pvalue == pytest.approx(0.012, rel=1e-9)
