"""Restricted and full log-likelihood with exact first and second derivatives.

With r = y - X beta, Phi = (X'V^-1 X)^-1, X_k = X'V^-1 G_k V^-1 X and q_k = X'V^-1 G_k V^-1 r,
X_kl = X'V^-1 G_k V^-1 G_l V^-1 X, and beta profiled out (Harville 1977; Lindstrom & Bates 1988):

    l     = -1/2 [(n - p) log 2 pi + log |V| + log |X'V^-1 X| + r'V^-1 r]                     (1)
    dl_k  = -1/2 [tr(V^-1 G_k) - tr(Phi X_k) - r'V^-1 G_k V^-1 r]                             (2)
    d2l   = I_kl - r'V^-1 G_k V^-1 G_l V^-1 r + q_k' Phi q_l                                  (3)
    I_kl  =  1/2 [tr(V^-1 G_k V^-1 G_l) - 2 tr(Phi X_kl) + tr(Phi X_k Phi X_l)]               (4)

I is the expected information, -d2l the observed. Maximum likelihood drops log |X'V^-1 X| and what
derives from it. In the code D = [X, y] and a = (-beta, 1), so that r'M r = a'D'M D a.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .arrays import Floats, transpose
from .contractions import BackEnd, Contractions


@dataclass(frozen=True)
class Likelihood:
    """Log-likelihood and derivatives in psi at one point, with a leading axis over responses.

    Attributes
    ----------
    value
        Log-likelihood, shape (R,); minus infinity where V or X'V^-1 X is not positive definite.
    beta, phi
        Generalised least-squares estimate (R, p) and (X'V^-1 X)^-1 (R, p, p).
    gradient, hessian
        First (R, K) and second (R, K, K) derivatives in psi.
    """

    value: Floats
    beta: Floats
    phi: Floats
    gradient: Floats
    hessian: Floats
    contractions: Contractions
    reml: bool

    def cross_1_fixed(self) -> Floats:
        """Return X_k, shape (R, K, p, p)."""
        return self.contractions.cross_1[:, 0, :, :-1, :-1]

    def cross_2_fixed(self, weight: Floats) -> Floats:
        """Return sum weight_kl X_kl, shape (R, p, p), for symmetric weight (R, K, K)."""
        return self.contractions.summed_cross_2(weight)[:, 0, :-1, :-1]

    def expected_information(self) -> Floats:
        """Return the expected information of psi, shape (R, K, K)."""
        half = 0.5 * self.contractions.trace_2
        if not self.reml:
            return half
        fixed = self.contractions.weighted_cross_2(_padded(self.phi)[:, None])
        return half - fixed + 0.5 * _products(self.phi, self.cross_1_fixed())


def evaluate(back_end: BackEnd, psi: Floats, reml: bool) -> Likelihood:
    """Return the log-likelihood at psi, shape (R, K)."""
    sums = back_end.contract(psi)
    cross, cross_1 = sums.cross[:, 0], sums.cross_1[:, 0]
    p = cross.shape[-1] - 1
    information = cross[:, :p, :p]
    sign, log_det = np.linalg.slogdet(information)
    valid = (sign > 0) & np.isfinite(sums.log_det)
    if not valid.all():
        information = np.where(valid[:, None, None], information, np.eye(p))
    phi = np.linalg.inv(information)
    beta = (phi @ cross[:, :p, p:])[..., 0]
    a = np.concatenate([-beta, np.ones((len(beta), 1))], axis=1)[:, :, None]
    rest = (transpose(a) @ cross @ a)[:, 0, 0]
    degrees = back_end.rows - p * reml
    value = -0.5 * (degrees * np.log(2 * np.pi) + sums.log_det + reml * log_det + rest)
    image = (cross_1 @ a[:, None])[..., 0]  # D'V^-1 G_k V^-1 r, shape (R, K, P)
    gradient = 0.5 * ((image @ a)[..., 0] - sums.trace_1)
    q = image[..., :p]
    weight = a @ transpose(a)
    hessian = 0.5 * sums.trace_2 + q @ phi @ transpose(q)
    if reml:
        weight = weight + _padded(phi)
        fixed = cross_1[:, :, :p, :p]
        gradient += 0.5 * (fixed.reshape(*q.shape[:2], -1) @ phi.reshape(len(phi), -1, 1))[..., 0]
        hessian += 0.5 * _products(phi, fixed)
    hessian -= sums.weighted_cross_2(weight[:, None])
    value = np.where(valid, value, -np.inf)
    return Likelihood(value, beta, phi, gradient, hessian, sums, reml)


def _padded(phi: Floats) -> Floats:
    """Return phi with a row and a column of zeros for y."""
    p = phi.shape[-1]
    padded = np.zeros((len(phi), p + 1, p + 1))
    padded[:, :p, :p] = phi
    return padded


def _products(phi: Floats, fixed: Floats) -> Floats:
    """Return tr(Phi X_k Phi X_l), shape (R, K, K)."""
    moved = phi[:, None] @ fixed
    flat = (*moved.shape[:2], -1)
    return moved.reshape(flat) @ transpose(transpose(moved).reshape(flat))
