"""Two doses crossed, against the regression with an interaction in statsmodels."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.longitudinal import Model
from howlow.analysis.fitting.regression import fit_ancova
from howlow.analysis.fitting.structures import UNSTRUCTURED
from howlow.analysis.questions.factorial import factorial_rows
from howlow.analysis.questions.squares import squares
from howlow.analysis.subjects import Subject
from howlow.config.reading import read_config, read_study
from howlow.config.settings import Config
from howlow.config.trial import Arm
from howlow.data.declaration import Declaration, declaration_text, read_declaration


def arm(load: float, **dose: object) -> Arm:
    return Arm.model_validate({"label": "an arm", "load_pct_1rm": (load, load)} | dose)


FOUR = {
    "light_failure": arm(30, to_failure=True, sessions_per_week=2),
    "heavy_failure": arm(80, to_failure=True, sessions_per_week=2),
    "light_reserve": arm(30, to_failure=False, sessions_per_week=2, repetitions=(15, 15)),
    "heavy_reserve": arm(80, to_failure=False, sessions_per_week=2),
}


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def test_load_and_failure_are_crossed_by_four_arms_whatever_their_order(config: Config) -> None:
    for arms in (FOUR, dict(reversed(FOUR.items()))):
        (found,) = squares(arms, config)
        assert found.factors == ("load", "failure")
        assert found.arms == (
            ("light_failure", "heavy_failure"),
            ("light_reserve", "heavy_reserve"),
        )
        assert found.main_contrast(0) == "light - heavy over failure"
        assert found.main_contrast(1) == "to failure - not to failure over load"


@pytest.mark.parametrize(
    "change",
    [
        lambda arms: arms.pop("light_reserve"),
        lambda arms: arms.update(light_failure=arm(65, to_failure=True, sessions_per_week=2)),
        lambda arms: arms.update(light_failure=arm(40, to_failure=True, sessions_per_week=2)),
        lambda arms: arms.update(light_failure=arm(30, to_failure=True, sessions_per_week=3)),
        lambda arms: arms.update(
            {
                name: found.model_copy(
                    update={"sets": (1.0, 1.0) if "light" in name else (3.0, 3.0)}
                )
                for name, found in arms.items()
            }
        ),
        lambda arms: arms.update(
            light_failure=arm(30, to_failure=True, sessions_per_week=2, blood_flow_restriction=True)
        ),
    ],
    ids=[
        "an arm is missing",
        "a load between",
        "two light loads",
        "more often",
        "other sets",
        "restricted",
    ],
)
def test_there_is_no_square_where(config: Config, change: Callable[[dict[str, Arm]], None]) -> None:
    arms = dict(FOUR)
    change(arms)
    assert squares(arms, config) == []


def test_frequency_and_sets_have_their_levels_in_the_text(config: Config) -> None:
    arms = {
        f"s{sets}f{often}": arm(70, sets=(sets, sets), sessions_per_week=often)
        for sets in (1, 3)
        for often in (0, 1, 2)
    }
    (found,) = squares(arms, config)
    assert found.factors == ("frequency", "sets")
    assert found.main_contrast(0) == "2 a week - 1 a week over 3 sets and 1 set"
    assert found.main_contrast(1) == "3 sets - 1 set over 2 a week and 1 a week"


def test_three_factors_give_squares_at_each_level_of_the_third(config: Config) -> None:
    arms = {
        f"{load}{often}{failure}": arm(load, to_failure=failure, sessions_per_week=often)
        for load in (30, 80)
        for often in (1, 3)
        for failure in (True, False)
    }
    assert len(squares(arms, config)) == 6


@pytest.fixture(scope="module")
def trial(repo: Path, config: Config, tmp_path_factory: pytest.TempPathFactory) -> Declaration:
    study = read_study(repo / "data" / "sim-load-frequency", config, files_needed=False)
    path = tmp_path_factory.mktemp("factorial") / "study.json"
    path.write_text(declaration_text(study, None), encoding="utf-8")
    return replace(read_declaration(path).trials[0], arms=FOUR, contrasts=())


GAINS = (20.0, 24.0, 6.0, 21.0)


def subject(trial: Declaration, config: Config, noise: float = 6.0) -> tuple[Subject, pd.DataFrame]:
    """Four arms of unlike numbers, by analysis of covariance; and the same people as a table."""
    rng = np.random.default_rng(1)
    group = np.repeat(np.arange(4), (9, 12, 10, 14))
    people = np.arange(len(group))
    before = rng.normal(120, 15, len(people))
    after = before + np.array(GAINS)[group] + rng.normal(0, noise, len(people))
    cohort = Cohort(
        tuple(trial.arms),
        ("baseline", "post"),
        np.array([0.0, 16.0]),
        np.repeat(people, 2),
        np.zeros(2 * len(people), dtype=int),
        np.repeat(group, 2),
        np.tile([0, 1], len(people)),
        np.stack([before, after], axis=1).reshape(1, -1),
    )
    fit = fit_ancova(cohort.pairs("post"), "post")
    table = pd.DataFrame(
        {
            "pre": before - before.mean(),
            "post": after,
            "light": np.array([0.5, -0.5, 0.5, -0.5])[group],
            "failure": np.array([0.5, 0.5, -0.5, -0.5])[group],
        }
    )
    mean = float(before.mean())
    return Subject(trial, "leg_press", config, cohort, Model(UNSTRUCTURED), fit, mean), table


def raw_rows(found: Subject) -> dict[str, Estimate]:
    rows = list(factorial_rows(found, "post"))
    assert len({row.estimate_id for row in rows}) == len(rows)
    return {row.contrast: row for row in rows if row.scale == "raw"}


INTERACTION = "(light_failure - heavy_failure) - (light_reserve - heavy_reserve)"


def test_interaction_and_main_effects_are_the_coefficients_of_statsmodels(
    trial: Declaration, config: Config
) -> None:
    mine, table = subject(trial, config)
    rows = raw_rows(mine)
    model = smf.ols("post ~ pre + light * failure", table).fit()
    expected = {
        INTERACTION: "light:failure",
        "light - heavy over failure": "light",
        "to failure - not to failure over load": "failure",
    }
    assert set(rows) == set(expected)
    for contrast, name in expected.items():
        row = rows[contrast]
        assert row.estimate == pytest.approx(model.params[name])
        assert row.se == pytest.approx(model.bse[name])
        assert row.p == pytest.approx(model.pvalues[name])
        assert (row.ci_low, row.ci_high) == pytest.approx(tuple(model.conf_int().loc[name]))
        assert row.margin is not None
        assert row.verdict


def test_a_log_ratio_interaction_is_the_ratio_of_ratios(trial: Declaration, config: Config) -> None:
    mine, table = subject(trial, config)
    rows = list(factorial_rows(mine, "post"))
    (found,) = (row for row in rows if row.scale == "log_ratio" and row.contrast == INTERACTION)
    model = smf.ols("post ~ pre + light * failure", table).fit()
    corners = pd.DataFrame(
        {"pre": 0.0, "light": [0.5, -0.5, 0.5, -0.5], "failure": [0.5, 0.5, -0.5, -0.5]}
    )
    a, b, c, d = model.predict(corners)
    assert found.estimate == pytest.approx(np.log(a / b) - np.log(c / d))
    # The gradient by differences: the delta method written in another way.
    design = np.column_stack(
        [np.ones(4), corners["pre"], corners["light"], corners["failure"],
         corners["light"] * corners["failure"]]
    )  # fmt: skip
    gradient = (np.array([1, -1, -1, 1]) / np.array([a, b, c, d])) @ design
    assert found.se == pytest.approx(np.sqrt(gradient @ model.cov_params().to_numpy() @ gradient))
    assert found.verdict == ""


def test_an_interaction_is_judged_against_the_margin(trial: Declaration, config: Config) -> None:
    mine, _ = subject(trial, config, noise=1.0)
    rows = raw_rows(mine)
    # true: (20 - 24) - (6 - 21) = 11 kg where 5 % of 120 kg or so matter
    assert rows[INTERACTION].verdict.startswith("different")
    assert rows[INTERACTION].margin is not None
    reading = replace(mine, variant="r_low")
    assert {row.verdict for row in factorial_rows(reading, "post")} == {""}
    assert {row.tier for row in factorial_rows(reading, "post")} == {"sensitivity"}


def test_equivalence_needs_a_gain_that_was_seen(trial: Declaration, config: Config) -> None:
    # Analysis of covariance has no baseline means, and there is no arm without training.
    mine, _ = subject(trial, config, noise=0.5)
    wide = trial.outcomes["leg_press"].model_copy(update={"margin": 40.0})
    unsure = replace(mine, trial=replace(trial, outcomes=trial.outcomes | {"leg_press": wide}))
    rows = raw_rows(unsure)
    assert not [row for row in rows.values() if row.verdict == "equivalent"]


def test_a_square_needs_all_four_arms_at_the_visit(trial: Declaration, config: Config) -> None:
    mine, _ = subject(trial, config)
    fewer = {cell: column for cell, column in mine.fit.cells.items() if cell[0] != "light_reserve"}
    assert list(factorial_rows(replace(mine, fit=replace(mine.fit, cells=fewer)), "post")) == []
