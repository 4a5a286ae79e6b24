"""What tests need beyond the estimate: covariance of the covariance parameters, and its effect.

The rows of a contrast are handled in the metric of the orthonormal design (`layout.py`); degrees of
freedom do not depend on it, covariances are translated back.

Satterthwaite (Fai & Cornelius 1996) works in theta with the observed information, as lmerTest and
mmrm do, over the directions that carry information: a variance on its boundary drops out.

Kenward & Roger (1997) work in psi wherever V is linear in it, so that the boundary terms stay in:

    Phi_A = Phi + 2 Phi [sum_kl W_kl (Q_kl - P_k Phi P_l - R_kl / 4)] Phi                     (8)

with P_k = -X_k, Q_kl = X_kl, W the inverse information, and R_kl = X'V^-1 (d2V) V^-1 X, which is
zero in psi (``linear``, the standard here). ``full`` keeps R in the coordinates of the R
package mmrm: log standard deviations and a unit triangle, or the coordinate x of `covariance.py`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from .arrays import Floats, inverse_positive, symmetric, transpose
from .coordinates import Coordinates
from .errors import ModelError
from .likelihood import Likelihood
from .newton import theta_derivatives

Information = Literal["expected", "observed"]
Adjustment = Literal["linear", "full"]


@dataclass(frozen=True)
class CovarianceUncertainty:
    """The covariance of psi as estimated, and the covariance of beta that allows for it.

    All in the metric of the orthonormal design, with a leading axis over responses.

    Attributes
    ----------
    of_psi
        W, covariance of psi, shape (R, K, K).
    slopes
        X_k, shape (R, K, p, p).
    phi, adjusted
        Model-based and adjusted covariance of beta, shape (R, p, p).
    """

    of_psi: Floats
    slopes: Floats
    phi: Floats
    adjusted: Floats


def satterthwaite(coordinates: Coordinates, theta: Floats, at: Likelihood) -> CovarianceUncertainty:
    """Return the uncertainty that Satterthwaite's method uses (Fai & Cornelius 1996).

    Parameters
    ----------
    coordinates, theta
        The covariance parameters and their estimates, shape (R, d).
    at
        The likelihood there.
    """
    _, curvature = theta_derivatives(coordinates, theta, at.gradient, at.hessian)
    first, _ = coordinates.derivatives(theta)
    of_psi = first @ inverse_positive(curvature) @ transpose(first)
    return CovarianceUncertainty(of_psi, at.cross_1_fixed(), at.phi, at.phi)


def kenward_roger(
    coordinates: Coordinates,
    theta: Floats,
    at: Likelihood,
    information: Information = "expected",
    adjustment: Adjustment = "linear",
) -> CovarianceUncertainty:
    """Return the uncertainty and the adjusted covariance of Kenward and Roger (1997), equation 8.

    Parameters
    ----------
    coordinates, theta
        The covariance parameters and their estimates, shape (R, d).
    at
        The restricted likelihood there.
    information
        ``expected`` (as pbkrtest) or ``observed`` (as mmrm) information of the covariances.
    adjustment
        ``linear``, without second derivatives of V, or ``full``.

    Raises
    ------
    ModelError
        If the fit is by maximum likelihood, for which the adjustment is not defined.
    """
    if not at.reml:
        raise ModelError("the Kenward-Roger method is defined for REML fits only")
    linear = adjustment == "linear"
    derive = coordinates.natural_derivatives if linear else coordinates.curved_derivatives
    first, second = derive(theta)
    inverse = _inverse(_information(at, first, second, information))
    W = first @ inverse @ transpose(first)
    slopes, phi = at.cross_1_fixed(), at.phi
    flat = (*slopes.shape[:2], -1)
    weighted = (W @ slopes.reshape(flat)).reshape(slopes.shape)
    total = -(slopes @ phi[:, None] @ weighted).sum(axis=1)
    total += at.cross_2_fixed(W)
    if not linear:
        curves = np.einsum("rkab,rab->rk", second, inverse)
        total -= 0.25 * np.einsum("rk,rkij->rij", curves, slopes)
    adjusted = phi + 2 * phi @ symmetric(total) @ phi
    return CovarianceUncertainty(W, slopes, phi, adjusted)


def _information(at: Likelihood, first: Floats, second: Floats, information: Information) -> Floats:
    """Return the information in coordinates with these derivatives of psi, shape (R, c, c)."""
    if information == "expected":
        return transpose(first) @ at.expected_information() @ first
    bend = np.einsum("rk,rkab->rab", at.gradient, second)
    return -symmetric(transpose(first) @ at.hessian @ first + bend)


def _inverse(information: Floats) -> Floats:
    """Return the inverse of information matrices, scaled first, or their pseudo-inverse."""
    diagonal = np.abs(np.diagonal(information, axis1=-2, axis2=-1))
    scale = np.sqrt(np.maximum(diagonal, 1e-300))
    outer = scale[..., :, None] * scale[..., None, :]
    scaled = information / outer
    try:
        inverse = np.linalg.inv(scaled)
    except np.linalg.LinAlgError:
        inverse = np.linalg.pinv(scaled, hermitian=True)
    return np.asarray(inverse / outer)
