"""What must not matter does not: order, labels, reference, unit, origin, centring."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from howlow.model import Inference, MixedModel, RandomTerm, Residual, fit_mixed

KINDS = ("intercept", "slope", "limbs", "unstructured", "ar1h", "csh")
seeds = st.integers(0, 10**6)
kinds = st.sampled_from(KINDS)


def trial(seed):
    """Return columns of a small trial of two arms, with two limbs and three visits."""
    rng = np.random.default_rng(seed)
    person, limb, visit = (g.ravel() for g in np.indices((14, 2, 3)))
    kept = rng.random(len(person)) > 0.1
    person, limb, visit = person[kept], limb[kept], visit[kept]
    age = rng.normal(40, 10, 14)[person]
    y = 50 + rng.normal(0, 4, 14)[person] + rng.normal(0, 1, 28)[2 * person + limb]
    y = y + visit * rng.normal(1, 1, 14)[person] + rng.normal(size=len(y)) + 0.1 * age
    return {"y": y, "person": person, "limb": limb, "visit": visit, "arm": person % 2, "age": age}


def fit_of(data, kind, reference=0, labels=str):
    """Fit visit by arm with one of the structures; return the fit."""
    if kind in KINDS[3:]:
        data = {name: values[data["limb"] == 0] for name, values in data.items()}
    visit, arm = data["visit"], (data["arm"] != reference).astype(float)
    one = np.ones(len(visit))
    later = (visit[:, None] == [1, 2]).astype(float)
    X = np.column_stack([one, later, arm, later * arm[:, None], data["age"]])
    person = np.array([labels(value) for value in data["person"]])
    limb = np.array([labels(value) for value in 2 * data["person"] + data["limb"]])
    random, residual = [], Residual()
    if kind == "intercept":
        random = [RandomTerm(one, person)]
    elif kind == "slope":
        random = [RandomTerm(np.column_stack([one, visit]), person, ("i", "v"))]
    elif kind == "limbs":
        random = [RandomTerm(one, limb, label="limb"), RandomTerm(one, person, label="person")]
    else:
        residual = Residual(kind, visit=visit, subject=person)
    names = ("i", "v1", "v2", "arm", "v1:arm", "v2:arm", "age")
    return fit_mixed(MixedModel(data["y"], X, names, random, residual))


def summary(fit, rows=None):
    """Return log-likelihood, estimates, errors and df of contrasts."""
    found = Inference(fit).contrast(np.eye(7) if rows is None else rows)
    return np.r_[fit.loglik, found.estimate], np.r_[found.se, found.df]


def agree(one, two):
    scale = np.r_[1.0, one[1][: len(one[0]) - 1]]
    assert np.max(np.abs(one[0] - two[0]) / scale) < 1e-8
    assert np.max(np.abs(one[1] / two[1] - 1)) < 1e-8


few = settings(max_examples=30, deadline=None, derandomize=True)


@few
@given(seeds, kinds)
def test_the_order_of_rows_does_not_matter(seed, kind):
    data = trial(seed)
    order = np.random.default_rng(seed + 1).permutation(len(data["y"]))
    shuffled = {name: values[order] for name, values in data.items()}
    agree(summary(fit_of(data, kind)), summary(fit_of(shuffled, kind)))


@few
@given(seeds, kinds)
def test_the_labels_of_people_do_not_matter(seed, kind):
    data = trial(seed)
    renamed = fit_of(data, kind, labels=lambda value: f"x{(value * 37) % 101}")
    agree(summary(fit_of(data, kind)), summary(renamed))


@few
@given(seeds, kinds)
def test_swapping_the_reference_arm_changes_the_sign_only(seed, kind):
    data = trial(seed)
    rows = np.eye(7)[[4, 5, 6]]
    one, two = summary(fit_of(data, kind), rows), summary(fit_of(data, kind, reference=1), rows)
    two[0][1:3] *= -1
    agree(one, two)


@few
@given(seeds, kinds, st.sampled_from([1000.0, 0.001, 2.20462]))
def test_the_unit_of_the_outcome_does_not_matter(seed, kind, factor):
    data = trial(seed)
    one = fit_of(data, kind)
    two = fit_of(data | {"y": data["y"] * factor}, kind)
    first, second = summary(one), summary(two)
    n, p = one.model.X.shape
    second[0][1:] /= factor
    second[1][:7] /= factor
    second[0][0] += (n - p) * np.log(factor)
    agree(first, second)


@few
@given(seeds, kinds)
def test_a_shift_of_the_outcome_moves_the_intercept_only(seed, kind):
    data = trial(seed)
    one, two = summary(fit_of(data, kind)), summary(fit_of(data | {"y": data["y"] + 1e4}, kind))
    two[0][1] -= 1e4
    agree(one, two)


@few
@given(seeds, kinds)
def test_centring_a_covariate_changes_the_intercept_only(seed, kind):
    data = trial(seed)
    rows = np.eye(7)[1:]
    centred = data | {"age": data["age"] - 40}
    one, two = (summary(fit_of(each, kind), rows) for each in (data, centred))
    agree(one, two)


def test_a_column_in_other_units_leaves_the_fit_alone():
    data = trial(3)
    one = fit_of(data, "slope")
    two = fit_of(data | {"age": data["age"] / 1e3}, "slope")
    assert two.beta[:-1] == pytest.approx(one.beta[:-1], rel=1e-8)
    assert two.loglik - np.log(1e3) == pytest.approx(one.loglik, abs=1e-8)
