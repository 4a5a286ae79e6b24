"""Other ways to the same numbers: statsmodels, dense matrices, one back end and the other."""

from __future__ import annotations

import warnings
from dataclasses import replace

import numpy as np
import pytest
from oracle_models import LMER, fitted

from howlow.model import Inference, MixedModel, RandomTerm, Residual, contrast, fit_mixed
from howlow.model.blocks import connected_blocks
from howlow.model.estimates import describe
from howlow.model.likelihood import evaluate
from howlow.model.marginal_covariance import covariance_of_rows
from howlow.model.newton import theta_derivatives
from howlow.model.pattern import build_pattern
from howlow.model.woodbury import build_woodbury


def by_statsmodels(spec):
    """Fit by statsmodels: one grouping as random effects, several as variance components."""
    from statsmodels.regression.mixed_linear_model import MixedLM, MixedLMParams, VCSpec

    if len(spec.random) == 1:
        (term,) = spec.random
        free = None
        if not term.correlated:
            q = term.columns.shape[1]
            free = MixedLMParams.from_components(np.ones(len(spec.names)), np.eye(q))
        return MixedLM(spec.y, spec.X, term.codes, term.columns).fit(free=free, gtol=1e-8)
    block = connected_blocks([term.codes for term in spec.random], len(spec.y))
    names, columns, matrices = [], [], []
    for term in spec.random:
        groups = [term.codes[block == number] for number in range(block.max() + 1)]
        dummies = [(codes[:, None] == np.unique(codes)).astype(float) for codes in groups]
        names.append(term.label)
        columns.append([[str(level) for level in np.unique(codes)] for codes in groups])
        matrices.append(dummies)
    return MixedLM(
        spec.y, spec.X, block, exog_vc=VCSpec(names, columns, matrices), use_sqrt=True
    ).fit(gtol=1e-8)  # fmt: skip


