"""Tables of arms that are wrong: each fault with its code and line, and nothing is written."""

from pathlib import Path

import pytest

from howlow.config.reading import read_config
from howlow.config.settings import Config
from howlow.data.ingestion import ingest
from howlow.errors import InputError
from howlow.findings import Finding

STUDY = """
id: small
kind: summary
title: A table that was made for something else
caution: [Nothing]
source: {citation: Somebody, licence: CC0}
table: {file: table.csv, steps: []}
columns: {trial: paper, arm: group, outcome: test}
trials_from:
  cite: [paper]
  year: year
  url: https://example.org
  randomised: rct
  arm_label: [group]
  doses: {load_pct_1rm: load, to_failure: failure}
outcomes:
  bench: {label: Bench, construct: strength, unit: kg, measure: one_rm, region: upper_body}
"""
HEADER = "paper,group,test,weeks,n,mean_pre,sd_pre,se_pre,mean_post,sd_post,rct,load,failure,year"
ROW = {
    "paper": "Ay 2001",
    "test": "bench",
    "weeks": "10",
    "n": "10",
    "mean_pre": "60",
    "sd_pre": "15",
    "mean_post": "66",
    "sd_post": "16",
    "rct": "yes",
    "year": "2001",
}


@pytest.fixture(scope="module")
def config(repo: Path) -> Config:
    return read_config([repo / "config" / "config.yaml"])


def faults_of(
    folder: Path, config: Config, *, study: str = STUDY, header: str = HEADER, **given: str
) -> list[Finding]:
    """The faults of a table whose second arm has these cells; nothing is written."""
    made = folder / "small"
    made.mkdir()
    (made / "study.yaml").write_text(study, encoding="utf-8")
    rows = [{**ROW, "group": "light", "load": "30"}, {**ROW, "group": "heavy", "load": "80"}]
    rows[1].update(given)
    lines = [",".join(row.get(name, "") for name in HEADER.split(",")) for row in rows]
    (made / "table.csv").write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")
    output = folder / "results"
    with pytest.raises(InputError) as caught:
        ingest(made, config, output)
    assert not output.exists() or not list(output.iterdir())
    return list(caught.value.findings)


@pytest.mark.parametrize(
    ("given", "code", "column", "says"),
    [
        ({"mean_pre": "5.2 ± 1.1"}, "C03", "mean_pre", "put it"),
        ({"mean_pre": "5.2 +/- 1.1"}, "C03", "mean_pre", "1.1 under sd_pre, or under se_pre"),
        ({"mean_post": "66 (4)"}, "C03", "mean_post", "66 under mean_post, and 4 under sd_post"),
        ({"mean_post": "66 (SD 4)"}, "C03", "mean_post", "holds a mean and a spread"),
        ({"sd_pre": "about 4"}, "C03", "sd_pre", "'about 4' is not a"),
        ({"sd_pre": "-4"}, "C08", "sd_pre", "'-4' is below zero, and a spread is not"),
        ({"n": "10.5"}, "C08", "n", "'10.5' is not a number of people"),
        ({"n": "0"}, "C08", "n", "'0' is not a number of people"),
        ({"paper": ""}, "K03", "paper", "1 row has no trial"),
        ({"group": ""}, "K03", "group", "1 row has no arm"),
        ({"test": "squat"}, "K04", "outcome", "Known: bench"),
        ({"rct": "maybe"}, "K04", "rct", "'maybe' is not known"),
        ({"failure": "Y"}, "K04", "failure", "a `map` step turns one word into another"),
        ({"load": "heavy"}, "C03", "load", "'heavy' is not a"),
    ],
)
def test_a_wrong_cell_is_told_with_its_line(
    tmp_path: Path, config: Config, given: dict[str, str], code: str, column: str, says: str
) -> None:
    if says == "put it":
        says = "Make two columns of it: 5.2 under mean_pre, and 1.1 under sd_pre"
    found = faults_of(tmp_path, config, **given)
    assert [(fault.code, fault.line, fault.column) for fault in found] == [(code, 3, column)]
    assert says in str(found[0])


def test_all_faults_come_at_once(tmp_path: Path, config: Config) -> None:
    found = faults_of(tmp_path, config, n="1.5", sd_post="-1", rct="perhaps", mean_post="1±2")
    assert {fault.code for fault in found} == {"C08", "K04", "C03"}
    assert len(found) == 4


def test_a_column_that_is_not_there_is_named_with_the_nearest(
    tmp_path: Path, config: Config
) -> None:
    study = STUDY.replace("outcome: test", "outcome: tests").replace("year: year", "year: jaar")
    found = faults_of(tmp_path, config, study=study)
    assert [(fault.code, fault.column) for fault in found] == [("G01", "tests"), ("G01", "jaar")]
    assert "Did you mean 'test'?" in found[0].action


