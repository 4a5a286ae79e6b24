"""A table of arms from elsewhere becomes a collection by what study.yaml declares, and no more."""

import math
import shutil
import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from howlow.__main__ import main
from howlow.analysis.analysing import analyse
from howlow.config.reading import read_config, read_study
from howlow.config.settings import Config
from howlow.config.study import Summary
from howlow.data.ingestion import ingest
from howlow.data.published.computed_sds import may_be_bound
from howlow.data.published.naming import label, names_of, slug
from howlow.data.published.printed import Collection
from howlow.data.published.summaries import read_summary
from howlow.findings import Finding
from howlow.intake.summary import draft_collection, looks_printed

STUDY = """
id: small
kind: summary
title: A table that was made for something else
caution: [Nothing]
source: {citation: Somebody, licence: CC0}
table: {file: table.csv, delimiter: ";", decimal: ",", steps: []}
columns: {trial: paper, arm: group, outcome: test, mean_change: gain, t_change: t, p_change: p}
trials_from:
  cite: [paper]
  url: https://example.org
  randomised: rct
  arm_label: [group]
  control: {column: group, cells: [Control]}
  doses: {load_pct_1rm: load, sessions_per_week: days, sets: sets}
outcomes:
  bench_press_1rm: {label: Bench, construct: strength, unit: kg, measure: one_rm, region: arms}
"""
HEADER = (
    "paper;group;test;weeks;n;mean_pre;sd_pre;se_pre;mean_post;sd_post;se_post;gain;sd_change;"
    "se_change;ci_low;ci_high;t;p;load;days;sets;rct"
)
BENCH = "Bench press 1RM;10"


