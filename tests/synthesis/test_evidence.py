"""Which effects enter, how they are turned, and that nothing simulated ever does."""

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from howlow.analysis.estimates import read_estimates
from howlow.config.claim_rules import ArmNeeded, arm_fits
from howlow.config.doses import dose_class, higher_dose_first
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.config.trial import Arm
from howlow.data.declaration import read_declaration
from howlow.data.published.printed_rows import read_printed
from howlow.synthesis.evidence import TrialEvidence, read_evidence
from howlow.synthesis.synthesising import synthesise


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@pytest.fixture(scope="module")
def evidence(default_results: Path) -> pd.DataFrame:
    return read_evidence(default_results / "evidence.csv")


@pytest.mark.parametrize(
    ("dose", "expected"),
    [
        ({"load_pct_1rm": (30, 50)}, "light"),
        ({"load_pct_1rm": (60, 60)}, "light"),
        ({"load_pct_1rm": (60, 70)}, "moderate"),
        ({"load_pct_1rm": (70, 70)}, "heavy"),
        ({"rm": (25, 35)}, "light"),
        ({"rm": (8, 12)}, "heavy"),
        ({"rm": (15, 15)}, "moderate"),
        ({"load_pct_1rm": (20, 20), "blood_flow_restriction": True}, "restricted"),
        ({}, "unknown"),
    ],
)
def test_a_load_has_the_class_of_its_midpoint(config: Config, dose, expected: str) -> None:
    assert dose_class(Arm(label="x", **dose), config) == expected


@pytest.mark.parametrize(
    ("question", "first", "second", "turned"),
    [
        ("load", {"load_pct_1rm": (80, 80)}, {"load_pct_1rm": (30, 30)}, True),
        ("load", {"rm": (30, 30)}, {"rm": (10, 10)}, False),
        ("frequency", {"sessions_per_week": 3}, {"sessions_per_week": 1}, True),
        ("volume", {"sets": (1, 1)}, {"sets": (3, 3)}, False),
        ("volume", {"sets_per_week": 27}, {"sets_per_week": 18}, True),
        ("failure", {"to_failure": True}, {"to_failure": False}, True),
        ("training", {"sessions_per_week": 3}, {"sessions_per_week": 0}, False),
        ("frequency", {}, {"sessions_per_week": 1}, False),
    ],
)
def test_the_lower_dose_stands_first(question, first, second, turned) -> None:
    arms = Arm(label="a", **first), Arm(label="b", **second)
    assert higher_dose_first(question, *arms) == turned


def test_there_is_one_effect_for_a_trial_question_and_construct(evidence: pd.DataFrame) -> None:
    between = evidence[~evidence["contrast"].str.startswith("mean(")]
    assert not between.duplicated(["question", "construct", "study"]).any()


def test_nothing_simulated_is_evidence(evidence: pd.DataFrame) -> None:
    assert len(evidence) > 100
    assert not evidence["study"].str.startswith("sim-").any()


def test_a_pool_holds_only_light_against_heavy_and_only_training(evidence: pd.DataFrame) -> None:
    pooled = evidence[evidence["pooled"]]
    assert not pooled["tier"].eq("described").any()
    assert pooled["weeks"].between(6, 26).all()
    assert not pooled["question"].isin(["disuse", "recovery", "countermeasure"]).any()
    load = pooled[pooled["question"] == "load"]
    assert set(load["study"]) == {"holm-2008", "mitchell-2012"}


def test_an_effect_is_the_estimate_it_names_turned_or_not(
    default_results: Path, evidence: pd.DataFrame
) -> None:
    estimates = read_estimates(default_results / "estimates.csv").set_index("estimate_id")
    for _, row in evidence.iterrows():
        source = estimates.loc[row["estimate_id"]]
        assert abs(row["estimate"]) == pytest.approx(abs(source["estimate"]), rel=1e-8)
        if row["tier"] != "described":
            assert row["ci_low"] < row["estimate"] < row["ci_high"]


def test_every_pooled_number_verdict_and_the_answer_stay_without_the_simulated_studies(
    default_results: Path, config: Config, tmp_path: Path
) -> None:
    real = [study for study in config.studies if not study.startswith("sim-")]
    assert len(real) < len(config.studies)
    synthesise([default_results / study for study in real], config, tmp_path)
    for name in ("answer.json", "evidence.csv"):
        assert (tmp_path / name).read_bytes() == (default_results / name).read_bytes()
    both = [read_estimates(folder / "estimates.csv") for folder in (default_results, tmp_path)]
    kept = [table[~table["study"].str.startswith("sim-")].reset_index(drop=True) for table in both]
    pd.testing.assert_frame_equal(*kept)
    assert kept[0]["study"].str.startswith("pooled:").sum() > 3


