"""Trajectories show every participant of a study with individual data, and no one else."""

from pathlib import Path

import pytest

from howlow.config.reading import read_config
from howlow.data.declaration import read_declaration
from howlow.data.measurements import read_measurements
from howlow.present.drawing import figures
from howlow.present.trajectories import Trajectories, draw_trajectories, trajectories


@pytest.fixture(scope="module")
def shown(default_results: Path) -> list[Trajectories]:
    folder = default_results / "sim-load-frequency"
    trial = read_declaration(folder / "study.json").trials[0]
    return list(trajectories(trial, read_measurements(folder / "measurements.csv")))


def test_there_is_one_for_each_outcome_measured_three_times(
    shown: list[Trajectories], default_results: Path
) -> None:
    assert [found.outcome for found in shown] == ["leg_press", "lean_mass"]
    folder = default_results / "sim-limbs"
    trial = read_declaration(folder / "study.json").trials[0]
    assert not list(trajectories(trial, read_measurements(folder / "measurements.csv")))


def test_every_participant_is_a_line_and_every_arm_has_a_mean(shown: list[Trajectories]) -> None:
    figure = draw_trajectories(shown[0])
    panels = figure.get_axes()
    assert len(panels) == 4
    for arm, panel in zip(shown[0].arms, panels, strict=True):
        mine = shown[0].table[shown[0].table["arm"] == arm]
        drawn = [line for line in panel.lines if len(line.get_xdata())]
        assert len(drawn) == mine["who"].nunique() + 1
        means = mine.groupby("week")["value"].mean()
        assert list(drawn[-1].get_ydata()) == pytest.approx(list(means))


def test_a_simulated_study_says_so(shown: list[Trajectories]) -> None:
    assert shown[0].title.startswith("SIMULATED")
    assert shown[0].alt.startswith("SIMULATED")


def test_the_text_beside_it_says_the_means_and_their_unit(shown: list[Trajectories]) -> None:
    control = shown[0].table[shown[0].table["arm"] == "control"]
    first = control[control["week"] == 0]["value"].mean()
    assert f"No training: mean {first:.4g} kg at week 0" in shown[0].alt


def test_collections_and_simulated_studies_have_none(default_results: Path, repo: Path) -> None:
    config = read_config([repo / "config" / "config.yaml"])
    drawn = figures(default_results, config)
    assert drawn
    assert not any(isinstance(found, Trajectories) for found in drawn)


def test_a_trial_that_is_running_has_none(default_results: Path) -> None:
    folder = default_results / "sim-load-frequency"
    trial = read_declaration(folder / "study.json").trials[0]
    rows = read_measurements(folder / "measurements.csv")
    assert not list(trajectories(trial, rows.assign(arm="masked")))
