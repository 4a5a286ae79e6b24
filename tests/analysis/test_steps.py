"""Frequency step by step, against R's emmeans, statsmodels and simulation."""

import json
import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from howlow.analysis.estimates import Estimate
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.fitting.fits import CovariancePart, Fit, Parts
from howlow.analysis.fitting.longitudinal import Model, fit_model
from howlow.analysis.fitting.structures import RANDOM_PERSON, UNSTRUCTURED
from howlow.analysis.questions.steps import biggest_step, ladder, ladders, step_rows
from howlow.analysis.subjects import Subject
from howlow.config.reading import read_config, read_study
from howlow.config.trial import Arm
from howlow.data.declaration import Declaration, declaration_text, read_declaration


def arm(sessions: float | None, **dose: object) -> Arm:
    return Arm.model_validate({"label": "an arm", "sessions_per_week": sessions} | dose)


LIGHT = {"load_pct_1rm": (40, 40), "to_failure": True}
HEAVY = {"load_pct_1rm": (80, 80), "to_failure": True}


def test_a_ladder_is_made_of_arms_that_differ_in_frequency_alone() -> None:
    arms = {
        "thrice": arm(3, **LIGHT, sets=(3, 3)),
        "control": arm(0),
        "heavy": arm(3, **HEAVY),
        "once": arm(1, **LIGHT),
        "held back": arm(2, load_pct_1rm=(40, 40), to_failure=False),
    }
    assert ladder(arms) == ("control", "once", "thrice")


@pytest.mark.parametrize(
    ("arms", "why"),
    [
        ({"once": arm(1, **LIGHT), "thrice": arm(3, **LIGHT)}, "nobody without training"),
        ({"control": arm(0), "thrice": arm(3, **LIGHT)}, "two levels"),
        ({"control": arm(0), "a": arm(1, **LIGHT), "b": arm(3, **HEAVY)}, "two loads"),
        (
            {
                "control": arm(0),
                "a": arm(1, **LIGHT, sets=(1, 1)),
                "b": arm(3, **LIGHT, sets=(3, 3)),
            },
            "two numbers of sets",
        ),
        (
            {"control": arm(0), "a": arm(1, **LIGHT), "b": arm(1, **LIGHT), "c": arm(3, **LIGHT)},
            "two arms of one frequency",
        ),
        (
            {
                "control": arm(0),
                "a": arm(1, **LIGHT, supervision="supervised"),
                "b": arm(3, **LIGHT, supervision="unsupervised"),
            },
            "one of them watched",
        ),
        ({"control": arm(0), "a": arm(None, **LIGHT), "b": arm(3, **LIGHT)}, "one not printed"),
    ],
)
def test_no_ladder_where(arms: dict[str, Arm], why: str) -> None:
    assert ladder(arms) == (), why


def test_light_and_heavy_make_a_ladder_each() -> None:
    arms = {
        "control": arm(0),
        "heavy1": arm(1, **HEAVY),
        "light1": arm(1, **LIGHT),
        "heavy3": arm(3, **HEAVY),
        "light3": arm(3, **LIGHT),
        "light2": arm(2, **LIGHT),
    }
    assert ladders(arms) == [
        ("control", "heavy1", "heavy3"),
        ("control", "light1", "light2", "light3"),
    ]
    assert ladder(arms) == ("control", "light1", "light2", "light3")


def test_steps_and_their_errors_are_those_of_emmeans(repo: Path) -> None:
    # y ~ time * freq + (1 | pid), Kenward-Roger: emmeans 1.8.4, see tests/oracle/README.md
    expected = json.loads((repo / "tests/oracle/oracle.json").read_text())["freq"]["emm"]["kr"]
    data = pd.read_csv(repo / "tests/oracle/csv/freq.csv").dropna()
    visits, arms = ("pre", "mid", "post"), ("f0", "f1", "f2", "f3")
    cohort = Cohort(
        arms,
        visits,
        np.array([0.0, 6.0, 12.0]),
        pd.factorize(data["pid"])[0],
        np.zeros(len(data), dtype=int),
        data["freq"].map(arms.index).to_numpy(),
        data["time"].map(visits.index).to_numpy(),
        data["y"].to_numpy()[None],
    )
    fit = fit_model(cohort, Model(RANDOM_PERSON, constrained=False))
    rows = [fit.contrast(upper, lower, "post") for lower, upper in pairwise(arms)]
    found = fit.combine(np.stack(rows))
    assert found.estimate[0] == pytest.approx(expected["estimate"][:3], rel=1e-6)
    assert found.se[0] == pytest.approx(expected["SE"][:3], rel=1e-5)
    assert found.df[0] == pytest.approx(expected["df"][:3], rel=1e-4)
    step = biggest_step(fit, arms, "post", 0.05)
    # both differences: 0.9893 + 0.5654 and 0.9893 - 0.6493; the second is the smaller
    assert step.estimate[0] == pytest.approx(expected["estimate"][0] - expected["estimate"][2])


