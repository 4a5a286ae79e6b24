"""The flow of participants: who was in an arm, who was measured at a visit, who left and why."""

from pathlib import Path

import pandas as pd
import pytest

from howlow.config.documents import read_yaml
from howlow.config.schema import check
from howlow.config.study import Participants
from howlow.data.flow import FLOW_COLUMNS, no_flow
from howlow.data.individual import measure

STUDY = """
id: flow
kind: participants
title: A trial that people left
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light, planned: 4}
  heavy: {label: Heavy}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  mid: {label: Midway, week: 5, phase: training}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [20, 300]}
  press: {label: Press, construct: strength, unit: kg, measure: rm, region: arms, range: [20, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables:
  - {file: people.csv, holds: participants}
  - {file: table.csv}
columns: {reason_left: why}
"""
PEOPLE = """participant,arm,why
a,light,
b,light,Knee pain
c,light,moved
d,light,
e,heavy,
f,heavy,moved
g,heavy,
h,,
"""
#: Squat at each visit; press at baseline and post alone. An empty cell is a row without a value.
VALUES = {
    "a": (100, 103, 110),
    "b": (90, "", None),
    "c": (80, 84, None),
    "e": (70, 71, 79),
    "f": (60, None, None),
    "g": (110, None, 118),
}


@pytest.fixture
def flow(tmp_path: Path) -> pd.DataFrame:
    return made(tmp_path, STUDY)


def made(
    folder: Path,
    declared: str,
    small_cell: int = 2,
    visits: tuple[str, ...] = ("baseline", "mid", "post"),
) -> pd.DataFrame:
    """The flow of the study, indexed by what its rows are about."""
    rows = [
        f"{who},{visit},{outcome},{value if outcome == 'squat' else 50 + ord(who)}"
        for who, values in VALUES.items()
        for visit, value in zip(visits, values, strict=False)
        for outcome in ("squat", "press")
        if value is not None and (outcome == "squat" or visit != "mid")
    ]
    (folder / "study.yaml").write_text(declared, encoding="utf-8")
    (folder / "people.csv").write_text(PEOPLE, encoding="utf-8")
    table = "\n".join(["participant,visit,outcome,value", *rows, ""])
    (folder / "table.csv").write_text(table, encoding="utf-8")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    files = [folder / "people.csv", folder / "table.csv"]
    found = measure(study, files, small_cell=small_cell).flow
    assert found.columns.tolist() == list(FLOW_COLUMNS)
    return found.set_index(["arm", "visit", "outcome", "reason"])


COUNTS = ["people", "measured", "missing", "left"]


def test_an_arm_as_a_whole(flow: pd.DataFrame) -> None:
    assert flow.loc[("light", "", "", ""), ["planned", *COUNTS]].tolist() == [4, 4, 3, 1, 2]
    assert flow.loc[("heavy", "", "", ""), ["planned", *COUNTS]].tolist() == ["", 3, 3, 0, 1]
    # Somebody who never was put in an arm is told apart.
    assert flow.loc[("not allocated", "", "", ""), COUNTS].tolist() == [1, 0, 1, 0]


def test_an_arm_at_a_visit_and_in_an_outcome(flow: pd.DataFrame) -> None:
    assert flow.loc[("light", "mid", "", ""), COUNTS].tolist() == [4, 2, 2, 2]
    assert flow.loc[("light", "mid", "squat", ""), COUNTS].tolist() == [4, 2, 2, 2]
    assert flow.loc[("light", "post", "press", ""), COUNTS].tolist() == [4, 1, 3, 3]
    # Who comes back later has not left.
    assert flow.loc[("heavy", "mid", "squat", ""), COUNTS].tolist() == [3, 1, 2, 1]
    # Press was not measured at mid by anybody: that is no missing value.
    assert ("light", "mid", "press", "") not in flow.index


def test_a_visit_that_was_not_held_for_an_arm_is_nobody_leaving(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    late = "  late: {label: Late, week: 20, phase: recovery}\noutcomes:\n"
    declared = STUDY.replace("outcomes:\n", late, 1)
    monkeypatch.setitem(VALUES, "a", (100, 103, 110, 108))
    flow = made(tmp_path, declared, visits=("baseline", "mid", "post", "late"))
    assert flow.loc[("light", "late", "", ""), COUNTS].tolist() == [4, 1, 3, 3]
    # Of the heavy arm nobody was measured late, and one had left by then.
    assert flow.loc[("heavy", "late", "", ""), COUNTS].tolist() == [3, 0, 3, 1]


def test_rare_reasons_are_put_together(flow: pd.DataFrame, tmp_path: Path) -> None:
    reasons = flow[flow.index.get_level_values("reason") != ""]["left"]
    assert reasons.to_dict() == {
        ("light", "", "", "other reasons"): 2,
        ("heavy", "", "", "other reasons"): 1,
    }
    (tmp_path / "again").mkdir()
    told = made(tmp_path / "again", STUDY, small_cell=1)
    assert told.loc[("light", "", "", "knee pain"), "left"] == 1
    assert told.loc[("heavy", "", "", "moved"), "left"] == 1


def test_people_leave_by_their_visits_where_no_reason_is_noted(tmp_path: Path) -> None:
    flow = made(tmp_path, STUDY.replace("columns: {reason_left: why}\n", ""))
    assert flow.loc[("light", "", "", ""), "left"] == 3
    assert flow.loc[("heavy", "", "", ""), "left"] == 1


def test_a_collection_has_no_flow() -> None:
    assert no_flow().columns.tolist() == list(FLOW_COLUMNS)
    assert no_flow().empty
