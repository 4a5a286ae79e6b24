"""CR2 and leave-one-out of many responses at once agree with whole matrices and single refits."""

from __future__ import annotations

import numpy as np
import pytest
from oracle_models import fitted, model
from scipy.linalg import block_diag, sqrtm

from howlow.model import (
    BatchInference,
    MixedModel,
    ModelError,
    RandomTerm,
    Residual,
    fit_batch,
    fit_mixed,
    refit_without_each,
    robust_batch,
    robust_contrast,
)
from howlow.model.influence import keep_rows
from howlow.model.marginal_covariance import covariance_of_rows

GROWTH = np.array([[1.0, 0.8, 0.7], [0.8, 1.3, 1.0], [0.7, 1.0, 1.8]])


def trial(kind="unstructured", responses=4, people=18, seed=5):
    """Three arms, three visits, some not seen at the last; a response a simulated trial."""
    rng = np.random.default_rng(seed)
    seen = np.where(rng.random(people) < 0.2, rng.integers(1, 3, people), 3)
    person, visit = np.repeat(np.arange(people), 3), np.tile(np.arange(3), people)
    kept = visit < seen[person]
    Y = rng.multivariate_normal(np.zeros(3), GROWTH, (responses, people))
    Y = 20 + 3 * Y.reshape(responses, -1)[:, kept]
    person, visit = person[kept], visit[kept]
    arm = person % 3
    X = np.column_stack(
        [visit == 0, *((visit == v) & (arm == a) for v in (1, 2) for a in range(3))]
    ).astype(float)
    names = [f"b{k}" for k in range(7)]
    random, residual = [], Residual()
    match kind:
        case "slope":
            columns = np.column_stack([np.ones(len(visit)), visit / 2])
            random = [RandomTerm(columns, person, ("(Intercept)", "t"), label="person")]
        case "by arm":
            residual = Residual(
                "unstructured", visit=visit, subject=person, by=arm % 2, visit_levels=(0, 1, 2)
            )
        case _:
            residual = Residual(kind, visit=visit, subject=person, visit_levels=(0, 1, 2))
    return MixedModel(Y[0], X, names, random, residual), Y, person


L = np.array([[0, 0, 0, 0, 1, -1, 0], [0, 1, 0, -1, 0, 0, 0]], dtype=float)


def whole_matrix_cr2(fit, rows, cluster):
    """Equations 12 to 14 with n x n matrices and no grouping of clusters."""
    X, order = np.asarray(fit.model.X), np.argsort(cluster, kind="stable")
    X, y, cluster = X[order], np.asarray(fit.model.y)[order], cluster[order]
    blocks = [np.flatnonzero(cluster == name) for name in np.unique(cluster)]
    V = block_diag(*(covariance_of_rows(fit, order[rows]) for rows in blocks))
    inverse = np.linalg.inv(V)
    M = np.linalg.inv(X.T @ inverse @ X)
    H = X @ M @ X.T @ inverse
    residual = y - X @ M @ X.T @ inverse @ y
    G = np.zeros((len(blocks), len(y)))
    for number, at in enumerate(blocks):
        own = V[np.ix_(at, at)]
        D = np.linalg.cholesky(own).T
        inside = D @ (own - X[at] @ M @ X[at].T) @ D.T
        A = D.T @ np.linalg.inv(np.real(sqrtm(inside))) @ D
        G[number, at] = (rows @ M @ X[at].T @ np.linalg.inv(own)) @ A
    score = (G * residual).sum(axis=1)
    spread = np.eye(len(y)) - H
    S = G @ spread @ V @ spread.T @ G.T
    return np.sqrt((score**2).sum()), np.trace(S) ** 2 / np.trace(S @ S)


@pytest.mark.parametrize("kind", ["unstructured", "slope"])
def test_batched_cr2_is_that_of_whole_matrices(kind):
    mixed, Y, person = trial(kind)
    found = robust_batch(fit_batch(mixed, Y), L, person)
    for response in range(len(Y)):
        one = MixedModel(Y[response], mixed.X, mixed.names, mixed.random, mixed.residual)
        for column, row in enumerate(L):
            se, df = whole_matrix_cr2(fit_mixed(one), row, person)
            assert found.se[response, column] == pytest.approx(se, rel=1e-7)
            assert found.df[response, column] == pytest.approx(df, rel=1e-7)


