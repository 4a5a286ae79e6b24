"""A study's table becomes measurements, or a list of everything that is wrong with it."""

from pathlib import Path

import pytest
from ruamel.yaml import YAML

from howlow.config.documents import read_yaml
from howlow.config.reading import read_config
from howlow.config.schema import check
from howlow.config.study import Participants
from howlow.data.individual import Measured, measure
from howlow.data.ingestion import OUTPUTS, ingest
from howlow.data.measurements import MEASUREMENT_COLUMNS, PARTICIPANT_COLUMNS
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
  squat: {label: Squat, construct: strength, unit: kg, measure: rm, region: legs, range: [20, 300]}
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
003,light,baseline,squat,80
003,light,post,squat,85
004,heavy,baseline,squat,95
004,heavy,post,squat,99
"""
#: Said of every table with so few people and with an empty cell.
FEW = ["K11", "C04"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data" / "mini"
    made.mkdir(parents=True)
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    (made / "table.csv").write_text(GOOD, encoding="utf-8")
    return made


def read(folder: Path, table: str = GOOD) -> Measured:
    (folder / "table.csv").write_text(table, encoding="utf-8")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    return measure(study, [folder / "table.csv"])


def told(found: Measured) -> list[str]:
    """Codes of what is noticed, but for the few people and the empty cells of every table."""
    return [finding.code for finding in found.findings if finding.code not in FEW]


def said(found: Measured, code: str = "K07") -> list[str]:
    """Findings with a code, as they are printed."""
    return [str(finding) for finding in found.findings if finding.code == code]


def test_a_good_table_is_tidied_and_leaves_missing_values_out(folder: Path) -> None:
    found = read(folder)
    values = found.measurements.groupby("participant")["value"].apply(list).to_list()
    assert sorted(values) == [[80.0, 85.0], [90.0], [95.0, 99.0], [100.0, 110.0]]
    assert found.measurements["unit"].unique().tolist() == ["kg"]
    assert told(found) == ["K07"]
    assert "squat: without a value at baseline or post: 1 of 4 participants" in said(found)[0]
    assert found.measurements.columns.tolist() == list(MEASUREMENT_COLUMNS)
    assert found.participants.columns.tolist() == list(PARTICIPANT_COLUMNS)


@pytest.mark.parametrize(
    ("old", "new", "code", "says"),
    [
        ("001,light,post", ",light,post", "K03", "table.csv:3: participant: no participant"),
        ("002,heavy,post", "002,Heavy ,post", "K04", "is no arm. Did you mean 'heavy'?"),
        ("001,light,post", "001,light,week 10", "K08", "'week 10' is no visit"),
        ("squat,110", "squatt,110", "K04", "Did you mean 'squat'"),
        ("squat,110", "squat,310", "C08", "310 kg is outside 20 to 300"),
        ("squat,110", "squat,110 kg", "C03", "'110 kg' is not a finite number"),
        ("001,light,post", "001,light,baseline", "K01", "stands on lines 2, 3"),
        (
            "001,light,post",
            "001,heavy,post",
            "K06",
            "participant 001 is in two arms: light and heavy",
        ),
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
    table = GOOD.replace("001,light,post", ",light,post").replace("90", "7").replace("85", "8O")
    with pytest.raises(InputError) as caught:
        read(folder, table.replace("heavy,post", "hevy,post"))
    codes = [finding.code for finding in caught.value.findings]
    assert {"K03", "K04", "C03", "C08"} <= set(codes)


def test_a_row_that_is_not_there_counts_as_an_empty_cell(folder: Path) -> None:
    absent = GOOD.replace("002,heavy,post,squat,\n", "005,heavy,post,squat,95\n")
    found = read(folder, absent)
    assert "squat: without a value at baseline or post: 2 of 5 participants. " in said(found)[0]


def test_a_limb_that_has_no_row_is_missed_with_its_person(folder: Path) -> None:
    text = STUDY.replace("design: parallel", "design: within_participant")
    (folder / "study.yaml").write_text(text + "columns: {limb: limb}\n", encoding="utf-8")
    rows = ["participant,limb,arm,visit,outcome,value"]
    rows += [
        f"{who},{limb},{arm},{visit},squat,{100 + place + 5 * int(who) + 7 * (limb == 'left')}"
        for who in ("001", "002")
        for limb, arm in (("left", "light"), ("right", "heavy"))
        for place, visit in enumerate(("baseline", "post"))
    ]
    assert told(read(folder, "\n".join(rows))) == []
    found = read(folder, "\n".join(rows[:-1]))
    assert "without a value at baseline or post: 1 of 2 participants" in said(found)[0]
    assert found.participants["arm"].tolist() == ["", ""]


PRESS = "  press: {label: Press, construct: strength, unit: kg, measure: one_rm, region: arms}\n"


def declare(folder: Path, old: str, new: str) -> None:
    """Change the study's declaration."""
    (folder / "study.yaml").write_text(STUDY.replace(old, new, 1), encoding="utf-8")


def without(word: str) -> str:
    """The good table without the rows that hold a word."""
    return "".join(line for line in GOOD.splitlines(keepends=True) if word not in line)


