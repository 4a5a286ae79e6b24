"""The engine gives what lmer, lmerTest, pbkrtest and mmrm gave on the reference models."""

from __future__ import annotations

import numpy as np
import pytest
from oracle_models import LMER, MMRM, REFERENCES, fitted, record, records

from howlow.model.effects import Inference

# mmrm's tight optimiser failed on these (MODELS.md): its own error is about 1e-4.
LOOSE = {"fev_ar1", "fev_csh", "fev_ar1h"}


def within(name, tight, loose=1e-3):
    return loose if name in LOOSE else tight


def eye(name):
    return np.eye(len(fitted(name).beta))


def coefficients(name):
    """Rows that put the fitted coefficients into the order of the record."""
    return np.eye(len(fitted(name).beta))[order(name)]


def order(name):
    """R puts every main effect before the interactions; so do the references."""
    return list(range(len(fitted(name).beta)))


@pytest.mark.parametrize("name", REFERENCES)
def test_the_restricted_likelihood_and_the_estimates_agree(name):
    fit, expected = fitted(name), record(name)
    assert fit.converged
    assert fit.loglik == pytest.approx(expected["reml_loglik"][0], abs=within(name, 1e-6))
    assert np.max(np.abs(fit.beta - expected["est"]) / expected["se"]) < within(name, 1e-6)
    se = np.sqrt(np.diag(fit.cov))
    assert np.max(np.abs(se / expected["se"] - 1)) < within(name, 1e-5)
    assert fit.boundary == bool(records()[name].get("singular", False))


@pytest.mark.parametrize("name", LMER)
def test_the_full_likelihood_agrees(name):
    assert fitted(name, reml=False).loglik == pytest.approx(record(name)["ml_loglik"][0], abs=1e-6)


@pytest.mark.parametrize("name", REFERENCES)
def test_satterthwaite_degrees_of_freedom_agree(name):
    found = Inference(fitted(name), "satterthwaite").contrast(eye(name))
    assert np.max(np.abs(found.df / record(name)["df_satt"] - 1)) < within(name, 1e-4)


@pytest.mark.parametrize("name", LMER)
def test_kenward_roger_agrees_with_pbkrtest(name):
    found, expected = Inference(fitted(name)).contrast(eye(name)), record(name)
    assert np.log(found.p) == pytest.approx(np.log(expected["p_kr"]), rel=1e-4, abs=1e-5)
    assert np.max(np.abs(found.df / expected["df_kr"] - 1)) < 1e-4
    assert np.max(np.abs(found.se / expected["se_kr"] - 1)) < 1e-5
    size = np.sqrt(np.outer(np.diag(found.cov), np.diag(found.cov)))
    assert np.max(np.abs(found.cov - np.atleast_2d(expected["vcov_kr"])) / size) < 1e-5


@pytest.mark.parametrize("name", MMRM)
def test_linear_kenward_roger_agrees_with_mmrm(name):
    found = Inference(fitted(name), information="observed").contrast(eye(name))
    expected = record(name)
    assert np.max(np.abs(found.df / expected["df_krl"] - 1)) < within(name, 1e-4)
    assert np.max(np.abs(found.se / expected["se_krl"] - 1)) < within(name, 1e-5)


@pytest.mark.parametrize("name", MMRM)
def test_full_kenward_roger_agrees_with_mmrm(name):
    found = Inference(fitted(name), "kenward-roger", "observed", "full").adjusted_covariance
    expected = record(name)["vcov_kr"]
    size = np.sqrt(np.outer(np.diag(found), np.diag(found)))
    assert np.max(np.abs(found - expected) / size) < within(name, 1e-5)
