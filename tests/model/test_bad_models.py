"""What cannot be fitted is refused with a message that says where and what."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from howlow.design.grid import reference_grid
from howlow.design.matrix import ConstrainedBaseline, Factor, FixedEffects, build_design
from howlow.model import (
    AliasedError,
    Inference,
    MixedModel,
    ModelError,
    RandomTerm,
    Residual,
    custom,
    fit_batch,
    fit_mixed,
    marginal_means,
    pairwise,
)

ONE, Y = np.ones((6, 1)), np.array([1.0, 3.0, 2.0, 5.0, 4.0, 4.5])
FRAME = pd.DataFrame(
    {
        "arm": ["light", "light", "heavy", "heavy", "light", "heavy"],
        "visit": ["pre", "post"] * 3,
        "age": [20.0, 20, 30, 30, 40, 40],
        "1RM (kg)": [1.0, 2, 3, 4, 5, 6],
    }
)
ARM, VISIT = Factor(("light", "heavy")), Factor(("pre", "post"))


def structured(**changes):
    settings = {"visit": [0, 1] * 3, "subject": [0, 0, 1, 1, 2, 2]} | changes
    return Residual("unstructured", **settings)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: MixedModel(Y, ONE[:5], ("i",)), "X \\(5, 1\\)"),
        (lambda: MixedModel(Y, ONE, ("i", "j")), "2 columns are named"),
        (lambda: MixedModel(np.r_[Y[:5], np.nan], ONE, ("i",)), "y has 1 missing"),
        (lambda: MixedModel(Y[:1], ONE[:1], ("i",)), "1 rows cannot estimate 1"),
        (lambda: MixedModel(Y, ONE, ("i",), weights=-np.ones(6)), "weights must be positive"),
        (lambda: MixedModel(Y, ONE, ("i",), residual=Residual("known")), "1 / variance"),
        (lambda: Residual("banded"), "'banded' is none of"),
        (lambda: Residual("ar1"), "needs the visit and subject"),
        (lambda: structured(visit=["pre", "post"] * 3), "give their order"),
        (
            lambda: MixedModel(Y, ONE, ("i",), residual=structured(visit=[0] * 6)),
            "subject 0 has more than one row at a visit",
        ),
        (
            lambda: MixedModel(Y, ONE, ("i",), residual=structured(subject=[0, 1])),
            "residual subject has shape",
        ),
        (lambda: RandomTerm(np.ones((6, 2)), Y), "2 columns but names"),
        (lambda: MixedModel(Y, ONE, ("i",), [RandomTerm(np.ones(5), Y[:5])]), "6 rows"),
        (lambda: fit_mixed(MixedModel(2 * np.ones(6), ONE, ("i",))), "no variance is left"),
        (lambda: fit_batch(MixedModel(Y, ONE, ("i",)), Y[None, :4]), "not \\(R, 6\\)"),
        (lambda: fit_batch(MixedModel(Y, ONE, ("i",)), np.nan * Y[None]), "missing or infinite"),
        (lambda: RandomTerm(Y, [*"abcde", None]), "1 missing values"),
        (lambda: RandomTerm(Y, [1.0, 1.0, 2.0, 2.0, np.nan, np.nan]), "2 missing values"),
        (lambda: RandomTerm(Y, np.array([1, 1, "a", 2, 2, 3], dtype=object)), "mixes numbers"),
        (lambda: custom({"a": [1, 2]}).__class__(("a", "b"), ONE), "2 labels"),
    ],
)
def test_a_model_that_does_not_fit_together_is_refused(build, message):
    with pytest.raises(ModelError, match=message):
        build()


def test_a_structure_over_one_visit_is_refused():
    residual = Residual("ar1", visit=[0] * 6, subject=list(range(6)))
    with pytest.raises(ModelError, match="at least two visits"):
        fit_mixed(MixedModel(Y, ONE, ("i",), residual=residual))


def test_aliased_columns_are_named_by_the_kernel():
    X = np.column_stack([np.ones(6), Y, 2 * Y + 1, np.zeros(6)])
    with pytest.raises(AliasedError) as caught:
        MixedModel(Y, X, ("i", "a", "b", "c"))
    assert caught.value.columns == ("b", "c")


def test_an_empty_cell_is_named_by_the_design():
    effects = FixedEffects(
        (("arm",), ("visit",), ("arm", "visit")),
        {"arm": Factor(("light", "heavy", "moderate")), "visit": VISIT},
    )
    with pytest.raises(AliasedError, match=r"arm\[moderate\]"):
        build_design(FRAME, effects)


def test_names_are_looked_up_and_never_parsed():
    design = build_design(FRAME, FixedEffects((("1RM (kg)",),)))
    assert design.names == ("Intercept", "1RM (kg)")
    assert design.X[:, 1].tolist() == [1, 2, 3, 4, 5, 6]


def test_the_reference_level_is_declared():
    effects = FixedEffects((("arm",),), {"arm": Factor(("light", "heavy"), "heavy")})
    assert build_design(FRAME, effects).names == ("Intercept", "arm[light]")


def test_the_constrained_baseline_has_no_difference_before():
    effects = FixedEffects(
        (("visit",),), {"arm": ARM, "visit": VISIT}, ConstrainedBaseline("visit", "arm")
    )
    design = build_design(FRAME, effects)
    assert design.names == ("Intercept", "visit[post]", "visit[post]:arm[heavy]")
    grid = reference_grid(design, FRAME)
    pre = marginal_means(grid, ["visit", "arm"])
    assert pre.combinations[:2] == (("pre", "light"), ("pre", "heavy"))
    assert pre.L[0].tolist() == pre.L[1].tolist()


@pytest.mark.parametrize(
    ("effects", "message"),
    [
        (FixedEffects((("sex",),)), r"\['sex'\] are not in the data"),
        (FixedEffects((("arm",),)), "declare it as a factor"),
        (FixedEffects((("arm",),), {"arm": Factor(("light",))}), r"\['heavy'\] that are not"),
        (
            FixedEffects((("visit",),), {"visit": VISIT}, ConstrainedBaseline("visit", "age")),
            "must be a factor",
        ),
    ],
)
def test_a_design_that_does_not_fit_the_data_is_refused(effects, message):
    with pytest.raises(ModelError, match=message):
        build_design(FRAME, effects)


def test_questions_the_model_cannot_answer_are_refused():
    design = build_design(FRAME, FixedEffects((("arm",), ("age",)), {"arm": ARM}))
    with pytest.raises(ModelError, match="not covariates"):
        reference_grid(design, FRAME, {"mass": 70.0})
    means = marginal_means(reference_grid(design, FRAME), ["arm"])
    fit = fit_mixed(MixedModel(Y, design.X, design.names))
    inference = Inference(fit)
    with pytest.raises(ModelError, match="not among the factors"):
        marginal_means(reference_grid(design, FRAME), ["visit"])
    with pytest.raises(ModelError, match="3 means, not 2"):
        means.contrast(inference, pairwise(["a", "b", "c"]))
    with pytest.raises(ModelError, match="linearly independent"):
        inference.joint_test([[0, 1, 0], [0, 2, 0]])
    with pytest.raises(ModelError, match="REML fits only"):
        Inference(fit_mixed(fit.model, reml=False))
