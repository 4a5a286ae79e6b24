"""The ledger on the published trials, and on trials that are not there yet."""

import csv
import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from howlow.analysis.estimates import estimates_table
from howlow.analysis.rounding import percent_with_interval
from howlow.config.claim_rules import Review
from howlow.config.claims import Claims, read_claims
from howlow.config.reading import read_config
from howlow.config.trial import Arm, Contrast
from howlow.synthesis.arms import TrialArms
from howlow.synthesis.claims.ledger import Ledger, ledger
from howlow.synthesis.claims.rows import CLAIM_COLUMNS, ClaimRow, read_claim_rows, write_claims
from howlow.synthesis.claims.selecting import Selection
from howlow.synthesis.claims.settling import participants_needed
from howlow.synthesis.claims.verdicts import VERDICTS
from howlow.synthesis.material import Material, read_material
from howlow.synthesis.settling import spread_of

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture(scope="module")
def material(default_results: Path, repo: Path) -> Material:
    config = read_config([repo / "config" / "config.yaml"])
    return read_material([default_results / study for study in config.studies], config)


@pytest.fixture(scope="module")
def claims(repo: Path, material: Material) -> Claims:
    return read_claims(repo / "config" / "claims.yaml", material.config.constructs)


@pytest.fixture(scope="module")
def found(material: Material, claims: Claims) -> Ledger:
    return ledger(material, claims)


def row_of(found: Ledger, claim: str, part: str = "") -> ClaimRow:
    (row,) = [row for row in found.rows if (row.claim, row.part) == (claim, part)]
    return row


def only(claims: Claims, *names: str) -> Claims:
    kept = {name: claims.claims[name] for name in names}
    return claims.model_copy(update={"claims": kept})


def with_trials(material: Material, like: str, outcome: str, edits: list[Edit]) -> Material:
    """More trials like one that is there, each with the rows of one outcome edited."""
    folder = material.folders[like]
    study = material.studies[folder]
    trials, estimates, printed = [], dict(material.estimates), dict(material.printed)
    for k, edit in enumerate(edits):
        name = f"new-{k}"
        trials.append(replace(material.trials[like], id=name))
        printed[name] = material.printed[like]
        estimates[name] = []
        for row in material.estimates[like]:
            if row["outcome"] == outcome:
                mine = {**row, "study": name, "estimate_id": f"{name}/{row['estimate_id']}"}
                edit(mine)
                estimates[name].append(mine)
    more = replace(study, trials=(*study.trials, *trials))
    built = Material(material.config, {**material.studies, folder: more}, estimates, printed)
    # Read once: the new trials have no arms of their own, only the contrasts written above.
    built.__dict__["arms"] = material.arms
    return built


def contrast_of(estimate: float, se: float, df: float = 30.0) -> Edit:
    """Numbers for the declared contrast `light - heavy`."""

    def edit(row: dict[str, Any]) -> None:
        if row["contrast"] == "light - heavy" and row["scale"] == "log_ratio":
            low, high = stats.t.interval(0.95, df, estimate, se)
            row |= {"estimate": estimate, "se": se, "df": df, "ci_low": low, "ci_high": high}
        if row["tier"] == "secondary":
            row["assumed"] = ""

    return edit


def heavier(material: Material, numbers: list[tuple[float, float]]) -> Material:
    """More trials of light against heavy on strength, as Holm et al. 2008 were."""
    edits = [contrast_of(-estimate, se) for estimate, se in numbers]
    return with_trials(material, "holm-2008", "knee_extension_1rm_pct", edits)


def test_every_claim_has_a_row_and_every_part_its_own(found: Ledger, claims: Claims) -> None:
    whole = [row.claim for row in found.rows if not row.part]
    assert whole == list(claims.claims)
    for row in found.rows:
        assert row.verdict in VERDICTS
        assert row.statement_nl == claims.claims[row.claim].statement.nl
        assert row.citation.startswith("T. Janssen")
        assert row.why.endswith(".")
        assert row.settle or row.verdict in ("supported", "contradicted"), row.claim
    parts = {row.part for row in found.rows if row.claim == "c6" and row.part}
    assert parts == {"muscle_size", "muscle_thickness", "lean_leg", "lean_whole_body"}


def test_of_the_trials_at_hand_most_claims_are_not_shown_or_have_no_data(found: Ledger) -> None:
    verdicts = {row.claim: row.verdict for row in found.rows if not row.part}
    assert {verdicts["c3"], verdicts["c4"]} == {"no data"}
    assert {verdicts["c11"], verdicts["c12a"]} == {"cited"}
    assert "supported" not in verdicts.values()
    assert "contradicted" not in verdicts.values()