def one_way(groups: list[np.ndarray], names: tuple[str, ...]) -> Fit:
    """Means of independent groups, (R, n) each, with one variance."""
    df = sum(group.shape[1] - 1 for group in groups)
    spread = sum(((g - g.mean(axis=1, keepdims=True)) ** 2).sum(axis=1) for g in groups)
    unscaled = np.diag([1 / group.shape[1] for group in groups])
    return Fit(
        method="one-way",
        cells={(name, "post"): k for k, name in enumerate(names)},
        coefficients=np.stack([group.mean(axis=1) for group in groups], axis=1),
        precision=Parts((CovariancePart((spread / df)[:, None, None] * unscaled, df),)),
        n_participants=0,
        n_observations=0,
    )


NAMES = ("none", "once", "twice", "thrice")


def test_the_biggest_step_is_the_weakest_of_one_sided_tests_by_statsmodels() -> None:
    rng = np.random.default_rng(3)
    groups = [rng.normal(mean, 1, (1, n)) for mean, n in ((0, 9), (2.5, 8), (3, 7), (3.8, 10))]
    found = biggest_step(one_way(groups, NAMES), NAMES, "post", 0.05)
    frame = pd.DataFrame(
        [(name, y) for name, group in zip(NAMES, groups, strict=True) for y in group[0]],
        columns=["arm", "y"],
    )
    model = smf.ols("y ~ 0 + C(arm, levels=['none', 'once', 'twice', 'thrice'])", frame).fit()
    tests = [model.t_test(row) for row in ([-1, 2, -1, 0], [-1, 1, 1, -1])]
    one_sided = [float(stats.t.sf(test.tvalue.item(), model.df_resid)) for test in tests]
    estimates = [test.effect.item() for test in tests]
    lower = [test.conf_int(alpha=0.1)[0, 0] for test in tests]
    assert found.p[0] == pytest.approx(max(one_sided))
    assert found.estimate[0] == pytest.approx(min(estimates))
    assert found.bound[0] == pytest.approx(min(lower))
    assert found.df[0] == pytest.approx(30)
    assert found.shown(0.05)[0] == (max(one_sided) < 0.05)


def test_where_less_is_better_the_signs_turn() -> None:
    rng = np.random.default_rng(6)
    groups = [rng.normal(mean, 1, (5, 8)) for mean in (0, 2, 2.4, 3)]
    found = biggest_step(one_way(groups, NAMES), NAMES, "post", 0.05)
    turned = biggest_step(one_way([-group for group in groups], NAMES), NAMES, "post", 0.05, -1.0)
    assert turned.p == pytest.approx(found.p)
    assert turned.bound == pytest.approx(found.bound)


@pytest.mark.parametrize(
    ("gains", "expected"),
    # on the border of the claim the level is alpha with one other step far below, less with two
    [((0, 2, 4, 4 - 9), 0.05), ((0, 2, 4, 6), None), ((0, 1, 4, 4.5), 0.0)],
)
def test_the_claim_is_wrong_at_most_as_often_as_alpha(
    gains: tuple[float, ...], expected: float | None
) -> None:
    rng = np.random.default_rng(9)
    groups = [rng.normal(gain, 1, (4000, 8)) for gain in gains]
    found = biggest_step(one_way(groups, NAMES), NAMES, "post", 0.05)
    rate = found.shown(0.05).mean()
    assert rate <= 0.05 + 0.0103
    if expected is not None:
        assert rate == pytest.approx(expected, abs=0.0103)
    # The bound lies above the true smallest difference as rarely.
    steps = np.diff(gains)
    assert (found.bound > (steps[0] - steps[1:]).min()).mean() <= 0.05 + 0.0103
    assert ((found.bound > 0) == found.shown(0.05)).all()


@pytest.fixture(scope="module")
def trial(repo: Path, tmp_path_factory: pytest.TempPathFactory) -> Declaration:
    config = read_config([repo / "config" / "config.yaml"])
    study = read_study(repo / "data" / "sim-load-frequency", config, files_needed=False)
    path = tmp_path_factory.mktemp("steps") / "study.json"
    path.write_text(declaration_text(study, None), encoding="utf-8")
    return read_declaration(path).trials[0]


