"""Pooled rows: which trials enter which row, and on what a verdict hangs."""

from pathlib import Path

import numpy as np
import pytest
from pool_material import Case, effect, material
from scipy import stats

from howlow.analysis.estimates import estimates_table
from howlow.analysis.verdicts import DIFFERENT, DIFFERENT_BEYOND, INCONCLUSIVE
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.synthesis.pooled_rows import PoolResults, pool_effects, pool_of
from howlow.synthesis.pooling import pool
from howlow.synthesis.pools import (
    PoolDetails,
    read_pools,
    write_influence,
    write_pools,
    write_small_studies,
)

ESTIMATES = (-0.22, -0.18, -0.20, -0.25, -0.16, -0.21)
NAMES = ("a-2001", "b-2002", "c-2003", "d-2004", "e-2005", "f-2006")


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def six(**rest: object) -> list[Case]:
    """Six trials that show less strength after light loads, the first as `rest` says."""
    cases = [
        Case(name, value, 0.04, age="older" if k > 3 else "young")
        for k, (name, value) in enumerate(zip(NAMES, ESTIMATES, strict=True))
    ]
    first = Case(NAMES[0], ESTIMATES[0], 0.04, **rest)  # type: ignore[arg-type]
    return [first, *cases[1:]]


def pooled(config: Config, cases: list[Case]) -> PoolResults:
    return pool_effects([effect(case) for case in cases], material(config, cases))


def row_of(found: PoolResults, method: str, study: str = "pooled:load", scale: str = "log_ratio"):
    (row,) = [
        one for one in found.rows if (one.method, one.study, one.scale) == (method, study, scale)
    ]
    return row


def has(found: PoolResults, method: str, study: str = "pooled:load") -> bool:
    return any((one.method, one.study) == (method, study) for one in found.rows)


def test_the_row_that_leads_is_the_pool_of_all_trials(config: Config) -> None:
    found = pooled(config, six())
    row = row_of(found, "reml-hksj")
    expected = pool(np.array(ESTIMATES), np.full(6, 0.04**2))
    assert (row.estimate, row.se) == (expected.mean.estimate, expected.mean.se)
    assert (row.ci_low, row.ci_high) == expected.mean.interval(0.95)
    assert (row.n_studies, row.n_participants) == (6, 120)
    assert row.verdict == DIFFERENT_BEYOND
    assert row.estimate_id == "pooled:load/strength/light - heavy/6-26 weeks/log_ratio/reml-hksj"
    cautious = row_of(found, "reml-hksj-adhoc")
    assert cautious.se == expected.cautious.se > row.se
    assert (cautious.tier, cautious.verdict) == ("sensitivity", "")
    estimates_table(found.rows)


def test_each_age_with_two_trials_is_pooled_by_itself_too(config: Config) -> None:
    found = pooled(config, six())
    young, older = (row_of(found, "reml-hksj", f"pooled:load:{age}") for age in ("young", "older"))
    assert (young.n_studies, young.population) == (4, "young")
    assert (older.n_studies, older.population) == (2, "older")
    assert older.estimate == pytest.approx(np.mean(ESTIMATES[4:]))
    assert "few trials: 2, fewer than 5, so no verdict" in older.note
    assert (young.verdict, older.verdict) == ("", "")
    assert not has(pooled(config, six()[:5]), "reml-hksj", "pooled:load:older")


def test_a_verdict_that_changes_with_an_assumed_correlation_is_its_weakest(config: Config) -> None:
    steady = pooled(config, six(readings={"r_low": 0.041}))
    assert row_of(steady, "reml-hksj").verdict == DIFFERENT_BEYOND
    cases = [
        Case(case.name, case.estimate, case.se, readings={"r_low": 0.5, "n_low": 0.6})
        for case in six()
    ]
    found = pooled(config, cases)
    assert row_of(found, "reml-hksj[r_low]").verdict == INCONCLUSIVE
    row = row_of(found, "reml-hksj")
    assert row.verdict == INCONCLUSIVE
    assert "depends on r" in row.note
    assert "another reading of n" in row.note


def test_another_reading_of_n_or_of_a_presumed_spread_does_not_bind(config: Config) -> None:
    for reading in ("n_low", "spread_SEM"):
        cases = [
            Case(case.name, case.estimate, case.se, assumed="SD presumed", readings={reading: 0.5})
            for case in six()
        ]
        row = row_of(pooled(config, cases), "reml-hksj")
        assert row.verdict == DIFFERENT_BEYOND
        assert "inconclusive under another reading" in row.note


