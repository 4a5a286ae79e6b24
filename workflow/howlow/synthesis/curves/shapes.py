"""How the gain may depend on a dose: columns whose coefficients are estimated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from howlow.config.settings import SessionClasses

if TYPE_CHECKING:
    from howlow.synthesis.meta.model import Matrix, Vector

Name = Literal["linear", "log", "log1p", "spline", "emax", "steps"]
LABELS: dict[Name, str] = {
    "linear": "straight line",
    "log": "logarithm of the dose",
    "log1p": "logarithm of one plus the dose",
    "spline": "restricted cubic spline",
    "emax": "Emax, levelling off",
    "steps": "monotone steps",
}
#: Quantiles of three knots: Harrell (2001), Regression Modeling Strategies, table 2.3.
KNOT_QUANTILES = (0.10, 0.50, 0.90)


@dataclass(frozen=True)
class Shape:
    """A shape of a curve; `knots` of a spline, `ed50` of an Emax curve, `levels` of steps.

    Attributes
    ----------
    levels
        Session classes above the lowest, each a step up from the one before.
    starts
        The smallest dose observed of each class, the lowest first.
    """

    name: Name
    knots: tuple[float, ...] = ()
    ed50: float = float("nan")
    levels: tuple[int, ...] = ()
    starts: tuple[float, ...] = ()
    classes: SessionClasses | None = None

    @property
    def columns(self) -> int:
        """Coefficients that are estimated linearly."""
        return {"spline": 2, "steps": len(self.levels)}.get(self.name, 1)

    def basis(self, doses: Vector) -> Matrix:
        """The columns at these doses, shape (doses, columns)."""
        if self.name == "linear":
            return doses[:, None]
        if self.name == "log":
            return np.asarray(np.log(doses))[:, None]
        if self.name == "log1p":
            return np.asarray(np.log1p(doses))[:, None]
        if self.name == "spline":
            return spline(doses, self.knots)
        if self.name == "emax":
            return (doses / (self.ed50 + doses))[:, None]
        there = np.array([class_of(dose, self.classes) for dose in doses])
        return (there[:, None] >= np.array(self.levels)).astype(float)

    def along(self, doses: Vector) -> Matrix:
        """The columns where a line is drawn, shape (doses, columns).

        Nobody trained between two classes: there steps rise evenly, to the smallest dose of each.
        """
        if self.name != "steps":
            return self.basis(doses)
        heights = np.tri(len(self.starts))[:, 1:]
        return np.column_stack([np.interp(doses, self.starts, one) for one in heights.T])

    def slope(self, doses: Vector) -> Matrix:
        """The derivative of an Emax curve of height one in its ED50, shape (doses, 1)."""
        return (-doses / (self.ed50 + doses) ** 2)[:, None]


def class_of(sessions: float, classes: SessionClasses | None) -> int:
    """Sessions a week as 0, 1, 2 or 3 (three or more)."""
    cuts = classes or SessionClasses()
    if sessions == 0:
        return 0
    if sessions < cuts.once_below:
        return 1
    return 2 if sessions < cuts.twice_below else 3


def spline(doses: Vector, knots: tuple[float, ...]) -> Matrix:
    """A restricted cubic spline of three knots, shape (doses, 2).

    Linear beyond the outer knots (Harrell 2001, Regression Modeling Strategies, section 2.4.5),
    with the cubic column divided by the squared distance of the outer knots.
    """
    first, middle, last = knots

    def cubed(knot: float) -> Vector:
        return np.asarray(np.maximum(doses - knot, 0.0) ** 3)

    bent = (
        cubed(first)
        - cubed(middle) * (last - first) / (last - middle)
        + cubed(last) * (middle - first) / (last - middle)
    )
    return np.column_stack([doses, bent / (last - first) ** 2])


def knots_of(doses: Vector) -> tuple[float, ...]:
    """Three knots at quantiles of the doses, or nothing where they fall together."""
    found = tuple(float(knot) for knot in np.quantile(doses, KNOT_QUANTILES))
    return found if len(set(found)) == len(found) else ()