def cells(**given: str) -> str:
    """A line of the table: cells by column, the others empty."""
    usual = {"paper": "Ay 2001", "test": "Bench press 1RM", "weeks": "10", "n": "10", "rct": "yes"}
    return ";".join({**usual, **given}.get(name, "") for name in HEADER.split(";"))


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def write(folder: Path, *lines: str, study: str = STUDY) -> Path:
    """A study's folder with these lines in its table."""
    made = folder / "small"
    made.mkdir(exist_ok=True)
    (made / "study.yaml").write_text(study, encoding="utf-8")
    (made / "table.csv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    return made


def read(folder: Path, config: Config) -> tuple[Collection, list[Finding]]:
    """The collection of a folder."""
    study = read_study(folder, config)
    assert isinstance(study, Summary)
    return read_summary(folder, study, config)


LEVELS = {"mean_pre": "60", "sd_pre": "15", "mean_post": "66", "sd_post": "16"}


def two_arms(**other: str) -> list[str]:
    """A light and a heavy arm that have levels, or what is given instead."""
    numbers = other or LEVELS
    return [
        cells(group="Light", load="30", days="3", sets="3", **numbers),
        cells(group="Heavy", load="80", days="3", sets="3", **numbers),
    ]


def test_a_table_becomes_trials_arms_and_contrasts(tmp_path: Path, config: Config) -> None:
    lines = [*two_arms(), cells(group="Control", **LEVELS)]
    collection, _ = read(write(tmp_path, *lines), config)
    (name,) = collection.trials.trials
    trial = collection.trials.trials[name]
    assert name == "ay-2001"
    assert trial.cite == "Ay 2001"
    assert list(trial.arms) == ["light", "heavy", "control"]
    assert trial.arms["light"].load_pct_1rm == (30, 30)
    assert trial.arms["control"].sessions_per_week == 0
    assert {(found.contrast, found.question) for found in trial.contrasts} == {
        ("light - control", "training"),
        ("heavy - control", "training"),
        ("light - heavy", "load"),
    }
    rows = collection.rows
    assert rows["use"].tolist() == ["fitted"] * 3
    assert rows["visit"].tolist() == ["week_10"] * 3
    assert rows["question"].tolist() == ["training; load", "training; load", "training"]
    assert rows["mean_change"].tolist() == [6, 6, 6]


N, SE, CHANGE = 10, 1.8, 7.0
T90 = float(stats.t.ppf(0.975, N - 1))


@pytest.mark.parametrize(
    ("given", "sd", "source"),
    [
        ({"sd_change": "5,69"}, 5.69, ""),
        ({"se_change": "1,8"}, SE * math.sqrt(N), "SE"),
        ({"t": "-4,2"}, CHANGE / 4.2 * math.sqrt(N), "t"),
        ({"ci_low": "3", "ci_high": "11"}, 4 / T90 * math.sqrt(N), "CI"),
        ({"p": "0,037"}, CHANGE / stats.t.ppf(1 - 0.037 / 2, N - 1) * math.sqrt(N), "P"),
        ({"p": "0,01"}, math.nan, ""),
    ],
)
def test_an_sd_is_computed_from_what_is_printed_and_tagged(
    tmp_path: Path, config: Config, given: dict[str, str], sd: float, source: str
) -> None:
    lines = two_arms(gain="7", **given)
    collection, found = read(write(tmp_path, *lines), config)
    assert collection.rows["sd_change"].tolist() == pytest.approx([sd, sd], nan_ok=True)
    assert set(collection.rows["caution"]) == {f"SD from {source}" if source else ""}
    notes = [finding for finding in found if finding.code == "D10"]
    assert len(notes) == bool(source)
    if source:
        assert notes[0].found.startswith(f"SD from the {source}: ")
        assert f"√10 = {sd:.4g}" in notes[0].found
        assert notes[0].found.endswith("(and 1 more)")
    used = "fitted" if not math.isnan(sd) else "described"
    assert set(collection.rows["use"]) == {used}


@pytest.mark.parametrize(
    ("lines", "use", "reason"),
    [
        (two_arms(gain="7"), "described", "no spread of the change is given, nor of both levels"),
        (two_arms(mean_pre="60"), "left out", "neither a change nor a mean before and after"),
        (two_arms(**LEVELS, n=""), "described", "n is not given"),
        (two_arms(**LEVELS, n="2"), "described", "fewer than 3 participants"),
        (two_arms(**LEVELS, rct="no"), "described", "chance did not decide who was in which arm"),
        (two_arms(**LEVELS)[:1], "described", "no other arm with a spread to set it against"),
        (two_arms(**LEVELS) * 2, "left out", "nothing tells it apart from another row"),
        (two_arms(**LEVELS, sd_change="40"), "described", "need an impossible correlation"),
        (two_arms(**LEVELS, gain="16"), "left out", "after - before is not the printed change"),
        (two_arms(gain="7", sd_change="0"), "described", "a spread of zero is none"),
    ],
)
def test_each_row_has_a_use_by_rule_and_a_reason(
    tmp_path: Path, config: Config, lines: list[str], use: str, reason: str
) -> None:
    collection, _ = read(write(tmp_path, *lines), config)
    assert set(collection.rows["use"]) == {use}
    assert collection.rows["reason"].str.contains(reason, regex=False).all()


def test_arms_that_differ_in_two_doses_are_not_set_against_each_other(
    tmp_path: Path, config: Config
) -> None:
    lines = [
        cells(group="A", load="30", days="3", **LEVELS),
        cells(group="B", load="80", days="2", **LEVELS),
        cells(group="C", load="80", **LEVELS),
    ]
    collection, _ = read(write(tmp_path, *lines), config)
    assert collection.trials.trials["ay-2001"].contrasts == ()


def test_levels_and_changes_are_not_mixed(tmp_path: Path, config: Config) -> None:
    lines = [*two_arms(), cells(group="Control", gain="1", sd_change="5")]
    collection, _ = read(write(tmp_path, *lines), config)
    assert collection.rows["use"].tolist() == ["fitted", "fitted", "described"]
    assert "levels" in collection.rows["reason"].iloc[2]


def test_the_interval_of_a_difference_gives_no_sd(tmp_path: Path, config: Config) -> None:
    numbers = {"gain": "3", "ci_low": "1", "ci_high": "5", "n": "40"}
    lines = [*two_arms(), cells(group="Light", test="Bench press 1RM", weeks="12", **numbers)]
    roles = ["role", "arm", "arm", "contrast"]
    folder = write(tmp_path, *lines)
    text = (folder / "table.csv").read_text(encoding="utf-8").splitlines()
    joined = [f"{line};{role}" for line, role in zip(text, roles, strict=True)]
    (folder / "table.csv").write_text("\n".join(joined) + "\n", encoding="utf-8")
    collection, found = read(folder, config)
    row = collection.rows.iloc[2]
    assert (row["role"], row["ci_low"], row["ci_high"]) == ("contrast", 1, 5)
    assert math.isnan(row["sd_change"])
    assert not [finding for finding in found if finding.code == "D10"]


def test_the_numbers_go_all_the_way(tmp_path: Path, config: Config) -> None:
    lines = [
        cells(group="Light", load="30", days="3", sets="3", gain="6", se_change="1,5"),
        cells(group="Heavy", load="80", days="3", sets="3", gain="9", se_change="1,8"),
    ]
    output = tmp_path / "results"
    ingest(write(tmp_path, *lines), config, output)
    analyse(output, config)
    estimates = pd.read_csv(output / "estimates.csv")
    (row,) = estimates[
        (estimates["contrast"] == "light - heavy") & (estimates["scale"] == "raw")
    ].to_dict("records")
    assert row["estimate"] == pytest.approx(-3)
    # Welch's interval of two changes, by hand.
    assert row["se"] == pytest.approx(math.hypot(1.5, 1.8))
    assert row["assumed"] == "SD from SE"
    assert row["study"] == "ay-2001"


def test_a_trials_yaml_may_say_what_the_table_cannot(tmp_path: Path, config: Config) -> None:
    study = STUDY[: STUDY.index("trials_from")]
    folder = write(tmp_path, *two_arms(), study=study)
    (folder / "trials.yaml").write_text(
        """
outcomes:
  bench_press_1rm: {label: Bench, construct: strength, unit: kg, measure: one_rm, region: upper}
trials:
  ay-2001:
    cite: Ay et al. 2001
    url: https://example.org
    read_in: table
    population: {description: men}
    design: parallel
    randomised: "yes"
    arms: {light: {label: Light}, heavy: {label: Heavy}}
    contrasts: [{contrast: light - heavy, question: load}]
""",
        encoding="utf-8",
    )
    collection, _ = read(folder, config)
    # `Ay 2001`, `Light` and `Bench press 1RM` are ay-2001, light and bench_press_1rm there.
    assert collection.rows["use"].tolist() == ["fitted", "fitted"]
    assert collection.trials.trials["ay-2001"].cite == "Ay et al. 2001"


def test_equal_cells_have_one_name_and_different_ones_two() -> None:
    assert names_of(["Heavy", "heavy ", "Heavy", "1 set", "Zürich"], "_", "arm") == [
        "heavy",
        "heavy_2",
        "heavy",
        "arm_1_set",
        "zurich",
    ]
    assert slug("x" * 60, "_", "arm") == "x" * 40
    assert len(set(names_of(["x" * 60, "x" * 61], "_", "arm"))) == 2


def test_labels_hold_nothing_that_a_page_could_run() -> None:
    assert label("<script>alert(1)</script> 5x5", "arm") == "Script>alert(1)</script> 5x5"
    assert label("$\\frac$", "arm_1") == "Frac"
    assert label("", "arm_1") == "Arm 1"


@pytest.mark.parametrize(
    ("cell", "bound"),
    [("0.05", True), ("0.01", True), ("0.001", True), ("0.037", False), ("0.0092", False)],
)
def test_a_p_of_one_digit_may_be_a_bound(cell: str, bound: bool) -> None:
    assert may_be_bound(cell) is bound


def test_a_draft_of_a_table_of_arms_can_be_read_as_it_is(tmp_path: Path, config: Config) -> None:
    lines = [*two_arms(), cells(group="Control", **LEVELS)]
    folder = write(tmp_path, *lines)
    assert looks_printed(HEADER.split(";"))
    assert not looks_printed(["participant", "group", "time", "load"])
    path = draft_collection(
        folder / "table.csv",
        tmp_path / "mine",
        {"trial_column": "paper"} | {"outcome_column": "test", "arm_column": "group"},
    )
    text = path.read_text(encoding="utf-8")
    assert "# guessed" in text
    assert "control: {column: group, cells: [Control]}" in text
    assert 'delimiter: ";"' in text
    collection, _ = read(tmp_path / "mine", config)
    assert collection.rows["use"].tolist() == ["fitted"] * 3
    assert collection.trials.outcomes["bench_press_1rm"].construct == "strength"


def test_howlow_new_knows_a_table_of_arms_by_its_headers(
    tmp_path: Path, repo: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write(tmp_path, *two_arms(), cells(group="Control", **LEVELS))
    options = ["--trial-column", "paper", "--arm-column", "group", "--outcome-column", "test"]
    options += ["--study", "mine", "--yes", "--no-config", "--language", "en"]
    options += ["--data", str(tmp_path / "data")]
    options += ["--config", str(repo / "config" / "config.yaml")]
    assert main(["new", str(folder / "table.csv"), *options]) in (0, 1)
    assert "Written: " in capsys.readouterr().out
    text = (tmp_path / "data" / "mine" / "study.yaml").read_text(encoding="utf-8")
    assert "kind: summary" in text


@pytest.fixture(scope="module")
def living(repo: Path, shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data") / "living-meta-rt"
    (folder / "raw").mkdir(parents=True)
    shutil.copyfile(repo / "data/living-meta-rt/study.yaml", folder / "study.yaml")
    found = shared / "datasets/living-meta-rt/All studies.csv"
    shutil.copyfile(found, folder / "raw/all_studies.csv")
    return folder


def test_the_living_meta_analysis_goes_the_whole_road(
    living: Path, config: Config, tmp_path: Path
) -> None:
    start = time.perf_counter()
    ingest(living, config, tmp_path)
    analyse(tmp_path, config)
    assert time.perf_counter() - start < 60
    printed = pd.read_csv(tmp_path / "printed.csv")
    assert len(printed) == 1153
    assert printed["use"].isin(["fitted", "described", "left out"]).all()
    assert (printed["use"] == "fitted").sum() == 26
    assert printed.loc[printed["use"] != "fitted", "reason"].notna().all()
    estimates = pd.read_csv(tmp_path / "estimates.csv")
    raw = estimates[estimates["scale"] == "raw"]
    assert set(raw["unit"]) == {"not stated"}
    assert np.isfinite(estimates["estimate"]).all()


def test_the_living_meta_analysis_by_hand(living: Path, config: Config) -> None:
    """An SD of change from its SE, straight from the file."""
    collection, found = read(living, config)
    raw = pd.read_csv(living / "raw/all_studies.csv", encoding="latin-1", dtype="str")
    rows = collection.rows.set_index("__line__")
    taken = raw[raw["delta_se"].notna() & raw["n"].notna() & raw["delta_sd"].isna()]
    assert len(taken) > 40
    for place, row in taken.iterrows():
        expected = float(row["delta_se"]) * math.sqrt(float(row["n"]))
        assert rows.loc[place + 2, "sd_change"] == pytest.approx(expected)
    told = {(finding.code, finding.study, finding.column) for finding in found}
    # What is known to be wrong in this table: a dragged DOI, an arm code used twice.
    assert ("D04", "living-meta-rt-38", "doi") in told
    assert ("D05", "living-meta-rt-13", "arm") in told