@pytest.mark.parametrize("kind", ["CR0", "CR2"])
def test_a_batch_of_one_is_the_single_fit_of_the_oracle_data(kind):
    fit, frame = fitted("sv_legext"), model("sv_legext")[2]
    who, rows = frame["participant"].to_numpy(), np.eye(10)
    one = robust_contrast(fit, rows, who, kind)
    batch = robust_batch(fit_batch(fit.model, np.asarray(fit.model.y)[None]), rows, who, kind)
    assert batch.se[0] == pytest.approx(one.se, rel=1e-7)
    assert batch.df[0] == pytest.approx(one.df, rel=1e-6)
    assert batch.cov[0] == pytest.approx(one.cov, rel=1e-6, abs=1e-9)


def test_order_of_rows_and_labels_change_no_robust_error():
    mixed, Y, person = trial()
    expected = robust_batch(fit_batch(mixed, Y), L, person)
    turn = np.random.default_rng(2).permutation(len(person))
    residual = Residual(
        "unstructured",
        visit=np.asarray(mixed.residual.visit)[turn],
        subject=person[turn],
        visit_levels=(0, 1, 2),
    )
    turned = MixedModel(Y[0, turn], np.asarray(mixed.X)[turn], mixed.names, (), residual)
    labels = np.array([f"p{97 * number % 101}" for number in person])[turn]
    found = robust_batch(fit_batch(turned, Y[:, turn]), L, labels)
    assert found.se == pytest.approx(expected.se, rel=1e-8)
    assert found.df == pytest.approx(expected.df, rel=1e-8)


def test_clusters_within_a_block_are_refused_in_a_batch():
    mixed, Y, person = trial()
    with pytest.raises(ModelError, match="wider cluster"):
        robust_batch(fit_batch(mixed, Y), L, np.arange(len(person)))


@pytest.mark.parametrize("kind", ["unstructured", "by arm", "slope", "ar1h"])
def test_leaving_out_by_subtraction_is_refitting_one_by_one(kind):
    mixed, Y, person = trial(kind, people=30)
    left = refit_without_each(fit_batch(mixed, Y), person)
    test = BatchInference(left.batch).contrast(L)
    assert left.estimable.all()
    beta = left.batch.beta.reshape(len(Y), 30, -1)
    for number, name in enumerate(np.unique(person)):
        rest = keep_rows(mixed, person != name)
        refit = fit_batch(rest, Y[:, person != name])
        single = BatchInference(refit).contrast(L)
        at = np.arange(len(Y)) * 30 + number
        assert left.batch.converged[at].tolist() == refit.converged.tolist()
        assert beta[:, number] == pytest.approx(refit.beta, rel=1e-8)
        assert left.batch.loglik[at] == pytest.approx(refit.loglik, rel=1e-9)
        assert test.se[at] == pytest.approx(single.se, rel=1e-8)
        assert test.df[at] == pytest.approx(single.df, rel=1e-8)


def test_weighted_rows_are_left_out_with_their_weights():
    rng = np.random.default_rng(3)
    person, x, w = np.repeat(np.arange(12), 2), rng.normal(size=24), rng.uniform(0.5, 2, 24)
    Y = rng.normal(size=(2, 24)) + 2 * rng.normal(size=(2, 12))[:, person]
    term = RandomTerm(np.ones(24), person, label="person")
    mixed = MixedModel(Y[0], np.column_stack([np.ones(24), x]), ("a", "b"), [term], weights=w)
    left = refit_without_each(fit_batch(mixed, Y), person)
    for number in range(12):
        refit = fit_batch(keep_rows(mixed, person != number), Y[:, person != number])
        at = np.array([number, 12 + number])
        assert left.batch.beta[at] == pytest.approx(refit.beta, rel=1e-7, abs=1e-9)
        assert left.batch.psi[at] == pytest.approx(refit.psi, rel=1e-6, abs=1e-9)
        assert left.batch.loglik[at] == pytest.approx(refit.loglik, rel=1e-9)


def test_a_participant_on_whom_a_mean_hangs_cannot_be_left_out():
    mixed, Y, person = trial()
    alone = (person != 0) & (np.asarray(mixed.X)[:, 4] == 1)
    kept = ~alone
    rest = keep_rows(mixed, kept)
    left = refit_without_each(fit_batch(rest, Y[:, kept]), person[kept])
    assert not left.estimable[0]
    assert left.estimable[1:].all()
    assert "0" not in left.participants


def test_some_responses_of_a_batch_are_those_responses():
    mixed, Y, person = trial()
    whole = fit_batch(mixed, Y)
    some = whole.take(np.array([2, 0]))
    assert len(some) == 2
    assert np.array_equal(some.beta, whole.beta[[2, 0]])
    assert robust_batch(some, L, person).se == pytest.approx(
        robust_batch(whole, L, person).se[[2, 0]], rel=1e-12
    )
    assert some.fit(1).loglik == pytest.approx(whole.fit(0).loglik, rel=1e-12)
