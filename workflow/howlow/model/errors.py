"""Errors of the mixed-model engine.

ValueError
└── ModelError            a model that cannot be fitted as described
    └── AliasedError      fixed-effect columns that repeat one another
"""

from __future__ import annotations


class ModelError(ValueError):
    """A model whose parts do not fit together or cannot be estimated."""


class AliasedError(ModelError):
    """A design whose columns are linear combinations of one another.

    Attributes
    ----------
    columns
        Names of the columns that the columns before them already determine.
    """

    def __init__(self, columns: tuple[str, ...]) -> None:
        self.columns = columns
        super().__init__(
            f"the fixed effects are not estimable: {', '.join(columns)} can be written as a "
            "combination of the columns before; drop the term or merge its empty cells"
        )
