"""Trials without a spread get one that is borrowed: drawn, and nothing else."""

from dataclasses import replace
from math import isnan, sqrt
from pathlib import Path

import pytest
from pool_material import AT, OUTCOME, Case, described, effect, material, record
from scipy import stats

from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.synthesis.borrowed import borrow_spreads, spreads_of
from howlow.synthesis.evidence import evidence_table, read_evidence
from howlow.synthesis.material import Material
from howlow.synthesis.pooled_rows import pool_effects

BARE = Case("bare-2009", -0.10, 0.03, n=24.0)
LENDERS = tuple(Case(f"lender-{2000 + k}", -0.05, 0.03, n=20.0) for k in range(3))


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def change(case: Case, arm: str, sd: float, n: float = 16.0, **rest: object) -> dict[str, object]:
    """The mean change of one arm, with its standard error."""
    at = f"{AT} - baseline"
    mean = {"contrast": f"mean({arm})", "at": at, "n_participants": n}
    return record(case, "change", 0.2, sd / sqrt(n), **mean) | rest


def lent(config: Config, *more: dict[str, object]) -> Material:
    """Six arms whose changes have SDs of 0.04 to 0.14, and a trial without any."""
    arms = [(case, arm) for case in LENDERS for arm in ("light", "heavy")]
    rows = [change(case, arm, 0.04 + 0.02 * k) for k, (case, arm) in enumerate(arms)]
    found = material(config, [*LENDERS, BARE], [*rows, *more])
    bare = record(BARE, "described", -0.10, float("nan"), tier="described")
    found.estimates[BARE.name] = [bare]
    return found


def test_the_spread_is_the_median_of_the_arms_of_the_collection(config: Config) -> None:
    (found,) = spreads_of(lent(config)).items()
    assert found[0] == ("published", "one_rm")
    assert (found[1].sd, found[1].arms) == (pytest.approx(0.09), 6)


def test_an_arm_with_several_rows_counts_once_and_readings_not_at_all(config: Config) -> None:
    more = [
        change(LENDERS[0], "light", 0.04, method="mmrm"),
        change(LENDERS[0], "light", 0.9, method="change[spread_SEM]", tier="sensitivity"),
        change(LENDERS[0], "light", 0.9, tier="described"),
    ]
    assert spreads_of(lent(config, *more))[("published", "one_rm")].arms == 6
    assert spreads_of(lent(config, *more))[("published", "one_rm")].sd == pytest.approx(0.09)


def test_a_contrast_gets_the_spread_of_both_its_arms(config: Config) -> None:
    (found,) = borrow_spreads([described(BARE)], lent(config))
    half = stats.norm.ppf(0.975) * sqrt(0.09**2 / 12 + 0.09**2 / 12)
    assert (found.borrowed_low, found.borrowed_high) == pytest.approx((-0.10 - half, -0.10 + half))
    assert found.borrowed.startswith("SD of change 9.4 %, the median of 6 arms")
    assert "measured by 1RM" in found.borrowed
    assert found.n == 24
    assert isnan(found.ci_low)


def test_a_change_gets_that_of_its_arm(config: Config) -> None:
    known = lent(config)
    one = {"contrast": "mean(light)", "at": f"{AT} - baseline", "tier": "described"}
    known.estimates[BARE.name] = [record(BARE, "described", -0.10, float("nan"), **one)]
    mine = replace(described(BARE), contrast="mean(light)", at=f"{AT} - baseline")
    (found,) = borrow_spreads([mine], known)
    half = stats.norm.ppf(0.975) * 0.09 / sqrt(12)
    assert found.borrowed_high - found.borrowed_low == pytest.approx(2 * half)


def test_nothing_is_borrowed_without_participants_or_enough_arms(config: Config) -> None:
    known = lent(config)
    rows = [replace(row, n=float("nan")) for row in known.printed[BARE.name]]
    (found,) = borrow_spreads([described(BARE)], replace_printed(known, rows))
    assert (isnan(found.borrowed_low), found.borrowed) == (True, "")
    scarce = lent(config)
    for case in LENDERS[1:]:
        scarce.estimates[case.name] = []
    (found,) = borrow_spreads([described(BARE)], scarce)
    assert found.borrowed == ""


def replace_printed(known: Material, rows: list) -> Material:
    known.printed[BARE.name] = rows
    return known


def test_nothing_is_borrowed_from_another_collection_or_measure(config: Config) -> None:
    other = lent(config)
    (found,) = borrow_spreads([replace(described(BARE), collection="elsewhere")], other)
    assert found.borrowed == ""
    trial = other.trials[BARE.name]
    outcome = trial.outcomes[OUTCOME].model_copy(update={"measure": "isometric"})
    other.trials[BARE.name] = replace(trial, outcomes={OUTCOME: outcome})
    (found,) = borrow_spreads([described(BARE)], other)
    assert found.borrowed == ""


def test_effects_with_a_spread_stay_as_they_are_and_no_pool_changes(config: Config) -> None:
    known = lent(config)
    effects = [*(effect(case) for case in LENDERS), described(BARE)]
    found = borrow_spreads(effects, known)
    assert found[:3] == effects[:3]
    before, after = pool_effects(effects, known), pool_effects(found, known)
    assert before.rows == after.rows
    assert {row.n_studies for row in after.rows if row.method == "reml-hksj"} == {3}


def test_evidence_keeps_what_was_borrowed(config: Config, tmp_path: Path) -> None:
    (found,) = borrow_spreads([described(BARE)], lent(config))
    evidence_table([found]).to_csv(tmp_path / "evidence.csv", index=False)
    (row,) = read_evidence(tmp_path / "evidence.csv").to_dict("records")
    assert row["borrowed_low"] == pytest.approx(found.borrowed_low)
    assert row["borrowed"] == found.borrowed
