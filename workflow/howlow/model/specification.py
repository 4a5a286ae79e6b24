"""What a mixed model consists of: response, fixed effects, random terms, residual covariance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .arrays import Floats, Integers
from .covariance import PATTERNED, Known, Part, Patterned, Quadratic
from .errors import AliasedError, ModelError

RESIDUALS = ("independent", "unstructured", *PATTERNED, "known")


def number_levels(values: Any, levels: Sequence[Any] | None = None) -> tuple[Integers, list[str]]:
    """Return the level number of each value, and the levels' names in order.

    Raises
    ------
    ModelError
        If values are missing, of mixed types, or not among the declared levels.
    """
    array = np.asarray(values)
    missing = int(np.sum(array != array)) + int(np.sum(array == None))  # noqa: E711
    if missing:
        raise ModelError(f"a grouping has {missing} missing values; leave rows out")
    if levels is None:
        try:
            found, codes = np.unique(array, return_inverse=True)
        except TypeError as error:
            raise ModelError("a grouping mixes numbers and text") from error
        return codes.reshape(array.shape), [str(level) for level in found]
    place = {level: number for number, level in enumerate(levels)}
    unknown = [value for value in np.unique(array).tolist() if value not in place]
    if unknown:
        raise ModelError(f"levels {unknown} are not among the declared levels {list(levels)}")
    codes = np.array([place[value] for value in array.tolist()], dtype=np.intp)
    return codes, [str(level) for level in levels]


@dataclass(frozen=True)
class RandomTerm:
    """Random effects of the columns Z that vary between the levels of a grouping.

    Parameters
    ----------
    Z
        Covariates, shape (rows,) or (rows, q); a column of ones gives a random intercept.
    group
        The level (participant, limb within participant, trial) of each row. A nested level needs
        a label of its own: two participants' left limbs must not share one.
    names
        One name a column of Z.
    correlated
        Whether the q effects have a free covariance matrix or only variances.
    label
        What the grouping is called in the table of variance components.
    """

    Z: ArrayLike
    group: Any
    names: tuple[str, ...] = ("(Intercept)",)
    correlated: bool = True
    label: str = "group"
    columns: Floats = field(init=False, repr=False)
    codes: Integers = field(init=False, repr=False)
    levels: list[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        columns = np.asarray(self.Z, dtype=float)
        columns = columns[:, None] if columns.ndim == 1 else columns
        if columns.shape[1] != len(self.names):
            raise ModelError(
                f"random term {self.label!r}: {columns.shape[1]} columns but names {self.names}"
            )
        codes, levels = number_levels(self.group)
        for name, value in (("columns", columns), ("codes", codes), ("levels", levels)):
            object.__setattr__(self, name, value)

    @property
    def part(self) -> Quadratic:
        """Return the covariance of the effects within one level."""
        return Quadratic(len(self.names), diagonal=not self.correlated or len(self.names) == 1)


@dataclass(frozen=True)
class Residual:
    """The covariance of the rows of one subject, given the random effects.

    Parameters
    ----------
    kind
        ``independent``; ``unstructured``, ``ar1``, ``ar1h``, ``cs``, ``csh`` over visits within
        subjects; ``known`` where the weights are reciprocal sampling variances.
    visit, subject
        The visit and the subject of each row, needed by all kinds over visits.
    visit_levels
        The visits in order; numeric visits are ordered by value where this is left out.
    by
        A grouping (arm, trial, outcome) of which each level has parameters of its own.
    """

    kind: str = "independent"
    visit: Any = None
    subject: Any = None
    by: Any = None
    visit_levels: Sequence[Any] | None = None
    label: str = "residual"

    def __post_init__(self) -> None:
        if self.kind not in RESIDUALS:
            raise ModelError(f"residual kind {self.kind!r} is none of {', '.join(RESIDUALS)}")
        if self.over_visits and (self.visit is None or self.subject is None):
            raise ModelError(f"residual kind {self.kind!r} needs the visit and subject of each row")
        if self.kind == "known" and self.by is not None:
            raise ModelError("known residual variances leave nothing to vary by a grouping")
        unordered = self.over_visits and self.visit_levels is None
        if unordered and not np.issubdtype(np.asarray(self.visit).dtype, np.number):
            raise ModelError("visits are not numbers: give their order as visit_levels")

    @property
    def over_visits(self) -> bool:
        """Whether rows of one subject covary through their visits."""
        return self.kind in ("unstructured", *PATTERNED)

    def parts(self, visits: int, strata: int) -> list[Part]:
        """Return the covariance parts: one a stratum, or one variance a stratum."""
        if self.kind == "known":
            return [Known()]
        if self.kind == "independent":
            return [Quadratic(strata, diagonal=True)]
        if self.kind == "unstructured":
            return [Quadratic(visits, log_full=True)] * strata
        if visits < 2:
            raise ModelError(f"residual kind {self.kind!r} needs at least two visits")
        return [Patterned(self.kind, visits)] * strata


@dataclass(frozen=True)
class MixedModel:
    """A Gaussian linear mixed model y = X beta + sum Z_j u_j + e.

    Parameters
    ----------
    y
        Response, shape (rows,), without missing values: a missed visit is a row left out.
    X
        Fixed-effects design, shape (rows, p), of full column rank.
    names
        One name a column of X.
    random, residual
        Random terms and residual covariance.
    weights
        Positive; row i has residual variance psi / weights[i], and with ``known`` residuals
        exactly 1 / weights[i].

    Raises
    ------
    ModelError
        If lengths differ, values are missing, a subject has one visit twice, or X is aliased.
    """

    y: ArrayLike
    X: ArrayLike
    names: Sequence[str]
    random: Sequence[RandomTerm] = ()
    residual: Residual = Residual()
    weights: ArrayLike | None = None

    def __post_init__(self) -> None:
        y, design = np.asarray(self.y, dtype=float), np.asarray(self.X, dtype=float)
        object.__setattr__(self, "y", y)
        object.__setattr__(self, "X", design)
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "random", tuple(self.random))
        if y.ndim != 1 or design.ndim != 2 or design.shape != (len(y), len(self.names)):
            raise ModelError(
                f"y has shape {y.shape} and X {design.shape}; {len(self.names)} columns are named"
            )
        for what, values in (("y", y), ("X", design), *self._weight_values()):
            missing = int(np.sum(~np.isfinite(values)))
            if missing:
                raise ModelError(f"{what} has {missing} missing or infinite values; leave rows out")
        self._check_lengths()
        if len(y) <= design.shape[1]:
            raise ModelError(f"{len(y)} rows cannot estimate {design.shape[1]} fixed effects")
        aliased = aliased_columns(design)
        if aliased:
            raise AliasedError(tuple(self.names[column] for column in aliased))

    def _weight_values(self) -> list[tuple[str, Floats]]:
        """Return the weights, checked to be positive, if there are any."""
        if self.weights is None:
            if self.residual.kind == "known":
                raise ModelError("known residual variances are given as weights = 1 / variance")
            return []
        weights = np.asarray(self.weights, dtype=float)
        if weights.shape != np.shape(self.y) or np.any(weights <= 0):
            raise ModelError("weights must be positive, one a row")
        object.__setattr__(self, "weights", weights)
        return [("weights", weights)]

    def _check_lengths(self) -> None:
        """Raise unless every array has one entry a row and visits are not repeated."""
        rows, residual = len(np.asarray(self.y)), self.residual
        for term in self.random:
            if len(term.columns) != rows or term.codes.shape != (rows,):
                raise ModelError(f"random term {term.label!r} does not have {rows} rows")
        for what in ("visit", "subject", "by"):
            values = getattr(residual, what)
            if values is not None and np.shape(values) != (rows,):
                raise ModelError(f"residual {what} has shape {np.shape(values)}, not ({rows},)")
        if residual.over_visits:
            visit, _ = number_levels(residual.visit, residual.visit_levels)
            subject, subjects = number_levels(residual.subject)
            cells, counts = np.unique(subject * (visit.max() + 1) + visit, return_counts=True)
            if np.any(counts > 1):
                repeated = subjects[int(cells[counts > 1][0]) // int(visit.max() + 1)]
                raise ModelError(f"subject {repeated} has more than one row at a visit")


def aliased_columns(design: Floats, tolerance: float = 1e-9) -> list[int]:
    """Return the columns that those before them determine (modified Gram-Schmidt)."""
    scale = np.linalg.norm(design, axis=0)
    kept: list[int] = []
    aliased: list[int] = []
    triangle = np.asarray(np.linalg.qr(design / np.where(scale > 0, scale, 1.0), mode="r"))
    if np.all(np.abs(np.diagonal(triangle)) > tolerance) and np.all(scale > 0):
        return []
    residual = np.array(triangle)
    for column in range(design.shape[1]):
        rest = residual[:, column]
        for direction in kept:
            rest = rest - residual[:, direction] * (residual[:, direction] @ rest)
        length = np.linalg.norm(rest)
        if scale[column] == 0 or length <= tolerance:
            aliased.append(column)
        else:
            residual[:, column] = rest / length
            kept.append(column)
    return aliased
