"""A model described by names is the model put together by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from oracle_models import FACTORS, data, fitted

from howlow.design import (
    ConstrainedBaseline,
    Factor,
    FixedEffects,
    ModelDescription,
    RandomColumns,
    ResidualColumns,
    build_model,
)
from howlow.model import ModelError, contrast, fit_mixed

TIME = Factor(("pre", "mid", "post"))


def crossed(*names):
    return (*((name,) for name in names), tuple(names))


def test_nested_intercepts_by_names():
    mean = FixedEffects((("Machine",),), FACTORS)
    random = (RandomColumns(("Worker", "Machine")), RandomColumns(("Worker",)))
    built = build_model(data("machines"), ModelDescription("score", mean, random))
    assert fit_mixed(built.model).loglik == pytest.approx(fitted("mach_nested").loglik, abs=1e-9)
    assert [term.label for term in built.model.random] == ["Worker:Machine", "Worker"]


def test_uncorrelated_slopes_by_names():
    random = (RandomColumns(("Subject",), ("Days",), correlated=False),)
    description = ModelDescription("Reaction", FixedEffects((("Days",),)), random)
    built = build_model(data("sleepstudy"), description)
    assert fit_mixed(built.model).loglik == pytest.approx(fitted("sleep_rs_diag").loglik, abs=1e-9)


def test_missed_visits_are_left_out_and_counted():
    mean = FixedEffects(crossed("time", "freq"), FACTORS | {"time": TIME})
    description = ModelDescription("y", mean, (RandomColumns(("pid",)),))
    built = build_model(data("freq"), description)
    assert built.left_out == 9
    assert fit_mixed(built.model).loglik == pytest.approx(fitted("freq").loglik, abs=1e-9)


def before_and_after(people=24, seed=9):
    rng = np.random.default_rng(seed)
    pre = rng.normal(50, 8, people)
    post = pre + rng.normal(1, 3, people)
    arm = np.where(np.arange(people) % 2, "heavy", "light")
    return pd.DataFrame(
        {
            "participant": np.tile([f"P{k}" for k in range(people)], 2),
            "arm": np.tile(arm, 2),
            "visit": np.repeat(["pre", "post"], people),
            "lean mass (kg)": np.r_[pre, post],
        }
    )


def test_the_constrained_longitudinal_model_of_complete_data_estimates_what_ancova_does():
    frame = before_and_after()
    factors = {"visit": Factor(("pre", "post")), "arm": Factor(("light", "heavy"))}
    mean = FixedEffects((("visit",),), factors, ConstrainedBaseline("visit", "arm"))
    residual = ResidualColumns("unstructured", "visit", "participant")
    built = build_model(frame, ModelDescription("lean mass (kg)", mean, residual=residual))
    found = contrast(fit_mixed(built.model), [[0, 0, 1]])
    wide = frame.pivot_table(index=["participant", "arm"], columns="visit", values="lean mass (kg)")
    wide = wide.reset_index()
    X = np.column_stack([np.ones(24), wide["pre"], wide["arm"] == "heavy"]).astype(float)
    beta = np.linalg.lstsq(X, wide["post"].to_numpy(), rcond=None)[0]
    assert found.estimate[0] == pytest.approx(beta[2], rel=1e-8)
    assert found.method == "Kenward-Roger (linear, expected information)"


def test_unequal_variances_of_arms_by_names():
    frame = before_and_after().query("visit == 'post'")
    mean = FixedEffects((("arm",),), {"arm": Factor(("light", "heavy"))})
    description = ModelDescription("lean mass (kg)", mean, residual=ResidualColumns(by="arm"))
    fit = fit_mixed(build_model(frame, description).model)
    assert [one.row for one in fit.components] == ["heavy", "light"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"outcome": "load"}, r"\['load'\] are not in the data"),
        ({"random": (RandomColumns(("pid",), ("freq",)),)}, "4 levels: no single slope"),
        ({"random": (RandomColumns(("limb",)),)}, r"\['limb'\] are not in the data"),
        ({"random": (RandomColumns(("pid",), ("age",)),)}, "'age' of a random slope"),
        ({"weights": "n"}, r"\['n'\] are not in the data"),
    ],
)
def test_columns_that_cannot_play_their_part_are_refused(change, message):
    mean = FixedEffects((("freq",),), FACTORS)
    settings = {"outcome": "y", "mean": mean, "random": (RandomColumns(("pid",)),)} | change
    with pytest.raises(ModelError, match=message):
        build_model(data("freq"), ModelDescription(**settings))
