"""Fitting, and the result: estimates in the units of the data, convergence as data."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Booleans, Floats, Integers
from .choice import choose_back_end
from .components import VarianceComponent, part_matrices, tabulate
from .contractions import BackEnd
from .errors import ModelError
from .layout import Layout, arrange
from .likelihood import Likelihood, evaluate
from .newton import Optimum, maximise, theta_derivatives
from .scoring import score_start
from .specification import MixedModel

NOT_CONVERGED = "the maximisation did not converge"
NO_MAXIMUM = (
    "the likelihood has no maximum: too few participants were seen at all visits for this residual "
    "covariance; use one with fewer parameters"
)


@dataclass(frozen=True)
class MixedFit:
    """A fitted mixed model.

    Attributes
    ----------
    beta, cov
        Fixed effects (p,) and their model-based covariance (X'V^-1 X)^-1 (p, p).
    components
        Variance components in the units of the response squared.
    loglik
        Maximised (restricted) log-likelihood with all constants.
    converged, gradient_norm, iterations, messages
        How the maximisation ended; the gradient is in units of log-likelihood a standardised
        coordinate.
    boundary, boundary_terms
        Whether a covariance matrix is singular, and the terms of which it is.
    method
        ``REML`` or ``ML``.
    """

    model: MixedModel
    names: tuple[str, ...]
    beta: Floats
    cov: Floats
    components: tuple[VarianceComponent, ...]
    loglik: float
    converged: bool
    gradient_norm: float
    iterations: int
    boundary: bool
    boundary_terms: tuple[str, ...]
    messages: tuple[str, ...]
    method: str
    psi: Floats = field(repr=False)
    theta: Floats = field(repr=False)
    layout: Layout = field(repr=False)
    back_end: BackEnd = field(repr=False)
    likelihood: Likelihood = field(repr=False)

    @property
    def reml(self) -> bool:
        """Whether the restricted likelihood was maximised."""
        return self.method == "REML"

    @property
    def scale(self) -> float:
        """Return the standard deviation by which the response was divided."""
        return float(self.layout.scale[0])

    @property
    def parameters(self) -> int:
        """Return the number of free parameters of mean and covariance."""
        return len(self.beta) + self.layout.coordinates.size

    def matrices(self) -> list[tuple[str, tuple[str, ...], Floats]]:
        """Return name, labels and covariance matrix of every covariance part."""
        return part_matrices(self.layout, self.psi)


def fit_mixed(model: MixedModel, reml: bool = True) -> MixedFit:
    """Fit a mixed model by restricted or full maximum likelihood.

    Parameters
    ----------
    model
        The model.
    reml
        Restricted maximum likelihood (the default) or maximum likelihood.

    Raises
    ------
    ModelError
        If the fixed effects leave no variance.
    """
    layout = arrange(model)
    back_end = choose_back_end(layout)
    start = score_start(back_end, layout.coordinates, layout.start()[None], reml)
    optimum = maximise(back_end, layout.coordinates, start, reml)
    return describe(layout, back_end, optimum, reml)


@dataclass(frozen=True)
class BatchFit:
    """One model fitted to many responses, with a leading axis over responses.

    Attributes
    ----------
    beta, cov
        Fixed effects (R, p) and their covariances (R, p, p).
    psi
        Covariances (R, K) in the units of the responses squared.
    loglik, converged, iterations
        One a response.
    likelihood
        The likelihood at the estimates, if it is kept.
    """

    model: MixedModel
    beta: Floats
    cov: Floats
    psi: Floats
    loglik: Floats
    optimum: Optimum = field(repr=False)
    layout: Layout = field(repr=False)
    back_end: BackEnd = field(repr=False)
    reml: bool = True
    likelihood: Likelihood | None = field(default=None, repr=False)

    def __len__(self) -> int:
        return len(self.beta)

    @property
    def converged(self) -> Booleans:
        """Return whether each fit converged, shape (R,)."""
        return self.optimum.converged

    @property
    def iterations(self) -> Integers:
        """Return the number of Newton passes of each fit, shape (R,)."""
        return self.optimum.iterations

    def take(self, responses: Integers) -> BatchFit:
        """Return the fits of some of the responses."""
        optimum, layout = self.optimum, self.layout
        return BatchFit(
            self.model, self.beta[responses], self.cov[responses], self.psi[responses],
            self.loglik[responses],
            Optimum(
                optimum.theta[responses], optimum.converged[responses],
                optimum.iterations[responses],
            ),
            replace(
                layout, responses=layout.responses[responses],
                start_beta=layout.start_beta[responses], scale=layout.scale[responses],
            ),
            self.back_end.take(responses), self.reml,
        )  # fmt: skip

    def fit(self, number: int) -> MixedFit:
        """Return the fit of one response with everything that inference needs."""
        layout = _one_response(self.layout, number)
        one = slice(number, number + 1)
        optimum = Optimum(
            self.optimum.theta[one], self.optimum.converged[one], self.optimum.iterations[one]
        )
        back_end = self.back_end.take(np.array([number]))
        at = self.likelihood if len(self) == 1 else None
        return describe(layout, back_end, optimum, self.reml, at)


def fit_batch(model: MixedModel, responses: ArrayLike, reml: bool = True) -> BatchFit:
    """Fit one model to many responses: simulations, bootstraps, permutations.

    Parameters
    ----------
    model
        The model; its own response is not used.
    responses
        Responses, shape (R, rows).
    reml
        Restricted maximum likelihood (the default) or maximum likelihood.

    Raises
    ------
    ModelError
        If shapes differ, values are missing, or a response leaves no variance.
    """
    Y = np.asarray(responses, dtype=float)
    if Y.ndim != 2 or Y.shape[1] != len(np.asarray(model.y)):
        raise ModelError(f"responses have shape {Y.shape}, not (R, {len(np.asarray(model.y))})")
    if not np.isfinite(Y).all():
        raise ModelError("responses have missing or infinite values")
    layout = arrange(model, Y)
    back_end = choose_back_end(layout)
    flat = np.repeat(layout.start()[None], len(Y), axis=0)
    start = score_start(back_end, layout.coordinates, flat, reml)
    optimum = maximise(back_end, layout.coordinates, start, reml)
    psi = layout.coordinates.evaluate(optimum.theta)
    at = evaluate(back_end, psi, reml)
    beta, cov, loglik = in_data_units(layout, at)
    scaled = psi * (layout.scale**2)[:, None]
    return BatchFit(model, beta, cov, scaled, loglik, optimum, layout, back_end, reml, at)


def in_data_units(layout: Layout, at: Likelihood) -> tuple[Floats, Floats, Floats]:
    """Return beta (R, p), their covariance (R, p, p) and log-likelihood (R,) in data units."""
    back = np.linalg.inv(layout.triangle)
    scale = layout.scale
    beta = (layout.start_beta + scale[:, None] * at.beta) @ back.T
    cov = (scale**2)[:, None, None] * (back @ at.phi @ back.T)
    degrees = layout.rows - layout.design.shape[1] * at.reml
    constant = degrees * np.log(scale) - np.log(layout.root_weight).sum()
    if at.reml:
        constant = constant + np.log(np.abs(np.diagonal(layout.triangle))).sum()
    return beta, cov, at.value - constant


def describe(
    layout: Layout,
    back_end: BackEnd,
    optimum: Optimum,
    reml: bool,
    at: Likelihood | None = None,
) -> MixedFit:
    """Return the result of one response at the end of a maximisation."""
    coordinates, theta = layout.coordinates, optimum.theta
    psi = coordinates.evaluate(theta)
    at = evaluate(back_end, psi, reml) if at is None else at
    slope, curvature = theta_derivatives(coordinates, theta, at.gradient, at.hessian)
    unit = np.sqrt(np.maximum(np.abs(np.diagonal(curvature[0])), 1.0))
    gradient_norm = float(np.linalg.norm(slope[0] / unit))
    beta, cov, loglik = in_data_units(layout, at)
    scaled = psi[0] * layout.scale[0] ** 2
    components, singular = tabulate(layout, part_matrices(layout, scaled))
    messages = [f"boundary (singular) fit: {term}" for term in singular]
    if not optimum.converged[0]:
        collapsed = bool(singular) and layout.model.residual.over_visits
        messages.append(NO_MAXIMUM if collapsed else NOT_CONVERGED)
    return MixedFit(
        model=layout.model, names=tuple(layout.model.names), beta=beta[0], cov=cov[0],
        components=components, loglik=float(loglik[0]), converged=bool(optimum.converged[0]),
        gradient_norm=gradient_norm, iterations=int(optimum.iterations[0]),
        boundary=bool(singular), boundary_terms=singular, messages=tuple(messages),
        method="REML" if reml else "ML", psi=scaled, theta=theta[0], layout=layout,
        back_end=back_end, likelihood=at,
    )  # fmt: skip


def _one_response(layout: Layout, number: int) -> Layout:
    """Return the layout of one of many responses."""
    one = slice(number, number + 1)
    return replace(
        layout,
        responses=layout.responses[one],
        start_beta=layout.start_beta[one],
        scale=layout.scale[one],
    )
