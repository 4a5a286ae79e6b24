"""The evidence map: counts that can be told by another road, and what is missing in words."""

from dataclasses import replace
from math import log1p, sqrt
from pathlib import Path
from statistics import median

import pytest
from scipy.special import ndtr, ndtri

from howlow.config.reading import read_config
from howlow.synthesis.evidence import read_evidence
from howlow.synthesis.mapping import MapRow, evidence_map, read_map, write_map
from howlow.synthesis.material import Material, read_material
from howlow.synthesis.settling import needed_per_arm, spread_of


@pytest.fixture(scope="module")
def material(default_results: Path, repo: Path) -> Material:
    config = read_config([repo / "config" / "config.yaml"])
    return read_material([default_results / study for study in config.studies], config)


@pytest.fixture(scope="module")
def rows(material: Material) -> dict[tuple[str, str], MapRow]:
    return {(row.question, row.construct): row for row in evidence_map(material, [], [])}


def test_every_question_and_construct_has_a_row(
    material: Material, rows: dict[tuple[str, str], MapRow]
) -> None:
    constructs = [name for name, found in material.config.constructs.items() if found.pooled]
    assert len(rows) == 9 * len(constructs)
    assert rows["load", "lean_leg"].status == "none"
    assert rows["load", "lean_leg"].trials == 0


def test_counts_are_those_of_the_evidence(
    default_results: Path, rows: dict[tuple[str, str], MapRow]
) -> None:
    table = read_evidence(default_results / "evidence.csv")
    for (question, construct), row in rows.items():
        mine = table[(table["question"] == question) & (table["construct"] == construct)]
        assert row.trials == mine["study"].nunique()
        if row.status != "changes":
            assert row.poolable == mine.loc[mine["pooled"], "study"].nunique()
        first = mine[mine["scale"] == "log_ratio"].groupby("study", sort=False).first()
        assert row.above == (first["estimate"] > 0).sum()
        assert row.below == (first["estimate"] < 0).sum()


def test_changes_within_a_group_are_never_called_pooled(
    rows: dict[tuple[str, str], MapRow],
) -> None:
    for (question, _), row in rows.items():
        if question in ("disuse", "recovery", "deficit", "detraining"):
            assert row.status in ("none", "changes")
            assert "no effect" in row.missing or row.poolable == 0


def test_what_is_missing_is_said(rows: dict[tuple[str, str], MapRow]) -> None:
    row = rows["training", "strength"]
    assert row.status == "one"
    assert "4 more trials that print a baseline and a spread" in row.missing
    assert "light load once a week against no training" in row.settle
    assert f"with {row.arms_needed_n} participants an arm, one trial has 90 % power" in row.settle


def test_the_size_that_would_settle_it_is_that_of_the_textbook(material: Material) -> None:
    found = spread_of(material, "muscle_size")
    needed = needed_per_arm(material, "muscle_size")
    assert found is not None
    assert needed is not None
    spreads: dict[tuple[str, str], list[float]] = {}
    for trial in material.real:
        for row in material.estimates.get(trial.id, []):
            if (
                (row["construct"], row["scale"], row["method"])
                == ("muscle_size", "log_ratio", "change")
                and row["contrast"].startswith("mean(")
                and row["se"] > 0
                and row["n_participants"] > 1
            ):
                sd = row["se"] * sqrt(row["n_participants"])
                spreads.setdefault((trial.id, row["contrast"]), []).append(sd)
    # An arm counts once, however many outcomes and visits it has.
    assert (found.sd, found.arms) == (median(map(median, spreads.values())), len(spreads))
    margin = log1p(0.02)

    def power_of_two_tests(n: float) -> float:
        se = found.sd * sqrt(2 / n)
        return float(2 * ndtr(margin / se - ndtri(0.95)) - 1)

    def power_of_a_difference(n: float) -> float:
        return float(ndtr(margin / (found.sd * sqrt(2 / n)) - ndtri(0.975)))

    for power in (power_of_two_tests, power_of_a_difference):
        assert power(needed) >= 0.9
    assert min(power_of_two_tests(needed - 1), power_of_a_difference(needed - 1)) < 0.9


def test_without_a_margin_there_is_no_size(material: Material) -> None:
    declared = dict(material.config.constructs)
    declared["muscle_size"] = declared["muscle_size"].model_copy(update={"margin_pct": None})
    config = material.config.model_copy(update={"constructs": declared})
    assert needed_per_arm(replace(material, config=config), "muscle_size") is None


def test_the_map_is_read_as_it_was_written(
    tmp_path: Path, rows: dict[tuple[str, str], MapRow]
) -> None:
    write_map(list(rows.values()), tmp_path / "map.csv")
    assert read_map(tmp_path / "map.csv") == list(rows.values())
