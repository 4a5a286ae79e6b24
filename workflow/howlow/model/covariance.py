"""Covariance parameters: from free coordinates theta to the covariances psi in V = sum psi_k G_k.

A matrix of order n is held as its lower triangle, row by row (``numpy.tril_indices``). Two kinds of
map cover every structure:

quadratic   psi_k = theta' H_k theta / 2: variances as squared standard deviations, covariance
            matrices as L L' (Cholesky). Zero is reached, not approached, so that a singular
            (boundary) fit is an ordinary optimum (Pinheiro & Bates 1996).
patterned   psi_ij = s_i s_j r^m_ij with log s and a coordinate x of r free: AR1 and AR1H with m the
            distance in visits and x = r / sqrt(1 - r^2), CS and CSH with m = 1 and x the logit of
            the place of r between -1 / (visits - 1) and 1 (the coordinates of the R package mmrm).

All functions carry a leading axis over responses, R.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import special

from .arrays import Floats, Integers

PATTERNED = ("ar1", "ar1h", "cs", "csh")
FLOOR = 0.02


@lru_cache(maxsize=32)
def triangle(order: int) -> tuple[Integers, Integers]:
    """Return row and column numbers of the lower triangle of a matrix of this order."""
    rows, columns = np.tril_indices(order)
    for numbers in (rows, columns):
        numbers.setflags(write=False)
    return rows, columns


def basis(order: int, diagonal: bool = False) -> Floats:
    """Return the symmetric 0/1 matrices G_k, shape (k, order, order), of a free matrix."""
    if diagonal:
        return np.asarray(np.eye(order)[:, :, None] * np.eye(order)[:, None, :])
    rows, columns = triangle(order)
    matrices = np.zeros((len(rows), order, order))
    number = np.arange(len(rows))
    matrices[number, rows, columns] = matrices[number, columns, rows] = 1.0
    return matrices


@dataclass(frozen=True)
class Quadratic:
    """Variances (``diagonal``) or a whole covariance matrix that may become singular.

    ``log_full`` marks a residual covariance for which the full Kenward-Roger adjustment is taken
    in the coordinates (log s, unit triangle) of the R package mmrm.
    """

    order: int
    diagonal: bool = False
    log_full: bool = False
    tensor: Floats = field(init=False, repr=False)
    linear = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "tensor", _second_derivative(self.order, self.diagonal))

    @property
    def size(self) -> int:
        """Return the number of coordinates, which is also the number of covariances."""
        return self.order if self.diagonal else self.order * (self.order + 1) // 2

    def start(self, scale: Floats) -> Floats:
        """Return coordinates of a diagonal matrix with these standard deviations."""
        if self.diagonal:
            return scale
        rows, columns = triangle(self.order)
        return np.where(rows == columns, scale[rows], 0.0)

    def nearest(self, psi: Floats, scale: Floats) -> Floats:
        """Return coordinates of the nearest matrix that is safely positive definite, (R, size).

        ``scale`` are the standard deviations that make variances comparable, shape (order,).
        """
        if self.diagonal:
            return np.asarray(np.sqrt(np.maximum(psi, FLOOR * scale**2)))
        rows, columns = triangle(self.order)
        matrix = np.empty((len(psi), self.order, self.order))
        matrix[:, rows, columns] = matrix[:, columns, rows] = psi / (scale[rows] * scale[columns])
        values, vectors = np.linalg.eigh(matrix)
        raised: Floats = (vectors * np.maximum(values, FLOOR)[:, None]) @ np.swapaxes(vectors, 1, 2)
        factor = np.linalg.cholesky(raised) * scale[:, None]
        return np.asarray(factor[:, rows, columns])

    def evaluate(self, theta: Floats) -> Floats:
        """Return psi, shape (R, size)."""
        return np.asarray(0.5 * np.einsum("kij,ri,rj->rk", self.tensor, theta, theta))

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return first (R, psi, theta) and second (R, psi, theta, theta) derivatives."""
        first = (self.tensor @ theta[:, None, :, None])[..., 0]
        return first, np.broadcast_to(self.tensor, (len(theta), *self.tensor.shape))

    def curved_derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return derivatives in the coordinates of the full Kenward-Roger adjustment."""
        if not self.log_full:
            identity = np.broadcast_to(np.eye(self.size), (len(theta), self.size, self.size))
            return identity, np.zeros((len(theta), *self.tensor.shape))
        first, second = self.derivatives(theta)
        rows, columns = triangle(self.order)
        scale = theta[:, np.flatnonzero(rows == columns)][:, rows]
        inner = np.zeros((len(theta), self.size, self.size))
        bent = np.zeros((len(theta), self.size, self.size, self.size))
        # L_ij = exp(phi_i) lambda_ij and L_ii = exp(phi_i)
        for entry, (i, j) in enumerate(zip(rows, columns, strict=True)):
            log_scale = np.flatnonzero((rows == i) & (columns == i))[0]
            inner[:, entry, log_scale] = bent[:, entry, log_scale, log_scale] = theta[:, entry]
            if i != j:
                inner[:, entry, entry] = scale[:, entry]
                bent[:, entry, entry, log_scale] = bent[:, entry, log_scale, entry] = scale[
                    :, entry
                ]
        outer = np.einsum("rkij,ria,rjb->rkab", second, inner, inner)
        return first @ inner, outer + np.einsum("rki,riab->rkab", first, bent)


@lru_cache(maxsize=32)
def _second_derivative(order: int, diagonal: bool) -> Floats:
    """Return H of a quadratic part, shape (psi, theta, theta)."""
    if diagonal:
        tensor = 2.0 * basis(order, diagonal=True)
    else:
        rows, columns = triangle(order)
        factors = np.zeros((len(rows), order, order))  # dL / dtheta, one matrix a coordinate
        factors[np.arange(len(rows)), rows, columns] = 1.0
        products = factors[:, None] @ np.swapaxes(factors, 1, 2)[None]
        both = products + np.swapaxes(products, 2, 3)
        tensor = np.ascontiguousarray(np.moveaxis(both[:, :, rows, columns], 2, 0))
    tensor.setflags(write=False)
    return tensor


@dataclass(frozen=True)
class Patterned:
    """AR1, AR1H, CS or CSH over ordered visits."""

    kind: str
    order: int
    diagonal = False
    linear = False

    @property
    def scales(self) -> int:
        """Return the number of standard deviations."""
        return self.order if self.kind.endswith("h") else 1

    @property
    def size(self) -> int:
        """Return the number of coordinates."""
        return self.scales + 1

    def start(self, scale: Floats) -> Floats:
        """Return coordinates with these standard deviations and a correlation near 0.2."""
        return np.append(np.log(scale[: self.scales]), 0.2)

    def _correlation(self, x: Floats) -> tuple[Floats, Floats, Floats]:
        """Return the correlation r with its first and second derivative in x."""
        if self.kind.startswith("ar1"):
            square = 1 + x * x
            return x / np.sqrt(square), square**-1.5, -3 * x * square**-2.5
        lowest = -1 / (self.order - 1)
        place = special.expit(x)
        slope = (1 - lowest) * place * (1 - place)
        return lowest + (1 - lowest) * place, slope, slope * (1 - 2 * place)

    def _pieces(self, theta: Floats) -> tuple[Floats, Floats, Floats]:
        """Return s_i s_j, the counts of each log s in it, and m, over the triangle."""
        rows, columns = triangle(self.order)
        number = np.arange(self.scales)
        if self.scales == 1:
            counts = np.full((len(rows), 1), 2.0)
        else:
            counts = (rows[:, None] == number) * 1.0 + (columns[:, None] == number)
        distance = np.abs(rows - columns).astype(float)
        if self.kind.startswith("cs"):
            distance = np.minimum(distance, 1.0)
        product = np.exp(theta[:, : self.scales] @ counts.T)
        return product, counts, distance

    def evaluate(self, theta: Floats) -> Floats:
        """Return psi, shape (R, order (order + 1) / 2)."""
        product, _, distance = self._pieces(theta)
        r, _, _ = self._correlation(theta[:, self.scales, None])
        return np.asarray(product * r**distance)

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return first (R, psi, theta) and second (R, psi, theta, theta) derivatives."""
        product, counts, m = self._pieces(theta)
        r, slope, bend = self._correlation(theta[:, self.scales, None])
        power_1 = m * r ** np.maximum(m - 1, 0)
        power_2 = m * (m - 1) * r ** np.maximum(m - 2, 0)
        value = product * r**m
        in_x = product * power_1 * slope
        in_xx = product * (power_2 * slope**2 + power_1 * bend)
        first = np.concatenate([value[..., None] * counts, in_x[..., None]], axis=-1)
        second = np.empty((*first.shape, self.size))
        s = self.scales
        second[..., :s, :s] = value[..., None, None] * counts[:, :, None] * counts[:, None, :]
        second[..., :s, s] = second[..., s, :s] = in_x[..., None] * counts
        second[..., s, s] = in_xx
        return first, second

    def curved_derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return derivatives in the coordinates of the full Kenward-Roger adjustment."""
        return self.derivatives(theta)


@dataclass(frozen=True)
class Known:
    """A residual variance of one: the weights are reciprocal known sampling variances."""

    order: int = 1
    size = 0
    diagonal = True
    linear = True

    def start(self, scale: Floats) -> Floats:
        """Return no coordinates."""
        return scale[:0]

    def evaluate(self, theta: Floats) -> Floats:
        """Return a variance of one for every response."""
        return np.ones((len(theta), 1))

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return derivatives with respect to no coordinate."""
        return np.zeros((len(theta), 1, 0)), np.zeros((len(theta), 1, 0, 0))

    curved_derivatives = derivatives


Part = Quadratic | Patterned | Known