def subject(
    repo: Path, trial: Declaration, gains: tuple[float, float, float, float], n: int = 16
) -> Subject:
    """The trial with these true gains of control, once, thrice, heavy."""
    rng = np.random.default_rng(12)
    arms, visits = tuple(trial.arms), ("baseline", "post")
    people = np.arange(4 * n)
    group = people % 4
    before = rng.normal(120, 20, len(people))
    after = before + np.array(gains)[group] + rng.normal(0, 6, len(people))
    cohort = Cohort(
        arms,
        visits,
        np.array([0.0, 16.0]),
        np.repeat(people, 2),
        np.zeros(2 * len(people), dtype=int),
        np.repeat(group, 2),
        np.tile((0, 1), len(people)),
        np.stack([before, after], axis=1).reshape(1, -1),
    )
    model = Model(UNSTRUCTURED)
    config = read_config([repo / "config" / "config.yaml"])
    return Subject(
        trial, "leg_press", config, cohort, model, fit_model(cohort, model), float(before.mean())
    )


def rows_of(found: Subject) -> dict[str, Estimate]:
    rows = list(step_rows(found, "post"))
    assert len({row.estimate_id for row in rows}) == len(rows)
    return {row.contrast: row for row in rows}


def test_the_rows_of_the_example_are_a_step_the_biggest_step_and_a_share(
    repo: Path, trial: Declaration
) -> None:
    mine = subject(repo, trial, (1, 16, 26, 36))
    rows = rows_of(mine)
    declared = {found.contrast for found in trial.contrasts}
    assert not declared & set(rows)
    fit = mine.fit
    steps = fit.combine(
        np.stack(
            [
                fit.contrast("light_once", "control", "post"),
                fit.contrast("light_thrice", "light_once", "post"),
                fit.contrast("light_thrice", "control", "post"),
            ]
        )
    ).estimate[0]
    biggest = rows["(light_once - control) - (light_thrice - light_once)"]
    assert biggest.estimate == pytest.approx(steps[0] - steps[1])
    assert biggest.ci_high == math.inf
    assert biggest.p is not None
    assert (biggest.ci_low > 0) == (biggest.p < 0.05)
    assert biggest.verdict == ""
    assert "the step from 1 to 3 sessions a week counts whole" in biggest.note
    share = rows["(light_once - control) as share of (light_thrice - control)"]
    assert share.estimate == pytest.approx(steps[0] / steps[2])
    assert share.scale == "share"
    assert share.p is None
    assert share.ci_low < share.estimate < share.ci_high
    assert all("SIMULATED" in row.note for row in rows.values())


def test_the_first_step_is_shown_where_it_is_far_bigger(repo: Path, trial: Declaration) -> None:
    rows = rows_of(subject(repo, trial, (0, 30, 31, 36)))
    note = rows["(light_once - control) - (light_thrice - light_once)"].note
    assert note.startswith("shown: the step from 0 to 1 session a week is the biggest")


def test_a_share_of_nothing_has_no_bound_and_says_so(repo: Path, trial: Declaration) -> None:
    rows = rows_of(subject(repo, trial, (0, 0, 0, 0), n=8))
    share = rows["(light_once - control) as share of (light_thrice - control)"]
    assert (share.ci_low, share.ci_high) == (-math.inf, math.inf)
    assert "the gain of 3 sessions a week is itself not shown" in share.note


def test_where_less_is_better_the_row_keeps_the_sign_of_the_unit(
    repo: Path, trial: Declaration
) -> None:
    outcome = trial.outcomes["leg_press"].model_copy(update={"higher_is": "worse"})
    worse = replace(trial, outcomes=trial.outcomes | {"leg_press": outcome})
    row = rows_of(subject(repo, worse, (0, -30, -31, -36)))[
        "(light_once - control) - (light_thrice - light_once)"
    ]
    assert row.note.startswith("shown")
    assert row.ci_low == -math.inf
    assert row.estimate < row.ci_high < 0


def test_no_rows_without_a_ladder(repo: Path, trial: Declaration) -> None:
    mine = subject(repo, trial, (1, 16, 26, 36))
    arms = {name: found for name, found in trial.arms.items() if name != "control"}
    assert list(step_rows(replace(mine, trial=replace(trial, arms=arms)), "post")) == []
