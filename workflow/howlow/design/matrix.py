"""Fixed-effects design matrices from names, never from formula strings.

A term is a tuple of column names: one name is a main effect, several an interaction. Columns are
looked up, not parsed, so that any name works. The order and the reference of every factor are
declared. pandas and formulaic are imported when a matrix is built.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from howlow.model.errors import AliasedError, ModelError
from howlow.model.specification import aliased_columns

if TYPE_CHECKING:
    import pandas as pd

Term = tuple[str, ...]


@dataclass(frozen=True)
class Factor:
    """A categorical column: its levels in order, and the one that others are compared with."""

    levels: tuple[str, ...]
    reference: str | None = None

    def __post_init__(self) -> None:
        if len(set(self.levels)) != len(self.levels):
            raise ModelError(f"factor levels {self.levels} repeat")
        if self.reference is not None and self.reference not in self.levels:
            raise ModelError(f"reference {self.reference!r} is not among {self.levels}")

    @property
    def coded(self) -> list[str]:
        """Return the levels with the reference first."""
        first = self.levels[0] if self.reference is None else self.reference
        return [first, *(level for level in self.levels if level != first)]


@dataclass(frozen=True)
class ConstrainedBaseline:
    """Arm by visit effects with one baseline mean for all arms (Liang & Zeger 2000).

    One column for each arm but the reference and each visit but the reference (the baseline). The
    visits must be a main effect of the design, the arms must not be.
    """

    visit: str
    arm: str


@dataclass(frozen=True)
class FixedEffects:
    """The mean of a model, by names.

    Parameters
    ----------
    terms
        Main effects and interactions, each a tuple of column names.
    factors
        The categorical columns; every other column is a covariate and must be numeric.
    constrained_baseline
        Arm by visit effects without a difference at baseline.
    intercept
        Whether there is an intercept.
    """

    terms: Sequence[Term]
    factors: Mapping[str, Factor] = field(default_factory=dict)
    constrained_baseline: ConstrainedBaseline | None = None
    intercept: bool = True

    def columns(self) -> list[str]:
        """Return the names of all columns that the mean uses."""
        names = [name for term in self.terms for name in term]
        if self.constrained_baseline is not None:
            names += [self.constrained_baseline.visit, self.constrained_baseline.arm]
        return list(dict.fromkeys(names))


@dataclass(frozen=True)
class Design:
    """A design matrix, and how to make its rows for other values of the columns."""

    X: NDArray[np.float64]
    names: tuple[str, ...]
    effects: FixedEffects
    _spec: Any = field(repr=False)

    def rows(self, frame: pd.DataFrame) -> NDArray[np.float64]:
        """Return design rows, shape (rows, p), for a frame with the same columns."""
        coded = _coded(frame, self.effects)
        main = np.asarray(self._spec.get_model_matrix(coded), dtype=float)
        return np.hstack([main, _baseline_columns(coded, self.effects)[0]])


def build_design(frame: pd.DataFrame, effects: FixedEffects) -> Design:
    """Return the design matrix of the named effects for the rows of a frame.

    Parameters
    ----------
    frame
        One row an observation; only the named columns are read.
    effects
        The mean of the model.

    Raises
    ------
    AliasedError
        If columns are linear combinations of others, naming them.
    ModelError
        If a column is absent, a level undeclared, or a value missing.
    """
    from formulaic import Formula
    from formulaic.parser.types import Factor as Lookup
    from formulaic.parser.types import Term as FormulaicTerm

    coded = _coded(frame, effects)
    terms = [
        FormulaicTerm([Lookup(name, eval_method="lookup") for name in term])
        for term in effects.terms
    ]
    if effects.intercept:
        terms.insert(0, FormulaicTerm([Lookup("1", eval_method="literal")]))
    matrix = Formula(terms).get_model_matrix(coded, na_action="raise")
    extra, extra_names = _baseline_columns(coded, effects)
    X = np.hstack([np.asarray(matrix, dtype=float), extra])
    names = (*(str(name).replace("[T.", "[") for name in matrix.columns), *extra_names)
    aliased = aliased_columns(X)
    if aliased:
        raise AliasedError(tuple(names[column] for column in aliased))
    return Design(X, names, effects, matrix.model_spec)


def _coded(frame: pd.DataFrame, effects: FixedEffects) -> pd.DataFrame:
    """Return the named columns with factors as categories and covariates as numbers."""
    import pandas as pd

    absent = [name for name in effects.columns() if name not in frame.columns]
    if absent:
        raise ModelError(f"columns {absent} are not in the data, which has {list(frame.columns)}")
    coded = {}
    for name in effects.columns():
        values = frame[name]
        if values.isna().any():
            raise ModelError(f"column {name!r} has {int(values.isna().sum())} missing values")
        if name in effects.factors:
            coded[name] = _categories(name, values, effects.factors[name])
        elif not pd.api.types.is_numeric_dtype(values):
            raise ModelError(f"column {name!r} is not numeric: declare it as a factor")
        else:
            coded[name] = values.to_numpy(dtype=float)
    return pd.DataFrame(coded, index=frame.index)


def _categories(name: str, values: Any, factor: Factor) -> Any:
    """Return a categorical with the reference first, refusing undeclared levels."""
    import pandas as pd

    text = values.astype(str)
    unknown = sorted(set(text) - set(factor.levels))
    if unknown:
        raise ModelError(
            f"column {name!r} has levels {unknown} that are not declared ({factor.levels})"
        )
    return pd.Categorical(text, categories=factor.coded)


def _baseline_columns(
    coded: pd.DataFrame, effects: FixedEffects
) -> tuple[NDArray[np.float64], list[str]]:
    """Return the columns of the constrained-baseline term and their names."""
    term = effects.constrained_baseline
    if term is None:
        return np.empty((len(coded), 0)), []
    for name in (term.visit, term.arm):
        if name not in effects.factors:
            raise ModelError(f"column {name!r} of the constrained baseline must be a factor")
    visits, arms = effects.factors[term.visit].coded[1:], effects.factors[term.arm].coded[1:]
    columns, names = [], []
    for arm in arms:
        for visit in visits:
            here = (coded[term.visit] == visit) & (coded[term.arm] == arm)
            columns.append(here.to_numpy(dtype=float))
            names.append(f"{term.visit}[{visit}]:{term.arm}[{arm}]")
    return np.column_stack(columns), names