def test_an_estimate_is_either_that_of_a_trial_or_a_row_of_its_own(
    found: Ledger, material: Material
) -> None:
    table = estimates_table(found.estimates).set_index("estimate_id")
    assert table["study"].str.startswith("pooled:c").all()
    assert (table["verdict"] == "").all()
    assert table.loc[table["n_studies"] < 5, "note"].str.contains("few trials").all()
    own = {row["estimate_id"]: row for rows in material.estimates.values() for row in rows}
    for row in found.rows:
        if row.estimate is None:
            continue
        estimate = (
            table.loc[row.estimate_id, "estimate"]
            if row.estimate_id in table.index
            else own[row.estimate_id]["estimate"]
        )
        assert abs(row.estimate) == pytest.approx(abs(estimate), rel=1e-8)
        assert row.ci_low is not None
        assert row.ci_low < row.estimate < (row.ci_high or math.nan)
    changes = table["contrast"].str.startswith("mean(")
    assert table.loc[changes, "p"].isna().all()
    assert table.loc[table["n_studies"] < 5, "p"].isna().all()
    assert table.loc[~changes & (table["n_studies"] >= 5), "p"].notna().all()


def test_nothing_simulated_nor_without_a_spread_is_judged(
    found: Ledger, material: Material
) -> None:
    for row in found.rows:
        for study in filter(None, row.studies.split("; ")):
            assert not material.trials[study].simulated
        assert row.trials == len(list(filter(None, row.studies.split("; "))))
    strength = row_of(found, "c5", "strength")
    assert "print no spread" in strength.direction
    assert "lasevicius-2022" not in strength.studies


def test_the_number_of_a_trial_is_turned_to_the_claim(found: Ledger, material: Material) -> None:
    """Heavy less light is what c5 claims; Holm et al. 2008 is declared light less heavy."""
    row = row_of(found, "c5", "strength")
    (declared,) = [
        r for r in material.estimates["holm-2008"] if r["estimate_id"] in row.estimate_id
    ]
    assert declared["contrast"] == "light - heavy"
    assert row.estimate == -declared["estimate"]
    assert (row.ci_low, row.ci_high) == pytest.approx((-declared["ci_high"], -declared["ci_low"]))


def test_a_new_study_can_change_a_verdict_and_so_can_its_numbers(
    material: Material, claims: Claims
) -> None:
    """Nothing is typed: the same claim goes from partly to supported, not shown, contradicted."""
    c5 = only(claims, "c5")

    def verdict(numbers: list[tuple[float, float]]) -> str:
        return row_of(ledger(heavier(material, numbers), c5), "c5").verdict

    assert verdict([]) == "partly"
    agreeing = [(0.13, 0.02), (0.12, 0.02), (0.14, 0.02), (0.125, 0.02)]
    assert verdict(agreeing) == "supported"
    assert verdict(agreeing[:3]) == "partly"
    assert verdict([*agreeing[:3], (-0.30, 0.02)]) == "not shown"
    against = [(-0.200, 0.01), (-0.201, 0.01)]
    gone = without(heavier(material, against), "holm-2008")
    assert row_of(ledger(gone, c5), "c5").verdict == "contradicted"
    gone = without(material, "holm-2008")
    assert row_of(ledger(gone, c5), "c5").verdict == "no data"


def without(material: Material, *names: str) -> Material:
    """The material without some of its trials."""
    studies = {
        folder: replace(study, trials=tuple(one for one in study.trials if one.id not in names))
        for folder, study in material.studies.items()
    }
    built = Material(material.config, studies, material.estimates, material.printed)
    built.__dict__["arms"] = [one for one in material.arms if one.trial.id not in names]
    return built


def test_equally_good_is_supported_only_where_the_trials_could_have_told(
    material: Material, claims: Claims
) -> None:
    c6 = only(claims, "c6")

    def edit(gain: float) -> Edit:
        def change(row: dict[str, Any]) -> None:
            contrast_of(0.0, 0.004)(row)
            if row["contrast"] == "mean(heavy)" and row["scale"] == "log_ratio":
                row |= {"estimate": gain, "se": 0.01, "ci_low": gain - 0.02, "ci_high": gain + 0.02}

        return change

    for gain, expected in ((0.08, "supported"), (0.0, "not shown")):
        more = with_trials(material, "holm-2008", "quad_csa_pct", [edit(gain)] * 9)
        shown = without(more, "holm-2008", "mitchell-2012")
        assert row_of(ledger(shown, c6), "c6", "muscle_size").verdict == expected