def test_a_spread_of_unknown_type_binds(config: Config) -> None:
    unknown = "spread type unknown"
    cases = [
        Case(case.name, case.estimate, case.se, assumed=unknown, readings={"spread_SEM": 0.5})
        for case in six()
    ]
    row = row_of(pooled(config, cases), "reml-hksj")
    assert row.verdict == INCONCLUSIVE
    assert "depends on the spread" in row.note


def test_a_reading_replaces_only_those_that_have_it(config: Config) -> None:
    row = row_of(pooled(config, six(readings={"limb_r_high": 0.1})), "reml-hksj[limb_r_high]")
    expected = pool(np.array(ESTIMATES), np.array([0.1] + [0.04] * 5) ** 2)
    assert row.se == pytest.approx(expected.cautious.se)
    assert row.note == "1 of 6 read otherwise"
    assert row.n_studies == 6


def test_a_turned_effect_stays_turned_in_its_other_readings(config: Config) -> None:
    for turned in ({"declared": "heavy - light"}, {"higher_is": "worse"}):
        first = Case(NAMES[0], ESTIMATES[0], 0.04, readings={"r_low": 0.04}, **turned)
        found = pooled(config, [first, *six()[1:]])
        plain = row_of(found, "reml-hksj")
        assert row_of(found, "reml-hksj[r_low]").estimate == pytest.approx(plain.estimate)


def test_the_standing_row_leaves_out_what_is_cautioned_or_selectively_printed(
    config: Config,
) -> None:
    everything = row_of(pooled(config, six()), "reml-hksj[uncautioned]")
    assert (everything.n_studies, everything.note) == (6, "6 of 6 left")
    for first in ({"assumed": "SD presumed"}, {"caution": "n derived; selective print"}):
        row = row_of(pooled(config, six(**first)), "reml-hksj[uncautioned]")
        expected = pool(np.array(ESTIMATES[1:]), np.full(5, 0.04**2))
        assert row.n_studies == 5
        assert row.estimate == pytest.approx(expected.mean.estimate)
        assert row.se == pytest.approx(expected.cautious.se)


def test_one_trial_left_speaks_with_its_own_interval_and_none_is_said(config: Config) -> None:
    cautioned = [Case(case.name, case.estimate, case.se, assumed="n derived") for case in six()[1:]]
    kept = six()[0]
    found = pooled(config, [kept, *cautioned])
    row = row_of(found, "reml-hksj[uncautioned]")
    assert (row.n_studies, row.df) == (1, 18)
    half = stats.t.ppf(0.975, 18) * 0.04
    assert (row.ci_low, row.ci_high) == pytest.approx((-0.22 - half, -0.22 + half))
    assert "the interval of that trial alone" in row.note
    bare = pooled(config, cautioned)
    assert not has(bare, "reml-hksj[uncautioned]")
    assert "no trial is left" in row_of(bare, "reml-hksj").note


def test_d_stands_beside_where_baseline_spreads_are_printed(config: Config) -> None:
    cases = [
        Case(case.name, case.estimate, case.se, d=(-0.5 - 0.1 * k, 0.2) if k < 3 else None)
        for k, case in enumerate(six())
    ]
    found = pooled(config, cases)
    row = row_of(found, "reml-hksj", scale="d")
    assert (row.estimate, row.n_studies) == (pytest.approx(-0.6), 3)
    assert (row.verdict, row.margin, row.unit, row.tier) == ("", None, "SD", "secondary")
    assert "3 of 6 with a baseline SD" in row.note
    alone = pooled(config, six(d=(-0.5, 0.2)))
    assert row_of(alone, "one trial", scale="d").n_studies == 1


def test_what_stands_behind_a_pool(config: Config) -> None:
    found = pooled(config, six())
    details = {one.estimate_id: one for one in found.details}
    main = details[row_of(found, "reml-hksj").estimate_id]
    expected = pool(np.array(ESTIMATES), np.full(6, 0.04**2))
    assert (main.q, main.q_df) == (expected.fit.q, 5)
    assert main.q_p == pytest.approx(stats.chi2.sf(expected.fit.q, 5))
    assert main.prediction_low == expected.prediction.interval(0.95)[0]
    assert main.tau2_low <= main.tau**2 <= main.tau2_high
    assert len(main.members.split(" | ")) == 6


