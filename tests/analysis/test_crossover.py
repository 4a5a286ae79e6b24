"""Crossovers through the whole analysis: against R, closed forms and statsmodels."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from small_trials import CONFIG, cohort_of_wide, trial_of

from howlow.analysis.analysing import analyse_trial
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.analysis.fitting.periods import Periods
from howlow.analysis.fitting.tables import cohort_of
from howlow.analysis.results import Results
from howlow.data.declaration import Declaration
from howlow.data.measurements import MEASUREMENT_COLUMNS


def declared(**more: object) -> Declaration:
    """A crossover of light and heavy loads with one outcome."""
    nobody = cohort_of_wide(np.zeros((2, 2)), np.arange(2), ("light", "heavy"))
    return trial_of(nobody, design="crossover", **more)


def table(rows: pd.DataFrame) -> pd.DataFrame:
    """Measurements as the data stage writes them."""
    same = {"study": "small", "outcome": "press", "quantity": "level", "unit": "kg"}
    said = rows.assign(limb="", variant="", day="", **same).astype({"period": str})
    return said[list(MEASUREMENT_COLUMNS)]


def analysed(rows: pd.DataFrame, trial: Declaration | None = None) -> tuple[dict, Results]:
    """Estimates by contrast, time, scale and method, and everything else that was found."""
    results = Results()
    analyse_trial(trial or declared(), table(rows), [], CONFIG, results)
    estimates_table(results.estimates)  # ids are unique
    return {found.estimate_id.split("/", 2)[2]: found for found in results.estimates}, results


def drawn(
    seed: int, people: int = 12, effect: float = 4.0, before: bool = True, carried: float = 0.0
) -> pd.DataFrame:
    """A balanced crossover in both orders; what light load did may be carried over."""
    rng = np.random.default_rng(seed)
    rows = []
    for who in range(people):
        level = rng.normal(100, 12)
        for period, arm in enumerate(("light", "heavy") if who % 2 else ("heavy", "light")):
            start = level + rng.normal(0, 4)
            gain = 6 + effect * (arm == "light") + 2 * period
            gain += carried * (period == 1 and arm == "heavy")
            values = {"pre": start, "week_6": level + 0.5 * (start - level) + gain}
            values["week_6"] += rng.normal(0, 3)
            for visit, value in values.items() if before else [("week_6", values["week_6"])]:
                rows.append((f"p{who:02}", arm, visit, value, period + 1))
    return pd.DataFrame(rows, columns=["participant", "arm", "visit", "value", "period"])


def wide(rows: pd.DataFrame, visit: str = "week_6") -> pd.DataFrame:
    """One row a person: the values of both periods, and what came first."""
    here = rows[rows["visit"] == visit]
    found = here.pivot(index="participant", columns="period", values="value")
    first = rows[rows["period"] == 1].drop_duplicates("participant").set_index("participant")
    return found.assign(light_first=(first["arm"] == "light").astype(float))


@pytest.fixture(scope="module")
def of_r(repo: Path) -> tuple[dict, pd.DataFrame]:
    """A crossover with gaps, and what lme4 and pbkrtest say of it."""
    record = json.loads((repo / "tests/oracle/oracle.json").read_text())["crossover"]
    rows = pd.read_csv(repo / "tests/oracle/csv/crossover.csv").dropna()
    rows = rows.assign(period=rows["period"].str[1:].astype(int), visit="week_6")
    return record, rows.rename(columns={"pid": "participant", "cond": "arm", "y": "value"})


def test_the_whole_analysis_gives_what_r_gives(of_r: tuple[dict, pd.DataFrame]) -> None:
    record, rows = of_r
    found = analysed(rows)[0]["light - heavy/week_6/raw/crossover"]
    here = record["coef"].index("condlight")
    assert found.estimate == pytest.approx(record["est"][here], rel=1e-6)
    assert found.se == pytest.approx(record["se_kr"][here], rel=1e-5)
    assert found.df == pytest.approx(record["df_kr"][here], rel=1e-4)
    assert found.p == pytest.approx(record["p_kr"][here], rel=1e-4)
    assert (found.n_participants, found.n_observations) == (12, 22)
    assert found.tier == "primary"


def test_without_gaps_it_is_the_t_test_of_differences_between_orders() -> None:
    rows = drawn(1, before=False)
    found = analysed(rows)[0]["light - heavy/week_6/raw/crossover"]
    people = wide(rows)
    halves = (people[1] - people[2]) / 2
    light, heavy = (halves[people["light_first"] == first] for first in (1, 0))
    pooled = (light.var() * (len(light) - 1) + heavy.var() * (len(heavy) - 1)) / (len(halves) - 2)
    assert found.estimate == pytest.approx(light.mean() - heavy.mean(), abs=1e-8)
    se = np.sqrt(pooled * (1 / len(light) + 1 / len(heavy)))
    assert found.se == pytest.approx(se, abs=1e-8)
    assert found.df == pytest.approx(len(halves) - 2, abs=1e-6)


def test_baselines_of_periods_enter_within_people_as_a_regression_of_differences_has_them() -> None:
    rows = drawn(2)
    found = analysed(rows)[0]["light - heavy/week_6/raw/crossover-ancova"]
    people, before = wide(rows), wide(rows, "pre")
    frame = pd.DataFrame(
        {"y": people[1] - people[2], "x": before[1] - before[2], "z": people["light_first"] - 0.5}
    )
    fitted = smf.ols("y ~ z + x", frame).fit()
    assert found.estimate == pytest.approx(fitted.params["z"] / 2, abs=1e-8)
    assert found.se == pytest.approx(fitted.bse["z"] / 2, abs=1e-8)
    assert found.df == pytest.approx(fitted.df_resid, abs=1e-6)
    assert found.estimand.endswith("adjusted for the baseline of each period, missing at random")


def test_with_a_slope_for_each_level_the_true_effect_comes_back_and_is_covered() -> None:
    # Baselines differ between people alone by much, and within people by chance of the order.
    estimates = []
    for seed in range(60):
        rows = table(drawn(seed, people=24))
        periods = Periods.of(cohort_of(declared(), rows, ("pre", "week_6")), "week_6", "pre")
        fit = periods.fit()[1]
        estimates.append(fit.combine(fit.contrast("light", "heavy", "week_6")).one())
    values = np.array([one.estimate for one in estimates])
    error = values.std(ddof=1) / np.sqrt(len(values))
    assert abs(values.mean() - 4.0) < 3 * error
    covered = [low <= 4.0 <= high for low, high in (one.interval(0.95) for one in estimates)]
    assert np.mean(covered) > 0.85


def test_carry_over_is_the_difference_of_sums_and_decides_nothing() -> None:
    rows = drawn(3, before=False, carried=15.0)
    estimates, _ = analysed(rows)
    found = estimates["(light - heavy) in period 1 - later/week_6/raw/crossover-by-period"]
    people = wide(rows)
    sums = people[1] + people[2]
    light, heavy = (sums[people["light_first"] == first] for first in (1, 0))
    pooled = (light.var() * (len(light) - 1) + heavy.var() * (len(heavy) - 1)) / (len(sums) - 2)
    assert found.estimate == pytest.approx(light.mean() - heavy.mean(), abs=1e-8)
    se = np.sqrt(pooled * (1 / len(light) + 1 / len(heavy)))
    assert found.se == pytest.approx(se, abs=1e-8)
    assert (found.p, found.verdict, found.tier) == (None, "", "cross-check")
    assert found.ci_low < found.estimate < found.ci_high
    assert "shown only, nothing is decided by it" in found.estimand
    # However large it is, the primary analysis stays what it was declared to be.
    assert estimates["light - heavy/week_6/raw/crossover"].tier == "primary"


@pytest.mark.parametrize("before", [True, False])
def test_the_first_period_alone_stands_beside_it_as_a_parallel_trial(before: bool) -> None:
    rows = drawn(4, before=before)
    estimates, _ = analysed(rows)
    method = "first-period-ancova" if before else "first-period"
    found = estimates[f"light - heavy/week_6/raw/{method}"]
    first = wide(rows).rename(columns={1: "y"})[["y", "light_first"]]
    if before:
        first = first.assign(x=wide(rows, "pre")[1])
        fitted = smf.ols("y ~ light_first + x", first).fit()
        assert found.se == pytest.approx(fitted.bse["light_first"], rel=1e-9)
        assert found.estimate == pytest.approx(fitted.params["light_first"], rel=1e-9)
    else:
        light, heavy = (first.loc[first["light_first"] == one, "y"] for one in (1, 0))
        assert found.estimate == pytest.approx(light.mean() - heavy.mean(), rel=1e-9)
        se = np.sqrt(light.var() / len(light) + heavy.var() / len(heavy))
        assert found.se == pytest.approx(se, rel=1e-9)
    assert (found.tier, found.verdict) == ("cross-check", "")


def test_who_missed_a_period_still_counts() -> None:
    rows = drawn(5)
    gone = rows[~((rows["participant"] == "p03") & (rows["period"] == 2))]
    found = analysed(gone)[0]["light - heavy/week_6/raw/crossover-ancova"]
    assert (found.n_participants, found.n_observations) == (12, 23)
    lost = rows[~((rows["participant"] == "p03") & (rows["visit"] == "pre"))]
    found = analysed(lost)[0]["light - heavy/week_6/raw/crossover-ancova"]
    assert (found.n_participants, found.n_observations) == (12, 24)


def test_means_verdict_and_other_scales_come_with_a_baseline() -> None:
    estimates, results = analysed(drawn(6, people=40, effect=0.0), declared(margin=3.0))
    found = estimates["light - heavy/week_6/raw/crossover-ancova"]
    assert (found.verdict, found.margin) == ("equivalent", 3.0)
    assert "gain of the reference arm over baseline only" in found.note
    for name in ("light - heavy/week_6/d", "light - heavy/week_6/log_ratio"):
        assert f"{name}/crossover-ancova" in estimates
    mean = estimates["mean(light)/week_6 - pre/raw/change"]
    assert mean.n_participants == 40
    assert mean.p is None
    assert [one.contrast for one in results.cards] == ["light - heavy"]


def test_without_a_baseline_equivalence_cannot_be_told_from_no_gain() -> None:
    rows = drawn(7, people=40, effect=0.0, before=False)
    estimates, _ = analysed(rows, declared(margin=3.0))
    found = estimates["light - heavy/week_6/raw/crossover"]
    assert found.eq_low > -3 < 3 > found.eq_high
    assert found.verdict != "equivalent"


def test_one_order_of_arms_or_few_people_are_refused_with_the_reason() -> None:
    rows = drawn(8)
    same = rows[rows["participant"].isin([f"p{who:02}" for who in range(0, 12, 2)])]
    estimates, results = analysed(same)
    assert not any("light - heavy" in name for name in estimates)
    assert [found.code for found in results.findings] == ["K11"]
    few = rows[rows["participant"].isin(["p00", "p01", "p02", "p03"])]
    _, results = analysed(few)
    assert "4 people have a value at week_6 in both 'Light' and 'Heavy'; 6 are needed" in str(
        results.findings[0]
    )


def test_three_arms_in_three_periods_share_a_model() -> None:
    rng = np.random.default_rng(9)
    arms = ("light", "heavy", "rest")
    rows = [
        (f"p{who:02}", arms[(who + turn) % 3], "week_6", level + 3 * turn + rng.normal(), turn + 1)
        for who, level in enumerate(rng.normal(100, 10, 12))
        for turn in range(3)
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=["participant", "arm", "visit", "value", "period"])
    nobody = cohort_of_wide(np.zeros((3, 2)), np.arange(3), arms)
    found = analysed(frame, trial_of(nobody, design="crossover"))[0]
    here: Estimate = found["light - heavy/week_6/raw/crossover"]
    fitted = smf.ols("value ~ C(participant) + C(period) + C(arm, Treatment('heavy'))", frame).fit()
    name = "C(arm, Treatment('heavy'))[T.light]"
    assert here.estimate == pytest.approx(fitted.params[name], abs=1e-8)
    assert here.se == pytest.approx(fitted.bse[name], rel=1e-7)
    assert here.df == pytest.approx(fitted.df_resid, rel=1e-6)