def test_one_group_that_gained_contradicts_that_all_lose(
    material: Material, claims: Claims
) -> None:
    def gained(row: dict[str, Any]) -> None:
        if row["contrast"].startswith("mean(") and row["scale"] == "log_ratio":
            row |= {"estimate": 0.06, "se": 0.005, "ci_low": 0.05, "ci_high": 0.07}

    c12b = only(claims, "c12b")
    assert row_of(ledger(material, c12b), "c12b", "muscle_size").verdict == "not shown"
    more = with_trials(material, "yasuda-2005", "quad_csa_pct", [gained])
    assert row_of(ledger(more, c12b), "c12b", "muscle_size").verdict == "contradicted"


def arms_of(
    material: Material,
    name: str,
    arms: dict[str, Arm],
    gains: list[float],
    se: float,
    question: str,
) -> TrialArms:
    """Arms of a made-up trial in older people, fitted together."""
    first, *others = arms
    contrasts = tuple(
        Contrast.model_validate({"contrast": f"{other} - {first}", "question": question})
        for other in others
    )
    like = material.trials["turpela-2017"]
    trial = replace(like, id=name, arms=arms, contrasts=contrasts)
    return TrialArms(
        trial=trial,
        construct="strength" if question == "frequency" else "muscle_size",
        outcome=next(iter(like.outcomes)),
        at="week_26",
        weeks=20.0,
        names=tuple(arms),
        gains=np.array(gains),
        covariance=se**2 * np.eye(len(arms)),
        n=np.full(len(arms), 20.0),
        assumed="",
    )


def with_arms(material: Material, arms: list[TrialArms]) -> Material:
    folder = material.folders["turpela-2017"]
    study = material.studies[folder]
    more = replace(study, trials=(*study.trials, *(found.trial for found in arms)))
    built = Material(
        material.config, {**material.studies, folder: more}, material.estimates, material.printed
    )
    built.__dict__["arms"] = arms
    built.__dict__["effects"] = material.effects
    return built


def arm(**dose: Any) -> Arm:
    return Arm(label="Arm", **dose)


def test_the_first_step_is_set_against_the_further_ones(material: Material, claims: Claims) -> None:
    """(once - none) - (three times - once), from three arms fitted together."""
    arms = {
        "none": arm(sessions_per_week=0.0),
        "once": arm(sessions_per_week=1.0),
        "twice": arm(sessions_per_week=2.0),
        "thrice": arm(sessions_per_week=3.0),
    }
    c8 = only(claims, "c8")
    trials = [
        arms_of(material, f"steps-{k}", arms, [0.0, 0.30, 0.32, 0.34 + k / 1000], 0.02, "frequency")
        for k in range(5)
    ]
    selection = Selection(with_arms(material, trials))
    (number,) = [n for n in selection.numbers(c8.claims["c8"], "strength") if n.study == "steps-0"]
    assert number.estimate == pytest.approx(0.30 - 0.04)
    assert number.value is not None
    assert number.value.se == pytest.approx(0.02 * math.sqrt(4 + 1 + 1))
    assert number.contrast == "2 once - thrice - none"
    assert row_of(ledger(with_arms(material, trials), c8), "c8").verdict == "supported"
    heavy = arms["thrice"].model_copy(update={"load_pct_1rm": (80.0, 80.0)})
    mixed = {"none": arms["none"], "once": arms["once"], "thrice": heavy}
    confounded = [arms_of(material, "mixed", mixed, [0.0, 0.3, 0.4], 0.02, "frequency")]
    assert row_of(ledger(with_arms(material, confounded), c8), "c8").verdict == "no data"
    straight = [replace(found, gains=np.array([0.0, 0.1, 0.2, 0.3])) for found in trials]
    assert row_of(ledger(with_arms(material, straight), c8), "c8").verdict == "contradicted"