def test_a_header_of_another_table_is_told(tmp_path: Path, config: Config) -> None:
    header = HEADER.replace("paper", "author").replace("group", "arm")
    found = faults_of(tmp_path, config, header=header)
    assert {fault.column for fault in found} == {"paper", "group"}


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("trials_from:", "trials: trials.yaml\ntrials_from:", "trials_from are both given"),
        ("construct: strength", "construct: strenght", "Did you mean 'strength'"),
        ("table: {file: table.csv, steps: []}", "table: {file: other.csv}", "no such file"),
        ("table: {file: table.csv", "table: {file: raw/table.csv", "is not under source.files"),
        ("table: {file: table.csv", "table: {fle: table.csv", "this key is not known"),
        ("columns: {trial", "columns: {trail", "Did you mean 'trial'"),
        ("outcomes:\n  bench", "nothing:\n  bench", "this key is not known"),
        ("file: table.csv", "file: ../../table.csv", "leads out of the study's folder"),
    ],
)
def test_a_declaration_that_cannot_be_is_refused(
    tmp_path: Path, config: Config, old: str, new: str, says: str
) -> None:
    found = faults_of(tmp_path, config, study=STUDY.replace(old, new, 1))
    assert any(says in str(fault) for fault in found), [str(fault) for fault in found]


def test_outcomes_that_are_said_nowhere_are_told(tmp_path: Path, config: Config) -> None:
    found = faults_of(tmp_path, config, study=STUDY[: STUDY.index("outcomes:")])
    assert "what was measured is said nowhere, or twice" in str(found[0])


def test_a_rule_with_an_unknown_construct_is_told(tmp_path: Path, config: Config) -> None:
    made = """  outcomes:
    id: [test]
    label: [test]
    construct: [{where: {test: [bench]}, then: strenght}]
    measure: []
    region: []
"""
    study = STUDY[: STUDY.index("outcomes:")].rstrip() + "\n" + made
    found = faults_of(tmp_path, config, study=study)
    assert "Did you mean 'strength'" in str(found[0])


def test_one_outcome_in_two_units_is_told(tmp_path: Path, config: Config) -> None:
    made = """  outcomes:
    id: [test]
    label: [test]
    construct: [{where: {test: [bench]}, then: strength}]
    measure: []
    region: []
    unit: failure
"""
    study = STUDY[: STUDY.index("outcomes:")].rstrip() + "\n" + made
    study = study.replace(", to_failure: failure", "")
    found = faults_of(tmp_path, config, study=study, failure="lb")
    assert [(fault.code, fault.line) for fault in found] == [("C09", 3)]
    assert "bench has the unit not stated above and lb here" in str(found[0])
    assert "or turn one into the other with a `unit` step" in str(found[0])


def test_many_equal_faults_are_told_a_few_times(tmp_path: Path, config: Config) -> None:
    made = tmp_path / "small"
    made.mkdir()
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    cells = {**ROW, "group": "light", "mean_pre": "5 ± 1"}
    line = ",".join(cells.get(name, "") for name in HEADER.split(","))
    (made / "table.csv").write_text("\n".join([HEADER, *[line] * 500]) + "\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ingest(made, config, tmp_path / "results")
    assert len(caught.value.findings) == 5
    assert "(and 495 more)" in str(caught.value)


def test_an_sd_and_an_se_that_do_not_agree_are_a_warning(tmp_path: Path, config: Config) -> None:
    made = tmp_path / "small"
    made.mkdir()
    (made / "study.yaml").write_text(STUDY, encoding="utf-8")
    lines = []
    for arm, load in (("light", "30"), ("heavy", "80")):
        cells = {**ROW, "group": arm, "load": load, "se_pre": "15"}
        lines.append(",".join(cells.get(name, "") for name in HEADER.split(",")))
    (made / "table.csv").write_text("\n".join([HEADER, *lines]) + "\n", encoding="utf-8")
    ingest(made, config, tmp_path / "results")
    text = (tmp_path / "results" / "findings.csv").read_text(encoding="utf-8")
    assert "D09" in text
    assert "the SE gives 15 × √10 = 47.43, but the SD says 15 (and 1 more)" in text


def test_f13_another_table_than_declared_is_refused(tmp_path: Path, config: Config) -> None:
    files = f"files: [{{file: table.csv, sha256: {'f' * 64}}}]}}"
    study = STUDY.replace("licence: CC0}", f"licence: CC0, {files}").replace(
        "table: {file: table.csv", "table: {file: raw/table.csv"
    )
    made = tmp_path / "small"
    (made / "raw").mkdir(parents=True)
    (made / "study.yaml").write_text(study, encoding="utf-8")
    (made / "raw" / "table.csv").write_text(f"{HEADER}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        ingest(made, config, tmp_path / "results")
    (fault,) = caught.value.findings
    assert (fault.code, fault.file) == ("F13", (made / "raw" / "table.csv").as_posix())
    assert not (tmp_path / "results").exists()