def test_the_pool_without_each_trial_is_the_pool_of_the_others(config: Config) -> None:
    found = pooled(config, six())
    name = row_of(found, "reml-hksj").estimate_id
    rows = {one.left_out: one for one in found.influence if one.estimate_id == name}
    assert set(rows) == set(NAMES)
    expected = pool(np.array(ESTIMATES[1:]), np.full(5, 0.04**2)).cautious
    assert (rows["a-2001"].ci_low, rows["a-2001"].ci_high) == pytest.approx(expected.interval(0.95))
    assert rows["a-2001"].verdict == DIFFERENT_BEYOND
    few = [one for one in found.influence if ":young/" in one.estimate_id]
    assert {one.verdict for one in few} == {""}
    assert not [one for one in found.influence if ":older/" in one.estimate_id]


def test_small_studies_are_tested_where_there_are_ten(config: Config) -> None:
    rng = np.random.default_rng(2)
    cases = [
        Case(f"t-{2000 + k}", float(rng.normal(-0.1, se)), float(se))
        for k, se in enumerate(rng.uniform(0.02, 0.2, 10))
    ]
    found = pooled(config, cases)
    tests = {one.test: one for one in found.small_studies if ":young/" not in one.estimate_id}
    assert {one.trials for one in tests.values()} == {10}
    assert tests["Egger's regression"].df == 8
    effects, spreads = (
        np.array([getattr(case, key) for case in cases]) for key in ("estimate", "se")
    )
    line, covariance = np.polyfit(spreads, effects, 1, w=1 / spreads, cov=True)
    expected = line[0] / np.sqrt(covariance[0, 0])
    assert tests["Egger's regression"].statistic == pytest.approx(expected)
    assert pooled(config, cases[:9]).small_studies == []


def test_any_effects_can_be_pooled_and_one_speaks_for_itself(config: Config) -> None:
    cases = six(readings={"r_low": 0.05})
    known = material(config, cases)
    naming = {"study": "pooled:claim-x", "construct": "strength", "contrast": "a - b"}
    effects = [effect(case) for case in cases]
    assert pool_of([], known, **naming).rows == []
    (alone,) = pool_of(effects[:1], known, **naming).rows
    assert (alone.method, alone.study, alone.verdict) == ("one trial", "pooled:claim-x", "")
    assert (alone.ci_low, alone.ci_high) == (effects[0].ci_low, effects[0].ci_high)
    assert alone.p == pytest.approx(2 * stats.t.sf(0.22 / 0.04, 18))
    found = pool_of(effects, known, **naming, at="at the end", population="older")
    assert {row.study for row in found.rows} == {"pooled:claim-x"}
    assert {(row.at, row.population) for row in found.rows} == {("at the end", "older")}
    assert has(found, "reml-hksj[r_low]", "pooled:claim-x")


def test_without_a_margin_there_is_no_verdict(config: Config) -> None:
    strength = config.constructs["strength"].model_copy(update={"margin_pct": None})
    without = config.model_copy(update={"constructs": {"strength": strength}})
    row = row_of(pooled(without, six()), "reml-hksj")
    assert (row.margin, row.verdict) == (None, "")


def test_a_difference_of_unsettled_size_is_told_apart(config: Config) -> None:
    cases = [Case(name, -0.05 + 0.01 * (k % 3), 0.02) for k, name in enumerate(NAMES)]
    assert row_of(pooled(config, cases), "reml-hksj").verdict == DIFFERENT


def test_tables_hold_what_was_found(config: Config, tmp_path: Path) -> None:
    found = pooled(config, six())
    write_pools(found.details, tmp_path / "pools.csv")
    back = read_pools(tmp_path / "pools.csv")
    first = found.details[0]
    assert back[first.estimate_id].members == first.members
    assert back[first.estimate_id].q_p == pytest.approx(first.q_p, rel=1e-6)
    write_pools([PoolDetails("x", 0.1, 0.0, 1.0, -0.1, 0.1)], tmp_path / "bare.csv")
    assert read_pools(tmp_path / "bare.csv")["x"].members == ""
    write_influence(found.influence, tmp_path / "influence.csv")
    assert (
        (tmp_path / "influence.csv").read_text().startswith("estimate_id,left_out,estimate,ci_low")
    )
    write_small_studies([], tmp_path / "small.csv")
    assert (tmp_path / "small.csv").read_text() == "estimate_id,test,statistic,df,p,trials\n"
