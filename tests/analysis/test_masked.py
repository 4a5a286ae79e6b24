"""Of an ongoing study nothing is told that sets two arms apart."""

import math
import re
from dataclasses import fields
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from own_study import ARMS, STUDY, write_study

from howlow.analysis.estimand.masked import masked_rows
from howlow.analysis.estimates import Estimate, estimates_table
from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.data.declaration import read_declaration
from howlow.data.ingestion import ingest
from howlow.data.measurements import read_measurements, read_table

ONGOING = STUDY.replace("design: parallel", "status: ongoing\ndesign: parallel")
LIMBS = """id: mine
kind: participants
title: Limbs
status: ongoing
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: within_participant
randomised: "yes"
arms:
  one: {label: One set}
  three: {label: Three sets}
reference: three
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 12, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: one_rm, region: legs}
primary_outcome: squat
contrasts: [{contrast: one - three, question: volume}]
at: [post]
tables: [{file: table.csv}]
columns: {limb: limb}
"""


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def rows_of(out: Path, config: Config) -> dict[tuple[str, str, str], Estimate]:
    trial = read_declaration(out / "study.json").trials[0]
    rows = list(masked_rows(trial, read_measurements(out / "measurements.csv"), config))
    estimates_table(rows)  # raises where two rows share a name
    return {(row.outcome, row.contrast, row.at): row for row in rows}


def test_the_pooled_numbers_are_those_of_pandas_over_everybody(
    tmp_path: Path, config: Config
) -> None:
    folder, out = write_study(tmp_path, ONGOING), tmp_path / "out"
    ingest(folder, config, out)
    found = rows_of(out, config)
    raw = pd.read_csv(folder / "table.csv")
    wide = raw[raw["outcome"] == "squat"].pivot(
        index="participant", columns="visit", values="value"
    )
    expected = {
        ("baseline(all)", "baseline"): wide["baseline"].mean(),
        ("sd(baseline)", "baseline"): wide["baseline"].std(),
        ("sd(change)", "mid - baseline"): (wide["mid"] - wide["baseline"]).std(),
        ("sd(change)", "post - baseline"): (wide["post"] - wide["baseline"]).std(),
        ("correlation", "mid - baseline"): wide["baseline"].corr(wide["mid"]),
        ("correlation", "post - baseline"): wide["baseline"].corr(wide["post"]),
    }
    mine = {key[1:]: row for key, row in found.items() if key[0] == "squat"}
    assert set(mine) == set(expected)
    for key, value in expected.items():
        assert mine[key].estimate == pytest.approx(value, rel=1e-9)
        assert (mine[key].tier, mine[key].p, mine[key].verdict) == ("described", None, "")
        assert mine[key].n_participants == 18


def test_the_spread_of_the_change_says_that_it_holds_a_difference_between_arms(
    tmp_path: Path, config: Config
) -> None:
    folder, out = write_study(tmp_path, ONGOING, people=300), tmp_path / "out"
    ingest(folder, config, out)
    row = rows_of(out, config)["squat", "sd(change)", "post - baseline"]
    # Within arms the change has variance 2 x 4²; the gains 8, 10 and 0 add their own.
    total = math.sqrt(2 * 4**2 + np.var([8, 10, 0]))
    assert row.estimate == pytest.approx(total, rel=0.1)
    assert row.estimate > math.sqrt(2 * 4**2)
    assert "difference between the arms" in row.note


def test_no_file_tells_the_arms_apart(tmp_path: Path, config: Config) -> None:
    folder, out = write_study(tmp_path, ONGOING), tmp_path / "out"
    ingest(folder, config, out)
    for path in out.iterdir():
        # study.json says which arms there are, not who is in them.
        if path.name != "study.json":
            text = path.read_text(encoding="utf-8").replace("color-scheme:light dark", "")
            assert not re.search(r"\b(light|heavy|rest)\b", text), path.name
    people = read_table(out / "participants.csv", text=None)
    # Twelve, thirty-six and no sessions would say it as plainly as a word.
    assert set(people["sessions_attended"]) == {""}