def test_an_outcome_with_empty_cells_only_is_told(folder: Path) -> None:
    declare(folder, "primary_outcome", PRESS + "primary_outcome")
    found = read(folder, GOOD + "001,light,baseline,press,\n002,heavy,post,press,NA\n")
    assert "press: without a value at baseline or post: 2 of 2 participants" in said(found)[1]


def test_empty_cells_at_other_visits_are_told_apart(folder: Path) -> None:
    late = "  late: {label: Late, week: 20, phase: detraining}\n"
    declare(folder, "outcomes:", late + "outcomes:")
    found = read(folder, GOOD + "001,light,late,squat,\n002,heavy,late,squat,95\n")
    words = "squat: 1 of 2 values at other visits are missing, from 1 participants"
    assert words in said(found)[1]


@pytest.mark.parametrize(
    ("declared", "table", "says"),
    [
        (
            ("reference:", "  third: {label: Third}\nreference:"),
            GOOD,
            "arm: no row has the arm 'third'. Add its rows, or remove it",
        ),
        (("", ""), without("baseline"), "visit: no row has the visit 'baseline'"),
        (("", ""), without("post"), "visit: no row has the visit 'post'. Add its rows, or remove"),
        (
            ("primary_outcome", PRESS + "primary_outcome"),
            GOOD,
            "outcome: no row has the outcome 'press'. Add its rows, or remove it from `outcomes`",
        ),
    ],
)
def test_what_is_declared_but_in_no_table_is_a_fault(
    folder: Path, declared: tuple[str, str], table: str, says: str
) -> None:
    declare(folder, *declared)
    with pytest.raises(InputError) as caught:
        read(folder, table)
    assert {found.code for found in caught.value.findings} <= {"K11", "K12"}
    assert f"table.csv: {says}" in str(caught.value)


def test_what_is_declared_may_be_in_another_table(folder: Path) -> None:
    first, second = folder / "table.csv", folder / "second.csv"
    first.write_text(without("heavy"), encoding="utf-8")
    second.write_text(without("light"), encoding="utf-8")
    declare(folder, "[{file: table.csv}]", "[{file: table.csv}, {file: second.csv}]")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    found = measure(study, [first, second])
    assert sorted(found.participants["arm"]) == ["heavy", "heavy", "light", "light"]
    second.write_text(without("light").replace("002,heavy,post", "001,heavy,post"), "utf-8")
    with pytest.raises(InputError, match=r"second\.csv:3: arm: participant 001 is in two arms"):
        measure(study, [first, second])


def test_a_row_in_two_tables_is_found(folder: Path) -> None:
    first, second = folder / "table.csv", folder / "second.csv"
    first.write_text(GOOD, encoding="utf-8")
    second.write_text(GOOD.splitlines()[0] + "\n001,light,post,squat,111\n", encoding="utf-8")
    declare(folder, "[{file: table.csv}]", "[{file: table.csv}, {file: second.csv}]")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    with pytest.raises(InputError) as caught:
        measure(study, [first, second])
    assert [found.code for found in caught.value.findings] == ["K01"]
    assert f"stands on lines 3 of {first.as_posix()}, 2 of {second.as_posix()}" in str(caught.value)


def test_faults_of_an_unread_table_hide_none_of_the_others(folder: Path) -> None:
    first, second = folder / "table.csv", folder / "second.csv"
    first.write_text(GOOD.replace("squat,110", "squat,310"), encoding="utf-8")
    declare(folder, "[{file: table.csv}]", "[{file: second.csv}, {file: table.csv}]")
    study = check(Participants, read_yaml(folder / "study.yaml"))
    with pytest.raises(InputError) as caught:
        measure(study, [second, first])
    assert {found.code for found in caught.value.findings} == {"F04", "C08"}


def test_a_visit_that_is_not_compared_may_be_empty_with_a_warning(folder: Path) -> None:
    late = "  late: {label: Late, week: 20, phase: detraining}\n"
    declare(folder, "outcomes:", late + "outcomes:")
    found = read(folder, GOOD)
    assert told(found) == ["K12", "K07"]
    assert "visit: no row has the visit 'late'" in said(found, "K12")[0]


def test_a_typo_in_an_arm_is_one_fault(folder: Path) -> None:
    for table in (GOOD.replace("002,heavy,post", "002,hevy,post"), GOOD.replace("heavy", "hevy")):
        with pytest.raises(InputError) as caught:
            read(folder, table)
        assert [found.code for found in caught.value.findings] == ["K04"]
        assert "'hevy' is no arm" in str(caught.value)
        assert "Did you mean 'heavy'?" in str(caught.value)


def test_a_column_that_is_named_and_nowhere_is_a_fault(folder: Path) -> None:
    declare(folder, "tables:", "columns: {sex: outcme}\ntables:")
    with pytest.raises(InputError) as caught:
        read(folder)
    assert [found.code for found in caught.value.findings] == ["G01"]
    assert "columns.sex: no table has this column. Did you mean 'outcome'?" in str(caught.value)


def test_nothing_is_written_where_there_is_a_fault(
    folder: Path, repo: Path, tmp_path: Path
) -> None:
    config = read_config([repo / "config" / "config.yaml"])
    out = tmp_path / "results"
    (folder / "table.csv").write_text(GOOD + "005,light,post\n", encoding="utf-8")
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
    assert said(read(folder), "SIMULATED")
