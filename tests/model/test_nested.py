"""Levels eliminated one after the other give what one dense block gives."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from howlow.model import (
    Inference,
    MixedModel,
    RandomTerm,
    Residual,
    choice,
    fit_batch,
    fit_mixed,
    predict_rows,
    scaled_residuals,
    simulate,
)
from howlow.model.choice import choose_back_end
from howlow.model.estimates import describe
from howlow.model.layout import arrange
from howlow.model.likelihood import evaluate
from howlow.model.marginal_covariance import covariance_of_rows, solve_rows, split_levels
from howlow.model.nested import NestedBackEnd, lower_layout, nest
from howlow.model.newton import Optimum
from howlow.model.pattern import build_pattern
from howlow.model.woodbury import build_woodbury


def pooled(seed, kind, trials=4, people=5):
    """Return trials that hold people (that hold limbs), with gaps and unequal trials."""
    rng = np.random.default_rng(seed)
    trial, person, limb, visit = (g.ravel() for g in np.indices((trials, people, 2, 3)))
    kept = (rng.random(len(trial)) > 0.2) & (person < people - trial % 2)
    trial, person, limb, visit = trial[kept], person[kept], limb[kept], visit[kept]
    person = trial * people + person
    leg, n = person * 2 + limb, len(trial)
    arm, t, one = (person % 2).astype(float), visit / 2, np.ones(n)
    slope = np.column_stack([one, t])
    y = rng.normal(0, 2, trials)[trial] + rng.normal(0, 2, 999)[person] + rng.normal(0, 1, 999)[leg]
    y = y + t * rng.normal(0, 0.7, 999)[person] + arm * t + rng.normal(size=n)
    by_trial = RandomTerm(one, trial, label="trial")
    by_person = RandomTerm(slope, person, ("i", "t"), label="pid")
    random, residual = [by_person, by_trial], Residual()
    upper = [1]
    if kind == "limb":
        random.insert(0, RandomTerm(one, leg, label="limb"))
        upper = [2]
    elif kind == "trial slope":
        random[1] = RandomTerm(slope, trial, ("i", "t"), label="trial")
    elif kind == "trial by visit":
        random.append(RandomTerm(one, trial * 3 + visit, label="trial by visit"))
        upper = [1, 2]
    elif kind == "crossed":
        random[1] = RandomTerm(one, visit, label="visit")
    elif kind == "by trial":
        residual = Residual(by=trial)
    elif kind == "unstructured":
        random, upper = [by_trial], [0]
        residual = Residual("unstructured", visit=visit, subject=leg)
    X = np.column_stack([one, t, arm, t * arm])
    weights = rng.uniform(0.5, 2, n) if kind == "weights" else None
    return MixedModel(y, X, ("i", "t", "arm", "x"), random, residual, weights), upper


KINDS = (
    "plain", "limb", "trial slope", "trial by visit", "crossed", "by trial", "unstructured",
    "weights",
)  # fmt: skip
PIECES = ("value", "beta", "phi", "gradient", "hessian")


def close(one, two, tolerance=1e-9):
    """Whether arrays agree relative to the largest entry."""
    return np.max(np.abs(one - two)) <= tolerance * max(np.max(np.abs(two)), 1.0)


def routes(model, upper):
    """Return the layout, the dense back end, and the nested ones over either lower back end."""
    layout = arrange(model)
    below = lower_layout(layout, upper)
    plain = layout.covariance_depends_on_rows
    dense = (build_pattern if plain else build_woodbury)(layout)
    lower = [build_pattern] if plain else [build_pattern, build_woodbury]
    return layout, dense, [nest(layout, upper, build(below)) for build in lower]


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_level_by_level_gives_the_likelihood_of_the_dense_block(kind, seed):
    model, upper = pooled(seed, kind)
    layout, dense, nested = routes(model, upper)
    rng = np.random.default_rng(seed)
    theta = layout.start() * rng.uniform(0.5, 1.5, layout.coordinates.size)
    psi = layout.coordinates.evaluate(theta[None])
    for reml in (True, False):
        two = evaluate(dense, psi, reml)
        for back_end in nested:
            one = evaluate(back_end, psi, reml)
            for piece in PIECES:
                assert close(getattr(one, piece), getattr(two, piece)), piece
            assert close(one.expected_information(), two.expected_information())
            assert close(one.cross_1_fixed(), two.cross_1_fixed())
            weight = np.cov(rng.normal(size=(psi.shape[1], 50)))[None]
            assert close(one.cross_2_fixed(weight), two.cross_2_fixed(weight))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("adjustment", ["linear", "full"])
def test_level_by_level_gives_the_same_kenward_roger(kind, adjustment):
    model, upper = pooled(3, kind)
    fit = fit_mixed(model)
    _, dense, nested = routes(model, upper)
    optimum = Optimum(fit.theta[None], np.array([True]), np.array([1]))
    two = Inference(describe(fit.layout, dense, optimum, True), adjustment=adjustment)
    for back_end in nested:
        one = Inference(describe(fit.layout, back_end, optimum, True), adjustment=adjustment)
        assert close(one.contrast(np.eye(4)).cov, two.contrast(np.eye(4)).cov)
        relative = one.contrast(np.eye(4)).df / two.contrast(np.eye(4)).df
        assert np.max(np.abs(relative - 1)) < 1e-9
        assert (
            pytest.approx(two.joint_test(np.eye(4)[1:]).F, rel=1e-9)
            == one.joint_test(np.eye(4)[1:]).F
        )


@pytest.mark.parametrize("kind", KINDS)
def test_a_singular_upper_level_is_reached(kind):
    model, upper = pooled(5, kind)
    layout, dense, nested = routes(model, upper)
    psi = layout.coordinates.evaluate(layout.start()[None])
    for back_end in nested:
        psi[:, back_end.up] = 0.0
        one, two = evaluate(back_end, psi, True), evaluate(dense, psi, True)
        for piece in PIECES:
            assert close(getattr(one, piece), getattr(two, piece)), piece
        psi[:, back_end.up] = np.inf
        assert evaluate(back_end, psi, True).value == -np.inf


def test_large_trials_are_eliminated_level_by_level_and_small_ones_are_not():
    small, _ = pooled(1, "limb")
    large, _ = pooled(1, "limb", people=40)
    assert not isinstance(choose_back_end(arrange(small)), NestedBackEnd)
    assert isinstance(choose_back_end(arrange(large)), NestedBackEnd)


@pytest.mark.parametrize("kind", KINDS)
def test_the_choice_of_the_route_does_not_change_a_fit_or_a_batch(kind, monkeypatch):
    model, _ = pooled(8, kind)
    fit = fit_mixed(model)
    monkeypatch.setattr(choice, "WORTH_NESTING", 0.0)
    monkeypatch.setattr(choice, "_plain", discouraged(choice._plain))
    again = fit_mixed(model)
    assert isinstance(again.back_end, NestedBackEnd)
    assert again.loglik == pytest.approx(fit.loglik, abs=1e-8)
    assert again.beta == pytest.approx(fit.beta, rel=1e-6, abs=1e-7)
    y = np.asarray(model.y)
    batch = fit_batch(model, np.stack([y, y[::-1], 2 * y]))
    assert batch.loglik[0] == pytest.approx(fit.loglik, abs=1e-8)
    assert batch.fit(2).beta == pytest.approx(2 * fit.beta, rel=1e-6, abs=1e-7)


def discouraged(plain):
    """Return the count of multiplications with a high price on designs without upper columns."""

    def count(layout):
        """Return the count."""
        cost, build = plain(layout)
        return (cost if layout.design.shape[1] > 4 else 1e12), build

    return count


@pytest.mark.parametrize("kind", KINDS)
def test_what_follows_a_fit_is_the_same_level_by_level(kind):
    model, upper = pooled(9, kind)
    _, dense, nested = routes(model, upper)
    theta = arrange(model).start()[None]
    optimum = Optimum(theta, np.array([True]), np.array([1]))
    one, two = (describe(arrange(model), end, optimum, True) for end in (nested[0], dense))
    v = np.random.default_rng(1).normal(size=(len(model.y), 2))
    assert close(solve_rows(one, v), solve_rows(two, v))
    assert close(predict_rows(one), predict_rows(two))
    joined, rows = split_levels(one), np.arange(len(v))
    V = covariance_of_rows(joined.below, rows)
    same = joined.block[:, None] == joined.block
    V = V + (joined.U @ joined.Psi @ joined.U.T) * same
    assert close(V, covariance_of_rows(two, rows))
    order = joined.below.layout.order
    factor = np.linalg.cholesky(V[np.ix_(order, order)])
    residual = (model.y - model.X @ two.beta)[order]
    assert close(scaled_residuals(one)[order], np.linalg.solve(factor, residual))


def test_draws_have_the_covariance_of_both_levels():
    model, upper = pooled(9, "trial slope", trials=2, people=2)
    _, _, (back_end, _) = routes(model, upper)
    layout = arrange(model)
    optimum = Optimum(layout.start()[None], np.array([True]), np.array([1]))
    fit = describe(layout, back_end, optimum, True)
    drawn = simulate(fit, 20000, np.random.default_rng(1))
    V = covariance_of_rows(fit, np.arange(len(model.y)))
    size = np.sqrt(np.outer(np.diag(V), np.diag(V)))
    assert np.max(np.abs(np.cov(drawn.T) - V) / size) < 0.05
