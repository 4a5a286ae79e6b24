"""The published collection: the facts are those of their source, and each row's use is declared."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from howlow.config.reading import read_config, read_study, read_trials
from howlow.config.settings import Config
from howlow.config.study import Summary
from howlow.data.published.printed import Collection, read_collection
from howlow.data.published.readings import read_every_way
from howlow.data.published.reconstruction import reconstruct
from howlow.errors import InputError


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


@pytest.fixture(scope="module")
def collection(repo: Path, config: Config) -> Collection:
    folder = repo / "data" / "published"
    study = read_study(folder, config)
    assert isinstance(study, Summary)
    return read_collection(folder / study.table, read_trials(folder, study, config))


def test_every_number_is_that_of_the_evidence(repo: Path, shared: Path) -> None:
    with (repo / "data/published/arms.csv").open(encoding="utf-8") as file:
        ours = list(csv.DictReader(file))
    with (shared / "evidence/arms.csv").open(encoding="utf-8") as file:
        facts = list(csv.DictReader(file))
    numbers = ["n", "mean_pre", "sd_pre", "mean_post", "sd_post", "mean_change", "sd_change"]
    assert len(ours) == len(facts) == 481
    for name in [*numbers, "outcome", "caution"]:
        assert [row[name] for row in ours] == [row[name] for row in facts]


def test_every_trial_is_used_or_its_rows_say_why_not(collection: Collection) -> None:
    rows = collection.rows
    assert set(rows["trial"]) == set(collection.trials.trials)
    assert (rows.loc[rows["use"] != "fitted", "reason"] != "").all()
    counts = rows["use"].value_counts()
    assert counts.to_dict() == {"described": 248, "fitted": 160, "left out": 73}


def test_rows_with_a_training_load_or_a_useless_print_are_not_fitted(
    collection: Collection,
) -> None:
    fitted = collection.rows[collection.rows["use"] == "fitted"]
    for caution in ("training load", "spread may be over exercises", "not randomised"):
        unfit = fitted[fitted["caution"].str.contains(caution)]
        assert set(unfit["role"]) <= {"group", "change"}
        if caution != "not randomised":
            assert unfit.empty
    restricted = {
        (name, arm)
        for name, trial in collection.trials.trials.items()
        for arm, dose in trial.arms.items()
        if dose.blood_flow_restriction
    }
    assert not restricted & set(zip(fitted["trial"], fitted["arm"], strict=True))


def test_pseudo_participants_have_the_printed_moments(
    collection: Collection, config: Config
) -> None:
    measurements, findings = reconstruct(collection, config, "arms.csv")
    assert findings == []
    main = measurements[measurements["variant"] == ""]
    changes = main[main["quantity"] == "change"]
    found = changes.groupby(["study", "arm", "outcome", "visit"])["value"].agg(
        ["mean", "std", "count"]
    )
    rows = collection.rows[
        (collection.rows["use"] == "fitted") & (collection.rows["role"] != "contrast")
    ].set_index(["trial", "arm", "outcome", "visit"])
    checked = 0
    for key, moments in found.iterrows():
        if key[0] == "morton-2016":
            continue  # its spread is the one an exact P gives
        np.testing.assert_allclose(
            moments[["mean", "std", "count"]].astype(float),
            rows.loc[key, ["mean_change", "sd_change", "n"]].astype(float),
            rtol=1e-12,
            atol=1e-12,
        )
        checked += 1
    levels = main[main["quantity"] == "level"]
    posts = levels[~levels["visit"].isin(["baseline", "end_of_previous_phase"])]
    found = posts.groupby(["study", "arm", "outcome", "visit"])["value"].agg(
        ["mean", "std", "count"]
    )
    for key, moments in found.iterrows():
        np.testing.assert_allclose(
            moments[["mean", "std", "count"]].astype(float),
            rows.loc[key, ["mean_post", "sd_post", "n"]].astype(float),
            rtol=1e-12,
            atol=1e-12,
        )
        checked += 1
    assert checked == len(rows) - 2


def reading_of(collection: Collection, config: Config, trial: str, outcome: str):
    rows = collection.of(trial)
    return list(read_every_way(collection, trial, rows[rows["outcome"] == outcome], config))


def test_an_exact_p_overrules_a_rounded_sem(collection: Collection, config: Config) -> None:
    main = reading_of(collection, config, "morton-2016", "bench_press_1rm_kg")[0]
    # Two-sided P of 0.012 for a difference of 5 kg between 24 and 25 men: t(47) = 2.6129.
    assert main.rows["sd_change"].tolist() == pytest.approx([6.694, 6.694], abs=0.002)


def test_each_assumption_is_tried_the_other_way(collection: Collection, config: Config) -> None:
    ways = {way.variant: way for way in reading_of(collection, config, "holm-2008", "quad_csa_pct")}
    assert set(ways) == {"", "limb_r_low", "limb_r_high", "spread_SD"}
    assert ways["limb_r_low"].limbs == 0.4
    # Presumed an SEM of 1 and turned into an SD; read as an SD it is the printed 1 again.
    assert ways["spread_SD"].rows["sd_change"].tolist() == pytest.approx([1, 1], abs=0.002)


def test_a_correlation_is_recovered_where_three_sds_are_printed(
    collection: Collection, config: Config
) -> None:
    ways = reading_of(collection, config, "lambell-fazzini", "l3_muscle_csa_cm2")
    by_hand = (38.8**2 + 38.4**2 - 22.2**2) / (2 * 38.8 * 38.4)
    assert ways[0].correlation == pytest.approx(by_hand, abs=1e-12)
    assert not any(way.variant.startswith("r_") for way in ways)


@pytest.mark.parametrize(
    ("column", "value", "code", "says"),
    [
        ("trial", "mitchel-2012", "K04", "Did you mean 'mitchell-2012'"),
        ("arm", "heavy_2", "K04", "is not known"),
        ("use", "fited", "K04", "Did you mean 'fitted'"),
        ("role", "arms", "K04", "Did you mean 'arm'"),
        ("n", "", "C15", "a fitted row needs"),
        ("n", "12?", "C03", "'12?' is not a finite number"),
    ],
)
def test_a_row_that_does_not_fit_is_refused_with_its_line(
    repo: Path,
    tmp_path: Path,
    collection: Collection,
    column: str,
    value: str,
    code: str,
    says: str,
) -> None:
    table = pd.read_csv(repo / "data/published/arms.csv", dtype="str", keep_default_na=False)
    table.loc[0, column] = value
    path = tmp_path / "arms.csv"
    table.to_csv(path, index=False)
    with pytest.raises(InputError) as caught:
        read_collection(path, collection.trials)
    assert [(finding.code, finding.line) for finding in caught.value.findings] == [(code, 2)]
    assert says in str(caught.value)


def test_a_row_that_stands_twice_is_refused(
    repo: Path, tmp_path: Path, collection: Collection
) -> None:
    lines = (repo / "data/published/arms.csv").read_text(encoding="utf-8").splitlines()
    path = tmp_path / "arms.csv"
    path.write_text("\n".join([*lines, lines[1]]) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="stands on lines 2, 483"):
        read_collection(path, collection.trials)
