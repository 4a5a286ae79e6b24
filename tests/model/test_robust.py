"""CR0 and CR2 agree with clubSandwich, random-effects meta-regression with metafor."""

from __future__ import annotations

import numpy as np
import pytest
from oracle_models import fitted, model, record, records

from howlow.model import (
    ModelError,
    RandomTerm,
    Residual,
    contrast,
    fit_mixed,
    robust_contrast,
)
from howlow.model.specification import MixedModel


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_cluster_robust_errors_and_df_agree_with_clubsandwich(kind):
    fit, frame, expected = fitted("sv_legext"), model("sv_legext")[2], record(f"cr_{kind}")
    found = robust_contrast(fit, np.eye(10), frame["participant"].to_numpy(), kind)
    assert np.max(np.abs(found.se / expected["se"] - 1)) < 1e-5
    assert np.max(np.abs(found.df / expected["df"] - 1)) < 1e-4


def test_clusters_within_a_participant_are_refused():
    frame = model("sv_legext")[2]
    with pytest.raises(ModelError, match="wider cluster"):
        robust_contrast(fitted("sv_legext"), np.eye(10), frame["limb"].to_numpy())


def random_effects_meta():
    expected = records()["meta_z"]
    y, v = np.array(expected["yi"]), np.array(expected["vi"])
    one = np.ones(len(y))
    term = RandomTerm(one, np.arange(len(y)), label="trial")
    return MixedModel(y, one[:, None], ("mean",), [term], Residual("known"), 1 / v), expected


def test_random_effects_meta_analysis_agrees_with_metafor():
    meta, expected = random_effects_meta()
    fit = fit_mixed(meta)
    ((_, _, tau),) = fit.matrices()[1:]
    assert tau[0, 0] == pytest.approx(expected["tau2"], rel=1e-6)
    assert fit.beta[0] == pytest.approx(expected["est"], abs=1e-6)
    found = contrast(fit, [[1.0]], df="infinite")
    assert found.se[0] == pytest.approx(expected["se"], rel=1e-6)
    assert [found.low[0], found.high[0]] == pytest.approx(expected["ci"], abs=1e-6)


def test_weights_scale_the_residual_variance():
    """Rows repeated with weight one half carry the mean of the pair: WLS by hand."""
    rng = np.random.default_rng(1)
    x, y, w = rng.normal(size=20), rng.normal(size=20), rng.uniform(0.5, 2, 20)
    X = np.column_stack([np.ones(20), x])
    fit = fit_mixed(MixedModel(y, X, ("a", "b"), weights=w))
    beta = np.linalg.solve(X.T @ (w[:, None] * X), X.T @ (w * y))
    assert fit.beta == pytest.approx(beta, abs=1e-10)
    s2 = (w * (y - X @ beta) ** 2).sum() / 18
    assert fit.psi[0] == pytest.approx(s2, rel=1e-9)


def test_trials_that_agree_have_no_variance_between_them():
    y, v, one = np.array([0.10, 0.12, 0.09, 0.11, 0.10]), np.full(5, 0.04), np.ones(5)
    term = RandomTerm(one, np.arange(5), label="trial")
    fit = fit_mixed(MixedModel(y, one[:, None], ("m",), [term], Residual("known"), 1 / v))
    assert fit.boundary_terms == ("trial",)
    known = contrast(fit, [[1.0]], df="satterthwaite")
    normal = contrast(fit, [[1.0]], df="infinite")
    assert known.df[0] == np.inf
    assert known.p == pytest.approx(normal.p, rel=1e-12)
    assert normal.se[0] == pytest.approx(np.sqrt(0.04 / 5), rel=1e-9)
    assert contrast(fit, [[1.0]]).df[0] == pytest.approx(4, rel=1e-9)
