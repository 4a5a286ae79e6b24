"""Measurement error from a baseline that was measured twice."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pingouin
import pytest
from scipy import stats
from small_trials import CONFIG

from howlow.analysis.questions.measurement_error import (
    declared_error,
    error_variance,
    measured_error,
    measurement_error_rows,
)
from howlow.analysis.questions.response import response_rows
from howlow.analysis.units import units
from howlow.config.documents import read_yaml
from howlow.config.schema import check
from howlow.config.study import Participants
from howlow.config.study_checks import cross_checks
from howlow.data.declaration import Declaration, declaration_text, read_declaration
from howlow.data.individual import Measured, measure
from howlow.errors import InputError

STUDY = """
id: twice
kind: participants
title: A baseline that was measured twice
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light}
  heavy: {label: Heavy}
visits:
  pre: {label: Before, week: 0, phase: baseline}
  again: {label: Before again, week: 0, phase: baseline, repeats: pre}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [20, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: table.csv}]
columns: {date: date, first_session: started}
"""
PEOPLE = 14


def declared(folder: Path, text: str = STUDY) -> Participants:
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    checks = cross_checks("twice", {"strength"})
    return check(Participants, read_yaml(folder / "study.yaml"), checks)


def table(again: str = "2026-01-08") -> pd.DataFrame:
    """Fourteen people; all but the last two came twice before training."""
    rng = np.random.default_rng(9)
    dates = {"pre": "2026-01-05", "again": again, "post": "2026-03-23"}
    rows = []
    for who in range(PEOPLE):
        level = rng.normal(100, 15)
        for visit, date in dates.items():
            if visit == "again" and who >= PEOPLE - 2:
                continue
            shift = {"pre": 0.0, "again": 2.0, "post": 10.0}[visit]
            value = round(level + shift + rng.normal(0, 3), 1)
            arm = ("light", "heavy")[who % 2]
            rows.append((f"p{who}", arm, visit, "squat", value, date, "2026-01-12"))
    names = ["participant", "arm", "visit", "outcome", "value", "date", "started"]
    return pd.DataFrame(rows, columns=names)


def measured(folder: Path, rows: pd.DataFrame) -> tuple[Declaration, Measured]:
    rows.to_csv(folder / "table.csv", index=False)
    study = declared(folder)
    (folder / "study.json").write_text(declaration_text(study, None), encoding="utf-8")
    (trial,) = read_declaration(folder / "study.json").trials
    return trial, measure(study, [folder / "table.csv"])


def test_the_typical_error_is_the_sd_of_differences_over_the_root_of_two(tmp_path: Path) -> None:
    rows = table()
    trial, found = measured(tmp_path, rows)
    error = measured_error(trial, "squat", found.measurements)
    wide = rows.pivot(index="participant", columns="visit", values="value").dropna()
    difference = wide["again"] - wide["pre"]
    assert error is not None
    assert error.value == pytest.approx(difference.std() / np.sqrt(2))
    assert (error.df, error.people) == (len(wide) - 1, PEOPLE - 2)
    typical, mdc = measurement_error_rows(trial, "squat", error, CONFIG)
    low, high = (np.sqrt(11 * difference.var() / 2 / stats.chi2.ppf(p, 11)) for p in (0.975, 0.025))
    assert (typical.ci_low, typical.ci_high) == pytest.approx((low, high))
    assert mdc.estimate == pytest.approx(1.96 * difference.std())
    assert (typical.contrast, mdc.contrast, typical.p) == ("typical_error", "mdc95", None)


@pytest.mark.parametrize("occasions", [2, 3])
def test_the_intraclass_correlation_is_that_of_pingouin(occasions: int) -> None:
    rng = np.random.default_rng(occasions)
    values = rng.normal(0, 5, (10, 1)) + np.arange(occasions) + rng.normal(0, 2, (10, occasions))
    long = pd.DataFrame(values).melt(ignore_index=False, var_name="when").reset_index()
    found = pingouin.intraclass_corr(long, targets="index", raters="when", ratings="value")
    variance, correlation = error_variance(values[None])
    expected = found.set_index("Type")["ICC"]
    three = next(name for name in expected.index if name in ("ICC3", "ICC(C,1)"))
    assert correlation[0] == pytest.approx(expected[three], abs=1e-6)
    if occasions == 2:
        assert variance[0] == pytest.approx((values[:, 1] - values[:, 0]).var(ddof=1) / 2)


def test_a_repeat_is_in_no_model_and_no_flow_and_is_kept_in_the_table(tmp_path: Path) -> None:
    trial, found = measured(tmp_path, table())
    assert trial.start == "pre"
    (unit,) = units(trial, found.measurements, [])
    assert unit.cohort.visits == ("pre", "post")
    assert set(found.flow["visit"]) == {"", "pre", "post"}
    assert (found.measurements["visit"] == "again").sum() == PEOPLE - 2
    assert not any("again" in finding.found for finding in found.findings)


def test_measured_error_is_taken_off_the_spread_of_change(tmp_path: Path) -> None:
    trial, found = measured(tmp_path, table())
    (unit,) = units(trial, found.measurements, [])
    error = measured_error(trial, "squat", found.measurements)
    assert error is not None
    rows = {row.contrast: row for row in response_rows(unit, "post", CONFIG, error)}
    change = unit.pairs("post").change[0, unit.pairs("post").arm == 0]
    over = change.var(ddof=1) - 2 * error.value**2
    expected = np.sign(over) * np.sqrt(abs(over))
    assert rows["sd_response(light)"].estimate == pytest.approx(expected)
    known = {
        row.contrast: row for row in response_rows(unit, "post", CONFIG, replace(error, df=np.inf))
    }
    # What is itself estimated makes the interval wider.
    assert rows["sd_response(light)"].ci_low < known["sd_response(light)"].ci_low


def test_an_undeclared_repeat_gives_no_error(tmp_path: Path) -> None:
    trial, found = measured(tmp_path, table())
    assert measured_error(replace(trial, repeats={}), "squat", found.measurements) is None
    few = found.measurements[
        found.measurements["participant"].isin(found.measurements["participant"].unique()[:2])
    ]
    assert measured_error(trial, "squat", few) is None
    assert declared_error(1.96 * np.sqrt(2)).value == pytest.approx(1.0)


def test_a_repeat_after_the_first_session_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="after the first session"):
        measured(tmp_path, table(again="2026-01-20"))


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("repeats: pre}", "repeats: prae}", "Did you mean 'pre'"),
        ("repeats: pre}", "repeats: post}", "no visit in phase baseline"),
        ("repeats: pre}", "repeats: again}", "no visit in phase baseline"),
        ("phase: baseline, repeats", "phase: training, repeats", "is in phase training"),
        ("at: [post]", "at: [post, again]", "serves the measurement error alone"),
        (", repeats: pre}", "}", "2 visits in phase baseline"),
    ],
)
def test_a_repeat_that_cannot_be_one_is_refused(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    assert declared(tmp_path).visits["again"].repeats == "pre"
    with pytest.raises(InputError, match=message):
        declared(tmp_path, STUDY.replace(old, new))
