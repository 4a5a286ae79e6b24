"""Generalised least squares over blocks of effects: all blocks of one size are solved at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.errors import DesignError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from howlow.synthesis.meta.model import Block

    Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Stack:
    """Blocks of one size m, stacked: (k, m), (k, m, m), (k, m, p) and (k, m, m)."""

    effects: Floats
    covariance: Floats
    design: Floats
    pattern: Floats

    def weight(self, tau2: Floats) -> tuple[Floats, Floats]:
        """Inverse covariances at each tau2, (T, k, m, m), and their log determinants, (T,)."""
        total = self.covariance + tau2[:, None, None, None] * self.pattern
        if self.effects.shape[1] == 1:
            return 1 / total, np.log(total).sum(axis=(1, 2, 3))
        inverse: Floats = np.asarray(np.linalg.inv(total), dtype=float)
        return inverse, np.linalg.slogdet(total)[1].sum(axis=1)


def stack(blocks: Sequence[Block]) -> list[Stack]:
    """Blocks of one size together, so that all are solved at once.

    Raises
    ------
    DesignError
        If a sampling covariance is not positive definite.
    """
    sizes: dict[int, list[Block]] = {}
    for block in blocks:
        sizes.setdefault(len(block.effects), []).append(block)
    stacks = []
    for same in sizes.values():
        covariance = np.array([block.covariance for block in same])
        flawed = ~(np.linalg.eigvalsh(covariance)[:, 0] > 0)
        if flawed.any():
            name = same[int(flawed.argmax())].name
            raise DesignError(f"{name}: a sampling covariance is not positive definite")
        effects = np.array([block.effects for block in same])
        design = np.array([block.design for block in same])
        stacks.append(Stack(effects, covariance, design, np.array([b.pattern for b in same])))
    return stacks


@dataclass(frozen=True)
class Moments:
    """X'WX, X'Wy and the log determinant of the covariance of all effects at each of T values.

    Shapes (T, p, p), (T, p) and (T,); `rest` is the weighted residual sum of squares, (T,).
    """

    cross: Floats
    moment: Floats
    log_det: Floats
    rest: Floats


def moments(stacks: Sequence[Stack], tau2: Floats) -> Moments:
    """The sums that generalised least squares is made of, at each tau2 of shape (T,)."""
    width = stacks[0].design.shape[2]
    cross, moment = np.zeros((len(tau2), width, width)), np.zeros((len(tau2), width))
    square, log_det = np.zeros(len(tau2)), np.zeros(len(tau2))
    for one in stacks:
        weight, part = one.weight(tau2)
        solved = weight @ one.design
        flat = solved.reshape(len(tau2), -1, width)
        effects = one.effects.reshape(-1)
        cross += one.design.reshape(-1, width).T @ flat
        moment += effects @ flat
        square += (weight @ one.effects[:, :, None]).reshape(len(tau2), -1) @ effects
        log_det += part
    solution = np.linalg.solve(cross, moment[:, :, None])[:, :, 0]
    rest = np.maximum(square - (moment * solution).sum(axis=1), 0.0)
    return Moments(cross, moment, log_det, rest)
