"""A larger draw of the declared truth comes back: the intervals hold the truth as often as 95 %."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from howlow.analysis.asking import Answers, analyse_unit
from howlow.analysis.estimates import Estimate
from howlow.analysis.results import Results
from howlow.analysis.tiers import tiered
from howlow.analysis.units import units
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import sides
from howlow.config.truth import Truth
from howlow.data.declaration import Declaration, read_declaration
from howlow.data.measurements import MEASUREMENT_COLUMNS
from howlow.data.simulation import read_truth, simulate

STUDIES = ("sim-load-frequency", "sim-limbs")


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@dataclass(frozen=True)
class Cohort:
    """A simulated study: what is declared of it, and its truth."""

    declared: Declaration
    truth: Truth
    config: Config

    def estimates(self, seed: int, times: int = 1) -> list[Estimate]:
        """Primary and secondary estimates, in units, of one draw of the truth."""
        drawn = pd.DataFrame(simulate(self.truth, seed, times)).dropna(subset="value")
        unit_of = {name: found.unit for name, found in self.declared.outcomes.items()}
        long = drawn.assign(
            study=self.declared.id, quantity="level", variant="", unit=drawn["outcome"].map(unit_of)
        )
        # Without the checks of robustness, which are many fits more and change no estimate.
        measurements = long.reindex(columns=list(MEASUREMENT_COLUMNS))
        answers = Answers(self.config, Results())
        found = [
            estimate
            for unit in units(self.declared, measurements, [])
            for estimate in analyse_unit(unit, [], answers)
        ]
        declared = {contrast.contrast for contrast in self.declared.contrasts}
        return [
            found
            for found in tiered(self.declared, found, list(self.declared.at))
            if found.tier in ("primary", "secondary")
            and found.scale == "raw"
            and (found.contrast in declared or found.contrast.startswith("mean("))
        ]


@pytest.fixture(params=STUDIES)
def cohort(
    request: pytest.FixtureRequest, repo: Path, default_results: Path, config: Config
) -> Cohort:
    declared = read_declaration(default_results / request.param / "study.json").trials[0]
    return Cohort(declared, read_truth(repo / "data" / request.param / "truth.yaml"), config)


def true_value(truth: Truth, found: Estimate) -> float:
    gain = truth.outcomes[found.outcome].gain
    if found.contrast.startswith("mean("):
        return gain[found.contrast[5:-1]][found.at.split(" - ")[0]]
    first, second = sides(found.contrast)
    return gain[first][found.at] - gain[second][found.at]


def test_a_draw_thirty_times_as_large_finds_the_truth(cohort: Cohort) -> None:
    found = cohort.estimates(seed=7, times=30)
    z = [(row.estimate - true_value(cohort.truth, row)) / row.se for row in found]
    # Each is about standard normal. That the largest of m exceeds this bound has a chance of at
    # most 1e-4 (Bonferroni), whatever their dependence.
    assert np.abs(z).max() < stats.norm.isf(1e-4 / 2 / len(found))
    # More than this many outside their 95 % interval have a chance below 1e-3, were they
    # independent; arms share participants, which the margin of one more allows for.
    outside = sum(not row.ci_low < true_value(cohort.truth, row) < row.ci_high for row in found)
    assert outside <= stats.binom.isf(1e-3, len(found), 0.05) + 1


def test_the_primary_interval_holds_the_truth_as_often_as_it_says(cohort: Cohort) -> None:
    draws = 100
    held = 0
    for seed in range(draws):
        row = next(found for found in cohort.estimates(seed) if found.tier == "primary")
        held += row.ci_low < true_value(cohort.truth, row) < row.ci_high
    # Binomial(100, 0.95): outside these limits with a chance below 2e-3.
    low, high = stats.binom.interval(1 - 2e-3, draws, 0.95)
    assert low <= held <= high


def test_the_same_seed_draws_the_same_cohort(repo: Path) -> None:
    truth = read_truth(repo / "data" / "sim-limbs" / "truth.yaml")
    assert simulate(truth, 5) == simulate(truth, 5)
    assert simulate(truth, 5) != simulate(truth, 6)


def test_every_participant_of_a_simulated_cohort_is_called_simulated(repo: Path) -> None:
    truth = read_truth(repo / "data" / "sim-load-frequency" / "truth.yaml")
    assert all(str(row["participant"]).startswith("SIMULATED-") for row in simulate(truth, 5))


def test_who_leaves_does_not_come_back(repo: Path) -> None:
    truth = read_truth(repo / "data" / "sim-load-frequency" / "truth.yaml")
    wide = pd.DataFrame(simulate(truth, 5, 10)).pivot(
        index=["participant", "outcome"], columns="visit", values="value"
    )
    gone = wide["mid"].isna()
    assert gone.any()
    assert wide.loc[gone, "post"].isna().all()
