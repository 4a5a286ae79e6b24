"""Cells as people type them: what a cell says, what is wrong with it, and what to do about it.

Nothing here guesses. A cell is read as it stands, or it is a fault that names the difference.
"""

from howlow.data.cells.dates import dates
from howlow.data.cells.formulas import formula_faults, guarded, is_formula
from howlow.data.cells.numerals import (
    has_decimal_comma,
    has_point,
    number_cells,
    pointed_faults,
)
from howlow.data.cells.plausibility import value_faults
from howlow.data.cells.telling import FILE, Said, cell_shown, lines_of, tell
from howlow.data.cells.words import (
    SEXES,
    TRAININGS,
    accepted,
    code_of_stranger,
    plain,
    stranger,
    word_faults,
)

__all__ = [
    "FILE",
    "SEXES",
    "TRAININGS",
    "Said",
    "accepted",
    "cell_shown",
    "code_of_stranger",
    "dates",
    "formula_faults",
    "guarded",
    "has_decimal_comma",
    "has_point",
    "is_formula",
    "lines_of",
    "number_cells",
    "plain",
    "pointed_faults",
    "stranger",
    "tell",
    "value_faults",
    "word_faults",
]
