"""One arm alone: a mean change with its interval, and nothing that sounds like an effect."""

import numpy as np
import pandas as pd
import pingouin
import pytest
from small_trials import CONFIG, COVARIANCE, cohort_of_wide, trial_of

from howlow.analysis.analysing import analyse_trial
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.r_script import r_script
from howlow.analysis.results import Results
from howlow.data.declaration import Declaration
from howlow.data.measurements import MEASUREMENT_COLUMNS

LAST = "mean(training)/week_12 - pre/raw"


def declared(visits: int = 3, **more: object) -> Declaration:
    """A trial with one arm, measured at the baseline and every six weeks."""
    cohort = cohort_of_wide(np.zeros((2, visits)), np.zeros(2, dtype=int), ("training", "other"))
    trial = trial_of(cohort_of_two(cohort), design="single_arm", **more)
    arms = {"training": trial.arms["training"]}
    return type(trial)(**(vars(trial) | {"arms": arms, "contrasts": ()} | more))


def cohort_of_two(cohort):
    """The same; a declaration is made from two arms."""
    return type(cohort)(**(vars(cohort) | {"arms": ("training", "other")}))


def table(values: np.ndarray) -> pd.DataFrame:
    """Measurements from values of people by visits, NaN where unseen."""
    rows = [
        {"participant": f"p{who:02}", "visit": f"week_{6 * at}" if at else "pre", "value": value}
        for who, mine in enumerate(values)
        for at, value in enumerate(mine)
        if not np.isnan(value)
    ]  # fmt: skip
    same = {"study": "small", "outcome": "press", "quantity": "level", "unit": "kg"}
    said = pd.DataFrame(rows).assign(arm="training", limb="", variant="", day="", period="", **same)
    return said[list(MEASUREMENT_COLUMNS)]


def analysed(values: np.ndarray, **more: object) -> tuple[dict[str, Estimate], Results]:
    """Estimates by contrast, time, scale and method."""
    results = Results()
    trial = declared(values.shape[1], **more)
    analyse_trial(trial, table(values), [], CONFIG, results)
    estimates_table(results.estimates)  # ids are unique
    return {found.estimate_id.split("/", 2)[2]: found for found in results.estimates}, results


def drawn(seed: int, people: int = 20, visits: int = 3) -> np.ndarray:
    """Values of people whose measurements are correlated over time."""
    rng = np.random.default_rng(seed)
    mean = 100 + np.linspace(0, 8, visits)
    return rng.multivariate_normal(mean, COVARIANCE[:visits, :visits], people)


def test_with_complete_data_it_is_the_paired_t_interval() -> None:
    values = drawn(1)
    found = analysed(values)[0][f"{LAST}/mmrm-unstructured"]
    paired = pingouin.ttest(values[:, 2], values[:, 0], paired=True)
    low, high = paired["CI95"].iloc[0] if "CI95" in paired else paired["CI95%"].iloc[0]
    change = values[:, 2] - values[:, 0]
    assert found.estimate == pytest.approx(change.mean(), abs=1e-8)
    assert found.se == pytest.approx(change.std(ddof=1) / np.sqrt(20), abs=1e-8)
    assert found.df == pytest.approx(19, abs=1e-5)
    assert (found.ci_low, found.ci_high) == pytest.approx((low, high), abs=0.006)


def test_it_is_primary_without_a_p_value_or_a_verdict_and_says_what_it_is_not() -> None:
    estimates, results = analysed(drawn(2))
    found = estimates[f"{LAST}/mmrm-unstructured"]
    assert (found.tier, found.p, found.verdict) == ("primary", None, "")
    assert (found.eq_low, found.eq_high) == (None, None)
    words = "a change, not an effect of training: there is no control"
    assert words in found.estimand
    assert words in found.note
    assert estimates[f"{LAST}/change"].tier == "cross-check"
    assert "mean(training)/week_12 - pre/log_ratio/mmrm-unstructured" in estimates
    assert not results.findings
    assert [fit["method"] for fit in results.fits] == ["mmrm-unstructured"]


def test_who_missed_the_last_visit_still_counts() -> None:
    values = drawn(3, people=30)
    values[:8, 2] = np.nan
    estimates, _ = analysed(values)
    found, complete = (estimates[f"{LAST}/{name}"] for name in ("mmrm-unstructured", "change"))
    assert (found.n_participants, complete.n_participants) == (30, 22)
    # Two visits that all have, then a third: maximum likelihood is two regressions in a row
    # (Anderson 1957, J Am Stat Assoc 52:200).
    seen = ~np.isnan(values[:, 2])
    design = np.column_stack([np.ones(30), values[:, :2]])
    slopes = np.linalg.lstsq(design[seen], values[seen, 2], rcond=None)[0]
    change = (design @ slopes).mean() - values[:, 0].mean()
    assert found.estimate == pytest.approx(change, abs=0.05)
    assert abs(found.estimate - complete.estimate) > 1e-6


def test_its_script_fits_it_again_in_r() -> None:
    _, results = analysed(drawn(4))
    text = r_script("small", results.blocks)
    assert 'block("small/press/mean(training)/week_12 - pre/raw/mmrm-unstructured"' in text


def test_of_too_few_people_only_their_mean_is_given() -> None:
    estimates, results = analysed(drawn(5, people=2))
    assert [found.method for found in estimates.values()] == ["change", "change"]
    assert [found.code for found in results.findings] == ["K11"]


def test_disuse_and_recovery_of_one_arm_have_each_change_once() -> None:
    phases = {"pre": "baseline", "week_6": "disuse", "week_12": "recovery"}
    estimates, _ = analysed(drawn(6) - [0, 20, 10], phases=phases, at=("week_6", "week_12"))
    assert f"{LAST}/mmrm-unstructured" in estimates
    assert "mean(training)/week_12 - week_6/raw/mmrm-unstructured" in estimates
    assert "recovery_fraction(training)/week_12 - week_6/share/mmrm-unstructured" in estimates
