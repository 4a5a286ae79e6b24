"""Models from named columns: design matrices, whole models, reference grids."""

from .grid import reference_grid
from .matrix import ConstrainedBaseline, Design, Factor, FixedEffects, build_design
from .model import (
    DescribedModel,
    ModelDescription,
    RandomColumns,
    ResidualColumns,
    build_model,
)

__all__ = [
    "ConstrainedBaseline",
    "DescribedModel",
    "Design",
    "Factor",
    "FixedEffects",
    "ModelDescription",
    "RandomColumns",
    "ResidualColumns",
    "build_design",
    "build_model",
    "reference_grid",
]
