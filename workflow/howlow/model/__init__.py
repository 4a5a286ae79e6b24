"""The mixed-model engine: Gaussian REML and ML with inference that holds in small trials.

What is listed in ``__all__`` is all that other packages may import. The engine takes arrays and
names and needs numpy, scipy.linalg and scipy.special only; `howlow.design` builds its matrices from
named columns. The mathematics stands in `docs/engine.md` and in the heads of the modules.
"""

from .batch_effects import BatchContrast, BatchInference, BatchJointTest
from .cluster_robust import RobustBatch, robust_batch, robust_contrast
from .comparison import Criteria, LikelihoodRatio, criteria, likelihood_ratio
from .components import VarianceComponent
from .contrasts import (
    Coefficients,
    against_reference,
    consecutive,
    custom,
    interaction,
    pairwise,
    polynomial,
)
from .dunnett import simultaneous_t
from .effects import Contrast, Inference, JointTest, contrast, joint_test
from .errors import AliasedError, ModelError
from .estimates import BatchFit, MixedFit, fit_batch, fit_mixed
from .influence import Influence, leave_one_out
from .intervals import ComponentInterval, bootstrap_intervals, profile_interval
from .left_out import LeftOut, refit_without_each
from .marginal_means import MarginalMeans, ReferenceGrid, marginal_means
from .multiplicity import Adjusted, adjust
from .prediction import (
    RandomEffects,
    predict_population,
    predict_rows,
    random_effects,
    scaled_residuals,
    simulate,
)
from .specification import MixedModel, RandomTerm, Residual

__all__ = [
    "Adjusted",
    "AliasedError",
    "BatchContrast",
    "BatchFit",
    "BatchInference",
    "BatchJointTest",
    "Coefficients",
    "ComponentInterval",
    "Contrast",
    "Criteria",
    "Inference",
    "Influence",
    "JointTest",
    "LeftOut",
    "LikelihoodRatio",
    "MarginalMeans",
    "MixedFit",
    "MixedModel",
    "ModelError",
    "RandomEffects",
    "RandomTerm",
    "ReferenceGrid",
    "Residual",
    "RobustBatch",
    "VarianceComponent",
    "adjust",
    "against_reference",
    "bootstrap_intervals",
    "consecutive",
    "contrast",
    "criteria",
    "custom",
    "fit_batch",
    "fit_mixed",
    "interaction",
    "joint_test",
    "leave_one_out",
    "likelihood_ratio",
    "marginal_means",
    "pairwise",
    "polynomial",
    "predict_population",
    "predict_rows",
    "profile_interval",
    "random_effects",
    "refit_without_each",
    "robust_batch",
    "robust_contrast",
    "scaled_residuals",
    "simulate",
    "simultaneous_t",
]
