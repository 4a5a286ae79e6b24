"""A study's table becomes measurements, or a list of everything that is wrong with it."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from howlow.config.reading import read_config
from howlow.config.schema import check
from howlow.config.documents import read_yaml
from howlow.config.study import Participants
from howlow.data.ingestion import OUTPUTS, ingest
from howlow.data.individual import measure
from howlow.errors import InputError

STUDY = """
id: mini
kind: participants
title: A small trial
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light}
  heavy: {label: Heavy}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: one_rm, region: lower_body, range: [20, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables: [{file: table.csv}]
"""
GOOD = """participant,arm,visit,outcome,value
001,light,baseline,squat,100
001,light,post,squat,110
002,heavy,baseline,squat,90
002,heavy,post,squat,
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "mini"
    made.mkdir(parents=True)
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    (made / "table.csv").write_text(GOOD, encoding="utf-8")
    return made


def read(folder: Path, table: str = GOOD):
    (folder / "table.csv").write_text(table, encoding="utf-8")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    return measure(study, [folder / "table.csv"])


def test_a_good_table_keeps_its_ids_and_leaves_missing_values_out(folder: Path) -> None:
    participants, measurements, findings = read(folder)
    assert participants["participant"].tolist() == ["001", "002"]
    assert measurements[["participant", "visit", "value", "unit"]].values.tolist() == [
        ["001", "baseline", 100.0, "kg"],
        ["001", "post", 110.0, "kg"],
        ["002", "baseline", 90.0, "kg"],
    ]
    assert [finding.code for finding in findings] == ["K07"]
    assert "1 of 4 values are missing" in str(findings[0])


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("001,light,post", ",light,post", "K03", "table.csv:3: participant: no participant"),
        ("002,heavy,post", "002,Heavy ,post", "K04", "'Heavy' is no arm"),
        ("001,light,post", "001,light,week 10", "K04", "'week 10' is no visit"),
        ("squat,110", "squatt,110", "K04", "Did you mean 'squat'"),
        ("squat,110", "squat,11", "C08", "11 kg is outside 20 to 300"),
        ("squat,110", "squat,110 kg", "C03", "'110 kg' is not a finite number"),
        ("001,light,post", "001,light,baseline", "K01", "stands on lines 2, 3"),
        ("001,light,post", "001,heavy,post", "K06", "participant 001 is in 2 arms"),
        ("participant,arm", "person,arm", "G01", "there is no such column"),
    ],
)
def test_a_fault_in_the_table_stops_with_its_line(
    folder: Path, old: str, new: str, code: str, says: str
) -> None:
    with pytest.raises(InputError) as caught:
        read(folder, GOOD.replace(old, new, 1))
    assert any(finding.code == code for finding in caught.value.findings)
    assert says in str(caught.value)


def test_faults_of_all_kinds_come_at_once(folder: Path) -> None:
    table = GOOD.replace("001,light,post", ",light,post").replace("90", "9").replace("002", "002 ")
    with pytest.raises(InputError) as caught:
        read(folder, table.replace("heavy,post", "hevy,post"))
    codes = [finding.code for finding in caught.value.findings]
    assert {"K03", "K04", "C08"} <= set(codes)


def test_nothing_is_written_where_there_is_a_fault(folder: Path, repo: Path, tmp_path: Path) -> None:
    config = read_config([repo / "config" / "config.yaml"])
    out = tmp_path / "results"
    (folder / "table.csv").write_text(GOOD + "003,light,post\n", encoding="utf-8")
    with pytest.raises(InputError):
        ingest(folder, config, out)
    assert not out.exists()
    (folder / "table.csv").write_text(GOOD, encoding="utf-8")
    ingest(folder, config, out)
    assert sorted(path.name for path in out.iterdir()) == sorted(OUTPUTS)


def test_a_simulated_study_says_so(repo: Path, folder: Path, tmp_path: Path) -> None:
    yaml = YAML()
    path = folder / "study.yaml"
    study = yaml.load(path.read_text(encoding="utf-8")) | {"simulated": True, "truth": "truth.yaml"}
    with path.open("w", encoding="utf-8") as file:
        yaml.dump(study, file)
    _, _, findings = read(folder)
    assert any("SIMULATED" in str(finding) for finding in findings)
