"""The mean of the curves by their Akaike weights, its interval honest about the choice of shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from howlow.analysis.fitting.fits import Combination
from howlow.synthesis.curves.doses import Contrasts
from howlow.synthesis.curves.fitting import Fitted, Line, line, weights

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Vector


@dataclass(frozen=True)
class MeanLine:
    """The lines of several shapes against one reference, and their weights, which add up to one."""

    lines: tuple[Line, ...]
    weights: Vector

    @property
    def reference(self) -> float:
        """The dose that all lines are set against."""
        return self.lines[0].reference

    def at(self, dose: float) -> Combination:
        """The mean gain at a dose over the reference.

        Its standard error is unconditional: each shape's own variance with its squared distance
        from the mean (Burnham & Anderson 2002, Model Selection and Multimodel Inference, equation
        4.9). Degrees of freedom are the fewest of any shape.
        """
        found = [one.at(dose) for one in self.lines]
        gains = np.array([one.estimate for one in found])
        mean = float(self.weights @ gains)
        errors = np.hypot([one.se for one in found], gains - mean)
        return Combination(mean, float(self.weights @ errors), min(one.df for one in found))


def average(contrasts: Sequence[Contrasts], fitted: Sequence[Fitted], reference: float) -> MeanLine:
    """The mean of fitted shapes, each with a finite AICc, against a reference dose."""
    lines = tuple(line(contrasts, one, reference) for one in fitted)
    return MeanLine(lines, weights(fitted))
