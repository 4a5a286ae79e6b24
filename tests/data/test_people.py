"""Participants get new names, dates become study days, and several tables make one cohort."""

import hashlib
from pathlib import Path

import pytest

from howlow.analysis.analysing import analyse
from howlow.config.documents import read_yaml
from howlow.config.reading import read_config
from howlow.config.schema import check
from howlow.config.study import Participants
from howlow.data.individual import Measured, measure
from howlow.data.ingestion import ingest
from howlow.data.measurements import read_measurements, read_table
from howlow.errors import InputError

STUDY = """
id: roster
kind: participants
title: A trial with a roster
source: {citation: Nobody, licence: CC0-1.0}
population: {description: adults}
design: parallel
randomised: "yes"
arms:
  light: {label: Light, planned: 4}
  heavy: {label: Heavy, planned: 3}
reference: heavy
visits:
  baseline: {label: Before, week: 0, phase: baseline}
  post: {label: After, week: 10, phase: training}
outcomes:
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [20, 300]}
primary_outcome: squat
contrasts: [{contrast: light - heavy, question: load}]
at: [post]
tables:
  - {file: people.csv, name: people, holds: participants}
  - {file: table.csv}
columns:
  date: date
  first_session: first
  sex: sex
  age: age
  site: site
  reason_left: why
  sessions_attended: sessions
  unit: unit
"""
PEOPLE = """participant,arm,sex,age,site,sessions,why,first
Ann-01,light,female,66,Delft,30,,2024-01-10
Bob-02,light,M,71,Gent,28,,2024-01-12
Cas-03,light,F,68,Delft,4,moved away,2024-01-11
Dee-04,heavy,F,70,Gent,29,,2024-01-10
Eve-05,heavy,F,64,Delft,31,,2024-01-15
Fay-06,heavy,F,69,Delft,0,moved away,
"""
TABLE = """participant,visit,outcome,value,unit,date
Ann-01,baseline,squat,100,kg,2024-01-03
Ann-01,post,squat,110,kg,2024-03-13
Bob-02,baseline,squat,198.416,lb,2024-01-05
Bob-02,post,squat,95,kg,2024-03-14
Cas-03,baseline,squat,80,kg,2024-01-04
Dee-04,baseline,squat,95,kg,2024-01-03
Dee-04,post,squat,101,kg,2024-03-13
Eve-05,baseline,squat,70,kg,2024-01-08
Eve-05,post,squat,78,kg,2024-03-20
"""
PRIVATE = ("Ann", "Bob", "Cas", "Dee", "Eve", "Fay", "2024", "Delft", "Gent", "moved")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "roster"
    made.mkdir(parents=True)
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    (made / "people.csv").write_text(PEOPLE, encoding="utf-8")
    (made / "table.csv").write_text(TABLE, encoding="utf-8")
    return made


def read(folder: Path, seed: int = 1) -> Measured:
    study = check(Participants, read_yaml(folder / "study.yaml"))
    return measure(study, [folder / table.file for table in study.tables], seed=seed)


def test_a_roster_is_joined_to_the_measurements(folder: Path) -> None:
    found = read(folder)
    people = found.participants.set_index("age")
    assert people.loc[66, ["arm", "sex", "sessions_attended", "left"]].tolist() == [
        "light",
        "F",
        30,
        "no",
    ]
    assert people.loc[[68, 69], "left"].tolist() == ["yes", "yes"]
    # Days from the first baseline to the first session.
    assert people.loc[[66, 64], "first_day"].tolist() == [7, 7]
    wide = found.measurements.astype({"arm": "str"}).groupby("arm")["value"].apply(sorted)
    assert wide["heavy"] == [70, 78, 95, 101]


def test_dates_become_study_days(folder: Path) -> None:
    days = read(folder).measurements.groupby("visit")["day"].apply(set)
    assert days["baseline"] == {0}
    assert days["post"] == {69, 70, 72}


def test_values_in_another_unit_are_turned_into_the_outcomes(folder: Path) -> None:
    found = read(folder)
    assert found.measurements["value"].round(3).isin([90.0]).sum() == 1
    (note,) = [str(finding) for finding in found.findings if finding.code == "C09"]
    assert "1 values of squat in lb were turned into kg. Multiplied by 0.45359237" in note


@pytest.mark.parametrize(
    ("unit", "says"),
    [
        ("mm", "table.csv:4: unit: mm cannot be turned into kg, the unit of squat"),
        ("kgg", "table.csv:4: unit: 'kgg' is no unit. Correct it. Did you mean 'kg"),
        ("", "table.csv:4: unit: no unit beside a value"),
    ],
)
def test_a_unit_that_fits_not_is_a_fault(folder: Path, unit: str, says: str) -> None:
    (folder / "table.csv").write_text(TABLE.replace("lb", unit), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read(folder)
    assert {finding.code for finding in caught.value.findings} == {"C09"}
    assert says in str(caught.value)


def test_ids_are_drawn_from_the_seed_and_tell_no_order(folder: Path) -> None:
    first, again, other = read(folder), read(folder), read(folder, seed=2)
    assert first.participants.equals(again.participants)
    assert first.participants["participant"].tolist() == [f"p0{number}" for number in range(1, 7)]
    assert first.participants["age"].tolist() != other.participants["age"].tolist()
    assert first.participants["age"].tolist() != [66, 71, 68, 70, 64, 69]
    # The rows come in the order of the new ids, so that theirs says nothing either.
    assert first.measurements["participant"].is_monotonic_increasing


def test_nothing_private_is_written(folder: Path, repo: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ingest(folder, read_config([repo / "config" / "config.yaml"]), out)
    for path in out.iterdir():
        text = path.read_text(encoding="utf-8")
        assert not [word for word in PRIVATE if word in text.replace(str(tmp_path), "")]


def test_an_ongoing_study_masks_its_arms(folder: Path, repo: Path, tmp_path: Path) -> None:
    (folder / "study.yaml").write_text(
        STUDY.replace("design:", "status: ongoing\ndesign:"), encoding="utf-8"
    )
    config, out = read_config([repo / "config" / "config.yaml"]), tmp_path / "out"
    ingest(folder, config, out)
    assert set(read_measurements(out / "measurements.csv")["arm"]) == {"masked"}
    assert set(read_table(out / "participants.csv", text=None)["arm"]) == {"masked"}
    flow = read_table(out / "flow.csv", text=None)
    assert set(flow["arm"]) == {"masked"}
    assert flow["planned"].iloc[0] == "7"
    for name in ("participants.csv", "measurements.csv", "flow.csv", "findings.csv"):
        text = (out / name).read_text(encoding="utf-8")
        assert "light" not in text
        assert "heavy" not in text
    analyse(out, config)
    assert set(read_table(out / "estimates.csv")["method"]) == {"masked"}
    assert read_table(out / "fits.csv").empty


def test_a_file_that_is_not_the_declared_one_is_refused(folder: Path) -> None:
    (folder / "raw").mkdir()
    (folder / "table.csv").rename(folder / "raw" / "table.csv")
    digest = hashlib.sha256(TABLE.encode()).hexdigest()
    text = STUDY.replace("file: table.csv", "file: raw/table.csv").replace(
        "licence: CC0-1.0}",
        f"licence: CC0-1.0, files: [{{file: table.csv, sha256: {digest}}}]}}",
    )
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    assert len(read(folder).measurements) == 9
    (folder / "raw" / "table.csv").write_text(TABLE.replace("110", "111"), encoding="utf-8")
    with pytest.raises(InputError, match="it is not the file that was declared") as caught:
        read(folder)
    assert [finding.code for finding in caught.value.findings] == ["F13"]
