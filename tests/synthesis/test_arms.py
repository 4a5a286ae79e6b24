"""Arms of a trial with their covariance: the differences are those of the table of estimates."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from howlow.analysis.estimates import read_estimates
from howlow.config.doses import NO_TRAINING, load_of, prescription, session_class, weekly_sets
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm
from howlow.data.measurements import read_table
from howlow.synthesis.material import Material, read_material


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@pytest.fixture(scope="module")
def material(default_results: Path, config: Config) -> Material:
    return read_material([default_results / study for study in config.studies], config)


@pytest.mark.parametrize("study", ["published", "sim-load-frequency", "sim-limbs"])
def test_differences_of_arms_are_the_log_ratios_of_the_contrasts(
    default_results: Path, study: str
) -> None:
    table = read_table(default_results / study / "relative_means.csv", text=["study", "reading"])
    estimates = read_estimates(default_results / study / "estimates.csv")
    means = {
        (row.study, row.outcome, row.at, row.reading, row.arm, row.other): row
        for row in table.itertuples()
    }
    checked = 0
    for row in estimates[estimates["scale"] == "log_ratio"].itertuples():
        first, _, second = row.contrast.partition(" - ")
        method, _, reading = row.method.rstrip("]").partition("[")
        key = (row.study, row.outcome, row.at, reading)
        own = means.get((*key, first, first))
        if own is None or own.method != method or (*key, second, second) not in means:
            continue
        other, between = means[*key, second, second], means[*key, first, second]
        assert own.estimate - other.estimate == pytest.approx(row.estimate, abs=2e-8)
        variance = own.covariance + other.covariance - 2 * between.covariance
        assert np.sqrt(variance) == pytest.approx(row.se, rel=1e-6)
        checked += 1
    assert checked >= {"published": 40}.get(study, 1)


def test_a_mean_of_percentages_has_the_variance_that_is_told_by_hand(material: Material) -> None:
    (arms,) = [
        found
        for found in material.arms
        if (found.trial.id, found.construct) == ("mitchell-2012", "muscle_size")
    ]
    # The page prints changes of 6.8 (SD 6.24), 3.2 (2.77) and 7.2 (6.58) per cent, 12 limbs each.
    mean, sd = np.array([6.8, 3.2, 7.2]), np.array([6.24, 2.77, 6.58])
    assert arms.gains == pytest.approx(np.log1p(mean / 100), abs=1e-8)
    assert arms.covariance == pytest.approx(
        np.diag((sd / (100 + mean)) ** 2 / 12), rel=1e-6, abs=1e-15
    )
    estimate, covariance = arms.against(2)
    assert estimate == pytest.approx(arms.gains[:2] - arms.gains[2])
    assert covariance[0, 1] == pytest.approx(arms.covariance[2, 2])


def test_arms_of_simulated_trials_and_of_other_questions_are_left_out(material: Material) -> None:
    assert not [found for found in material.arms if found.trial.simulated]
    (turpela,) = [found for found in material.arms if found.trial.id == "turpela-2017"]
    # Its control arm stopped after a common phase of training: that is no comparison with none.
    assert turpela.names == ("once", "twice", "three_times")


def test_another_reading_changes_the_trials_that_have_it(material: Material) -> None:
    main = {(found.trial.id, found.construct): found for found in material.arms}
    other = {(found.trial.id, found.construct): found for found in material.arms_as("limb_r_low")}
    assert main.keys() == other.keys()
    changed = {
        key[0] for key in main if not np.allclose(main[key].covariance, other[key].covariance)
    }
    assert changed == {"holm-2008", "sooneste-2013"}


def test_doses_in_words(config: Config) -> None:
    parts = ("load", "sessions", "sets")
    arm = Arm(label="A", load_pct_1rm=(30, 50), sessions_per_week=2, sets=(3, 3))
    assert prescription(arm, config, parts) == "light 2 multiple"
    assert prescription(arm, config, ("sessions",)) == "2"
    assert prescription(Arm(label="C", sessions_per_week=0), config, parts) == NO_TRAINING
    assert prescription(Arm(label="B", load_pct_1rm=(65, 65)), config, ("load",)) is None
    assert prescription(Arm(label="B", rm=(8, 12), sets=(1, 1)), config, ("load", "sets")) == (
        "heavy single"
    )
    assert weekly_sets(arm) == 6
    assert weekly_sets(Arm(label="B", sets_per_week=9, sets=(3, 3), sessions_per_week=1)) == 9
    assert [
        session_class(Arm(label="S", sessions_per_week=n), config) for n in (0, 0.5, 1, 2, 3, 6)
    ] == [0, 1, 1, 2, 3, 3]


def test_a_load_in_rm_is_read_from_the_declared_table_alone(config: Config) -> None:
    assert config.rm_table is not None
    table = config.rm_table.model_copy(update={"pct_1rm": {5.0: 87.0, 10.0: 75.0}})
    known = config.model_copy(update={"rm_table": table})
    assert load_of(Arm(label="A", rm=(8, 12)), known) == 75
    assert load_of(Arm(label="A", rm=(7, 8)), known) == pytest.approx(87 - 12 * 2.5 / 5)
    assert load_of(Arm(label="A", rm=(20, 30)), known) is None
    assert load_of(Arm(label="A", rm=(20, 30), load_pct_1rm=(30, 50)), known) == 40
    none = config.model_copy(update={"rm_table": None})
    assert load_of(Arm(label="A", rm=(8, 12)), none) is None


def test_arms_can_be_taken_out(material: Material) -> None:
    whole = next(found for found in material.arms if len(found.names) == 3)
    kept = whole.keep([2, 0])
    assert kept.names == (whole.names[2], whole.names[0])
    assert kept.covariance[0, 1] == whole.covariance[2, 0]


def test_values_that_are_all_alike_tell_nothing(material: Material) -> None:
    whole = material.arms[0]
    assert whole.tells
    together = np.full_like(whole.covariance, whole.covariance[0, 0])
    assert not replace(whole, covariance=together).tells
    assert not replace(whole, covariance=np.zeros_like(together)).tells