def test_an_interaction_is_a_difference_of_differences(material: Material, claims: Claims) -> None:
    light, heavy = (30.0, 30.0), (80.0, 80.0)
    arms = {
        "light_failure": arm(load_pct_1rm=light, to_failure=True),
        "light_short": arm(load_pct_1rm=light, to_failure=False),
        "heavy_failure": arm(load_pct_1rm=heavy, to_failure=True),
        "heavy_short": arm(load_pct_1rm=heavy, to_failure=False),
    }
    c10 = only(claims, "c10")
    trials = [arms_of(material, "four", arms, [0.08, 0.03, 0.08, 0.07], 0.005, "failure")]
    row = row_of(ledger(with_arms(material, trials), c10), "c10", "muscle_size")
    assert row.estimate == pytest.approx((0.08 - 0.03) - (0.08 - 0.07))
    assert row.ci_high - row.estimate == pytest.approx(stats.t.ppf(0.975, 76) * 0.01)
    assert row.verdict == "partly"
    assert row.estimate_id.startswith("pooled:c10/muscle_size/(light loads to failure - ")


def test_arms_that_were_not_set_against_each_other_are_compared_through_the_fit(
    material: Material, claims: Claims
) -> None:
    """Lasevicius et al. 2018 set 40 and 20 % 1RM against 80 %; c9 is about 40 against 20 %."""
    numbers = Selection(material).numbers(claims.claims["c9"], "muscle_size")
    (found,) = [number for number in numbers if number.study == "lasevicius-2018"]
    assert found.value is None
    assert found.contrast == "load_40 - load_20"
    # 20.5 and 8.9 % are printed for vastus lateralis.
    assert found.estimate == pytest.approx(math.log(1.205 / 1.089), abs=2e-3)


def test_a_cohort_is_cited_only_where_a_verified_review_measures_it(
    material: Material, claims: Claims
) -> None:
    c11 = claims.claims["c11"]
    updates = ({}, {"verified": False}, {"answers": False})
    for update, expected in zip(updates, ("cited", "no data", "no data"), strict=True):
        reviews: list[Review] = [review.model_copy(update=update) for review in c11.reviews]
        changed = c11.model_copy(update={"reviews": tuple(reviews)})
        one = claims.model_copy(update={"claims": {"c11": changed}})
        (row,) = ledger(material, one).rows
        assert row.verdict == expected
        assert row.estimate is None


def test_what_would_settle_it_is_computed_from_the_spread_of_change(
    material: Material, claims: Claims
) -> None:
    """By the normal approximation: n = 2 (z.975 + z.90)^2 (sd / margin)^2 for a difference."""
    rule = claims.claims["c5"].rule
    spread = spread_of(material, "strength")
    assert rule is not None
    assert spread is not None
    z = stats.norm.ppf(0.975) + stats.norm.ppf(0.90)
    expected = math.ceil(2 * z**2 * (spread.sd / math.log(1.05)) ** 2)
    assert participants_needed(material, rule, "strength") == expected
    row = row_of(ledger(material, only(claims, "c5")), "c5", "strength")
    assert row.settle.startswith("4 more trials of light loads against heavy loads, 6 to 26 weeks")
    assert f"{expected} participants an arm give one such trial 90 % power" in row.settle


def test_claims_are_written_and_read_back(found: Ledger, tmp_path: Path) -> None:
    path = tmp_path / "claims.csv"
    write_claims(found.rows, path)
    assert path.read_text(encoding="utf-8").splitlines()[0] == ",".join(CLAIM_COLUMNS)
    for row, back in zip(found.rows, read_claim_rows(path), strict=True):
        assert (row.claim, row.part, row.verdict, row.why) == (
            back.claim,
            back.part,
            back.verdict,
            back.why,
        )
        assert back.estimate == (None if row.estimate is None else pytest.approx(row.estimate))
        assert back.participants == row.participants


@pytest.fixture(scope="module")
def page(repo: Path) -> str:
    return (repo / "docs" / "claims.md").read_text(encoding="utf-8")


def test_the_page_tells_every_verdict_and_every_number_as_they_are(
    found: Ledger, page: str
) -> None:
    told = [line for line in page.splitlines() if re.match(r"\| c\d+[abc]? \|", line)]
    expected = []
    for row in found.rows:
        if row.part and row.estimate is None:
            continue
        number = ""
        if row.part:
            number = percent_with_interval(row.estimate, row.ci_low, row.ci_high)
        cells = (row.claim, row.part, row.verdict, number, str(row.trials or ""))
        expected.append("|" + "".join(f" {cell} |" if cell else " |" for cell in cells))
    assert told == expected