@pytest.mark.parametrize("name", LMER)
def test_statsmodels_gives_the_same_fixed_effects_where_it_converges(name):
    fit = fitted(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        other = by_statsmodels(fit.model)
    if abs(other.llf - fit.loglik) > 1e-5:
        pytest.skip(f"statsmodels stopped {fit.loglik - other.llf:.1e} below the maximum")
    assert np.max(np.abs(other.fe_params - fit.beta) / np.sqrt(np.diag(fit.cov))) < 1e-3


def dense_pieces(fit):
    """Return X, V, and the matrices dV/dpsi of a fit by differencing V in psi."""
    rows = np.arange(fit.layout.rows)
    V = covariance_of_rows(fit, rows)
    slopes = [
        covariance_of_rows(replace(fit, psi=np.eye(len(fit.psi))[k]), rows)
        for k in range(len(fit.psi))
    ]
    return np.asarray(fit.model.X), V, np.array(slopes)


def dense_kenward_roger(fit):
    """Return the linear Kenward-Roger covariance with expected information, from n x n matrices."""
    X, V, G = dense_pieces(fit)
    Vi = np.linalg.inv(V)
    phi = np.linalg.inv(X.T @ Vi @ X)
    P = Vi - Vi @ X @ phi @ X.T @ Vi
    information = 0.5 * np.array([[np.trace(P @ g @ P @ h) for h in G] for g in G])
    W = np.linalg.inv(information)
    total = np.zeros_like(phi)
    for k, g in enumerate(G):
        for m, h in enumerate(G):
            left, right = X.T @ Vi @ g @ Vi @ X, X.T @ Vi @ h @ Vi @ X
            total += W[k, m] * (X.T @ Vi @ g @ Vi @ h @ Vi @ X - left @ phi @ right)
    return phi + 2 * phi @ total @ phi


@pytest.mark.parametrize("name", [*LMER, "tt_clda_us", "orth_mmrm_us"])
def test_kenward_roger_rebuilt_from_whole_matrices_agrees(name):
    found, expected = Inference(fitted(name)).adjusted_covariance, dense_kenward_roger(fitted(name))
    size = np.sqrt(np.outer(np.diag(expected), np.diag(expected)))
    assert np.max(np.abs(found - expected) / size) < 1e-7


@pytest.mark.parametrize("name", [*LMER, "tt_clda_us", "orth_mmrm_ar1", "orth_mmrm_cs"])
def test_the_likelihood_rebuilt_from_whole_matrices_agrees(name):
    fit = fitted(name)
    X, V, _ = dense_pieces(fit)
    information = X.T @ np.linalg.solve(V, X)
    rest = fit.model.y - X @ fit.beta
    n, p = X.shape
    logs = np.linalg.slogdet(V)[1] + np.linalg.slogdet(information)[1]
    expected = -0.5 * ((n - p) * np.log(2 * np.pi) + logs + rest @ np.linalg.solve(V, rest))
    assert fit.loglik == pytest.approx(expected, abs=1e-7)


def weights(parameters):
    """Yield the symmetric matrices with one entry, or one pair of entries."""
    for k, m in zip(*np.tril_indices(parameters), strict=True):
        weight = np.zeros((1, parameters, parameters))
        weight[0, k, m] = weight[0, m, k] = 1.0
        yield weight


@pytest.mark.parametrize("name", LMER)
def test_both_back_ends_give_the_same_sums(name):
    fit = fitted(name)
    psi = fit.layout.coordinates.evaluate(fit.layout.start()[None]) * 0.7
    one, two = (build(fit.layout).contract(psi) for build in (build_pattern, build_woodbury))
    for piece in ("log_det", "cross", "trace_1", "trace_2", "cross_1"):
        assert getattr(one, piece) == pytest.approx(getattr(two, piece), rel=1e-8, abs=1e-8)
    for weight in weights(psi.shape[1]):
        expected = pytest.approx(two.summed_cross_2(weight), rel=1e-8, abs=1e-8)
        assert one.summed_cross_2(weight) == expected


def three_levels():
    """Return trials that hold people with slopes that hold limbs, with gaps."""
    rng = np.random.default_rng(12)
    trial, person, limb, visit = (g.ravel() for g in np.indices((4, 6, 2, 3)))
    kept = rng.random(len(trial)) > 0.2
    trial, person, limb, visit = trial[kept], person[kept], limb[kept], visit[kept]
    person = trial * 6 + person
    limb = person * 2 + limb
    one = np.ones(len(trial))
    y = rng.normal(0, 2, 4)[trial] + rng.normal(0, 3, 24)[person] + rng.normal(0, 1, 48)[limb]
    y = y + visit * rng.normal(1, 1, 24)[person] + rng.normal(size=len(y))
    random = [
        RandomTerm(one, trial, label="trial"),
        RandomTerm(np.column_stack([one, visit]), person, ("(Intercept)", "visit"), label="person"),
        RandomTerm(one, limb, label="limb"),
    ]
    return MixedModel(y, np.column_stack([one, visit]), ("i", "visit"), random)


def test_both_back_ends_agree_on_three_levels_with_slopes():
    fit = fit_mixed(three_levels())
    assert fit.converged
    psi = fit.layout.coordinates.evaluate(fit.theta[None])
    one, two = (build(fit.layout).contract(psi) for build in (build_pattern, build_woodbury))
    for piece in ("log_det", "cross", "trace_1", "trace_2", "cross_1"):
        assert getattr(one, piece) == pytest.approx(getattr(two, piece), rel=1e-7, abs=1e-7)
    for weight in weights(psi.shape[1]):
        expected = pytest.approx(two.summed_cross_2(weight), rel=1e-7, abs=1e-7)
        assert one.summed_cross_2(weight) == expected
    found, expected = Inference(fit).adjusted_covariance, dense_kenward_roger(fit)
    assert found == pytest.approx(expected, rel=1e-6, abs=1e-9)


def test_a_stratum_without_a_visit_leaves_its_covariances_alone():
    rng = np.random.default_rng(13)
    person, visit = (g.ravel() for g in np.indices((20, 3)))
    arm = person % 2
    kept = (arm == 0) | (visit < 2)
    y = (rng.normal(0, 2, 20)[person] + rng.normal(size=60))[kept]
    person, visit, arm = person[kept], visit[kept], arm[kept]
    X = np.column_stack([np.ones(len(y)), visit == 1, visit == 2]).astype(float)
    residual = Residual("unstructured", visit=visit, subject=person, by=arm)
    fit = fit_mixed(MixedModel(y, X, ("i", "v1", "v2"), residual=residual))
    assert fit.converged
    found = contrast(fit, np.eye(3))
    assert np.all(np.isfinite(found.se))
    assert np.all(found.df > 1)


def structures():
    rng = np.random.default_rng(8)
    person, visit = (g.ravel() for g in np.indices((14, 4)))
    kept = rng.random(56) > 0.1
    person, visit = person[kept], visit[kept]
    arm = (person % 2).astype(float)
    y = rng.normal(0, 2, 14)[person] + rng.normal(size=len(person)) * (1 + 0.3 * visit)
    X = np.column_stack([np.ones(len(y)), visit, arm])
    random = [RandomTerm(np.column_stack([np.ones(len(y)), visit]), person, ("i", "v"))]
    for kind in ("unstructured", "ar1", "ar1h", "cs", "csh"):
        yield (
            kind,
            MixedModel(y, X, ("i", "v", "a"), residual=Residual(kind, visit=visit, subject=person)),
        )
        yield (
            f"{kind} by arm",
            MixedModel(
                y, X, ("i", "v", "a"), residual=Residual(kind, visit=visit, subject=person, by=arm)
            ),
        )
    yield "slope, unequal variances", MixedModel(y, X, ("i", "v", "a"), random, Residual(by=arm))
    yield "intercept and ar1", MixedModel(
        y, X, ("i", "v", "a"), [RandomTerm(np.ones(len(y)), person)],
        Residual("ar1", visit=visit, subject=person),
    )  # fmt: skip
    yield "weights", MixedModel(y, X, ("i", "v", "a"), random, weights=1 + visit)


STRUCTURES = dict(structures())


@pytest.mark.parametrize("name", STRUCTURES)
@pytest.mark.parametrize("reml", [True, False])
def test_the_derivatives_are_those_of_the_likelihood(name, reml):
    """Gradient and Hessian in theta against central differences, away from the optimum."""
    fit = fit_mixed(STRUCTURES[name], reml)
    coordinates, back_end = fit.layout.coordinates, fit.back_end
    theta = fit.layout.start() * 0.9 + 0.05

    def look(point):
        at = evaluate(back_end, coordinates.evaluate(point[None]), reml)
        slope, curve = theta_derivatives(coordinates, point[None], at.gradient, at.hessian)
        return at.value[0], slope[0], -curve[0]

    _, slope, curve = look(theta)
    for k, step in enumerate(1e-5 * np.eye(len(theta))):
        up, down = look(theta + step), look(theta - step)
        assert slope[k] == pytest.approx((up[0] - down[0]) / 2e-5, rel=1e-4, abs=1e-4)
        assert curve[k] == pytest.approx((up[1] - down[1]) / 2e-5, rel=1e-4, abs=1e-3)


@pytest.mark.parametrize("name", STRUCTURES)
def test_every_structure_reaches_a_stationary_point(name):
    fit = fit_mixed(STRUCTURES[name])
    assert fit.converged
    assert fit.gradient_norm < 1e-5


def test_a_fit_described_again_is_the_same_fit():
    fit = fitted("sleep_rs")
    from howlow.model.newton import Optimum

    optimum = Optimum(fit.theta[None], np.array([True]), np.array([fit.iterations]))
    again = describe(fit.layout, fit.back_end, optimum, True)
    assert again.beta == pytest.approx(fit.beta, rel=1e-14)