def test_nothing_of_the_arms_comes_back_from_the_masked_tables(
    tmp_path: Path, config: Config
) -> None:
    """Whoever only swaps arms in the raw table gets the same files, but for the order of ids."""
    tables = []
    for name, first, second in (("a", "light", "heavy"), ("b", "heavy", "light")):
        folder = write_study(tmp_path / name, ONGOING)
        path = folder / "table.csv"
        text = path.read_text(encoding="utf-8")
        if name == "b":
            text = text.replace(f",{second},", ",?,").replace(f",{first},", f",{second},")
            path.write_text(text.replace(",?,", f",{first},"), encoding="utf-8")
        ingest(folder, config, tmp_path / name / "out")
        out = tmp_path / name / "out"
        tables.append({path.name: path.read_text("utf-8") for path in out.iterdir()})
    for name in ("measurements.csv", "participants.csv", "flow.csv", "codebook.csv"):
        assert tables[0][name] == tables[1][name]


def test_sessions_stay_where_all_arms_train_equally_often(tmp_path: Path, config: Config) -> None:
    alike = re.sub(r"sessions_per_week: \d", "sessions_per_week: 2", ONGOING)
    out = tmp_path / "out"
    ingest(write_study(tmp_path, alike), config, out)
    people = read_table(out / "participants.csv", text=None)
    assert set(people["sessions_attended"]) == {"12", "36", "0"}


def write_limbs(folder: Path, people: int = 40) -> Path:
    """A study whose limbs are named by their arm, which stand in its order in every person."""
    made = folder / "data" / "mine"
    made.mkdir(parents=True)
    (made / "study.yaml").write_text(LIMBS, encoding="utf-8")
    random = np.random.default_rng(2)
    lines = ["participant,limb,arm,visit,outcome,value"]
    for who in range(people):
        start = random.normal(50, 8)
        for arm, gain in (("one", 0), ("three", 20)):
            before = start + random.normal(0, 1)
            lines.append(f"P{who:02},leg {arm},{arm},baseline,squat,{before:.2f}")
            lines.append(f"P{who:02},leg {arm},{arm},post,squat,{before + gain:.2f}")
    (made / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


def test_limbs_get_numbers_by_chance_and_keep_them_through_the_visits(
    tmp_path: Path, config: Config
) -> None:
    out = tmp_path / "out"
    ingest(write_limbs(tmp_path), config, out)
    table = read_measurements(out / "measurements.csv")
    assert set(table["limb"]) == {"1", "2"}
    wide = table.pivot_table(index=["participant", "limb"], columns="visit", values="value")
    gains = (wide["post"] - wide["baseline"]).round(1)
    assert sorted(gains) == [0.0] * 40 + [20.0] * 40
    trained = gains[gains == 20].index.get_level_values("limb")
    # By chance alone: neither number goes with an arm, and none with the place in the table.
    assert 10 < (trained == "1").sum() < 30
    later = table[table["visit"] == "post"].reset_index(drop=True)
    assert list(later["limb"]) == ["1", "2"] * 40


def test_limbs_count_as_limbs_and_people_as_people(tmp_path: Path, config: Config) -> None:
    out = tmp_path / "out"
    ingest(write_limbs(tmp_path), config, out)
    row = rows_of(out, config)["squat", "sd(change)", "post - baseline"]
    assert (row.n_participants, row.n_observations) == (40, 80)
    assert row.estimate == pytest.approx(np.std([0.0] * 40 + [20.0] * 40, ddof=1), rel=1e-3)


def test_of_very_few_people_nothing_is_told(tmp_path: Path, config: Config) -> None:
    out = tmp_path / "out"
    ingest(write_study(tmp_path, ONGOING, people=6), config, out)
    assert rows_of(out, config)
    hidden = config.model_copy(
        update={"privacy": config.privacy.model_copy(update={"small_cell": 7})}
    )
    assert rows_of(out, hidden) == {}


def test_only_the_outcomes_that_are_wanted_are_told(tmp_path: Path, config: Config) -> None:
    out = tmp_path / "out"
    ingest(write_study(tmp_path, ONGOING), config, out)
    wanted = config.model_copy(update={"outcomes": ("muscle_size",)})
    assert {key[0] for key in rows_of(out, wanted)} == {"thigh"}


def test_no_arm_stands_in_any_field_of_a_row(tmp_path: Path, config: Config) -> None:
    out = tmp_path / "out"
    ingest(write_study(tmp_path, ONGOING), config, out)
    for row in rows_of(out, config).values():
        said = " ".join(str(getattr(row, field.name)) for field in fields(row))
        assert not [arm for arm in ARMS if re.search(rf"\b{arm}\b", said)]