@pytest.fixture(scope="module")
def printed(repo: Path) -> dict[tuple[str, str], dict[str, float]]:
    """Mean and SD of change, per cent, and n of the arms that the page names."""
    wanted = {
        "mitchell-2012": "quad_volume_pct",
        "edwards-2020": "leg_fat_free_mass_pct",
        "wall-2014": "leg_lean_mass_pct",
    }
    cells = {}
    with (repo / "data" / "published" / "arms.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            outcome = f" {row['outcome']}" if row["trial"] == "holm-2008" else ""
            if row["outcome"] == wanted.get(row["trial"], row["outcome"]) and row["mean_change"]:
                values = {name: row[name] or "nan" for name in ("mean_change", "sd_change", "n")}
                key = (row["trial"] + outcome, row["arm"])
                cells[key] = {name: float(value) for name, value in values.items()}
    return cells


def relative(arm: dict[str, float]) -> tuple[float, float]:
    """Log ratio of means and its standard error, by hand."""
    mean, sd = 1 + arm["mean_change"] / 100, arm["sd_change"] / 100
    return math.log(mean), sd / mean / math.sqrt(arm["n"])


def limbs(first: dict[str, float], second: dict[str, float], r: float) -> tuple[float, float]:
    """The difference of two limbs of the same people."""
    (one, se), (other, se_other) = relative(first), relative(second)
    return one - other, math.sqrt(se**2 + se_other**2 - 2 * r * se * se_other)


def two_trials(pairs: list[tuple[float, float]]) -> tuple[float, float, float]:
    """Mean, standard error and tau2 of two trials, the Hartung-Knapp factor at least one."""
    (one, se), (other, se_other) = pairs
    tau2 = max(0.0, ((one - other) ** 2 - se**2 - se_other**2) / 2)
    weights = [1 / (s**2 + tau2) for s in (se, se_other)]
    mean = (weights[0] * one + weights[1] * other) / sum(weights)
    factor = weights[0] * (one - mean) ** 2 + weights[1] * (other - mean) ** 2
    return mean, math.sqrt(max(1.0, factor) / sum(weights)), tau2


def holds(page: str, *numbers: float, places: int = 6) -> None:
    for number in numbers:
        assert f"{number:.{places}f}".replace("-", "−") in page, number


def test_c5_by_hand(found: Ledger, page: str, printed) -> None:
    trial = "holm-2008 knee_extension_1rm_pct"
    light, heavy = printed[trial, "light"], printed[trial, "heavy"]
    number, se = limbs(heavy, light, 0.7)
    half = stats.t.ppf(0.975, 10) * se
    row = row_of(found, "c5", "strength")
    assert (row.estimate, row.ci_low, row.ci_high) == pytest.approx(
        (number, number - half, number + half), abs=1e-8
    )
    assert row.depends_on == ""
    holds(page, number, relative(light)[1], relative(heavy)[1], se, half)


def test_c6_by_hand(found: Ledger, page: str, printed) -> None:
    holm, mitchell = "holm-2008 quad_csa_pct", "mitchell-2012"
    first, second = (
        relative(printed[mitchell, name]) for name in ("light_three_sets", "heavy_three_sets")
    )
    pairs = [
        (first[0] - second[0], math.hypot(first[1], second[1])),
        limbs(printed[holm, "light"], printed[holm, "heavy"], 0.7),
    ]
    mean, se, tau2 = two_trials(pairs)
    row = row_of(found, "c6", "muscle_size")
    half = stats.t.ppf(0.975, 1) * se
    assert (row.estimate, row.ci_low, row.ci_high) == pytest.approx(
        (mean, mean - half, mean + half), abs=1e-7
    )
    holds(page, *(value for pair in pairs for value in pair), mean, se)
    holds(page, stats.t.ppf(0.95, 1) * se)
    holds(page, tau2, places=8)
    holds(page, *(1 / (spread**2 + tau2) for _, spread in pairs), places=2)


def test_c1_lean_leg_by_hand(found: Ledger, page: str, printed) -> None:
    pairs = [
        relative(printed["edwards-2020", "immobilised"]),
        relative(printed["wall-2014", "cast_5_days"]),
    ]
    pooled, se, tau2 = two_trials(pairs)
    row = row_of(found, "c1", "lean_leg")
    half = stats.t.ppf(0.975, 1) * se
    assert (row.estimate, row.ci_low, row.ci_high) == pytest.approx(
        (pooled, pooled - half, pooled + half), abs=1e-7
    )
    holds(page, *(value for pair in pairs for value in pair), pooled, se, half)
    holds(page, tau2, places=8)
    holds(page, *(1 / (spread**2 + tau2) for _, spread in pairs), places=2)
