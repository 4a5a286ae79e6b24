"""The reference models of `tests/oracle/oracle.json`, described by names."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from conftest import require

from howlow.design.matrix import ConstrainedBaseline, Design, Factor, FixedEffects, build_design
from howlow.model.estimates import MixedFit, fit_mixed
from howlow.model.specification import MixedModel, RandomTerm, Residual

ORACLE = Path(__file__).parents[1] / "oracle"
SHARED = Path(__file__).parents[2].parent / "shared" / "oracle" / "csv"


@cache
def records() -> dict[str, Any]:
    return json.loads((ORACLE / "oracle.json").read_text())


def record(name: str) -> dict[str, np.ndarray]:
    """Return the numeric entries of a record as arrays."""
    return {
        key: np.atleast_1d(np.asarray(value, dtype=float))
        for key, value in records()[name].items()
        if key in {"est", "se", "df_satt", "df_kr", "se_kr", "se_krl", "df_krl", "df", "vcov",
                   "vcov_kr", "reml_loglik", "ml_loglik", "p_satt", "p_kr", "cov"}
    }  # fmt: skip


@cache
def data(name: str) -> pd.DataFrame:
    """Return an input, from the repository or from the shared folder beside it."""
    for folder in (ORACLE / "csv", SHARED):
        if (folder / f"{name}.csv").exists():
            frame = pd.read_csv(folder / f"{name}.csv", dtype={"Worker": str, "Subject": str})
            if name == "cake":
                frame["temperature"] = frame["temperature"].astype(str)
                frame["plot"] = frame["recipe"] + frame["replicate"].astype(str)
            return frame
    require(None, f"{name}.csv is not part of this repository, and not in ../shared/oracle/csv")
    raise AssertionError  # require skipped or failed


@dataclass(frozen=True)
class Reference:
    csv: str
    y: str
    terms: tuple[tuple[str, ...], ...] = ()
    random: tuple[tuple[Any, ...], ...] = ()  # (group, covariates, correlated)
    residual: tuple[str, str, str] | None = None  # (kind, visit, subject)
    baseline: ConstrainedBaseline | None = None
    extra: dict[str, Any] = field(default_factory=dict, hash=False)


FACTORS = {
    "Sex": Factor(("Male", "Female")), "Machine": Factor(("A", "B", "C")),
    "recipe": Factor(("A", "B", "C")),
    "temperature": Factor(("175", "185", "195", "205", "215", "225")),
    "sets": Factor(("single", "multiple")), "sex": Factor(("female", "male")),
    "group": Factor(("RM10", "RM30")), "visit": Factor(("pre", "mid", "post")),
    "arm": Factor(("light", "heavy")), "period": Factor(("p1", "p2")),
    "cond": Factor(("heavy", "light")), "freq": Factor(("f0", "f1", "f2", "f3")),
    "RACE": Factor(("Asian", "Black or African American", "White")),
    "SEX": Factor(("Male", "Female")), "ARMCD": Factor(("PBO", "TRT")),
    "AVISIT": Factor(("VIS1", "VIS2", "VIS3", "VIS4")),
}  # fmt: skip
TIMES = {
    "sv_legext": ("pre", "week2", "week5", "week9", "post"),
    "sv_isom": ("pre", "session1", "week2", "week5", "week9", "post"),
    "dxa_leg": ("pre", "post"),
}


def crossed(*names: str) -> tuple[tuple[str, ...], ...]:
    return (*((name,) for name in names), tuple(names))


LIMB = (("limb", (), True), ("participant", (), True))
FEV = (("RACE",), ("SEX",), *crossed("ARMCD", "AVISIT"))
REFERENCES: dict[str, Reference] = {
    "sleep_ri": Reference("sleepstudy", "Reaction", (("Days",),), (("Subject", (), True),)),
    "sleep_rs": Reference("sleepstudy", "Reaction", (("Days",),), (("Subject", ("Days",), True),)),
    "sleep_rs_diag": Reference(
        "sleepstudy", "Reaction", (("Days",),), (("Subject", ("Days",), False),)
    ),
    "orth_ri": Reference("orthodont", "distance", crossed("age", "Sex"), (("Subject", (), True),)),
    "orth_rs": Reference(
        "orthodont", "distance", crossed("age", "Sex"), (("Subject", ("age",), True),)
    ),
    "mach_nested": Reference(
        "machines", "score", (("Machine",),), (("Worker:Machine", (), True), ("Worker", (), True))
    ),
    "cake": Reference("cake", "angle", crossed("recipe", "temperature"), (("plot", (), True),)),
    "pastes": Reference("pastes", "strength", (), (("sample", (), True), ("batch", (), True))),
    "penicillin": Reference(
        "penicillin", "diameter", (), (("plate", (), True), ("sample", (), True))
    ),
    "dyestuff2": Reference("dyestuff2", "Yield", (), (("Batch", (), True),)),
    "sv_legext": Reference("sv_legext", "load", crossed("time", "sets"), LIMB),
    "sv_legext_sex": Reference("sv_legext", "load", (*crossed("time", "sets"), ("sex",)), LIMB),
    "sv_legext_slope": Reference(
        "sv_legext", "load", crossed("time", "sets"), (("participant", ("sets",), True),)
    ),
    "dxa": Reference("dxa_leg", "lean", (*crossed("time", "sets"), ("sex",)), LIMB),
    "dxa_change": Reference(
        "dxa_leg_wide", "change", (("lean_pre",), ("sets",), ("sex",)),
        (("participant", (), True),),
    ),
    "tt_legpress": Reference(
        "tenthirty_legpress", "load", crossed("time", "group"), (("participant", (), True),)
    ),
    "tt_bench": Reference(
        "tenthirty_bench", "load", crossed("time", "group"), (("participant", (), True),)
    ),
    "tt_slope": Reference(
        "tenthirty_legpress", "load", crossed("time", "group"),
        (("participant", ("time",), True),),
    ),
    "ipd_ri": Reference(
        "ipd", "y", crossed("visit", "arm"), (("trial", (), True), ("pid", (), True))
    ),
    "crossover": Reference("crossover", "y", (("period",), ("cond",)), (("pid", (), True),)),
    "freq": Reference("freq", "y", crossed("time", "freq"), (("pid", (), True),)),
    "tt_clda_us": Reference(
        "tenthirty_legpress", "load", (("time",),), (),
        ("unstructured", "time", "participant"), ConstrainedBaseline("time", "group"),
    ),
}  # fmt: skip
for kind, short in (
    ("unstructured", "us"), ("cs", "cs"), ("ar1", "ar1"), ("csh", "csh"), ("ar1h", "ar1h"),
):  # fmt: skip
    REFERENCES[f"fev_{short}"] = Reference("fev", "FEV1", FEV, (), (kind, "AVISIT", "USUBJID"))
    REFERENCES[f"tt_mmrm_{short}"] = Reference(
        "tenthirty_legpress", "load", crossed("time", "group"), (), (kind, "time", "participant")
    )
    REFERENCES[f"orth_mmrm_{short}"] = Reference(
        "orthodont", "distance", crossed("age", "Sex"), (), (kind, "age", "Subject")
    )
REFERENCES = {name: value for name, value in REFERENCES.items() if name in records()}
LMER = [name for name, value in REFERENCES.items() if value.residual is None]
MMRM = [name for name, value in REFERENCES.items() if value.residual is not None]


def effects(reference: Reference) -> FixedEffects:
    times = TIMES.get(reference.csv, ("pre", "mid", "post"))
    return FixedEffects(reference.terms, FACTORS | {"time": Factor(times)}, reference.baseline)


def observed(reference: Reference) -> pd.DataFrame:
    return data(reference.csv).dropna(subset=[reference.y]).reset_index(drop=True)


def random_term(frame: pd.DataFrame, mean: FixedEffects, term: tuple[Any, ...]) -> RandomTerm:
    group, covariates, correlated = term
    columns = [np.ones(len(frame))]
    for name in covariates:
        if name in mean.factors:
            columns.append(frame[name].map(mean.factors[name].levels.index).to_numpy(float))
        else:
            columns.append(frame[name].to_numpy(float))
    labels = frame[group.split(":")].astype(str).agg(":".join, axis=1).to_numpy()
    names = ("(Intercept)", *covariates)
    return RandomTerm(np.column_stack(columns), labels, names, correlated, label=group)


@cache
def model(name: str) -> tuple[MixedModel, Design, pd.DataFrame]:
    reference = REFERENCES[name]
    frame, mean = observed(reference), effects(reference)
    design = build_design(frame, mean)
    residual = Residual()
    if reference.residual is not None:
        kind, visit, subject = reference.residual
        levels = mean.factors[visit].levels if visit in mean.factors else None
        residual = Residual(
            kind, visit=frame[visit].to_numpy(), subject=frame[subject].to_numpy(),
            visit_levels=levels,
        )  # fmt: skip
    random = [random_term(frame, mean, term) for term in reference.random]
    y = frame[reference.y].to_numpy(float)
    return MixedModel(y, design.X, design.names, random, residual), design, frame


@cache
def fitted(name: str, reml: bool = True) -> MixedFit:
    return fit_mixed(model(name)[0], reml)
