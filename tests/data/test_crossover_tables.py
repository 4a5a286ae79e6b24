"""The tables of a crossover: read with their periods, checked, and carried to the estimates."""

from pathlib import Path

import numpy as np
import pytest

from howlow.analysis.analysing import analyse
from howlow.analysis.estimates import read_estimates
from howlow.config.documents import read_yaml
from howlow.config.reading import read_config
from howlow.config.schema import check
from howlow.config.settings import Config
from howlow.config.study import Participants
from howlow.data.individual import Measured, measure
from howlow.data.ingestion import ingest
from howlow.data.measurements import read_measurements
from howlow.errors import InputError

STUDY = """
id: turns
kind: participants
title: A small crossover
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: crossover
randomised: "yes"
arms:
  light: {label: Light, planned: 10}
  heavy: {label: Heavy, planned: 10}
reference: heavy
visits:
  pre: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 6, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [0, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: table.csv}]
columns: {period: turn, date: day}
"""


def rows(people: int = 10, before: bool = True) -> list[str]:
    """A table in both orders; the second period is eight weeks after the first."""
    rng = np.random.default_rng(1)
    lines = ["participant,arm,turn,visit,outcome,value,day"]
    for who in range(people):
        level = rng.normal(100, 10)
        for turn, arm in enumerate(("light", "heavy") if who % 2 else ("heavy", "light")):
            for visit, gain, day in (("pre", 0, 1), ("post", 12, 43)):
                if visit == "post" or before:
                    value = level + gain + 3 * turn + rng.normal(0, 2)
                    date = np.datetime64("2026-01-01") + day + 98 * turn
                    lines.append(f"P{who:02},{arm},{turn + 1},{visit},squat,{value:.2f},{date}")
    return lines


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "turns"
    made.mkdir(parents=True)
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def read(folder: Path, lines: list[str]) -> Measured:
    (folder / "table.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    return measure(study, [folder / "table.csv"])


def refused(folder: Path, lines: list[str]) -> str:
    with pytest.raises(InputError) as caught:
        read(folder, lines)
    return str(caught.value)


def test_periods_stand_in_the_tidy_table_and_nobody_changes_arm_by_mistake(folder: Path) -> None:
    found = read(folder, rows())
    assert not found.findings
    table = found.measurements.astype({"period": str, "arm": str, "participant": str})
    assert (len(table), set(table["period"])) == (40, {"1", "2"})
    of_one = table[table["participant"] == "p01"].drop_duplicates("period")
    assert set(of_one["arm"]) == {"light", "heavy"}
    assert table["day"].max() == 42 + 98
    assert set(found.participants["arm"]) == {""}


def test_the_flow_counts_each_person_in_both_arms(folder: Path) -> None:
    lines = [line for line in rows() if not line.startswith("P03,heavy")]
    flow = read(folder, lines).flow
    whole = flow[(flow["visit"] == "") & (flow["reason"] == "")].set_index("arm")
    assert whole["people"].to_dict() == {"light": 10, "heavy": 9}
    assert whole["planned"].to_dict() == {"light": 10, "heavy": 10}
    after = flow[(flow["visit"] == "post") & (flow["outcome"] == "squat")].set_index("arm")
    assert after["measured"].to_dict() == {"light": 10, "heavy": 9}


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("P01,light,1,post", "P01,light,first,post", "K04", "'first' is no period"),
        ("P01,light,1,post", "P01,light,0,post", "K04", "'0' is no period"),
        ("P01,light,1,post", "P01,light,,post", "K04", "no period. Write 1 for the first"),
        ("P01,light,1,post", "P01,,1,post", "K04", "no arm. Fill in the arm"),
        ("P01,light,1,post", "P01,heavy,1,post", "K06", "is in light and heavy in period 1"),
        ("P01,light,1,post", "P01,light,1,pre", "K01", "stands on lines"),
    ],
)
def test_a_fault_of_the_periods_is_told(
    folder: Path, old: str, new: str, code: str, says: str
) -> None:
    lines = [line.replace(old, new) for line in rows()]
    told = refused(folder, lines)
    assert says in told
    assert f"[{code}]" in told


def test_arms_in_one_order_for_everybody_cannot_be_told_from_time(folder: Path) -> None:
    lines = [line for line in rows(20) if line[:1] != "P" or int(line[1:3]) % 2]
    told = refused(folder, lines)
    assert "everybody took the arms in the same order" in told
    assert "[K13]" in told


@pytest.mark.parametrize("before", [True, False])
def test_a_crossover_goes_the_whole_road_to_its_estimates(
    folder: Path, config: Config, tmp_path: Path, before: bool
) -> None:
    (folder / "table.csv").write_text("\n".join(rows(before=before)) + "\n", encoding="utf-8")
    out = tmp_path / "results" / "turns"
    ingest(folder, config, out)
    assert set(read_measurements(out / "measurements.csv")["period"]) == {"1", "2"}
    analyse(out, config)
    found = read_estimates(out / "estimates.csv")
    primary = found[found["tier"] == "primary"]
    assert list(primary["contrast"]) == ["light - heavy"]
    assert list(primary["method"]) == ["crossover-ancova" if before else "crossover"]
    assert list(primary["n_participants"]) == [10]
    assert (found["method"] == "crossover-by-period").sum() == 1
    assert (found["method"] == "change").any() == before


def test_dates_are_checked_within_each_period(folder: Path) -> None:
    late = [line.replace("2026-02-13", "2026-03-20") for line in rows()]
    found = read(folder, late)
    assert [finding.code for finding in found.findings] == ["K08"]
    assert "more than 14 days off the visit's week: 10 rows" in str(found.findings[0])