def test_the_answer_is_computed_from_the_pools(default_results: Path) -> None:
    said = json.loads((default_results / "answer.json").read_text(encoding="utf-8"))
    estimates = read_estimates(default_results / "estimates.csv").set_index("estimate_id")
    assert said["details"]
    for detail in said["details"]:
        row = estimates.loc[detail["estimate_id"]]
        per_cent = 100 * (2.718281828459045 ** row["estimate"] - 1)
        assert f"{abs(per_cent):.1f}\N{NO-BREAK SPACE}%" in detail["sentence"]
        assert f"{row['n_studies']:.0f} trial" in detail["sentence"]
    assert said["sentence"].endswith(".")


def test_an_interim_look_is_no_evidence(default_results: Path, config: Config) -> None:
    declared = read_declaration(default_results / "published" / "study.json").trials
    printed = read_printed(default_results / "published" / "printed.csv")
    estimates = read_estimates(default_results / "published" / "estimates.csv")
    for trial in declared:
        rows = estimates[estimates["study"] == trial.id].to_dict("records")
        whole = TrialEvidence(trial, rows, printed.get(trial.id, []), config)
        if any(whole.effects()):
            assert not any(replace(whole, trial=replace(trial, interim=True)).effects())
            return
    pytest.fail("no trial has an effect")


def test_few_trials_get_no_verdict(default_results: Path) -> None:
    estimates = read_estimates(default_results / "estimates.csv")
    pooled = estimates[estimates["study"].str.startswith("pooled:")]
    few = pooled[pooled["n_studies"] < 5]
    assert (few["verdict"] == "").all()
    assert few["note"].str.contains("few trials").all()


def test_estimate_ids_are_unique_and_p_is_never_given_within_an_arm(default_results: Path) -> None:
    estimates = read_estimates(default_results / "estimates.csv")
    assert estimates["estimate_id"].is_unique
    # What an arm did by itself, and shares and spreads, for which there is no test.
    untested = (
        estimates["contrast"].str.match(r"mean\(|sd_response\(|recovery_fraction\(|typical|mdc95")
        | (estimates["tier"] == "described")
        | (estimates["scale"] == "share")
    )
    assert untested.any()
    assert estimates.loc[untested, "p"].isna().all()
    # Nor of a pool of few trials, where it hangs on a guess of how much trials differ.
    few = (estimates["kind"] == "pooled") & (estimates["n_studies"] < 5)
    assert estimates.loc[few & (estimates["n_studies"] > 1), "p"].isna().all()
    assert estimates.loc[~untested & ~few, "p"].notna().all()
    assert estimates.loc[~untested, "contrast"].str.contains(" - ", regex=False).all()


def test_a_change_whose_spread_is_presumed_is_still_evidence(evidence: pd.DataFrame) -> None:
    """Another reading of a page is no other model, so it must not push the first one aside."""
    disuse = evidence[(evidence["question"] == "disuse") & (evidence["construct"] == "strength")]
    assert {"wall-2014", "dirks-2014", "backx-2018"} <= set(disuse["study"])
    with_spread = disuse[disuse["se"].notna()]
    assert with_spread["study"].nunique() >= 10


def test_children_and_restricted_arms_enter_nothing(default_results: Path, config: Config) -> None:
    trial = next(
        found
        for found in read_declaration(default_results / "published" / "study.json").trials
        if found.id == "cook-2018"
    )
    rows = [
        {str(name): cell for name, cell in row.items()}
        for row in read_estimates(default_results / "published" / "estimates.csv").to_dict(
            "records"
        )
        if row["study"] == trial.id
    ]
    printed = read_printed(default_results / "published" / "printed.csv")[trial.id]
    assert any(one.pooled for one in TrialEvidence(trial, rows, printed, config).effects())
    young = trial.population.model_copy(update={"age": "children"})
    of_children = TrialEvidence(replace(trial, population=young), rows, printed, config)
    assert not any(one.pooled for one in of_children.effects())
    assert {one.note.split("; ")[-1] for one in of_children.effects()} == {"children"}
    restricted = trial.arms["restricted"]
    assert not arm_fits(restricted, ArmNeeded(load_pct_1rm=(0, 24.9)), config)
    assert arm_fits(
        restricted.model_copy(update={"blood_flow_restriction": False}),
        ArmNeeded(load_pct_1rm=(0, 24.9)),
        config,
    )
