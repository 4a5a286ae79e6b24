"""What cannot be answered is told with its reason, and the means are given as they are."""

import numpy as np
import pandas as pd
import pytest
from small_trials import CONFIG, cohort_of_wide, drawn, trial_of

from howlow.analysis.analysing import analyse_trial
from howlow.analysis.fitting.cohort import Cohort
from howlow.analysis.results import Results
from howlow.data.measurements import MEASUREMENT_COLUMNS


def table(cohort: Cohort) -> pd.DataFrame:
    """A cohort's measurements as the data stage writes them."""
    rows = pd.DataFrame(
        {
            "participant": [f"p{who:02}" for who in cohort.participant],
            "arm": [cohort.arms[number] for number in cohort.arm],
            "visit": [cohort.visits[number] for number in cohort.visit],
            "value": cohort.values[0],
        }
    )
    same = {"study": "small", "outcome": "press", "quantity": "level", "unit": "kg"}
    said = rows.assign(limb="", variant="", day="", period="", **same)
    return said[list(MEASUREMENT_COLUMNS)]


def analysed(cohort: Cohort, people: pd.DataFrame | None = None) -> tuple[set[str], list[str]]:
    """Contrasts that have an estimate, and what was found; both arms are declared."""
    nobody = cohort_of_wide(np.zeros((2, len(cohort.visits))), np.arange(2), ("light", "heavy"))
    results = Results()
    analyse_trial(trial_of(nobody), table(cohort), [], CONFIG, results, people)
    return {found.contrast for found in results.estimates}, [str(one) for one in results.findings]


def people_at(sites: dict[str, str], cohort: Cohort) -> pd.DataFrame:
    """The participants of a cohort, each arm at a site."""
    arms = cohort.arm_of()
    names = {who: cohort.arms[arm] for who, arm in arms.items()}
    return pd.DataFrame(
        [
            {"participant": f"p{who:02}", "arm": arm, "site": sites[arm]}
            for who, arm in names.items()
        ]
    )


def test_an_arm_without_anybody_is_told() -> None:
    cohort = drawn(np.random.default_rng(1), people=12, visits=2)
    estimated, found = analysed(cohort.of_arms(("light",)))
    assert estimated == {"mean(light)"}
    assert len(found) == 1
    assert "light - heavy: nobody of the arm 'Heavy' was measured" in found[0]
    assert "Descriptive values are given; no interval [K11]" in found[0]


@pytest.mark.parametrize("people", [3, 5])
def test_of_a_handful_of_people_the_means_are_given_alone(people: int) -> None:
    estimated, found = analysed(drawn(np.random.default_rng(2), people=people, visits=2))
    assert estimated <= {"mean(light)", "mean(heavy)"}
    assert estimated
    assert len(found) == 1
    assert "[K11]" in found[0]


def test_arms_each_at_a_site_of_their_own_are_not_compared() -> None:
    cohort = drawn(np.random.default_rng(3), people=20, visits=2)
    people = people_at({"light": "s1", "heavy": "s2"}, cohort)
    estimated, found = analysed(cohort, people)
    assert estimated == {"mean(light)", "mean(heavy)"}
    assert "each arm has its own site: all of 'Light' at s1 and 'Heavy' at s2" in found[0]
    mixed = people.assign(site=["s1", "s1", "s2", "s2"] * 5)
    estimated, found = analysed(cohort, mixed)
    assert "light - heavy" in estimated
    assert not found


def test_a_visit_that_one_arm_never_had_does_not_stop_the_others() -> None:
    cohort = drawn(np.random.default_rng(4), people=20, visits=3)
    cohort = cohort.keep(~((cohort.arm == 0) & (cohort.visit == 2)))
    trial = trial_of(cohort, at=("week_12", "week_6"))
    results = Results()
    analyse_trial(trial, table(cohort), [], CONFIG, results)
    told = {found.at for found in results.estimates if found.contrast == "light - heavy"}
    assert told == {"week_6"}
    assert ["nobody of 'Light' was measured at 'week 12'" in str(f) for f in results.findings] == [
        True
    ]
