"""Denominator degrees of freedom of contrasts and joint F tests, for many responses at once.

One row (Satterthwaite 1941; Giesbrecht & Burns 1985), W from `small_sample.py`, g the derivative of
the variance v in psi:

    t = l beta / sqrt(v),  v = l Phi l',  nu = 2 v^2 / (g'W g),  g_k = l Phi X_k Phi l'       (9)

Joint, Fai & Cornelius (1996), from the t_i and nu_i of the eigenvectors of L Phi L':

    F = mean of t_i^2,  df = 2 E / (E - q),  E = sum nu_i / (nu_i - 2)                       (10)

Joint, Kenward & Roger (1997), with Theta = L'(L Phi L')^-1 L, M_k = Theta Phi X_k Phi,
A1 = sum W_kl tr M_k tr M_l, A2 = sum W_kl tr M_k M_l and B = (A1 + 6 A2) / 2q: F has mean
E = 1 / (1 - A2 / q) and variance V as in the code, and lambda F has q and m degrees of freedom,

    m = 4 + (q + 2) / (q rho - 1),  lambda = m / (E (m - 2)),  rho = V / (2 E^2)             (11)

Rows L, shape (q, p) or (R, q, p), and effects L beta, shape (R, q), are in the metric of the
orthonormal design and in units of each response's scale.
"""

from __future__ import annotations

import numpy as np

from .arrays import Floats, transpose
from .small_sample import CovarianceUncertainty

KNOWN = 1e12


def single_df(known: CovarianceUncertainty, rows: Floats) -> Floats:
    """Return the degrees of freedom of each row, equation 9, shape (R, q)."""
    moved = rows @ known.phi
    variance = (moved * rows).sum(axis=-1)
    slope = ((moved[:, None] @ known.slopes) * moved[:, None]).sum(axis=-1)
    turned = transpose(slope)
    spread = ((turned @ known.of_psi) * turned).sum(axis=-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = 2 * variance**2 / spread
    # A variance that nothing uncertain enters is known: the test is normal.
    return np.asarray(np.where(df < KNOWN, df, np.inf))


def joint_fai_cornelius(
    known: CovarianceUncertainty, rows: Floats, effects: Floats
) -> tuple[Floats, Floats]:
    """Return F and its denominator df, equation 10, each of shape (R,)."""
    q = rows.shape[-2]
    values, vectors = np.linalg.eigh(rows @ known.phi @ transpose(rows))
    along = (transpose(vectors) @ effects[..., None])[..., 0]
    F = (along**2 / values).mean(axis=1)
    nu = single_df(known, transpose(vectors) @ rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        total = (nu / (nu - 2)).sum(axis=1)
        df = 2 * total / (total - q)
        alike = np.ptp(nu, axis=1) < 1e-8 * nu.max(axis=1)
    # The square of a t on two df or fewer has no mean: take the limit, as lmerTest does.
    df = np.where((nu <= 2).any(axis=1), 2.0, df)
    return F, np.where(alike | np.isinf(nu).all(axis=1), nu[:, 0], df)


def joint_kenward_roger(
    known: CovarianceUncertainty, rows: Floats, effects: Floats
) -> tuple[Floats, Floats]:
    """Return lambda F and its denominator df m, equation 11, each of shape (R,)."""
    q, columns = rows.shape[-2], effects[..., None]
    weighted = np.linalg.solve(rows @ known.adjusted @ transpose(rows), columns)
    F = (transpose(columns) @ weighted)[:, 0, 0] / q
    inverse = np.linalg.inv(rows @ known.phi @ transpose(rows))
    theta = transpose(rows) @ inverse @ rows
    moved = (theta @ known.phi)[:, None] @ known.slopes @ known.phi[:, None]
    traces = np.trace(moved, axis1=2, axis2=3)
    A1 = ((traces[:, None] @ known.of_psi)[:, 0] * traces).sum(axis=1)
    flat = (*traces.shape, -1)
    products = moved.reshape(flat) @ transpose(transpose(moved).reshape(flat))
    A2 = (known.of_psi * products).sum(axis=(1, 2))
    B = (A1 + 6 * A2) / (2 * q)
    g = ((q + 1) * A1 - (q + 4) * A2) / ((q + 2) * A2)
    c1, c2, c3 = (part / (3 * q + 2 * (1 - g)) for part in (g, q - g, q + 2 - g))
    mean = 1 / (1 - A2 / q)
    variance = (2 / q) * (1 + c1 * B) / ((1 - c2 * B) ** 2 * (1 - c3 * B))
    m = 4 + (q + 2) / (q * variance / (2 * mean**2) - 1)
    return m / (mean * (m - 2)) * F, m
