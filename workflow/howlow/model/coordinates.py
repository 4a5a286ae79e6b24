"""The covariance parts of one model, joined into a single vector of coordinates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from .arrays import Floats
from .covariance import Known, Part, Patterned, Quadratic


class CovarianceMap(Protocol):
    """What Newton's method needs to know of the coordinates."""

    def evaluate(self, theta: Floats) -> Floats:
        """Return psi."""
        ...

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return first and second derivatives of psi in theta."""
        ...

    def step_limit(self, theta: Floats) -> Floats:
        """Return the largest step allowed in each coordinate."""
        ...


def covariance_count(part: Part) -> int:
    """Return how many covariances psi a part has."""
    return part.order if part.diagonal else part.order * (part.order + 1) // 2


@dataclass(frozen=True)
class Coordinates:
    """All parts of V side by side: theta (R, d) to psi (R, k) with exact derivatives."""

    parts: tuple[Part, ...]

    def slices(self) -> list[tuple[Part, slice, slice]]:
        """Return each part with its places in theta and in psi."""
        places, t, p = [], 0, 0
        for part in self.parts:
            size, count = part.size, covariance_count(part)
            places.append((part, slice(t, t + size), slice(p, p + count)))
            t, p = t + size, p + count
        return places

    @property
    def size(self) -> int:
        """Return the number of coordinates."""
        return sum(part.size for part in self.parts)

    @property
    def covariances(self) -> int:
        """Return the number of covariances."""
        return sum(covariance_count(part) for part in self.parts)

    def evaluate(self, theta: Floats) -> Floats:
        """Return psi, shape (R, k)."""
        return np.concatenate([part.evaluate(theta[:, t]) for part, t, _ in self.slices()], axis=1)

    def derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return first (R, k, d) and second (R, k, d, d) derivatives of psi in theta."""
        return self._join(theta, lambda part, values: part.derivatives(values))

    def natural_derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return the derivatives with psi itself as the coordinate wherever psi is free.

        A variance on its boundary keeps its place here, whereas its derivative in theta is zero.
        """

        def own(part: Part, values: Floats) -> tuple[Floats, Floats]:
            """Return the identity where psi is free."""
            if isinstance(part, (Patterned, Known)):
                return part.derivatives(values)
            return _identity(part, len(values))

        return self._join(theta, own)

    def curved_derivatives(self, theta: Floats) -> tuple[Floats, Floats]:
        """Return the derivatives in the coordinates of the full Kenward-Roger adjustment."""
        return self._join(theta, lambda part, values: part.curved_derivatives(values))

    def _join(
        self, theta: Floats, derivatives: Callable[[Part, Floats], tuple[Floats, Floats]]
    ) -> tuple[Floats, Floats]:
        """Return block-diagonal first and second derivatives."""
        if len(self.parts) == 1:
            return derivatives(self.parts[0], theta)
        first = np.zeros((len(theta), self.covariances, self.size))
        second = np.zeros((len(theta), self.covariances, self.size, self.size))
        for part, t, p in self.slices():
            first[:, p, t], second[:, p, t, t] = derivatives(part, theta[:, t])
        return first, second

    def step_limit(self, theta: Floats) -> Floats:
        """Return the largest step allowed in each coordinate, shape (R, d).

        Standard deviations may move by three times the largest of them; log scales by one.
        """
        limit = np.empty_like(theta)
        for part, t, _ in self.slices():
            if isinstance(part, Quadratic):
                largest = np.abs(theta[:, t]).max(axis=1, keepdims=True, initial=0.0)
                limit[:, t] = np.maximum(3 * largest, 0.1)
            else:
                limit[:, t] = 1.0
        return limit


def _identity(part: Part, responses: int) -> tuple[Floats, Floats]:
    """Return the derivatives of psi in itself."""
    k = part.size
    return np.broadcast_to(np.eye(k), (responses, k, k)), np.zeros((responses, k, k, k))
